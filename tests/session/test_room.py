"""What the room does before a session: couples are made ready in the background, and whoever comes in goes first."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from simulator.session import Room
from simulator.session import room as module

PATIENCE = 30.0


@pytest.fixture
def own(room: Room) -> Room:
    """A room in which no couple is ready yet."""
    return Room(room.settings, room.library, room.store, room.engine, room.voice)


def test_a_couple_that_is_wanted_goes_before_those_that_are_not(own: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    begun, go_on, wanted = threading.Event(), threading.Event(), threading.Event()
    ids = list(own.library.couples)

    def making(couple: Any, *_: Any) -> dict[str, Any]:
        order.append(couple.id)
        if couple.id == ids[0]:
            begun.set()
            assert go_on.wait(PATIENCE)
        if couple.id == ids[-1]:
            wanted.set()
            # The first one is done meanwhile, and no other begins.
            go_on.set()
            assert not second.wait(0.5)
        elif couple.id == ids[1]:
            second.set()
        return {}

    second = threading.Event()
    monkeypatch.setattr(module, "players", making)
    background = threading.Thread(target=own.prepare, daemon=True)
    background.start()
    assert begun.wait(PATIENCE)
    own._cast(own.library.source(ids[-1])[1], own.library.couple(ids[-1]))
    background.join(PATIENCE)
    assert wanted.is_set() and order[:2] == [ids[0], ids[-1]]
    assert sorted(order) == sorted(ids)


def test_a_couple_is_made_ready_once_however_many_want_it(own: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    together = threading.Barrier(4)

    def making(couple: Any, *_: Any) -> dict[str, Any]:
        made.append(couple.id)
        threading.Event().wait(0.2)
        return {}

    monkeypatch.setattr(module, "players", making)
    couple_id = next(iter(own.library.couples))

    def want() -> None:
        together.wait(PATIENCE)
        own._cast(own.library.source(couple_id)[1], own.library.couple(couple_id))

    threads = [threading.Thread(target=want) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert made == [couple_id]


def test_one_that_cannot_be_made_ready_keeps_nobody_waiting(own: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    couple_id = next(iter(own.library.couples))

    def making(*_: Any) -> dict[str, Any]:
        raise OSError("no space")

    monkeypatch.setattr(module, "players", making)
    with pytest.raises(OSError, match="no space"):
        own._cast(own.library.source(couple_id)[1], own.library.couple(couple_id))
    monkeypatch.setattr(module, "players", lambda *_: {})
    done = threading.Thread(target=own.prepare, daemon=True)
    done.start()
    done.join(PATIENCE)
    assert not done.is_alive()
