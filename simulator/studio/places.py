"""Where in a couple's files something stands: the words that a supervisor doubts, found by what they say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from simulator.couple.loader import line_of
from simulator.couple.raw import texts
from simulator.studio.manuscript import in_order, load
from simulator.text import words


class Place(NamedTuple):
    """A key of a file, and its line."""

    file: str
    path: str
    line: int


def find(files: Mapping[str, str], quote: str) -> Place | None:
    """Return where these words stand in a couple's files; None when no author wrote them."""
    wanted = _flat(quote)
    if not wanted.strip():
        return None
    # A name alone is in many places; the shortest text that holds the words is the line they were said in.
    best: tuple[int, Place] | None = None
    for name in in_order(files):
        data = load(files[name])
        for path, text in texts(data):
            if wanted in _flat(text) and (best is None or len(text) < best[0]):
                best = len(text), Place(name, ".".join(map(str, path)), line_of(data, path))
    return best[1] if best else None


def _flat(text: str) -> str:
    return f" {' '.join(words(text))} "
