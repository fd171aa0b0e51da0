"""What the repository gives and takes: plain records, free of the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

IMPORTED = "imported"  # what marks a session, and after a name a review or a version, that came from a file


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
    owner_id: int | None = None
    submitted: datetime | None = None
    parent_id: str | None = None
    parent_length: int = 0
    flags: str = ""
    drill: str = ""

    @property
    def imported(self) -> bool:
        """Whether it was brought here from a file."""
        return IMPORTED in (self.outcome, self.flags.split(", ")[0])


@dataclass(frozen=True)
class Tally:
    """How many sessions somebody has, how many of them are submitted, and when the last one was begun."""

    count: int = 0
    submitted: int = 0
    last: datetime | None = None


@dataclass(frozen=True)
class Practised:
    """How often somebody practised a scenario (None: the local profile); `example` is one of those sessions."""

    owner_id: int | None
    couple_id: str
    scenario_id: str
    scenario_hash: str
    count: int
    example: str


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
    # On therapist turns: the progress before it, so that the reply can be taken back.
    before: dict[str, Any] = field(default_factory=dict)
    # What the score was made with; a later scoring carries later versions.
    rubric_version: str = ""
    engine_version: str = ""


@dataclass(frozen=True)
class UserRecord:
    """An account, without its password."""

    id: int
    name: str
    role: str
    disabled: bool
    created: datetime
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class NoteRecord:
    """Words about one turn, or about a quote of it.

    `kind` is note (to self), question (to the supervisor), comment, or unlikely (nobody would say that line).
    """

    turn: int
    author: str
    kind: str
    text: str
    created: datetime
    quote: str = ""


@dataclass(frozen=True)
class DoubtRecord:
    """A line of a couple that a supervisor doubts; `done` is the edition in which its author mended it."""

    id: int
    couple_id: str
    session_id: str
    note: NoteRecord
    done: int | None = None


@dataclass(frozen=True)
class JudgementRecord:
    """What a supervisor said of one skill of one reply; `level` is None where they agreed without one."""

    turn: int
    skill: str
    verdict: str
    level: int | None
    code: str
    reason: str
    engine_level: int | None
    rubric_version: str
    created: datetime


@dataclass(frozen=True)
class ManuscriptRecord:
    """A couple that is being written; `version` counts its savings, `state` is draft, published or archived."""

    id: str
    state: str
    version: int
    author: str
    changed: datetime
    files: dict[str, str]


@dataclass(frozen=True)
class EditionRecord:
    """A couple as it was saved or published once."""

    id: int
    couple_id: str
    published: bool
    author: str
    created: datetime
    files: dict[str, str]


@dataclass(frozen=True)
class ReviewRecord:
    """One supervisor's review; `judgements` is everything ever said, oldest first."""

    session_id: str
    author: str
    created: datetime
    blind: bool
    summary: str
    signed: datetime | None
    version: int
    judgements: tuple[JudgementRecord, ...] = ()

    @property
    def imported(self) -> bool:
        """Whether it came from a file in a room with accounts: whose it is, nobody has shown."""
        return self.author.endswith(f"({IMPORTED})")

    def holding(self) -> dict[tuple[int, str], JudgementRecord]:
        """Return the latest judgement for each (turn, skill)."""
        return {(j.turn, j.skill): j for j in self.judgements}
