from __future__ import annotations

from dataclasses import replace

import pytest

from simulator.errors import InputError, StaleSessionError
from simulator.session import Room
from simulator.session.director import HOLDS
from simulator.session.progress import Beat
from tests.conftest import REPLIES


def play(room: Room, replies: list[str], seed: int = 1):  # type: ignore[no-untyped-def]
    session = room.begin("renu-and-martin", "fifth-session", seed=seed)
    list(session.answers())
    for reply in replies:
        if session.over:
            break
        session.reply(reply)
        list(session.answers())
    return session


def test_the_same_seed_plays_the_same_session(room: Room) -> None:
    one, two = play(room, REPLIES["skilled"]), play(room, REPLIES["skilled"])
    assert [t.text for t in one.turns] == [t.text for t in two.turns]


def test_a_session_taken_up_again_goes_on_where_it_was(room: Room) -> None:
    session = room.begin("renu-and-martin", "fifth-session", seed=2)
    next(iter(session.answers()))  # the process dies after the first of two opening lines
    again = room.resume(session.record.id)
    assert len(again.turns) == 1 and again.pending
    list(again.answers())
    assert [t.speaker for t in again.turns] == ["Renu", "Martin"] and not again.pending


def test_two_tabs_cannot_both_answer(room: Room) -> None:
    session = play(room, [])
    other = room.resume(session.record.id)
    session.reply("What was that like?")
    with pytest.raises(StaleSessionError):
        other.reply("And I say something else.")
    kept = room.store.turns(session.record.id)
    assert [t.text for t in kept if t.speaker == "therapist"] == ["What was that like?"]


@pytest.mark.parametrize("bad", ["", "   \n", "\x00\x07", "x" * 20_000])
def test_a_reply_that_cannot_be_said_changes_nothing(room: Room, bad: str) -> None:
    session = play(room, [])
    with pytest.raises(InputError):
        session.reply(bad)
    assert len(room.store.turns(session.record.id)) == 2


def test_siding_again_and_again_ends_in_a_walk_out(room: Room) -> None:
    session = play(room, REPLIES["siding"] * 10)
    assert session.progress.outcome == "walk_out"
    with pytest.raises(StaleSessionError):
        session.reply("Wait.")


def test_no_line_is_said_twice_and_secrets_stay_shut(room: Room) -> None:
    session = play(room, [*REPLIES["skilled"], *REPLIES["siding"], "What is that like?"] * 2, seed=5)
    lines = [t.text for t in session.turns if t.speaker != "therapist" and t.text != "..."]
    assert len(lines) == len(set(lines))
    for fact in session.couple.facts:
        if fact.giveaways and fact.id not in session.progress.told:
            assert not any(g in line.lower() for g in fact.giveaways for line in lines)


ADVICE = ["Make a list of what needs doing.", "Have you tried a date night?", "Every couple goes through this."]


@pytest.mark.parametrize("replies", [REPLIES["skilled"], ADVICE])
def test_a_planted_moment_waits_for_words_that_lead_over_to_it_but_not_for_ever(room: Room, replies: list[str]) -> None:
    session = room.begin("renu-and-martin", "fifth-session", seed=4)
    list(session.answers())
    bids = {b.id: b for b in session.scenario.bids}
    planted, held = [], []
    for reply in (replies * 6)[:14]:
        if session.over:
            break
        session.reply(reply)
        said = [t.text for t in session.answers()]
        held.append(session.progress.held)
        waits = session.progress.pending_bid
        if waits:
            # The trainee answers what was really said, and is not asked about what was held back.
            assert any(line.endswith(say) for line in said for say in bids[waits].say)
            assert session.progress.held == 0
            planted.append(waits)
        spoken = [b.id for b in bids.values() if any(line.endswith(say) for line in said for say in b.say)]
        assert spoken == ([waits] if waits else [])
    assert planted and max(held) <= HOLDS


def test_a_planted_moment_that_was_stopped_waits_for_another_reply(room: Room) -> None:
    session = room.begin("renu-and-martin", "fifth-session", seed=3)
    list(session.answers())
    bid = session.scenario.bids[0]
    beats = [
        Beat(bid.partner, "answer", "guarded", "Aye."),
        Beat(bid.partner, "ally_bid", "hurt", bid.say[0], bid=bid.id),
    ]
    session._save(
        replace(session.progress, beats=beats, bids={**session.progress.bids, bid.id: "made"}, pending_bid=bid.id)
    )
    spoken = iter(session.answers(stopped=lambda: True))
    assert not list(spoken) and not session.pending
    assert session.progress.bids[bid.id] == "waiting" and not session.progress.pending_bid


@pytest.mark.parametrize(
    ("reply", "first"),
    [
        ("Renu, could you turn to Martin and tell him what that was like? Martin, just hear it.", "Renu"),
        ("Renu, I heard you. Martin, would you say to Renu what you were afraid of?", "Martin"),
        ("Martin, don't answer yet. Renu, could you say that to him yourself?", "Renu"),
    ],
)
def test_who_is_brought_to_the_other_speaks_first_and_to_them(room: Room, reply: str, first: str) -> None:
    session = room.begin("renu-and-martin", "fifth-session", seed=3)
    list(session.answers())
    session.reply(reply)
    lines = list(session.answers())
    other = {"Renu": "Martin", "Martin": "Renu"}[first]
    assert [(line.speaker, line.to) for line in lines][:2] == [(first, other), (other, first)]
