"""Names of boxes that hold for one state of a file alone: the number of each item on the way, and what the item was.

A browser that puts old words back into a new page, or a page that was open for long, names items by numbers that others
have now. `facts.14~3fa21c07.text` is the text of the fact that stood at 14 and looked like that, wherever it stands now.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

_TAGGED = re.compile(r"(\d{1,6}|[a-z]+)~([0-9a-f]{8})(.*)")


def tag(value: Any) -> str:
    """Return a short mark of an item, or of a list, as it stands."""
    text = json.dumps(value, ensure_ascii=False, default=str, skipkeys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


class Places:
    """Where the items of one file's data stand, found by what they are."""

    def __init__(self, data: Any) -> None:
        self._data = data
        self._tags: dict[int, list[str]] = {}

    def path(self, name: str) -> str | None:
        """Return the path that a box of this name has, None when the item is not there as it was."""
        steps, node = [], self._data
        for step in name.split("."):
            found = _TAGGED.fullmatch(step)
            if found and not isinstance(node, Mapping):
                at = self._number(node, found[1], found[2])
                if at is None:
                    return None
                steps.append(f"{at}{found[3]}")
                node = _below(node, at)
            else:
                steps.append(step)
                node = _below(node, step)
        return ".".join(steps)

    def name(self, path: str) -> str:
        """Return the name of a box, or of an item, by its path."""
        steps, node = [], self._data
        for step in path.split("."):
            number, dash, rest = step.partition("-") if isinstance(node, list) else (step, "", "")
            below = _below(node, number)
            steps.append(f"{number}~{tag(below)}{dash}{rest}" if isinstance(node, list) and below is not None else step)
            node = below
        return ".".join(steps)

    def _number(self, node: Any, step: str, wanted: str) -> str | None:
        there = node if isinstance(node, list) else []
        if not step.isdecimal():
            return step if tag(there) == wanted else None
        if id(there) not in self._tags:
            self._tags[id(there)] = [tag(x) for x in there]
        tags = self._tags[id(there)]
        if int(step) < len(tags) and tags[int(step)] == wanted:
            return step
        return str(tags.index(wanted)) if wanted in tags else None


def _below(node: Any, step: str) -> Any:
    if isinstance(node, Mapping):
        return node.get(step)
    if isinstance(node, list) and step.isdecimal() and len(step) < 7 and int(step) < len(node):
        return node[int(step)]
    return None
