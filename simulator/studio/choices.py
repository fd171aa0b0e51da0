"""What may be chosen in a form, each with what it is: partners, facts, techniques, moves, moods, codes, opportunities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from simulator.couple import MOODS, MOVES
from simulator.couple.keys import MOODS as MOODS_MEAN
from simulator.couple.naming import label
from simulator.couple.schema import BID_KINDS, SAFETY
from simulator.couple.techniques import TECHNIQUES
from simulator.rubric import Rubric
from simulator.rubric.book import CodeBook
from simulator.voice.prompt import DIRECTIONS


class Choice(NamedTuple):
    """One thing that may be chosen: how the file says it, how the page does, what it is, what it is listed under."""

    value: str
    label: str
    about: str = ""
    group: str = ""


# By the key that holds it, or by that and the key above it (bad.codes).
Choices = Mapping[str, Sequence[Choice]]
NONE: Choices = {}


def moves() -> list[Choice]:
    """Return the moves, each with what it is told the model to be."""
    return [Choice(m, label(m), DIRECTIONS[m].format(other="the other")) for m in MOVES]


def moods() -> list[Choice]:
    """Return the moods."""
    return [Choice(m, label(m), MOODS_MEAN[m]) for m in MOODS]


def kinds(book: CodeBook, *, whole: bool = False) -> list[Choice]:
    """Return the kinds of bids, each with a few words or its `whole` definition: all but one are in the code book."""
    told = {o.id: o.definition if whole else o.say for o in book.opportunities}
    return [Choice(k, label(k), told.get(k, SAFETY if k == "safety" else "")) for k in BID_KINDS]


def codes(rubric: Rubric, *, first: str = "helps") -> list[Choice]:
    """Return the codes by what they do to which skill, those that help or hurt `first`."""
    titles = {skill: rules.title.lower() for skill, rules in rubric.levels.skills.items()}
    found = [Choice(c.id, label(c.id), c.definition, f"{c.effect}: {titles[c.skill]}") for c in rubric.book.codes]
    return sorted(found, key=lambda c: not c.group.startswith(first))


def choices(couple: Mapping[str, Any], rubric: Rubric) -> Choices:
    """Return the choices for the forms of this couple's files (`couple` is the data of its couple.yaml)."""
    partners = [Choice(str(p["id"]), str(p.get("name") or p["id"])) for p in _with_id(couple.get("partners"))]
    facts = [
        Choice(str(f["id"]), str(f["id"]), str(f.get("text") or ""))
        for f in _with_id(couple.get("facts"))
        if f.get("opens")
    ]
    return {
        **dict.fromkeys(("known_by", "suspected_by", "partner", "start", "walk_out"), partners),
        **dict.fromkeys(("disclosures", "alone"), facts),
        "good.codes": codes(rubric),
        "bad.codes": codes(rubric, first="hurts"),
        "kind": kinds(rubric.book),
        **dict.fromkeys(("move", "openers"), moves()),
        "mood": moods(),
        "techniques": [Choice(str(n), f"{n}: {name}", heard) for n, (name, heard) in TECHNIQUES.items()],
    }


def rubric_choices(book: Mapping[str, Any]) -> Choices:
    """Return the choices for the forms of a rubric (`book` is the data of its codebook.yaml)."""
    found = [Choice(str(c["id"]), f"{c['id']} ({c.get('effect')})") for c in _with_id(book.get("codes"))]
    offers = [Choice(str(o["id"]), str(o["id"])) for o in _with_id(book.get("opportunities"))]
    return {
        **dict.fromkeys(("any_of", "and_any_of", "all_of", "none_of", "ends_with"), found),
        **dict.fromkeys(("offered", "needs", "better"), offers),
        "level": [Choice(str(n), str(n)) for n in range(1, 6)],
    }


def _with_id(value: Any) -> Iterable[Mapping[str, Any]]:
    return [x for x in value if isinstance(x, Mapping) and x.get("id")] if isinstance(value, list) else []
