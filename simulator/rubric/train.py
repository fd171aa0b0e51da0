"""Training the coder from the labelled examples: one command, deterministic, with its report."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from simulator.rubric.book import Rubric, Split
from simulator.rubric.canon import Said, client_context, names_at, turn_context
from simulator.rubric.encoder import CoderNetwork, Heads, encode, save_coder, tokenizer

SEED = 20
EPOCHS = 5
BATCH = 32
LEARNING_RATE = 1.5e-4
HEAD_LEARNING_RATE = 1e-3
HEAD_DECAY = 2e-3


@dataclass(frozen=True)
class Sample:
    """One (context, text) pair with the labels of one head: 0 codes, 1 opportunities."""

    context: str
    text: str
    labels: tuple[str, ...]
    head: int


def samples(rubric: Rubric, split: Split) -> list[Sample]:
    """Return every labelled sentence and client turn of `split`, names taken out."""
    found: list[Sample] = []
    for s in rubric.sentences():
        if s.split == split:
            said = [Said(t.speaker, t.text) for t in s.client]
            names = names_at(said, s.partners)
            found.append(Sample(client_context(said, s.partners, names), names(s.sentence), tuple(s.codes), 0))
    seen: set[str] = set()
    for r in rubric.replies():
        if r.split != split:
            continue
        said = [Said(t.speaker, t.text) for t in r.turns]
        names = names_at(said, r.partners)
        context = client_context(said, r.partners, names)
        found.extend(Sample(context, names(text), tuple(codes), 0) for text, codes in r.reply)
        # The reply's context lists what was offered since the therapist's last turn; with a single turn
        # there it is a label of that turn.
        if r.context not in seen and (len(said) == 1 or said[-2].speaker not in r.partners):
            seen.add(r.context)
            last = said[-1]
            found.append(
                Sample(turn_context(said[:-1], last.speaker, names), names(last.text), tuple(r.opportunities), 1)
            )
    for o in rubric.opportunities():
        if o.split == split:
            before = [Said(t.speaker, t.text) for t in o.before]
            names = names_at([*before, Said(o.speaker, o.text)], o.partners)
            found.append(
                Sample(turn_context(before, o.speaker, names), names(o.text), tuple(o.opportunities), 1)
            )
    return found


def train(
    rubric: Rubric, folder: Path, *, say: Callable[[str], None], epochs: int = EPOCHS, splits: Sequence[Split] = ("train",)
) -> dict[str, Any]:
    """Train the coder on `splits`, calibrate it on the development split, write it to `folder`.

    Returns the report: sizes, micro and macro F1 of both heads on the development split, seconds.
    Same data, same machine type: same weights (seeds fixed, no data-dependent order).
    """
    started = time.monotonic()
    random.seed(SEED)
    torch.manual_seed(SEED)
    heads = Heads(rubric.book.code_ids, rubric.book.opportunity_ids)
    data = [s for split in splits for s in samples(rubric, split)]
    held = samples(rubric, "development")
    if not data or not held:
        raise ValueError("no labelled examples in the train or development split")
    network = CoderNetwork(heads)
    tokens = tokenizer()
    index = [{c: i for i, c in enumerate(heads.codes)}, {o: i for i, o in enumerate(heads.opportunities)}]
    say("fitting the heads on the untrained encoder")
    _fit_heads(network, tokens, data, index)
    groups = [
        {"params": [p for n, p in network.named_parameters() if "head" in n], "lr": HEAD_LEARNING_RATE},
        {
            "params": [p for n, p in network.named_parameters() if "head" not in n and p.requires_grad],
            "lr": LEARNING_RATE,
        },
    ]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
    steps = epochs * ((len(data) + BATCH - 1) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, max_lr=[HEAD_LEARNING_RATE, LEARNING_RATE], total_steps=steps + 1, pct_start=0.1
    )
    loss_of = nn.BCEWithLogitsLoss(reduction="none")
    report_before = _development(network, tokens, held, index)
    say(f"heads alone: micro F1 {report_before}")
    network.train()
    order = random.Random(SEED)
    for epoch in range(epochs):
        shuffled = _length_bucketed(data, order)
        total = 0.0
        for number, batch in enumerate(shuffled):
            with torch.autocast("cpu", dtype=torch.bfloat16):
                logits = network(**encode(tokens, [(s.context, s.text) for s in batch]))
            loss = torch.zeros(())
            for head in (0, 1):
                rows = [i for i, s in enumerate(batch) if s.head == head]
                if rows:
                    target = _targets([batch[i] for i in rows], index[head])
                    loss = loss + loss_of(logits[head][rows].float(), target).sum() / len(batch)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            total += float(loss.detach())
            if number % 20 == 0:
                say(f"epoch {epoch + 1}/{epochs}, batch {number + 1}/{len(shuffled)}")
        say(f"epoch {epoch + 1}/{epochs}: loss {total / len(shuffled):.3f}, {time.monotonic() - started:.0f} s")
        network.eval()
        say(f"development micro F1 {_development(network, tokens, held, index)}")
        network.train()
    network.eval()
    temperatures: list[float] = []
    report: dict[str, Any] = {"samples": len(data), "held_out": len(held), "epochs": epochs}
    for head, name in ((0, "codes"), (1, "opportunities")):
        chosen = [s for s in held if s.head == head]
        logits, target = _logits(network, tokens, chosen, index[head], head)
        temperatures.append(_temperature(logits, target))
        report[name] = _f1((torch.sigmoid(logits) >= 0.5).numpy(), target.numpy().astype(bool), list(index[head]))
    heads = Heads(heads.codes, heads.opportunities, *temperatures)
    report["temperatures"] = temperatures
    report["seconds"] = round(time.monotonic() - started, 1)
    save_coder(folder, network, heads, rubric=rubric.version, data=data_hash(rubric))
    return report


def data_hash(rubric: Rubric) -> str:
    """Return a short sha256 over the labelled examples, to tell which data trained a coder."""
    import hashlib

    digest = hashlib.sha256()
    for path in sorted((rubric.folder / "examples").glob("*.jsonl")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _fit_heads(network: CoderNetwork, tokens: Any, data: Sequence[Sample], index: Sequence[dict[str, int]]) -> None:
    """Fit both heads on the frozen encoder first: fine-tuning then distorts its features less.

    Kumar et al. 2022, Fine-tuning can distort pretrained features and underperform out-of-distribution.
    """
    network.eval()
    for head, layer in ((0, network.code_head), (1, network.opportunity_head)):
        chosen = [s for s in data if s.head == head]
        parts = []
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
            for start in range(0, len(chosen), BATCH):
                batch = [(s.context, s.text) for s in chosen[start : start + BATCH]]
                parts.append(network.features(**encode(tokens, batch)).float())
        x, target = torch.cat(parts).clone(), _targets(chosen, index[head])
        layer.bias.data = torch.logit(target.mean(0).clamp(0.001, 0.999))
        layer.weight.data.zero_()
        optimiser = torch.optim.LBFGS(layer.parameters(), max_iter=150, line_search_fn="strong_wolfe")

        def closure(x: Any = x, target: Any = target, layer: Any = layer, optimiser: Any = optimiser) -> torch.Tensor:
            optimiser.zero_grad()
            loss = nn.functional.binary_cross_entropy_with_logits(layer(x), target, reduction="none").sum(1).mean()
            loss = loss + HEAD_DECAY * layer.weight.pow(2).sum()
            loss.backward()
            return loss

        optimiser.step(closure)  # type: ignore[arg-type]


def _targets(chosen: Sequence[Sample], index: dict[str, int]) -> torch.Tensor:
    target = torch.zeros(len(chosen), len(index))
    for row, sample in enumerate(chosen):
        for label in sample.labels:
            target[row, index[label]] = 1.0
    return target


def _length_bucketed(data: Sequence[Sample], order: random.Random) -> list[list[Sample]]:
    """Shuffle, then batch samples of like length together: less padding, same expectation."""
    shuffled = list(data)
    order.shuffle(shuffled)
    batches: list[list[Sample]] = []
    for start in range(0, len(shuffled), BATCH * 16):
        chunk = sorted(shuffled[start : start + BATCH * 16], key=lambda s: len(s.context) + len(s.text))
        batches.extend(chunk[i : i + BATCH] for i in range(0, len(chunk), BATCH))
    order.shuffle(batches)
    return batches


def _development(network: CoderNetwork, tokens: Any, held: Sequence[Sample], index: Sequence[dict[str, int]]) -> list[float]:
    """Return the micro F1 of both heads."""
    scores = []
    for head in (0, 1):
        logits, target = _logits(network, tokens, [s for s in held if s.head == head], index[head], head)
        scores.append(_f1((logits >= 0).numpy(), target.numpy().astype(bool), list(index[head]))["micro_f1"])
    return scores


def _logits(
    network: CoderNetwork, tokens: Any, chosen: Sequence[Sample], index: dict[str, int], head: int
) -> tuple[torch.Tensor, torch.Tensor]:
    parts = []
    with torch.inference_mode():
        for start in range(0, len(chosen), BATCH):
            batch = chosen[start : start + BATCH]
            parts.append(network(**encode(tokens, [(s.context, s.text) for s in batch]))[head])
    return torch.cat(parts).clone(), _targets(chosen, index)


def _temperature(logits: torch.Tensor, target: torch.Tensor) -> float:
    """Return the temperature of least log loss (Guo et al. 2017, On calibration of modern neural networks)."""
    grid = np.linspace(0.6, 2.5, 39)
    losses = [float(nn.functional.binary_cross_entropy_with_logits(logits / float(t), target)) for t in grid]
    return float(grid[int(np.argmin(losses))])


def _f1(said: np.ndarray[Any, Any], true: np.ndarray[Any, Any], names: Sequence[str]) -> dict[str, Any]:
    hit = (said & true).sum(0)
    each = {n: round(float(2 * h / max(1, s + t)), 3) for n, h, s, t in zip(names, hit, said.sum(0), true.sum(0), strict=True)}
    micro = 2 * hit.sum() / max(1, said.sum() + true.sum())
    return {"micro_f1": round(float(micro), 3), "macro_f1": round(float(np.mean(list(each.values()))), 3), "f1": each}
