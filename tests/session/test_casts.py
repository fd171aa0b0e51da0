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
    """Stands in for the work: two parts, each begun after asking. A couple in `hold` waits in its first part."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.hold: dict[str, threading.Event] = {}
        self.begun: dict[str, threading.Event] = {}

    def holding(self, couple_id: str) -> None:
        self.hold[couple_id], self.begun[couple_id] = threading.Event(), threading.Event()

    def __call__(self, couple: Any, engine: Any, memory: Memory, scenarios: Any) -> dict[str, Any]:
        memory.between()
        if couple.id in self.hold:
            self.begun[couple.id].set()
            assert self.hold[couple.id].wait(PATIENCE)
        memory.between()
        self.done.append(couple.id)
        return {}


@pytest.fixture
def making(monkeypatch: pytest.MonkeyPatch) -> Making:
    made = Making()
    monkeypatch.setattr(module, "players", made)
    return made


Wanting = tuple[threading.Thread, list[RepairRoomError]]


def wants(casts: Casts, room: Room, couple_id: str, *, waited_for: bool = True) -> Wanting:
    couple_hash, couple = room.library.source(couple_id)[1], room.library.couple(couple_id)
    errors: list[RepairRoomError] = []

    def want() -> None:
        try:
            casts.get(couple_hash, couple, [], room.engine, waited_for=waited_for)
        except RepairRoomError as error:
            errors.append(error)

    thread = threading.Thread(target=want, daemon=True)
    thread.start()
    return thread, errors


def test_a_couple_that_is_wanted_goes_before_one_that_is_not(making: Making, room: Room, tmp_path: Path) -> None:
    casts, (first, *_, last) = Casts(tmp_path / "v"), list(room.library.couples)
    making.holding(first)
    making.holding(last)
    background, _ = wants(casts, room, first, waited_for=False)
    assert making.begun[first].wait(PATIENCE)
    wanted, _ = wants(casts, room, last)
    assert making.begun[last].wait(PATIENCE)
    making.hold[first].set()
    # The one that nobody waits for stands before its next part, and another one does not begin.
    third, _ = wants(casts, room, _other(room, first, last), waited_for=False)
    background.join(0.3)
    assert background.is_alive() and third.is_alive() and making.done == []
    making.hold[last].set()
    for thread in (wanted, background, third):
        thread.join(PATIENCE)
    assert making.done[0] == last and len(making.done) == 3


def test_one_begun_for_nobody_goes_on_when_it_is_wanted_beside_another(
    making: Making, room: Room, tmp_path: Path
) -> None:
    casts, (first, *_, last) = Casts(tmp_path / "v"), list(room.library.couples)
    making.holding(first)
    making.holding(last)
    background, _ = wants(casts, room, first, waited_for=False)
    other, _ = wants(casts, room, last)
    assert making.begun[first].wait(PATIENCE) and making.begun[last].wait(PATIENCE)
    same, _ = wants(casts, room, first)
    making.hold[first].set()
    same.join(PATIENCE)
    background.join(PATIENCE)
    assert making.done == [first] and other.is_alive()
    making.hold[last].set()
    other.join(PATIENCE)
    assert making.done == [first, last]


def test_the_room_closes_while_couples_are_made_ready(making: Making, room: Room, tmp_path: Path) -> None:
    casts, first = Casts(tmp_path / "v"), next(iter(room.library.couples))
    making.holding(first)
    background, errors = wants(casts, room, first, waited_for=False)
    assert making.begun[first].wait(PATIENCE)
    closing = threading.Thread(target=casts.close, daemon=True)
    closing.start()
    closing.join(0.2)
    # What works is waited for: it stops before its next part.
    assert closing.is_alive()
    making.hold[first].set()
    closing.join(PATIENCE)
    background.join(PATIENCE)
    assert not closing.is_alive() and making.done == [] and isinstance(errors[0], ClosedError)


def test_a_closed_room_makes_nothing_ready_also_when_all_is_remembered(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    monkeypatch.setattr(module, "players", lambda couple, *_: made.append(couple.id))
    casts = Casts(tmp_path / "v")
    casts.close()
    thread, errors = wants(casts, room, next(iter(room.library.couples)))
    thread.join(PATIENCE)
    assert made == [] and isinstance(errors[0], ClosedError)


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
    monkeypatch.setattr(module, "players", made)
    for couple_id in (last, first):
        wants(casts, room, couple_id, waited_for=False)[0].join(PATIENCE)
    assert made.done == [last, first]


def test_a_couple_whose_planted_moments_changed_is_made_ready_anew(making: Making, room: Room, tmp_path: Path) -> None:
    casts, couple_id = Casts(tmp_path / "v"), next(iter(room.library.couples))
    couple, scenarios = room.library.couple(couple_id), room.library.scenarios_of(couple_id)
    for some in (scenarios, scenarios[::-1], scenarios[:1]):
        casts.get("hash", couple, some, room.engine)
    assert making.done == [couple_id] * 2


def _other(room: Room, *but: str) -> str:
    return next(c for c in room.library.couples if c not in but)
