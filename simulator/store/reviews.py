"""Notes on turns, and supervisors' reviews, in the database. Judgements are only ever added."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session as Connection

from simulator.errors import StaleSessionError
from simulator.store.records import JudgementRecord, NoteRecord, ReviewRecord
from simulator.store.tables import Judgement, Note, PracticeSession, Review

Open = Callable[[], AbstractContextManager[Connection]]


class Reviews:
    """The part of the repository that holds what people say about a session."""

    def __init__(self, reading: Open, writing: Open) -> None:
        self._reading, self._writing = reading, writing

    def add_note(
        self, session_id: str, turn: int, author_id: int | None, author: str, kind: str, text: str, *, quote: str = ""
    ) -> None:
        """Add words about one turn, or about a quote of it."""
        with self._writing() as db:
            db.add(
                Note(
                    session_id=session_id, turn=turn, author_id=author_id, author=author, kind=kind, text=text, quote=quote,
                    created=datetime.now(UTC),
                )
            )  # fmt: skip

    def notes(self, session_id: str) -> list[NoteRecord]:
        """Return the notes of a session, oldest first."""
        with self._reading() as db:
            rows = db.scalars(select(Note).where(Note.session_id == session_id).order_by(Note.id))
            return [_note(r) for r in rows]

    def begin(self, session_id: str, author_id: int | None, author: str, *, blind: bool) -> ReviewRecord:
        """Return this person's review of a session, begun now if there was none."""
        with self._writing() as db:
            row = db.scalar(select(Review).where(Review.session_id == session_id, Review.author == author))
            if row is None:
                row = Review(
                    session_id=session_id, author_id=author_id, author=author, created=datetime.now(UTC), blind=blind,
                    summary="", signed=None, version=0,
                )  # fmt: skip
                db.add(row)
                db.flush()
            return _review(db, row)

    def every(self) -> list[ReviewRecord]:
        """Return all reviews, oldest first."""
        with self._reading() as db:
            return _with_judgements(db, db.scalars(select(Review).order_by(Review.id)).all())

    def doubts(self, couple_id: str) -> list[tuple[str, NoteRecord]]:
        """Return (session, note) of every line of this couple that a supervisor doubts, latest first."""
        with self._reading() as db:
            rows = db.scalars(
                select(Note).join(PracticeSession, Note.session_id == PracticeSession.id)
                .where(Note.kind == "unlikely", PracticeSession.couple_id == couple_id).order_by(Note.id.desc())
            )  # fmt: skip
            return [(r.session_id, _note(r)) for r in rows]

    def of(self, session_ids: Sequence[str]) -> list[ReviewRecord]:
        """Return the reviews of these sessions, oldest first."""
        with self._reading() as db:
            rows = db.scalars(select(Review).where(Review.session_id.in_(session_ids)).order_by(Review.id)).all()
            return _with_judgements(db, rows)

    def judge(self, session_id: str, author: str, version: int, found: Sequence[JudgementRecord]) -> ReviewRecord:
        """Add judgements to a review.

        Raises:
            StaleSessionError: the review is signed, or was changed since `version` was read.
        """
        with self._writing() as db:
            row = _move_on(db, session_id, author, version, {})
            for j in found:
                db.add(Judgement(review_id=row.id, **{**vars(j), "created": datetime.now(UTC)}))
            db.flush()
            return _review(db, row)

    def summarise(self, session_id: str, author: str, version: int, summary: str, *, sign: bool) -> ReviewRecord:
        """Keep the summary of a review, and sign it off if asked; errors as `judge`."""
        with self._writing() as db:
            signed = datetime.now(UTC) if sign else None
            return _review(db, _move_on(db, session_id, author, version, {"summary": summary, "signed": signed}))

    def reopen(self, session_id: str, author: str) -> None:
        """Take a signature back; everything that was said stays."""
        with self._writing() as db:
            db.execute(
                update(Review).where(Review.session_id == session_id, Review.author == author)
                .values(signed=None, version=Review.version + 1)
            )  # fmt: skip


def _move_on(db: Connection, session_id: str, author: str, version: int, values: dict[str, object]) -> Review:
    # The version the caller has read is the lock: of two tabs, the second finds no such row.
    moved = db.execute(
        update(Review)
        .where(
            Review.session_id == session_id,
            Review.author == author,
            Review.version == version,
            Review.signed.is_(None),
        )
        .values(**values, version=version + 1)
    )
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        raise StaleSessionError(
            "This review was changed in another tab, or is signed off.", how="Reload to see it as it stands now."
        )
    row = db.scalar(select(Review).where(Review.session_id == session_id, Review.author == author))
    assert row is not None  # it was updated a line above
    db.refresh(row)
    return row


def _note(row: Note) -> NoteRecord:
    return NoteRecord(row.turn, row.author, row.kind, row.text, row.created, row.quote)


def _review(db: Connection, row: Review) -> ReviewRecord:
    return _with_judgements(db, [row])[0]


def _with_judgements(db: Connection, rows: Sequence[Review]) -> list[ReviewRecord]:
    said: dict[int, list[JudgementRecord]] = {row.id: [] for row in rows}
    for j in db.scalars(select(Judgement).where(Judgement.review_id.in_(said)).order_by(Judgement.id)):
        said[j.review_id].append(
            JudgementRecord(
                j.turn, j.skill, j.verdict, j.level, j.code, j.reason, j.engine_level, j.rubric_version, j.created
            )
        )
    return [
        ReviewRecord(r.session_id, r.author, r.created, r.blind, r.summary, r.signed, r.version, tuple(said[r.id]))
        for r in rows
    ]
