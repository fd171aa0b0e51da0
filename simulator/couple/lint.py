"""What a colleague would say of a couple: too few lines for a move, a secret given away, the same line twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from simulator.couple.schema import Couple, Line, Partner, Scenario
from simulator.text import words

MIN_FACTS = 16
MIN_LINES = 70
MIN_SCENARIOS = 3
MIN_BIDS = 4
MAX_WORDS = 45
SAME_OPENING = 4  # lines of one partner that begin with the same two words
# How many lines of a move a partner needs, so that nothing need be said twice in a session.
MIN_BY_MOVE = {
    "answer": 14, "deflect": 5, "escalate": 5, "blame_partner": 5, "challenge_therapist": 7, "ally_bid": 3,
    "verdict_bid": 2, "secret_bid": 1, "messenger_bid": 2, "withdraw": 4, "minimise": 3, "soften": 7,
    "respond_to_partner": 12, "interrupt": 3,
}  # fmt: skip


def findings(couple: Couple, scenarios: Sequence[Scenario]) -> list[str]:
    """Return what is missing or doubtful in a couple and its scenarios, each with its place; none is the best."""
    return [*_of_facts(couple), *_of_lines(couple), *_of_scenarios(couple, scenarios), *_twice(couple, scenarios)]


def _of_facts(couple: Couple) -> Iterator[str]:
    if len(couple.facts) < MIN_FACTS:
        yield f"facts: {len(couple.facts)} of at least {MIN_FACTS}."
    for partner in couple.partners:
        if not any(f.known_by == [partner.id] for f in couple.facts):
            yield f"facts: {partner.name} has no secret."
    for earlier, later in zip(couple.history, couple.history[1:], strict=False):
        if later.date < earlier.date:
            yield f"history: {later.date} stands after {earlier.date}."


def _of_lines(couple: Couple) -> Iterator[str]:
    for partner in couple.partners:
        where = f"partners.{partner.id}"
        if len(partner.lines) < MIN_LINES:
            yield f"{where}: {len(partner.lines)} lines of at least {MIN_LINES}."
        moves = Counter(x.move for x in partner.lines)
        for move, least in MIN_BY_MOVE.items():
            if moves[move] < least:  # type: ignore[index]
                yield f"{where}: {moves[move]} lines with the move {move}, of at least {least}."  # type: ignore[index]
        for opening, count in Counter(" ".join(words(x.say)[:2]) for x in partner.lines).items():
            if count > SAME_OPENING:
                yield f'{where}: {count} lines begin with "{opening}".'
        for line in partner.lines:
            for problem in _of_line(couple, partner, line):
                yield f'{where}: {problem}: "{line.say}"'


def _of_line(couple: Couple, partner: Partner, line: Line) -> Iterator[str]:
    said = words(line.say)
    if len(said) > MAX_WORDS:
        yield f"{len(said)} words, at most {MAX_WORDS} are spoken at once"
    if not line.after:
        yield "it does not say what it answers (after)"
    if any(c in line.say for c in "()[]*"):
        yield "a stage direction"
    if partner.name in line.say.replace("'", " ").replace(",", " ").split():
        yield "they name themselves"
    for fact in given_away(couple, line.say):
        yield f"it gives away '{fact}'"


def given_away(couple: Couple, text: str) -> list[str]:
    """Return the ids of the secrets that `text` would betray."""
    flat = f" {' '.join(words(text))} "
    return [
        fact.id
        for fact in couple.facts
        if len(fact.known_by) == 1 and any(f" {' '.join(words(g))} " in flat for g in fact.giveaways)
    ]


def _of_scenarios(couple: Couple, scenarios: Sequence[Scenario]) -> Iterator[str]:
    if len(scenarios) < MIN_SCENARIOS:
        yield f"scenarios: {len(scenarios)} of at least {MIN_SCENARIOS}."
    for scenario in scenarios:
        if len(scenario.bids) < MIN_BIDS:
            yield f"{scenario.id}: {len(scenario.bids)} bids of at least {MIN_BIDS}."
        if len({b.partner for b in scenario.bids}) < 2:
            yield f"{scenario.id}: only one of them makes bids."
        for bid in scenario.bids:
            if not bid.after_good:
                yield f"{scenario.id}, bid {bid.id}: nothing follows a good answer (after_good)."
            for text in [*bid.say, *(b.say for b in [*bid.after_good, *bid.after_bad])]:
                for fact in given_away(couple, text):
                    if fact not in scenario.disclosures or text in bid.say:
                        yield f"{scenario.id}, bid {bid.id}: it gives away '{fact}': \"{text}\""


def _twice(couple: Couple, scenarios: Sequence[Scenario]) -> Iterator[str]:
    said = Counter(x.say for p in couple.partners for x in p.lines)
    for scenario in scenarios:
        said.update(text for bid in scenario.bids for text in bid.say)
        said.update(b.say for b in [*scenario.opening, *scenario.endings.well, *scenario.endings.unfinished])
    for text, count in said.items():
        if count > 1:
            yield f'{count} times: "{text}"'
