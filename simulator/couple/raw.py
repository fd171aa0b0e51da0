"""Steps through what a file holds, checked or not: a mapping, a list or a model, and nothing where there is none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

Step = str | int
Path = tuple[Step, ...]


def get(node: Any, step: Step) -> Any:
    """Return what stands under a key, or at a place of a list; None where nothing does."""
    if isinstance(node, Mapping):
        return node.get(step)
    if isinstance(node, BaseModel):
        return getattr(node, str(step), None)
    if isinstance(node, list) and isinstance(step, int) and 0 <= step < len(node):
        return node[step]
    return None


def items(node: Any, step: Step) -> list[Any]:
    """Return the items of the list under a key, none where there is no list."""
    found = get(node, step)
    return found if isinstance(found, list) else []


def text(node: Any, step: Step) -> str:
    """Return the text under a key, "" where there is none."""
    found = get(node, step)
    return str(found) if isinstance(found, str | int) else ""


def texts(node: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Yield every text within a file's data, with its path."""
    if isinstance(node, str):
        yield path, node
    elif isinstance(node, Mapping):
        for key, value in node.items():
            yield from texts(value, (*path, str(key)))
    elif isinstance(node, list):
        for at, value in enumerate(node):
            yield from texts(value, (*path, at))
