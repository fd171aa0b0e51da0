"""Couples that educators write, in the database. Every saving is kept as an edition."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session as Connection

from simulator.errors import InputError, StaleSessionError
from simulator.store.records import EditionRecord, ManuscriptRecord
from simulator.store.tables import Edition, Manuscript, PracticeSession
from simulator.text import checked_id

Open = Callable[[], AbstractContextManager[Connection]]


class Manuscripts:
    """The part of the repository that holds couples being written."""

    def __init__(self, reading: Open, writing: Open) -> None:
        self._reading, self._writing = reading, writing

    def all(self) -> list[ManuscriptRecord]:
        """Return all of them, by id."""
        with self._reading() as db:
            return _manuscripts(db, db.scalars(select(Manuscript).order_by(Manuscript.id)).all())

    def get(self, couple_id: str) -> ManuscriptRecord:
        """Return one, or raise InputError when there is none."""
        with self._reading() as db:
            row = db.get(Manuscript, couple_id)
            if row is None:
                raise InputError(f"Nobody is writing a couple '{couple_id}'.", how="Choose one from the studio's list.")
            return _manuscript(db, row)

    def create(self, couple_id: str, author: str, files: dict[str, str]) -> ManuscriptRecord:
        """Begin a draft (InputError for what is no id, and when there is one of this id)."""
        checked_id(couple_id)
        now = datetime.now(UTC)
        with self._writing() as db:
            if db.get(Manuscript, couple_id) is not None:
                raise InputError(f"There is a couple '{couple_id}' already.", how="Give the new one another id.")
            row = Manuscript(id=couple_id, state="draft", version=0, author=author, changed=now, files=files)
            db.add(row)
            _keep(db, couple_id, author, now, files)
            return _manuscript(db, row)

    def save(self, couple_id: str, author: str, version: int, files: dict[str, str]) -> ManuscriptRecord:
        """Keep new files as the draft, and as an edition; what is published stays so.

        Raises:
            StaleSessionError: somebody has saved it since `version` was read.
        """
        with self._writing() as db:
            _move_on(db, couple_id, author, version, files)
            return _manuscript(db, db.get_one(Manuscript, couple_id))

    def publish(self, couple_id: str, author: str, version: int, files: dict[str, str]) -> ManuscriptRecord:
        """Keep files as the draft and as the published edition, both or neither; errors as `save`."""
        with self._writing() as db:
            edition = _move_on(db, couple_id, author, version, files)
            edition.published = True
            db.execute(update(Manuscript).where(Manuscript.id == couple_id).values(state="published"))
            db.flush()
            return _manuscript(db, db.get_one(Manuscript, couple_id))

    def archive(self, couple_id: str, *, away: bool) -> ManuscriptRecord:
        """Put a couple away, so that no new session begins with it; or take it out again, as it was."""
        with self._writing() as db:
            live = bool(_published(db, [couple_id]))
            state = "archived" if away else "published" if live else "draft"
            db.execute(update(Manuscript).where(Manuscript.id == couple_id).values(state=state))
            return _manuscript(db, db.get_one(Manuscript, couple_id))

    def delete(self, couple_id: str) -> int:
        """Delete a manuscript with its editions; return how many sessions were played with it (they stay readable)."""
        with self._writing() as db:
            played = db.scalar(
                select(func.count()).select_from(PracticeSession).where(PracticeSession.couple_id == couple_id)
            )
            db.execute(delete(Edition).where(Edition.couple_id == couple_id))
            db.execute(delete(Manuscript).where(Manuscript.id == couple_id))
            return played or 0

    def editions(self, couple_id: str, *, limit: int = 50, before: int = 0) -> list[EditionRecord]:
        """Return the editions of a couple, latest first; with `before` those that are older than that one."""
        wanted = select(Edition).where(Edition.couple_id == couple_id)
        if before:
            wanted = wanted.where(Edition.id < before)
        with self._reading() as db:
            return [_edition(r) for r in db.scalars(wanted.order_by(Edition.id.desc()).limit(limit))]

    def number_of(self, couple_id: str, edition_id: int) -> int:
        """Return which saving of a couple an edition is; the first is 1."""
        with self._reading() as db:
            older = select(func.count()).where(Edition.couple_id == couple_id, Edition.id <= edition_id)
            return db.scalar(older) or 0

    def edition(self, couple_id: str, edition_id: int) -> EditionRecord:
        """Return one edition of a couple (InputError when there is none)."""
        with self._reading() as db:
            row = db.scalar(select(Edition).where(Edition.couple_id == couple_id, Edition.id == edition_id))
            return _found(row)

    def edition_of(self, couple_id: str, version: int) -> EditionRecord:
        """Return the edition that saving number `version` made; the first is 0 (InputError when there is none)."""
        with self._reading() as db:
            row = db.scalar(
                select(Edition).where(Edition.couple_id == couple_id).order_by(Edition.id).offset(version).limit(1)
            )
            return _found(row)

    def last_published(self, couple_id: str) -> EditionRecord | None:
        """Return the newest published edition of a couple, None when it was never published."""
        with self._reading() as db:
            row = db.scalar(
                select(Edition).where(Edition.couple_id == couple_id, Edition.published.is_(True))
                .order_by(Edition.id.desc()).limit(1)
            )  # fmt: skip
            return _edition(row) if row else None

    def published(self) -> dict[str, dict[str, str]]:
        """Return the files of the newest published edition of every couple that is not archived."""
        with self._reading() as db:
            kept = select(Manuscript.id).where(Manuscript.state != "archived")
            newest = (
                select(func.max(Edition.id)).where(Edition.published.is_(True), Edition.couple_id.in_(kept))
                .group_by(Edition.couple_id)
            )  # fmt: skip
            return {r.couple_id: r.files for r in db.scalars(select(Edition).where(Edition.id.in_(newest)))}


def _move_on(db: Connection, couple_id: str, author: str, version: int, files: dict[str, str]) -> Edition:
    # The version the caller has read is the lock: of two savings, the second finds no such row.
    now = datetime.now(UTC)
    moved = db.execute(
        update(Manuscript).where(Manuscript.id == couple_id, Manuscript.version == version)
        .values(files=files, author=author, changed=now, version=version + 1)
    )  # fmt: skip
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        raise StaleSessionError(
            "Somebody else has saved this couple since you opened its page, and nothing was done.",
            how="Go back, reload the page to see it as it stands now, and do it again.",
        )
    return _keep(db, couple_id, author, now, files)


def _keep(db: Connection, couple_id: str, author: str, now: datetime, files: dict[str, str]) -> Edition:
    edition = Edition(couple_id=couple_id, published=False, author=author, created=now, files=files)
    db.add(edition)
    db.flush()
    return edition


def _published(db: Connection, couple_ids: Sequence[str]) -> set[str]:
    """Return which of these couples have a published edition."""
    return set(
        db.scalars(select(Edition.couple_id).where(Edition.published.is_(True), Edition.couple_id.in_(couple_ids)))
    )


def _manuscripts(db: Connection, rows: Sequence[Manuscript]) -> list[ManuscriptRecord]:
    live = _published(db, [r.id for r in rows])
    return [
        ManuscriptRecord(
            # A draft is what was never published: saving one that is does not take it from those who practise.
            r.id, "archived" if r.state == "archived" else "published" if r.id in live else "draft",
            r.version, r.author, r.changed, r.files,
        )
        for r in rows
    ]  # fmt: skip


def _manuscript(db: Connection, row: Manuscript) -> ManuscriptRecord:
    return _manuscripts(db, [row])[0]


def _found(row: Edition | None) -> EditionRecord:
    if row is None:
        raise InputError("There is no such edition.", how="Choose one from the couple's page.")
    return _edition(row)


def _edition(row: Edition) -> EditionRecord:
    return EditionRecord(row.id, row.couple_id, row.published, row.author, row.created, row.files)
