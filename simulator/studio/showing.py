"""What of a form meets the eye: what is asked for, wrong, or was just saved, and what somebody has written that is not kept yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from simulator.studio.boxes import CARRIED, GONE, PLACE, Field, Group, fields, items


@dataclass(frozen=True)
class Look:
    """What a page knows of a form beside what is in its file; all by paths, as in partners.0.lines.16.say."""

    at: str = ""  # what is asked for
    wrong: tuple[tuple[str, str], ...] = ()  # (path, what is wrong with it)
    changed: frozenset[str] = frozenset()  # boxes that the last saving changed, and items that it moved
    added: frozenset[str] = frozenset()  # items that it added
    sent: Mapping[str, str] = field(default_factory=dict)  # what was sent and could not be kept


def shown(group: Group, look: Look) -> Group:
    """Return a form with everything that a page knows of it: open, marked, filled."""
    there = {node.path for node in _nodes(group)}
    wrong: dict[str, list[str]] = {}
    for path, words in look.wrong:
        owner = _owner(path, group.path, there)
        if owner is not None:
            wrong.setdefault(owner, []).append(words)
    at = _owner(look.at, group.path, there) if look.at else None
    return _group(group, look, wrong, at)


def runs(paths: Sequence[str]) -> list[tuple[str, int]]:
    """Return (the first, how many) of items that stand one after another."""
    found: list[tuple[str, int]] = []
    for path in paths:
        first, count = found[-1] if found else ("", 0)
        if count and path == _later(first, count):
            found[-1] = first, count + 1
        else:
            found.append((path, 1))
    return found


def unrolled(marks: Iterable[str]) -> frozenset[str]:
    """Return the paths of items that an address names: one by one, or as the first and how many (facts.3:2)."""
    found = set()
    for mark in marks:
        path, _, count = mark.partition(":")
        number = path.rpartition(".")[2]
        many = int(count) if count.isdecimal() and len(count) < 4 and number.isdecimal() and len(number) < 7 else 1
        found |= {_later(path, n) for n in range(many)} if many > 1 else {path}
    return frozenset(found)


def _later(path: str, by: int) -> str:
    head, _, number = path.rpartition(".")
    return f"{head}.{int(number) + by}"


def _group(group: Group, look: Look, wrong: Mapping[str, list[str]], at: str | None) -> Group:
    children = tuple(
        _group(c, look, wrong, at) if isinstance(c, Group) else _field(c, look, wrong, at) for c in group.children
    )
    own = tuple(wrong.get(group.path, ()))
    count = len(own) + sum(c.count if isinstance(c, Group) else len(c.wrong) for c in children)
    kept = group.path in look.added or any(n.path in look.changed for n in (group, *group.children))
    kept = kept or any(isinstance(c, Group) and c.kept and not c.item for c in children)
    added = [c for c in items(group) if c.path in look.added] if look.added else []
    if added:
        children = tuple(_next(c, added) if isinstance(c, Group) and (c.new or c.several) else c for c in children)
    placed = look.sent.get(group.path + PLACE, "")
    asked = bool(count) or at == group.path or (kept and len(look.added) < 2) or _written(group, look)
    within = any(c.open or (isinstance(c, Group) and c.kept) for c in children)
    return replace(
        group, children=children, wrong=own, count=count, kept=kept, gone=group.path + GONE in look.sent,
        place=int(placed) if group.place and placed.isdecimal() and len(placed) < 7 else group.place,
        open=group.open or asked or within,
    )  # fmt: skip


def _field(box: Field, look: Look, wrong: Mapping[str, list[str]], at: str | None) -> Field:
    own = tuple(wrong.get(box.path, ()))
    value = look.sent[box.path].replace("\r\n", "\n") if box.path in look.sent else box.value
    return replace(box, value=value, wrong=own, open=bool(own) or at == box.path)


def _next(new: Group, added: Sequence[Group]) -> Group:
    """Return the boxes for the next item, with what was chosen for those that were just added."""
    chosen = {f.key: f.value for f in fields(added[-1]) if f.key in CARRIED}
    children = tuple(
        replace(c, value=chosen[c.key]) if isinstance(c, Field) and c.key in chosen and not c.value else c
        for c in new.children
    )
    return replace(new, children=children, open=new.open or not new.several or len(added) > 1)


def _written(group: Group, look: Look) -> bool:
    """Return whether somebody wrote into a new item, or changed one, and it could not be kept."""
    if not look.sent or not (group.item or group.folded):
        return False
    return group.path + GONE in look.sent or any(
        look.sent.get(f.path, f.value).replace("\r\n", "\n") != f.value for f in fields(group)
    )


def _owner(path: str, root: str, there: set[str]) -> str | None:
    """Return the deepest box or group that a path leads to; None for what this form does not show."""
    steps = path.split(".") if path else []
    for end in range(len(steps), -1, -1):
        found = ".".join(steps[:end])
        if found in there:
            # What another form shows is not said in this one: here belongs what is its own, or has no box.
            return found if found != root or len(steps) - end < 2 else None
    return None


def _nodes(group: Group) -> Iterator[Field | Group]:
    yield group
    for child in group.children:
        if isinstance(child, Group):
            yield from _nodes(child)
        else:
            yield child
