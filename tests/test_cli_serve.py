"""What `serve --fetch` does while the weights come."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from simulator.cli import serve
from simulator.embedding import Memory
from simulator.errors import ModelError
from simulator.session import casts
from simulator.settings import load_settings

PATIENCE = 60.0


def test_couples_are_made_ready_while_the_weights_come_and_no_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []
    one = threading.Event()

    def making(couple: Any, engine: Any, memory: Memory, scenarios: Any) -> None:
        assert memory.file.parent == tmp_path
        begun.append(couple.id)
        one.set()
        while True:  # part after part, until it is told to stop
            memory.between()
            time.sleep(0.01)

    def pulling(*_: Any, **__: Any) -> None:
        assert one.wait(PATIENCE)
        raise ModelError("The network is down.", how="Try again.")

    monkeypatch.setattr(casts, "players", making)
    monkeypatch.setattr(serve, "pull", pulling)
    with pytest.raises(ModelError):
        serve._fetch(load_settings(backend="embedded", cache_dir=tmp_path))
    assert len(begun) == 1
    assert not any(t.name == "make-ready" for t in threading.enumerate())
