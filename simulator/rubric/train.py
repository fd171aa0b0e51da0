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
from simulator.rubric.canon import Said, client_context, names_at, offer_pair
from simulator.rubric.encoder import CoderNetwork, Heads, encode, save_coder, tokenizer

SEED = 20
EPOCHS = 5
BATCH = 32
LEARNING_RATE = 1.5e-4
HEAD_LEARNING_RATE = 1e-3
HEAD_DECAY = 2e-3
WEIGHTS = (1.0, 2.0)  # of the two heads in the loss: there are fewer client turns than sentences


# Codes that answer nothing but a challenge: a context of the code book in which one of them holds has one.
_ANSWERS_CHALLENGE = frozenset(
    [
        "acknowledge_complaint",
        "own_part",
        "apologise",
        "invite_feedback",
        "offer_repair",
        "thank_candour",
        "justify",
        "non_apology",
        "correct_client",
        "deflect",
    ]
)


@dataclass(frozen=True)
class Sample:
    """One (context, text) pair with the labels of one head: 0 codes, 1 opportunities.

    `known` names the labels that were judged at all, None means every one.
    """

    context: str
    text: str
    labels: tuple[str, ...]
    head: int
    known: tuple[str, ...] | None = None


def samples(rubric: Rubric, split: Split) -> list[Sample]:
    """Return every labelled sentence and client turn of `split`, names taken out."""
    found: list[Sample] = []
    challenged: dict[str, tuple[tuple[str, str], bool]] = {}
    for s in rubric.sentences():
        if s.split != split:
            continue
        said = [Said(t.speaker, t.text) for t in s.client]
        names = names_at(said, s.partners)
        found.append(Sample(client_context(said, s.partners, names), names(s.sentence), tuple(s.codes), 0))
        _, was = challenged.get(s.context, (("", ""), False))
        challenged[s.context] = (
            offer_pair(said, s.partners, names), was or bool(_ANSWERS_CHALLENGE & set(s.codes))
        )  # fmt: skip
    for pair, is_challenge in challenged.values():
        found.append(Sample(*pair, ("challenge",) if is_challenge else (), 1, known=("challenge",)))
    seen: set[str] = set()
    for r in rubric.replies():
        if r.split != split:
            continue
        said = [Said(t.speaker, t.text) for t in r.turns]
        names = names_at(said, r.partners)
        context = client_context(said, r.partners, names)
        found.extend(Sample(context, names(text), tuple(codes), 0) for text, codes in r.reply)
        if r.context not in seen:
            seen.add(r.context)
            found.append(Sample(*offer_pair(said, r.partners, names), tuple(r.opportunities), 1))
    for o in rubric.opportunities():
        if o.split == split:
            # The partner's turn before, if there was one, is context here: only the last turn was labelled.
            said = [*(Said(t.speaker, t.text) for t in o.before), Said(o.speaker, o.text)]
            names = names_at(said, o.partners)
            before, _ = offer_pair([*said[:-1], Said("therapist", "")], o.partners, names)
            text = f"{names.speaker(o.speaker)}: {names(o.text)}"
            found.append(Sample(before, text, tuple(o.opportunities), 1))
    return found


def train(
    rubric: Rubric,
    folder: Path,
    *,
    say: Callable[[str], None],
    epochs: int = EPOCHS,
    splits: Sequence[Split] = ("train",),
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
                    loss = loss + (
                        loss_of(logits[head][rows].float(), target) * _known([batch[i] for i in rows], index[head])
                    ).sum() * WEIGHTS[head] / len(batch)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
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
        chosen = [s for s in held if s.head == head and s.known is None]
        logits, target = _logits(network, tokens, chosen, index[head], head)
        temperatures.append(_temperature(logits, target))
        said = torch.sigmoid(logits / temperatures[-1])
        cuts = _cuts(said, target) if head else [0.5] * len(heads.codes)
        report[name] = _f1((said >= torch.tensor(cuts)).numpy(), target.numpy().astype(bool), list(index[head]))
    heads = Heads(heads.codes, heads.opportunities, temperatures[0], temperatures[1], tuple(cuts))
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
        x, target, known = (
            torch.cat(parts).clone(),
            _targets(chosen, index[head]),
            _known(chosen, index[head]),
        )
        layer.bias.data = torch.logit(target.mean(0).clamp(0.001, 0.999))
        layer.weight.data.zero_()
        optimiser = torch.optim.LBFGS(layer.parameters(), max_iter=150, line_search_fn="strong_wolfe")

        def closure(
            x: Any = x,
            target: Any = target,
            known: Any = known,
            layer: Any = layer,
            optimiser: Any = optimiser,
        ) -> torch.Tensor:
            optimiser.zero_grad()
            loss = (
                (nn.functional.binary_cross_entropy_with_logits(layer(x), target, reduction="none") * known)
                .sum(1)
                .mean()
            )
            loss = loss + HEAD_DECAY * layer.weight.pow(2).sum()
            loss.backward()
            return torch.as_tensor(loss)

        optimiser.step(closure)  # type: ignore[no-untyped-call]


def _targets(chosen: Sequence[Sample], index: dict[str, int]) -> torch.Tensor:
    target = torch.zeros(len(chosen), len(index))
    for row, sample in enumerate(chosen):
        for label in sample.labels:
            target[row, index[label]] = 1.0
    return target


def _known(chosen: Sequence[Sample], index: dict[str, int]) -> torch.Tensor:
    """Return 1 where a label was judged and 0 where nobody looked."""
    known = torch.ones(len(chosen), len(index))
    for row, sample in enumerate(chosen):
        if sample.known is not None:
            known[row] = 0.0
            for label in sample.known:
                known[row, index[label]] = 1.0
    return known


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


def _development(
    network: CoderNetwork, tokens: Any, held: Sequence[Sample], index: Sequence[dict[str, int]]
) -> list[float]:
    """Return the micro F1 of both heads."""
    scores = []
    for head in (0, 1):
        judged = [s for s in held if s.head == head and s.known is None]
        logits, target = _logits(network, tokens, judged, index[head], head)
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


def _cuts(said: torch.Tensor, target: torch.Tensor) -> list[float]:
    """Return for each label the cut of best F1, shrunk half-way to .4 since the split is small."""
    cuts = []
    for column in range(target.shape[1]):
        p, t = said[:, column], target[:, column].bool()

        def f1(cut: float, p: torch.Tensor = p, t: torch.Tensor = t) -> float:
            hit = float(((p >= cut) & t).sum())
            return 2 * hit / max(1.0, float((p >= cut).sum() + t.sum()))

        best = max((round(0.1 + 0.02 * i, 2) for i in range(31)), key=lambda c: (f1(c), -abs(c - 0.4)))
        cuts.append(round((best + 0.4) / 2, 3))
    return cuts


def _f1(said: np.ndarray[Any, Any], true: np.ndarray[Any, Any], names: Sequence[str]) -> dict[str, Any]:
    hit = (said & true).sum(0)
    each = {
        n: round(float(2 * h / max(1, s + t)), 3)
        for n, h, s, t in zip(names, hit, said.sum(0), true.sum(0), strict=True)
    }
    micro = 2 * hit.sum() / max(1, said.sum() + true.sum())
    return {
        "micro_f1": round(float(micro), 3),
        "macro_f1": round(float(np.mean(list(each.values()))), 3),
        "f1": each,
    }
