"""Untrusted YAML in, data with the marks of its lines out: nothing in it is executed, and a text is gone over once."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.scanner import RoundTripScanner

from simulator.couple.complaints import of_yaml
from simulator.errors import InputError

MAX_FILE_BYTES = 1_000_000
MAX_DEPTH = 30  # brackets within brackets


class _UnsafeError(Exception):
    """What the scanner will not read: (line, what, how)."""

    def __init__(self, line: int, what: str, how: str = "") -> None:
        self.line, self.what, self.how = line, what, how
        super().__init__(what)


class _Scanner(RoundTripScanner):
    """Reads no anchors, aliases or tags, and nothing nested deeply.

    Anchors can grow a small file into gigabytes, tags can name types: a couple needs neither.
    """

    def fetch_anchor(self) -> None:
        raise self._not_allowed()

    def fetch_alias(self) -> None:
        raise self._not_allowed()

    def fetch_tag(self) -> None:
        raise self._not_allowed()

    def fetch_flow_collection_start(self, TokenClass: Any, to_push: str) -> None:  # noqa: N803
        super().fetch_flow_collection_start(TokenClass, to_push)
        if len(self.flow_context) > MAX_DEPTH:
            raise _UnsafeError(self.reader.line + 1, "not valid YAML: nested too deeply.")

    def _not_allowed(self) -> _UnsafeError:
        return _UnsafeError(
            self.reader.line + 1,
            "anchors, aliases and tags (words that begin with &, * or !) are not allowed.",
            "Write the value out; put words that begin so into quotation marks.",
        )


def read_yaml(text: str, where: str, *, quotes: bool = False) -> Any:
    """Return the data of untrusted YAML, with marks of its lines (and its quotes, to be written again).

    Nothing in it is executed; InputError with its line for what cannot be read or is not safe to.
    """
    if len(text) > MAX_FILE_BYTES:
        raise InputError(f"{where}: larger than {MAX_FILE_BYTES:,} characters.")
    try:
        yaml = YAML(typ="rt")
        yaml.Scanner = _Scanner
        yaml.preserve_quotes = quotes
        return yaml.load(text)
    except _UnsafeError as error:
        raise InputError(f"{where}, line {error.line}: {error.what}", how=error.how) from error
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f", line {mark.line + 1}" if mark else ""
        raise InputError(f"{where}{line}: not valid YAML: {of_yaml(error)}.") from error
    except (YAMLError, ValueError, RecursionError) as error:
        day = next((n for n, row in enumerate(text.split("\n"), 1) if _is_no_day(row)), 0)
        line = f", line {day}" if day and not isinstance(error, YAMLError) else ""
        raise InputError(f"{where}{line}: not valid YAML: {of_yaml(error)}.") from error


def _is_no_day(row: str) -> bool:
    """Return whether a line of YAML holds a day of the calendar that there is not."""
    for found in re.findall(r"(?<![\w\"'-])\d{4}-\d\d?-\d\d?", row):
        try:
            date(*map(int, found.split("-")))
        except ValueError:
            return True
    return False
