"""Every text of a couple and its scenarios, with its place and who meets it: what all checks of words go over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from simulator.couple.finding import COUPLE
from simulator.couple.schema import Couple, OpeningBeat, Partner, Scenario

# spoken: a partner says it. shown: a trainee reads it before the session, and the model may. later: a trainee reads it
# in the debrief. fact: what is so, for those who know it. heard: what a line answers. author: for other authors.
Kind = Literal["spoken", "shown", "later", "fact", "heard", "author"]


@dataclass(frozen=True)
class Told:
    """One text: its file and key, who meets it, who says it (or of whom it tells), and which facts it may tell."""

    file: str
    path: str
    text: str
    kind: Kind
    partner: str = ""
    may_tell: frozenset[str] = frozenset()


def everything(couple: Couple, scenarios: Sequence[Scenario]) -> Iterator[Told]:
    """Yield every text of a couple and of its scenarios."""
    yield from texts_of_couple(couple)
    for scenario in scenarios:
        yield from texts_of_scenario(scenario)


def texts_of_couple(couple: Couple) -> Iterator[Told]:
    """Yield every text of a couple's file."""
    for key in ("title", "summary", "content_note"):
        yield Told(COUPLE, key, getattr(couple, key), "shown")
    yield Told(COUPLE, "notes", couple.notes, "author")
    for number, partner in enumerate(couple.partners):
        for told in _of_partner(partner):
            yield Told(COUPLE, f"partners.{number}.{told.path}", told.text, told.kind, partner.id)
    for number, event in enumerate(couple.history):
        yield Told(COUPLE, f"history.{number}.event", event.event, "fact")
    for number, fact in enumerate(couple.facts):
        may = frozenset({fact.id})
        yield Told(COUPLE, f"facts.{number}.text", fact.text, "fact", may_tell=may)
        for at, text in enumerate(fact.disclosure):
            yield Told(COUPLE, f"facts.{number}.disclosure.{at}", text, "spoken", fact.known_by[0], may)


def _of_partner(partner: Partner) -> Iterator[Told]:
    for key in ("work", "background"):
        yield Told(COUPLE, key, getattr(partner, key), "shown")
    for key in ("speech", "need", "fear", "protest"):
        yield Told(COUPLE, key, getattr(partner, key), "author")
    for key in ("triggers", "softens", "hardens"):
        for at, text in enumerate(getattr(partner, key)):
            yield Told(COUPLE, f"{key}.{at}", text, "author")
    for move, openers in partner.openers.items():
        for at, text in enumerate(openers):
            yield Told(COUPLE, f"openers.{move}.{at}", text, "spoken")
    for at, principle in enumerate(partner.principles):
        yield Told(COUPLE, f"principles.{at}.say", principle.say, "shown")
    for at, line in enumerate(partner.lines):
        yield Told(COUPLE, f"lines.{at}", line.say, "spoken")
        if line.after:
            yield Told(COUPLE, f"lines.{at}.after", line.after, "heard")
        for number, text in enumerate(line.also_after):
            yield Told(COUPLE, f"lines.{at}.also_after.{number}", text, "heard")


def texts_of_scenario(scenario: Scenario) -> Iterator[Told]:
    """Yield every text of a scenario's file."""
    file = f"scenarios/{scenario.id}.yaml"
    for key in ("title", "aim", "content_note", "brief"):
        yield Told(file, key, getattr(scenario, key), "shown")
    yield Told(file, "notes", scenario.notes, "author")
    for number, text in enumerate(scenario.practise):
        yield Told(file, f"practise.{number}", text, "shown")
    yield from _beats(file, "opening", scenario.opening)
    opened = frozenset(scenario.disclosures)
    for number, bid in enumerate(scenario.bids):
        path = f"bids.{number}"
        for at, text in enumerate(bid.say):
            yield Told(file, f"{path}.say.{at}", text, "spoken", bid.partner)
        # What follows may take up a fact that can come out in this session.
        yield from _beats(file, f"{path}.after_good", bid.after_good, opened)
        yield from _beats(file, f"{path}.after_bad", bid.after_bad, opened)
        for key, text in (
            ("good.reads", bid.good.reads),
            ("bad.reads", bid.bad.reads),
            ("model_reply", bid.model_reply),
        ):
            yield Told(file, f"{path}.{key}", text, "later")
    yield from _beats(file, "endings.well", scenario.endings.well)
    yield from _beats(file, "endings.unfinished", scenario.endings.unfinished)
    for partner, lines in scenario.endings.walk_out.items():
        for at, text in enumerate(lines):
            yield Told(file, f"endings.walk_out.{partner}.{at}", text, "spoken", partner)


def _beats(
    file: str, path: str, beats: Sequence[OpeningBeat], may_tell: frozenset[str] = frozenset()
) -> Iterator[Told]:
    for number, beat in enumerate(beats):
        yield Told(file, f"{path}.{number}.say", beat.say, "spoken", beat.partner, may_tell)
