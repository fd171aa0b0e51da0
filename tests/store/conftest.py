"""A real PostgreSQL server, started for the store's tests, and a database of each kind."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, text

import simulator.store
from tests.web.driving import free_port


def migrated(url: str, revision: str) -> Engine:
    """Make a database as it was at a revision."""
    config = Config()
    config.set_main_option("script_location", str(Path(simulator.store.__file__).with_name("migrations")))
    engine = create_engine(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    return engine


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of a running server, without a database's name."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("PostgreSQL is not installed; make test installs it")
    binaries, port = found[-1].parent, free_port()
    folder = Path(tempfile.mkdtemp(prefix="room-pg-"))
    # PostgreSQL refuses to run as root.
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    shutil.chown(folder, user)

    def run(*command: str) -> None:
        subprocess.run(
            [str(binaries / command[0]), *command[1:]], check=True, user=user, cwd=folder, capture_output=True
        )

    run("initdb", "-D", f"{folder}/data", "-A", "trust", "-U", "room", "-E", "UTF8", "--no-sync")
    # Not captured: the server would hold the pipe open.
    subprocess.run(
        [binaries / "pg_ctl", "-D", folder / "data", "-l", folder / "log", "-w", "-o", f"-p {port} -k {folder} -c fsync=off", "start"],
        check=True, user=user, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    yield f"postgresql+psycopg://room@127.0.0.1:{port}"
    run("pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "stop")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a new and empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.sqlite3'}"
    server: str = request.getfixturevalue("postgres")
    name = f"room_{uuid.uuid4().hex[:12]}"
    engine = create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return f"{server}/{name}"
