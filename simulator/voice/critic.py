"""The critic: which sampled line may be spoken, and which of them is best.

Form, leaks, knowledge and repetition are decided by rule. What a line does - yields, thanks, advises, talks like
an assistant, says nothing - is decided by a classifier over sentence embeddings, learned from critic_lines.yaml
against the couple's authored lines. The rest are ranked by voice, fit to the move, and to the last words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from ruamel.yaml import YAML

from simulator.embedding import Vectors, embed
from simulator.text import words

MAX_WORDS = 45
MIN_WORDS = 3
YIELDING_MOVES = frozenset({"soften", "disclose"})
SHORT_MOVES = frozenset({"withdraw", "interrupt", "deflect"})

# A candidate that scores below this is worse than a well-chosen authored line (set by reading sampled lines).
GOOD_ENOUGH = 0.35

# An authored line that nobody asked for is spoken only when it is so near to the last words (or to what it answers).
WORTH_SAYING = 0.3

# What an authored line answers, and what it is about, weigh so much beside its move (1.25) and mood (0.25).
FIT, ABOUT = 2.0, 0.5


@dataclass(frozen=True)
class AuthoredLine:
    """One line of the couple's author."""

    move: str
    mood: str
    say: str
    after: str = ""


@dataclass(frozen=True)
class Standard:
    """What one partner's lines are measured by, computed once a session."""

    speaker: str
    other: str
    lines: tuple[AuthoredLine, ...]
    vectors: Vectors = field(repr=False)
    cues: Vectors = field(repr=False)  # of what each line answers; zeros where it answers nothing
    other_vectors: Vectors = field(repr=False)
    judge: Any = field(repr=False)
    # What this partner never says: (mood or "", words).
    avoided: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Verdict:
    """What the critic made of one candidate: `reason` is empty when it may be spoken."""

    text: str
    reason: str
    score: float = 0.0


def make_standard(
    speaker: str,
    other: str,
    lines: Sequence[AuthoredLine],
    other_lines: Sequence[AuthoredLine],
    avoided: Sequence[tuple[str, str]] = (),
) -> Standard:
    """Return the standard of one partner; trains the small classifier (well under a second)."""
    own, theirs = embed([x.say for x in lines]), embed([x.say for x in other_lines])
    cues = embed([hide_names(x.after, speaker, other) for x in lines]) * np.array(
        [[bool(x.after)] for x in lines], dtype=np.float32
    )
    return Standard(
        speaker,
        other,
        tuple(lines),
        own,
        cues,
        theirs,
        _train(np.vstack([own, theirs]), [*lines, *other_lines]),
        tuple(avoided),
    )


def hide_names(text: str, *names: str) -> str:
    """Return `text` without the partners' names: two sentences are not alike because both speak to Renu."""
    return re.sub(rf"(?:,\s*)?\b(?:{'|'.join(map(re.escape, names))})\b,?\s*", " ", text).strip()


def tidy(text: str) -> str:
    """Return a sampled continuation as a spoken line: one paragraph, whole sentences, at most two of them."""
    text = text.replace("’", "'").replace("“", '"').replace("”", '"').strip()
    text = re.sub(r"^\s*[-–—:]+\s*", "", text).strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1].strip()
    sentences = re.findall(r"[^.!?…]+[.!?…]+[\"']?", text)
    kept = ""
    for sentence in sentences[:2]:
        if len(words(kept + sentence)) > MAX_WORDS - 10 and kept:
            break
        kept += sentence
    return " ".join(kept.split())


def judge_candidates(
    candidates: Sequence[str],
    standard: Standard,
    *,
    move: str,
    last_words: str,
    said: Sequence[str],
    prompt: str,
    forbidden: Sequence[str],
    strangers: Sequence[str] = (),
    mood: str = "",
) -> list[Verdict]:
    """Return a verdict for each candidate, in order.

    `said` are the lines spoken so far, `prompt` what must not be read out, `forbidden` the giveaways of facts
    that are not open to this partner now.
    """
    tidied = [tidy(c) for c in candidates]
    reasons = [
        _form(text, standard, move)
        or _leak(text, prompt, forbidden)
        or _repeats(text, said)
        or _against(text, mood, standard)
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
    heard = embed([last_words]) if last_words else None
    own_move = [i for i, x in enumerate(standard.lines) if x.move == move]
    for row, i in enumerate(alive):
        chance = dict(zip(names, map(float, kinds[row]), strict=True))
        reason = _kind_reason(chance, move)
        if not reason and len(recent) and float((recent @ vectors[row]).max()) > 0.86:
            reason = "repeats an earlier line"
        own = float(np.sort(standard.vectors @ vectors[row])[-3:].mean())
        theirs = float(np.sort(standard.other_vectors @ vectors[row])[-3:].mean())
        fit = float((standard.vectors[own_move] @ vectors[row]).max()) if own_move else 0.0
        takes_up = float((heard @ vectors[row])[0]) if heard is not None else 0.0
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
    allowed = [v for v in verdicts if not v.reason and v.score >= GOOD_ENOUGH]
    return max(allowed, key=lambda v: v.score, default=None)


def choose_authored(
    standard: Standard,
    *,
    move: str,
    mood: str,
    last_words: str,
    used: set[str],
    forbidden: Sequence[str],
    optional: bool = False,
) -> str | None:
    """Return the unused authored line nearest to this moment: by move or a kindred one, by what it answers, by mood.

    An `optional` line must also be near to the last words; None says that silence is better.
    """
    near, about = np.zeros(len(standard.lines)), np.zeros(len(standard.lines))
    if last_words:
        heard = embed([hide_names(last_words, standard.speaker, standard.other)])[0]
        near, about = standard.cues @ heard, standard.vectors @ heard
    scored = []
    recent = sorted(used)
    for i, line in enumerate(standard.lines):
        if line.say in used or _leak(line.say, "", forbidden) or _repeats(line.say, recent):
            continue
        if optional and max(float(near[i]), float(about[i])) < WORTH_SAYING:
            continue
        kin = line.move == move or (line.move, move) in _KIN
        scored.append(
            (
                1.0 * kin
                + 0.25 * (line.move == move)
                + 0.25 * (line.mood == mood)
                + FIT * float(near[i] + ABOUT * about[i]),
                line,
            )
        )
    if not scored:
        return None
    score, line = max(scored, key=lambda pair: (pair[0], pair[1].say))
    # With nothing left for this move or its kin, silence says more than a line from another moment.
    return line.say if score >= 1.0 else None


# Moves that can stand in for one another: (what the line does, what was wanted).
_KIN = {
    ("deflect", "answer"), ("withdraw", "deflect"), ("deflect", "withdraw"), ("blame_partner", "escalate"),
    ("escalate", "blame_partner"), ("answer", "respond_to_partner"), ("blame_partner", "respond_to_partner"),
    ("escalate", "interrupt"), ("answer", "soften"), ("minimise", "deflect"), ("ally_bid", "verdict_bid"),
}  # fmt: skip

_SPEAKER = re.compile(r"\b[A-Z]{2,}\s*(?:\([^)]*\))?\s*:|\btherapist\b\s*:|^\w+\s*\([^)]*\)\s*:", re.IGNORECASE)
_MARKUP = re.compile(
    r"[<>{}\[\]#*_`|\\]|https?:|\b(?:transcript|screenplay|prompt|character|dialogue)\b", re.IGNORECASE
)


def _form(text: str, standard: Standard, move: str) -> str:
    said = words(text)
    if not said:
        return "says nothing, or does not finish"
    if len(said) < (1 if move in SHORT_MOVES else MIN_WORDS):
        return "too short"
    if len(said) > MAX_WORDS:
        return "too long"
    if _SPEAKER.search(text):
        return "speaks for another"
    if _MARKUP.search(text):
        return "markup"
    if "(" in text or ")" in text:
        return "stage direction"
    if re.search(rf"\b{re.escape(standard.speaker)}\b", text):
        return "speaks of themselves by name"
    if any(ord(c) > 0x24F and c not in "…'‘’“”–—" for c in text):
        return "another language"
    if len(said) >= 8 and len(set(said)) / len(said) < 0.5:
        return "stutters"
    return ""


def _leak(text: str, prompt: str, forbidden: Sequence[str]) -> str:
    said = words(text)
    flat = " ".join(said)
    for giveaway in forbidden:
        if " ".join(words(giveaway)) in flat:
            return "tells what is not open"
    if prompt and len(said) >= 5:
        read = " ".join(words(prompt))
        size = min(6, len(said))
        for i in range(len(said) - size + 1):
            if " ".join(said[i : i + size]) in read:
                return "copies the prompt"
    return ""


def _against(text: str, mood: str, standard: Standard) -> str:
    flat = f" {' '.join(words(text))} "
    for when, avoided in standard.avoided:
        if when in ("", mood) and f" {' '.join(words(avoided))} " in flat:
            return "against a principle of theirs"
    return ""


def _repeats(text: str, said: Sequence[str]) -> str:
    own = words(text)
    for earlier in said:
        theirs = words(earlier)
        if own == theirs:
            return "repeats an earlier line"
        size = 5  # so many words in a row are the same line said again
        if len(own) >= size:
            grams = {tuple(theirs[i : i + size]) for i in range(len(theirs) - size + 1)}
            if any(tuple(own[i : i + size]) in grams for i in range(len(own) - size + 1)):
                return "repeats an earlier line"
    return ""


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


@lru_cache(maxsize=1)
def _bad_lines() -> tuple[list[str], list[str], Vectors]:
    data = YAML(typ="safe").load(Path(__file__).with_name("critic_lines.yaml").read_text(encoding="utf-8"))
    texts = [t for lines in data.values() for t in lines]
    kinds = [kind for kind, lines in data.items() for _ in lines]
    return texts, kinds, embed(texts)


def _train(vectors: Vectors, lines: Sequence[AuthoredLine]) -> Any:
    from sklearn.linear_model import LogisticRegression

    _, kinds, bad = _bad_lines()
    # An authored softening is what yielding looks like when it is earned: it says nothing about either class.
    kept = [i for i, x in enumerate(lines) if x.move not in YIELDING_MOVES]
    model = LogisticRegression(C=8.0, max_iter=500, class_weight="balanced")
    model.fit(np.vstack([vectors[kept], bad]), ["good"] * len(kept) + kinds)
    return model


def yielding_lines() -> list[str]:
    """Return lines that agree, promise or forgive when nothing has earned it."""
    texts, kinds, _ = _bad_lines()
    return [t for t, kind in zip(texts, kinds, strict=True) if kind == "yields"]
