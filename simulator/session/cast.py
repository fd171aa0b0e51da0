"""From a couple to what the voice needs: casts, standards, and what a partner may not say yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from simulator.couple import Couple, Partner, Scenario
from simulator.couple.wordlists import EXPLICIT
from simulator.embedding import Memory
from simulator.rubric import Engine
from simulator.text import words
from simulator.voice import AuthoredLine, Cast, Exchange, Person, Standard, leaks, make_standard

# Moods and moves shown to the model as examples: a spread, not the bids, which are planted.
_SHOWN = (
    ("answer", "guarded"), ("challenge_therapist", "angry"), ("answer", "hurt"), ("answer", "ashamed"),
    ("blame_partner", "angry"), ("deflect", "guarded"), ("soften", "open"), ("respond_to_partner", "guarded"),
)  # fmt: skip


LEAD_WORDS = 9  # of an answer before a planted moment


@dataclass(frozen=True)
class Player:
    """One partner, ready to be voiced."""

    partner: Partner
    cast: Cast
    standard: Standard
    openers: dict[str, tuple[str, ...]]


def players(
    couple: Couple, engine: Engine, memory: Memory | None = None, scenarios: Iterable[Scenario] = ()
) -> dict[str, Player]:
    """Return both partners by id; embeds their lines once and remembers that in `memory`.

    The rubric's coder says what the words do that an authored line answers, so that a line written as the answer to
    an apology is found after another apology; what answers a planted line of one of the `scenarios` is no answer to
    anything else.
    """
    lines = {p.id: [AuthoredLine(x.move, x.mood, x.say, x.cues, x.anywhere) for x in p.lines] for p in couple.partners}
    one = sum(p.broke_the_agreement for p in couple.partners) == 1
    made: dict[str, Player] = {}
    for partner in couple.partners:
        other = couple.other(partner.id)
        standard = make_standard(
            partner.name,
            other.name,
            lines[partner.id],
            lines[other.id],
            _avoided(partner),
            broke_it=partner.broke_the_agreement if one else None,
            acts=engine.acts,
            acts_kind=engine.coder.fingerprint,
            partners_words=planted_words(couple, scenarios),
            memory=memory,
        )
        made[partner.id] = Player(
            partner, cast_of(couple, partner), standard, {m: tuple(o) for m, o in partner.openers.items()}
        )
    return made


def planted_words(couple: Couple, scenarios: Iterable[Scenario]) -> frozenset[str]:
    """Return what the author has partners say at certain moments: openings, bids and what follows, disclosures, endings."""
    return frozenset(d for f in couple.facts for d in f.disclosure).union(*map(_planted, scenarios))


def _planted(scenario: Scenario) -> set[str]:
    ends = scenario.endings
    lines = [
        *scenario.opening,
        *(x for b in scenario.bids for x in (*b.after_good, *b.after_bad)),
        *ends.well,
        *ends.unfinished,
    ]
    left = {say for goodbyes in ends.walk_out.values() for say in goodbyes}
    return left | {x.say for x in lines} | {say for b in scenario.bids for say in b.say}


def cast_of(couple: Couple, partner: Partner) -> Cast:
    """Return what stays the same in this partner's prompt."""
    other = couple.other(partner.id)
    # Only what this partner knows and may say is in their prompt: a fact still behind its gate is not.
    knows = tuple(f.text for f in couple.facts if partner.id in f.known_by and len(f.known_by) == 2)
    return Cast(
        Person(partner.name, f"{partner.age}, {partner.work}. {partner.background} Speech: {partner.speech}"),
        Person(other.name, f"{other.age}, {other.work}."),
        knows,
        tuple(_examples(couple, partner)),
        tuple(p.say for p in partner.principles),
    )


def _avoided(partner: Partner) -> list[tuple[str, str]]:
    never = [("", words) for words in EXPLICIT]
    return [*never, *((p.mood or "", words) for p in partner.principles for words in p.avoid)]


def _examples(couple: Couple, partner: Partner) -> Sequence[Exchange]:
    other = couple.other(partner.id)
    secrets = forbidden(couple, [])
    # The answer to a secret that was told would tell it.
    open_lines = [x for x in partner.lines if not leaks(" / ".join([*x.cues, x.say]), "", secrets)]
    shown: list[Exchange] = []
    for move, mood in _SHOWN:
        fitting = [x for x in open_lines if x.move == move and x.mood == mood and x.cues]
        if fitting:
            # Whole lines rather than the few words before a planted moment: the model writes what it is shown.
            line = ([x for x in fitting if len(words(x.say)) > LEAD_WORDS] or fitting)[-1]
            speaker = other.name if move in ("respond_to_partner", "interrupt") else "therapist"
            shown.append(Exchange(speaker, line.cues[0], line.mood, line.move, line.say))
    return shown


def forbidden(couple: Couple, told: Sequence[str], disclosing: str = "") -> list[str]:
    """Return the words that would give away a fact which is not open to this partner now.

    A secret stays shut until it was told in the room; the one who is telling it may. Its disclosure is among them,
    so that the answers to it stay shut as long.
    """
    return [
        words
        for fact in couple.facts
        if len(fact.known_by) == 1 and fact.id not in told and fact.id != disclosing
        for words in (*fact.giveaways, *fact.disclosure)
    ]
