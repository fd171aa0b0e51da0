"""Forms made from the models: the same keys as the YAML, nothing in it lost that a form does not show."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from simulator.couple import MOVES
from simulator.couple.keys import KEYS as COUPLE_KEYS
from simulator.couple.naming import label
from simulator.errors import InputError
from simulator.rubric import SKILLS
from simulator.rubric.keys import KEYS as RUBRIC_KEYS
from simulator.studio.boxes import MOST, NEW, SEVERAL, Field, Group
from simulator.studio.choices import NONE, Choice, Choices
from simulator.studio.tags import tag

_FEW = 20  # so many lines are shown at once
_BLANKS = 2  # items that a list within a new item offers
_KEYS = {**COUPLE_KEYS, **RUBRIC_KEYS}
_LONG = frozenset(
    {"summary", "background", "speech", "brief", "notes", "model_reply", "text", "content_note", "aim", "event", "say",
     "definition", "why", "principle", "better"}
)  # fmt: skip
_BROAD = 80  # so many characters fit into one line of a box
_SPOKEN = {"Line": ("say", "after"), "OpeningBeat": ("say",)}  # what is said in one go
# Each item of such a key is edited in a part of its own, and the long list in it in another.
_APART = {"partners": "lines", "skills": "rules"}
# Lists that are too long to be read whole: by which key their items are grouped, and in which order.
_SORTED: dict[str, tuple[str, Sequence[str]]] = {"lines": ("move", MOVES), "codes": ("skill", SKILLS)}
# Lists whose order means something: a form says which place an item has, and buttons move it.
_ORDERED = frozenset(
    {"history", "facts", "lines", "opening", "bids", "after_good", "after_bad", "well", "unfinished"}
)  # fmt: skip
_RANKED = frozenset({"rules"})  # and those in which the last one holds for whatever the others leave
_DATED = {"history": "date"}  # lists that one button sorts, by this key
_MANY = {"lines": "say"}  # lists that take many items at once, by the key that each line of text is


def parts_of(model: type[BaseModel], data: Any) -> list[tuple[str, str]]:
    """Return (path, title) of the forms that a file is edited in; "" is that of its plain keys."""
    found = [("", "About")]
    for key, info in model.model_fields.items():
        kind = _bare(info.annotation)
        if key in _APART:
            for number, (step, item) in enumerate(_steps(kind, _get(data, key))):
                name = str(
                    _get(item, "name") or _get(item, "title") or (step if get_origin(kind) is dict else number + 1)
                )
                found += [(f"{key}.{step}", name), (f"{key}.{step}.{_APART[key]}", f"{name}: {label(_APART[key])}")]
        elif not _plain(kind):
            title = label(key)
            found.append((key, title[:1].upper() + title[1:]))
    return found


def part_of(model: type[BaseModel], path: str) -> str:
    """Return the part of a file in whose form the key at `path` stands."""
    first, *rest = path.split(".")
    kind = _bare(model.model_fields[first].annotation) if first in model.model_fields else str
    if _plain(kind) or first not in _APART:
        return "" if _plain(kind) else first
    names = _names(kind)
    known = bool(rest) and (rest[0] in names if names else rest[0].isdecimal())
    part = f"{first}.{rest[0] if known else (*names, '0')[0]}"
    return f"{part}.{_APART[first]}" if rest[1:2] == [_APART[first]] else part


def form(model: type[BaseModel], data: Any, part: str, known: Choices = NONE) -> Group:
    """Return the form of one part of a file; `known` are the choices for ids.

    Raises:
        InputError: the file has no such part.
    """
    made = _form(model, data, part, known)
    return replace(made, name=made.path, children=tuple(_named(c) for c in made.children))


def _form(model: type[BaseModel], data: Any, part: str, known: Choices) -> Group:
    kind, value, title = model, data, "About"
    if not part:
        plain = [(k, i) for k, i in model.model_fields.items() if _plain(_bare(i.annotation))]
        return Group("", title, tuple(_field(model, k, i.annotation, _get(data, k), k, known) for k, i in plain))
    annotation: Any = model
    steps = part.split(".")
    for step in steps:
        try:
            if get_origin(annotation) is list:
                annotation, value = _bare(get_args(annotation)[0]), value[int(step)]
            elif get_origin(annotation) is dict:
                value = dict(_steps(annotation, value))[step]
                annotation = _bare(get_args(annotation)[1])
            else:
                kind = annotation
                annotation, value = _bare(annotation.model_fields[step].annotation), _get(value, step)
            title = str(_get(value, "name") or _get(value, "title") or step)
        except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
            raise InputError("This file has no such part.", how="Choose one from the list on its page.") from error
    skipped = (_APART[steps[0]],) if steps[0] in _APART and len(steps) == 2 else ()
    node = _node(kind, title, annotation, value, part, known, skipped)
    return node if isinstance(node, Group) else Group(part, title, (node,))


def _node(
    owner: Any, key: str, annotation: Any, value: Any, path: str, known: Choices, skipped: tuple[str, ...] = ()
) -> Field | Group:
    kind = _bare(annotation)
    if _plain(kind):
        return _field(owner, key, kind, value, path, known)
    origin, args = get_origin(kind), get_args(kind)
    if origin is list:
        return _listed(_bare(args[0]), key, _list(value), path, known)
    if origin is dict:
        inner = _bare(args[1])
        nodes = [_node(owner, n, inner, x, f"{path}.{n}", known) for n, x in _steps(kind, value, known.get(key, ()))]
        nodes = [_long(n) if isinstance(n, Field) and key in _LONG else n for n in nodes]
        return Group(path, label(key), tuple(_entitled(n, known.get(key, ())) for n in nodes), key=key)
    return replace(_group(kind, path, label(key), value or {}, known, skipped=skipped), key=key)


def _entitled(node: Field | Group, known: Sequence[Choice]) -> Field | Group:
    """Return what a mapping holds under the id of somebody or something, with its name and what it is."""
    step = node.path.rpartition(".")[2]
    found = next((c for c in known if c.value == step), Choice(step, label(step)))
    if isinstance(node, Group):
        return replace(node, title=found.label)
    about = f"{found.about[:1].upper()}{found.about[1:].rstrip('.')}. " if found.about else ""
    return replace(node, title=found.label, help=f"{about}{node.help}")


def _listed(inner: Any, key: str, value: Sequence[Any], path: str, known: Choices) -> Group:
    name, state = path.rpartition(".")[2], tag(value)
    there = [
        replace(_group(inner, f"{path}.{i}", _name(x, i), x, known, item=True), tag=tag(x)) for i, x in enumerate(value)
    ]
    new = replace(_group(inner, f"{path}.{NEW}", "One more", {}, known, item=True, new=True), tag=state)
    by, order = _SORTED.get(name, ("", ()))
    kinds = [str(_get(x, by) or f"no {by}") if by else "" for x in value]
    if name in _RANKED:
        # One that is added stands before the last, which holds for whatever the others leave.
        there = [replace(g, place=i) for i, g in enumerate(there, start=1)]
        new = replace(new, place=max(len(there), 1))
    elif name in _ORDERED and len(there) > 1:
        there = _stepped(there, kinds)
        new = new if by else replace(new, place=len(there) + 1)
    more = [replace(_several(inner, path, _MANY[name], known), tag=state)] if name in _MANY else []
    shown = _by_kind(path, there, kinds, order) if by else there
    sort = _DATED.get(name, "") if len(there) > 1 else ""
    return Group(path, label(key), (*shown, *more, new), key=key, sort=sort)


def _stepped(items: Sequence[Group], kinds: Sequence[str]) -> list[Group]:
    """Return items with their places, and those before and after the next ones of their kind."""
    places: dict[str, list[int]] = {}
    for place, kind in enumerate(kinds, start=1):
        places.setdefault(kind, []).append(place)
    beside = {p: (near[max(at - 1, 0)], near[min(at + 1, len(near) - 1)]) for near in places.values() for at, p in enumerate(near)}  # fmt: skip
    return [replace(g, place=p, up=beside[p][0], down=beside[p][1]) for p, g in enumerate(items, start=1)]


def _by_kind(path: str, there: Sequence[Group], kinds: Sequence[str], order: Sequence[str]) -> list[Group]:
    """Return items in a group for each move or skill, with their number: a flat list of hundreds is nobody's to read."""
    return [
        Group(f"{path}-{kind}", f"{label(kind)}: {kinds.count(kind)}", tuple(g for g, k in zip(there, kinds, strict=True) if k == kind), folded=True, open=len(there) <= _FEW)
        for kind in dict.fromkeys([*(k for k in order if k in kinds), *kinds])
    ]  # fmt: skip


def _several(inner: Any, path: str, key: str, known: Choices) -> Group:
    """Return the boxes for many items at once: what must be chosen holds for all, and each line of text is one of them."""
    here = f"{path}.{SEVERAL}"
    must = {k: i for k, i in inner.model_fields.items() if i.is_required()}
    boxes = [_field(inner, k, i.annotation, None, f"{here}.{k}", known) for k, i in must.items()]
    about = f"One line of text for each of them, at most {MOST}. Empty lines are left out, and what is there already is not added again."  # fmt: skip
    text = Field(f"{here}.{key}", key, "lines", "", (), about, title=label(key))
    return Group(here, "Several at once", (*(b for b in boxes if b.kind == "choice"), text), item=True, several=True)


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
    children: list[Field | Group] = []
    for key, info in model.model_fields.items():
        kind = _bare(info.annotation)
        if key in skipped:
            continue
        if new and not _plain(kind) and get_origin(kind) is list:
            children.append(_blanks(_bare(get_args(kind)[0]), f"{path}.{key}", key, known))
            continue
        node = _node(model, key, kind, _get(value, key), f"{path}.{key}", known)
        if isinstance(node, Group) and not info.is_required() and not _get(value, key):
            node = replace(node, folded=True, title=f"{node.title} (none yet)")
        children.append(node)
    return Group(path, title, tuple(children), item, new)


def _blanks(inner: Any, path: str, key: str, known: Choices) -> Group:
    """Return the list within an item that is still to be written: a few blank items; it takes more once it is there."""
    blank = [_group(inner, f"{path}.{n}", str(n + 1), {}, known, item=True, new=True) for n in range(_BLANKS)]
    return Group(path, label(key), (replace(blank[0], open=True), *blank[1:]), key=key)


def _field(owner: Any, key: str, annotation: Any, value: Any, path: str, known: Choices) -> Field:
    kind, about = _bare(annotation), _KEYS.get(getattr(owner, "__name__", ""), {}).get(key, "")
    several = get_origin(kind) is list
    inner = _bare(get_args(kind)[0]) if several else kind
    whole = inner is int or bool(get_origin(inner) is Literal and all(type(a) is int for a in get_args(inner)))
    holds: Literal["text", "whole", "number"] = "whole" if whole else "number" if inner is float else "text"
    there = [_said(x) for x in (_list(value) if several else [value]) if x is not None]
    if several:
        there = [" ".join(x.split()) for x in there]
    # Of what one key may hold, another key around it can say in which order it is read: bad.codes.
    allowed = list(known.get(".".join(path.split(".")[-2:]), known.get(key, ())))
    if get_origin(inner) is Literal:
        told = {c.value: c for c in allowed}
        allowed = [told.get(x, Choice(x, label(x))) for x in map(str, get_args(inner))]
    elif inner is bool:
        allowed = [Choice("true", "yes"), Choice("false", "no")]
    spoken = key in _SPOKEN.get(getattr(owner, "__name__", ""), ())
    made = Field(path, key, "text", "\n".join(there), (), about, holds, label(key), spoken=spoken)
    if allowed:
        # What stands in the file stays a choice, known or not: its check says what is wrong with it.
        values = {c.value for c in allowed}
        odd = [Choice(x, f"{x} (not known)") for x in dict.fromkeys(there) if x and x not in values]
        return replace(made, kind="many" if several else "choice", options=(*allowed, *odd))
    if several:
        return replace(made, kind="lines", help=f"{about} One on each line.".strip())
    if inner in (int, float):
        return replace(made, kind="number")
    text = made.value
    if key in _LONG and key != "notes":
        text = "\n".join(" ".join(x.split()) for x in text.split("\n"))
    made = replace(made, value=text)
    return _long(made) if key in _LONG or len(text) > _BROAD or "\n" in text else made


def _named(node: Field | Group, base: tuple[str, str] = ("", "")) -> Field | Group:
    """Return a form whose boxes have the names that they are sent under; `base` is (path, name) of the item around."""
    name = base[1] + node.path[len(base[0]) :]
    if isinstance(node, Field):
        return replace(node, name=name)
    if node.tag:
        name = f"{name}~{node.tag}"
        base = node.path, name
    return replace(node, name=name, children=tuple(_named(c, base) for c in node.children))


def _long(field: Field) -> Field:
    return replace(field, kind="long") if field.kind == "text" else field


def _said(value: Any) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _names(kind: Any) -> list[str]:
    """Return the keys that a mapping of this kind may have, where the model names them."""
    return list(map(str, get_args(_bare(get_args(kind)[0])))) if get_origin(kind) is dict else []


def _steps(kind: Any, value: Any, known: Sequence[Choice] = ()) -> list[tuple[str, Any]]:
    """Return (key, value) of what a list or a mapping holds, or may hold."""
    if get_origin(kind) is list:
        return [(str(n), x) for n, x in enumerate(_list(value))]
    # A key with a dot in it has no path of its own.
    own = [k for k in value if isinstance(k, str) and k and "." not in k] if isinstance(value, Mapping) else []
    return [(n, _get(value, n)) for n in _names(kind) or dict.fromkeys([*own, *(c.value for c in known)])]


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
        before = [f"level {item['level']}"] if item.get("level") else []
        before += [str(item[k]) for k in ("date", "partner") if item.get(k) and not item.get("id")]
        for key in ("id", "name", "say", "event", "why"):
            if item.get(key):
                return f"{number + 1}. {': '.join([*before, str(item[key])[:70]])}"
        return ": ".join([f"{number + 1}", *before])
    return str(number + 1)
