"""Two voices beside one another: both word the same moments of played sessions, the critic judges both, a person reads both.

Which voice a line is from is in a key of its own, so that the lines can be read blind.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from simulator.review.faults import rate
from simulator.review.played import Played
from simulator.rubric import THERAPIST
from simulator.voice import Sampling, Verdict, Voice


class Beside:
    """Two voices as one: every question is put to both, and each answers with one line; the first one's comes first."""

    scripted = False
    trained = False

    def __init__(self, one: Voice, other: Voice) -> None:
        self.voices = (one, other)
        self.name = " | ".join(v.name for v in self.voices)

    def sample(self, prompt: str, how: Sampling) -> list[str]:
        """Return one continuation of each voice."""
        return [voice.sample(prompt, replace(how, n=1))[0] for voice in self.voices]

    def stream(self, prompt: str, how: Sampling) -> Iterator[str]:
        """Yield the first voice's continuation in one piece."""
        yield self.sample(prompt, how)[0]

    def warm(self, prompt: str) -> None:
        """Let both read `prompt` ahead."""
        for voice in self.voices:
            voice.warm(prompt)

    def close(self) -> None:
        """Let go of both."""
        for voice in self.voices:
            voice.close()


def compared(played: Sequence[Played], names: Sequence[str]) -> dict[str, Any]:
    """Return how often each voice's line could have been spoken at the same moments: over all, and by couple."""
    could: dict[str, list[list[bool]]] = defaultdict(list)
    reasons: list[dict[str, int]] = [defaultdict(int) for _ in names]
    for couple, _, verdicts in _moments(played):
        could[couple].append([v.passes for v in verdicts])
        for counted, v in zip(reasons, verdicts, strict=True):
            counted[v.reason or ("spoken" if v.passes else "weak")] += 1
    every = [row for rows in could.values() for row in rows]
    return {
        "moments": len(every),
        "passes": {name: rate(sum(row[i] for row in every), len(every)) for i, name in enumerate(names)},
        "by_couple": {
            couple: {name: rate(sum(row[i] for row in rows), len(rows)) for i, name in enumerate(names)}
            for couple, rows in sorted(could.items())
        },
        "verdicts": {
            name: dict(sorted(counted.items(), key=lambda x: -x[1]))
            for name, counted in zip(names, reasons, strict=True)
        },
    }


def to_read(played: Sequence[Played], names: Sequence[str], *, seed: int) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the lines of both voices, shuffled, each with the turns before it, and in their order whose each is."""
    rows = [
        ({"id": 0, "before": before, "line": verdict.text, "good": None}, name)
        for _, before, verdicts in _moments(played)
        for name, verdict in zip(names, verdicts, strict=True)
    ]
    Random(seed).shuffle(rows)
    return [{**row, "id": number} for number, (row, _) in enumerate(rows)], [name for _, name in rows]


def _moments(played: Sequence[Played]) -> Iterator[tuple[str, dict[str, Any], list[Verdict]]]:
    """Yield couple, what was said before and who speaks with which move, and both verdicts, of every moment both worded."""
    for p in played:
        for i, turn in enumerate(p.turns):
            if turn.speaker != THERAPIST and len(turn.verdicts) == 2:
                said = [f"{t.speaker}: {t.text}" for t in p.turns[max(0, i - 3) : i]]
                yield (
                    p.plan.couple,
                    {"said": said, "speaks": turn.speaker, "move": turn.move},
                    [Verdict(**v) for v in turn.verdicts],
                )
