"""What a whole session came to: each skill over all its turns, and the balance between the partners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from simulator.rubric.address import mentioned, subject
from simulator.rubric.book import SKILLS, CodeBook
from simulator.rubric.canon import Said
from simulator.text import words

VALIDATING = frozenset({"reflect_feeling", "reflect_meaning", "validate", "hold_both", "acknowledge_complaint"})
CHALLENGING = frozenset({"name_boundary", "one_sided_demand", "judge_partner", "press_to_yield", "judge_feeling"})
# Of these the one who is named, and perhaps not spoken to, is the one who is challenged.
_AGAINST = frozenset({"judge_partner", "one_sided_demand", "press_to_yield"})


def session_summary(
    book: CodeBook, turns: Sequence[Said], partners: Sequence[str], scored: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return the session's summary from its scored therapist turns (each with `turn` and the reply's JSON).

    The opportunities of a skill are the turns that were offered what the book says calls for it.
    `balance` compares each partner's share of what the therapist gave with their share of the words they
    said: 1 is even, 2 is twice as much as their talking would call for, None when there is nothing to share.
    """
    skills: dict[str, Any] = {}
    for skill in SKILLS:
        results = [s["skills"][skill] for s in scored]
        calls = {o.id for o in book.opportunities if o.skill == skill}
        levels = [r["level"] for r in results if r["status"] == "scored"]
        values = [r["score"] for r in results if r["status"] == "scored"]
        skills[skill] = {
            "replies": len(results),
            "opportunities": sum(bool(calls & set(s["opportunities"])) for s in scored),
            "scored": len(levels),
            "no_opportunity": sum(r["status"] == "no_opportunity" for r in results),
            "not_scored": sum(r["status"] == "not_scored" for r in results),
            "mean": round(sum(values) / len(values), 2) if values else None,
            "levels": {str(level): levels.count(level) for level in range(1, 6)},
        }
    offered: dict[str, int] = {}
    for s in scored:
        for name in s["opportunities"]:
            offered[name] = offered.get(name, 0) + 1
    return {"skills": skills, "opportunities": offered, "balance": _balance(turns, partners, scored)}


def _balance(turns: Sequence[Said], partners: Sequence[str], scored: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    talk = {p: sum(len(words(t.text)) for t in turns if t.speaker == p) for p in partners}
    gave: dict[str, dict[str, float]] = {
        kind: dict.fromkeys(partners, 0.0) for kind in ("address", "validation", "challenge")
    }
    for s in scored:
        to = [p for p in s["addressed"] if p in talk]
        for p in to:
            gave["address"][p] += 1 / len(to)
        shown = {(e["code"], e["quote"]) for r in s["skills"].values() for e in r.get("codes", [])}
        for code, quote in shown:
            kind = "validation" if code in VALIDATING else "challenge" if code in CHALLENGING else ""
            if not kind:
                continue
            if code == "hold_both" or (len(to) == 2 and not any(mentioned(p, quote) for p in partners)):
                for p in partners:
                    gave[kind][p] += 0.5
            else:
                gave[kind][subject(quote, to, partners, against=code in _AGAINST)] += 1
    words_said = sum(talk.values())
    result: dict[str, Any] = {"words": talk}
    for kind, given in gave.items():
        whole = sum(given.values())
        result[kind] = {
            p: round((given[p] / whole) / (talk[p] / words_said), 2) if whole and talk[p] else None for p in partners
        }
    return result
