"""A couple being written: its files, what is wrong with them, and what becomes of a copy or a new version."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from pydantic import BaseModel
from ruamel.yaml.comments import CommentedMap

from simulator.couple import Couple, Library, Problem, Scenario
from simulator.couple.lint import COUPLE, Finding, findings
from simulator.couple.loader import misfits, problem_at, problems_in, read_yaml, unreadable
from simulator.couple.raw import Path, get, items
from simulator.errors import InputError
from simulator.studio.unwritten import unwritten
from simulator.text import checked_id

FILE = re.compile(r"(?:couple\.yaml|scenarios/[a-z0-9]+(?:-[a-z0-9]+)*\.yaml)")
MAX_FILES = 40
_KEPT = 64  # texts, and couples, whose check is remembered


@dataclass(frozen=True)
class Checked:
    """What a check found: what keeps files from being used, and what a colleague would say once they can be."""

    problems: dict[str, list[Problem]]
    couple: Couple | None
    scenarios: list[Scenario]
    files: dict[str, str] = field(repr=False, default_factory=dict)

    @cached_property
    def findings(self) -> list[Finding]:
        """What a colleague would say. It takes a second or two of a finished couple: asked for only where it is shown."""
        if self.couple is None:
            return []
        written = sum(name != COUPLE for name in self.files)
        return [*self.unwritten, *findings(self.couple, self.scenarios, written=written)]

    @cached_property
    def unwritten(self) -> list[Finding]:
        """Which texts are still those of the skeleton."""
        return unwritten({name: load(text) for name, text in self.files.items()})

    @property
    def playable(self) -> bool:
        """Whether it can be played: every file can be read, and there is a session."""
        return self.couple is not None and bool(self.scenarios) and not any(self.problems.values())


def model_of(name: str) -> type[BaseModel]:
    """Return the model that a file of this name follows."""
    return Couple if name == COUPLE else Scenario


def in_order(names: Collection[str]) -> list[str]:
    """Return the names of a couple's files, couple.yaml first."""
    return sorted(names, key=lambda n: (n != COUPLE, n))


@lru_cache(maxsize=2 * _KEPT)
def _parsed(text: str) -> tuple[Any, Problem | None]:
    """Return the data of a file, or why it cannot be read; a text is parsed once, whoever asks."""
    try:
        return read_yaml(text, "file"), None
    except InputError as error:
        return None, unreadable(error, "file")


def load(text: str) -> CommentedMap:
    """Return the data of a file to be read, with its lines; empty when it cannot be read safely."""
    data, _ = _parsed(text)
    return data if isinstance(data, CommentedMap) else CommentedMap()


def title_of(files: Mapping[str, str]) -> str:
    """Return the title in a couple's file, "" when there is none; no more than its lines are read."""
    found = re.search(r"(?m)^title:.*(?:\n[ \t]+.*)*", files.get(COUPLE, ""))
    return str(load(found[0]).get("title") or "") if found else ""


def titled(files: Mapping[str, str], title: str) -> dict[str, str]:
    """Return files with another title in couple.yaml; a JSON string is a YAML one."""
    text = re.sub(r"(?m)^title:.*(?:\n[ \t]+.*)*", lambda _: f"title: {json.dumps(title, ensure_ascii=False)}", files[COUPLE], count=1)  # fmt: skip
    return {**files, COUPLE: text}


def apart(title: str, taken: Collection[str]) -> str:
    """Return a title that no other couple has: as it is, or with the number of the copy."""
    base = re.sub(r" \(copy(?: \d+)?\)$", "", title)
    others = (f"{base} (copy{f' {n}' if n > 1 else ''})" for n in range(1, len(taken) + 2))
    return title if title not in taken else next(t for t in others if t not in taken)


def couple_id_in(files: Mapping[str, str]) -> str:
    """Return the couple's id as its file has it, "" when it has none."""
    found = re.search(r"(?m)^id:\s*[\"']?([a-z0-9-]{1,60})", files.get(COUPLE, ""))
    return found[1] if found else ""


def copy_of(library: Library, couple_id: str, new_id: str) -> dict[str, str]:
    """Return the files of a couple of the library, under another id where that is wanted."""
    library.couple(couple_id)
    files = {COUPLE: library.source(couple_id)[0]}
    for scenario in library.scenarios_of(couple_id):
        files[f"scenarios/{scenario.id}.yaml"] = library.source(couple_id, scenario.id)[0]
    return files if new_id == couple_id else renamed(files, new_id)


def renamed(files: Mapping[str, str], new_id: str) -> dict[str, str]:
    """Return files with the couple's id changed in all of them (InputError for what is no id)."""
    checked_id(new_id)
    key = {COUPLE: "id"}
    return {name: _set(text, key.get(name, "couple"), new_id) for name, text in files.items()}


def moved(files: Mapping[str, str], name: str, new_id: str) -> dict[str, str]:
    """Return files with one session under another id, in its name and within (InputError for one that is taken)."""
    if name == COUPLE or name not in files:
        raise InputError("There is no such session.", how="Choose one from the couple's page.")
    target = f"scenarios/{checked_id(new_id, like='the-empty-chair')}.yaml"
    if target in files:
        raise InputError(f"There is a session '{new_id}' already.", how="Choose another id.")
    kept = {n: t for n, t in files.items() if n != name}
    return {**kept, target: _set(files[name], "id", new_id)}


def check(files: Mapping[str, str], couple_id: str = "", codes: Sequence[str] = ()) -> Checked:
    """Read all files and say what is wrong, what is missing and what is doubtful, each with its place.

    `couple_id` is the id under which they are kept, `codes` are those of the code book; without, neither is compared.
    What was found for the same files is remembered.
    """
    return _check(tuple((n, files[n]) for n in in_order(files)), couple_id, tuple(codes))


@lru_cache(maxsize=_KEPT)
def _check(files: tuple[tuple[str, str], ...], couple_id: str, codes: tuple[str, ...]) -> Checked:
    found: dict[str, list[Problem]] = {}
    couple: Couple | None = None
    scenarios: list[Scenario] = []
    # A session is held against what its couple's file says, even where another key of that file is wrong.
    told = load(dict(files).get(COUPLE, ""))
    for name, text in files:
        wrong, made = _read(name, text)
        found[name] = list(wrong)
        if isinstance(made, Couple):
            couple = made
            if couple_id and made.id != couple_id:
                found[name].append(_at(text, ("id",), f"the id is '{made.id}', and this couple's is '{couple_id}'."))
        elif model_of(name) is Scenario:
            data = load(text)
            found[name] += [_at(text, path, words) for path, words in _names(name, data, told)]
            found[name] += misfits(data, data, told) + [_at(text, path, words) for path, words in _unknown(data, codes)]
            if couple is not None and isinstance(made, Scenario) and not found[name]:
                scenarios.append(made)
    if COUPLE not in found:
        found[COUPLE] = [Problem(1, "", "there is no couple.yaml.")]
    return Checked(found, couple, scenarios, dict(files))


@lru_cache(maxsize=4 * _KEPT)
def _read(name: str, text: str) -> tuple[tuple[Problem, ...], BaseModel | None]:
    """Return what is wrong with one file by itself, and what it holds when nothing is."""
    data, unread = _parsed(text)
    wrong = [unread] if unread else problems_in(data, model_of(name))
    return tuple(wrong), None if wrong else model_of(name).model_validate(data)


def file_problems(name: str, text: str) -> list[Problem]:
    """Return what is wrong with one file by itself; remembered for the same text."""
    return list(_read(name, text)[0])


def _names(name: str, scenario: Any, couple: Any) -> list[tuple[Path, str]]:
    found: list[tuple[Path, str]] = []
    of, own, whose = get(scenario, "couple"), get(scenario, "id"), get(couple, "id")
    if of and whose and of != whose:
        found.append((("couple",), f"the couple is '{of}', and couple.yaml is that of '{whose}'."))
    if own and f"scenarios/{own}.yaml" != name:
        found.append((("id",), f"the file is called {name}, and its id is '{own}'."))
    return found


def _unknown(scenario: Any, codes: Sequence[str]) -> list[tuple[Path, str]]:
    return [
        (("bids", number, key, "codes", at), f"the code book has no '{code}'; allowed: {', '.join(codes)}.")
        for number, bid in enumerate(items(scenario, "bids") if codes else [])
        for key in ("good", "bad")
        for at, code in enumerate(items(get(bid, key), "codes"))
        if code not in codes
    ]  # fmt: skip


def _at(text: str, path: Path, words: str) -> Problem:
    return problem_at(load(text), path, words)


def raised(files: Mapping[str, str], published: Mapping[str, str] | None) -> dict[str, str]:
    """Return files with the last number of the version raised in each that was changed since it was published."""
    made = dict(files)
    for name, text in files.items():
        old = (published or {}).get(name)
        if old is not None and old != text and _version(old) == _version(text):
            head, _, last = _version(text).rpartition(".")
            made[name] = _set(text, "version", f"{head}.{int(last) + 1 if last.isdecimal() else 1}")
    return made


def _set(text: str, key: str, value: str) -> str:
    return re.sub(rf"(?m)^{key}:[^\n]*$", lambda _: f"{key}: {value}", text, count=1)


def _version(text: str) -> str:
    found = re.search(r"(?m)^version:\s*[\"']?([\d.]+)", text)
    return found[1] if found else ""
