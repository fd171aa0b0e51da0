"""What one partner's lines are measured by: the couple's authored lines as vectors, and a judge of what a line does."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from ruamel.yaml import YAML

from simulator.embedding import Memory, Vectors, embed, kept
from simulator.text import words

YIELDING_MOVES = frozenset({"soften", "disclose"})

# Moves that are spoken to the other partner.
TO_PARTNER = frozenset({"respond_to_partner", "interrupt"})

# What therapists' words do, as one vector a text (0 to 1 a dimension): given by whoever can read them.
Acts = Callable[[Sequence[str]], Vectors]


@dataclass(frozen=True)
class AuthoredLine:
    """One line of the couple's author."""

    move: str
    mood: str
    say: str
    after: tuple[str, ...] = ()  # words that it answers, each by itself
    anywhere: bool = False  # follows any words of those it is spoken to


@dataclass(frozen=True)
class Standard:
    """What one partner's lines are measured by, computed once a session."""

    speaker: str
    other: str
    lines: tuple[AuthoredLine, ...]
    vectors: Vectors = field(repr=False)
    cues: Vectors = field(repr=False)  # of the words that lines answer; zeros for a line that answers none
    cue_of: npt.NDArray[np.intp] = field(repr=False)  # the line that each cue belongs to; every line has one at least
    cue_acts: Vectors = field(repr=False)  # what those words do, if they are a therapist's
    # Whether a cue is the very words of a partner's line, and answers nothing that a therapist says.
    cue_is_partners: npt.NDArray[np.bool_] = field(repr=False)
    other_vectors: Vectors = field(repr=False)
    judge: Any = field(repr=False)
    acts: Acts | None = field(default=None, repr=False)
    # What this partner never says: (mood or "", words).
    avoided: tuple[tuple[str, str], ...] = ()
    # Whether it was this one who broke the agreement; None when both did or neither.
    broke_it: bool | None = None
    vocabulary: frozenset[str] = frozenset()  # every word of the couple's lines


def make_standard(
    speaker: str,
    other: str,
    lines: Sequence[AuthoredLine],
    other_lines: Sequence[AuthoredLine],
    avoided: Sequence[tuple[str, str]] = (),
    *,
    broke_it: bool | None = None,
    acts: Acts | None = None,
    acts_kind: str = "",
    partners_words: Set[str] = frozenset(),
    memory: Memory | None = None,
) -> Standard:
    """Return the standard of one partner; trains the small classifier (well under a second).

    `acts` reads what a therapist's words do, and `acts_kind` names it; `partners_words` are what the couple's author has
    partners say, apart from these lines; vectors are remembered in `memory`.
    """
    own = kept(memory, "say", [x.say for x in lines], embed)
    theirs = kept(memory, "say", [x.say for x in other_lines], embed)
    pairs = [(i, x.move, cue) for i, x in enumerate(lines) for cue in x.after or ("",)]
    after = [hide_names(cue, speaker, other) for _, _, cue in pairs]
    there = np.array([[bool(cue)] for _, _, cue in pairs], dtype=np.float32)
    cues = kept(memory, "say", after, embed) * there
    written = {x.say for x in [*lines, *other_lines]} | partners_words
    cue_acts = np.zeros((len(pairs), 1), dtype=np.float32)
    of_therapist = [i for i, (_, move, cue) in enumerate(pairs) if cue and move not in TO_PARTNER]
    if acts is not None and of_therapist:
        read = kept(memory, f"acts in tension {acts_kind}", [after[i] for i in of_therapist], acts)
        cue_acts = np.zeros((len(pairs), read.shape[1]), dtype=np.float32)
        cue_acts[of_therapist] = read
    return Standard(
        speaker,
        other,
        tuple(lines),
        own,
        cues,
        np.array([i for i, _, _ in pairs]),
        cue_acts,
        np.array([cue in written for _, _, cue in pairs]),
        theirs,
        _train(np.vstack([own, theirs]), [*lines, *other_lines]),
        acts,
        tuple(avoided),
        broke_it,
        frozenset(w for x in [*lines, *other_lines] for t in (x.say, *x.after) for w in words(t)),
    )


def hide_names(text: str, *names: str) -> str:
    """Return `text` without the partners' names: two sentences are not alike because both speak to Renu."""
    return re.sub(rf"(?:,\s*)?\b(?:{'|'.join(map(re.escape, names))})\b,?\s*", " ", text).strip()


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
