"""Couples that are ready to be voiced: each is made ready once, and whoever waits for one goes first."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from simulator.couple import Couple, Library, Scenario
from simulator.embedding import Memory
from simulator.errors import RepairRoomError
from simulator.rubric import Engine
from simulator.session.cast import Player, planted_words, players

_KEPT = 64
_PATIENCE = 10.0  # seconds that closing waits for what is being made to stop

_Key = tuple[str, str, frozenset[str]]


class ClosedError(RepairRoomError):
    """The room was closed while a couple was being made ready."""


class Casts:
    """The partners of every couple that was asked for; vectors are remembered in `file`. Safe in many threads."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._made: OrderedDict[_Key, dict[str, Player]] = OrderedDict()
        # Each couple has its own lock: who wants another one does not wait for this one.
        self._making: dict[_Key, threading.Lock] = {}
        self._users: Counter[_Key] = Counter()
        self._wanted: Counter[_Key] = Counter()
        self._closed = False
        self._turn = threading.Condition()

    def get(
        self,
        couple_hash: str,
        couple: Couple,
        scenarios: Sequence[Scenario],
        engine: Engine,
        *,
        waited_for: bool = True,
    ) -> dict[str, Player]:
        """Return both partners by id; `scenarios` are the couple's.

        One that nobody is `waited_for` pauses as long as somebody waits for another couple.

        Raises:
            ClosedError: the room was closed meanwhile.
        """
        # What a partner's lines do is read by the coder, and what they answer hangs on what is planted.
        key = (couple_hash, engine.coder.fingerprint, planted_words(couple, scenarios))
        with self._turn:
            if key in self._made:
                return self._made[key]
            making = self._making.setdefault(key, threading.Lock())
            self._users[key] += 1
            if waited_for:
                self._wanted[key] += 1
            self._turn.notify_all()
        try:
            with making:
                self._check_open()
                cast = self._made.get(key)
                if cast is None:
                    cast = players(couple, engine, Memory(self._file, lambda: self._pause(key)), scenarios)
                    with self._turn:
                        self._made[key] = cast
                        while len(self._made) > _KEPT:
                            self._made.popitem(last=False)
            return cast
        finally:
            with self._turn:
                self._users[key] -= 1
                if waited_for:
                    self._wanted[key] -= 1
                if not self._users[key]:
                    self._making.pop(key)
                self._users, self._wanted = +self._users, +self._wanted
                self._turn.notify_all()

    def prepare(self, library: Library, engine: Engine) -> None:
        """Make every couple of the library ready, as long as nobody waits for one; closing ends it."""
        with suppress(ClosedError):
            for couple_id, couple in library.couples.items():
                couple_hash, scenarios = library.source(couple_id)[1], library.scenarios_of(couple_id)
                self.get(couple_hash, couple, scenarios, engine, waited_for=False)

    def close(self) -> None:
        """Stop what is being made: a process that ends while the encoder works in another thread is aborted."""
        with self._turn:
            self._closed = True
            self._turn.notify_all()
            self._turn.wait_for(lambda: not self._making, _PATIENCE)

    def _pause(self, key: _Key) -> None:
        with self._turn:
            # One that was begun for nobody and is wanted now goes on: else those two would wait for each other.
            self._turn.wait_for(lambda: self._closed or not self._wanted or key in self._wanted)
        self._check_open()

    def _check_open(self) -> None:
        if self._closed:
            raise ClosedError("The room is closing.", how="Open it again.")
