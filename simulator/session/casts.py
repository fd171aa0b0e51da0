"""Couples that are ready to be voiced: each is made so once, and whoever waits for one goes first."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Sequence
from pathlib import Path

from simulator.couple import Couple, Scenario
from simulator.embedding import Memory
from simulator.errors import RepairRoomError
from simulator.rubric import Engine
from simulator.session.cast import Player, players

_KEPT = 64
_PATIENCE = 10.0  # seconds that closing waits for what is being made to stop


class ClosedError(RepairRoomError):
    """The room was closed while a couple was being made ready."""


class Casts:
    """The partners of every couple that was asked for; vectors are remembered in `file`. Safe in many threads."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._made: OrderedDict[str, dict[str, Player]] = OrderedDict()
        # Each couple has its own lock: who wants another one does not wait for this one.
        self._making: dict[str, threading.Lock] = {}
        self._wanted: Counter[str] = Counter()
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
        # What a partner's lines do is read by the coder: another coder, another cast.
        key = f"{couple_hash} {engine.coder.fingerprint}"
        with self._turn:
            if key in self._made:
                return self._made[key]
            making = self._making.setdefault(key, threading.Lock())
            self._wanted[key] += waited_for
            self._turn.notify_all()
        try:
            with making:
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
                self._making.pop(key, None)
                self._wanted[key] -= waited_for
                self._wanted += Counter()  # forgets those that nobody wants
                self._turn.notify_all()

    def close(self) -> None:
        """Stop what is being made: a process that ends while the encoder works in another thread is aborted."""
        with self._turn:
            self._closed = True
            self._turn.notify_all()
            self._turn.wait_for(lambda: not self._making, _PATIENCE)

    def _pause(self, key: str) -> None:
        with self._turn:
            # One that was begun for nobody and is wanted now goes on: else those two would wait for each other.
            self._turn.wait_for(lambda: self._closed or not self._wanted or key in self._wanted)
            if self._closed:
                raise ClosedError("The room is closing.", how="Open it again.")
