"""What a colleague would say of a couple: too few lines for a move, a secret given away, two voices too alike."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from simulator.couple.agreeing import of_dates, of_knowledge
from simulator.couple.calling import of_techniques
from simulator.couple.finding import COUPLE, Finding
from simulator.couple.naming import label, place_in, place_of
from simulator.couple.schema import Couple, Line, Partner, Scenario
from simulator.couple.told import Told, everything
from simulator.couple.wording import of_wording
from simulator.text import words

__all__ = ["COUPLE", "Finding", "findings"]

MIN_FACTS = 16
MIN_LINES = 70
FEW_ANYWHERE = 8
MIN_SCENARIOS = 3
MIN_BIDS = 4
MAX_WORDS = 45
LONG_SENTENCES = 16.0  # words a sentence, on average: longer ones are written, not spoken
TOLD_APART = 0.6  # so many lines at least are given to the right partner by their words alone
SAME_OPENING = 4, 0.03  # lines of one partner that begin with the same two words: so many, or of very many this share
# How many lines of a move a partner needs, so that nothing need be said twice in a session.
MIN_BY_MOVE = {
    "answer": 14, "deflect": 5, "escalate": 5, "blame_partner": 5, "challenge_therapist": 7, "ally_bid": 3,
    "verdict_bid": 2, "secret_bid": 1, "messenger_bid": 2, "withdraw": 4, "minimise": 3, "soften": 7,
    "respond_to_partner": 12, "interrupt": 3,
}  # fmt: skip


def findings(couple: Couple, scenarios: Sequence[Scenario], *, written: int = 0) -> list[Finding]:
    """Return what is missing or doubtful in a couple and its scenarios, what must be mended first.

    `written` is how many scenarios there are where some cannot be read yet.
    """
    found = [
        *_of_facts(couple), *of_knowledge(couple, scenarios), *of_dates(couple, scenarios), *_of_lines(couple),
        *_of_scenarios(scenarios, written), *_twice(couple, scenarios), *of_wording(couple, scenarios), *_of_voices(couple),
    ]  # fmt: skip
    held = {COUPLE: couple, **{f"scenarios/{s.id}.yaml": s for s in scenarios}}
    named = [replace(f, place=place_of(held[f.file], f.path)) for f in found]
    return sorted(named, key=lambda f: f.consider)


def _of_facts(couple: Couple) -> Iterator[Finding]:
    if len(couple.facts) < MIN_FACTS:
        yield Finding(COUPLE, "facts", f"{len(couple.facts)} of at least {MIN_FACTS}.")
    for partner in couple.partners:
        if not any(f.known_by == [partner.id] for f in couple.facts):
            yield Finding(COUPLE, "facts", f"{partner.name} has no secret.")
    for number, fact in enumerate(couple.facts):
        for giveaway in fact.giveaways:
            if len(words(giveaway)) == 1 and len(giveaway) < 4:
                yield Finding(
                    COUPLE, f"facts.{number}", f'the giveaway "{giveaway}" is in many words; use a longer one.'
                )


def _of_lines(couple: Couple) -> Iterator[Finding]:
    for number, partner in enumerate(couple.partners):
        where = f"partners.{number}.lines"
        if len(partner.lines) < MIN_LINES:
            there = f"{len(partner.lines)} line{'' if len(partner.lines) == 1 else 's'}"
            yield Finding(COUPLE, where, f"{partner.name} has {there} of at least {MIN_LINES}.")
        moves: Counter[str] = Counter(x.move for x in partner.lines)
        few = [f"{label(move)} {moves[move]} of {least}" for move, least in MIN_BY_MOVE.items() if moves[move] < least]
        if few:
            yield Finding(COUPLE, where, f"{partner.name} needs more lines of some moves: {', '.join(few)}.")
        anywhere = sum(x.anywhere and x.move not in ("respond_to_partner", "interrupt") for x in partner.lines)
        if len(partner.lines) >= MIN_LINES and anywhere < FEW_ANYWHERE:
            text = f"{partner.name} has {anywhere} of {FEW_ANYWHERE} lines that follow any words of the therapist (anywhere)."
            yield Finding(COUPLE, where, text, True)
        for opening, count in Counter(" ".join(words(x.say)[:2]) for x in partner.lines).items():
            if count > max(SAME_OPENING[0], SAME_OPENING[1] * len(partner.lines)):
                yield Finding(COUPLE, where, f'{count} lines of {partner.name} begin with "{opening}".')
        for at, line in enumerate(partner.lines):
            for problem in _of_line(partner, line):
                yield Finding(COUPLE, f"{where}.{at}", f'{problem}: "{line.say}"')
        sentences = [s for x in partner.lines for s in re.split(r"[.!?…]+", x.say) if words(s)]
        mean = sum(len(words(s)) for s in sentences) / max(1, len(sentences))
        if mean > LONG_SENTENCES:
            yield Finding(
                COUPLE, where, f"{partner.name}'s sentences have {mean:.0f} words on average: read them aloud.", True
            )


def _of_line(partner: Partner, line: Line) -> Iterator[str]:
    said = words(line.say)
    if len(said) > MAX_WORDS:
        yield f"{len(said)} words, at most {MAX_WORDS} are spoken at once"
    if not line.cues and not line.anywhere:
        yield "it does not say what it answers (after)"
    if any(c in line.say for c in "()[]*"):
        yield "a stage direction"
    if partner.name in line.say.replace("'", " ").replace(",", " ").split():
        yield "they name themselves"


def _of_scenarios(scenarios: Sequence[Scenario], written: int) -> Iterator[Finding]:
    count = max(written, len(scenarios))
    if count < MIN_SCENARIOS:
        yield Finding(COUPLE, "", f"{count} session{'' if count == 1 else 's'} of at least {MIN_SCENARIOS}.")
    for scenario in scenarios:
        file = f"scenarios/{scenario.id}.yaml"
        if len(scenario.bids) < MIN_BIDS:
            yield Finding(file, "bids", f"{len(scenario.bids)} of at least {MIN_BIDS}.")
        if len({b.partner for b in scenario.bids}) < 2:
            yield Finding(file, "bids", "only one of them makes bids.")
        if len(scenario.practise) < len(scenario.techniques):
            yield Finding(file, "practise", f"{len(scenario.techniques)} techniques are claimed, and {len(scenario.practise)} things to practise.", True)  # fmt: skip
        yield from of_techniques(scenario)
        for number, bid in enumerate(scenario.bids):
            path = f"bids.{number}"
            if not bid.after_good:
                yield Finding(file, path, f"nothing follows a good answer to '{bid.id}' (after_good).")
            if set(bid.good.codes) & set(bid.bad.codes):
                yield Finding(file, path, f"a code answers '{bid.id}' both well and badly.")


def _twice(couple: Couple, scenarios: Sequence[Scenario]) -> Iterator[Finding]:
    first: dict[str, Told] = {}
    for told in everything(couple, scenarios):
        if told.kind != "spoken" or ".openers." in told.path:
            continue
        before = first.setdefault(told.text, told)
        if before is not told:
            where = place_in(couple, scenarios, before.file, before.path)
            yield Finding(told.file, told.path, f'it is said before, in {where}: "{told.text}"')


def _of_voices(couple: Couple) -> Iterator[Finding]:
    """Read the lines blind: how many are given to the right partner by their words alone."""
    said = [(x.say, i) for i, p in enumerate(couple.partners) for x in p.lines]
    if min(len(p.lines) for p in couple.partners) < 20:
        return
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_score
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True),
        LogisticRegression(C=10, max_iter=500),
    )
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    share = float(cross_val_score(model, [t for t, _ in said], [i for _, i in said], cv=folds).mean())
    if share < TOLD_APART:
        yield Finding(
            COUPLE,
            "partners",
            f"read blind, {share:.0%} of the lines are told apart: give each words of their own.",
            True,
        )
