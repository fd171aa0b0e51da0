"""The screenplay that the model continues: a stable beginning, then the transcript, then whose line it is.

The beginning of one partner's prompt stays the same for a whole session and the transcript only grows, so a
server that keeps its prefix reads only what is new. A partner's prompt holds what that partner knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.text import one_line

# How a move is put to the model, as a stage direction. {other} is the other partner's name.
DIRECTIONS: dict[str, str] = {
    "answer": "answers, in a few words",
    "deflect": "steps around it",
    "escalate": "attacks {other}",
    "blame_partner": "about {other}, accusing",
    "challenge_therapist": "turns on the therapist",
    "ally_bid": "wants the therapist on this side",
    "verdict_bid": "wants the therapist to decide",
    "secret_bid": "hints at something to be kept quiet",
    "messenger_bid": "wants the therapist to pass it on",
    "withdraw": "shuts down",
    "minimise": "plays it down",
    "soften": "quieter, lets something show",
    "disclose": "tells what was not said before",
    "respond_to_partner": "to {other}",
    "interrupt": "cutting in",
}


@dataclass(frozen=True)
class Person:
    """One member of the cast, as the prompt tells of them."""

    name: str
    about: str


@dataclass(frozen=True)
class Exchange:
    """One authored line with the words it answers."""

    cue_speaker: str
    cue: str
    mood: str
    move: str
    say: str


@dataclass(frozen=True)
class Cast:
    """Everything that stays the same in one partner's prompt: who they are, what they know, how they talk."""

    speaker: Person
    other: Person
    knows: tuple[str, ...]
    examples: tuple[Exchange, ...]
    principles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Spoken:
    """One turn of the transcript."""

    speaker: str
    text: str


def beginning(cast: Cast) -> str:
    """Return the part of the prompt that does not change in a session, ending in a newline."""
    name = cast.speaker.name.upper()
    lines = [
        "Couple therapy, typed from the tape. They talk the way people talk: short, unfinished, their own words.",
        "",
        " ".join([f"{name} - {cast.speaker.about}", *map(one_line, cast.principles)]),
        f"{cast.other.name.upper()} - {cast.other.about}",
        "",
        "What happened: " + " ".join(cast.knows),
        "",
        "FROM OTHER SESSIONS",
    ]
    for example in cast.examples:
        lines.append(f"{example.cue_speaker.upper()}: {one_line(example.cue)}")
        lines.append(f"{cue(cast, example.mood, example.move)} {one_line(example.say)}")
        lines.append("")
    lines += ["TODAY", ""]
    return "\n".join(lines)


def cue(cast: Cast, mood: str, move: str) -> str:
    """Return the head of the line to be written, ending in a colon."""
    direction = DIRECTIONS[move].format(other=cast.other.name)
    return f"{cast.speaker.name.upper()} ({mood}, {direction}):"


def history(transcript: Sequence[Spoken], *, characters: int) -> str:
    """Return the transcript as screenplay lines; when it outgrows `characters`, the oldest half goes at once.

    Halving, and not sliding, keeps the beginning the same for many turns in a row.
    """
    lines = [f"{t.speaker.upper()}: {one_line(t.text)}" for t in transcript]
    start = size = 0
    # Turn by turn, as the session grew: halved anew from its whole length the beginning would move with every turn.
    for end, line in enumerate(lines, 1):
        size += len(line) + 1
        while size > characters and end - start > 2:
            size -= sum(len(gone) + 1 for gone in lines[start : (start + end) // 2])
            start = (start + end) // 2
    return "\n".join(lines[start:])


def screenplay(cast: Cast, transcript: Sequence[Spoken], *, context_tokens: int) -> str:
    """Return the prompt up to the transcript's end, ending in a newline; the cue comes after it."""
    head = beginning(cast)
    # About 3.6 characters a token in English; 100 tokens are left for the cue and the line.
    room = max(800, int((context_tokens - 100) * 3.4) - len(head))
    said = history(transcript, characters=room)
    return f"{head}{said}\n" if said else head
