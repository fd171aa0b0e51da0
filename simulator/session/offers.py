"""What a reply answers: what the partners' last moves offered, and what the couple's author would have answered."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.couple import Scenario
from simulator.rubric import THERAPIST
from simulator.store import TurnRecord

# The opportunity that each move is.
OFFERS = {
    "challenge_therapist": "challenge", "ally_bid": "ally_bid", "verdict_bid": "verdict_bid",
    "secret_bid": "secret_bid", "messenger_bid": "messenger_bid", "withdraw": "withdrawal",
    "escalate": "escalation", "minimise": "minimising", "disclose": "vulnerable_disclosure",
}  # fmt: skip


def offered_by(turns: Sequence[TurnRecord]) -> frozenset[str]:
    """Return what the partners' moves since the last reply offered: the director knows what it planted."""
    offered = set()
    for turn in reversed(turns):
        if turn.speaker == THERAPIST:
            break
        offered.add(OFFERS.get(turn.move, ""))
    return frozenset(offered - {""})


def model_reply(scenario: Scenario | None, pending_bid: str, *, absent: bool) -> str | None:
    """Return the author's reply to the bid that waits for an answer; None where none waits.

    A bid that was made with both in the room is not what is answered while one of them is out of it (`absent`).
    """
    if scenario is None or absent:
        return None
    return next((b.model_reply for b in scenario.bids if b.id == pending_bid), None)
