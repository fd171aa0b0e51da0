"""What `serve --fetch` does while the weights come."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from simulator.cli import serve
from simulator.embedding import Memory
from simulator.errors import ModelError
from simulator.session import cast
from simulator.settings import load_settings

PATIENCE = 60.0


@pytest.mark.parametrize("works", [True, False])
def test_couples_are_made_ready_while_the_weights_come_and_no_longer(
    works: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    one, go_on = threading.Event(), threading.Event()

    def making(couple: Any, engine: Any, memory: Memory, scenarios: Any) -> None:
        assert memory.file.parent == tmp_path
        made.append(couple.id)
        one.set()
        assert go_on.wait(PATIENCE)

    def pulling(*_: Any, **__: Any) -> None:
        assert one.wait(PATIENCE)
        if not works:
            raise ModelError("The network is down.", how="Try again.")

    monkeypatch.setattr(cast, "players", making)
    monkeypatch.setattr(serve, "pull", pulling)
    settings = load_settings(backend="embedded", cache_dir=tmp_path)
    before = set(threading.enumerate())
    try:
        serve._fetch(settings)
    except ModelError:
        assert not works
    (background,) = set(threading.enumerate()) - before
    go_on.set()
    background.join(PATIENCE)
    assert len(made) == 1 and not background.is_alive()
