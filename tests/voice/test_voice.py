from __future__ import annotations

from pathlib import Path

import pytest

from simulator.errors import InputError, ModelError
from simulator.session import Room
from simulator.voice import check, weights, weights_path
from simulator.voice.backends import CompletionVoice
from simulator.voice.weights import ready
from simulator.web.server import listen, only_loopback


def test_a_damaged_weight_file_is_told(tmp_path: Path) -> None:
    path = weights_path("smollm2-135m", tmp_path)
    path.parent.mkdir(parents=True)
    with path.open("wb") as handle:
        handle.truncate(weights("smollm2-135m").bytes)
    assert "sha256" in (check("smollm2-135m", tmp_path) or "")
    with pytest.raises(ModelError, match="model pull"):
        ready("smollm2-135m", tmp_path)


def test_a_model_that_dies_is_answered_by_an_authored_line(room: Room) -> None:
    dead = CompletionVoice("gone", "http://127.0.0.1:9/v1", timeout=2)
    other = Room(room.settings, room.library, room.store, room.engine, dead)
    session = other.begin("renu-and-martin", "fifth-session", seed=1)
    list(session.answers())
    session.reply("What was it like in the car, Renu?")
    spoken = list(session.answers())
    assert spoken and all(t.source == "authored" for t in spoken)
    assert any("No model answers" in t.trouble for t in spoken)


def test_a_port_in_use_is_told() -> None:
    taken = listen("127.0.0.1", 0)
    with pytest.raises(InputError, match="--port"):
        listen("127.0.0.1", taken.getsockname()[1])
    taken.close()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.org", "::"])
def test_other_addresses_than_loopback_are_refused(host: str) -> None:
    with pytest.raises(InputError):
        only_loopback(host)
