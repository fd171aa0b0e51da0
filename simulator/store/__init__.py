"""The record: tables, migrations and the repository through which all of it is reached."""

from simulator.store.records import (
    IMPORTED,
    DoubtRecord,
    EditionRecord,
    JudgementRecord,
    ManuscriptRecord,
    NoteRecord,
    ReviewRecord,
    SessionRecord,
    Tally,
    TurnRecord,
    UserRecord,
)
from simulator.store.repository import Repository
from simulator.store.restoring import Scoring, WholeSession
from simulator.store.search import Found, drawn_before

__all__ = [
    "IMPORTED",
    "DoubtRecord",
    "EditionRecord",
    "Found",
    "JudgementRecord",
    "ManuscriptRecord",
    "NoteRecord",
    "Repository",
    "ReviewRecord",
    "Scoring",
    "SessionRecord",
    "Tally",
    "TurnRecord",
    "UserRecord",
    "WholeSession",
    "drawn_before",
]
