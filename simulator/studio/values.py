"""What stands in a box, as the value of a key: text, numbers, choices, lists; laid out as the couples are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, FoldedScalarString, LiteralScalarString

from simulator.studio.boxes import Field
from simulator.text import clean


def same(field: Field, given: str) -> bool:
    """Return whether what was sent is what stands in the file."""
    if field.kind == "many":
        # Boxes come in the page's order; only which are ticked counts.
        return set(given.split("\n")) - {""} == set(clean(field.value).split("\n")) - {""}
    return given == clean(field.value)


def value(field: Field, given: str) -> Any:
    """Return what was sent as the file holds it; what cannot be read stays text, and the file's check says so."""
    if field.kind in ("lines", "many"):
        there = [" ".join(x.split()) for x in given.split("\n") if x.strip()]
        kept = [x for x in field.value.split("\n") if x in there] if field.kind == "many" else []
        return [_single(field, x) for x in [*kept, *(x for x in there if x not in kept)]]
    if field.kind == "choice" and given in ("true", "false"):
        return given == "true"
    return _single(field, given)


def nested(steps: Sequence[str], held: Any) -> Any:
    """Return a value within mappings of these keys."""
    if steps:
        return CommentedMap({steps[0]: nested(steps[1:], held)})
    if not isinstance(held, list):
        return held
    made = CommentedSeq(held)
    if not any(isinstance(x, str) and " " in x for x in held):
        made.fa.set_flow_style()  # ids and numbers stand in one line
    return made


def whole(text: str) -> int | str:
    """Return a whole number, or the text where it is none."""
    return int(text) if text.isdecimal() and len(text) < 10 else text


def scalar(text: str) -> Any:
    """Return a text in the quotes or the block that it needs."""
    if any(c in text for c in "\t\x85\u2028\u2029"):
        return DoubleQuotedScalarString(text)
    if "\n" in text:
        return LiteralScalarString(text)
    if len(text) > 140:
        return FoldedScalarString(text)
    return DoubleQuotedScalarString(text) if any(c in text for c in ":#'\"{}[],&*?|>%@`") else text


def _single(field: Field, given: str) -> Any:
    if field.holds == "text":
        return given if field.kind in ("choice", "many") else scalar(given)
    if field.holds == "whole" and field.kind != "number":
        return whole(given)
    try:
        return int(given) if given.lstrip("-").isdecimal() else float(given)
    except ValueError:
        return given  # the check of the file says what is wrong with it
