"""Accounts, groups, logins, throttles and the audit log in the database."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

from sqlalchemy import case, delete, func, select, update
from sqlalchemy.orm import Session as Connection

from simulator.errors import InputError
from simulator.store.records import UserRecord
from simulator.store.tables import Audit, Login, Membership, Note, PracticeSession, Review, Throttle, User

Open = Callable[[], AbstractContextManager[Connection]]
FORGOTTEN = timedelta(hours=1)


class People:
    """The part of the repository that knows who is who."""

    def __init__(self, reading: Open, writing: Open) -> None:
        self._reading, self._writing = reading, writing

    def any(self) -> bool:
        """Return whether there are accounts at all; without any, one local profile does everything."""
        with self._reading() as db:
            return db.scalar(select(func.count()).select_from(User)) != 0

    def add(self, name: str, role: str, password: str) -> UserRecord:
        """Add an account; `password` is hashed already. InputError when the name is taken."""
        with self._writing() as db:
            if db.scalar(select(User).where(func.lower(User.name) == name.lower())):
                raise InputError(f"There is an account '{name}' already.", how="Choose another name.")
            row = User(name=name, role=role, password=password, created=datetime.now(UTC), disabled=False)
            db.add(row)
            db.flush()
            return _user(db, row)

    def all(self) -> list[UserRecord]:
        """Return every account, by name."""
        with self._reading() as db:
            return [_user(db, r) for r in db.scalars(select(User).order_by(User.name)).all()]

    def names(self) -> dict[int, str]:
        """Return the name of every account."""
        with self._reading() as db:
            return dict(db.execute(select(User.id, User.name)).tuples().all())

    def named(self, name: str) -> UserRecord:
        """Return the account, or raise InputError."""
        with self._reading() as db:
            return _user(db, _row(db, name))

    def hash_of(self, name: str) -> tuple[UserRecord, str] | None:
        """Return an account and its password hash, or None when there is none or it is disabled."""
        with self._reading() as db:
            row = db.scalar(select(User).where(func.lower(User.name) == name.lower()))
            return (_user(db, row), row.password) if row is not None and not row.disabled else None

    def change(
        self, name: str, *, role: str | None = None, password: str | None = None, disabled: bool | None = None
    ) -> None:
        """Change an account; a new password, a new role or disabling signs it out everywhere."""
        values = {k: v for k, v in {"role": role, "password": password, "disabled": disabled}.items() if v is not None}
        with self._writing() as db:
            row = _row(db, name)
            admins = db.scalar(
                select(func.count()).select_from(User)
                .where(User.role == "administrator", User.disabled.is_(False), User.id != row.id)
            )  # fmt: skip
            loses = row.role == "administrator" and (disabled or (role is not None and role != "administrator"))
            if loses and not row.disabled and not admins:
                raise InputError(f"'{row.name}' is the only administrator.", how="Make somebody else one first.")
            db.execute(update(User).where(User.id == row.id).values(**values))
            db.execute(delete(Login).where(Login.user_id == row.id))

    def join(self, name: str, group: str) -> None:
        """Put an account into a group; joining twice changes nothing."""
        with self._writing() as db:
            key = (group, _row(db, name).id)
            if db.get(Membership, key) is None:
                db.add(Membership(group=key[0], user_id=key[1]))

    def leave(self, name: str, group: str) -> None:
        """Take an account out of a group."""
        with self._writing() as db:
            db.execute(delete(Membership).where(Membership.group == group, Membership.user_id == _row(db, name).id))

    def trainees_of(self, supervisor: int) -> list[UserRecord]:
        """Return the trainees of all groups that this supervisor is in."""
        with self._reading() as db:
            groups = select(Membership.group).where(Membership.user_id == supervisor)
            rows = db.scalars(
                select(User).join(Membership, Membership.user_id == User.id)
                .where(Membership.group.in_(groups), User.role == "trainee").order_by(User.name).distinct()
            ).all()  # fmt: skip
            return [_user(db, r) for r in rows]

    def adopt(self, name: str) -> int:
        """Give the local profile's sessions to an account; return how many there were."""
        with self._writing() as db:
            who = _row(db, name).id
            count = db.scalar(
                select(func.count()).select_from(PracticeSession).where(PracticeSession.owner_id.is_(None))
            )
            db.execute(update(PracticeSession).where(PracticeSession.owner_id.is_(None)).values(owner_id=who))
            return count or 0

    def wrote_in(self, user_id: int) -> list[str]:
        """Return the sessions, anybody's, in which this person keeps a review or a note."""
        with self._reading() as db:
            found = [db.scalars(select(t.session_id).where(t.author_id == user_id)).all() for t in (Review, Note)]
            return sorted({s for ids in found for s in ids})

    def remove(self, name: str) -> None:
        """Delete an account; what it said of other people's sessions stays, under nobody's account.

        Its own sessions must have been deleted before (they are the repository's).
        """
        with self._writing() as db:
            row = _row(db, name)
            gone = f"deleted {row.id}"
            for table in (Note, Review):
                db.execute(update(table).where(table.author_id == row.id).values(author_id=None, author=gone))
            db.execute(delete(Login).where(Login.user_id == row.id))
            db.execute(delete(Membership).where(Membership.user_id == row.id))
            db.execute(delete(User).where(User.id == row.id))

    # --- signing in -----------------------------------------------------------------------

    def sign_in(self, token: str, user_id: int, lasts: timedelta) -> None:
        """Remember a browser by the hash of its token; logins that have expired are forgotten."""
        now = datetime.now(UTC)
        with self._writing() as db:
            db.execute(delete(Login).where(Login.expires < now))
            db.add(Login(token=token, user_id=user_id, created=now, expires=now + lasts))

    def signed_in(self, token: str) -> UserRecord | None:
        """Return who is signed in with this (hashed) token."""
        with self._reading() as db:
            row = db.scalar(
                select(User).join(Login, Login.user_id == User.id)
                .where(Login.token == token, Login.expires > datetime.now(UTC), User.disabled.is_(False))
            )  # fmt: skip
            return _user(db, row) if row is not None else None

    def sign_out(self, *, token: str = "", user_id: int | None = None) -> None:
        """Forget one browser, or (user_id) every browser of a person."""
        with self._writing() as db:
            db.execute(delete(Login).where(Login.user_id == user_id if user_id is not None else Login.token == token))

    def waits(self, key: str) -> float:
        """Return the seconds until the next sign-in under this key may be tried."""
        with self._reading() as db:
            row = db.get(Throttle, key)
            return max(0.0, (row.until - datetime.now(UTC)).total_seconds()) if row else 0.0

    def failed(self, key: str, *, free: int, longest: float) -> None:
        """Note a failed sign-in: after `free` of them each waits twice as long, up to `longest` seconds.

        What failed is forgotten an hour after the last wait was over.
        """
        now = datetime.now(UTC)
        with self._writing() as db:
            # Counted by the database, so that of many at once none is lost.
            count = case((Throttle.until < now - FORGOTTEN, 1), else_=Throttle.failures + 1)
            known = db.execute(update(Throttle).where(Throttle.key == key).values(failures=count))
            if known.rowcount:  # type: ignore[attr-defined]
                row = db.get_one(Throttle, key)
            else:
                row = Throttle(key=key, failures=1)
                db.add(row)
            wait = min(longest, 2.0 ** min(row.failures - free, 30)) if row.failures > free else 0.0
            row.until = now + timedelta(seconds=wait)

    def succeeded(self, key: str) -> int:
        """Forget the failures under a key, and return how many there were."""
        with self._writing() as db:
            found = db.scalar(select(Throttle.failures).where(Throttle.key == key)) or 0
            db.execute(delete(Throttle).where(Throttle.key == key))
            return found

    def forgive(self, key: str, count: int) -> None:
        """Take failures off a key; one without any left is forgotten."""
        with self._writing() as db:
            db.execute(update(Throttle).where(Throttle.key == key).values(failures=Throttle.failures - count))
            db.execute(delete(Throttle).where(Throttle.key == key, Throttle.failures <= 0))

    # --- the audit log --------------------------------------------------------------------

    def note(self, actor: str, action: str, subject: str = "") -> None:
        """Write one line of the audit log."""
        with self._writing() as db:
            db.add(Audit(at=datetime.now(UTC), actor=actor[:80], action=action[:40], subject=subject[:120]))

    def audit(self, *, limit: int = 100, offset: int = 0) -> list[tuple[datetime, str, str, str]]:
        """Return the audit log, latest first: when, who, what, to what."""
        with self._reading() as db:
            rows = db.scalars(select(Audit).order_by(Audit.id.desc()).limit(limit).offset(offset)).all()
            return [(r.at, r.actor, r.action, r.subject) for r in rows]


def _row(db: Connection, name: str) -> User:
    row = db.scalar(select(User).where(func.lower(User.name) == name.lower()))
    if row is None:
        raise InputError(f"There is no account '{name}'.", how="See who there is: repair-room user list.")
    return row


def _user(db: Connection, row: User) -> UserRecord:
    groups = db.scalars(select(Membership.group).where(Membership.user_id == row.id).order_by(Membership.group))
    return UserRecord(row.id, row.name, row.role, row.disabled, row.created, tuple(groups))
