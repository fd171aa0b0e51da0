"""Couples are made ready in the background, and whoever wants one goes first."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from simulator.embedding import Memory
from simulator.errors import RepairRoomError
from simulator.session import Room
from simulator.session import casts as module
from simulator.session.casts import Casts, ClosedError

PATIENCE = 30.0


class Making:
    """Stands in for the work: two parts, each begun after asking; notes what was begun and what was done."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.done: list[str] = []
        self.hold = threading.Event()  # the first part of the first couple waits for this
        self.holding = threading.Event()

    def __call__(self, couple: Any, engine: Any, memory: Memory, scenarios: Any) -> dict[str, Any]:
        memory.between()
        self.begun.append(couple.id)
        if len(self.begun) == 1:
            self.holding.set()
            assert self.hold.wait(PATIENCE)
        memory.between()
        self.done.append(couple.id)
        return {}


@pytest.fixture
def making(monkeypatch: pytest.MonkeyPatch) -> Making:
    made = Making()
    monkeypatch.setattr(module, "players", made)
    return made


def wants(casts: Casts, room: Room, couple_id: str, *, waited_for: bool = True) -> threading.Thread:
    couple_hash, couple = room.library.source(couple_id)[1], room.library.couple(couple_id)

    def want() -> None:
        with_errors.append(None)
        try:
            casts.get(couple_hash, couple, [], room.engine, waited_for=waited_for)
        except RepairRoomError as error:
            with_errors[-1] = error

    with_errors: list[Exception | None] = []
    thread = threading.Thread(target=want, daemon=True)
    thread.errors = with_errors  # type: ignore[attr-defined]
    thread.start()
    return thread


def test_a_couple_that_is_wanted_goes_before_one_that_is_not(making: Making, room: Room, tmp_path: Path) -> None:
    casts, (first, *_, last) = Casts(tmp_path / "v"), list(room.library.couples)
    background = wants(casts, room, first, waited_for=False)
    assert making.holding.wait(PATIENCE)
    hold, making.hold = making.hold, threading.Event()
    making.hold.set()
    wanted = wants(casts, room, last)
    wanted.join(PATIENCE)
    hold.set()
    background.join(PATIENCE)
    assert making.done == [last, first]


def test_one_begun_for_nobody_goes_on_when_it_is_wanted_beside_another(
    making: Making, room: Room, tmp_path: Path
) -> None:
    casts, (first, *_, last) = Casts(tmp_path / "v"), list(room.library.couples)
    making.hold.set()
    threads = [
        wants(casts, room, first, waited_for=False), wants(casts, room, last), wants(casts, room, first),
        wants(casts, room, last, waited_for=False),
    ]  # fmt: skip
    for thread in threads:
        thread.join(PATIENCE)
    # Each was made once, and nobody waits for ever.
    assert sorted(making.done) == sorted([first, last])


def test_the_room_closes_while_couples_are_made_ready(making: Making, room: Room, tmp_path: Path) -> None:
    casts, (first, *_, last) = Casts(tmp_path / "v"), list(room.library.couples)
    background = wants(casts, room, first, waited_for=False)
    assert making.holding.wait(PATIENCE)
    closing = threading.Thread(target=casts.close, daemon=True)
    closing.start()
    closing.join(0.2)
    # What works is waited for: it stops before its next part.
    assert closing.is_alive()
    making.hold.set()
    closing.join(PATIENCE)
    background.join(PATIENCE)
    assert not closing.is_alive() and making.done == []
    assert isinstance(background.errors[0], ClosedError)  # type: ignore[attr-defined]
    late = wants(casts, room, last)
    late.join(PATIENCE)
    assert isinstance(late.errors[0], ClosedError)  # type: ignore[attr-defined]


def test_one_that_cannot_be_made_ready_keeps_nobody_waiting(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    casts, (first, *_, last) = Casts(tmp_path / "v"), list(room.library.couples)

    def failing(*_: Any) -> dict[str, Any]:
        raise OSError("no space")

    monkeypatch.setattr(module, "players", failing)
    with pytest.raises(OSError, match="no space"):
        casts.get(room.library.source(first)[1], room.library.couple(first), [], room.engine)
    made = Making()
    made.hold.set()
    monkeypatch.setattr(module, "players", made)
    wants(casts, room, last, waited_for=False).join(PATIENCE)
    assert made.done == [last]
