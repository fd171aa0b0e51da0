"""Reading couples and scenarios: untrusted YAML in, checked models out, every complaint with file and line."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from simulator.couple.complaints import say
from simulator.couple.naming import place_of
from simulator.couple.raw import Path as Steps
from simulator.couple.rules import of_couple, of_scenario
from simulator.couple.safe_yaml import MAX_FILE_BYTES as MAX_FILE_BYTES
from simulator.couple.safe_yaml import read_yaml as read_yaml
from simulator.couple.schema import Couple, Scenario
from simulator.errors import InputError

_LISTED = 9  # problems after the first that one error lists

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Library:
    """The couples and scenarios of one folder, with the text and hash of each file."""

    couples: dict[str, Couple]
    scenarios: dict[tuple[str, str], Scenario]
    sources: dict[tuple[str, ...], str] = field(repr=False, default_factory=dict)

    def couple(self, couple_id: str) -> Couple:
        """Return the couple, or raise InputError naming those there are."""
        if couple_id not in self.couples:
            raise InputError(
                f"There is no couple '{couple_id}'.",
                how=f"Couples: {', '.join(sorted(self.couples)) or 'none'}.",
            )
        return self.couples[couple_id]

    def scenario(self, couple_id: str, scenario_id: str) -> Scenario:
        """Return the scenario, or raise InputError naming those there are."""
        self.couple(couple_id)
        if (couple_id, scenario_id) not in self.scenarios:
            there = ", ".join(s.id for s in self.scenarios_of(couple_id)) or "none"
            raise InputError(f"'{couple_id}' has no scenario '{scenario_id}'.", how=f"Scenarios: {there}.")
        return self.scenarios[couple_id, scenario_id]

    def scenarios_of(self, couple_id: str) -> list[Scenario]:
        """Return the couple's scenarios, by id."""
        return [s for (c, _), s in sorted(self.scenarios.items()) if c == couple_id]

    def source(self, *key: str) -> tuple[str, str]:
        """Return (text, sha256 of it) of the file of couple (id) or scenario (couple id, scenario id)."""
        text = self.sources[key]
        return text, content_hash(text)


def content_hash(text: str) -> str:
    """Return the sha256 of `text` in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def load_library(folder: Path) -> Library:
    """Return all couples (`*/couple.yaml`) and their scenarios (`*/scenarios/*.yaml`) below `folder`.

    Raises:
        InputError: a file breaks a rule; the message has file, line and the allowed values.
    """
    library = Library({}, {})
    for path in sorted(folder.glob("*/couple.yaml")):
        text = _read(path)
        couple = parse_couple(text, str(path))
        if couple.id in library.couples:
            raise InputError(f"{path}: a second couple with the id '{couple.id}'.", how="Give it an id of its own.")
        library.couples[couple.id] = couple
        library.sources[couple.id,] = text
        for scenario_path in sorted(path.parent.glob("scenarios/*.yaml")):
            text = _read(scenario_path)
            scenario = parse_scenario(text, str(scenario_path), couple)
            if (couple.id, scenario.id) in library.scenarios:
                raise InputError(f"{scenario_path}: a second scenario with the id '{scenario.id}'.")
            library.scenarios[couple.id, scenario.id] = scenario
            library.sources[couple.id, scenario.id] = text
    if not library.couples:
        raise InputError(f"{folder}: no couple here.", how="A couple is a folder with a couple.yaml in it.")
    return library


def parse_couple(text: str, where: str) -> Couple:
    """Return the couple in `text`; `where` opens every complaint (InputError)."""
    return _parse(text, where, Couple)


@dataclass(frozen=True)
class Problem:
    """What keeps a file from being used: the line, the path of the key (as in partners.0.name), and what to do.

    `message` begins with `place`, where it stands in an author's words.
    """

    line: int
    path: str
    message: str
    place: str = ""

    @property
    def said(self) -> str:
        """What is wrong, without where."""
        words = self.message.removeprefix(f"{self.place}: ") if self.place else self.message
        return words[:1].upper() + words[1:]


def problem_at(data: Any, path: Steps, words: str) -> Problem:
    """Return the problem of a key of a file: its line, its place in words, what to do."""
    where = place_of(data, path) or "the file"
    return Problem(line_of(data, path), ".".join(map(str, path)), f"{where}: {words}", where)


def problems(text: str, where: str, model: type[BaseModel]) -> list[Problem]:
    """Return everything that is wrong with a file's shape, in its order; empty when it can be read."""
    try:
        data = read_yaml(text, where)
    except InputError as error:
        return [unreadable(error, where)]
    return problems_in(data, model)


def unreadable(error: InputError, where: str) -> Problem:
    """Return what `read_yaml` says of a text that it cannot read as a problem of the file."""
    found = re.search(r", line (\d+)", error.what)
    said = re.sub(r"^(?:, line \d+)?: ", "", error.what.removeprefix(where))
    return Problem(int(found[1]) if found else 1, "", f"{said} {error.how}".strip())


def problems_in(data: Any, model: type[BaseModel]) -> list[Problem]:
    """Return everything that is wrong with the shape of a file's data, in the order of its lines."""
    try:
        model.model_validate(data)
    except ValidationError as error:
        # The rules over a whole couple are told below, all of them, and also where a key is wrong besides.
        whole = list(of_couple(data)) if model is Couple else []
        own = [e for e in error.errors() if not (whole and e["type"] == "misfit" and not e["loc"])]
        found = [
            *((tuple(e["loc"]), say(e, model)) for e in own),
            *((path, f"{words.rstrip('.')}.") for path, words in whole),
        ]
        return sorted((problem_at(data, path, words) for path, words in found), key=lambda p: p.line)
    except RecursionError:
        return [Problem(1, "", "nested too deeply")]
    return []


def parse_scenario(text: str, where: str, couple: Couple) -> Scenario:
    """Return the scenario in `text`, checked against its couple; complaints are InputError."""
    scenario = _parse(text, where, Scenario)
    wrong = misfits(scenario, read_yaml(text, where), couple) if next(scenario.misfits(couple), None) else []
    if scenario.couple != couple.id:
        raise InputError(f"{where}: couple is '{scenario.couple}'; this folder's couple is '{couple.id}'.")
    if wrong:
        raise _refused(where, wrong)
    return scenario


def misfits(scenario: Any, data: Any, couple: Any) -> list[Problem]:
    """Return what in a scenario does not fit its couple; `data` is its file's, with the lines."""
    return [problem_at(data, path, f"{words}.") for path, words in of_scenario(scenario, couple)]


def _refused(where: str, wrong: Sequence[Problem]) -> InputError:
    """Return the error that lists what is wrong with a file: the first, and below it the others."""
    first, *rest = wrong
    more = [f"line {p.line}: {p.message}" for p in rest[:_LISTED]]
    if len(rest) > _LISTED:
        more.append(f"{len(rest) - _LISTED} more problems after these.")
    return InputError(f"{where}, line {first.line}: {first.message}", how="\n".join(more))


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise InputError(f"{path}: larger than {MAX_FILE_BYTES:,} bytes.")
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}.", how="Check the path.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 text.", how="Save it as UTF-8.") from error


def _parse(text: str, where: str, model: type[M]) -> M:
    data = read_yaml(text, where)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise _refused(where, problems_in(data, model)) from error
    except RecursionError as error:
        raise InputError(f"{where}: nested too deeply.") from error


def with_couples(library: Library, files: Mapping[str, Mapping[str, str]]) -> Library:
    """Return a library with couples from elsewhere added, or put in the place of those with the same id.

    `files` are the texts of each couple's files by name ("couple.yaml", "scenarios/ID.yaml"); InputError as `load_library`.
    """
    couples, scenarios, sources = dict(library.couples), dict(library.scenarios), dict(library.sources)
    for couple_id, texts in files.items():
        couple, found = _read_texts(couple_id, tuple(sorted(texts.items())))
        for key in [k for k in scenarios if k[0] == couple_id]:
            del scenarios[key], sources[key]
        couples[couple_id], sources[couple_id,] = couple, texts["couple.yaml"]
        for scenario, text in found:
            scenarios[couple_id, scenario.id], sources[couple_id, scenario.id] = scenario, text
    return Library(couples, scenarios, sources)


@lru_cache(maxsize=32)
def _read_texts(couple_id: str, texts: tuple[tuple[str, str], ...]) -> tuple[Couple, list[tuple[Scenario, str]]]:
    """Return a couple with its scenarios and their texts; the same texts are read once."""
    text = dict(texts).get("couple.yaml")
    if text is None:
        raise InputError(f"{couple_id}: there is no couple.yaml.")
    couple = parse_couple(text, f"{couple_id}/couple.yaml")
    if couple.id != couple_id:
        raise InputError(f"{couple_id}/couple.yaml: the id in it is '{couple.id}'.", how=f"Write {couple_id} there.")
    return couple, [(parse_scenario(t, f"{couple_id}/{n}", couple), t) for n, t in texts if n != "couple.yaml"]


def line_of(data: Any, loc: tuple[int | str, ...]) -> int:
    """Return the line, from 1, of the deepest part of `loc` that the file has."""
    line, node = 1, data
    for part in loc:
        try:
            marks = getattr(node, "lc", None)
            if marks is not None:
                position = marks.item(part) if isinstance(part, int) else marks.key(part)
                line = position[0] + 1
            node = node[part]
        except (KeyError, IndexError, TypeError, AttributeError):
            break
    return line
