"""The two texts of a rubric, the code book and the level rules: what keeps them from being used, each with its place."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pydantic import BaseModel

from simulator.couple import Problem, problems
from simulator.couple.loader import problem_at, read_yaml
from simulator.rubric import SKILLS, Rubric
from simulator.rubric.book import CodeBook, LevelRules
from simulator.studio.manuscript import load

BOOK, LEVELS = "codebook.yaml", "levels.yaml"
FILES: dict[str, type[BaseModel]] = {BOOK: CodeBook, LEVELS: LevelRules}
NAMES = {BOOK: "The code book", LEVELS: "The level rules"}  # what people call them
VERSION = re.compile(r"(?m)^version:.*$")
_OF_CODES = ("any_of", "and_any_of", "all_of", "none_of", "ends_with")
# (path of the key, what is wrong with it)
Found = list[tuple[tuple[str | int, ...], str]]


def check_texts(files: Mapping[str, str], before: Rubric) -> list[tuple[str, Problem]]:
    """Return (file, problem) of everything that keeps these texts from being used in the place of `before`."""
    found = [(name, p) for name, model in FILES.items() for p in problems(files[name], name, model)]
    if found:
        return found
    book = CodeBook.model_validate(read_yaml(files[BOOK], BOOK))
    levels = LevelRules.model_validate(read_yaml(files[LEVELS], LEVELS))
    wrong = {BOOK: _of_book(files[BOOK], book, before), LEVELS: _of_levels(book, levels)}
    return [
        (name, problem_at(load(files[name]), path, message)) for name, there in wrong.items() for path, message in there
    ]


def _of_book(text: str, book: CodeBook, before: Rubric) -> Found:
    found: Found = []
    seen: set[str] = set()
    for key, there in (("codes", book.code_ids), ("opportunities", book.opportunity_ids)):
        for number, name in enumerate(there):
            if name in seen:
                found.append(((key, number, "id"), f"the id '{name}' is there twice."))
            seen.add(name)
    if not re.fullmatch(r"\d+(?:\.\d+)*(?:\+own\d+)?", book.version) or not VERSION.search(text):
        found.append((("version",), "the version stands on a line of its own, in numbers with dots: version: 1.2.0"))
    gone = {*before.book.code_ids, *before.book.opportunity_ids} - seen
    uses = _uses(before) if gone else {}
    # What has gone is no longer in the text: the place is the head of its list.
    found += [
        (("codes" if i in before.book.code_ids else "opportunities",), f"'{i}' is gone, and {uses[i]} examples use it.")
        for i in sorted(gone)
        if i in uses
    ]
    return found


def _of_levels(book: CodeBook, levels: LevelRules) -> Found:
    found: Found = [(("skills",), f"there is no table for {s}.") for s in SKILLS if s not in levels.skills]
    codes, offers = set(book.code_ids), set(book.opportunity_ids)
    for skill, table in levels.skills.items():
        named: dict[tuple[str | int, ...], Sequence[str]] = {("needs",): table.needs}
        for number, rule in enumerate(table.rules):
            named |= {("rules", number, key): getattr(rule, key) for key in ("offered", *_OF_CODES)}
        found += [
            (("skills", skill, *path, at), f"'{name}' is not in the code book.")
            for path, names in named.items()
            for at, name in enumerate(names)
            if name not in (codes if path[-1] in _OF_CODES else offers)
        ]
        if table.cuts != sorted(table.cuts):
            found.append((("skills", skill, "cuts"), "the cuts go up from one to the next."))
        found += [
            (
                ("skills", skill, "better", key),
                f"'{key}' is no opportunity of the code book.",
            )
            for key in table.better
            if key not in offers
        ]
    if levels.possible >= levels.confident:
        found.append((("possible",), "it is lower than 'confident'."))
    return found


def _uses(rubric: Rubric) -> dict[str, int]:
    """Return how many labelled examples use each code and opportunity."""
    named = [{s.code, *s.codes} for s in rubric.sentences()]
    named += [{*r.opportunities, *(c for _, cs in r.reply for c in cs)} for r in rubric.replies()]
    named += [set(o.opportunities) for o in rubric.opportunities()]
    counts: dict[str, int] = {}
    for names in named:
        for name in names:
            counts[name] = counts.get(name, 0) + 1
    return counts
