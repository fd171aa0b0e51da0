"""A copy of an SQLite database, made and put back while the room is in use."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy import make_url

from simulator.errors import InputError, StoreError


def backup(url: str, target: Path) -> None:
    """Copy the database at `url` to `target`.

    Raises:
        StoreError: it is not SQLite (PostgreSQL has pg_dump), or it cannot be read or written.
    """
    source = _path(url)
    if not source.exists():
        raise StoreError(f"There is no database at {source} yet.")
    _copy(source, target)


def restore(url: str, source: Path) -> Path | None:
    """Put the backup `source` in place of the database; return where what was there is kept.

    Raises:
        InputError: `source` is no backup of a Repair Room.
        StoreError: as `backup`.
    """
    target = _path(url)
    try:
        with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as db:
            fine = db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            db.execute("SELECT count(*) FROM sessions")
    except sqlite3.Error as error:
        raise InputError(
            f"{source}: not a backup of a Repair Room ({error}).", how="Choose what `backup` wrote."
        ) from error
    if not fine:
        raise InputError(f"{source}: damaged.", how="Use an older backup.")
    kept = None
    if target.exists():
        kept = target.with_name(f"{target.stem}.before-{datetime.now():%Y%m%d-%H%M%S-%f}{target.suffix}")
        _copy(target, kept)
    target.parent.mkdir(parents=True, exist_ok=True)
    # Page by page into the same file: a room that is open sees the restored record with its next transaction.
    _copy(source, target)
    return kept


def _path(url: str) -> Path:
    where = make_url(url)
    if where.get_backend_name() != "sqlite" or not where.database:
        raise StoreError("Only SQLite is copied here.", how="For PostgreSQL use pg_dump and pg_restore.")
    return Path(where.database)


def _copy(source: Path, target: Path) -> None:
    try:
        with closing(sqlite3.connect(source, timeout=15)) as a, closing(sqlite3.connect(target, timeout=15)) as b:
            a.backup(b)
    except sqlite3.Error as error:
        raise StoreError(f"{source} could not be copied to {target}: {error}.", how="Check room and rights.") from error
