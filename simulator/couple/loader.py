"""Reading couples and scenarios: untrusted YAML in, checked models out, every complaint with file and line."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.tokens import (
    AliasToken,
    AnchorToken,
    FlowMappingEndToken,
    FlowMappingStartToken,
    FlowSequenceEndToken,
    FlowSequenceStartToken,
    TagToken,
)

from simulator.couple.schema import Couple, Scenario
from simulator.errors import InputError

MAX_FILE_BYTES = 1_000_000
MAX_DEPTH = 30  # brackets within brackets

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
    """What keeps a file from being used: the line, the path of the key (as in partners.0.name), and what to do."""

    line: int
    path: str
    message: str


def problems(text: str, where: str, model: type[BaseModel]) -> list[Problem]:
    """Return everything that is wrong with a file's shape, in its order; empty when it can be read."""
    try:
        data = read_yaml(text, where)
    except InputError as error:
        found = re.search(r", line (\d+)", str(error))
        said = re.sub(r"^(?:, line \d+)?: ", "", str(error).removeprefix(where))
        return [Problem(int(found[1]) if found else 1, "", said)]
    try:
        model.model_validate(data)
    except ValidationError as error:
        return [
            Problem(line_of(data, loc), ".".join(map(str, loc)), f"{_path(loc)}: {_say(e)}")
            for e in error.errors()
            for loc in [_loc(e)]
        ]
    except RecursionError:
        return [Problem(1, "", "nested too deeply")]
    return []


def parse_scenario(text: str, where: str, couple: Couple) -> Scenario:
    """Return the scenario in `text`, checked against its couple; complaints are InputError."""
    scenario = _parse(text, where, Scenario)
    if scenario.couple != couple.id:
        raise InputError(f"{where}: couple is '{scenario.couple}'; this folder's couple is '{couple.id}'.")
    problem = scenario.check_against(couple)
    if problem:
        raise InputError(f"{where}: {problem}.")
    return scenario


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
        first = error.errors()[0]
        loc = _loc(first)
        raise InputError(
            f"{where}, line {line_of(data, loc)}: {_path(loc)}: {_say(first)}",
            how=_more(error),
        ) from error
    except RecursionError as error:
        raise InputError(f"{where}: nested too deeply.") from error


def read_yaml(text: str, where: str, *, quotes: bool = False) -> Any:
    """Return the data of untrusted YAML, with marks of its lines (and its quotes, to be written again).

    Nothing in it is executed; InputError with its line for what cannot be read or is not safe to.
    """
    if len(text) > MAX_FILE_BYTES:
        raise InputError(f"{where}: larger than {MAX_FILE_BYTES:,} characters.")
    try:
        # Anchors can grow a small file into gigabytes, tags can name types: a couple needs neither, nor deep nesting.
        depth = 0
        for token in YAML().scan(text):
            if isinstance(token, AliasToken | AnchorToken | TagToken):
                raise InputError(
                    f"{where}, line {token.start_mark.line + 1}: anchors, aliases and tags are not allowed.",
                    how="Write the value out.",
                )
            depth += isinstance(token, FlowMappingStartToken | FlowSequenceStartToken)
            depth -= isinstance(token, FlowMappingEndToken | FlowSequenceEndToken)
            if depth > MAX_DEPTH:
                raise InputError(f"{where}, line {token.start_mark.line + 1}: not valid YAML (nested too deeply).")
        yaml = YAML(typ="rt")
        yaml.preserve_quotes = quotes
        return yaml.load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f", line {mark.line + 1}" if mark else ""
        raise InputError(f"{where}{line}: not valid YAML ({error.problem or error.context}).") from error
    except (YAMLError, ValueError, RecursionError) as error:
        raise InputError(
            f"{where}: not valid YAML ({str(error).splitlines()[0] if str(error) else 'nested too deeply'})."
        ) from error


def _loc(error: Any) -> tuple[int | str, ...]:
    # A rule about the whole file says itself which of its keys it is about.
    return (*error["loc"], *error.get("ctx", {}).get("path", ()))


def _say(error: Any) -> str:
    allowed = error.get("ctx", {}).get("expected")
    value = error.get("input")
    if error["type"] == "literal_error" and allowed:
        return f"'{value}' is not allowed here; allowed: {allowed.replace(' or ', ', ')}."
    if error["type"] == "extra_forbidden":
        return "this key is not known here; check its spelling."
    if error["type"] == "missing":
        return "this key is missing."
    message = str(error["msg"]).removeprefix("Value error, ")
    shown = f" (it is '{value}')" if isinstance(value, str | int | float) and len(str(value)) < 80 else ""
    return f"{message}{shown}."


def _more(error: ValidationError) -> str:
    count = error.error_count() - 1
    return f"{count} more problem{'s' if count > 1 else ''} after that one." if count else ""


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


def _path(loc: tuple[int | str, ...]) -> str:
    return ".".join(str(p + 1) if isinstance(p, int) else p for p in loc) or "the file"


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
