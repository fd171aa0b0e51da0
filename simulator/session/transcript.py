"""The transcript, as others read it: a played turn, and the plain transcript contract."""

from __future__ import annotations

from typing import Any

from simulator.store import SessionRecord, TurnRecord


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


def transcript_json(record: SessionRecord, partners: list[str], turns: list[TurnRecord]) -> dict[str, Any]:
    """Return the transcript contract: id, partners, and who said what."""
    return {
        "id": record.id,
        "partners": partners,
        "turns": [{"speaker": t.speaker, "text": t.text} for t in turns],
    }
