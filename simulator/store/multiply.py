"""Copies of one session by the thousand, inside the database: what the record's benchmark looks for things in."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.engine import Engine

from simulator.store.tables import Judgement, Note, PracticeSession, Review, Score, Turn

BATCH = 500
_TABLES: list[Any] = [t.__table__ for t in (PracticeSession, Turn, Score, Note, Review, Judgement)]
Row = dict[str, Any]


def multiply(engine: Engine, session_id: str, copies: int, *, owners: list[int]) -> None:
    """Copy a session with its turns and scores, an hour apart into the past, owners in turn.

    Every third is submitted; of those every second keeps the notes and the review of the first, its levels a little moved,
    and every fifth is flagged.
    """
    sessions, turns, scores, notes, reviews, judgements = _TABLES
    with engine.begin() as db:
        model = _rows(db, sessions, sessions.c.id == session_id)[0]
        said = _rows(db, turns, turns.c.session_id == session_id)
        given = {r["turn_id"]: r for r in _rows(db, scores, scores.c.turn_id.in_([t["id"] for t in said]))}
        noted = _rows(db, notes, notes.c.session_id == session_id)
        reviewed = _rows(db, reviews, reviews.c.session_id == session_id)
        judged = _rows(db, judgements, judgements.c.review_id.in_([v["id"] for v in reviewed]))
        last = {t.name: db.scalar(select(func.max(t.c.id))) or 0 for t in (turns, reviews)}
        for start in range(0, copies, BATCH):
            made: dict[str, list[Row]] = {t.name: [] for t in _TABLES}
            for n in range(start, min(copies, start + BATCH)):
                key, when = str(uuid.uuid4()), model["created"] - timedelta(hours=n + 1)
                made["sessions"].append(
                    {
                        **model, "id": key, "created": when, "owner_id": owners[n % len(owners)],
                        "submitted": when if n % 3 == 0 else None, "flags": "strong rupture" if n % 15 == 0 else "",
                    }
                )  # fmt: skip
                for turn in said:
                    last["turns"] += 1
                    made["turns"].append({**turn, "id": last["turns"], "session_id": key})
                    if turn["id"] in given:
                        made["scores"].append(_new(given[turn["id"]], turn_id=last["turns"]))
                if n % 6:
                    continue
                made["notes"] += [_new(note, session_id=key, created=when) for note in noted]
                for review in reviewed:
                    last["reviews"] += 1
                    made["reviews"].append({**review, "id": last["reviews"], "session_id": key})
                    made["judgements"] += [
                        _new(j, review_id=last["reviews"], created=when, level=1 + (j["engine_level"] + n // 6) % 5)
                        for j in judged if j["review_id"] == review["id"]
                    ]  # fmt: skip
            for table in _TABLES:
                if made[table.name]:
                    db.execute(insert(table), made[table.name])


def _rows(db: Connection, table: Any, where: Any) -> list[Row]:
    return [dict(r) for r in db.execute(select(table).where(where)).mappings()]


def _new(row: Row, **values: Any) -> Row:
    return {k: v for k, v in {**row, **values}.items() if k != "id"}
