"""The tables. Turns and scores are only ever added; a session row carries where the session stands."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, DateTime, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """Base of all tables."""


class Document(Base):
    """A couple, scenario or rubric file as it was, under the sha256 of its text."""

    __tablename__ = "documents"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(80))
    version: Mapped[str] = mapped_column(String(40))
    body: Mapped[str] = mapped_column(Text)


class PracticeSession(Base):
    """One practice session and where it stands."""

    __tablename__ = "sessions"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    created: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    changed: Mapped[datetime] = mapped_column(DateTime(timezone=True))
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


class Turn(Base):
    """One thing said, with what the director and the voice noted of it."""

    __tablename__ = "turns"
    __table_args__ = (UniqueConstraint("session_id", "index"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), index=True)
    index: Mapped[int]
    created: Mapped[datetime] = mapped_column(DateTime(timezone=True))
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
    created: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    rubric_version: Mapped[str] = mapped_column(String(80))
    engine_version: Mapped[str] = mapped_column(String(40))
    result: Mapped[dict[str, Any]] = mapped_column(JSON)
