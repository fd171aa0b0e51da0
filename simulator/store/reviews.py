"""Notes on turns, and supervisors' reviews, in the database. Judgements are only ever added."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session as Connection

from simulator.errors import StaleSessionError
from simulator.store.records import DoubtRecord, JudgementRecord, NoteRecord, ReviewRecord
from simulator.store.tables import Judgement, Note, PracticeSession, Review

# A note of this kind is the studio's answer to a doubt (its quote is the doubt's id, its text the edition's): nobody's
# to read in a session.
_MENDED = "mended"
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
            touch(db, session_id)
            db.add(
                Note(
                    session_id=session_id, turn=turn, author_id=author_id, author=author, kind=kind, text=text, quote=quote,
                    created=datetime.now(UTC),
                )
            )  # fmt: skip

    def notes(self, session_id: str) -> list[NoteRecord]:
        """Return the notes of a session, oldest first."""
        with self._reading() as db:
            rows = db.scalars(select(Note).where(Note.session_id == session_id, Note.kind != _MENDED).order_by(Note.id))
            return [_note(r) for r in rows]

    def begin(self, session_id: str, author_id: int | None, author: str, *, blind: bool) -> ReviewRecord:
        """Return this person's review of a session, begun now if there was none."""
        with self._writing() as db:
            touch(db, session_id)
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

    def doubts(self, couple_id: str = "") -> list[DoubtRecord]:
        """Return every line that a supervisor doubts (of one couple, or of all), latest first."""
        with self._reading() as db:
            wanted = PracticeSession.couple_id == couple_id if couple_id else PracticeSession.couple_id != ""
            rows = db.execute(
                select(Note, PracticeSession.couple_id).join(PracticeSession, Note.session_id == PracticeSession.id)
                .where(Note.kind.in_(("unlikely", _MENDED)), wanted).order_by(Note.id.desc())
            ).all()  # fmt: skip
            done = {int(n.quote): int(n.text) for n, _ in rows if n.kind == _MENDED}
            return [
                DoubtRecord(n.id, couple, n.session_id, _note(n), done.get(n.id))
                for n, couple in rows
                if n.kind != _MENDED
            ]

    def answer_doubt(self, doubt: DoubtRecord, author_id: int | None, author: str, edition: int) -> None:
        """Keep in which edition of its couple a doubted line was mended; the doubt itself stays."""
        self.add_note(doubt.session_id, doubt.note.turn, author_id, author, _MENDED, str(edition), quote=str(doubt.id))

    def asked(self, session_ids: Sequence[str]) -> set[str]:
        """Return those of these sessions in which the trainee asks something."""
        with self._reading() as db:
            return set(
                db.scalars(select(Note.session_id).where(Note.session_id.in_(session_ids), Note.kind == "question"))
            )

    def of(self, session_ids: Sequence[str]) -> list[ReviewRecord]:
        """Return the reviews of these sessions, oldest first."""
        with self._reading() as db:
            rows = db.scalars(select(Review).where(Review.session_id.in_(session_ids)).order_by(Review.id)).all()
            return _with_judgements(db, rows)

    def judge(
        self,
        session_id: str,
        author: str,
        version: int,
        found: Sequence[JudgementRecord],
        *,
        summary: str | None = None,
        sign: bool = False,
    ) -> ReviewRecord:
        """Add judgements to a review, keep its summary (None: as it was) and sign it off if asked, all or nothing.

        Raises:
            StaleSessionError: the review is signed, or was changed since `version` was read.
        """
        now = datetime.now(UTC)
        values: dict[str, object] = {"signed": now if sign else None}
        if summary is not None:
            values["summary"] = summary
        with self._writing() as db:
            row = _move_on(db, session_id, author, version, values)
            touch(db, session_id)
            for j in found:
                db.add(Judgement(review_id=row.id, **{**vars(j), "created": now}))
            db.flush()
            return _review(db, row)

    def reopen(self, session_id: str, author: str) -> None:
        """Take a signature back; everything that was said stays."""
        with self._writing() as db:
            touch(db, session_id)
            db.execute(
                update(Review).where(Review.session_id == session_id, Review.author == author)
                .values(signed=None, version=Review.version + 1)
            )  # fmt: skip


def touch(db: Connection, session_id: str) -> None:
    """Note that something happened in a session now: what is being read and answered is not forgotten for its age."""
    db.execute(update(PracticeSession).where(PracticeSession.id == session_id).values(changed=datetime.now(UTC)))


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
            "This review was changed in another tab, or is signed off.",
            how="What you wrote is still here, beside what the review says now: look at both, and save again.",
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
    j = Judgement
    # Columns and not rows: a page that counts reads thousands.
    query = select(
        j.review_id, j.turn, j.skill, j.verdict, j.level, j.code, j.reason, j.engine_level, j.rubric_version, j.created
    )  # fmt: skip
    for review_id, *values in db.execute(query.where(j.review_id.in_(said)).order_by(j.id)):
        said[review_id].append(JudgementRecord(*values))
    return [
        ReviewRecord(r.session_id, r.author, r.created, r.blind, r.summary, r.signed, r.version, tuple(said[r.id]))
        for r in rows
    ]
