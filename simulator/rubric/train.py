"""Training the coder from the labelled examples: one command, deterministic, with its report."""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from simulator.rubric.answered import learned_answer
from simulator.rubric.book import Rubric, Split
from simulator.rubric.encoder import FROZEN_LAYERS, Coder, CoderNetwork, Heads, load_coder, lower_states, save_coder
from simulator.rubric.engine import Engine, most_of, passage_of
from simulator.rubric.evaluate import ask
from simulator.rubric.fitting import cuts_of, f1, temperature
from simulator.rubric.samples import Item, Targets, data_hash, items_of, samples
from simulator.rubric.sentences import split_sentences
from simulator.rubric.windows import by_length, to_batch, tokenizer

SEED = 20
EPOCHS = 4
TURN_EPOCHS = 3  # of the client turns: with more the network learns them by heart
BATCH_TOKENS = 1600
LEARNING_RATE = 3.5e-4
LAYER_DECAY = 0.85  # lower layers learn more slowly
HEAD_LEARNING_RATE = 2e-3
# Weights of the parts of the loss: codes, levels, pairs of one context, opportunities.
CODES, LEVELS, PAIRS, OFFERS = 1.0, 1.0, 0.5, 3.0
AVERAGED = 0.3  # the weights shipped are the mean over this last part of the training

Say = Callable[[str], None]
Loss = Callable[[Any, Targets, Sequence[Item]], Tensor]


def train(
    rubric: Rubric,
    folder: Path,
    *,
    say: Say,
    epochs: int = EPOCHS,
    splits: Sequence[Split] = ("train",),
    context: bool = True,
) -> dict[str, Any]:
    """Train the coder on `splits`, calibrate it on the development split, write it to `folder`.

    Without `context` replies are read by themselves, to see what the client turns before them are worth. Returns the report: sizes, micro and macro F1 of codes and opportunities on the development split, seconds.
    Same data, same machine type: same weights (seeds fixed, no data-dependent order).
    """
    started = time.monotonic()
    torch.manual_seed(SEED)
    heads = Heads(rubric.book.code_ids, rubric.book.opportunity_ids)
    tokens = tokenizer()
    items = items_of([s for split in splits for s in samples(rubric, split, context=context)], tokens)
    held = items_of(samples(rubric, "development", context=context), tokens)
    if not items or not held:
        raise ValueError("no labelled examples in the train or development split")
    network = CoderNetwork(heads)
    replies, turns = _Part.of(items)
    target = Targets(replies.items, heads)
    _start(network.replies.code_head, target.codes.sum((0, 1)) / target.coded.sum())
    _start(network.replies.level_head, (target.levels.sum(0) / target.leveled.sum(0).clamp(min=1)).flatten())
    _fit(network.replies, replies, _reply_loss, heads, tokens, epochs, say)
    target = Targets(turns.items, heads)
    _start(network.offers.head, target.offers.sum(0) / target.judged.sum(0).clamp(min=1))
    _fit(network.offers, turns, _offer_loss, heads, tokens, min(epochs, TURN_EPOCHS), say)
    network.eval()
    heads, report = _calibrated(rubric, network, tokens, held, heads)
    report = {"samples": len(items), "held_out": len(held), "epochs": epochs, **report}
    report["seconds"] = round(time.monotonic() - started, 1)
    notes = {"rubric": rubric.version, "data": data_hash(rubric)}
    save_coder(folder, network, heads, **notes)
    if context:
        # Of the weights as they will be read: half as precise.
        save_coder(folder, network, replace(heads, answered=_answered(rubric, load_coder(folder))), **notes)
    return report


@dataclass(frozen=True)
class _Part:
    """What one of the two networks learns from."""

    name: str
    items: list[Item]

    @classmethod
    def of(cls, items: Sequence[Item]) -> tuple[_Part, _Part]:
        """Return the replies and sentences, and the client turns."""
        return (
            cls("replies", [i for i in items if i.sample.codes is not None]),
            cls("client turns", [i for i in items if i.sample.offers is not None]),
        )


def _fit(network: nn.Module, part: _Part, loss_of: Loss, heads: Heads, tokens: Any, epochs: int, say: Say) -> None:
    """Train `network` in place; the weights that it ends with are the mean over the last part of the training."""
    started = time.monotonic()
    torch.manual_seed(SEED)
    order = random.Random(SEED)
    groups = _groups(network)
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01, fused=True)
    plan = [_batches(_of_epoch(part.items, epoch), order) for epoch in range(epochs)]
    steps = sum(map(len, plan))
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, max_lr=[g["lr"] for g in groups], total_steps=steps + 1, pct_start=0.1
    )
    trained = [p for group in groups for p in group["params"]]
    mean: list[Tensor] = []
    say(f"{part.name}: reading them once with the layers that are not trained")
    lower = lower_states(network.encoder, tokens, [i.window for i in part.items], heads)
    # Where the processor has no such arithmetic it is imitated, thirty times slower than whole precision.
    half = bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
    step = summed = 0
    for epoch, batches in enumerate(plan, 1):
        network.train()
        total = 0.0
        for number, batch in enumerate(batches):
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
                logits = network(to_batch(tokens, [i.window for i in batch], heads.opportunities, lower))
            loss = loss_of(logits, Targets(batch, heads), batch)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            step += 1
            if step > (1 - AVERAGED) * steps:
                summed += 1
                with torch.no_grad():
                    mean = mean or [p.detach().clone() for p in trained]
                    for own, new in zip(mean, trained, strict=True):
                        own.lerp_(new, 1 / summed)
            total += float(loss.detach())
            if number % 20 == 0:
                say(f"{part.name}, epoch {epoch}/{epochs}, batch {number + 1}/{len(batches)}")
        spent = f"{time.monotonic() - started:.0f} s"
        say(f"{part.name}, epoch {epoch}/{epochs}: loss {total / len(batches):.3f}, {spent}")
    with torch.no_grad():
        for new, own in zip(trained, mean, strict=True):
            new.copy_(own)


def _reply_loss(logits: tuple[Tensor, Tensor], target: Targets, items: Sequence[Item]) -> Tensor:
    codes, levels = (x.float() for x in logits)
    bce = nn.functional.binary_cross_entropy_with_logits
    coded = (bce(codes, target.codes, reduction="none") * target.coded).sum() / target.coded.sum().clamp(min=8)
    leveled = (bce(levels, target.levels, reduction="none") * target.leveled).sum() / target.leveled.sum().clamp(min=8)
    return CODES * coded + LEVELS * leveled + PAIRS * _pairs(torch.sigmoid(levels).sum(-1), target, items)


def _offer_loss(logits: Tensor, target: Targets, items: Sequence[Item]) -> Tensor:
    bce = nn.functional.binary_cross_entropy_with_logits(logits.float(), target.offers, reduction="none")
    return OFFERS * (bce * target.judged).sum() / len(items)


def _pairs(score: Tensor, target: Targets, items: Sequence[Item]) -> Tensor:
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


def _batches(items: Sequence[Item], order: random.Random) -> list[list[Item]]:
    """Return batches of whole contexts of like length, in random order."""
    groups: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        groups[item.sample.group].append(item)
    shuffled = list(groups.values())
    order.shuffle(shuffled)
    batches: list[list[Item]] = []
    for start in range(0, len(shuffled), 200):
        longest = 0
        batch: list[Item] = []
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


def _of_epoch(items: Sequence[Item], epoch: int) -> list[Item]:
    """Return what is read in this epoch: every reply and client turn, and one in two sentences of the code book.

    The replies are coded sentence by sentence too, and it is they that carry levels.
    """
    return [
        item
        for number, item in enumerate(items)
        if item.sample.levels is not None or item.sample.offers is not None or (number + epoch) % 2
    ]


def _start(head: nn.Linear, share: Tensor) -> None:
    """Start a head at what is usual: no weight, and the bias of each label's share."""
    nn.init.normal_(head.weight, std=0.01)
    head.bias.data = torch.logit(share.clamp(0.001, 0.999))


def _groups(network: Any) -> list[dict[str, Any]]:
    """Return the parameters with their learning rates; the lowest layers stay as they are."""
    layers = network.encoder.encoder.layer
    groups: list[dict[str, Any]] = []
    for number, layer in enumerate(layers):
        if number < FROZEN_LAYERS:
            layer.requires_grad_(False)
        else:
            # Dropping attention takes a fifth of the time and buys nothing.
            layer.attention.self.dropout.p = 0.0
            rate = LEARNING_RATE * LAYER_DECAY ** (len(layers) - 1 - number)
            groups.append({"params": list(layer.parameters()), "lr": rate})
    top = [p for name, p in network.named_parameters() if not name.startswith("encoder.")]
    groups.append({"params": top, "lr": HEAD_LEARNING_RATE})
    return groups


def _logits(network: nn.Module, tokens: Any, items: Sequence[Item], heads: Heads) -> Iterator[tuple[Any, Targets]]:
    place = {id(i.window): i for i in items}
    with torch.inference_mode():
        for chunk in by_length([i.window for i in items], BATCH_TOKENS):
            yield network(to_batch(tokens, chunk, heads.opportunities)), Targets([place[id(w)] for w in chunk], heads)


def _answered(rubric: Rubric, coder: Coder) -> dict[str, dict[str, float]]:
    """Return, for every offer on which a skill hangs, how replies of the development split tell of it by that skill's codes."""
    replies = [r for r in rubric.replies() if r.split == "development"]
    questions = [ask(r) for r in replies]
    likely = Engine(rubric, coder).offers(questions)
    read = coder.read([passage_of(q, split_sentences(q.reply), frozenset()) for q in questions])
    does = [most_of(r, coder.heads) for r in read]
    found = {}
    for skill, table in rubric.levels.skills.items():
        own = [c.id for c in rubric.book.codes if c.skill == skill]
        for name in table.needs:
            weights = learned_answer(
                [row.get(name, 0.0) for row in likely],
                does,
                [name in r.opportunities for r in replies],
                [r.context for r in replies],
                own,
            )
            if weights:
                found[name] = weights
    return found


def _calibrated(
    rubric: Rubric, network: CoderNetwork, tokens: Any, held: Sequence[Item], heads: Heads
) -> tuple[Heads, dict[str, Any]]:
    """Return the heads with temperatures and cuts fitted on the held-out samples, and how they do there."""
    parts: dict[str, list[tuple[Tensor, Tensor]]] = {"codes": [], "offers": [], "levels": []}
    before_reply: list[Tensor] = []
    replies, turns = _Part.of(held)
    for (codes, levels), target in _logits(network.replies, tokens, replies.items, heads):
        coded, leveled = target.coded.squeeze(-1) > 0, target.leveled.squeeze(-1) > 0
        parts["codes"].append((codes[coded], target.codes[coded]))
        parts["levels"].append((levels[leveled], target.levels[leveled]))
    for offers, target in _logits(network.offers, tokens, turns.items, heads):
        judged = target.judged.min(-1).values > 0
        parts["offers"].append((offers[judged], target.offers[judged]))
        before_reply.append(target.before_reply[judged])
    whole = {name: (torch.cat([x for x, _ in p]), torch.cat([y for _, y in p])) for name, p in parts.items()}
    heat = {name: temperature(x, y) for name, (x, y) in whole.items()}
    needed = {name for table in rubric.levels.skills.values() for name in table.needs}
    likely = torch.sigmoid(whole["offers"][0] / heat["offers"])
    even = [o in needed for o in heads.opportunities]
    cuts = cuts_of(likely, whole["offers"][1], even, torch.cat(before_reply))
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
        report[name] = f1((torch.sigmoid(x / heat[name]) >= torch.tensor(cut)).numpy(), y.numpy().astype(bool), labels)
    return heads, report
