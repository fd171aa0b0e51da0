"""How far a session has come: what is planted, what was asked and how it was answered, what was said."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from simulator.couple import Scenario
from simulator.couple.schema import BID_MOVES
from simulator.session.state import PartnerState

BidStatus = Literal["waiting", "made", "good", "bad", "passed"]
Outcome = Literal["", "well", "unfinished", "walk_out"]

# Patience divides what a bad reply costs; gate is added to what a disclosure needs; pressure scales how fast
# planted bids come due.
DIFFICULTIES: dict[str, tuple[float, float, float]] = {
    "gentle": (1.4, -0.08, 0.8),
    "real": (1.0, 0.0, 1.0),
    "hard": (0.75, 0.08, 1.25),
}


RESTS = 3  # a secret is told at the earliest so many replies after another: they are not done with that one


@dataclass(frozen=True)
class Beat:
    """One line to be spoken: who, with which move and mood; `text` when the author wrote the very words."""

    speaker: str
    move: str
    mood: str
    text: str = ""
    bid: str = ""
    fact: str = ""
    ends: Outcome = ""
    # A line nobody asked for: it is left unsaid when no words fit the moment.
    optional: bool = False
    # The move with which the speaker first answers what was just said, in a few words, before going on to `text`.
    lead: str = ""
    # A move that would do as well: the author's line for it is spoken when it answers what was said clearly better.
    instead: str = ""


@dataclass
class Progress:
    """Everything about a running session that the transcript does not say."""

    states: dict[str, PartnerState]
    bids: dict[str, BidStatus]
    pressure: float = 0.0
    replies: int = 0
    pending_bid: str = ""
    told: list[str] = field(default_factory=list)
    # Replies since a secret was told, in the room or to the therapist alone.
    since_told: int = RESTS
    since_bid: int = 0
    # How often the planted moment that is due was held back, because nothing led over to it.
    held: int = 0
    # How often it was put off, because the two were brought to each other or secrecy was offered.
    put_off: int = 0
    used: list[str] = field(default_factory=list)
    last_moves: list[str] = field(default_factory=list)
    beats: list[Beat] = field(default_factory=list)
    # The partner who is out of the room while the other is seen alone, and what was told meanwhile.
    absent: str = ""
    seen_alone: list[str] = field(default_factory=list)
    confided: list[str] = field(default_factory=list)
    # A complaint that was met with defence, by whom, and how often it has come back.
    complaint: str = ""
    last_complainer: str = ""
    returned: int = 0
    # For whom a secret was kept (empty: none is), and the replies since.
    kept_for: str = ""
    kept_since: int = 0
    outcome: Outcome = ""

    @classmethod
    def begin(cls, scenario: Scenario, order: tuple[str, str], *, drill: str = "") -> Progress:
        """Return the progress before the first line; for a drill, with that bid made at the end of the opening."""
        states = {who: PartnerState(**scenario.start[who].model_dump()) for who in order}
        beats = [Beat(b.partner, b.move, b.mood or "guarded", b.say) for b in scenario.opening]
        made = cls(states, {b.id: "waiting" for b in scenario.bids}, beats=beats)
        bid = next((b for b in scenario.bids if b.id == drill), None)
        if bid is not None:
            beats.append(Beat(bid.partner, BID_MOVES[bid.kind], "guarded", bid.say[0], bid=bid.id))
            made.bids[bid.id], made.pending_bid = "made", bid.id
        return made

    def to_json(self) -> dict[str, Any]:
        """Return a JSON value from which `from_json` makes the same progress."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Progress:
        """Return the progress saved by `to_json`."""
        states = {who: PartnerState(**s) for who, s in value["states"].items()}
        beats = [Beat(**b) for b in value["beats"]]
        return cls(**{**value, "states": states, "beats": beats})
