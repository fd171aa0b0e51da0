"""What a form is made of: boxes, the groups that they stand in, and lists whose items can be added, moved and taken out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from simulator.studio.choices import Choice

NEW = "new"  # stands for the number of an item that a form adds
SEVERAL = "several"  # stands for that of many items that are added at once, one for each line of text
# What is sent under the name of an item, or of a list, with this at its end:
GONE = "-gone"  # it is taken out
PLACE = "-place"  # the place that it shall have, from 1, as it was written
TO = "-to"  # the same, of a button that was pressed
SORT = "-sort"  # the list is sorted
HEAD = "-head"  # ends the id of an item's first line on the page
MOST = 200  # items that are added at once
CARRIED = frozenset({"move", "mood"})  # the next item begins with what was chosen for the last
_BROAD, _LEAST, _MOST = 64, 2, 24  # characters in a line of a box, and how many lines of it are shown


@dataclass(frozen=True)
class Field:
    """One box of a form: its path in the file (partners.0.name), what it is, and what stands in it."""

    path: str
    key: str
    kind: Literal["text", "long", "number", "choice", "lines", "many"]
    value: str  # several values stand one on each line
    options: tuple[Choice, ...] = ()
    help: str = ""
    holds: Literal["text", "whole", "number"] = "text"
    title: str = ""  # what its key is called in words
    spoken: bool = False  # it is said in one go: breaks in it would be a mistake
    name: str = ""  # under which it is sent: its path, with what each item on the way was
    wrong: tuple[str, ...] = ()
    open: bool = False

    @property
    def rows(self) -> int:
        """How many lines of a box the text takes, within bounds."""
        lines = sum(1 + len(x) // _BROAD for x in self.value.split("\n"))
        return min(max(lines, _LEAST), _MOST)

    @property
    def grouped(self) -> list[tuple[str, list[Choice]]]:
        """What may be chosen, by the groups in which it is read; the title of a group can be empty."""
        return [
            (group, [c for c in self.options if c.group == group])
            for group in dict.fromkeys(c.group for c in self.options)
        ]

    @property
    def chosen(self) -> list[str]:
        """What is chosen, as the page says it."""
        said = {c.value: c.label for c in self.options}
        return [said.get(x, x) for x in self.value.split("\n") if x]


@dataclass(frozen=True)
class Group:
    """Boxes that belong together; one that can be taken out, or added, is an item of a list."""

    path: str
    title: str
    children: tuple[Field | Group, ...]
    item: bool = False
    new: bool = False
    several: bool = (
        False  # in place of one new item, many: their first boxes hold for all, the last has a line for each
    )
    folded: bool = False  # it is closed at first: it need not be filled in, or is one group of many
    open: bool = False  # what is asked for stands in it, or something is wrong in it
    place: int = 0  # where it stands in a list whose order means something, from 1
    up: int = 0  # the place before the one that stands above it; 0 for an item that no button moves
    down: int = 0
    sort: str = ""  # the key by which this list can be sorted
    tag: str = ""  # what the item is (or the list that a new one is for): a form for another one is not mistaken for it
    name: str = ""
    wrong: tuple[str, ...] = ()  # of itself; its boxes and groups have their own
    count: int = 0  # of everything that is wrong in it
    kept: bool = False  # the last saving changed or added it
    gone: bool = False  # it is ticked to be taken out
    key: str = ""  # of the file, where the title says it in words


@dataclass(frozen=True)
class Listed:
    """A list in a form: the items that are in the file, the one to be added, and the box for many at once."""

    path: str
    items: tuple[Group, ...]
    new: Group
    several: Group | None = None
    sort: str = ""


def fields(group: Group) -> Iterator[Field]:
    """Yield the boxes of a form, in order."""
    for child in group.children:
        if isinstance(child, Field):
            yield child
        else:
            yield from fields(child)


def lists(group: Group) -> Iterator[Listed]:
    """Yield each list of items in a form, those within others first."""
    if group.new or group.several:
        return
    for child in group.children:
        if isinstance(child, Group):
            yield from lists(child)
    own = [c for c in group.children if isinstance(c, Group)]
    new = next((c for c in own if c.new), None)
    if new:
        yield Listed(group.path, tuple(items(group)), new, next((c for c in own if c.several), None), group.sort)


def items(group: Group) -> Iterator[Group]:
    """Yield the items of a list that are in the file, also those that stand in groups by their kind."""
    for child in group.children:
        if isinstance(child, Group) and not child.new and not child.several:
            yield from [child] if child.item else items(child)
