"""What a colleague would say of a couple: too few lines for a move, a secret given away, two voices too alike."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from simulator.couple.schema import Couple, Line, Partner, Scenario
from simulator.couple.wordlists import CLICHES, EXPLICIT, STEREOTYPES, THEMES
from simulator.text import words

MIN_FACTS = 16
MIN_LINES = 70
MIN_SCENARIOS = 3
MIN_BIDS = 4
MAX_WORDS = 45
LONG_SENTENCES = 16.0  # words a sentence, on average: longer ones are written, not spoken
TOLD_APART = 0.6  # so many lines at least are given to the right partner by their words alone
SAME_OPENING = 4  # lines of one partner that begin with the same two words; of very many, one in fifty
# How many lines of a move a partner needs, so that nothing need be said twice in a session.
MIN_BY_MOVE = {
    "answer": 14, "deflect": 5, "escalate": 5, "blame_partner": 5, "challenge_therapist": 7, "ally_bid": 3,
    "verdict_bid": 2, "secret_bid": 1, "messenger_bid": 2, "withdraw": 4, "minimise": 3, "soften": 7,
    "respond_to_partner": 12, "interrupt": 3,
}  # fmt: skip
# What in a scenario calls for a technique, where that can be told: kinds of bids, or codes that answer one well.
_CALLED_BY: dict[int, frozenset[str]] = {
    3: frozenset({"validate", "reflect_feeling", "reflect_meaning"}),
    8: frozenset({"invite_direct", "check_understanding"}),
    12: frozenset({"invite_direct", "one_sided_demand", "hold_both", "reflect_meaning"}),
    16: frozenset({"ally_bid", "verdict_bid", "secret_bid", "messenger_bid", "third_party"}),
}
COUPLE = "couple.yaml"


@dataclass(frozen=True)
class Finding:
    """One thing to look at: the file and the key it is about. `consider` is a thought, not a defect."""

    file: str
    path: str
    message: str
    consider: bool = False

    def __str__(self) -> str:
        where = f"{self.file}, {self.path}" if self.path else self.file
        return f"{'consider: ' if self.consider else ''}{where}: {self.message}"


def findings(couple: Couple, scenarios: Sequence[Scenario]) -> list[Finding]:
    """Return what is missing or doubtful in a couple and its scenarios, what must be mended first."""
    found = [
        *_of_facts(couple), *_of_lines(couple), *_of_scenarios(couple, scenarios), *_twice(couple, scenarios),
        *_of_words(couple, scenarios), *_of_voices(couple),
    ]  # fmt: skip
    return sorted(found, key=lambda f: f.consider)


def _of_facts(couple: Couple) -> Iterator[Finding]:
    if len(couple.facts) < MIN_FACTS:
        yield Finding(COUPLE, "facts", f"{len(couple.facts)} of at least {MIN_FACTS}.")
    for partner in couple.partners:
        if not any(f.known_by == [partner.id] for f in couple.facts):
            yield Finding(COUPLE, "facts", f"{partner.name} has no secret.")
    for number, fact in enumerate(couple.facts):
        both = sorted(set(fact.known_by) & set(fact.suspected_by))
        if both:
            yield Finding(COUPLE, f"facts.{number}", f"{', '.join(both)} both knows '{fact.id}' and suspects it.")
        for giveaway in fact.giveaways:
            if len(words(giveaway)) == 1 and len(giveaway) < 4:
                yield Finding(
                    COUPLE, f"facts.{number}", f'the giveaway "{giveaway}" is in many words; use a longer one.'
                )
    for number, (earlier, later) in enumerate(zip(couple.history, couple.history[1:], strict=False)):
        if later.date < earlier.date:
            yield Finding(COUPLE, f"history.{number + 1}", f"{later.date} stands after {earlier.date}.")
    if couple.history:
        last = int(max(e.date for e in couple.history)[:4])
        born = last - max(p.age for p in couple.partners)
        told = [(f"history.{i}", f"{e.date} {e.event}") for i, e in enumerate(couple.history)]
        told += [(f"facts.{i}", f.text) for i, f in enumerate(couple.facts)]
        for path, text in told:
            for year in map(int, re.findall(r"\b(?:19|20)\d\d\b", text)):
                if year < born or year > last + 1:
                    yield Finding(
                        COUPLE, path, f"{year} does not fit: they were born from {born} on, and it is {last}."
                    )


def _of_lines(couple: Couple) -> Iterator[Finding]:
    for number, partner in enumerate(couple.partners):
        where = f"partners.{number}.lines"
        if len(partner.lines) < MIN_LINES:
            yield Finding(COUPLE, where, f"{partner.name} has {len(partner.lines)} lines of at least {MIN_LINES}.")
        moves: Counter[str] = Counter(x.move for x in partner.lines)
        few = [f"{move} {moves[move]} of {least}" for move, least in MIN_BY_MOVE.items() if moves[move] < least]
        if few:
            yield Finding(COUPLE, where, f"{partner.name} needs more lines of some moves: {', '.join(few)}.")
        for opening, count in Counter(" ".join(words(x.say)[:2]) for x in partner.lines).items():
            if count > max(SAME_OPENING, len(partner.lines) // 50):
                yield Finding(COUPLE, where, f'{count} lines of {partner.name} begin with "{opening}".')
        for at, line in enumerate(partner.lines):
            for problem in _of_line(couple, partner, line):
                yield Finding(COUPLE, f"{where}.{at}", f'{problem}: "{line.say}"')
        sentences = [s for x in partner.lines for s in re.split(r"[.!?…]+", x.say) if words(s)]
        mean = sum(len(words(s)) for s in sentences) / max(1, len(sentences))
        if mean > LONG_SENTENCES:
            yield Finding(
                COUPLE, where, f"{partner.name}'s sentences have {mean:.0f} words on average: read them aloud.", True
            )


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
    flat = _flat(text)
    return [
        fact.id for fact in couple.facts if len(fact.known_by) == 1 and any(_flat(g) in flat for g in fact.giveaways)
    ]


def _of_scenarios(couple: Couple, scenarios: Sequence[Scenario]) -> Iterator[Finding]:
    if len(scenarios) < MIN_SCENARIOS:
        yield Finding(COUPLE, "", f"{len(scenarios)} scenarios of at least {MIN_SCENARIOS}.")
    for scenario in scenarios:
        file = f"scenarios/{scenario.id}.yaml"
        if len(scenario.bids) < MIN_BIDS:
            yield Finding(file, "bids", f"{len(scenario.bids)} bids of at least {MIN_BIDS}.")
        if len({b.partner for b in scenario.bids}) < 2:
            yield Finding(file, "bids", "only one of them makes bids.")
        if len(scenario.practise) < len(scenario.techniques):
            yield Finding(file, "practise", f"{len(scenario.techniques)} techniques are claimed, and {len(scenario.practise)} things to practise.", True)  # fmt: skip
        offered = {b.kind for b in scenario.bids} | {c for b in scenario.bids for c in b.good.codes}
        for technique in scenario.techniques:
            if technique in _CALLED_BY and not offered & _CALLED_BY[technique]:
                yield Finding(file, "techniques", f"technique {technique} is claimed, and no bid calls for it.")
        for number, bid in enumerate(scenario.bids):
            path = f"bids.{number}"
            if not bid.after_good:
                yield Finding(file, path, f"nothing follows a good answer to '{bid.id}' (after_good).")
            if set(bid.good.codes) & set(bid.bad.codes):
                yield Finding(file, path, f"a code answers '{bid.id}' both well and badly.")
            for text in [*bid.say, *(b.say for b in [*bid.after_good, *bid.after_bad])]:
                for fact in given_away(couple, text):
                    if fact not in scenario.disclosures or text in bid.say:
                        yield Finding(file, path, f"it gives away '{fact}': \"{text}\"")


def _twice(couple: Couple, scenarios: Sequence[Scenario]) -> Iterator[Finding]:
    said = Counter(x.say for p in couple.partners for x in p.lines)
    for scenario in scenarios:
        said.update(text for bid in scenario.bids for text in bid.say)
        said.update(b.say for b in [*scenario.opening, *scenario.endings.well, *scenario.endings.unfinished])
    for text, count in said.items():
        if count > 1:
            yield Finding(COUPLE, "", f'{count} times: "{text}"')


def _of_words(couple: Couple, scenarios: Sequence[Scenario]) -> Iterator[Finding]:
    """Look for textbook words, explicit words, themes that no content note mentions, and what may be a stereotype."""
    texts = [(COUPLE, "summary", couple.summary)]
    texts += [(COUPLE, f"facts.{i}", f.text) for i, f in enumerate(couple.facts)]
    for i, partner in enumerate(couple.partners):
        about = f"{partner.background} {partner.speech} {partner.protest}"
        texts.append((COUPLE, f"partners.{i}", about))
        texts += [(COUPLE, f"partners.{i}.lines.{j}", x.say) for j, x in enumerate(partner.lines)]
    for s in scenarios:
        texts += [(f"scenarios/{s.id}.yaml", f"bids.{i}", say) for i, bid in enumerate(s.bids) for say in bid.say]
    notes = _flat(" ".join([couple.content_note, *(s.content_note for s in scenarios)]))
    themes: dict[str, tuple[str, str, str]] = {}
    for file, path, text in texts:
        flat = _flat(text)
        for cliche in CLICHES:
            if _flat(cliche) in flat and "lines" in path:
                yield Finding(file, path, f'"{cliche}" is a textbook\'s word, seldom a partner\'s: "{text}"', True)
        for word in EXPLICIT:
            if _flat(word) in flat:
                yield Finding(file, path, f'sexual detail ("{word}"): say what it did to them instead.')
        for pattern, thought in STEREOTYPES:
            if re.search(pattern, text, re.IGNORECASE):
                yield Finding(file, path, f'{thought}: "{text[:120]}"', True)
        for theme, (shown, noted) in THEMES.items():
            if any(_flat(w) in flat for w in shown) and not any(_flat(w).strip() in notes for w in noted):
                themes.setdefault(theme, (file, path, text))
    for theme, (file, path, text) in themes.items():
        yield Finding(file, path, f'no content note mentions {theme}: "{text[:100]}"', True)


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


def _flat(text: str) -> str:
    return f" {' '.join(words(text))} "
