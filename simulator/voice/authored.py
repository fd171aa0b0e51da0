"""Choosing among the author's lines: the one that does this move and answers what was just said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator.embedding import Vectors, embed
from simulator.text import words
from simulator.voice.rules import MAX_WORDS, against_principles, leaks, repeats
from simulator.voice.standard import Standard, hide_names

# A line that nobody asked for is spoken only when it answers so well.
WORTH_SAYING = 0.7

# What a line answers, what it is about, and what the words it answers do, weigh so much beside its move (1.25) and
# mood (0.25).
FIT, ABOUT, ACTS = 2.0, 0.25, 0.6

# So much better must a line for another move answer.
INSTEAD = 0.15

# Moves that can stand in for one another: (what the line does, what was wanted).
_KIN = {
    ("deflect", "answer"), ("withdraw", "deflect"), ("deflect", "withdraw"), ("blame_partner", "escalate"),
    ("escalate", "blame_partner"), ("answer", "respond_to_partner"), ("blame_partner", "respond_to_partner"),
    ("escalate", "interrupt"), ("answer", "soften"), ("minimise", "deflect"), ("ally_bid", "verdict_bid"),
}  # fmt: skip


@dataclass(frozen=True)
class Heard:
    """Words that the next line may answer, and whether the therapist said them."""

    text: str
    therapist: bool = False


@dataclass(frozen=True)
class Wanted:
    """A move that would do now, and the words that a line with it would answer."""

    move: str
    heard: Sequence[Heard]


@dataclass(frozen=True)
class Chosen:
    """An authored line, how well it answers what was heard (0: not at all; from 1 on: clearly), and for which move."""

    say: str
    fit: float
    move: str


def choose_authored(
    standard: Standard,
    *,
    wanted: Sequence[Wanted],
    mood: str,
    used: set[str],
    forbidden: Sequence[str],
    optional: bool = False,
    longest: int = MAX_WORDS,
) -> Chosen | None:
    """Return the unused authored line nearest to this moment: by move or a kindred one, by what it answers, by mood.

    Of several `wanted` moves the first one is meant; a line for another must answer better by `INSTEAD`. An `optional`
    line must also answer well; None says that silence is better. `longest` is in words.
    """
    scored = []
    recent = sorted(used)
    # Most moves answer the same words: what was heard is read once.
    heard = [tuple(h for h in want.heard if h.text.strip()) for want in wanted]
    fitting = {words_heard: fits(standard, words_heard) for words_heard in dict.fromkeys(heard)}
    for rank, want in enumerate(wanted):
        fit = fitting[heard[rank]]
        for i, line in enumerate(standard.lines):
            if (optional and fit[i] < WORTH_SAYING) or len(words(line.say)) > longest:
                continue
            kin = line.move == want.move or (line.move, want.move) in _KIN
            score = 1.0 * kin + 0.25 * (line.move == want.move) + 0.25 * (line.mood == mood)
            # With nothing left for this move or its kin, silence says more than a line from another moment.
            if score + FIT * float(fit[i]) >= 1.0:
                worth = score + FIT * (float(fit[i]) - INSTEAD * bool(rank))
                scored.append((worth, line, float(fit[i]), want.move))
    for _, line, answers, move in sorted(scored, key=lambda found: (-found[0], found[1].say)):
        # Nor is a line spoken that answers what nobody may have said yet.
        refused = leaks(f"{line.after} / {line.say}", "", forbidden) or repeats(line.say, recent)
        if line.say not in used and not refused and not against_principles(line.say, mood, standard):
            return Chosen(line.say, answers, move)
    return None


def fits(standard: Standard, heard: Sequence[Heard]) -> Vectors:
    """Return for each authored line how well it answers the best-answered of these words."""
    best = np.zeros(len(standard.lines), dtype=np.float32)
    for said in heard:
        text = hide_names(said.text, standard.speaker, standard.other)
        parts = [p for p in re.split(r"(?<=[.!?…])\s+", text) if p.strip()]
        whole = embed([text])[0]
        near = standard.cues @ whole
        if len(parts) > 1:
            # Of several sentences one is answered: the whole alone would blur it.
            near = 0.5 * near + 0.5 * (standard.cues @ embed(parts).T).max(1)
        fit = near + ABOUT * (standard.vectors @ whole)
        if said.therapist and standard.acts is not None:
            fit = fit + ACTS * _alike(standard.cue_acts, standard.acts([said.text])[0])
        best = np.maximum(best, fit)
    return best


def _alike(rows: Vectors, row: Vectors) -> Vectors:
    """Return the cosine of each of `rows` with `row`; what does nothing is like nothing."""
    size = np.linalg.norm(rows, axis=1) * float(np.linalg.norm(row))
    out: Vectors = (rows @ row) / np.maximum(size, 0.3)
    return out
