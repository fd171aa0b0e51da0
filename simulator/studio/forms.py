"""Forms made from the models: the same keys as the YAML, nothing in it lost that a form does not show."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from simulator.couple import MOVES
from simulator.couple.keys import KEYS
from simulator.errors import InputError
from simulator.studio.choices import NONE, Choice, Choices

NEW = "new"  # stands for the number of an item that a form adds
_FEW = 20  # so many lines are shown at once
GONE = "-gone"  # a ticked box of this name takes an item out
_LONG = frozenset(
    {"summary", "background", "speech", "brief", "notes", "model_reply", "text", "content_note", "aim", "event", "say"}
)


@dataclass(frozen=True)
class Field:
    """One box of a form: its path in the file (partners.0.name), what it is, and what stands in it."""

    path: str
    key: str
    kind: Literal["text", "long", "number", "choice", "lines", "many"]
    value: str  # several values stand one on each line
    options: tuple[Choice, ...] = ()
    help: str = ""
    whole: bool = False  # what stands in it are whole numbers


@dataclass(frozen=True)
class Group:
    """Boxes that belong together; one that can be taken out, or added, is an item of a list."""

    path: str
    title: str
    children: tuple[Field | Group, ...]
    item: bool = False
    new: bool = False
    folded: bool = False  # it is closed at first: it need not be filled in, or is one group of many
    open: bool = False  # what is asked for stands in it


def parts_of(model: type[BaseModel], data: Any) -> list[tuple[str, str]]:
    """Return (path, title) of the forms that a file is edited in; "" is that of its plain keys."""
    found = [("", "About")]
    for key, info in model.model_fields.items():
        kind = _bare(info.annotation)
        if key == "partners":
            for number, partner in enumerate(_list(_get(data, key))):
                name = str(_get(partner, "name") or number + 1)
                found += [(f"partners.{number}", name), (f"partners.{number}.lines", f"{name}: lines")]
        elif not _plain(kind):
            found.append((key, key.capitalize()))
    return found


def part_of(model: type[BaseModel], path: str) -> str:
    """Return the part of a file in whose form the key at `path` stands."""
    first, *rest = path.split(".")
    if first not in model.model_fields or _plain(_bare(model.model_fields[first].annotation)):
        return ""
    if first != "partners":
        return first
    number = rest[0] if rest and rest[0].isdecimal() else "0"
    return f"partners.{number}.lines" if rest[1:2] == ["lines"] else f"partners.{number}"


def form(model: type[BaseModel], data: Any, part: str, known: Choices = NONE, at: str = "") -> Group:
    """Return the form of one part of a file, open where the key `at` stands; `known` are the choices for ids.

    Raises:
        InputError: the file has no such part.
    """
    return _opened(_form(model, data, part, known), at) if at else _form(model, data, part, known)


def _form(model: type[BaseModel], data: Any, part: str, known: Choices) -> Group:
    kind, value, title = model, data, "About"
    if not part:
        plain = [(k, i) for k, i in model.model_fields.items() if _plain(_bare(i.annotation))]
        return Group("", title, tuple(_field(model, k, i.annotation, _get(data, k), k, known) for k, i in plain))
    annotation: Any = model
    for step in part.split("."):
        try:
            if step.isdecimal():
                annotation, value = _bare(get_args(annotation)[0]), value[int(step)]
            else:
                kind = annotation
                annotation, value = _bare(annotation.model_fields[step].annotation), _get(value, step)
            title = str(_get(value, "name") or step)
        except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
            raise InputError("This file has no such part.", how="Choose one from the list on its page.") from error
    skipped = ("lines",) if part.startswith("partners.") and part.count(".") == 1 else ()
    node = _node(kind, title, annotation, value, part, known, skipped)
    return node if isinstance(node, Group) else Group(part, title, (node,))


def _opened(group: Group, at: str) -> Group:
    children = tuple(_opened(c, at) if isinstance(c, Group) else c for c in group.children)
    here = at == group.path or any(
        c.open if isinstance(c, Group) else at == c.path or at.startswith(f"{c.path}.") for c in children
    )
    return replace(group, children=children, open=group.open or here)


def fields(group: Group) -> Iterator[Field]:
    """Yield the boxes of a form, in order."""
    for child in group.children:
        if isinstance(child, Field):
            yield child
        else:
            yield from fields(child)


def items(group: Group) -> Iterator[str]:
    """Yield the paths of the items that are in the file."""
    if group.item and not group.new:
        yield group.path
    for child in group.children:
        if isinstance(child, Group):
            yield from items(child)


def _node(
    owner: Any, key: str, annotation: Any, value: Any, path: str, known: Choices, skipped: tuple[str, ...] = ()
) -> Field | Group:
    kind = _bare(annotation)
    if _plain(kind):
        return _field(owner, key, kind, value, path, known)
    origin, args = get_origin(kind), get_args(kind)
    if origin is list:
        inner = _bare(args[0])
        there = [_group(inner, f"{path}.{i}", _name(x, i), x, known, item=True) for i, x in enumerate(_list(value))]
        new = _group(inner, f"{path}.{NEW}", "One more", {}, known, item=True, new=True)
        return Group(path, key, (*(_by_move(path, there, value) if key == "lines" else there), new))
    if origin is dict:
        inner = _bare(args[1])
        names = list(get_args(_bare(args[0]))) or [str(n) for n in (value if isinstance(value, Mapping) else {})]
        return Group(path, key, tuple(_node(owner, n, inner, _get(value, n), f"{path}.{n}", known) for n in names))
    return _group(kind, path, key, value or {}, known, skipped=skipped)


def _by_move(path: str, there: Sequence[Group], value: Any) -> list[Group]:
    """Return lines in a group for each move, with their number: a flat list of hundreds is nobody's to read."""
    moves = [str(_get(x, "move") or "no move") for x in _list(value)]
    return [
        Group(f"{path}-{move}", f"{move}: {moves.count(move)}", tuple(g for g, m in zip(there, moves, strict=True) if m == move), folded=True, open=len(there) <= _FEW)
        for move in dict.fromkeys([*(m for m in MOVES if m in moves), *moves])
    ]  # fmt: skip


def _group(
    model: Any,
    path: str,
    title: str,
    value: Any,
    known: Choices,
    *,
    item: bool = False,
    new: bool = False,
    skipped: tuple[str, ...] = (),
) -> Group:
    children = []
    for key, info in model.model_fields.items():
        kind = _bare(info.annotation)
        # Lists within a new item come once it is there.
        if key in skipped or (new and not _plain(kind) and get_origin(kind) is list):
            continue
        node = _node(model, key, kind, _get(value, key), f"{path}.{key}", known)
        if isinstance(node, Group) and not info.is_required() and not _get(value, key):
            node = replace(node, folded=True, title=f"{node.title} (none yet)")
        children.append(node)
    return Group(path, title, tuple(children), item, new)


def _field(owner: Any, key: str, annotation: Any, value: Any, path: str, known: Choices) -> Field:
    kind, about = _bare(annotation), KEYS.get(getattr(owner, "__name__", ""), {}).get(key, "")
    several = get_origin(kind) is list
    inner = _bare(get_args(kind)[0]) if several else kind
    there = [_said(x) for x in (_list(value) if several else [value]) if x is not None]
    allowed = [(x, x) for x in map(str, get_args(inner))] if get_origin(inner) is Literal else list(known.get(key, ()))
    if inner is bool:
        allowed = [("true", "true"), ("false", "false")]
    if allowed:
        # What stands in the file stays a choice, known or not: its check says what is wrong with it.
        options = (*allowed, *((x, f"{x} (not known)") for x in there if x not in dict(allowed)))
        whole = inner is int or bool(get_origin(inner) is Literal and all(type(a) is int for a in get_args(inner)))
        return Field(path, key, "many" if several else "choice", "\n".join(there), options, about, whole)
    if several:
        return Field(path, key, "lines", "\n".join(there), (), f"{about} One on each line.".strip(), inner is int)
    text = "\n".join(there)
    if inner in (int, float):
        return Field(path, key, "number", text, (), about, inner is int)
    if key in _LONG and key != "notes":
        text = " ".join(text.split())
    return Field(path, key, "long" if key in _LONG else "text", text, (), about)


def _said(value: Any) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _plain(kind: Any) -> bool:
    origin = get_origin(kind)
    if origin is list:
        return _plain(_bare(get_args(kind)[0])) and get_origin(_bare(get_args(kind)[0])) is not list
    return origin is Literal or kind in (str, int, float, bool)


def _bare(annotation: Any) -> Any:
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation = get_args(annotation)[0]
        elif origin in (Union, types.UnionType):
            annotation = next(a for a in get_args(annotation) if a is not type(None))
        else:
            return annotation


def _get(value: Any, key: str) -> Any:
    found = value.get(key) if isinstance(value, Mapping) else None
    return None if found is PydanticUndefined else found


def _name(item: Any, number: int) -> str:
    if isinstance(item, Mapping):
        for key in ("id", "name", "date", "say", "event"):
            if item.get(key):
                return f"{number + 1}. {str(item[key])[:70]}"
    return str(number + 1)
