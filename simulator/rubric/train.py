"""Training the coder from the labelled examples: one command, deterministic, with its report."""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from simulator.rubric.book import SKILLS, Rubric, Split
from simulator.rubric.canon import Said, client_context, names_at, offer_pair
from simulator.rubric.encoder import (
    STEPS,
    CoderNetwork,
    Heads,
    Passage,
    Window,
    by_length,
    cut_windows,
    save_coder,
    to_batch,
    tokenizer,
)

SEED = 20
EPOCHS = 4
BATCH_TOKENS = 2600
LEARNING_RATE = 3.5e-4
LAYER_DECAY = 0.85  # lower layers learn more slowly
HEAD_LEARNING_RATE = 2e-3
FROZEN_LAYERS = 2
# Weights of the parts of the loss: codes, levels, pairs of one context, opportunities.
CODES, LEVELS, PAIRS, OFFERS = 1.0, 1.0, 0.5, 3.0
OFFERS_OF = " offers"  # marks the group of a reply's client turns, read by themselves
AVERAGED = 0.3  # the weights shipped are the mean over this last part of the training

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
    """One passage with what is known of it; `group` is its context, whose replies are compared with one another.

    `codes` has the labels of each sentence, `levels` one level or None per skill, `offers` the opportunities (of
    which only `judged` were looked at, None: all of them).
    """

    group: str
    passage: Passage
    codes: tuple[tuple[str, ...], ...] | None = None
    levels: tuple[int | None, ...] | None = None
    offers: tuple[str, ...] | None = None
    judged: tuple[str, ...] | None = None


def samples(rubric: Rubric, split: Split) -> list[Sample]:
    """Return every labelled sentence, reply and client turn of `split`, names taken out."""
    found: list[Sample] = []
    challenged: dict[str, tuple[Passage, bool]] = {}
    for s in rubric.sentences():
        if s.split != split:
            continue
        said = [Said(t.speaker, t.text) for t in s.client]
        names = names_at(said, s.partners)
        passage = Passage(client_context(said, s.partners, names), (names(s.sentence),))
        found.append(Sample(s.context, passage, codes=(tuple(s.codes),)))
        was = challenged.get(s.context, (None, False))[1] or bool(_ANSWERS_CHALLENGE & set(s.codes))
        challenged[s.context] = (Passage(*_offer(said, s.partners)), was)
    for group, (passage, is_challenge) in challenged.items():
        offers = ("challenge",) if is_challenge else ()
        found.append(Sample(f"{group}{OFFERS_OF}", passage, offers=offers, judged=("challenge",)))
    seen: set[str] = set()
    for r in rubric.replies():
        if r.split != split:
            continue
        said = [Said(t.speaker, t.text) for t in r.turns]
        names = names_at(said, r.partners)
        passage = Passage(client_context(said, r.partners, names), tuple(names(text) for text, _ in r.reply))
        codes = tuple(tuple(c) for _, c in r.reply)
        found.append(Sample(r.context, passage, codes, tuple(r.levels.get(skill) for skill in SKILLS)))
        if r.context not in seen:
            seen.add(r.context)
            passage = Passage(*_offer(said, r.partners))
            found.append(Sample(f"{r.context}{OFFERS_OF}", passage, offers=tuple(r.opportunities)))
    for o in rubric.opportunities():
        if o.split == split:
            # The partner's turn before, if there was one, is context here: only the last turn was labelled.
            said = [*(Said(t.speaker, t.text) for t in o.before), Said(o.speaker, o.text)]
            names = names_at(said, o.partners)
            before, _ = offer_pair([*said[:-1], Said("therapist", "")], o.partners, names)
            text = f"{names.speaker(o.speaker)}: {names(o.text)}"
            found.append(Sample(o.context, Passage(before, (text,)), offers=tuple(o.opportunities)))
    return found


def _offer(said: Sequence[Said], partners: Sequence[str]) -> tuple[str, tuple[str]]:
    before, text = offer_pair(said, partners, names_at(said, partners))
    return before, (text,)


@dataclass(frozen=True)
class _Item:
    sample: Sample
    window: Window


class _Targets:
    """Labels of a batch as tensors, with what is not known masked out."""

    def __init__(self, items: Sequence[_Item], heads: Heads) -> None:
        code = {c: i for i, c in enumerate(heads.codes)}
        offer = {o: i for i, o in enumerate(heads.opportunities)}
        count = max(len(i.window.sentences) for i in items)
        self.codes = torch.zeros(len(items), count, len(code))
        self.coded = torch.zeros(len(items), count, 1)
        self.levels = torch.zeros(len(items), len(SKILLS), STEPS)
        self.leveled = torch.zeros(len(items), len(SKILLS), 1)
        self.label = torch.zeros(len(items), len(SKILLS))
        self.offers = torch.zeros(len(items), len(offer))
        self.judged = torch.zeros(len(items), len(offer))
        # Whether the client turns are those before a labelled reply.
        self.before_reply = torch.tensor([i.sample.group.endswith(OFFERS_OF) for i in items])
        for row, item in enumerate(items):
            s, w = item.sample, item.window
            for number, labels in enumerate((s.codes or ())[w.start : w.end]):
                self.coded[row, number] = 1.0
                for label in labels:
                    self.codes[row, number, code[label]] = 1.0
            for skill, level in enumerate(s.levels or ()):
                if level:
                    self.leveled[row, skill] = 1.0
                    self.label[row, skill] = level
                    self.levels[row, skill, : level - 1] = 1.0
            if s.offers is not None:
                for name in heads.opportunities if s.judged is None else s.judged:
                    self.judged[row, offer[name]] = 1.0
                for name in s.offers:
                    self.offers[row, offer[name]] = 1.0


def _loss(logits: tuple[Tensor, Tensor, Tensor], target: _Targets, items: Sequence[_Item]) -> Tensor:
    bce = nn.functional.binary_cross_entropy_with_logits
    codes, offers, levels = logits
    total = CODES * (bce(codes, target.codes, reduction="none") * target.coded).sum() / target.coded.sum().clamp(min=8)
    total = total + OFFERS * (bce(offers, target.offers, reduction="none") * target.judged).sum() / len(items)
    leveled = (bce(levels, target.levels, reduction="none") * target.leveled).sum() / target.leveled.sum().clamp(min=8)
    return total + LEVELS * leveled + PAIRS * _pairs(torch.sigmoid(levels).sum(-1), target, items)


def _pairs(score: Tensor, target: _Targets, items: Sequence[_Item]) -> Tensor:
    """Return the loss of replies to one context that stand in the wrong order (Burges et al. 2005, RankNet)."""
    groups = {g: i for i, g in enumerate(sorted({i.sample.group for i in items}))}
    group = torch.tensor([groups[i.sample.group] for i in items])
    same = (group.unsqueeze(0) == group.unsqueeze(1)).unsqueeze(-1)
    known = (target.leveled.squeeze(-1).unsqueeze(0) * target.leveled.squeeze(-1).unsqueeze(1)) > 0
    gap = target.label.unsqueeze(1) - target.label.unsqueeze(0)
    better = same & known & (gap > 0)
    ahead = score.unsqueeze(1) - score.unsqueeze(0)
    # Two levels apart should be further apart than one.
    wrong = nn.functional.softplus(2.0 * (0.5 * gap - ahead)) * better
    return wrong.sum() / better.sum().clamp(min=8)


def _batches(items: Sequence[_Item], order: random.Random) -> list[list[_Item]]:
    """Return batches of whole contexts of like length, in random order."""
    groups: dict[str, list[_Item]] = defaultdict(list)
    for item in items:
        groups[item.sample.group].append(item)
    shuffled = list(groups.values())
    order.shuffle(shuffled)
    batches: list[list[_Item]] = []
    for start in range(0, len(shuffled), 200):
        longest = 0
        batch: list[_Item] = []
        for group in sorted(shuffled[start : start + 200], key=lambda g: max(i.window.length for i in g)):
            for at in range(0, len(group), 8):
                part = group[at : at + 8]
                longest = max(longest, *(i.window.length for i in part))
                if batch and longest * (len(batch) + len(part)) > BATCH_TOKENS:
                    batches.append(batch)
                    batch, longest = [], max(i.window.length for i in part)
                batch = [*batch, *part]
        if batch:
            batches.append(batch)
    order.shuffle(batches)
    return batches


def train(
    rubric: Rubric,
    folder: Path,
    *,
    say: Callable[[str], None],
    epochs: int = EPOCHS,
    splits: Sequence[Split] = ("train",),
) -> dict[str, Any]:
    """Train the coder on `splits`, calibrate it on the development split, write it to `folder`.

    Returns the report: sizes, micro and macro F1 of codes and opportunities on the development split, seconds.
    Same data, same machine type: same weights (seeds fixed, no data-dependent order).
    """
    started = time.monotonic()
    random.seed(SEED)
    torch.manual_seed(SEED)
    heads = Heads(rubric.book.code_ids, rubric.book.opportunity_ids)
    tokens = tokenizer()
    items = _items([s for split in splits for s in samples(rubric, split)], tokens)
    held = _items(samples(rubric, "development"), tokens)
    if not items or not held:
        raise ValueError("no labelled examples in the train or development split")
    network = CoderNetwork(heads)
    _start_heads(network, items, heads)
    groups = _groups(network)
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
    order = random.Random(SEED)
    plan = [_batches(_of_epoch(items, epoch), order) for epoch in range(epochs)]
    steps = sum(map(len, plan))
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, max_lr=[g["lr"] for g in groups], total_steps=steps + 1, pct_start=0.1
    )
    averaged = torch.optim.swa_utils.AveragedModel(network)
    # Where the processor has no such arithmetic it is imitated, thirty times slower than whole precision.
    half = bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
    step = 0
    for epoch, batches in enumerate(plan):
        network.train()
        total = 0.0
        for number, batch in enumerate(batches):
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
                logits = network(to_batch(tokens, [i.window for i in batch]))
            loss = _loss(tuple(x.float() for x in logits), _Targets(batch, heads), batch)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            step += 1
            if step > (1 - AVERAGED) * steps:
                averaged.update_parameters(network)
            total += float(loss.detach())
            if number % 20 == 0:
                say(f"epoch {epoch + 1}/{epochs}, batch {number + 1}/{len(batches)}")
        say(f"epoch {epoch + 1}/{epochs}: loss {total / len(batches):.3f}, {time.monotonic() - started:.0f} s")
    network.load_state_dict(averaged.module.state_dict())
    network.eval()
    heads, report = _calibrated(rubric, network, tokens, held, heads)
    report = {"samples": len(items), "held_out": len(held), "epochs": epochs, **report}
    report["seconds"] = round(time.monotonic() - started, 1)
    save_coder(folder, network, heads, rubric=rubric.version, data=data_hash(rubric))
    return report


def _of_epoch(items: Sequence[_Item], epoch: int) -> list[_Item]:
    """Return what is read in this epoch: every reply and client turn, and one in two sentences of the code book.

    The replies are coded sentence by sentence too, and it is they that carry levels.
    """
    return [
        item
        for number, item in enumerate(items)
        if item.sample.levels is not None or item.sample.offers is not None or (number + epoch) % 2
    ]


def _items(found: Sequence[Sample], tokens: Any) -> list[_Item]:
    """Return the samples with their windows; of a reply longer than a window each one learns the level."""
    windows = cut_windows(tokens, [s.passage for s in found])
    return [_Item(found[w.passage], w) for w in windows]


def _start_heads(network: CoderNetwork, items: Sequence[_Item], heads: Heads) -> None:
    """Start the heads at what is usual: no weight, and the bias of each label's share."""
    target = _Targets(items, heads)
    shares = (
        (network.code_head, target.codes.sum((0, 1)) / target.coded.sum()),
        (network.opportunity_head, target.offers.sum(0) / target.judged.sum(0).clamp(min=1)),
        (network.level_head, (target.levels.sum(0) / target.leveled.sum(0).clamp(min=1)).flatten()),
    )
    for layer, share in shares:
        nn.init.normal_(layer.weight, std=0.01)
        layer.bias.data = torch.logit(share.clamp(0.001, 0.999))


def _groups(network: CoderNetwork) -> list[dict[str, Any]]:
    """Return the parameters with their learning rates; the lowest layers stay as they are."""
    depth = len(network.encoder.encoder.layer)
    network.encoder.embeddings.requires_grad_(False)
    groups: list[dict[str, Any]] = []
    for number, layer in enumerate(network.encoder.encoder.layer):
        if number < FROZEN_LAYERS:
            layer.requires_grad_(False)
        else:
            rate = LEARNING_RATE * LAYER_DECAY ** (depth - 1 - number)
            groups.append({"params": list(layer.parameters()), "lr": rate})
    top = [network.code_head, network.opportunity_head, network.level_head]
    groups.append({"params": [p for layer in top for p in layer.parameters()], "lr": HEAD_LEARNING_RATE})
    return groups


def _logits(
    network: CoderNetwork, tokens: Any, items: Sequence[_Item], heads: Heads
) -> Iterator[tuple[tuple[Tensor, Tensor, Tensor], _Targets]]:
    place = {id(i.window): i for i in items}
    with torch.inference_mode():
        for chunk in by_length([i.window for i in items], 4096):
            yield network(to_batch(tokens, chunk)), _Targets([place[id(w)] for w in chunk], heads)


def _calibrated(
    rubric: Rubric, network: CoderNetwork, tokens: Any, held: Sequence[_Item], heads: Heads
) -> tuple[Heads, dict[str, Any]]:
    """Return the heads with temperatures and cuts fitted on the held-out samples, and how they do there."""
    parts: dict[str, list[tuple[Tensor, Tensor]]] = {"codes": [], "offers": [], "levels": []}
    before_reply: list[Tensor] = []
    for (codes, offers, levels), target in _logits(network, tokens, held, heads):
        coded, leveled = target.coded.squeeze(-1) > 0, target.leveled.squeeze(-1) > 0
        judged = target.judged.min(-1).values > 0
        parts["codes"].append((codes[coded], target.codes[coded]))
        parts["offers"].append((offers[judged], target.offers[judged]))
        parts["levels"].append((levels[leveled], target.levels[leveled]))
        before_reply.append(target.before_reply[judged])
    whole = {name: (torch.cat([x for x, _ in p]), torch.cat([y for _, y in p])) for name, p in parts.items()}
    heat = {name: _temperature(x, y) for name, (x, y) in whole.items()}
    needed = {name for table in rubric.levels.skills.values() for name in table.needs}
    likely = torch.sigmoid(whole["offers"][0] / heat["offers"])
    even = [o in needed for o in heads.opportunities]
    cuts = _cuts(likely, whole["offers"][1], even, torch.cat(before_reply))
    heads = replace(
        heads,
        code_temperature=heat["codes"],
        opportunity_temperature=heat["offers"],
        level_temperature=heat["levels"],
        opportunity_cuts=tuple(cuts),
    )
    report: dict[str, Any] = {"temperatures": heat}
    for name, labels, cut in (("codes", heads.codes, [0.5] * len(heads.codes)), ("offers", heads.opportunities, cuts)):
        x, y = whole[name]
        report[name] = _f1((torch.sigmoid(x / heat[name]) >= torch.tensor(cut)).numpy(), y.numpy().astype(bool), labels)
    return heads, report


def data_hash(rubric: Rubric) -> str:
    """Return a short sha256 over the labelled examples, to tell which data trained a coder."""
    import hashlib

    digest = hashlib.sha256()
    for path in sorted((rubric.folder / "examples").glob("*.jsonl")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _temperature(logits: torch.Tensor, target: torch.Tensor) -> float:
    """Return the temperature of least log loss (Guo et al. 2017, On calibration of modern neural networks)."""
    grid = np.linspace(0.6, 2.5, 39)
    losses = [float(nn.functional.binary_cross_entropy_with_logits(logits / float(t), target)) for t in grid]
    return float(grid[int(np.argmin(losses))])


def _cuts(
    said: torch.Tensor, target: torch.Tensor, balanced: Sequence[bool], before_reply: torch.Tensor
) -> list[float]:
    """Return for each label its cut: that of best F1, shrunk half-way to .4 since most labels are rare.

    Of a `balanced` label, on which a whole score hangs, the cut at which finding it where it is and not claiming it
    where it is not are most nearly as good, the turns before replies weighing as much as all the other turns.
    """
    weight = torch.ones(len(said))
    if 0 < int(before_reply.sum()) < len(said):
        weight[before_reply] = float((~before_reply).sum()) / float(before_reply.sum())
    cuts = []
    for column, even in enumerate(balanced):
        p, t = said[:, column], target[:, column].bool()

        def worth(cut: float, p: torch.Tensor = p, t: torch.Tensor = t, even: bool = even) -> float:
            over = p >= cut
            if even:
                found = float((weight * (over & t)).sum() / (weight * t).sum().clamp(min=1))
                spared = float((weight * (~over & ~t)).sum() / (weight * ~t).sum().clamp(min=1))
                return min(found, spared)
            return 2 * float((over & t).sum()) / max(1.0, float(over.sum() + t.sum()))

        best = max((round(0.1 + 0.01 * i, 2) for i in range(61)), key=lambda c: (worth(c), -abs(c - 0.4)))
        cuts.append(best if even else round((best + 0.4) / 2, 3))
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
