"""Which texts of a couple are still the words of the skeleton it began with: trainees would read and hear them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from simulator.couple.finding import COUPLE, Finding
from simulator.couple.loader import read_yaml
from simulator.couple.naming import label, place_of
from simulator.couple.raw import Path, texts
from simulator.studio.skeleton import skeleton

# Words of the skeleton that an author may well keep.
_MAY_STAY = {"How has the week been?", "Never explains a feeling when ashamed.", "You hold both.", "You take a side."}
_NAMES = ("Aaaa", "Bbbb")


def unwritten(files: Mapping[str, Any]) -> list[Finding]:
    """Return, for each part of a couple's files (by name, their data), which keys still hold the skeleton's words."""
    found = []
    for file, data in files.items():
        there: dict[Path, list[Path]] = {}
        for path, text in texts(data):
            if _skeletons().fullmatch(" ".join(text.split())):
                there.setdefault(_part(path), []).append(path)
        for part, paths in there.items():
            keys = dict.fromkeys(label(str(p[len(part)])) for p in paths)
            words = f"still the words of the skeleton: {', '.join(keys)}."
            found.append(Finding(file, ".".join(map(str, paths[0])), words, place=place_of(data, part)))
    return found


def _part(path: Path) -> Path:
    """Return the part of a file that a path is told under: a partner, a fact, a bid; the other keys together."""
    return path[:2] if path[0] in ("partners", "facts", "bids") else ()


@lru_cache(maxsize=1)
def _skeletons() -> re.Pattern[str]:
    """Return what matches the skeleton's texts, whatever the two are called in them."""
    told = {
        " ".join(text.split())
        for file in skeleton("a-and-b", _NAMES, "").values()
        for path, text in texts(read_yaml(file, COUPLE))
        # Whole phrases that say what belongs there, and no title made of the names.
        if text.count(" ") > 1 and not text.startswith(_NAMES)
    }
    every = [re.sub("|".join(_NAMES), r".{1,60}?", re.escape(text)) for text in sorted(told - _MAY_STAY)]
    return re.compile("|".join(every))
