"""The tables. Turns and scores are only ever added; a session row carries where the session stands."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, ForeignKey, Index, String, Text, TypeDecorator, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """Base of all tables."""


class UtcTime(TypeDecorator[datetime]):
    """A time in UTC; SQLite keeps no zone, so what is read from it is given one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return what was stored, with its zone."""
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


class Document(Base):
    """A couple, a scenario or a read transcript as it was, under the sha256 of its text."""

    __tablename__ = "documents"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(80))
    version: Mapped[str] = mapped_column(String(40))
    body: Mapped[str] = mapped_column(Text)


class PracticeSession(Base):
    """One practice session and where it stands."""

    __tablename__ = "sessions"
    # Everything that lists and counts ask of a session: its row is long, and `progress` lies in the way of the rest.
    __table_args__ = (
        Index(
            "ix_sessions_listed", "owner_id", "submitted", "created", "id", "drill", "couple_id", "flags", "parent_id",
            "scenario_id", "scenario_hash",
        ),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    created: Mapped[datetime] = mapped_column(UtcTime, index=True)
    changed: Mapped[datetime] = mapped_column(UtcTime)
    couple_id: Mapped[str] = mapped_column(String(80), index=True)
    couple_version: Mapped[str] = mapped_column(String(40))
    couple_hash: Mapped[str] = mapped_column(ForeignKey("documents.hash"))
    scenario_id: Mapped[str] = mapped_column(String(80))
    scenario_version: Mapped[str] = mapped_column(String(40))
    scenario_hash: Mapped[str] = mapped_column(ForeignKey("documents.hash"))
    rubric_version: Mapped[str] = mapped_column(String(80))
    rubric_hash: Mapped[str] = mapped_column(String(64))
    engine_version: Mapped[str] = mapped_column(String(40))
    model: Mapped[str] = mapped_column(String(200))
    seed: Mapped[int]
    difficulty: Mapped[str] = mapped_column(String(20))
    coached: Mapped[bool]
    outcome: Mapped[str] = mapped_column(String(20), default="")
    seconds: Mapped[float] = mapped_column(default=0.0)
    length: Mapped[int] = mapped_column(default=0)
    progress: Mapped[dict[str, Any]] = mapped_column(JSON)
    # None is the one local profile of a room without accounts.
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    submitted: Mapped[datetime | None] = mapped_column(UtcTime, index=True)
    # A reply that was taken back: the session it was taken back in, and how many turns both have in common.
    parent_id: Mapped[str | None] = mapped_column(String(36), index=True)
    parent_length: Mapped[int] = mapped_column(default=0)
    # What asked for a supervisor's eye when it was submitted, with ", " between; and the planted moment of a drill.
    flags: Mapped[str] = mapped_column(String(200), default="")
    drill: Mapped[str] = mapped_column(String(80), default="", index=True)


class Turn(Base):
    """One thing said, with what the director and the voice noted of it."""

    __tablename__ = "turns"
    __table_args__ = (UniqueConstraint("session_id", "index"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), index=True)
    index: Mapped[int]
    created: Mapped[datetime] = mapped_column(UtcTime)
    speaker: Mapped[str] = mapped_column(String(80))
    text: Mapped[str] = mapped_column(Text)
    move: Mapped[str] = mapped_column(String(40), default="")
    mood: Mapped[str] = mapped_column(String(40), default="")
    to: Mapped[str] = mapped_column(String(80), default="")
    source: Mapped[str] = mapped_column(String(20), default="")
    notes: Mapped[dict[str, Any]] = mapped_column(JSON)


class Score(Base):
    """One scoring of one therapist turn; a later scoring is added, never written over."""

    __tablename__ = "scores"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    turn_id: Mapped[int] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"), index=True)
    created: Mapped[datetime] = mapped_column(UtcTime)
    rubric_version: Mapped[str] = mapped_column(String(80))
    engine_version: Mapped[str] = mapped_column(String(40))
    result: Mapped[dict[str, Any]] = mapped_column(JSON)


class User(Base):
    """An account. A disabled one cannot sign in; its sessions stay."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    role: Mapped[str] = mapped_column(String(20))
    password: Mapped[str] = mapped_column(String(200))
    created: Mapped[datetime] = mapped_column(UtcTime)
    disabled: Mapped[bool] = mapped_column(default=False)


class Membership(Base):
    """One person's place in a group (a cohort): its trainees are seen by its supervisors."""

    __tablename__ = "memberships"

    group: Mapped[str] = mapped_column(String(80), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)


class Login(Base):
    """A browser that is signed in; only a hash of its token is kept."""

    __tablename__ = "logins"

    token: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created: Mapped[datetime] = mapped_column(UtcTime)
    expires: Mapped[datetime] = mapped_column(UtcTime)


class Throttle(Base):
    """Failed sign-ins under one key (a name or an address), and until when the next one waits."""

    __tablename__ = "throttles"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int]
    until: Mapped[datetime] = mapped_column(UtcTime)


class Audit(Base):
    """Who did what to what; never what was said."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(UtcTime, index=True)
    actor: Mapped[str] = mapped_column(String(80))
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(120))


class Note(Base):
    """Words about one turn: a trainee's note to self or question, a supervisor's comment."""

    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), index=True)
    turn: Mapped[int]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    author: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    # The words of the turn that it is about; empty: the whole turn.
    quote: Mapped[str] = mapped_column(String(500), default="")
    created: Mapped[datetime] = mapped_column(UtcTime)


class Review(Base):
    """One supervisor's review of one session. `author` is the reviewer's name, once per session."""

    __tablename__ = "reviews"
    __table_args__ = (UniqueConstraint("session_id", "author"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    author: Mapped[str] = mapped_column(String(80))
    created: Mapped[datetime] = mapped_column(UtcTime)
    blind: Mapped[bool]
    summary: Mapped[str] = mapped_column(Text, default="")
    signed: Mapped[datetime | None] = mapped_column(UtcTime)
    version: Mapped[int] = mapped_column(default=0)


class Manuscript(Base):
    """A couple that an educator is writing: its files as they stand. `state` is draft, published or archived."""

    __tablename__ = "manuscripts"

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    state: Mapped[str] = mapped_column(String(20))
    version: Mapped[int]
    author: Mapped[str] = mapped_column(String(80))
    changed: Mapped[datetime] = mapped_column(UtcTime)
    files: Mapped[dict[str, str]] = mapped_column(JSON)


class Edition(Base):
    """A couple as it was when it was saved or published; only ever added."""

    __tablename__ = "editions"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    couple_id: Mapped[str] = mapped_column(String(80), index=True)
    published: Mapped[bool]
    author: Mapped[str] = mapped_column(String(80))
    created: Mapped[datetime] = mapped_column(UtcTime)
    files: Mapped[dict[str, str]] = mapped_column(JSON)


class Judgement(Base):
    """What a supervisor says of one scored skill of one reply; only ever added, the latest one holds."""

    __tablename__ = "judgements"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("reviews.id", ondelete="CASCADE"), index=True)
    turn: Mapped[int]
    skill: Mapped[str] = mapped_column(String(40))
    verdict: Mapped[str] = mapped_column(String(20))
    level: Mapped[int | None]
    code: Mapped[str] = mapped_column(String(60), default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    engine_level: Mapped[int | None]
    rubric_version: Mapped[str] = mapped_column(String(80))
    created: Mapped[datetime] = mapped_column(UtcTime)
