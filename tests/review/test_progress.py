"""Progress: every reply counts once, in the session it was said in, against one's own beginning."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from simulator.review.progress import overall, weekly
from simulator.rubric import SKILLS, THERAPIST
from simulator.session import Room
from simulator.store import SessionRecord, TurnRecord

Played = tuple[SessionRecord, list[TurnRecord]]


def session(room: Room, day: str, *scores: float, parent_length: int = 0) -> Played:
    record = room.begin("renu-and-martin", "the-missed-call", seed=1).record
    created = datetime.fromisoformat(day).replace(tzinfo=UTC)
    record = replace(
        record, created=created, parent_id="first" if parent_length else None, parent_length=parent_length
    )  # fmt: skip

    def scored(score: float) -> dict[str, Any]:
        nothing = {s: {"status": "no_opportunity"} for s in SKILLS}
        return {"skills": {**nothing, SKILLS[0]: {"status": "scored", "score": score}}}

    return record, [TurnRecord(i, THERAPIST, "x", score=scored(s)) for i, s in enumerate(scores)]


def test_a_branch_counts_only_what_was_said_in_it(room: Room) -> None:
    whole = session(room, "2026-03-02", 1.0, 1.0, 4.0)
    branch = session(room, "2026-03-03", 1.0, 1.0, 2.0, parent_length=2)
    (point, *_) = overall([whole, branch])
    assert (point.n, point.mean) == (4, 2.0)
    (week,) = weekly([branch, whole])
    assert (week.points[0].n, week.points[0].mean) == (4, 2.0) and week.points[0].change is None


def test_ones_start_is_the_first_week_of_all_not_of_the_latest_sessions(room: Room) -> None:
    first, recent = session(room, "2026-01-05", 1.0), session(room, "2026-03-02", 3.0)
    assert [w.points[0].change for w in weekly([recent])] == [None]
    assert [w.points[0].change for w in weekly([recent], earliest=[first])] == [2.0]
    assert [w.points[0].change for w in weekly([recent, first], earliest=[first, recent])] == [2.0, None]
