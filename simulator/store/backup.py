"""A copy of an SQLite database, made and put back while the room is in use, and of what the room has learned."""

from __future__ import annotations

import sqlite3
import tarfile
import tempfile
from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy import make_url

from simulator.errors import InputError, StoreError

_VERSIONS = Path(__file__).parent / "migrations" / "versions"


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
        with closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as db:
            fine = db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            db.execute("SELECT count(*) FROM sessions")
            at = db.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as error:
        raise InputError(
            f"{source}: not a backup of a Repair Room ({error}).", how="Choose what `backup` wrote."
        ) from error
    if not fine:
        raise InputError(f"{source}: damaged.", how="Use an older backup.")
    if at is None or at[0] not in {p.name[:4] for p in _VERSIONS.glob("0*.py")}:
        raise InputError(f"{source}: made by a newer version of Repair Room.", how="Install that version first.")
    kept = None
    if target.exists():
        kept = target.with_name(f"{target.stem}.before-{datetime.now():%Y%m%d-%H%M%S-%f}{target.suffix}")
        _copy(target, kept)
    target.parent.mkdir(parents=True, exist_ok=True)
    # Page by page into the same file: a room that is open sees the restored record with its next transaction.
    _copy(source, target)
    return kept


def keep_learned(data_dir: Path, file: Path) -> Path | None:
    """Keep the rubrics and calibrations of this installation beside a backup; return where, None if there are none."""
    found = _learned(data_dir)
    if not found:
        return None
    target = _beside(file)
    with tarfile.open(target, "w") as archive:
        for path in found:
            archive.add(path, path.name)
    return target


def learned_back(data_dir: Path, file: Path) -> bool:
    """Put back what `keep_learned` kept beside a backup; what is there now stays beside it, under another name.

    Raises:
        InputError: the file beside the backup is none that `keep_learned` wrote.
    """
    source = _beside(file)
    if not source.exists():
        return False
    data_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=data_dir) as aside:
        try:
            with tarfile.open(source) as archive:
                archive.extractall(aside, filter="data")
        except (tarfile.TarError, OSError) as error:
            raise InputError(f"{source}: not what `backup` wrote ({error}).", how="Use another backup.") from error
        kept = data_dir / f"before-{datetime.now():%Y%m%d-%H%M%S-%f}"
        kept.mkdir()
        for path in _learned(data_dir):
            path.rename(kept / path.name)
        for path in _learned(Path(aside)):
            path.rename(data_dir / path.name)
    return True


def _learned(folder: Path) -> list[Path]:
    return sorted([*folder.glob("rubric*"), *folder.glob("calibrations")])


def _beside(file: Path) -> Path:
    return file.with_name(f"{file.name}.learned.tar")


def _path(url: str) -> Path:
    where = make_url(url)
    if where.get_backend_name() != "sqlite" or not where.database:
        raise StoreError(
            "Only SQLite is copied here, and this room is on another database.",
            how="For PostgreSQL: pg_dump --format=custom --file=FILE NAME, and pg_restore --clean --dbname=NAME FILE; then "
            "copy rubric* and calibrations out of the data folder as well.",
        )
    return Path(where.database)


def _copy(source: Path, target: Path) -> None:
    try:
        with closing(sqlite3.connect(source, timeout=15)) as a, closing(sqlite3.connect(target, timeout=15)) as b:
            a.backup(b)
    except sqlite3.Error as error:
        raise StoreError(f"{source} could not be copied to {target}: {error}.", how="Check room and rights.") from error
