"""Sessions that a Repair Room exported, read again: every part is checked, for a file can have been edited."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from simulator.couple import Couple, Scenario, parse_couple, parse_scenario
from simulator.errors import InputError
from simulator.rubric import SKILLS, THERAPIST, Skill
from simulator.session.progress import DIFFICULTIES, Progress
from simulator.store import (
    IMPORTED,
    JudgementRecord,
    NoteRecord,
    ReviewRecord,
    Scoring,
    SessionRecord,
    TurnRecord,
    WholeSession,
)

Level = Annotated[int, Field(ge=1, le=5)]
Words = Annotated[str, Field(max_length=200_000)]
Name = Annotated[str, Field(min_length=1, max_length=80)]
Index = Annotated[int, Field(ge=0, le=100_000)]
_STATE = {"alliance", "arousal", "openness", "hope"}


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class _Scored(BaseModel):
    # Strict, for the file's own value is kept. What a later version adds is read by nothing here.
    model_config = ConfigDict(extra="ignore", strict=True, allow_inf_nan=False)


class _Evidence(_Scored):
    code: str
    quote: Words
    start: Index
    end: Index
    confidence: float


class _Engine(_Scored):
    level: Level
    score: Annotated[float, Field(ge=1, le=5)]
    calibration: str


class _Skill(_Scored):
    status: Literal["scored", "no_opportunity", "not_scored"]
    level: Level | None = None
    score: Annotated[float, Field(ge=1, le=5)] | None = None
    codes: list[_Evidence] = []
    possible: list[_Evidence] = []
    why: Words = ""
    better: Words | None = None
    engine: _Engine | None = None

    @model_validator(mode="after")
    def _whole(self) -> _Skill:
        needed = {"level", "score", "codes", "possible", "why"} if self.status == "scored" else set()
        if needed - self.model_fields_set or (needed and None in (self.level, self.score)):
            raise ValueError("a scored skill has level, score, codes, possible and why")
        if self.status != "scored" and self.model_fields_set - {"status", "why"}:
            raise ValueError("what was not scored has no level")
        return self


class _Score(_Scored):
    """A score as the engine writes it: all three skills, each whole."""

    opportunities: list[str]
    addressed: list[str]
    worked: _Evidence | None = None
    skills: dict[Skill, _Skill]

    @model_validator(mode="after")
    def _all_skills(self) -> _Score:
        if set(self.skills) != set(SKILLS):
            raise ValueError("a score has all of its skills")
        return self


def _score(value: dict[str, Any]) -> dict[str, Any]:
    _Score.model_validate(value)
    return value


Score = Annotated[dict[str, Any], AfterValidator(_score)]


class _Turn(_Part):
    index: Index
    speaker: Name
    text: Words
    move: str = ""
    mood: str = ""
    to: str = ""
    source: str = ""
    addressed: list[str] = []
    state: dict[str, dict[str, Annotated[float, Field(ge=0, le=1)]]] = {}
    score: Score | None = None
    timings: dict[str, int] = {}
    trouble: str = ""
    verdicts: list[dict[str, Any]] = []
    absent: list[str] = []
    before: dict[str, Any] = {}
    rubric_version: str = ""
    engine_version: str = ""
    created: datetime | None = None


class _Scoring(_Part):
    turn: Index
    created: datetime
    rubric_version: Name
    engine_version: str
    result: Score


class _Note(_Part):
    turn: Index
    author: str
    kind: Literal["note", "question", "comment", "unlikely"]
    text: Words
    created: datetime
    quote: str = ""


class _Judgement(_Part):
    turn: Index
    skill: Skill
    verdict: Literal["agree", "partly", "override", "blind"]
    level: Level | None
    code: str
    reason: Words
    engine_level: Level | None
    rubric_version: str
    created: datetime


class _Review(_Part):
    session_id: str
    author: str
    created: datetime
    blind: bool
    summary: Words
    signed: datetime | None
    version: Index
    judgements: list[_Judgement] = []


class _File(BaseModel):
    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)
    record: dict[str, Any]
    turns: list[_Turn]
    documents: list[str]
    scorings: list[_Scoring] | None = None
    notes: list[_Note] = []
    reviews: list[_Review] = []


class _WrongError(ValueError):
    """What is wrong with a file, in words."""


def read_whole(value: dict[str, Any], where: str) -> WholeSession:
    """Return a session from its exported form.

    Raises:
        InputError: a part of it is missing, or is not what this version of Repair Room writes.
    """
    try:
        # Numbers that are none, and halves of characters, are no JSON that anything else can keep.
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
        read = _File.model_validate(value)
        whole = _whole(read)
        _check(whole)
        return whole
    except _WrongError as error:
        raise InputError(f"{where}: {error}.", how="Export it again.") from error
    except ValidationError as error:
        first = error.errors()[0]
        at = ".".join(str(p) for p in first["loc"])
        raise InputError(
            f"{where}: not what this version of Repair Room exports ({at}: {first['msg']}).", how="Export it again."
        ) from error
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
        raise InputError(f"{where}: not what this version of Repair Room exports.", how="Export it again.") from error


def scenario_of(whole: WholeSession) -> Scenario | None:
    """Return the scenario that it was played with; None for a transcript that was made elsewhere."""
    played = _played(whole)
    return played[1] if played else None


def partners_in(whole: WholeSession) -> list[str]:
    """Return the names of its partners."""
    played = _played(whole)
    return [p.name for p in played[0].partners] if played else list(whole.record.progress["partners"])


def _whole(read: _File) -> WholeSession:
    record = TypeAdapter(SessionRecord).validate_python({**read.record, "owner_id": None})
    submitted = _utc(record.submitted) if record.submitted else None
    record = replace(record, created=_utc(record.created), changed=_utc(record.changed), submitted=submitted)
    if not re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", record.id):
        raise _WrongError("its id is none that a session has")
    turns = [TurnRecord(**t.model_dump(exclude_unset=True, exclude={"created"})) for t in read.turns]
    # What earlier versions exported knows nothing of other scorings and of when a turn was said.
    scorings = [Scoring(**s.model_dump(exclude_unset=True)) for s in read.scorings or ()]
    if read.scorings is None:
        scorings = [
            Scoring(
                t.index, record.created, t.rubric_version or record.rubric_version,
                t.engine_version or record.engine_version, t.score,
            )
            for t in turns if t.score
        ]  # fmt: skip
    reviews = [
        ReviewRecord(
            **{
                **r.model_dump(exclude={"judgements"}), "created": _utc(r.created),
                "signed": _utc(r.signed) if r.signed else None,
                "judgements": tuple(JudgementRecord(**{**vars(j), "created": _utc(j.created)}) for j in r.judgements),
            }
        )
        for r in read.reviews
    ]  # fmt: skip
    return WholeSession(
        record, _documents(record, read.documents), turns,
        [_utc(t.created) if t.created else record.created for t in read.turns],
        [replace(s, created=_utc(s.created)) for s in scorings],
        [NoteRecord(**{**n.model_dump(), "created": _utc(n.created)}) for n in read.notes], reviews,
    )  # fmt: skip


def _documents(record: SessionRecord, bodies: list[str]) -> list[tuple[str, str, str, str, str]]:
    digests = {hashlib.sha256(d.encode()).hexdigest(): d for d in bodies}
    if {record.couple_hash, record.scenario_hash} - set(digests):
        raise _WrongError("the couple it was played with is missing")
    if not record.couple_id:
        return [(record.couple_hash, "transcript", "", "", digests[record.couple_hash])]
    couple, scenario = _parsed(digests[record.couple_hash], digests[record.scenario_hash])
    if (couple.id, scenario.id) != (record.couple_id, record.scenario_id):
        raise _WrongError("it was played with another couple than it says")
    return [
        (record.couple_hash, "couple", couple.id, couple.version, digests[record.couple_hash]),
        (record.scenario_hash, "scenario", scenario.id, record.scenario_version, digests[record.scenario_hash]),
    ]


def _played(whole: WholeSession) -> tuple[Couple, Scenario] | None:
    if not whole.record.couple_id:
        return None
    (_, _, _, _, couple_text), (_, _, _, _, scenario_text) = whole.documents
    return _parsed(couple_text, scenario_text)


@lru_cache(maxsize=16)
def _parsed(couple_text: str, scenario_text: str) -> tuple[Couple, Scenario]:
    """Return the couple and scenario in these texts; a file holds the same ones many times."""
    couple = parse_couple(couple_text, "the couple in the file")
    return couple, parse_scenario(scenario_text, "the scenario in the file", couple)


def _check(whole: WholeSession) -> None:
    """Refuse what fits its form and would still not hold together: pages count on it."""
    record, turns, played = whole.record, whole.turns, _played(whole)
    partners = partners_in(whole)
    if [t.index for t in turns] != list(range(record.length)):
        raise _WrongError("a turn is missing")
    if len(partners) != 2 or len({*partners, THERAPIST}) != 3 or not all(isinstance(p, str) and p for p in partners):
        raise _WrongError("two partners are needed")
    replies = {t.index for t in turns if t.speaker == THERAPIST}
    if not {t.speaker for t in turns} <= {*partners, THERAPIST}:
        raise _WrongError("somebody speaks in it who is not in the room")
    if {t.index for t in turns if t.score} - replies or {s.turn for s in whole.scorings} - replies:
        raise _WrongError("only replies have scores")
    for turn in turns:
        states = set(turn.state)
        if (states or (played and turn.index in replies)) and states != set(partners):
            raise _WrongError(f"turn {turn.index}: a partner's state is missing")
        if any(set(s) != _STATE for s in turn.state.values()):
            raise _WrongError(f"turn {turn.index}: a partner's state is not whole")
    said = {n.turn for n in whole.notes} | {j.turn for r in whole.reviews for j in r.judgements}
    if any(turn >= len(turns) for turn in said):
        raise _WrongError("a note or a judgement is about a turn that is not there")
    if len({r.author[:60] for r in whole.reviews}) < len(whole.reviews):
        raise _WrongError("two reviews have one author")
    if played is None:
        if record.outcome != IMPORTED:
            raise _WrongError("its couple is missing")
        return
    if record.difficulty not in DIFFICULTIES or record.outcome not in ("", "well", "unfinished", "walk_out"):
        raise _WrongError("its difficulty or its outcome is not known here")
    bids = {b.id for b in played[1].bids}
    if record.drill and record.drill not in bids:
        raise _WrongError("its drill is about a moment that the session does not have")
    ids = {p.id for p in played[0].partners}
    for value in (record.progress, *(t.before for t in turns if t.before)):
        Progress.from_json(value)
        progress = TypeAdapter(Progress).validate_python(value)
        if set(progress.states) != ids or set(progress.bids) != bids or {b.speaker for b in progress.beats} - ids:
            raise _WrongError("where it stands does not fit its couple")


def _utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
