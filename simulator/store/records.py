"""What the repository gives and takes: plain records, free of the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class SessionRecord:
    """One practice session: what it was played and scored with, and where it stands."""

    id: str
    created: datetime
    changed: datetime
    couple_id: str
    couple_version: str
    couple_hash: str
    scenario_id: str
    scenario_version: str
    scenario_hash: str
    rubric_version: str
    rubric_hash: str
    engine_version: str
    model: str
    seed: int
    difficulty: str
    coached: bool
    outcome: str
    seconds: float
    length: int
    progress: dict[str, Any]


@dataclass(frozen=True)
class TurnRecord:
    """One thing said. `score` is set on therapist turns; `move`, `mood` and `source` on partner turns.

    `absent` names who was out of the room when it was said.
    """

    index: int
    speaker: str
    text: str
    move: str = ""
    mood: str = ""
    to: str = ""
    source: str = ""
    addressed: list[str] = field(default_factory=list)
    state: dict[str, dict[str, float]] = field(default_factory=dict)
    score: dict[str, Any] | None = None
    timings: dict[str, int] = field(default_factory=dict)
    trouble: str = ""
    verdicts: list[dict[str, Any]] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
