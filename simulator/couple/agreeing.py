"""Whether what is told of a couple agrees with itself: who knows what, and when it was."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from simulator.couple.finding import COUPLE, Finding
from simulator.couple.naming import place_in
from simulator.couple.schema import Couple, Fact, Scenario
from simulator.couple.told import Told, everything
from simulator.couple.wordlists import SMALL
from simulator.text import words

SAME_THING = 0.6  # two texts that share so many of the shorter one's words tell of the same thing
_SAME_FACT = 0.75  # and two facts of which one says nearly nothing that the other does not
_LEAST_SHARED = 2
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def flat(text: str) -> str:
    """Return the words of `text` between single spaces, so that a phrase is found as whole words."""
    return f" {' '.join(words(text))} "


def given_away(couple: Couple, text: str) -> list[Fact]:
    """Return the secrets that `text` would betray."""
    said = flat(text)
    return [f for f in couple.facts if len(f.known_by) == 1 and any(flat(g) in said for g in f.giveaways)]


def of_knowledge(couple: Couple, scenarios: Sequence[Scenario]) -> Iterator[Finding]:
    """Yield where somebody knows what they cannot know, or a text gives away what only one of them knows."""
    for number, fact in enumerate(couple.facts):
        both = sorted(set(fact.known_by) & set(fact.suspected_by))
        if both:
            yield Finding(COUPLE, f"facts.{number}", f"{', '.join(both)} both knows '{fact.id}' and suspects it.")
    for (_, one), (number, two) in combinations(enumerate(couple.facts), 2):
        if set(one.known_by) != set(two.known_by) and _alike(couple, one.text, two.text) >= _SAME_FACT:
            yield Finding(
                COUPLE, f"facts.{number}", f"it tells the same as '{one.id}', and not the same people know it."
            )
        if len(one.known_by) == len(two.known_by) == 1 and one.known_by != two.known_by:
            for words_ in sorted(set(map(flat, one.giveaways)) & set(map(flat, two.giveaways))):
                yield Finding(
                    COUPLE, f"facts.{number}.giveaways", f'"{words_.strip()}" would betray \'{one.id}\' too, which only the other knows.'
                )  # fmt: skip
    for told in everything(couple, scenarios):
        # What a line answers may be a secret that is told: until then nobody hears it, and the line is not spoken.
        if told.kind in ("author", "heard"):
            continue
        for fact in given_away(couple, told.text):
            if told.kind == "spoken" and told.partner not in fact.known_by:
                name = couple.partner(told.partner).name
                yield Finding(
                    told.file, told.path, f"{name} does not know '{fact.id}', and gives it away: \"{told.text}\""
                )
            elif fact.id not in told.may_tell:
                yield Finding(told.file, told.path, f"it gives away '{fact.id}': \"{told.text}\"")


def of_dates(couple: Couple, scenarios: Sequence[Scenario]) -> Iterator[Finding]:
    """Yield what stands out of order, a year that nobody lived in, and two years for one thing."""
    for number, (earlier, later) in enumerate(zip(couple.history, couple.history[1:], strict=False)):
        if later.date < earlier.date:
            yield Finding(COUPLE, f"history.{number + 1}", f"{later.date} stands after {earlier.date}.")
    dated = list(_dated(couple, scenarios))
    if couple.history:
        last = int(max(e.date for e in couple.history)[:4])
        born = last - max(p.age for p in couple.partners)
        for d in dated:
            # A partner may speak of their grandmother's day; what is so, and the briefs, are of these two.
            if d.told.kind != "fact" and d.told.path not in ("summary", "brief"):
                continue
            for year in sorted(d.years):
                if year < born or year > last + 1:
                    yield Finding(d.told.file, d.told.path, f"{year} does not fit: they were born from {born} on, and it is {last}.")  # fmt: skip
    for one, two in combinations(dated, 2):
        if one.years & two.years:
            continue
        once = bool(_once(couple, one.sentence) & _once(couple, two.sentence))
        # Two dated events may well be alike: a second affair, another move.
        events = one.told.path.startswith("history.") and two.told.path.startswith("history.")
        if once or (not events and _alike(couple, one.sentence, two.sentence) >= SAME_THING):
            yield Finding(
                two.told.file, two.told.path,
                f'{_list(two.years)} here ("{two.sentence[:100]}"), and {_list(one.years)} in {place_in(couple, scenarios, one.told.file, one.told.path)} ("{one.sentence[:100]}").',
                consider=not once,
            )  # fmt: skip


@dataclass(frozen=True)
class _Dated:
    """A sentence with the years it names; one of a dated event has that of its date."""

    told: Told
    sentence: str
    years: frozenset[int]


def _dated(couple: Couple, scenarios: Sequence[Scenario]) -> Iterator[_Dated]:
    for told in everything(couple, scenarios):
        if told.kind == "author":
            continue
        event = re.fullmatch(r"history\.(\d+)\.event", told.path)
        dates = {int(couple.history[int(event[1])].date[:4])} if event and told.file == COUPLE else set()
        for sentence in re.split(r"(?<=[.!?;])\s+", told.text):
            years = frozenset(dates | set(map(int, _YEAR.findall(sentence))))
            if years:
                yield _Dated(told, sentence, years)


def _once(couple: Couple, sentence: str) -> set[str]:
    """Return what the sentence tells that two people do once: they met, they married."""
    a, b = (re.escape(p.name) for p in couple.partners)
    both = rf"\b(?:they|we|{a} and {b}|{b} and {a}) (?:first |got |were )?(met|married)\b"
    return {m.lower() for m in re.findall(both, sentence, re.IGNORECASE)}


def _alike(couple: Couple, one: str, two: str) -> float:
    """Return the share of the shorter text's telling words that the other has too; 0 when hardly any are shared."""
    names = {w for p in couple.partners for w in words(p.name)}
    # The first letters stand for a word in all its forms: married, marry.
    first, second = (
        {
            w[:5]
            for w in words(re.sub(r"['’]s\b", "", t))
            if len(w) > 3 and w not in names and w not in SMALL and not w.isdecimal()
        }
        for t in (one, two)
    )
    shared = len(first & second)
    return shared / min(len(first), len(second)) if shared >= _LEAST_SHARED else 0.0


def _list(years: frozenset[int]) -> str:
    return ", ".join(map(str, sorted(years)))
