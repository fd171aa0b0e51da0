"""From codes to a level: the first row of the skill's table whose conditions all hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulator.rubric.book import LevelRules, Rule, SkillRules

# The unrounded score is the mean level over these cuts: a code held with .9 counts at nearly every one of them,
# a code held with .5 at half. Odd in number and symmetric about .5.
CUTS: tuple[float, ...] = tuple(round(0.2 + 0.05 * i, 2) for i in range(13))


@dataclass(frozen=True)
class Level:
    """A level, the unrounded score it was rounded from, and the rule that explains it."""

    level: int
    score: float
    rule: Rule


def decide(table: SkillRules, shown: set[str], last: set[str], offered: set[str]) -> Rule:
    """Return the first rule that holds for codes `shown`, codes of the `last` coded sentence, and `offered`."""
    for rule in table.rules:
        if (
            (not rule.any_of or shown & set(rule.any_of))
            and (not rule.and_any_of or shown & set(rule.and_any_of))
            and set(rule.all_of) <= shown
            and not shown & set(rule.none_of)
            and (not rule.offered or offered & set(rule.offered))
            and (not rule.ends_with or last & set(rule.ends_with))
        ):
            return rule
    return table.rules[-1]


def level_of(table: SkillRules, sentences: Sequence[Mapping[str, float]], offered: set[str], rules: LevelRules) -> Level:
    """Return the level of a reply whose sentences hold codes with these confidences."""
    levels = [_at(table, sentences, offered, cut).level for cut in CUTS]
    score = sum(levels) / len(levels)
    level = max(1, min(5, int(score + 0.5)))
    # The explanation is the rule at the working threshold, or, where the mean lands elsewhere, one that gives it.
    at = _at(table, sentences, offered, rules.confident)
    if at.level != level:
        near = [_at(table, sentences, offered, cut) for cut in sorted(CUTS, key=lambda c: abs(c - rules.confident))]
        at = min(near, key=lambda r: abs(r.level - level))
    return Level(level, round(score, 3), at)


def _at(table: SkillRules, sentences: Sequence[Mapping[str, float]], offered: set[str], cut: float) -> Rule:
    coded = [{c for c, p in s.items() if p >= cut} for s in sentences]
    shown = set().union(*coded)
    last = next((c for c in reversed(coded) if c), set())
    return decide(table, shown, last, offered)
