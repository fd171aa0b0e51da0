"""Whole sessions that come from a file, written in one transaction: all of them, or none."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session as Connection

from simulator.store.records import NoteRecord, ReviewRecord, SessionRecord, TurnRecord
from simulator.store.tables import Document, Judgement, Note, PracticeSession, Review, Score, Turn

NOTED = ("addressed", "state", "timings", "trouble", "verdicts", "absent", "before")  # what a turn keeps in its notes


@dataclass(frozen=True)
class Scoring:
    """One scoring of one turn; of several, the last one holds."""

    turn: int
    created: datetime
    rubric_version: str
    engine_version: str
    result: dict[str, Any]


@dataclass(frozen=True)
class WholeSession:
    """A session with everything that belongs to it.

    `documents` are (hash, kind, name, version, body); `created` holds when each turn was said. The turns' own scores are
    not written: `scorings` are.
    """

    record: SessionRecord
    documents: Sequence[tuple[str, str, str, str, str]]
    turns: Sequence[TurnRecord]
    created: Sequence[datetime]
    scorings: Sequence[Scoring] = ()
    notes: Sequence[NoteRecord] = ()
    reviews: Sequence[ReviewRecord] = field(default_factory=tuple)


def restore(
    db: Connection,
    found: Sequence[WholeSession],
    *,
    owner: int | None,
    fresh: bool,
    record: Callable[[PracticeSession], SessionRecord],
) -> list[SessionRecord]:
    """Write sessions for this owner; an id stays unless it is taken or `fresh` ids are asked for.

    A branch is tied to its parent again where the parent is in the same file, or is this owner's already. No two of
    `found` have one id.
    """
    ids = {
        w.record.id: str(uuid.uuid4()) if fresh or db.get(PracticeSession, w.record.id) is not None else w.record.id
        for w in found
    }
    parents = {w.record.id: w.record.parent_id for w in found}
    rows = [_write(db, w, ids[w.record.id], _parent(db, w.record, parents, ids, owner), owner) for w in found]
    db.flush()
    return [record(r) for r in rows]


def _parent(
    db: Connection, about: SessionRecord, parents: dict[str, str | None], ids: dict[str, str], owner: int | None
) -> str | None:
    seen, at = {about.id}, about.parent_id
    while at in parents:
        if at in seen:
            return None  # a family that goes round in a circle has no beginning
        seen.add(at)
        at = parents[at]
    if about.parent_id in ids:
        return ids[about.parent_id]
    known = db.get(PracticeSession, about.parent_id) if about.parent_id else None
    return known.id if known is not None and known.owner_id == owner else None


def _write(db: Connection, whole: WholeSession, key: str, parent: str | None, owner: int | None) -> PracticeSession:
    for digest, kind, name, version, body in whole.documents:
        if db.get(Document, digest) is None:
            db.add(Document(hash=digest, kind=kind, name=name, version=version, body=body))
    row = PracticeSession(
        # It came here now: its age in another room is no reason to forget it in this one.
        **{
            **vars(whole.record), "changed": datetime.now(UTC), "id": key, "owner_id": owner, "parent_id": parent,
            "length": len(whole.turns),
        }
    )  # fmt: skip
    db.add(row)
    db.flush()
    turns = {turn.index: turn_row(key, turn, at) for turn, at in zip(whole.turns, whole.created, strict=True)}
    db.add_all(turns.values())
    db.flush()
    for s in whole.scorings:
        values = {k: v for k, v in vars(s).items() if k != "turn"}
        db.add(Score(turn_id=turns[s.turn].id, **values))
        db.flush()  # the order of their ids says which one holds
    db.add_all(Note(session_id=key, author_id=None, **vars(n)) for n in whole.notes)
    for review in whole.reviews:
        parts = {k: v for k, v in vars(review).items() if k not in ("judgements", "session_id")}
        kept = Review(session_id=key, author_id=None, **parts)
        db.add(kept)
        db.flush()
        db.add_all(Judgement(review_id=kept.id, **vars(j)) for j in review.judgements)
    return row


def turn_row(session_id: str, turn: TurnRecord, at: datetime | None = None) -> Turn:
    """Return a turn as its table holds it."""
    return Turn(
        session_id=session_id, index=turn.index, created=at or datetime.now(UTC), speaker=turn.speaker, text=turn.text,
        move=turn.move, mood=turn.mood, to=turn.to, source=turn.source,
        notes={name: getattr(turn, name) for name in NOTED},
    )  # fmt: skip
