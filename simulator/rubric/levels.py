"""From codes to a level: the first row of the skill's table whose conditions all hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from simulator.rubric.book import LevelRules, Rule, SkillRules

# The unrounded score is the mean level over these cuts: what is held with .9 counts at every one of them, what is
# held with .5 at half. Symmetric about .5.
CUTS: tuple[float, ...] = tuple(round(0.3 + 0.05 * i, 2) for i in range(9))


@dataclass(frozen=True)
class Level:
    """A level, the unrounded score it was rounded from, and the rule that explains it."""

    level: int
    score: float
    rule: Rule


def decide(table: SkillRules, sentences: Sequence[Mapping[str, float]], offered: Set[str], cut: float) -> Rule:
    """Return the first rule that holds at this cut.

    A list of codes is shown when, in one sentence, their confidences add up to the cut: a sentence that is
    surely one of two near codes counts, though it is not sure which.
    """
    coded = [s for s in sentences if sum(s.values()) >= cut]

    def shown(codes: Sequence[str], among: Sequence[Mapping[str, float]] = sentences) -> bool:
        return any(sum(s.get(c, 0.0) for c in codes) >= cut for s in among)

    for rule in table.rules:
        if (
            (not rule.any_of or shown(rule.any_of))
            and (not rule.and_any_of or shown(rule.and_any_of))
            and all(shown([code]) for code in rule.all_of)
            and not (rule.none_of and shown(rule.none_of))
            and (not rule.offered or offered & set(rule.offered))
            and (not rule.ends_with or shown(rule.ends_with, coded[-1:]))
        ):
            return rule
    return table.rules[-1]


def level_of(
    table: SkillRules, sentences: Sequence[Mapping[str, float]], offered: Set[str], rules: LevelRules
) -> Level:
    """Return the level of a reply whose sentences hold codes with these confidences."""
    found = {cut: decide(table, sentences, offered, cut) for cut in CUTS}
    score = sum(rule.level for rule in found.values()) / len(found)
    level = max(1, min(5, int(score + 0.5)))
    # The explanation is the rule nearest the working threshold among those that come nearest to the level.
    nearest = min(found, key=lambda cut: (abs(found[cut].level - level), abs(cut - rules.confident), cut))
    return Level(level, round(score, 3), found[nearest])
