"""What the words of a couple and its sessions ask an author to look at again: one pass over every text, where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from simulator.couple.agreeing import flat
from simulator.couple.finding import COUPLE, Finding
from simulator.couple.reading import grade
from simulator.couple.schema import Couple, Scenario
from simulator.couple.told import Told, texts_of_couple, texts_of_scenario
from simulator.couple.wordlists import CLICHES, EXPLICIT, STEREOTYPES, THEMES

MAX_GRADE = 10.0  # of what a tired trainee reads before a session


def of_wording(couple: Couple, scenarios: Sequence[Scenario]) -> Iterator[Finding]:
    """Yield textbook words, explicit words, themes without a content note, stereotypes, and what is hard to read."""
    # A note covers its own file: nobody reads that of another session first.
    yield from _of_file(list(texts_of_couple(couple)), couple.content_note)
    for scenario in scenarios:
        yield from _of_file(list(texts_of_scenario(scenario)), scenario.content_note)


def _of_file(texts: Sequence[Told], note: str) -> Iterator[Finding]:
    noted = flat(note)
    themes: dict[str, Told] = {}
    for told in texts:
        # What only other authors read may say what to leave out.
        if told.path == "notes":
            continue
        said = flat(told.text)
        for cliche in CLICHES:
            if told.kind == "spoken" and flat(cliche) in said:
                yield _consider(told, f'"{cliche}" is a textbook\'s word, seldom a partner\'s: "{told.text}"')
        for word in EXPLICIT:
            if flat(word) in said:
                yield Finding(told.file, told.path, f'sexual detail ("{word}"): say what it did to them instead.')
        # What somebody says to them is there to be answered: a trainee's type, and the line that refuses it.
        for pattern, thought in STEREOTYPES if told.kind != "heard" else ():
            if re.search(pattern, told.text, re.IGNORECASE):
                yield _consider(told, f'{thought}: "{told.text[:120]}"')
        for theme, (shown, covered) in THEMES.items():
            if any(flat(w) in said for w in shown) and not any(flat(w).strip() in noted for w in covered):
                themes.setdefault(theme, told)
        if told.path in ("summary", "brief") and (years := grade(told.text)) > MAX_GRADE:
            yield _consider(told, f"it reads like grade {years:.0f} (Flesch-Kincaid), at most {MAX_GRADE:.0f}: shorter sentences.")  # fmt: skip
    for theme, told in themes.items():
        where = "the couple's" if told.file == COUPLE else "this session's"
        yield _consider(told, f'{where} content note does not mention {theme}: "{told.text[:100]}"')


def _consider(told: Told, message: str) -> Finding:
    return Finding(told.file, told.path, message, consider=True)
