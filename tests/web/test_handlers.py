"""What the pages do, without a browser: time, stopping, and going on."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from simulator.session import Room
from simulator.store import Repository
from simulator.web import handlers
from simulator.web.handlers import Clock, Desk
from tests.voice.test_speak import GOOD, Writing


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


def test_the_beginning_of_a_line_is_shown_while_the_rest_is_written(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handlers, "BREATH", 0.0)
    settings = room.settings.model_copy(update={"authored_from": 1.9})
    desk = Desk(Room(settings, room.library, Repository.open("sqlite://"), room.engine, Writing(GOOD, GOOD)))
    session = desk.room.begin("renu-and-martin", "fifth-session", seed=4).record.id
    list(desk.speak(session, Clock()))
    views = list(desk.reply(session, "What was it like in the car park, Renu, when he said nothing?", None, Clock()))
    shown = [
        ("all four of them" in v.transcript, "sat in that car" in v.transcript, "goes on" in v.transcript)
        for v in views
    ]
    assert (True, False, True) in shown and shown.index((True, False, True)) < shown.index((True, True, False))


def test_ending_a_session_while_they_answer_keeps_the_ending(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handlers, "BREATH", 0.0)
    store = Repository.open(f"sqlite:///{tmp_path / 'one.sqlite3'}")
    desk = Desk(Room(room.settings, room.library, store, room.engine, room.voice))
    session = desk.begin("renu-and-martin", "fifth-session", "real", True)
    speaking = desk.speak(session, Clock())
    next(speaking)
    next(speaking)
    ended: list[bool] = []
    ending = threading.Thread(target=lambda: ended.extend(v.over for v in desk.end(session, Clock())))
    ending.start()
    list(speaking)
    ending.join(60)
    assert ended[-1] and store.session(session).outcome == "unfinished"
    store.close()
