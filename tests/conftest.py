"""What the tests share: one scripted room, so that the rubric is loaded once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.session import Room
from simulator.settings import Settings, load_settings
from simulator.store import Repository
from simulator.voice import weights_path

REPLIES = {
    "skilled": [
        "Renu, forty minutes in a car and nothing said. That sounds lonely.",
        "Martin, you were ashamed and you looked for the end of the string.",
        "You're hurt, Renu, and Martin is ashamed, and each of you is alone with it. Can you tell him?",
    ],
    "siding": ["You're right, Renu. Martin is being selfish.", "Martin, you should be ashamed of how you treat her."],
}


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return load_settings(backend="scripted", data_dir=tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="session")
def room(settings: Settings) -> Iterator[Room]:
    opened = Room.open(settings)
    yield opened
    opened.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Repository]:
    opened = Repository.open(f"sqlite:///{tmp_path / 'test.sqlite3'}")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def small_model() -> Path:
    path = weights_path("smollm2-135m", load_settings().cache_dir)
    if not path.exists():
        pytest.skip("fetch the weights first: repair-room model pull smollm2-135m")
    return path
