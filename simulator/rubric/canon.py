"""Taking the names out: who spoke last and who did not, whatever they are called.

The coder never sees a partner's name, so swapping the two names cannot change a score.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

LAST = "Alex"
OTHER = "Sam"
THERAPIST = "therapist"


@dataclass(frozen=True)
class Said:
    """One turn as the rubric reads it."""

    speaker: str
    text: str


@dataclass(frozen=True)
class Names:
    """Replaces the name of the partner who spoke last by `LAST` and the other one's by `OTHER`."""

    last: str
    other: str

    def __call__(self, text: str) -> str:
        """Return `text` with both names replaced."""
        wanted = {self.last: LAST, self.other: OTHER}
        return _either(self.last, self.other).sub(lambda m: wanted[m.group()], text)

    def speaker(self, name: str) -> str:
        """Return the neutral name of a speaker."""
        return {self.last: LAST, self.other: OTHER}.get(name, THERAPIST)


@lru_cache(maxsize=4096)
def _either(one: str, two: str) -> re.Pattern[str]:
    """Return a pattern of either name as a whole word, the longer one first."""
    names = "|".join(re.escape(n) for n in sorted((one, two), key=len, reverse=True) if n)
    return re.compile(rf"\b(?:{names})\b" if names else r"(?!)")


def names_at(turns: Sequence[Said], partners: Sequence[str]) -> Names:
    """Return the neutral names after `turns`; the last partner to speak is `LAST`."""
    last = next((t.speaker for t in reversed(turns) if t.speaker in partners), partners[0])
    other = next((p for p in partners if p != last), "")
    return Names(last, other)


def withheld(turns: Sequence[Said]) -> list[Said]:
    """Return the turns with their speakers and without their words."""
    return [Said(t.speaker, "...") for t in turns]


def since_therapist(turns: Sequence[Said], partners: Sequence[str]) -> list[Said]:
    """Return the client turns after the therapist's last one."""
    found: list[Said] = []
    for turn in reversed(turns):
        if turn.speaker not in partners:
            break
        found.append(turn)
    return found[::-1]


def client_context(turns: Sequence[Said], partners: Sequence[str], names: Names, *, characters: int = 360) -> str:
    """Return what the partners said since the therapist's last turn, neutral names, the end of it kept."""
    said = since_therapist(turns, partners)[-2:]
    return _join(said, names)[-characters:]


def offer_pairs(turns: Sequence[Said], partners: Sequence[str], names: Names) -> list[tuple[str, str]]:
    """Return pairs of (what was said before, what the partners said), neutral names, from which opportunities are read.

    Two client turns in a row are read together, each with its speaker; of more since the therapist's last turn every
    two in a row are, so that nothing that was offered is lost behind what came after. None are there when the
    therapist spoke last.
    """
    recent = since_therapist(turns, partners)
    start = len(turns) - len(recent)
    pairs = []
    for end in range(min(2, len(recent)), len(recent) + 1) if recent else ():
        two = recent[max(0, end - 2) : end]
        before = turns[: start + end - len(two)][-2:]
        pairs.append((_join(before, names)[-240:] or "-", _join(two, names)[-700:] or "-"))
    return pairs


def offer_pair(turns: Sequence[Said], partners: Sequence[str], names: Names) -> tuple[str, str]:
    """Return the last of the `offer_pairs`; after the therapist's turn, what was said before and nothing."""
    pairs = offer_pairs(turns, partners, names)
    return pairs[-1] if pairs else (_join(turns[-2:], names)[-240:] or "-", "-")


def _join(turns: Sequence[Said], names: Names) -> str:
    return " ".join(f"{names.speaker(t.speaker)}: {names(t.text)}" for t in turns)
