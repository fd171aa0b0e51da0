"""Where something stands in a file, in words an author reads: "Gail, line 17", "fact 'the-letters', opens"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from simulator.couple.raw import Step, get, text

# What one item of a list is called; the other lists by their own key.
_ONE = {
    "partners": "partner", "lines": "line", "history": "history, event", "facts": "fact", "bids": "bid", "principles": "principle",
    "codes": "code", "opportunities": "opportunity", "rules": "rule", "skills": "skill", "opening": "opening line",
    "say": "wording", "well": "a good ending, line", "unfinished": "an unfinished ending, line",
    "after_good": "after a good answer, line", "after_bad": "after a bad answer, line",
}  # fmt: skip
# Keys whose own words do not say enough, as a form calls them; a place says some of them otherwise.
LABELS = {
    "content_note": "content note", "partners": "the two of them", "notes": "notes for other authors", "speech": "how they speak",
    "triggers": "what sets them off", "softens": "what softens them", "hardens": "what hardens them",
    "openers": "beginnings of lines", "principles": "how they never talk", "avoid": "words refused", "say": "words",
    "after": "what was said just before", "also_after": "other words it answers", "anywhere": "follows any words", "event": "what happened", "text": "what is so", "known_by": "who knows it",
    "suspected_by": "who suspects it", "giveaways": "words that betray it", "opens": "what opens it", "disclosure": "how it is told",
    "practise": "what to practise", "start": "how each begins", "opening": "first lines", "bids": "planted moments",
    "disclosures": "what can come out", "alone": "told only alone", "endings": "how it ends", "alliance": "trust",
    "arousal": "how wound up", "partner": "who says it", "due": "when it comes", "good": "a good answer", "bad": "a bad answer",
    "after_good": "after a good answer", "after_bad": "after a bad answer", "model_reply": "a reply that would do",
    "codes": "behaviours", "reads": "how that reads", "well": "when it went well", "unfinished": "when time is up",
    "walk_out": "when one walks out",
}  # fmt: skip
_KEYS = {"event": "", "endings": "", "well": "a good ending", "unfinished": "an unfinished ending", "walk_out": "a walk-out"}  # fmt: skip


def label(key: str) -> str:
    """Return what a key is called in words: "when it comes" for due."""
    return LABELS.get(key, key.replace("_", " "))


def place_of(data: Any, path: str | Sequence[Step]) -> str:
    """Return where the key at a path (partners.0.lines.16) stands, in words and counted from 1; "" for a whole file."""
    steps: list[Step] = [int(s) if s.isdecimal() and len(s) < 7 else s for s in path.split(".") if s] if isinstance(path, str) else list(path)  # fmt: skip
    said: list[str] = []
    node = data
    for number, step in enumerate(steps):
        below = get(node, step)
        if isinstance(step, int):
            said.append(_item(str(steps[number - 1]) if number else "", step, below))
        elif not (number + 1 < len(steps) and isinstance(steps[number + 1], int)):
            said.append(_KEYS.get(step, label(step)))
        node = below
    return ", ".join(s for s in said if s)


def file_of(name: str, data: Any = None) -> str:
    """Return what a file of a couple is called: "The two of them", "Session: The empty chair"."""
    if not name.startswith("scenarios/"):
        return "The two of them"
    return f"Session: {text(data, 'title') or name.removeprefix('scenarios/').removesuffix('.yaml')}"


def place_in(couple: Any, scenarios: Sequence[Any], file: str, path: str) -> str:
    """Return where a key of one of a couple's files stands, with the session's name where it is that of a session."""
    held = next((s for s in scenarios if f"scenarios/{get(s, 'id')}.yaml" == file), couple)
    place = place_of(held, path)
    return place if held is couple else f"{file_of(file, held)}, {place}"


def _item(key: str, number: int, item: Any) -> str:
    one = _ONE.get(key, _KEYS.get(key, label(key)))
    name = text(item, "name") if key == "partners" else ""
    if name:
        return name
    own = text(item, "id") if key in ("facts", "bids", "codes", "opportunities") else ""
    return f"{one} '{own[:60]}'" if own else f"{one} {number + 1}".strip()
