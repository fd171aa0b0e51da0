"""The critic: which sampled line may be spoken, and which of them is best.

Form, leaks, knowledge and repetition are decided by rule. What a line does - yields, thanks, advises, talks like
an assistant, says nothing - is decided by a classifier over sentence embeddings, learned from critic_lines.yaml
against the couple's authored lines. The rest are ranked by voice, fit to the move, and to the last words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator.embedding import embed
from simulator.text import words
from simulator.voice.rules import MAX_WORDS, against_principles, form, leaks, out_of_the_story, repeats
from simulator.voice.standard import YIELDING_MOVES, Standard

# A candidate that scores below this is worse than a well-chosen authored line (set by reading sampled lines).
GOOD_ENOUGH = 0.45
_SENTENCE = r"[^.!?…]+[.!?…]+[\"']?"


@dataclass(frozen=True)
class Verdict:
    """What the critic made of one candidate: `reason` is empty when it may be spoken."""

    text: str
    reason: str
    score: float = 0.0

    @property
    def passes(self) -> bool:
        """Whether it may be spoken and is good enough to be."""
        return not self.reason and self.score >= GOOD_ENOUGH


def tidy(text: str) -> str:
    """Return a sampled continuation as a spoken line: one paragraph, whole sentences, at most two of them."""
    text = text.replace("’", "'").replace("“", '"').replace("”", '"').strip()
    text = re.sub(r"^\s*[-–—:]+\s*", "", text).strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1].strip()
    sentences = re.findall(_SENTENCE, text)
    kept = ""
    for sentence in sentences[:2]:
        if len(words(kept + sentence)) > MAX_WORDS - 10 and kept:
            break
        kept += sentence
    return re.sub(r"\s+([.,!?…])", r"\1", " ".join(kept.split()))


def first_sentence(text: str) -> str:
    """Return the first sentence of a continuation that goes on after it, or ""."""
    found = re.match(rf"{_SENTENCE}(?=\s+\S)", text)
    return found[0] if found else ""


def judge_candidates(
    candidates: Sequence[str],
    standard: Standard,
    *,
    move: str,
    heard: Sequence[str],
    said: Sequence[str],
    prompt: str,
    forbidden: Sequence[str],
    mood: str = "",
) -> list[Verdict]:
    """Return a verdict for each candidate, in order.

    `heard` is what the line may answer, `said` are the lines spoken so far, `prompt` what must not be read out,
    `forbidden` the giveaways of facts that are not open to this partner now.
    """
    tidied = [tidy(c) for c in candidates]
    reasons = [
        form(text, standard, move)
        or leaks(text, prompt, forbidden)
        or repeats(text, said)
        or against_principles(text, mood, standard)
        or out_of_the_story(text, standard, [prompt, *said])
        for text in tidied
    ]
    alive = [i for i, r in enumerate(reasons) if not r]
    verdicts = [Verdict(t, r) for t, r in zip(tidied, reasons, strict=True)]
    if not alive:
        return verdicts
    vectors = embed([tidied[i] for i in alive])
    kinds = standard.judge.predict_proba(vectors)
    names: list[str] = list(standard.judge.classes_)
    recent = embed(list(said[-12:])) if said else np.zeros((0, vectors.shape[1]), dtype=np.float32)
    answered = embed([h for h in heard if h])
    own_move = [i for i, x in enumerate(standard.lines) if x.move == move]
    for row, i in enumerate(alive):
        chance = dict(zip(names, map(float, kinds[row]), strict=True))
        reason = _kind_reason(chance, move)
        if not reason and len(recent) and float((recent @ vectors[row]).max()) > 0.86:
            reason = "repeats an earlier line"
        own = float(np.sort(standard.vectors @ vectors[row])[-3:].mean())
        theirs = float(np.sort(standard.other_vectors @ vectors[row])[-3:].mean())
        fit = float((standard.vectors[own_move] @ vectors[row]).max()) if own_move else 0.0
        takes_up = float((answered @ vectors[row]).max()) if len(answered) else 0.0
        size = len(words(tidied[i]))
        score = (
            1.0 * (own - theirs)
            + 0.6 * fit
            + 0.5 * min(takes_up, 0.6)
            + 0.6 * (chance.get("good", 0.0) - 0.5)
            + (0.1 if 7 <= size <= 26 else 0.0)
            - 0.25
        )
        verdicts[i] = Verdict(tidied[i], reason, score)
    return verdicts


def best(verdicts: Sequence[Verdict]) -> Verdict | None:
    """Return the best candidate that may be spoken and is good enough, or None."""
    return max((v for v in verdicts if v.passes), key=lambda v: v.score, default=None)


def _kind_reason(chance: dict[str, float], move: str) -> str:
    yields = chance.get("yields", 0.0)
    if move not in YIELDING_MOVES and yields > 0.35:
        return "gives way where the move does not"
    for kind, limit in (("thanks", 0.35), ("advises", 0.35), ("assistant", 0.35), ("vague", 0.5)):
        if chance.get(kind, 0.0) > limit:
            return {"thanks": "thanks", "advises": "talks like a therapist", "assistant": "out of role"}.get(
                kind, "says nothing of its own"
            )
    return ""
