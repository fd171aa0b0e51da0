"""From codes to a level: the first row of the skill's table whose conditions all hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from simulator.rubric.book import LevelRules, Rule, SkillRules

# The rules' part of the score is the mean level over these cuts: what is held with .7 counts at every one of them,
# what is only just held, with .5, at half.
CUTS: tuple[float, ...] = tuple(round(0.3 + 0.05 * i, 2) for i in range(9))


# Where the rule that explains a level is looked for: wider, since a level may rest on what is held more loosely.
_WIDE: tuple[float, ...] = tuple(round(0.05 * i, 2) for i in range(2, 19))


@dataclass(frozen=True)
class Level:
    """A level, the unrounded score it was rounded from, and the rule that explains it (None: no rule gives it)."""

    level: int
    score: float
    rule: Rule | None


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
    table: SkillRules,
    sentences: Sequence[Mapping[str, float]],
    offered: Set[str],
    rules: LevelRules,
    above: Sequence[float],
) -> Level:
    """Return the level of a reply whose sentences hold codes with these confidences.

    `above` is how likely the reply as a whole stands above level 1, 2, 3 and 4: the trained ordinal reading, of which
    the score takes the share `table.whole`, and the rest from the rules. A code below `rules.confident` moves nothing.
    """
    counted = [{code: p for code, p in s.items() if p >= rules.confident} for s in sentences]
    ruled = sum(decide(table, counted, offered, cut).level for cut in CUTS) / len(CUTS)
    score = table.whole * (1 + sum(above)) + (1 - table.whole) * ruled
    level = 1 + sum(score >= cut for cut in table.cuts)
    # The explanation is the rule that gives this level nearest to the working threshold.
    for cut in sorted(_WIDE, key=lambda c: abs(c - rules.confident)):
        rule = decide(table, sentences, offered, cut)
        if rule.level == level:
            return Level(level, round(score, 3), rule)
    return Level(level, round(score, 3), None)
