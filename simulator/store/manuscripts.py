"""Couples that educators write, in the database. Every saving is kept as an edition."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session as Connection

from simulator.errors import InputError, StaleSessionError
from simulator.store.records import EditionRecord, ManuscriptRecord
from simulator.store.tables import Edition, Manuscript, PracticeSession

Open = Callable[[], AbstractContextManager[Connection]]


class Manuscripts:
    """The part of the repository that holds couples being written."""

    def __init__(self, reading: Open, writing: Open) -> None:
        self._reading, self._writing = reading, writing

    def all(self) -> list[ManuscriptRecord]:
        """Return all of them, by id."""
        with self._reading() as db:
            return [_manuscript(r) for r in db.scalars(select(Manuscript).order_by(Manuscript.id))]

    def get(self, couple_id: str) -> ManuscriptRecord:
        """Return one, or raise InputError when there is none."""
        with self._reading() as db:
            row = db.get(Manuscript, couple_id)
            if row is None:
                raise InputError(f"Nobody is writing a couple '{couple_id}'.", how="Choose one from the studio's list.")
            return _manuscript(row)

    def create(self, couple_id: str, author: str, files: dict[str, str]) -> ManuscriptRecord:
        """Begin a draft (InputError when there is one of this id)."""
        now = datetime.now(UTC)
        with self._writing() as db:
            if db.get(Manuscript, couple_id) is not None:
                raise InputError(f"There is a couple '{couple_id}' already.", how="Give the new one another id.")
            row = Manuscript(id=couple_id, state="draft", version=0, author=author, changed=now, files=files)
            db.add(row)
            db.add(Edition(couple_id=couple_id, published=False, author=author, created=now, files=files))
            db.flush()
            return _manuscript(row)

    def save(self, couple_id: str, author: str, version: int, files: dict[str, str]) -> ManuscriptRecord:
        """Keep new files as the draft, and as an edition.

        Raises:
            StaleSessionError: somebody has saved it since `version` was read.
        """
        now = datetime.now(UTC)
        with self._writing() as db:
            moved = db.execute(
                update(Manuscript).where(Manuscript.id == couple_id, Manuscript.version == version)
                .values(files=files, author=author, changed=now, version=version + 1, state="draft")
            )  # fmt: skip
            if moved.rowcount != 1:  # type: ignore[attr-defined]
                raise StaleSessionError("Somebody else has saved this couple since you opened it.", how="See below.")
            db.add(Edition(couple_id=couple_id, published=False, author=author, created=now, files=files))
            return _manuscript(db.get_one(Manuscript, couple_id))

    def publish(self, couple_id: str, author: str, version: int, files: dict[str, str]) -> ManuscriptRecord:
        """Keep files as the published edition; errors as `save`."""
        self.save(couple_id, author, version, files)
        with self._writing() as db:
            newest = db.scalar(select(func.max(Edition.id)).where(Edition.couple_id == couple_id))
            db.execute(update(Edition).where(Edition.id == newest).values(published=True))
            db.execute(update(Manuscript).where(Manuscript.id == couple_id).values(state="published"))
            return _manuscript(db.get_one(Manuscript, couple_id))

    def archive(self, couple_id: str, *, away: bool) -> None:
        """Put a couple away, so that no new session begins with it; or take it out again, as a draft."""
        with self._writing() as db:
            state = "archived" if away else "draft"
            db.execute(update(Manuscript).where(Manuscript.id == couple_id).values(state=state))

    def delete(self, couple_id: str) -> int:
        """Delete a manuscript with its editions; return how many sessions were played with it (they stay readable)."""
        with self._writing() as db:
            played = db.scalar(
                select(func.count()).select_from(PracticeSession).where(PracticeSession.couple_id == couple_id)
            )
            db.execute(delete(Edition).where(Edition.couple_id == couple_id))
            db.execute(delete(Manuscript).where(Manuscript.id == couple_id))
            return played or 0

    def editions(self, couple_id: str, *, limit: int = 50) -> list[EditionRecord]:
        """Return the editions of a couple, latest first."""
        with self._reading() as db:
            rows = db.scalars(
                select(Edition).where(Edition.couple_id == couple_id).order_by(Edition.id.desc()).limit(limit)
            )
            return [_edition(r) for r in rows]

    def published(self) -> dict[str, dict[str, str]]:
        """Return the files of the newest published edition of every couple that is not archived."""
        with self._reading() as db:
            kept = select(Manuscript.id).where(Manuscript.state != "archived")
            newest = (
                select(func.max(Edition.id)).where(Edition.published.is_(True), Edition.couple_id.in_(kept))
                .group_by(Edition.couple_id)
            )  # fmt: skip
            return {r.couple_id: r.files for r in db.scalars(select(Edition).where(Edition.id.in_(newest)))}


def _manuscript(row: Manuscript) -> ManuscriptRecord:
    return ManuscriptRecord(row.id, row.state, row.version, row.author, row.changed, row.files)


def _edition(row: Edition) -> EditionRecord:
    return EditionRecord(row.id, row.couple_id, row.published, row.author, row.created, row.files)
