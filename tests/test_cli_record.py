"""The record from the command line: people, files, backups, forgetting, scoring again."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import text
from typer.testing import CliRunner

from simulator.cli.main import app
from simulator.errors import InputError, RepairRoomError, StoreError
from simulator.people import who_is
from simulator.people.accounts import sign_in
from simulator.session import Room
from simulator.store import Repository

Run = Callable[..., Result]
TALK = "Therapist: What was it like, Ana?\nAna: Like falling.\nBo: She shouts.\nTherapist: Bo, what do you hear?\n"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: Room) -> Run:
    monkeypatch.setenv("REPAIR_ROOM_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr(
        Room,
        "open",
        lambda settings, **more: replace(room, settings=settings, store=more.get("store") or opened(tmp_path)),
    )

    def run(*words: str, input: str = "") -> Result:
        return CliRunner().invoke(app, list(words), input=input)

    return run


def opened(tmp_path: Path) -> Repository:
    return Repository.open(f"sqlite:///{tmp_path / 'data' / 'repair-room.sqlite3'}")


def done(result: Result) -> Result:
    assert result.exit_code == 0, (result.output, result.exception)
    return result


def refused(result: Result, kind: type[RepairRoomError]) -> str:
    assert isinstance(result.exception, kind), (result.output, result.exception)
    return str(result.exception)


def test_people_are_added_changed_listed_and_deleted(run: Run, tmp_path: Path) -> None:
    secret = "four words will do\n"
    refused(run("user", "add", "anna", "--password-stdin", input=secret), InputError)
    done(run("user", "add", "ada", "--role", "administrator", "--password-stdin", input=secret))
    done(run("user", "add", "anna", "--group", "monday", "--password-stdin", input=secret))
    done(run("user", "role", "anna", "supervisor"))
    refused(run("user", "role", "anna", "king"), InputError)
    done(run("user", "group", "anna", "friday"))
    done(run("user", "group", "anna", "monday", "--leave"))
    done(run("user", "password", "anna", "--password-stdin", input="other words will do\n"))
    done(run("user", "disable", "ada", "--undo"))
    assert "anna: supervisor, friday" in done(run("user", "list")).output
    listed = json.loads(done(run("user", "list", "--format", "json")).stdout)["users"]
    assert [u["name"] for u in listed] == ["ada", "anna"]
    store = opened(tmp_path)
    assert who_is(store, sign_in(store, "anna", "other words will do")).name == "anna"
    done(run("user", "disable", "anna"))
    assert "disabled" in done(run("user", "list")).output
    assert "Nothing" in refused(run("user", "delete", "anna", input="n\n"), StoreError)
    done(run("user", "delete", "anna", "--yes"))
    refused(run("user", "delete", "ada", "--yes"), InputError)
    actions = [a for _, _, a, _ in store.people.audit()]
    assert "deleted an account" in actions and [u.name for u in store.people.all()] == ["ada"]
    store.close()


def test_from_a_transcript_to_files_and_oblivion(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "talk.txt"
    file.write_text(TALK.replace("falling", "falling, a@b.org"))
    assert "a@b.org" in refused(run("import", str(file)), InputError)
    (one,) = done(run("import", str(file), "--redact")).stdout.split()
    file.write_text(TALK)
    (two,) = done(run("import", str(file))).stdout.split()
    for key in ("jsonl", "csv", "html", "markdown"):
        done(run("export", one, two, "--format", key, "--out", str(tmp_path / f"x.{key}")))
    assert (tmp_path / "x.html").read_text().count("<main>") == 2
    refused(run("export", one, "--format", "docx"), InputError)
    store = opened(tmp_path)
    logged = [(a, s) for _, _, a, s in store.people.audit()]
    assert ("exported a session as csv", one) in logged and ("exported a session as csv", two) in logged
    done(run("import", str(tmp_path / "x.jsonl")))
    assert store.count_sessions() == 4
    assert "0 replies" in done(run("rubric", "rescore")).output
    with store.engine.begin() as db:
        db.execute(text("UPDATE sessions SET changed = '2020-01-01 00:00:00'"))
    refused(run("forget", "--older-than", "30", input="n\n"), StoreError)
    done(run("forget", "--older-than", "30", "--yes"))
    assert store.count_sessions() == 0
    # The partners' names were in a document of their own.
    with store.engine.begin() as db:
        assert db.execute(text("SELECT count(*) FROM documents")).scalar() == 0
    store.close()


def test_a_backup_holds_what_the_room_has_learned_and_an_older_one_is_brought_up_to_date(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, copy = tmp_path / "data", tmp_path / "copy.sqlite3"
    refused(run("backup", str(copy)), StoreError)
    opened(tmp_path).close()
    (data / "calibrations").mkdir()
    (data / "calibrations" / "adopted.json").write_text("then")
    (data / "rubric-own1").mkdir()
    (data / "rubric").symlink_to("rubric-own1")
    done(run("backup", str(copy)))
    refused(run("backup", str(copy)), InputError)
    (data / "calibrations" / "adopted.json").write_text("now")
    (data / "rubric").unlink()
    refused(run("restore", str(copy), input="n\n"), StoreError)
    done(run("restore", str(copy), "--yes"))
    assert (data / "calibrations" / "adopted.json").read_text() == "then" and (data / "rubric").is_symlink()
    assert [p.read_text() for p in data.glob("before-*/calibrations/adopted.json")] == ["now"]
    # A backup of the first version of the tables.
    from tests.store.conftest import migrated

    old = tmp_path / "old.sqlite3"
    migrated(f"sqlite:///{old}", "0001").dispose()
    done(run("restore", str(old), "--yes"))
    store = opened(tmp_path)
    assert store.people.audit()[0][2] == "restored a backup" and store.count_sessions() == 0
    with store.engine.begin() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '0999'"))
    store.close()
    assert "newer" in refused(run("restore", str(data / "repair-room.sqlite3"), "--yes"), InputError)
    monkeypatch.setenv("REPAIR_ROOM_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1/none")
    assert "pg_dump" in refused(run("backup", str(tmp_path / "y")), StoreError)
