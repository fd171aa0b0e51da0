"""Drills: every skill has moments, each comes at once, is answered again and again, and every try is scored."""

from __future__ import annotations

import pytest

from simulator.errors import InputError
from simulator.review.drills import SKILL_OF, planted, weakest
from simulator.review.progress import SkillPoint
from simulator.rubric import SKILLS
from simulator.session import Room
from simulator.store import Found


def test_the_weakest_skill_shows_after_a_few_opportunities() -> None:
    many, few = SkillPoint(2.0, 5, None), SkillPoint(1.0, 2, None)
    assert weakest([SkillPoint(3.5, 9, None), many, few]) == SKILLS[1]
    assert weakest([few, few, SkillPoint(None, 0, None)]) is None


def test_every_planted_moment_can_be_drilled(room: Room) -> None:
    moments = [m for skill in SKILLS for m in planted(room.library, skill)]
    assert len(moments) == sum(len(s.bids) for s in room.library.scenarios.values())
    assert all(len(planted(room.library, skill)) >= 3 for skill in SKILLS)
    for moment in moments[::7]:
        session = room.begin(moment.couple.id, moment.scenario.id, drill=moment.bid.id, seed=1)
        list(session.answers())
        assert session.turns[-1].text == moment.bid.say[0] and not session.pending
        assert session.progress.pending_bid == moment.bid.id and moment.bid.kind in SKILL_OF


def test_each_try_begins_at_the_same_moment_and_stays(room: Room) -> None:
    session = room.begin("renu-and-martin", "the-missed-call", drill="is-it-a-lot", seed=3)
    list(session.answers())
    key = session.record.id
    well = room.try_again(key, "I won't name a number, Martin. Renu, what were those twenty minutes for you?")
    badly = room.try_again(key, "Martin is right, Renu: you are being unreasonable.")
    assert well.turns[: len(session.turns)] == badly.turns[: len(session.turns)]
    assert (well.progress.bids["is-it-a-lot"], badly.progress.bids["is-it-a-lot"]) == ("good", "bad")
    tries = room.store.sessions(Found((None,), parent=key))
    assert {t.id for t in tries} == {well.record.id, badly.record.id}
    assert room.store.session(key).length == len(session.turns)
    assert key not in [s.id for s in room.store.sessions(Found((None,), drill=False), limit=100)]
    for wrong in (well.record.id, room.begin("renu-and-martin", "the-missed-call").record.id):
        with pytest.raises(InputError, match="no drill"):
            room.try_again(wrong, "Again?")
    with pytest.raises(InputError):
        room.try_again(key, "  ")
    with pytest.raises(InputError, match="no moment"):
        room.begin("renu-and-martin", "the-missed-call", drill="nothing-like-it")
