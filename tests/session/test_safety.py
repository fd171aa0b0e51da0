"""Fear at home: the couple work stops, and each is seen alone."""

from __future__ import annotations

from simulator.session import Room, Session

NAMES_IT = "I'm going to stop the couple work here. That comes before anything else, and it isn't taking a side."


def afraid(room: Room) -> Session:
    session = room.begin("ines-and-rob", "the-keys", seed=2)
    list(session.answers())
    for _ in range(6):
        if session.progress.pending_bid:
            break
        session.reply("I hear how careful you have both become today.", addressed=["Ines"])
        list(session.answers())
    assert session.progress.pending_bid
    return session


def test_a_kind_question_alone_is_no_answer_to_fear(room: Room) -> None:
    session = afraid(room)
    bid = session.progress.pending_bid
    session.reply("What is that like for you?", addressed=["Ines"])
    assert session.progress.bids[bid] != "good"


def test_seeing_the_one_who_is_afraid_answers_it_and_seeing_the_other_does_not(room: Room) -> None:
    session = afraid(room)
    bid = session.progress.pending_bid
    session.see("Rob")
    assert session.progress.bids[bid] != "good"
    session.see("Ines")
    assert session.progress.bids[bid] == "good" and set(session.progress.seen_alone) == {"rob", "ines"}


def test_what_may_only_be_told_alone_is_never_told_with_the_other_in_the_room(room: Room) -> None:
    session = afraid(room)
    alone = set(session.scenario.alone)
    assert alone
    for who, state in session.progress.states.items():
        session.progress.states[who] = type(state)(0.95, 0.3, 0.95, 0.8, warm=9)
    for _ in range(8):
        if session.over:
            break
        session.reply("Ines, you have been alone with that fear for so long, and you needed somebody to hear it.")
        list(session.answers())
    assert not alone & set(session.progress.told)
