"""Reading JSON Lines from people: with the line number in every complaint."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from simulator.errors import InputError

MAX_LINE_CHARACTERS = 5_000_000


def read_jsonl(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line number from 1, object) for each non-blank line of `path`, one at a time.

    Raises:
        InputError: the file cannot be read, or a line is not a JSON object.
    """
    try:
        handle = path.open(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}.", how="Check the path.") from error
    with handle:
        number = 0
        try:
            for number, line in enumerate(handle, start=1):
                if line.strip():
                    yield number, parse_object(line, f"{path}, line {number}")
        except UnicodeDecodeError as error:
            raise InputError(f"{path}, line {number + 1}: not UTF-8 text.", how="Save it as UTF-8.") from error


def parse_object(text: str, where: str) -> dict[str, Any]:
    """Return the JSON object in `text`.

    Raises:
        InputError: it is too long, not JSON, or not an object; the message starts with `where`.
    """
    if len(text) > MAX_LINE_CHARACTERS:
        raise InputError(f"{where}: longer than {MAX_LINE_CHARACTERS:,} characters.")
    try:
        value = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        reason = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply"
        raise InputError(f"{where}: not valid JSON ({reason}).") from error
    if not isinstance(value, dict):
        raise InputError(f"{where}: a JSON object is needed, not {type(value).__name__}.")
    return value
