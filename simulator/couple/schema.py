"""What a couple and a scenario are: pydantic models of the files in personas/."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from simulator.couple.keys import KEYS
from simulator.couple.rules import of_couple, of_scenario
from simulator.described import describing

Move = Literal[
    "answer",
    "deflect",
    "escalate",
    "blame_partner",
    "challenge_therapist",
    "ally_bid",
    "verdict_bid",
    "secret_bid",
    "messenger_bid",
    "withdraw",
    "minimise",
    "soften",
    "disclose",
    "respond_to_partner",
    "interrupt",
]
Mood = Literal["guarded", "angry", "hurt", "ashamed", "anxious", "tired", "contemptuous", "open"]
BidKind = Literal[
    "challenge", "ally_bid", "verdict_bid", "secret_bid", "messenger_bid", "third_party", "minimising", "safety"
]

MOVES: tuple[str, ...] = get_args(Move)
MOODS: tuple[str, ...] = get_args(Mood)
BID_KINDS: tuple[str, ...] = get_args(BidKind)

# What a bid of this kind is: it has no opportunity in the code book that would tell it.
SAFETY = "Lets it be seen that they are afraid at home, and goes quiet."
# The move with which a partner makes a planted bid of each kind.
BID_MOVES: dict[str, Move] = {
    "challenge": "challenge_therapist",
    "ally_bid": "ally_bid",
    "verdict_bid": "verdict_bid",
    "secret_bid": "secret_bid",
    "messenger_bid": "messenger_bid",
    "third_party": "ally_bid",
    "minimising": "minimise",
    "safety": "withdraw",
}

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=60)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Spoken = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]
Unit = Annotated[float, Field(ge=0, le=1)]
Version = Annotated[str, StringConstraints(pattern=r"^\d+\.\d+\.\d+$")]


def _real(day: str) -> str:
    """Return a date that there is (a year, month or day), or raise ValueError."""
    try:
        date.fromisoformat(f"{day}-01-01"[:10])
    except ValueError as error:
        raise ValueError(f"there is no {day}; a date is written 2026, 2026-03 or 2026-03-14") from error
    return day


Date = Annotated[str, StringConstraints(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$"), AfterValidator(_real)]


class _Model(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, str_strip_whitespace=True, json_schema_extra=describing(KEYS)
    )


class Line(_Model):
    """One authored line: what a partner says, with which move, in which mood, after which words."""

    move: Move
    mood: Mood
    say: Spoken
    after: Spoken | None = None
    also_after: Annotated[list[Spoken], Field(max_length=6)] = []
    anywhere: bool = False

    @model_validator(mode="after")
    def _answers_something_or_anything(self) -> Line:
        if self.anywhere and self.cues:
            raise PydanticCustomError(
                "misfit",
                "what follows any words answers none in particular: leave out after and also_after, or anywhere",
            )
        return self

    @property
    def cues(self) -> tuple[str, ...]:
        """All the words that it answers, each by itself."""
        return tuple(cue for cue in (self.after, *self.also_after) if cue)


class Principle(_Model):
    """How this partner never talks: in words for the prompt, and as words the critic refuses (in a mood, or in all)."""

    say: Text
    mood: Mood | None = None
    avoid: list[Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=80)]] = []


class Partner(_Model):
    """One of the two."""

    id: Id
    name: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    age: Annotated[int, Field(ge=18, le=110)]
    pronouns: Text
    broke_the_agreement: bool
    work: Text
    background: Text
    speech: Text
    need: Text
    fear: Text
    protest: Text
    triggers: list[Text]
    softens: list[Text]
    hardens: list[Text]
    openers: dict[Move, list[Annotated[str, StringConstraints(min_length=1, max_length=60)]]] = {}
    principles: Annotated[list[Principle], Field(max_length=12)] = []
    lines: Annotated[list[Line], Field(min_length=1)]


class HistoryEvent(_Model):
    """One dated event that both lived through."""

    date: Date
    event: Text


class Gate(_Model):
    """How much trust a disclosure needs, from 0 to 1."""

    alliance: Unit
    openness: Unit


class Fact(_Model):
    """One thing that is so, who knows it, and what opens it."""

    id: Id
    text: Text
    known_by: Annotated[list[Id], Field(min_length=1, max_length=2)]
    suspected_by: list[Id] = []
    giveaways: list[Text] = []
    opens: Gate | None = None
    disclosure: list[Spoken] = []


class Couple(_Model):
    """Two partners, what they share, and what they do not."""

    format: Literal[1]
    id: Id
    version: Version
    title: Text
    language: Literal["en"]
    author: Text
    licence: Text
    summary: Text
    content_note: Text
    partners: Annotated[list[Partner], Field(min_length=2, max_length=2)]
    history: list[HistoryEvent]
    facts: list[Fact]
    notes: str = ""

    @model_validator(mode="after")
    def _people_exist(self) -> Couple:
        broken = next(of_couple(self), None)
        if broken:
            # Only the first can be told here; the loader looks for all of them.
            path, message = broken
            raise PydanticCustomError("misfit", "{message}", {"message": message, "path": path})
        return self

    def partner(self, partner_id: str) -> Partner:
        """Return the partner with this id."""
        return next(p for p in self.partners if p.id == partner_id)

    def other(self, partner_id: str) -> Partner:
        """Return the partner who is not `partner_id`."""
        return next(p for p in self.partners if p.id != partner_id)


class Reading(_Model):
    """Which behaviour codes answer a bid, and how that reads."""

    codes: Annotated[list[str], Field(min_length=1)]
    reads: Text


class OpeningBeat(_Model):
    """One authored line of a scenario that a given partner says."""

    partner: Id
    move: Move
    say: Spoken
    mood: Mood | None = None


class Bid(_Model):
    """A planted bid or challenge: who makes it, under how much pressure it comes due, and what follows."""

    id: Id
    kind: BidKind
    partner: Id
    due: Unit
    say: Annotated[list[Spoken], Field(min_length=1)]
    good: Reading
    bad: Reading
    after_good: list[OpeningBeat] = []
    after_bad: Annotated[list[OpeningBeat], Field(min_length=1)]
    model_reply: Text


class Start(_Model):
    """The inner state in which a partner begins, each from 0 to 1."""

    alliance: Unit
    arousal: Unit
    openness: Unit
    hope: Unit


class Endings(_Model):
    """What is said when a session ends well, unfinished, or with a walk-out."""

    well: Annotated[list[OpeningBeat], Field(min_length=1)]
    unfinished: Annotated[list[OpeningBeat], Field(min_length=1)]
    walk_out: dict[Id, Annotated[list[Spoken], Field(min_length=1)]]


class Scenario(_Model):
    """One session to practise with a couple."""

    format: Literal[1]
    id: Id
    version: Version
    couple: Id
    title: Text
    aim: Text
    techniques: Annotated[list[Annotated[int, Field(ge=1, le=20)]], Field(min_length=1)]
    content_note: Text
    brief: Text
    practise: Annotated[list[Text], Field(min_length=1)]
    minutes: Annotated[int, Field(ge=1, le=120)]
    start: dict[Id, Start]
    opening: Annotated[list[OpeningBeat], Field(min_length=1)]
    bids: list[Bid]
    disclosures: list[Id] = []
    alone: list[Id] = []
    endings: Endings
    notes: str = ""

    def check_against(self, couple: Couple) -> str | None:
        """Return the first thing that does not fit `couple`, or None."""
        return next((message for _, message in self.misfits(couple)), None)

    def misfits(self, couple: Couple) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Yield (path of the key, what does not fit `couple`), in the order in which it is looked for."""
        return of_scenario(self, couple)


# The files beside the couples that an editor completes their keys from.
SCHEMAS: dict[str, type[BaseModel]] = {"couple.schema.json": Couple, "scenario.schema.json": Scenario}
