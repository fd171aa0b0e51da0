"""Choosing among the author's lines: the one that does this move and answers what was just said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator.embedding import Vectors, embed
from simulator.text import words
from simulator.voice.rules import MAX_WORDS, against_principles, leaks, repeats
from simulator.voice.standard import TO_PARTNER, YIELDING_MOVES, Standard, hide_names

# A line that nobody asked for is spoken only when it is at least so likely an answer.
WORTH_SAYING = 0.5

# One that does another move than those wanted, only when it is at least so likely.
OUT_OF_TURN = 0.3

# How likely a line answers (as log odds) weighs so much beside its move (1.25) and mood (0.25).
FIT = 0.7

# So much better must a line for another move answer.
INSTEAD = 0.3


_ASKS = re.compile(r"\?[!.…'\"’”]*$")

# What makes a line an answer, as log odds: a base, and weights of its `nearness` (see there) to what the therapist or the
# other partner said. Learned by logistic regression on 5,120 lines that were read and judged (`repair-room eval answers`
# learns them again); on couples left out of it the likelihoods hold what they say.
AFTER_THERAPIST = (-2.86, (0.47, 3.41, 0.87, 1.56, 0.69))
AFTER_PARTNER = (-3.69, (2.28, 2.14, 1.82, 2.74, 0.0))

# How likely a line answers that its author says follows any words: likelier than most that were written for other words
# than these, and duller than one that was written for them.
ANYWHERE = 0.4

# What hardly answers at all: a line that was written for other words than these, spoken by another.
HARDLY = 1e-3

# What a line that follows anything is worth when it does another move than the one wanted; one that does it, or its kin, 1.
_ANY_MOVE = 0.95

# Moves that mean something by themselves: a line that follows anything does none of them, nor stands in for one.
_MEANT = YIELDING_MOVES | {"ally_bid", "verdict_bid", "secret_bid", "messenger_bid"}

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
    """An authored line, how likely it answers what was heard (0 to 1), and for which move."""

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
    lead: int = 0,
) -> Chosen | None:
    """Return the unused authored line nearest to this moment: by move or a kindred one, by what it answers, by mood.

    Of several `wanted` moves the first one is meant; a line for another must answer better by `INSTEAD`. An `optional`
    line must also be likely to answer; None says that silence is better. As a `lead` to something else it has at most
    so many words and does not end in a question.
    """
    scored = []
    recent = sorted(used)
    # Most moves answer the same words: what was heard is read once.
    heard = [tuple(h for h in want.heard if h.text.strip()) for want in wanted]
    fitting = {words_heard: fits(standard, words_heard) for words_heard in dict.fromkeys(heard)}
    for rank, want in enumerate(wanted):
        fit = fitting[heard[rank]]
        for i, line in enumerate(standard.lines):
            if optional and fit[i] < WORTH_SAYING:
                continue
            if len(words(line.say)) > (lead or MAX_WORDS) or (lead and (line.anywhere or _ASKS.search(line.say))):
                continue
            if line.anywhere and want.move in _MEANT:
                continue
            kin = line.move == want.move or (line.move, want.move) in _KIN
            # With nothing left for this move or its kin, silence says more than a line from another moment.
            if kin or fit[i] >= OUT_OF_TURN:
                score = (
                    (1.0 if kin else _ANY_MOVE * line.anywhere)
                    + 0.25 * (line.move == want.move)
                    + 0.25 * (line.mood == mood)
                )
                worth = score + FIT * float(np.log(fit[i] / (1 - fit[i]))) - INSTEAD * bool(rank)
                scored.append((worth, line, float(fit[i]), want.move))
    for _, line, answers, move in sorted(scored, key=lambda found: (-found[0], found[1].say)):
        # Nor is a line spoken that answers what nobody may have said yet.
        refused = leaks(" / ".join([*line.after, line.say]), "", forbidden) or repeats(line.say, recent)
        if line.say not in used and not refused and not against_principles(line.say, mood, standard):
            return Chosen(line.say, answers, move)
    return None


def fits(standard: Standard, heard: Sequence[Heard]) -> Vectors:
    """Return for each authored line how likely it answers one of these words (0 to 1, both excluded)."""
    best = np.full(len(standard.lines), HARDLY, dtype=np.float32)
    for said in heard:
        base, weights = AFTER_THERAPIST if said.therapist else AFTER_PARTNER
        odds = base + nearness(standard, said) @ np.array(weights, dtype=np.float32)
        likely = 1 / (1 + np.exp(-odds))
        if said.therapist:
            # What answers one sentence of the other partner presupposes that sentence.
            likely[standard.cue_is_partners] = HARDLY
        np.maximum.at(best, standard.cue_of, likely)
        follows = [line.anywhere and (line.move in TO_PARTNER) != said.therapist for line in standard.lines]
        np.maximum(best, ANYWHERE, out=best, where=np.array(follows))
    return best


def nearness(standard: Standard, said: Heard) -> Vectors:
    """Return how near authored lines are to what was said, a row for each of `standard.cues`, shape (cues, 5), as cosines.

    Of the words that the line was written to answer, to all of it and to the nearest of its sentences; of the line
    itself, likewise; and of what both therapists' words do.
    """
    text = hide_names(said.text, standard.speaker, standard.other)
    whole = embed([text])[0]
    # Of several sentences one is answered: the whole alone would blur it.
    parts = embed([p for p in re.split(r"(?<=[.!?…])\s+", text) if p.strip()] or [text])
    acts = np.zeros(len(standard.cues), dtype=np.float32)
    if said.therapist and standard.acts is not None and standard.cue_acts.any():
        acts = _alike(standard.cue_acts, standard.acts([said.text])[0])
    near: Vectors = np.stack(
        [
            standard.cues @ whole,
            (standard.cues @ parts.T).max(1),
            (standard.vectors @ whole)[standard.cue_of],
            (standard.vectors @ parts.T).max(1)[standard.cue_of],
            acts,
        ],
        axis=1,
    )
    return near


def _alike(rows: Vectors, row: Vectors) -> Vectors:
    """Return the cosine of each of `rows` with `row`; what does nothing is like nothing."""
    size = np.linalg.norm(rows, axis=1) * float(np.linalg.norm(row))
    out: Vectors = (rows @ row) / np.maximum(size, 0.3)
    return out
