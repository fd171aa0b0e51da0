"""What is said of a score: what worked, why, in one sentence with the words, and at most one better wording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from typing import TYPE_CHECKING

from simulator.rubric.book import CodeBook, Skill, SkillRules
from simulator.rubric.levels import Level

if TYPE_CHECKING:
    from simulator.rubric.engine import Evidence, SkillScore

GOOD = 4  # from this level on, a reply gets no critique


def explain(
    table: SkillRules, found: Level, sure: Sequence[Evidence], possible: Sequence[Evidence], book: CodeBook
) -> str:
    """Return one sentence: the rule that explains the level, and the words that most speak for it.

    Words that are only possibly what they seem are offered as a guess, but never a guess at something helpful for a level
    that names a fault; a level that no quotable words speak for is said to rest on the reply as a whole.
    """
    whole = f"No one sentence decides it: as a whole the reply reads as “{table.levels[found.level - 1]}”."
    if found.rule is None:
        return whole
    if not found.rule.codes:
        return found.rule.why
    named = [e for e in possible if found.level >= GOOD - 1 or book.code[e.code].effect == "hurts"]
    for evidence, guess in ((sure, ""), (named, "perhaps ")):
        deciding = [e for e in evidence if e.code in found.rule.codes]
        if deciding:
            strongest = max(deciding, key=lambda e: e.confidence)
            quote = strongest.quote
            if len(quote) > 90:
                quote = quote[:87].rsplit(" ", 1)[0] + " ..."
            say = book.code[strongest.code].say
            return f"{found.rule.why.rstrip('.')}: {guess}{say[0].lower()}{say[1:].rstrip('.')} in “{quote}”."
    return whole


def better_wording(table: SkillRules, level: int, offered: Set[str], model_reply: str | None) -> str | None:
    """Return one wording for this moment, or None for a reply that is good already.

    `offered` is what called for this skill: where nothing did, only a reply that did harm is answered, with the
    principle. The couple's author comes first; then an example for what was offered; then the principle.
    """
    if level >= GOOD or (level == GOOD - 1 and not offered):
        return None
    if not offered:
        return table.principle if level == 1 else None
    if model_reply:
        return model_reply
    return next((wording for opportunity, wording in table.better.items() if opportunity in offered), table.principle)


def what_worked(skills: Mapping[Skill, SkillScore], book: CodeBook) -> Evidence | None:
    """Return the words of a reply that helped most: the surest helping code of its best skill, or None."""
    helping = [
        (score.level or 0, e.confidence, -e.start, e)
        for score in skills.values()
        for e in score.codes
        if book.code[e.code].effect == "helps" and (score.level or 0) >= GOOD - 1
    ]
    return max(helping, key=lambda h: h[:3])[3] if helping else None


def one_thing(skills: dict[Skill, SkillScore]) -> dict[Skill, SkillScore]:
    """Leave one wording to try, that of the lowest skill; of two as low, the one that had an opportunity of its own."""
    order: tuple[Skill, ...] = ("avoiding_triangulation", "non_defensiveness", "empathic_listening")
    offered = [s for s in order if skills[s].better]
    kept = min(offered, key=lambda s: skills[s].score or 5.0, default=None)
    return {name: score if name == kept else replace(score, better=None) for name, score in skills.items()}
