"""Every scoring of a session's turns: the one that holds, and those before it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session as Connection

from simulator.store.records import IMPORTED
from simulator.store.restoring import Scoring
from simulator.store.tables import Score, Turn


def scorings_of(db: Connection, session_id: str) -> list[Scoring]:
    """Return every scoring of a session's turns, oldest first."""
    rows = db.execute(
        select(Turn.index, Score).join(Turn, Score.turn_id == Turn.id)
        .where(Turn.session_id == session_id).order_by(Score.id)
    )  # fmt: skip
    return [Scoring(i, s.created, s.rubric_version, s.engine_version, s.result) for i, s in rows]


def levels_of(
    db: Connection, session_ids: Sequence[str], skills: Sequence[str]
) -> dict[tuple[str, int, str], dict[str, int]]:
    """Return (session, turn, skill) -> rubric version -> level of the last scoring with it; what a file claims is not in it."""
    found: dict[tuple[str, int, str], dict[str, int]] = defaultdict(dict)
    levels = [Score.result["skills"][s]["level"].as_integer() for s in skills]
    rows = db.execute(
        select(Turn.session_id, Turn.index, Score.rubric_version, *levels).join(Turn, Score.turn_id == Turn.id)
        .where(Turn.session_id.in_(session_ids), Score.rubric_version.not_like(f"%({IMPORTED})")).order_by(Score.id)
    )  # fmt: skip
    for session_id, turn, version, *given in rows:
        for skill, level in zip(skills, given, strict=True):
            if level is not None:
                found[session_id, turn, skill][version] = level
    return dict(found)
