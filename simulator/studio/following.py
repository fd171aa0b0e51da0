"""Where in a couple's files a partner, a fact or a session is named by its id: told, and changed along with the id."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from simulator.couple.lint import COUPLE
from simulator.couple.naming import file_of, label
from simulator.couple.raw import Path, items, text
from simulator.errors import InputError
from simulator.studio.boxes import GONE
from simulator.studio.manuscript import in_order, load, moved
from simulator.text import checked_id

Named = Literal["partner", "fact"]
# Which key names whom: as its value, as items of its list, or as the keys of its mapping.
NAMES: dict[str, Named] = {
    "partner": "partner", "known_by": "partner", "suspected_by": "partner", "start": "partner", "walk_out": "partner",
    "disclosures": "fact", "alone": "fact",
}  # fmt: skip
# Where those that are named stand in couple.yaml.
_OWN: dict[Named, str] = {"partner": "partners", "fact": "facts"}
_LINE_ENDS = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


@dataclass(frozen=True)
class Renames:
    """New ids by old ones: of partners, of facts, and of the one session that a form was of."""

    ids: dict[Named, dict[str, str]] = field(default_factory=dict)
    session: tuple[str, str] | None = None


NONE = Renames()


def renames(name: str, before: str, after: str, sent: Mapping[str, str]) -> Renames:
    """Return which ids a form gave anew; `before` and `after` are its file without and with what was `sent`.

    An id that is none, that two would have, or that two had before is followed by nothing: the file's check speaks of it.
    """
    old, new = load(before), load(after)
    if name != COUPLE:
        was, now = text(old, "id"), text(new, "id")
        changed = was != now and name == f"scenarios/{was}.yaml" and _is_id(now)
        return Renames(session=(was, now)) if changed else NONE
    found: dict[Named, dict[str, str]] = {}
    for kind, key in _OWN.items():
        ids, there = _ids(old, key), _ids(new, key)
        given = {i: sent.get(f"{key}.{n}.id", i).strip() for n, i in enumerate(ids) if f"{key}.{n}{GONE}" not in sent}
        found[kind] = {
            i: to
            for i, to in given.items()
            if i and i != to and _is_id(to) and ids.count(i) == 1 and there.count(to) == 1
        }
    return Renames({kind: ids for kind, ids in found.items() if ids})


def followed(files: Mapping[str, str], asked: Renames) -> tuple[dict[str, str], list[str]]:
    """Return the files with every place that names an id changed as `asked`, and what was changed, a sentence each.

    Comments and layout stay. A session whose new id is taken keeps its file, and the check says so.
    """
    made, told = dict(files), []
    for kind, ids in asked.ids.items():
        where: dict[str, list[str]] = {}
        for name in in_order(made):
            made[name], keys = _with(made[name], kind, ids)
            if keys:
                where[name] = keys
        places = "; ".join(f"{file_of(n, load(made[n]))} ({', '.join(keys)})" for n, keys in where.items())
        for old, new in ids.items():
            told.append(f"'{old}' is called '{new}' now{f', also where it is named: {places}' if places else ''}.")
    if asked.session:
        old, new = asked.session
        if f"scenarios/{new}.yaml" not in made:
            made = moved(made, f"scenarios/{old}.yaml", new)
            told.append(f"Its file is called {new} now.")
    return made, told


def left_behind(before: str, files: Mapping[str, str]) -> list[str]:
    """Return where facts and partners are still named that were in couple.yaml `before` and are in it no more."""
    old, new = load(before), load(files.get(COUPLE, ""))
    told = []
    for kind, key in _OWN.items() if old and new else ():
        for gone in dict.fromkeys(i for i in _ids(old, key) if i and i not in _ids(new, key)):
            held = {n: load(files[n]) for n in in_order(files)}
            where = [file_of(n, data) for n, data in held.items() if any(_places(data, kind, [gone]))]
            if where:
                told.append(f"'{gone}' is there no more, and is still named in: {'; '.join(where)}.")
    return told


def _with(source: str, kind: Named, ids: Mapping[str, str]) -> tuple[str, list[str]]:
    """Return a file with ids of a kind changed where they are named, and the keys of the file under which they were."""
    data = load(source)
    starts = [0, *(m.end() for m in _LINE_ENDS.finditer(source))]
    spots: list[tuple[int, int, str, str]] = []
    for path, is_key in _places(data, kind, ids):
        old = str(path[-1]) if is_key else text(_at(data, path[:-1]), path[-1])
        row, column = _mark(_at(data, path[:-1]), path[-1], is_key)
        begin = starts[row] + column
        found = re.compile(rf"([\"']?){re.escape(old)}\1(?![\w-])").match(source, begin)
        if found:
            spots.append((begin, found.end(), _written(ids[old], found[1]), label(str(path[0]))))
    made = source
    for begin, end, words, _ in sorted(spots, reverse=True):
        made = made[:begin] + words + made[end:]
    return made, list(dict.fromkeys(key for *_, key in spots))


def _places(node: Any, kind: Named, ids: Collection[str], path: Path = ()) -> Iterator[tuple[Path, bool]]:
    """Yield (path, whether it is a key) of every place that names one of these ids."""
    if isinstance(node, list):
        for number, item in enumerate(node):
            yield from _places(item, kind, ids, (*path, number))
    if not isinstance(node, Mapping):
        return
    for key, value in node.items():
        if NAMES.get(key) == kind:
            below = (
                enumerate(value)
                if isinstance(value, list)
                else ((x, x) for x in value)
                if isinstance(value, Mapping)
                else ()
            )
            found = [((*path, key), value), *(((*path, key, step), x) for step, x in below)]
            yield from ((at, isinstance(value, Mapping)) for at, x in found if isinstance(x, str) and x in ids)
        yield from _places(value, kind, ids, (*path, key))


def _at(node: Any, path: Path) -> Any:
    for step in path:
        node = node[step]
    return node


def _mark(holder: Any, step: Any, is_key: bool) -> tuple[int, int]:
    """Return the row and column, from 0, where a key of a mapping, its value, or an item of a list is written."""
    marks = holder.lc
    row, column = marks.key(step) if is_key else marks.item(step) if isinstance(holder, list) else marks.value(step)
    return int(row), int(column)


def _written(new: str, quote: str) -> str:
    """Return an id as YAML, in the quotes that the old one had, or in some where it would be read as a number or the like."""
    plain = f"{quote}{new}{quote}"
    return plain if load(f"x: {plain}").get("x") == new else f'"{new}"'


def _ids(couple: Any, key: str) -> list[str]:
    return [text(x, "id") for x in items(couple, key)]


def _is_id(given: str) -> bool:
    try:
        return bool(checked_id(given))
    except InputError:
        return False
