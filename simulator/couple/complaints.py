"""What is wrong with a value, in words that say how to mend it: from the codes of pydantic and of the YAML reader."""

from __future__ import annotations

import re
import types
from collections.abc import Sequence
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from simulator.couple.keys import KEYS
from simulator.couple.raw import Step

# How something is written, by what it would look like if it were right.
_WRITTEN = (
    ("0.1.0", "a version is three numbers with dots between: 0.1.0"),
    ("2026-03-14", "a date is written 2026, 2026-03 or 2026-03-14"),
    ("the-letters", "an id is written in small letters, digits and hyphens: the-letters"),
)
_NEEDED = {
    "int": "a whole number is needed here, such as 40",
    "float": "a number is needed here, such as 0.4",
    "bool": "true or false is needed here",
    "list": "a list is needed here: each item on a line of its own, after a hyphen",
    "dict": "keys with values are needed here, each as in `key: value`",
    "model": "keys with values are needed here, each as in `key: value`",
    "string": "words are needed here",
}
# Code -> (key of its bound, words with the bound and with how much there is).
_BOUNDS = {
    "string_too_long": ("max_length", "at most {} characters fit here, and it has {}"),
    "string_too_short": ("min_length", "at least {} characters are needed here, and it has {}"),
    "too_long": ("max_length", "at most {} may stand here, and there are {}"),
    "too_short": ("min_length", "at least {} must stand here, and there are {}"),
    "greater_than_equal": ("ge", "the least that can stand here is {}"),
    "greater_than": ("gt", "it must be more than {}"),
    "less_than_equal": ("le", "the most that can stand here is {}"),
    "less_than": ("lt", "it must be less than {}"),
}
_YAML = (
    (r"expected ',' or '([\]}])'", "a bracket is not closed here, or a comma is missing between two items"),
    (r"mapping values are not allowed", "a colon in the middle of words: put the words into quotation marks"),
    (r"could not find expected ':'", "a key without its colon, or a line that should be indented further"),
    (r"end of stream|stream end|document separator", "a quotation mark or a bracket is opened and never closed"),
    (r"expected <block end>", "the line does not fit those above it: look at its indentation, hyphens and quotation marks"),
    (r"unknown escape|escape sequence", "a backslash between double quotation marks: use single ones, or write it twice"),
    (r"duplicate key", "a key stands twice in the same place: keep one of them"),
    (r"'\\t'|\\t", "a tab: indent with spaces"),
    (r"cannot start any token", "words that begin with a sign: put them into quotation marks"),
)  # fmt: skip


def say(error: Any, model: type[BaseModel]) -> str:
    """Return what one error of pydantic is about and how it is mended, as the end of a sentence with its full stop."""
    kind, context, value = str(error["type"]), error.get("ctx", {}), error.get("input")
    owner, key = _owner(model, error["loc"])
    about = KEYS.get(owner.__name__, {}).get(key, "") if owner else ""
    if kind == "missing":
        return f"this is missing. {about}".strip()
    if kind == "extra_forbidden":
        known = f" Known here: {', '.join(owner.model_fields)}." if owner else ""
        return f"this key is not known here; check its spelling.{known}"
    if kind == "literal_error":
        allowed = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ")
        return f"'{value}' is not allowed here; allowed: {allowed}."
    if value is None or (kind == "string_too_short" and context.get("min_length") == 1):
        return f"nothing is written here. {about}".strip()
    return f"{_wrong(kind, context, value, error)}{_shown(value)}."


def of_yaml(error: YAMLError | ValueError | RecursionError) -> str:
    """Return why a text is no YAML and what to look at; where, says the line that is told with it."""
    if isinstance(error, RecursionError):
        return "nested too deeply"
    if not isinstance(error, YAMLError):
        return "a value that looks like a date or a number, and is none: put it into quotation marks"
    if not isinstance(error, MarkedYAMLError):
        sign = re.search(r"#x([0-9a-fA-F]+)", str(error))
        return f"a sign that cannot be shown{f' ({sign[0]})' if sign else ''}: take it out"
    told = f"{error.problem or ''} {error.context or ''}"
    words = next(
        (said for pattern, said in _YAML if re.search(pattern, told)), "look at this line and the one above it"
    )
    begun = error.context_mark
    if begun is not None and error.problem_mark is not None and begun.line != error.problem_mark.line:
        words = f"{words}; what it belongs to begins in line {begun.line + 1}"
    return words


def _wrong(kind: str, context: Any, value: Any, error: Any) -> str:
    if kind == "string_pattern_mismatch":
        pattern = context.get("pattern", "")
        return next((said for like, said in _WRITTEN if re.fullmatch(pattern, like)), "it is not written as it must be")
    if kind in ("value_error", "misfit"):
        return str(error["msg"]).removeprefix("Value error, ").rstrip(".")
    if kind in _BOUNDS:
        key, words = _BOUNDS[kind]
        return words.format(context[key], context.get("actual_length") or len(str(value)))
    needed = _NEEDED.get(kind.split("_")[0])
    if needed is None:
        return "this cannot be used here"
    if kind.startswith("string") and not isinstance(value, list | dict):
        return f"{needed}: put it into quotation marks"
    if kind.startswith(("int", "float")) and isinstance(value, str) and re.fullmatch(r"\d+,\d+", value):
        return f"{needed}, with a point and not a comma"
    return needed


def _shown(value: Any) -> str:
    return f" (it is '{value}')" if isinstance(value, str | int | float) and 0 < len(str(value)) < 80 else ""


def _owner(model: type[BaseModel], loc: Sequence[Step]) -> tuple[type[BaseModel] | None, str]:
    """Return the model that the last key of a path belongs to, and the key."""
    annotation: Any = model
    owner, key = None, ""
    for step in loc:
        annotation = _bare(annotation)
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            owner, key = annotation, str(step)
            field = annotation.model_fields.get(key)
            annotation = field.annotation if field else None
        else:
            arguments = get_args(annotation)
            annotation = arguments[-1] if arguments else None
    return owner, key


def _bare(annotation: Any) -> Any:
    while get_origin(annotation) in (Annotated, Union, types.UnionType):
        annotation = next((a for a in get_args(annotation) if a is not type(None)), None)
    return annotation
