"""Forms made from the models: the same keys as the YAML, nothing in it lost that a form does not show."""

from __future__ import annotations

import io
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import PydanticUndefined
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, FoldedScalarString

from simulator.couple.keys import KEYS
from simulator.errors import InputError

NEW = "new"  # stands for the number of an item that a form adds
GONE = "-gone"  # a ticked box of this name takes an item out
_LONG = frozenset(
    {"summary", "background", "speech", "brief", "notes", "model_reply", "text", "content_note", "aim", "event", "say"}
)


@dataclass(frozen=True)
class Field:
    """One box of a form: its path in the file (partners.0.name), what it is, and what stands in it."""

    path: str
    key: str
    kind: Literal["text", "long", "number", "bool", "choice", "lines"]
    value: str
    options: tuple[str, ...] = ()
    help: str = ""


@dataclass(frozen=True)
class Group:
    """Boxes that belong together; one that can be taken out, or added, is an item of a list."""

    path: str
    title: str
    children: tuple[Field | Group, ...]
    item: bool = False
    new: bool = False
    folded: bool = False  # it need not be filled in, and is not


def parts_of(model: type[BaseModel], data: Any) -> list[tuple[str, str]]:
    """Return (path, title) of the forms that a file is edited in; "" is that of its plain keys."""
    found = [("", "About")]
    for key, info in model.model_fields.items():
        kind = _bare(info.annotation)
        if key == "partners":
            for number, partner in enumerate(data.get(key) or []):
                name = str((partner or {}).get("name") or number + 1)
                found += [(f"partners.{number}", name), (f"partners.{number}.lines", f"{name}: lines")]
        elif not _plain(kind):
            found.append((key, key.capitalize()))
    return found


def form(model: type[BaseModel], data: Any, part: str) -> Group:
    """Return the form of one part of a file.

    Raises:
        InputError: the file has no such part.
    """
    kind, value, title = model, data, "About"
    if not part:
        fields = [(k, i) for k, i in model.model_fields.items() if _plain(_bare(i.annotation))]
        return Group("", title, tuple(_field(model, k, i.annotation, _get(data, k), k) for k, i in fields))
    annotation: Any = model
    for step in part.split("."):
        try:
            if step.isdecimal():
                annotation, value = _bare(get_args(annotation)[0]), value[int(step)]
            else:
                kind = annotation
                annotation, value = _bare(annotation.model_fields[step].annotation), _get(value, step)
            title = str(_get(value, "name") or step)
        except (KeyError, IndexError, TypeError, AttributeError) as error:
            raise InputError("This file has no such part.", how="Choose one from the list on its page.") from error
    skipped = ("lines",) if part.startswith("partners.") and part.count(".") == 1 else ()
    node = _node(kind, title, annotation, value, part, skipped)
    return node if isinstance(node, Group) else Group(part, title, (node,))


def apply(model: type[BaseModel], text: str, part: str, sent: Mapping[str, str]) -> str:
    """Return the file with what a form sent put in; comments, order and everything that did not change stay."""
    yaml = _yaml()
    data = yaml.load(text) or CommentedMap()
    shown = form(model, data, part)
    before = list(_fields(shown))
    for field in before:
        if f".{NEW}" in f".{field.path}" or field.path not in sent:
            continue
        given = sent[field.path].replace("\r\n", "\n").strip()
        if given != field.value:
            _put(data, field.path.split("."), _value(field, given))
    # New items are those in whose boxes something was written; what has a first choice only does not count.
    fresh: dict[str, dict[str, tuple[Field, str]]] = {}
    for field in before:
        head, found, tail = field.path.rpartition(f".{NEW}.") if f".{NEW}." in field.path else ("", "", "")
        given = sent.get(field.path, "").replace("\r\n", "\n").strip()
        if found and given and f".{NEW}" not in f".{head}":
            fresh.setdefault(head, {})[tail] = (field, given)
    for head, boxes in fresh.items():
        if not any(f.kind in ("text", "long", "lines") for f, _ in boxes.values()):
            continue
        item = CommentedMap()
        for tail, (field, given) in boxes.items():
            _put(item, tail.split("."), _value(field, given))
        _list_at(data, head.split(".")).append(item)
    for path in sorted((p for p in _items(shown) if p + GONE in sent), key=_order, reverse=True):
        *steps, last = path.split(".")
        del _list_at(data, steps)[int(last)]
    out = io.StringIO()
    yaml.dump(data, out)
    return out.getvalue()


def _fields(group: Group) -> Iterator[Field]:
    for child in group.children:
        if isinstance(child, Field):
            yield child
        else:
            yield from _fields(child)


def _items(group: Group) -> Iterator[str]:
    """Yield the paths of the items that are in the file."""
    if group.item and not group.new:
        yield group.path
    for child in group.children:
        if isinstance(child, Group):
            yield from _items(child)


def _node(owner: Any, key: str, annotation: Any, value: Any, path: str, skipped: tuple[str, ...] = ()) -> Field | Group:
    kind = _bare(annotation)
    if _plain(kind):
        return _field(owner, key, kind, value, path)
    origin, args = get_origin(kind), get_args(kind)
    if origin is list:
        inner = _bare(args[0])
        items = [_group(inner, f"{path}.{i}", _name(x, i), x, item=True) for i, x in enumerate(value or [])]
        return Group(path, key, (*items, _group(inner, f"{path}.{NEW}", "One more", {}, item=True, new=True)))
    if origin is dict:
        inner = _bare(args[1])
        names = list(get_args(_bare(args[0]))) or list(value or {})
        return Group(path, key, tuple(_node(owner, n, inner, _get(value, n), f"{path}.{n}") for n in names))
    return _group(kind, path, key, value or {}, skipped=skipped)


def _group(
    model: Any,
    path: str,
    title: str,
    value: Any,
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
        node = _node(model, key, kind, _get(value, key), f"{path}.{key}")
        if isinstance(node, Group) and not info.is_required() and not _get(value, key):
            node = replace(node, folded=True)
        children.append(node)
    return Group(path, title, tuple(children), item, new)


def _field(owner: Any, key: str, annotation: Any, value: Any, path: str) -> Field:
    kind, about = _bare(annotation), KEYS.get(getattr(owner, "__name__", ""), {}).get(key, "")
    if get_origin(kind) is list:
        inner = _bare(get_args(kind)[0])
        options = tuple(map(str, get_args(inner))) if get_origin(inner) is Literal else ()
        return Field(
            path, key, "lines", "\n".join(map(str, value or [])), options, f"{about} One on each line.".strip()
        )
    if get_origin(kind) is Literal:
        return Field(path, key, "choice", "" if value is None else str(value), tuple(map(str, get_args(kind))), about)
    if kind is bool:
        return Field(path, key, "choice", {True: "true", False: "false"}.get(value, ""), ("true", "false"), about)
    text = "" if value is None else " ".join(str(value).split()) if key in _LONG else str(value)
    if kind in (int, float):
        return Field(path, key, "number", text, (), about)
    return Field(path, key, "long" if key in _LONG else "text", text, (), about)


def _value(field: Field, given: str) -> Any:
    if field.kind == "lines":
        return [_scalar(x.strip()) for x in given.split("\n") if x.strip()]
    if field.kind == "choice":
        return {"true": True, "false": False}.get(given, int(given) if given.isdecimal() else given)
    if field.kind == "number":
        try:
            return int(given) if given.lstrip("-").isdecimal() else float(given)
        except ValueError:
            return given  # the check of the file says what is wrong with it
    return _scalar(given)


def _scalar(text: str) -> Any:
    if len(text) > 140:
        return FoldedScalarString(text)
    return int(text) if text.isdecimal() and len(text) < 3 else DoubleQuotedScalarString(text) if any(c in text for c in ":#'\"{}[],&*?|>%@`") else text  # fmt: skip


def _put(data: Any, steps: list[str], value: Any) -> None:
    *way, last = steps
    for number, step in enumerate(way):
        if step.isdecimal():
            data = data[int(step)]
            continue
        if data.get(step) is None:
            data[step] = CommentedSeq() if steps[number + 1].isdecimal() else CommentedMap()
        data = data[step]
    empty = value == "" or value == []
    if last.isdecimal():
        data[int(last)] = value
    elif empty and last in data:
        # An emptied box takes the key away, unless the file needs it: then its check says so.
        del data[last]
    elif not empty:
        data[last] = value


def _list_at(data: Any, steps: list[str]) -> Any:
    for step in steps[:-1]:
        data = data[int(step)] if step.isdecimal() else data[step]
    last = steps[-1]
    if not last.isdecimal() and data.get(last) is None:
        data[last] = CommentedSeq()
    return data[int(last)] if last.isdecimal() else data[last]


def _order(path: str) -> tuple[int, list[tuple[int, str]]]:
    return path.count("."), [(int(s), "") if s.isdecimal() else (0, s) for s in path.split(".")]


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


def _yaml() -> YAML:
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 120
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml
