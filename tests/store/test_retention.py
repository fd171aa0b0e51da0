"""Forgetting: what nothing has happened in goes, what somebody still reads or answers stays."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from simulator.session import Room
from simulator.store import Repository
from simulator.store.tables import PracticeSession
from simulator.web.server import _forget_daily


@pytest.fixture
def own(room: Room, store: Repository) -> Room:
    return Room(room.settings, room.library, store, room.engine, room.voice)


def aged(room: Room, days: int = 400) -> str:
    session = room.begin("renu-and-martin", "the-missed-call", seed=3)
    list(session.answers())
    then = datetime.now(UTC) - timedelta(days=days)
    with room.store.engine.begin() as db:
        db.execute(
            update(PracticeSession).where(PracticeSession.id == session.record.id).values(created=then, changed=then)
        )
    return session.record.id


def test_what_happens_around_a_session_keeps_it(own: Room) -> None:
    store, gone = own.store, aged(own)
    submitted, noted, begun, judged, reopened = (aged(own) for _ in range(5))
    for session in (judged, reopened):
        store.reviews.begin(session, None, "sue", blind=False)
    with store.engine.begin() as db:
        db.execute(update(PracticeSession).values(changed=datetime.now(UTC) - timedelta(days=400)))
    store.submit(submitted, consent=True)
    store.reviews.add_note(noted, 0, None, "sue", "comment", "x")
    store.reviews.begin(begun, None, "sue", blind=False)
    store.reviews.judge(judged, "sue", 0, [], summary="Slower.")
    store.reviews.reopen(reopened, "sue")
    assert store.forget_before(datetime.now(UTC) - timedelta(days=365)) == 1
    assert {s.id for s in store.sessions()} == {submitted, noted, begun, judged, reopened} and gone


def test_the_room_forgets_at_its_start_and_logs_how_many(own: Room) -> None:
    aged(own)
    kept = aged(own, days=10)

    async def for_a_moment() -> None:
        daily = asyncio.create_task(_forget_daily(own, 365))
        for _ in range(200):
            await asyncio.sleep(0.02)
            if own.store.people.audit():
                break
        assert not daily.done()  # it waits for the next day
        daily.cancel()

    asyncio.run(for_a_moment())
    assert [s.id for s in own.store.sessions()] == [kept]
    assert own.store.people.audit()[0][1:] == ("retention", "forgot 1 sessions", "older than 365 days")
