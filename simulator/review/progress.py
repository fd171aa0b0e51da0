"""How a trainee is moving, week by week against their own start; and what a supervisor should look at first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from simulator.couple import Scenario
from simulator.rubric import SKILLS, THERAPIST
from simulator.store import SessionRecord, TurnRecord

RUPTURE = -0.12  # an alliance that falls by so much after one reply
UNSURE = 0.25  # this share of scored skills resting on nothing but possible codes


@dataclass(frozen=True)
class SkillPoint:
    """One skill in one week: mean level over `n` opportunities; change from one's own start, the first week that had any."""

    mean: float | None
    n: int
    change: float | None


@dataclass(frozen=True)
class Week:
    """One week that was practised in; `points` in the order of the skills."""

    start: date
    points: list[SkillPoint]


Played = Sequence[tuple[SessionRecord, Sequence[TurnRecord]]]


def weekly(sessions: Played, *, earliest: Played = ()) -> list[Week]:
    """Return the weeks in which there was practice, latest first.

    One's own start is sought in the `earliest` sessions; without any, in `sessions`.
    """
    start: dict[str, tuple[date, float]] = {}
    for monday, week in sorted(_scores_by_week(earliest or sessions).items()):
        for skill, scores in week.items():
            start.setdefault(skill, (monday, sum(scores) / len(scores)))
    weeks = []
    for monday, week in sorted(_scores_by_week(sessions).items(), reverse=True):
        points = []
        for skill in SKILLS:
            scores = week.get(skill, [])
            mean = sum(scores) / len(scores) if scores else None
            since, first = start.get(skill, (monday, 0.0))
            change = round(mean - first, 2) if mean is not None and monday > since else None
            points.append(SkillPoint(mean, len(scores), change))
        weeks.append(Week(monday, points))
    return weeks


def _scores_by_week(sessions: Played) -> dict[date, dict[str, list[float]]]:
    found: dict[date, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for record, turns in sessions:
        day = record.created.astimezone().date()
        for skill in SKILLS:
            scores = _scores(record, turns, skill)
            if scores:
                found[day - timedelta(days=day.weekday())][skill] += scores
    return found


def _scores(record: SessionRecord, turns: Sequence[TurnRecord], skill: str) -> list[float]:
    """Return what a skill was worth in the replies of a session: those it has from the one it branched from are that one's."""
    own = [t for t in turns if t.score and not (record.parent_id and t.index < record.parent_length)]
    results = [t.score["skills"][skill] for t in own if t.score]
    return [r["score"] for r in results if r["status"] == "scored"]


@dataclass(frozen=True)
class Ruptured:
    """A reply after which the alliance with one partner fell strongly, and the codes that it showed."""

    session: str
    turn: int
    partner: str
    fall: float
    codes: list[str]


def ruptures(record: SessionRecord, turns: Sequence[TurnRecord], hurting: Container[str]) -> list[Ruptured]:
    """Return the strong ruptures of a session, with those of its codes that hurt."""
    found = []
    before: dict[str, dict[str, float]] = {}
    for turn in turns:
        if turn.speaker == THERAPIST and turn.score:
            falls = {n: s["alliance"] - before[n]["alliance"] for n, s in turn.state.items() if n in before}
            name = min(falls, key=lambda n: falls[n], default="")
            if name and falls[name] <= RUPTURE:
                shown = {c["code"] for s in turn.score["skills"].values() for c in s.get("codes", ())}
                found.append(
                    Ruptured(record.id, turn.index, name, falls[name], sorted(c for c in shown if c in hurting))
                )
        before = turn.state or before
    return found


def monthly(sessions: Played) -> list[tuple[str, list[SkillPoint]]]:
    """Return (month, each skill's mean over all these sessions in it), latest first."""
    months: dict[str, list[tuple[SessionRecord, Sequence[TurnRecord]]]] = defaultdict(list)
    for record, turns in sessions:
        months[f"{record.created:%Y-%m}"].append((record, turns))
    return [(month, overall(months[month])) for month in sorted(months, reverse=True)]


def overall(sessions: Played) -> list[SkillPoint]:
    """Return each skill's mean over all these sessions."""
    points = []
    for skill in SKILLS:
        scores = [score for record, turns in sessions for score in _scores(record, turns, skill)]
        points.append(SkillPoint(sum(scores) / len(scores) if scores else None, len(scores), None))
    return points


def flags(record: SessionRecord, turns: Sequence[TurnRecord], scenario: Scenario | None) -> list[str]:
    """Return what in a session asks for a supervisor's eye."""
    found = []
    if record.outcome == "walk_out":
        found.append("walk-out")
    if ruptures(record, turns, ()):
        found.append("strong rupture")
    scored = [s for t in turns if t.score for s in t.score["skills"].values() if s["status"] == "scored"]
    unsure = [s for s in scored if s.get("possible") and not s["codes"]]
    if any(t.score and any(s["status"] == "not_scored" for s in t.score["skills"].values()) for t in turns) or (
        scored and len(unsure) / len(scored) >= UNSURE
    ):
        found.append("the engine is unsure")
    bids = record.progress.get("bids", {})
    if scenario and any(b.kind == "safety" and bids.get(b.id) in ("bad", "passed") for b in scenario.bids):
        found.append("safety missed")
    return found
