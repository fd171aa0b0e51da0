"""The record: tables, migrations and the repository through which all of it is reached."""

from simulator.store.records import (
    JudgementRecord,
    NoteRecord,
    ReviewRecord,
    SessionRecord,
    TurnRecord,
    UserRecord,
)
from simulator.store.repository import Repository
from simulator.store.search import Found

__all__ = [
    "Found",
    "JudgementRecord",
    "NoteRecord",
    "Repository",
    "ReviewRecord",
    "SessionRecord",
    "TurnRecord",
    "UserRecord",
]
