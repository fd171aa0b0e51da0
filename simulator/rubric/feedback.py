"""What is said of a score: why, in one sentence with the words, and at most one better wording."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import TYPE_CHECKING

from simulator.rubric.book import CodeBook, Skill, SkillRules
from simulator.rubric.levels import Level

if TYPE_CHECKING:
    from simulator.rubric.engine import Evidence

GOOD = 4  # from this level on, a reply gets no critique


def explain(
    table: SkillRules, found: Level, sure: Sequence[Evidence], possible: Sequence[Evidence], book: CodeBook
) -> str:
    """Return one sentence: the rule that explains the level, and the words that most speak for it.

    Words that are only possibly what they seem are offered as a guess; a level that no quotable words speak for is
    said to rest on the reply as a whole.
    """
    whole = f"No one sentence decides it: as a whole the reply reads as “{table.levels[found.level - 1]}”."
    if found.rule is None:
        return whole
    if not found.rule.codes:
        return found.rule.why
    for evidence, guess in ((sure, ""), (possible, "Perhaps: ")):
        deciding = [e for e in evidence if e.code in found.rule.codes]
        if deciding:
            strongest = max(deciding, key=lambda e: e.confidence)
            quote = strongest.quote
            if len(quote) > 90:
                quote = quote[:87].rsplit(" ", 1)[0] + " ..."
            return f"{found.rule.why} {guess}{book.code[strongest.code].say} “{quote}”"
    return whole


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
