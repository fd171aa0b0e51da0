"""The page of what `simulator` offers to programs and notebooks, made from the docstrings: `python -m simulator.reference`."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Iterator
from typing import Any

from pydantic import BaseModel

import simulator

_HEAD = """\
# From Python

Made by `python -m simulator.reference`; a test holds it to the docstrings.

A notebook or a program has everything on this page from `simulator` itself; names are imported when they are first used, and
the package carries its type hints (`py.typed`). What is in the inner modules may change.

```python
from simulator import Room, load_settings

room = Room.open(load_settings(backend="scripted"))  # authored lines alone: no weights are needed
session = room.begin("renu-and-martin", "fifth-session", seed=1)
for turn in session.answers():
    print(f"{turn.speaker}: {turn.text}")
turn = session.reply("Renu, forty minutes in a car and nothing said. That sounds lonely.")
for skill, found in turn.score["skills"].items():
    print(skill, found["status"], found.get("level"))
room.close()
```

The [notebooks](../notebooks) show it at work.
"""
# Room of the package -> heading.
_ROOMS = {
    "settings": "Settings", "session": "Sessions", "couple": "Couples", "rubric": "The rubric", "review": "Review",
    "studio": "Writing couples", "people": "People", "store": "The store",
}  # fmt: skip


def python_page() -> str:
    """Return, as Markdown, every public name with its signature and what it does."""
    parts = [_HEAD]
    for room, heading in _ROOMS.items():
        names = [n for n in simulator.__all__ if simulator._WHERE[n].partition(".")[0] == room]
        parts.append(f"## {heading}\n")
        parts += ["\n".join(_entry(name, getattr(simulator, name))) for name in names]
    return "\n".join(parts)


def _entry(name: str, value: Any) -> Iterator[str]:
    if inspect.isclass(value):
        yield f"### class `{name}`\n\n{_told(value)}\n"
        yield from _members(value)
    elif callable(value):
        yield f"### `{name}{_signature(value)}`\n\n{_told(value)}\n"
    else:
        yield f"### `{name}`\n\n`{value!r}`\n"


def _members(cls: type[Any]) -> Iterator[str]:
    rows = []
    if issubclass(cls, BaseModel):
        yield "Its keys are those of the file: [every key](writing-couples.md#every-key).\n"
    elif dataclasses.is_dataclass(cls):
        fields = [f for f in dataclasses.fields(cls) if not f.name.startswith("_")]
        rows += [f"- `{f.name}: {f.type}`" for f in fields]
    for name, member in vars(cls).items():
        if name.startswith("_"):
            continue
        if isinstance(member, property):
            rows.append(f"- `.{name}`: {_first(member)}")
        elif isinstance(member, classmethod | staticmethod):
            rows.append(f"- `{cls.__name__}.{name}{_signature(member.__func__)}`: {_first(member.__func__)}")
        elif inspect.isfunction(member):
            rows.append(f"- `.{name}{_signature(member)}`: {_first(member)}")
    if rows:
        yield "\n".join(rows) + "\n"


class _Bare(str):
    """An annotation that is shown without the quotes which `from __future__ import annotations` gives it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _signature(function: Callable[..., Any]) -> str:
    found = inspect.signature(function)
    shown = [
        p.replace(
            annotation=_Bare(p.annotation) if isinstance(p.annotation, str) else p.annotation,
            # A function shows where it lies in memory, which is another place in every run.
            default=_Bare("...") if inspect.isfunction(p.default) else p.default,
        )
        for p in found.parameters.values()
        if p.name not in ("self", "cls") and not p.name.startswith("_")
    ]
    back = found.return_annotation
    return str(found.replace(parameters=shown, return_annotation=_Bare(back) if isinstance(back, str) else back))


def _told(value: Any) -> str:
    """Return the docstring as Markdown: its paragraphs, with what is raised as a sentence."""
    text = inspect.getdoc(value) or ""
    return text.replace("Raises:\n    ", "Raises ")


def _first(value: Any) -> str:
    return " ".join((inspect.getdoc(value) or "").split("\n\n")[0].split())


if __name__ == "__main__":
    print(python_page(), end="")
