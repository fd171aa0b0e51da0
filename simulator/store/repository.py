"""The only way to the database. Every write is committed before the call returns."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, delete, event, func, make_url, select, update
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session as Connection

from simulator.errors import InputError, StaleSessionError, StoreError
from simulator.store.manuscripts import Manuscripts
from simulator.store.people import People
from simulator.store.records import IMPORTED, Practised, SessionRecord, Tally, TurnRecord
from simulator.store.restoring import Scoring, WholeSession, restore, turn_row
from simulator.store.reviews import Reviews
from simulator.store.scorings import levels_of, scorings_of
from simulator.store.search import Found
from simulator.store.tables import Base, Document, Judgement, Note, PracticeSession, Review, Score, Turn

_MIGRATIONS = Path(__file__).with_name("migrations")


class Repository:
    """Sessions, turns, scores and the documents they were played with."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.people = People(self._reading, self._writing)
        self.reviews = Reviews(self._reading, self._writing)
        self.manuscripts = Manuscripts(self._reading, self._writing)

    @classmethod
    def open(cls, url: str) -> Repository:
        """Open the database at `url`, creating it and bringing it up to date as needed.

        Raises:
            StoreError: it cannot be reached, created or written to.
        """
        try:
            where = make_url(url)
        except ArgumentError as error:
            raise StoreError(f"REPAIR_ROOM_DATABASE_URL is not a database URL: {url!r}.") from error
        memory = where.get_backend_name() == "sqlite" and where.database in (None, "", ":memory:")
        if where.get_backend_name() == "sqlite" and not memory:
            folder = Path(str(where.database)).parent
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StoreError(
                    f"The data folder {folder} cannot be made: {error.strerror or error}.",
                    how="Choose a folder that you may write to: REPAIR_ROOM_DATA_DIR=FOLDER.",
                ) from error
        engine = create_engine(where, connect_args={"timeout": 15} if where.get_backend_name() == "sqlite" else {})
        if where.get_backend_name() == "sqlite":
            event.listen(engine, "connect", _sqlite_pragmas)
        repository = cls(engine)
        with _storage_errors():
            if memory:
                Base.metadata.create_all(engine)
            else:
                _migrate(engine, where.render_as_string(hide_password=False))
        return repository

    def close(self) -> None:
        """Let go of the connections."""
        self.engine.dispose()

    def keep_document(self, digest: str, kind: str, name: str, version: str, body: str) -> None:
        """Keep a document under its hash; one that is kept already stays as it is."""
        # Another session that begins with the same couple may have kept it in between.
        with suppress(StaleSessionError), self._writing() as db:
            if db.get(Document, digest) is None:
                db.add(Document(hash=digest, kind=kind, name=name, version=version, body=body))

    def document(self, digest: str) -> str:
        """Return the text of a kept document."""
        with self._reading() as db:
            found = db.get(Document, digest)
            if found is None:
                raise StoreError(f"The document {digest[:12]} is missing from the database.")
            return found.body

    def create_session(self, **fields: Any) -> SessionRecord:
        """Store a new session and return it."""
        now = datetime.now(UTC)
        with self._writing() as db:
            row = PracticeSession(
                id=str(uuid.uuid4()), created=now, changed=now, outcome="", seconds=0.0, length=0, **fields
            )
            db.add(row)
            db.flush()
            return _record(row)

    def session(self, session_id: str) -> SessionRecord:
        """Return a session, or raise InputError when there is none."""
        with self._reading() as db:
            row = db.get(PracticeSession, session_id)
            if row is None:
                raise InputError("There is no such session.", how="It may have been deleted; choose another one.")
            return _record(row)

    def sessions(
        self, found: Found | None = None, *, limit: int = 20, offset: int = 0, oldest: bool = False
    ) -> list[SessionRecord]:
        """Return the sessions that `found` describes (None: all), latest first, or `oldest` first."""
        with self._reading() as db:
            created = PracticeSession.created
            order = (created if oldest else created.desc(), PracticeSession.id)
            # The page is found among ids alone: whole rows carry a session's progress, which is long.
            page = (found or Found()).narrow(select(PracticeSession.id)).order_by(*order).limit(limit).offset(offset)
            rows = db.scalars(
                select(PracticeSession).where(PracticeSession.id.in_(page.subquery().select())).order_by(*order)
            )
            return [_record(r) for r in rows]

    def session_ids(self, found: Found, *, limit: int) -> list[str]:
        """Return the ids alone of such sessions, latest first."""
        with self._reading() as db:
            order = (PracticeSession.created.desc(), PracticeSession.id)
            return list(db.scalars(found.narrow(select(PracticeSession.id)).order_by(*order).limit(limit)))

    def tally(self, found: Found) -> dict[int | None, Tally]:
        """Return, for everybody who has such sessions, how many they are, how many submitted, and when the last was."""
        s = PracticeSession
        query = found.narrow(select(s.owner_id, func.count(), func.count(s.submitted), func.max(s.created)))
        with self._reading() as db:
            return {owner: Tally(*values) for owner, *values in db.execute(query.group_by(s.owner_id))}

    def count_sessions(self, found: Found | None = None) -> int:
        """Return how many such sessions there are."""
        with self._reading() as db:
            return db.scalar((found or Found()).narrow(select(func.count()).select_from(PracticeSession))) or 0

    def practised(self, found: Found) -> list[Practised]:
        """Return who practised which scenario, and how often, in the sessions that `found` describes."""
        s = PracticeSession
        what = (s.owner_id, s.couple_id, s.scenario_id, s.scenario_hash)
        query = found.narrow(select(*what, func.count(), func.min(s.id))).group_by(*what)
        with self._reading() as db:
            return [Practised(*row) for row in db.execute(query)]

    def turns(self, session_id: str) -> list[TurnRecord]:
        """Return the turns of a session in order, each with its latest score."""
        return self.turns_of([session_id])[session_id]

    def turns_of(self, session_ids: Sequence[str]) -> dict[str, list[TurnRecord]]:
        """Return the turns of several sessions, in order, each with its latest score."""
        found: dict[str, list[TurnRecord]] = {s: [] for s in session_ids}
        with self._reading() as db:
            rows = db.scalars(select(Turn).where(Turn.session_id.in_(session_ids)).order_by(Turn.index)).all()
            scores = select(Score).join(Turn, Score.turn_id == Turn.id).where(Turn.session_id.in_(session_ids))
            latest = {score.turn_id: score for score in db.scalars(scores.order_by(Score.id))}
            for r in rows:
                about: dict[str, Any] = {}
                if r.id in latest:
                    given = latest[r.id]
                    about = {
                        "score": given.result, "rubric_version": given.rubric_version,
                        "engine_version": given.engine_version,
                    }  # fmt: skip
                found[r.session_id].append(
                    TurnRecord(r.index, r.speaker, r.text, r.move, r.mood, r.to, r.source, **about, **r.notes)
                )
        return found

    def append_turn(
        self,
        session_id: str,
        turn: TurnRecord,
        progress: dict[str, Any],
        *,
        outcome: str,
        seconds: float | None,
    ) -> None:
        """Add a turn and move the session on, in one transaction.

        Raises:
            StaleSessionError: the session has other turns than the caller knows of.
            StoreError: the database could not be written; nothing was changed.
        """
        now = datetime.now(UTC)
        with self._writing() as db:
            self._move_on(db, session_id, turn.index, turn.index + 1, progress, outcome, seconds)
            self._add_turn(db, db.get_one(PracticeSession, session_id), turn, now)

    def save_progress(
        self, session_id: str, length: int, progress: dict[str, Any], *, outcome: str, seconds: float | None
    ) -> None:
        """Move a session on without a new turn; errors as `append_turn`."""
        with self._writing() as db:
            self._move_on(db, session_id, length, length, progress, outcome, seconds)

    def save_clock(self, session_id: str, seconds: float) -> None:
        """Note how long the session has run, pauses left out."""
        with self._writing() as db:
            db.execute(update(PracticeSession).where(PracticeSession.id == session_id).values(seconds=seconds))

    def delete_session(self, session_id: str) -> None:
        """Delete a session with its turns, scores, notes and reviews."""
        with self._writing() as db:
            turn_ids = select(Turn.id).where(Turn.session_id == session_id)
            review_ids = select(Review.id).where(Review.session_id == session_id)
            db.execute(delete(Judgement).where(Judgement.review_id.in_(review_ids)))
            db.execute(delete(Review).where(Review.session_id == session_id))
            db.execute(delete(Note).where(Note.session_id == session_id))
            db.execute(delete(Score).where(Score.turn_id.in_(turn_ids)))
            db.execute(delete(Turn).where(Turn.session_id == session_id))
            row = db.get(PracticeSession, session_id)
            if row is None:
                return
            document = row.couple_hash
            db.delete(row)
            db.flush()
            # A transcript's document holds its partners' names: it goes with the last session that needs it.
            needed = select(PracticeSession.id).where(PracticeSession.couple_hash == document)
            db.execute(
                delete(Document).where(Document.hash == document, Document.kind == "transcript", ~needed.exists())
            )

    def add_scores(self, session_id: str, scores: Mapping[int, dict[str, Any]], versions: Mapping[str, str]) -> None:
        """Add a later scoring of some turns (by index); the earlier ones stay."""
        now = datetime.now(UTC)
        with self._writing() as db:
            for turn in db.scalars(select(Turn).where(Turn.session_id == session_id, Turn.index.in_(scores))).all():
                db.add(Score(turn_id=turn.id, created=now, result=scores[turn.index], **versions))

    def scorings(self, session_id: str) -> list[Scoring]:
        """Return every scoring of a session's turns, oldest first."""
        with self._reading() as db:
            return scorings_of(db, session_id)

    def levels_of(
        self, session_ids: Sequence[str], skills: Sequence[str]
    ) -> dict[tuple[str, int, str], dict[str, int]]:
        """Return (session, turn, skill) -> rubric version -> level of the last scoring with it."""
        with self._reading() as db:
            return levels_of(db, session_ids, skills)

    def said_at(self, session_id: str) -> list[datetime]:
        """Return when each turn of a session was said, in order."""
        with self._reading() as db:
            return list(db.scalars(select(Turn.created).where(Turn.session_id == session_id).order_by(Turn.index)))

    def forget_before(self, when: datetime) -> int:
        """Delete the sessions that nothing has happened in since; return how many there were."""
        with self._reading() as db:
            ids = db.scalars(select(PracticeSession.id).where(PracticeSession.changed < when)).all()
        for session_id in ids:
            self.delete_session(session_id)
        return len(ids)

    def known(self, beginnings: Sequence[str], size: int) -> set[str]:
        """Return those of the first `size` letters of ids with which a session's id begins."""
        with self._reading() as db:
            first = func.substr(PracticeSession.id, 1, size)
            return set(db.scalars(select(first).where(first.in_(beginnings))))

    def submit(self, session_id: str, *, consent: bool, flags: Sequence[str] = ()) -> None:
        """Let the supervisors see a session, with what in it asks for an eye; or (False) no more."""
        with self._writing() as db:
            row = db.get_one(PracticeSession, session_id)
            mark = [IMPORTED] if IMPORTED in row.flags.split(", ") else []
            row.changed = datetime.now(UTC)
            row.submitted, row.flags = row.changed if consent else None, ", ".join([*mark, *flags])[:200]

    def branch(self, session_id: str, length: int, progress: dict[str, Any]) -> SessionRecord:
        """Copy the first `length` turns of a session, with their scores, into a new one that goes on from there."""
        now = datetime.now(UTC)
        with self._writing() as db:
            old = db.get_one(PracticeSession, session_id)
            kept = {c.key: getattr(old, c.key) for c in PracticeSession.__table__.columns}
            kept.update(
                id=str(uuid.uuid4()), created=now, changed=now, outcome="", length=length, progress=progress,
                submitted=None, flags=IMPORTED if IMPORTED in old.flags.split(", ") else "", parent_id=old.id,
                parent_length=length,
            )  # fmt: skip
            row = PracticeSession(**kept)
            db.add(row)
            db.flush()
            turns = db.scalars(
                select(Turn).where(Turn.session_id == session_id, Turn.index < length).order_by(Turn.index)
            )
            for turn in turns.all():
                values = {
                    c.key: getattr(turn, c.key) for c in Turn.__table__.columns if c.key not in ("id", "session_id")
                }
                copy = Turn(session_id=row.id, **values)
                db.add(copy)
                db.flush()
                for score in db.scalars(select(Score).where(Score.turn_id == turn.id).order_by(Score.id)).all():
                    values = {
                        c.key: getattr(score, c.key) for c in Score.__table__.columns if c.key not in ("id", "turn_id")
                    }
                    db.add(Score(turn_id=copy.id, **values))
            return _record(row)

    def restore(self, found: Sequence[WholeSession], *, owner: int | None, fresh: bool = False) -> list[SessionRecord]:
        """Keep whole sessions that come from a file: all of them, or none."""
        with self._writing() as db:
            return restore(db, found, owner=owner, fresh=fresh, record=_record)

    @staticmethod
    def _add_turn(db: Connection, about: PracticeSession, turn: TurnRecord, now: datetime) -> None:
        row = turn_row(about.id, turn, now)
        db.add(row)
        db.flush()
        if turn.score is not None:
            db.add(
                Score(
                    turn_id=row.id, created=now, rubric_version=turn.rubric_version or about.rubric_version,
                    engine_version=turn.engine_version or about.engine_version, result=turn.score,
                )
            )  # fmt: skip

    @staticmethod
    def _move_on(
        db: Connection,
        session_id: str,
        known: int,
        length: int,
        progress: dict[str, Any],
        outcome: str,
        seconds: float | None,
    ) -> None:
        values: dict[str, Any] = {
            "progress": progress, "outcome": outcome, "length": length, "changed": datetime.now(UTC)
        }  # fmt: skip
        if seconds is not None:
            values["seconds"] = seconds
        # The length the caller knows is the lock: of two tabs, the second finds no such row.
        moved = db.execute(
            update(PracticeSession)
            .where(
                PracticeSession.id == session_id,
                PracticeSession.length == known,
                PracticeSession.outcome == "",
            )
            .values(**values)
        )
        if moved.rowcount != 1:  # type: ignore[attr-defined]
            raise StaleSessionError(
                "This session moved on in another tab.",
                how="Reload to see it; your words are still in the box.",
            )

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with _storage_errors(), Connection(self.engine, expire_on_commit=False) as db, db.begin():
            yield db

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with _storage_errors(), Connection(self.engine) as db:
            yield db


def _record(row: PracticeSession) -> SessionRecord:
    return SessionRecord(**{name: getattr(row, name) for name in SessionRecord.__dataclass_fields__})


def _sqlite_pragmas(connection: Any, _: Any) -> None:
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "busy_timeout=15000",
        "secure_delete=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _migrate(engine: Engine, url: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


@contextmanager
def _storage_errors() -> Iterator[None]:
    """Turn what the database says into what a person can do about it."""
    try:
        yield
    except IntegrityError as error:
        raise StaleSessionError(
            "This session moved on in another tab.", how="Reload to see it; your words are still in the box."
        ) from error
    except (OperationalError, DBAPIError) as error:
        said = str(error.orig or error).lower()
        if "full" in said or "disk i/o" in said:
            raise StoreError(
                "The disk is full: this could not be stored, and nothing was changed.",
                how="Free some space and send it again; what was said before is safe.",
            ) from error
        if "readonly" in said or "read-only" in said or "unable to open" in said or "permission" in said:
            raise StoreError(
                f"The database cannot be written to ({error.orig}).",
                how="Choose a folder that you may write to: REPAIR_ROOM_DATA_DIR=FOLDER.",
            ) from error
        if "locked" in said:
            raise StoreError("The database is busy.", how="Send it again in a moment.") from error
        if "not a database" in said or "malformed" in said:
            raise StoreError(
                f"The database is damaged ({error.orig}).",
                how="Restore a copy, or move the file away to begin anew.",
            ) from error
        raise StoreError(f"The database refused: {error.orig or error}.") from error
    except SQLAlchemyError as error:
        raise StoreError(f"The database failed: {error}.") from error
