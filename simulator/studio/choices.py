"""What may be chosen in a form where a file holds an id: the partners, facts, techniques, codes and opportunities there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from simulator.couple.techniques import TECHNIQUES

# (value, what the page says); by the key that holds it.
Choice = tuple[str, str]
Choices = Mapping[str, Sequence[Choice]]
NONE: Choices = {}


def choices(couple: Mapping[str, Any], codes: Sequence[Choice]) -> Choices:
    """Return the choices for the forms of this couple's files (`couple` is the data of its couple.yaml)."""
    partners = [(str(p["id"]), str(p.get("name") or p["id"])) for p in _with_id(couple.get("partners"))]
    facts = [(str(f["id"]), str(f["id"])) for f in _with_id(couple.get("facts")) if f.get("opens")]
    return {
        "known_by": partners,
        "suspected_by": partners,
        "partner": partners,
        "disclosures": facts,
        "alone": facts,
        "codes": codes,
        "techniques": [(str(n), f"{n}: {name}") for n, (name, _) in TECHNIQUES.items()],
    }


def rubric_choices(book: Mapping[str, Any]) -> Choices:
    """Return the choices for the forms of a rubric (`book` is the data of its codebook.yaml)."""
    codes = [(str(c["id"]), f"{c['id']} ({c.get('effect')})") for c in _with_id(book.get("codes"))]
    offers = [(str(o["id"]), str(o["id"])) for o in _with_id(book.get("opportunities"))]
    return {
        **dict.fromkeys(("any_of", "and_any_of", "all_of", "none_of", "ends_with"), codes),
        **dict.fromkeys(("offered", "needs", "better"), offers),
        "level": [(str(n), str(n)) for n in range(1, 6)],
    }


def _with_id(value: Any) -> list[Mapping[str, Any]]:
    return [x for x in value if isinstance(x, Mapping) and x.get("id")] if isinstance(value, list) else []
