"""Copies of one session by the thousand, inside the database: what the record's benchmark looks for things in."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, insert, select
from sqlalchemy.engine import Engine

from simulator.store.tables import PracticeSession, Score, Turn

BATCH = 500


def multiply(engine: Engine, session_id: str, copies: int, *, owners: list[int]) -> None:
    """Copy a session with its turns and scores, an hour apart into the past, owners in turn; every third is submitted."""
    tables = [t.__table__ for t in (PracticeSession, Turn, Score)]
    sessions, turns, scores = tables
    with engine.begin() as db:
        model = dict(db.execute(select(sessions).where(sessions.c.id == session_id)).mappings().one())
        said = [dict(r) for r in db.execute(select(turns).where(turns.c.session_id == session_id)).mappings()]
        given = {
            r["turn_id"]: dict(r)
            for r in db.execute(select(scores).where(scores.c.turn_id.in_([t["id"] for t in said]))).mappings()
        }
        last = max(t["id"] for t in said)
        for start in range(0, copies, BATCH):
            last = _batch(db, tables, model, said, given, range(start, min(copies, start + BATCH)), owners, last)


def _batch(
    db: Connection, tables: list[Any], model: dict[str, Any], said: list[dict[str, Any]], given: dict[int, dict[str, Any]],
    numbers: range, owners: list[int], last: int,
) -> int:  # fmt: skip
    rows: tuple[list[dict[str, Any]], ...] = ([], [], [])
    for n in numbers:
        key, when = str(uuid.uuid4()), model["created"] - timedelta(hours=n + 1)
        rows[0].append(
            {
                **model,
                "id": key,
                "created": when,
                "owner_id": owners[n % len(owners)],
                "submitted": when if n % 3 == 0 else None,
            }
        )
        for turn in said:
            last += 1
            rows[1].append({**turn, "id": last, "session_id": key})
            if turn["id"] in given:
                rows[2].append({k: v for k, v in {**given[turn["id"]], "turn_id": last}.items() if k != "id"})
    for table, values in zip(tables, rows, strict=True):
        db.execute(insert(table), values)
    return last
