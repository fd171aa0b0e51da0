"""The labelled examples as what the coder learns from: passages without names, windows of tokens, labels as tensors."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from simulator.rubric.book import SKILLS, Rubric, Split
from simulator.rubric.canon import Said, client_context, names_at, offer_pair, withheld
from simulator.rubric.encoder import STEPS, Heads
from simulator.rubric.windows import Passage, Window, cut_windows

OFFERS_OF = " offers"  # marks the group of a reply's client turns, read by themselves

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


def samples(rubric: Rubric, split: Split, *, context: bool = True) -> list[Sample]:
    """Return every labelled sentence, reply and client turn of `split`, names taken out.

    Without `context` the words that a sentence or reply answers are withheld, and only who spoke is known.
    """
    known = list if context else withheld
    found: list[Sample] = []
    challenged: dict[str, tuple[Passage, bool]] = {}
    for s in rubric.sentences():
        if s.split != split:
            continue
        said = [Said(t.speaker, t.text) for t in s.client]
        names = names_at(said, s.partners)
        passage = Passage(client_context(known(said), s.partners, names), (names(s.sentence),))
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
        sentences = tuple(names(text) for text, _ in r.reply)
        passage = Passage(client_context(known(said), r.partners, names), sentences, frozenset(r.opportunities))
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
class Item:
    sample: Sample
    window: Window


def items_of(found: Sequence[Sample], tokens: Any) -> list[Item]:
    """Return the samples with their windows; of a reply longer than a window each one learns the level."""
    windows = cut_windows(tokens, [s.passage for s in found])
    return [Item(found[w.passage], w) for w in windows]


class Targets:
    """Labels of a batch as tensors, with what is not known masked out."""

    def __init__(self, items: Sequence[Item], heads: Heads) -> None:
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


def data_hash(rubric: Rubric) -> str:
    """Return a short sha256 over the labelled examples, to tell which data trained a coder."""
    digest = hashlib.sha256()
    for path in sorted((rubric.folder / "examples").glob("*.jsonl")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def trained_on(rubric: Rubric) -> bool:
    """Return whether the weights beside the rubric were trained on its examples as they are."""
    try:
        meta = json.loads((rubric.folder / "model" / "coder.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(meta, dict) and meta.get("data") == data_hash(rubric)
