"""Which planted moment to drill: those of one's weakest skill, from all couples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.couple import Bid, Couple, Library, Scenario
from simulator.review.progress import SkillPoint
from simulator.rubric import SKILLS, Skill

FEWEST = 3  # opportunities before a skill can be called one's weakest
SKILL_OF: dict[str, Skill] = {
    "challenge": "non_defensiveness", "ally_bid": "avoiding_triangulation", "verdict_bid": "avoiding_triangulation",
    "secret_bid": "avoiding_triangulation", "messenger_bid": "avoiding_triangulation",
    "third_party": "avoiding_triangulation", "minimising": "empathic_listening", "safety": "empathic_listening",
}  # fmt: skip


@dataclass(frozen=True)
class PlantedMoment:
    """One planted bid and where it comes."""

    couple: Couple
    scenario: Scenario
    bid: Bid


def weakest(points: Sequence[SkillPoint]) -> Skill | None:
    """Return the skill with the lowest mean level, None while there is too little to tell."""
    known = [(p.mean, skill) for p, skill in zip(points, SKILLS, strict=True) if p.mean is not None and p.n >= FEWEST]
    return min(known)[1] if known else None


def planted(library: Library, skill: str) -> list[PlantedMoment]:
    """Return the moments that call for a skill, in the library's order."""
    return [
        PlantedMoment(library.couple(couple), scenario, bid)
        for (couple, _), scenario in library.scenarios.items()
        for bid in scenario.bids
        if SKILL_OF[bid.kind] == skill
    ]
