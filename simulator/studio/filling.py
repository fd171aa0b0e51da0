"""What a form sent, put into its file: comments, order and everything that did not change stay as they are."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from pydantic import BaseModel
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.emitter import RoundTripEmitter
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, FoldedScalarString, LiteralScalarString

from simulator.couple.loader import read_yaml
from simulator.errors import InputError
from simulator.studio.choices import NONE, Choices
from simulator.studio.forms import GONE, PLACE, Field, Group, fields, form, lists
from simulator.studio.manuscript import load
from simulator.studio.standing import Item, arrange, drop, put
from simulator.text import clean

_WIDTH = 1 << 30  # no line is wrapped anew: a saving shows in a diff as what was changed, and nothing else


class _Emitter(RoundTripEmitter):
    """The writer of YAML, which otherwise glues two lines of a block after a flow item that stands under a comment."""

    def expect_flow_mapping(self, *args: Any, **kwargs: Any) -> None:
        """Begin a mapping in braces: a line that was kept open for it is not kept open beyond it."""
        self.no_newline = False
        super().expect_flow_mapping(*args, **kwargs)


def write(data: Any) -> str:
    """Return data as the text of a file, laid out as the couples are."""
    yaml = YAML(typ="rt")
    yaml.Emitter = _Emitter
    yaml.preserve_quotes = True
    yaml.width = _WIDTH
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = io.StringIO()
    yaml.dump(data, out)
    return out.getvalue()


def apply(model: type[BaseModel], text: str, part: str, sent: Mapping[str, str], known: Choices = NONE) -> str:
    """Return the file with what a form sent put in.

    Raises:
        InputError: the file cannot be read, or is not of the shape that the form was made for.
    """
    data = read_yaml(text, "The file", quotes=True)
    try:
        changed = _fill(model, CommentedMap() if data is None else data, part, sent, known)
        made = text if changed is None else write(changed)
    except (KeyError, IndexError, TypeError, AttributeError, ValueError, YAMLError) as error:
        raise InputError(
            "The file is not of the shape that this form needs.", how="Mend it as YAML; then its forms can be used."
        ) from error
    if changed is not None and load(made) != changed:
        # A layout that the writer of YAML does not master: nothing is kept that would be read otherwise.
        raise InputError("The file is laid out in a way that this form cannot write.", how="Change it in its YAML.")
    return made


def _fill(model: type[BaseModel], data: Any, part: str, sent: Mapping[str, str], known: Choices) -> Any:
    """Put what was sent into `data` and return it; None when nothing changed."""
    shown = form(model, data, part, known)
    added = {f.path for _, _, new in lists(shown) for f in fields(new)}
    changed = False
    for field in fields(shown):
        if field.path in added or field.path not in sent:
            continue
        given = clean(sent[field.path])
        if not _same(field, given):
            _put(data, field.path.split("."), _value(field, given))
            changed = True
    for path, there, new in list(lists(shown)):
        item = _new_item(new, sent)
        gone = {int(g.path.rpartition(".")[2]) for g in there if g.path + GONE in sent}
        order = _ranked(there, sent)
        if item is None and not gone and order == list(range(len(there))):
            continue
        steps = path.split(".")
        holder = _walk(data, steps[:-1])
        key = _key(holder, steps[-1])
        if holder.get(key) is None:
            put(holder, key, CommentedSeq([item]))
            changed = True
            continue
        rows: list[Item] = [(n, holder[key][n]) for n in order]
        if item is not None:
            if rows and isinstance(rows[-1][1], CommentedMap) and rows[-1][1].fa.flow_style():
                item.fa.set_flow_style()
            rows.insert(_place(sent, new, len(rows) + 1) - 1, (None, item))
        arrange(holder, key, [(n, x) for n, x in rows if n not in gone])
        changed = True
    return data if changed else None


def _new_item(new: Group, sent: Mapping[str, str]) -> CommentedMap | None:
    """Return the item that is to be added: one in whose boxes something was written; a first choice does not count."""
    boxes = [(f, clean(sent.get(f.path, ""))) for f in fields(new)]
    if not any(given and f.kind != "choice" for f, given in boxes):
        return None
    item = CommentedMap()
    for field, given in boxes:
        if given:
            _put(item, field.path.removeprefix(f"{new.path}.").split("."), _value(field, given))
    return item


def _ranked(there: Sequence[Group], sent: Mapping[str, str]) -> list[int]:
    """Return the numbers of a list's items in the order that they shall have."""
    numbers = {g.path: int(g.path.rpartition(".")[2]) for g in there}
    order = sorted(numbers.values())
    wanted = [(_place(sent, g, g.place), numbers[g.path]) for g in there if g.place]
    for place, number in sorted((p, n) for p, n in wanted if p != n + 1):
        order.remove(number)
        order.insert(place - 1, number)
    return order


def _place(sent: Mapping[str, str], group: Group, otherwise: int) -> int:
    given = _whole(sent.get(group.path + PLACE, "").strip()) if group.place else otherwise
    return given if isinstance(given, int) and given > 0 else otherwise


def _same(field: Field, given: str) -> bool:
    if field.kind == "many":
        # Boxes come in the page's order; only which are ticked counts.
        return set(given.split("\n")) - {""} == set(clean(field.value).split("\n")) - {""}
    return given == clean(field.value)


def _value(field: Field, given: str) -> Any:
    if field.kind in ("lines", "many"):
        there = [" ".join(x.split()) for x in given.split("\n") if x.strip()]
        kept = [x for x in field.value.split("\n") if x in there] if field.kind == "many" else []
        return [_single(field, x) for x in [*kept, *(x for x in there if x not in kept)]]
    if field.kind == "choice" and given in ("true", "false"):
        return given == "true"
    return _single(field, given)


def _single(field: Field, given: str) -> Any:
    if field.holds == "text":
        return given if field.kind in ("choice", "many") else _scalar(given)
    if field.holds == "whole" and field.kind != "number":
        return _whole(given)
    try:
        return int(given) if given.lstrip("-").isdecimal() else float(given)
    except ValueError:
        return given  # the check of the file says what is wrong with it


def _whole(text: str) -> int | str:
    return int(text) if text.isdecimal() and len(text) < 10 else text


def _scalar(text: str) -> Any:
    if any(c in text for c in "\t\x85\u2028\u2029"):
        return DoubleQuotedScalarString(text)
    if "\n" in text:
        return LiteralScalarString(text)
    if len(text) > 140:
        return FoldedScalarString(text)
    return DoubleQuotedScalarString(text) if any(c in text for c in ":#'\"{}[],&*?|>%@`") else text


def _put(data: Any, steps: list[str], value: Any) -> None:
    """Put a value at its place; an empty one takes the key away, unless the file needs it: then its check says so."""
    parent, name, holder = None, "", data
    empty = value == "" or value == []
    for number, step in enumerate(steps[:-1]):
        key = _key(holder, step)
        if isinstance(holder, Mapping) and holder.get(key) is None:
            if not empty:
                put(holder, key, _nested(steps[number + 1 :], value))
            return
        parent, name, holder = holder, key, holder[key]
    key = _key(holder, steps[-1])
    old = holder.get(key) if isinstance(holder, Mapping) else holder[key]
    if isinstance(value, list) and value and isinstance(old, CommentedSeq):
        arrange(holder, key, _kept(old, value))
    elif not empty or not isinstance(holder, Mapping):
        put(holder, key, _nested([], value))
    elif key in holder:
        if isinstance(old, CommentedSeq):
            arrange(holder, key, [])
        drop(parent, name, holder, key)


def _nested(steps: Sequence[str], value: Any) -> Any:
    if steps:
        return CommentedMap({steps[0]: _nested(steps[1:], value)})
    if not isinstance(value, list):
        return value
    made = CommentedSeq(value)
    if not any(isinstance(x, str) and " " in x for x in value):
        made.fa.set_flow_style()  # ids and numbers stand in one line
    return made


def _kept(old: CommentedSeq, values: Sequence[Any]) -> list[Item]:
    """Return a list's new items: each that was in it before is that one, with its quotes and comments."""
    was, now = [[" ".join(str(x).split()) for x in side] for side in (old, values)]
    items: list[Item] = []
    for kind, a, b, c, d in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        if kind == "equal":
            items += [(n, old[n]) for n in range(a, b)]
        elif kind != "delete":
            # A line that was written anew keeps the place, and the comment, of the one that it replaces.
            items += [(a + n if a + n < b else None, x) for n, x in enumerate(values[c:d])]
    return items


def _walk(data: Any, steps: Sequence[str]) -> Any:
    for step in steps:
        key = _key(data, step)
        if isinstance(data, Mapping) and data.get(key) is None:
            put(data, key, CommentedMap())
        data = data[key]
    return data


def _key(holder: Any, step: str) -> Any:
    return step if isinstance(holder, Mapping) else int(step)
