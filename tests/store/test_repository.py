from __future__ import annotations

from pathlib import Path

import pytest

from simulator.errors import StoreError
from simulator.session import Room
from simulator.store import Repository


def test_a_full_disk_is_told_and_loses_nothing(room: Room, tmp_path: Path) -> None:
    store = Repository.open(f"sqlite:///{tmp_path / 'full.sqlite3'}")
    small = Room(room.settings, room.library, store, room.engine, room.voice)
    session = small.begin("renu-and-martin", "fifth-session", seed=1)
    list(session.answers())
    with store.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    from sqlalchemy import event

    event.listen(store.engine, "begin", lambda c: c.exec_driver_sql(f"PRAGMA max_page_count={pages}"))
    with pytest.raises(StoreError, match="disk is full"):
        for _ in range(40):
            session.reply("That was a long drive. " * 300)
            list(session.answers())
    assert [t.text for t in store.turns(session.record.id)] == [t.text for t in session.turns]
    store.close()


def test_a_folder_that_cannot_be_written_is_told() -> None:
    with pytest.raises(StoreError, match="REPAIR_ROOM_DATA_DIR"):
        Repository.open("sqlite:////proc/repair-room/x.sqlite3")


def test_a_damaged_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite3"
    path.write_bytes(b"this is not a database, only some words" * 100)
    with pytest.raises(StoreError):
        Repository.open(f"sqlite:///{path}")
