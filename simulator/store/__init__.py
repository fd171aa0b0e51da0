"""The record: tables, migrations and the repository through which all of it is reached."""

from simulator.store.records import (
    EditionRecord,
    JudgementRecord,
    ManuscriptRecord,
    NoteRecord,
    ReviewRecord,
    SessionRecord,
    TurnRecord,
    UserRecord,
)
from simulator.store.repository import Repository
from simulator.store.search import Found

__all__ = [
    "EditionRecord",
    "Found",
    "JudgementRecord",
    "ManuscriptRecord",
    "NoteRecord",
    "Repository",
    "ReviewRecord",
    "SessionRecord",
    "TurnRecord",
    "UserRecord",
]
