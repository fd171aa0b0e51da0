"""A real Chromium, and a room served for it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from simulator.people import add_person
from simulator.session import Room
from simulator.settings import load_settings
from simulator.store import Repository
from tests.web.driving import ARTIFACTS, free_port, serving
from tests.web.people import PASSWORD


@pytest.fixture
def full(tmp_path: Path, room: Room) -> Iterator[Room]:
    """A room with accounts; Anna is in Sue's group, Ben in Tim's."""
    store = Repository.open(f"sqlite:///{tmp_path / 'people.sqlite3'}")
    settings = load_settings(backend="scripted", data_dir=tmp_path, calibration_share=0.0)
    for name, role in (
        ("ada", "administrator"),
        ("sue", "supervisor"),
        ("tim", "supervisor"),
        ("edu", "educator"),
        ("anna", "trainee"),
        ("ben", "trainee"),
    ):
        add_person(store, name, role, PASSWORD)
    for name, group in (("anna", "monday"), ("sue", "monday"), ("ben", "friday"), ("tim", "friday")):
        store.people.join(name, group)
    yield Room(settings, room.library, store, room.engine, room.voice)
    store.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if not chromium:
        pytest.skip("chromium is not installed; make test installs it")
    ARTIFACTS.mkdir(exist_ok=True)
    with sync_playwright() as p:
        opened = p.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    with serving(tmp_path_factory.mktemp("web"), port):
        yield f"http://127.0.0.1:{port}"
