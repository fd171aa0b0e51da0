"""What is said of a score: why, in one sentence with the words, and at most one better wording."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import Any

from simulator.rubric.book import CodeBook, Skill, SkillRules
from simulator.rubric.levels import Level

GOOD = 4  # from this level on, a reply gets no critique


def explain(table: SkillRules, found: Level, evidence: Sequence[Any], book: CodeBook, confident: float) -> str:
    """Return one sentence: the rule that explains the level, and the words that most speak for it.

    Below `confident` the words are offered as a guess.
    """
    if found.rule is None:
        return f"No one sentence decides it: as a whole the reply reads as “{table.levels[found.level - 1]}”."
    deciding = [e for e in evidence if e.code in found.rule.codes]
    if not deciding:
        return found.rule.why
    strongest = max(deciding, key=lambda e: e.confidence)
    quote = strongest.quote if len(strongest.quote) <= 90 else strongest.quote[:87].rsplit(" ", 1)[0] + " ..."
    guess = "" if strongest.confidence >= confident else "Perhaps: "
    return f"{found.rule.why} {guess}{book.code[strongest.code].say} “{quote}”"


def better_wording(
    table: SkillRules, level: int, offered: Set[str], model_reply: str | None, skill: Skill
) -> str | None:
    """Return one wording for this moment, or None for a reply that is good already.

    The couple's author comes first; then an example for what was offered; then the principle.
    """
    if level >= GOOD or (skill == "avoiding_triangulation" and level == 3 and not offered & set(table.better)):
        return None
    if model_reply:
        return model_reply
    for opportunity, wording in table.better.items():
        if opportunity in offered:
            return wording
    return table.principle
