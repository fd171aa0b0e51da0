from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.rubric import Question, Said
from simulator.rubric.lint import lint
from simulator.rubric.sentences import split_sentences
from simulator.session import Room

TURNS = [Said("Ines", "You nod at him all the time. I don't think you hear me."), Said("Tom", "Leave her be, Ines.")]
PAIR = ("Ines", "Tom")


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=400))
def test_sentences_are_spans_that_cover_every_word(text: str) -> None:
    found = split_sentences(text)
    for s in found:
        assert text[s.start : s.end] == s.text and s.text.strip() == s.text
    assert "".join("".join(s.text.split()) for s in found) == "".join(text.split())


@pytest.mark.parametrize(
    "reply", ["You are right, Ines. I missed you. What did I not hear?", "🙂", "asdf qwer zxcv bnmm", "So " * 3000]
)
def test_quotes_are_spans_and_levels_are_in_range(room: Room, reply: str) -> None:
    score = room.engine.score(Question(TURNS, PAIR, reply))
    for skill in score.skills.values():
        assert skill.level is None or 1 <= skill.level <= 5
        for e in [*skill.codes, *skill.possible]:
            assert reply[e.start : e.end] == e.quote


def test_swapping_the_names_changes_no_score(room: Room) -> None:
    def swapped(text: str) -> str:
        return text.replace("Ines", "\0").replace("Tom", "Ines").replace("\0", "Tom")

    reply = "Ines, I have looked at Tom more than at you."
    other = [Said(swapped(t.speaker), swapped(t.text)) for t in TURNS]
    one = room.engine.score(Question(TURNS, PAIR, reply)).to_json()["skills"]
    two = room.engine.score(Question(other, ("Tom", "Ines"), swapped(reply))).to_json()["skills"]
    assert {k: v.get("score") for k, v in one.items()} == {k: v.get("score") for k, v in two.items()}


def test_another_language_is_not_scored(room: Room) -> None:
    score = room.engine.score(Question(TURNS, PAIR, "Das klingt wirklich sehr einsam für Sie beide heute."))
    assert {s.status for s in score.skills.values()} <= {"not_scored"}


def test_a_batch_changes_no_score(room: Room) -> None:
    replies = ["That was lonely, Ines.", "You should both try a date night, it helps most couples I see.", "Tom?"]
    alone = [room.engine.score(Question(TURNS, PAIR, r)) for r in replies]
    batch = list(room.engine.score_many(Question(TURNS, PAIR, r) for r in replies))
    for a, b in zip(alone, batch, strict=True):
        for skill in a.skills:
            assert a.skills[skill].level == b.skills[skill].level


def test_the_labelled_data_has_no_problems(room: Room) -> None:
    assert lint(room.engine.rubric)["problems"] == []
