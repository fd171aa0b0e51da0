"""What the pages do, without a browser: time, stopping, and going on."""

from __future__ import annotations

import pytest

from simulator.session import Room
from simulator.web import handlers
from simulator.web.handlers import Clock, Desk


@pytest.fixture
def desk(room: Room, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(handlers, "BREATH", 0.0)
    return Desk(room)


def test_a_session_ends_when_its_time_is_up(desk: Desk) -> None:
    session = desk.begin("renu-and-martin", "fifth-session", "real", True)
    list(desk.speak(session, Clock()))
    views = list(desk.reply(session, "What was that like, Renu?", None, Clock(base=20 * 60)))
    assert views[-1].over and not views[-1].busy
    assert desk.room.store.session(session).outcome == "unfinished"


def test_partners_who_are_stopped_say_no_more_after_the_line_in_hand(desk: Desk) -> None:
    session = desk.begin("renu-and-martin", "fifth-session", "real", True)
    for view in desk.speak(session, Clock()):
        if view.busy:
            desk.stop(session)
    resumed = desk.room.resume(session)
    assert len(resumed.turns) < 2 and not resumed.pending


def test_a_paused_clock_stands_still() -> None:
    clock = Clock(base=60.0)
    assert clock.seconds() == 60.0 and "paused" in clock.words(20)
    clock.start().pause()
    assert 60.0 <= clock.seconds() < 61.0


def test_a_reply_with_a_real_name_comes_back_with_it_replaced_and_goes_out_if_it_is_written_again(desk: Desk) -> None:
    session = desk.begin("renu-and-martin", "fifth-session", "real", True)
    list(desk.speak(session, Clock()))
    said, turns = "Renu, that reminds me of Sandra. What was it like?", desk.room.store.turns(session)
    (view,) = desk.reply(session, said, None, Clock())
    assert view.reply == "Renu, that reminds me of [name]. What was it like?" and "Sandra" in view.notice
    assert desk.room.store.turns(session) == turns
    list(desk.reply(session, said, None, Clock()))
    assert desk.room.store.turns(session)[len(turns)].text == said
