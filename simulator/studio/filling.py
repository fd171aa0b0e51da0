"""What a form sent, put into its file: comments, order and everything that did not change stay as they are."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from pydantic import BaseModel
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.emitter import RoundTripEmitter
from ruamel.yaml.error import YAMLError

from simulator.couple.loader import read_yaml
from simulator.errors import InputError
from simulator.studio.adding import check_sent, first_box, new_item, pasted, unsaid
from simulator.studio.boxes import GONE, HEAD, SORT, TO, Group, Listed, fields, lists
from simulator.studio.choices import NONE, Choices
from simulator.studio.forms import form
from simulator.studio.manuscript import load
from simulator.studio.ordering import arranged, number_of, place_of
from simulator.studio.standing import Item, arrange, drop, put
from simulator.studio.tags import Places
from simulator.studio.values import nested, same, value
from simulator.text import clean

Pairs = tuple[tuple[str, str], ...]
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
        InputError: the file cannot be read, is not of the shape that the form was made for, or something is wrong with what was sent.
    """
    filled = fill(model, text, part, sent, known)
    if filled.stray:
        raise InputError("This form was made for another state of the file.", how="Reload the page.")
    if filled.wrong:
        raise InputError(filled.wrong[0][1])
    return filled.text


@dataclass(frozen=True)
class Filled:
    """A file with what a form sent put in, and where in it that stands now; or what keeps the form from being kept.

    Places are paths of the new file. With `wrong` or `stray` the text is as it was, and `sent` what the boxes shall hold.
    """

    text: str
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()  # boxes, and items that were moved
    focus: str = ""  # where a person goes on: a box, the head of an item, a button
    said: str = ""  # what a person should know of it
    sent: Mapping[str, str] = field(default_factory=dict)
    wrong: Pairs = ()  # (path of a box, what is wrong with what stands in it)
    stray: Pairs = ()  # (name, what was sent for it) of items that are not there as they were
    unsaid: str = ""  # the first box of a new item for which something was chosen, and nothing written


def fill(model: type[BaseModel], text: str, part: str, sent: Mapping[str, str], known: Choices = NONE) -> Filled:
    """Put what a form sent into a file and say where it stands.

    Raises:
        InputError: the file cannot be read, or is not of the shape that the form was made for.
    """
    data = read_yaml(text, "The file", quotes=True)
    data = CommentedMap() if data is None else data
    given, stray = placed(data, sent)
    if stray:
        return Filled(text, sent=given, stray=stray)
    try:
        shown = form(model, data, part, known)
        wrong, given = check_sent(shown, given)
        if wrong:
            return Filled(text, sent=given, wrong=wrong)
        work = _Work(data, given)
        work.fill(shown)
        made = write(data) if work.done else text
    except (KeyError, IndexError, TypeError, AttributeError, ValueError, YAMLError) as error:
        raise InputError(
            "The file is not of the shape that this form needs.", how="Mend it as YAML; then its forms can be used."
        ) from error
    if work.done and load(made) != data:
        # A layout that the writer of YAML does not master: nothing is kept that would be read otherwise.
        raise InputError("The file is laid out in a way that this form cannot write.", how="Change it in its YAML.")
    return Filled(
        made, tuple(work.added), tuple(work.changed), work.focus, work.said, given, unsaid=unsaid(shown, given)
    )


def placed(data: Any, sent: Mapping[str, str]) -> tuple[dict[str, str], Pairs]:
    """Return what was sent by its path in a file's data, and (name, what was sent) of items that are not there as they were."""
    places = Places(data)
    found = [(name, places.path(name)) for name in sent]
    stray = tuple((name, sent[name]) for name, path in found if path is None)
    return {path: sent[name] for name, path in found if path is not None}, stray


class _Work:
    """One form being put into the data of a file; paths that are noted move along when items do."""

    def __init__(self, data: Any, sent: Mapping[str, str]) -> None:
        self.data, self.sent = data, sent
        self.done = False
        self.added: list[str] = []
        self.changed: list[str] = []
        self.focus, self.said = "", ""

    def fill(self, shown: Group) -> None:
        """Put in what stands in the boxes, then what was done to the lists."""
        there = list(lists(shown))
        to_add = {f.path for each in there for group in (each.new, each.several) if group for f in fields(group)}
        for box in fields(shown):
            if box.path in to_add or box.path not in self.sent:
                continue
            given = clean(self.sent[box.path])
            if not same(box, given):
                _put(self.data, box.path.split("."), value(box, given))
                self.done = True
                self.changed.append(box.path)
        # A form is filled in from the top: the last box is where somebody was.
        self.focus = self.changed[-1] if self.changed else ""
        for each in there:
            self._list(each)

    def _list(self, each: Listed) -> None:
        several, said = pasted(each, self.sent)
        item = new_item(each.new, self.sent)
        gone = {number_of(g) for g in each.items if g.path + GONE in self.sent}
        order = arranged(each, self.sent)
        self.said = said or self.said
        self._pressed(each)
        if item is None and not several and not gone and order == list(range(len(each.items))):
            return
        self.done = True
        steps = each.path.split(".")
        holder = _walk(self.data, steps[:-1])
        key = _key(holder, steps[-1])
        fresh = [*several, *([item] if item is not None else [])]
        if holder.get(key) is None:
            put(holder, key, CommentedSeq(fresh))
            rows: list[Item] = [(None, x) for x in fresh]
        else:
            rows = [(n, holder[key][n]) for n in order]
            if rows and isinstance(rows[-1][1], CommentedMap) and rows[-1][1].fa.flow_style():
                for made in fresh:
                    made.fa.set_flow_style()
            rows += [(None, x) for x in several]
            if item is not None:
                rows.insert((place_of(each.new, self.sent) or len(rows) + 1) - 1, (None, item))
            rows = [(n, x) for n, x in rows if n not in gone]
            arrange(holder, key, rows)
        self._follow(each, {n: at for at, (n, _) in enumerate(rows) if n is not None})
        added = [f"{each.path}.{at}" for at, (n, _) in enumerate(rows) if n is None]
        self.added += added
        if added:
            # Whoever has added something goes on with the next.
            self.focus = first_box(each.several if several and item is None and each.several else each.new)
        elif gone and not self.focus:
            self.focus = f"{each.path}.{min(*gone, len(rows) - 1)}{HEAD}" if rows else each.path

    def _pressed(self, each: Listed) -> None:
        """Whoever pressed a button that moves an item, or sorts a list, finds it again."""
        button = next((g for g in each.items if g.path + TO in self.sent), None)
        if button is not None:
            self.focus = f"{button.path}-{'up' if place_of(button, self.sent) == button.up else 'down'}"
        elif each.path + SORT in self.sent:
            self.focus = each.path + SORT

    def _follow(self, each: Listed, where: Mapping[int, int]) -> None:
        """Let what was noted of a list's items go to where they stand now, and note those that were moved by hand."""
        self.added = [p for path in self.added if (p := _moved(path, each.path, where))]
        self.changed = [p for path in self.changed if (p := _moved(path, each.path, where))]
        self.focus = _moved(self.focus, each.path, where)
        placed = [number_of(g) for g in each.items if place_of(g, self.sent) != g.place]
        self.changed += [f"{each.path}.{where[n]}" for n in placed if n in where]
        if placed and placed[0] in where:
            self.focus = self.focus or f"{each.path}.{where[placed[0]]}{HEAD}"


def _put(data: Any, steps: list[str], value: Any) -> None:
    """Put a value at its place; an empty one takes the key away, unless the file needs it: then its check says so."""
    parent, name, holder = None, "", data
    empty = value == "" or value == []
    for number, step in enumerate(steps[:-1]):
        key = _key(holder, step)
        if isinstance(holder, Mapping) and holder.get(key) is None:
            if not empty:
                put(holder, key, nested(steps[number + 1 :], value))
            return
        parent, name, holder = holder, key, holder[key]
    key = _key(holder, steps[-1])
    old = holder.get(key) if isinstance(holder, Mapping) else holder[key]
    if isinstance(value, list) and value and isinstance(old, CommentedSeq):
        arrange(holder, key, _kept(old, value))
    elif not empty or not isinstance(holder, Mapping):
        put(holder, key, nested([], value))
    elif key in holder:
        if isinstance(old, CommentedSeq):
            arrange(holder, key, [])
        drop(parent, name, holder, key)


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


def _moved(path: str, of: str, where: Mapping[int, int]) -> str:
    """Return a path after the items of the list `of` have gone to other places; "" when its item is gone."""
    found = re.fullmatch(rf"{re.escape(of)}\.(\d+)(.*)", path, re.DOTALL)
    if not found:
        return path
    number = int(found[1])
    return f"{of}.{where[number]}{found[2]}" if number in where else ""


def _key(holder: Any, step: str) -> Any:
    return step if isinstance(holder, Mapping) else int(step)
