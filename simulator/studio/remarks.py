"""What an author sees beside each turn of a played session: move and mood, which bid was made, how it was answered."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.couple import Couple, Scenario
from simulator.couple.schema import Bid
from simulator.rubric import THERAPIST
from simulator.store import TurnRecord

_ANSWERED = {
    "good": "answers it well", "bad": "answers it badly", "waiting": "steps past it: it comes back",
    "passed": "steps past it",
}  # fmt: skip


def remarks(turns: Sequence[TurnRecord], couple: Couple, scenario: Scenario) -> list[str]:
    """Return a remark for each turn."""
    return [
        _of_reply(turns, at, scenario) if t.speaker == THERAPIST else _of_line(t, couple, scenario)
        for at, t in enumerate(turns)
    ]


def _of_line(turn: TurnRecord, couple: Couple, scenario: Scenario) -> str:
    said = [f"{turn.move.replace('_', ' ')}, {turn.mood}" if turn.mood else turn.move.replace("_", " ")]
    who = {p.name: p.id for p in couple.partners}.get(turn.speaker)
    said += [f"makes the bid '{b.id}'" for b in scenario.bids if b.partner == who and turn.text in b.say]
    if turn.source == "model":
        said.append("the model's words")
    return "; ".join(x for x in said if x)


def _of_reply(turns: Sequence[TurnRecord], at: int, scenario: Scenario) -> str:
    """Say which bid waited for a reply and what became of it, as far as the session shows that."""
    waited = str(turns[at].before.get("pending_bid", ""))
    bid = next((b for b in scenario.bids if b.id == waited), None)
    if bid is None:
        return ""
    later = next((t for t in turns[at + 1 :] if t.speaker == THERAPIST), None)
    status = later.before.get("bids", {}).get(bid.id, "") if later else _shown(turns[at + 1 :], bid)
    return f"the bid '{bid.id}' waits for this reply, which {_ANSWERED.get(status, 'is the last one')}"


def _shown(after: Sequence[TurnRecord], bid: Bid) -> str:
    """Return how a bid was answered by what its author lets follow; "" where nothing of it was said."""
    said = {t.text for t in after}
    if said & {b.say for b in bid.after_good}:
        return "good"
    return "bad" if said & {b.say for b in bid.after_bad} else ""
