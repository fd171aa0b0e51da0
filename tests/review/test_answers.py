"""The lines that were judged as answers, and how well the choice of a line agrees with them."""

from __future__ import annotations

from simulator.embedding import Memory
from simulator.review.answers import KINDS, evaluate, judged_moments
from simulator.session import Room


def test_every_judged_line_is_one_that_its_couple_has(room: Room) -> None:
    moments = judged_moments()
    lines = [(m.couple, m.partner, line.say) for m in moments for line in m.lines]
    there = {(c.id, p.name, line.say) for c in room.library.couples.values() for p in c.partners for line in p.lines}
    assert len(moments) > 1000 and {m.couple for m in moments} == set(room.library.couples)
    # A line may be rewritten after it was judged; when many have been, the judgements are to be made anew.
    assert sum(line in there for line in lines) / len(lines) > 0.9


def test_what_was_judged_an_answer_is_held_likelier_than_what_was_not(room: Room) -> None:
    # Of two couples, for speed; the command measures all of them.
    some = [m for m in judged_moments() if m.couple in ("renu-and-martin", "mei-and-hannah")][::2]
    figures = evaluate(room.library, room.engine, some, Memory(room.settings.vectors))
    for kind in KINDS:
        assert figures[kind]["auc"] > 0.6
        assert figures[kind]["first_of_five"]["takes_up"] > figures[kind]["by_chance"]["takes_up"]
