"""What a form sent, put into its file: comments, order and everything that did not change stay as they are."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, FoldedScalarString, LiteralScalarString

from simulator.couple.loader import read_yaml
from simulator.errors import InputError
from simulator.studio.choices import NONE, Choices
from simulator.studio.forms import GONE, NEW, Field, fields, form, items
from simulator.text import clean

_WIDTH = 1 << 30  # no line is wrapped anew: a saving shows in a diff as what was changed, and nothing else


def write(data: Any) -> str:
    """Return data as the text of a file, laid out as the couples are."""
    yaml = YAML(typ="rt")
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
        return text if changed is None else write(changed)
    except (KeyError, IndexError, TypeError, AttributeError, ValueError, YAMLError) as error:
        raise InputError(
            "The file is not of the shape that this form needs.", how="Mend it as YAML; then its forms can be used."
        ) from error


def _fill(model: type[BaseModel], data: Any, part: str, sent: Mapping[str, str], known: Choices) -> Any:
    """Put what was sent into `data` and return it; None when nothing changed."""
    shown = form(model, data, part, known)
    before = list(fields(shown))
    changed = False
    for field in before:
        if f".{NEW}" in f".{field.path}" or field.path not in sent:
            continue
        given = sent[field.path].replace("\r\n", "\n").strip()
        if not _same(field, given):
            _put(data, field.path.split("."), _value(field, clean(given)))
            changed = True
    # New items are those in whose boxes something was written; what has a first choice only does not count.
    fresh: dict[str, dict[str, tuple[Field, str]]] = {}
    for field in before:
        head, found, tail = field.path.rpartition(f".{NEW}.") if f".{NEW}." in field.path else ("", "", "")
        given = clean(sent.get(field.path, ""))
        if found and given and f".{NEW}" not in f".{head}":
            fresh.setdefault(head, {})[tail] = (field, given)
    for head, boxes in fresh.items():
        if not any(f.kind in ("text", "long", "lines") for f, _ in boxes.values()):
            continue
        item = CommentedMap()
        for tail, (field, given) in boxes.items():
            _put(item, tail.split("."), _value(field, given))
        _list_at(data, head.split(".")).append(item)
        changed = True
    for path in sorted((p for p in items(shown) if p + GONE in sent), key=_order, reverse=True):
        *steps, last = path.split(".")
        del _list_at(data, steps)[int(last)]
        changed = True
    return data if changed else None


def _same(field: Field, given: str) -> bool:
    if field.kind == "many":
        # Boxes come in the page's order; only which are ticked counts.
        return set(given.split("\n")) == set(field.value.split("\n"))
    return given == field.value.strip()


def _value(field: Field, given: str) -> Any:
    if field.kind in ("lines", "many"):
        there = [x.strip() for x in given.split("\n") if x.strip()]
        kept = [x for x in field.value.split("\n") if x in there] if field.kind == "many" else []
        return [_whole(x) if field.whole else _scalar(x) for x in [*kept, *(x for x in there if x not in kept)]]
    if field.kind == "choice":
        return {"true": True, "false": False}.get(given, _whole(given) if field.whole else given)
    if field.kind == "number":
        try:
            return int(given) if given.lstrip("-").isdecimal() else float(given)
        except ValueError:
            return given  # the check of the file says what is wrong with it
    return _scalar(given)


def _whole(text: str) -> int | str:
    return int(text) if text.isdecimal() and len(text) < 10 else text


def _scalar(text: str) -> Any:
    if "\n" in text:
        return LiteralScalarString(text)
    if len(text) > 140:
        return FoldedScalarString(text)
    return DoubleQuotedScalarString(text) if any(c in text for c in ":#'\"{}[],&*?|>%@`") else text


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
