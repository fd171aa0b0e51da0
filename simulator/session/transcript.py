"""A played turn as others read it."""

from __future__ import annotations

from typing import Any

from simulator.store import TurnRecord


def turn_json(turn: TurnRecord) -> dict[str, Any]:
    """Return one turn in the shape that `repair-room play` prints."""
    value: dict[str, Any] = {
        "turn": turn.index,
        "speaker": turn.speaker,
        "text": turn.text,
        "move": turn.move or None,
        "state": turn.state,
        "source": turn.source or None,
        "timings": turn.timings,
        "absent": turn.absent,
    }
    if turn.score is not None:
        value.update(turn.score)
    else:
        value.update({"mood": turn.mood, "to": turn.to or None, "trouble": turn.trouble or None})
    return value
