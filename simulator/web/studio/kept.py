"""What the bench answered, kept for a while in memory: a page that can be gone back to and read again asks nobody anew."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from typing import Any

_MOST = 100  # answers, over all who write


class Answers:
    """Answers by a key that nobody guesses, each for one person and one couple; the oldest go first."""

    def __init__(self, most: int = _MOST) -> None:
        self._most, self._lock = most, threading.Lock()
        self._kept: OrderedDict[str, tuple[object, dict[str, Any]]] = OrderedDict()

    def keep(self, whose: object, answer: dict[str, Any]) -> str:
        """Keep an answer and return its key."""
        key = secrets.token_urlsafe(12)
        with self._lock:
            self._kept[key] = whose, answer
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return key

    def get(self, whose: object, key: str) -> dict[str, Any] | None:
        """Return an answer, None when there is none of this key for them."""
        with self._lock:
            owner, answer = self._kept.get(key, (None, {}))
        return answer if answer and owner == whose else None
