"""The record: tables, migrations and the repository through which all of it is reached."""

from simulator.store.records import SessionRecord, TurnRecord
from simulator.store.repository import Repository

__all__ = ["Repository", "SessionRecord", "TurnRecord"]
