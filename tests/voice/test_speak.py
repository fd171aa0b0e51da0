"""Wording a line with a voice that was trained for the room: its first sentence is heard before it is whole."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulator.errors import ModelError
from simulator.session import Begun, Room, Session
from simulator.store import Repository, TurnRecord
from simulator.voice import Sampling

GOOD = "I counted the bins on Tuesday, all four of them. And you were sat in that car."


class Writing:
    """A trained voice that writes what it is given, in pieces."""

    name = "writing"
    scripted = False
    trained = True

    def __init__(self, first: str, more: str = "", *, dies: bool = False) -> None:
        self.first, self.more, self.dies = first, more, dies
        self.asked = 0

    def stream(self, prompt: str, how: Sampling) -> Iterator[str]:
        for word in self.first.split():
            yield f" {word}"
        if self.dies:
            raise ModelError("gone")

    def sample(self, prompt: str, how: Sampling) -> list[str]:
        self.asked += how.n
        return [f" {self.more}"] * how.n

    def warm(self, prompt: str) -> None:
        """There is nothing to read ahead."""

    def close(self) -> None:
        """There is nothing to let go of."""


def played(room: Room, voice: Writing) -> tuple[list[Begun | TurnRecord], Session]:
    other = Room(room.settings, room.library, Repository.open("sqlite://"), room.engine, voice)
    session = other.begin("renu-and-martin", "fifth-session", seed=4)
    session._authored_from = 1.9
    list(session.answers())
    session.reply("What was it like in the car park, Renu, when he said nothing?")
    return list(session.speaking()), session


def test_the_first_sentence_is_heard_before_the_line_is_whole(room: Room) -> None:
    said, session = played(room, Writing(GOOD, GOOD))
    begun, turn = said[0], said[1]
    assert isinstance(begun, Begun) and isinstance(turn, TurnRecord)
    assert turn.source == "model" and turn.speaker == begun.speaker
    assert turn.text.startswith(begun.words) and len(turn.text) > len(begun.words)
    assert session.turns[-len([s for s in said if isinstance(s, TurnRecord)])].text == turn.text


@pytest.mark.parametrize(
    "spoilt", ["MARTIN: I am sorry.", "As your therapist I hear that you (sighs) hurt.", "<b>No</b> more."]
)
def test_a_second_sentence_that_may_not_be_said_is_left_out_and_the_first_one_stands(room: Room, spoilt: str) -> None:
    first = GOOD.split(". ")[0] + "."
    said, _ = played(room, Writing(f"{first} {spoilt}", GOOD))
    turn = next(s for s in said if isinstance(s, TurnRecord))
    assert turn.text == first and turn.source == "model" and turn.verdicts[0]["reason"]


def test_a_first_line_that_may_not_be_said_is_never_heard_and_others_are_asked_for(room: Room) -> None:
    voice = Writing("MARTIN: You are right. I am sorry.", GOOD)
    said, _ = played(room, voice)
    assert not isinstance(said[0], Begun) and voice.asked > 0
    assert isinstance(said[0], TurnRecord) and said[0].text.startswith("I counted the bins")


def test_a_voice_that_dies_in_the_middle_of_a_line_is_answered_by_an_authored_one(room: Room) -> None:
    said, _ = played(room, Writing("You sat", dies=True))
    turn = next(s for s in said if isinstance(s, TurnRecord))
    assert turn.source == "authored" and turn.trouble and turn.text
