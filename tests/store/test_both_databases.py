"""The store on SQLite and on a real PostgreSQL: the same code, the same answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

import simulator.store
from simulator.errors import InputError, StaleSessionError
from simulator.session import Room
from simulator.store import Found, JudgementRecord, Repository
from simulator.store.backup import backup, restore


@pytest.fixture
def store(url: str) -> Iterator[Repository]:
    opened = Repository.open(url)
    yield opened
    opened.close()


@pytest.fixture
def room(room: Room, store: Repository) -> Room:
    return Room(room.settings, room.library, store, room.engine, room.voice)


def played(
    room: Room, owner: int | None = None, couple: str = "renu-and-martin", scenario: str = "the-missed-call"
) -> str:
    session = room.begin(couple, scenario, seed=3, owner=owner)
    list(session.answers())
    session.reply("Renu, what was the waiting like for you?")
    list(session.answers())
    return session.record.id


def said(level: int) -> JudgementRecord:
    return JudgementRecord(2, "empathic_listening", "override", level, "", "why", 4, "r", datetime.now(UTC))


def test_a_session_is_kept_taken_up_and_deleted(room: Room) -> None:
    key = played(room)
    again = room.resume(key)
    again.reply("Martin, and you?")
    list(again.answers())
    stored = room.store.turns(key)
    assert [t.text for t in stored] == [t.text for t in again.turns] and stored[2].score
    room.store.reviews.add_note(key, 2, None, "local", "note", "x")
    room.store.reviews.begin(key, None, "sue", blind=False)
    room.store.reviews.judge(key, "sue", 0, [said(2)])
    room.store.delete_session(key)
    with pytest.raises(InputError):
        room.store.session(key)
    assert not room.store.turns(key) and not room.store.reviews.notes(key) and not room.store.reviews.of([key])


def test_sessions_are_found_by_owner_words_couple_and_day(room: Room) -> None:
    anna = room.store.people.add("Anna", "trainee", "x")
    mine, hers = played(room), played(room, anna.id, "ines-and-rob", "the-keys")
    now = datetime.now(UTC)

    def ids(**wanted: object) -> list[str]:
        found = Found(**wanted)  # type: ignore[arg-type]
        assert room.store.count_sessions(found) == len(room.store.sessions(found))
        return [s.id for s in room.store.sessions(found)]

    assert ids() == [hers, mine] and ids(owners=(None,)) == [mine] and ids(owners=(anna.id,)) == [hers]
    assert ids(owners=()) == [] and ids(owners=(anna.id, None), couple="ines-and-rob") == [hers]
    assert ids(words="WAITING like") == [hers, mine] and ids(words="100%") == []
    assert ids(since=now + timedelta(days=1)) == [] and ids(until=now + timedelta(days=1)) == [hers, mine]
    room.store.submit(hers, consent=True)
    assert ids(submitted=True) == [hers] and ids(signed=False, submitted=True) == [hers]


def test_of_two_who_save_at_once_one_is_told(room: Room) -> None:
    key = played(room)
    room.store.reviews.begin(key, None, "sue", blind=False)
    start, told = threading.Barrier(4), []

    def save(level: int) -> None:
        start.wait()
        try:
            room.store.reviews.judge(key, "sue", 0, [said(level)])
        except StaleSessionError:
            told.append(level)

    threads = [threading.Thread(target=save, args=(n,)) for n in (1, 2, 3, 4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    (review,) = room.store.reviews.of([key])
    assert len(told) == 3 and len(review.judgements) == 1 and review.version == 1


def test_two_reviewers_do_not_touch_each_other(room: Room) -> None:
    key = played(room)
    for who, level in (("sue", 1), ("tim", 5)):
        room.store.reviews.begin(key, None, who, blind=False)
        room.store.reviews.judge(key, who, 0, [said(level)])
    assert [r.holding()[2, "empathic_listening"].level for r in room.store.reviews.of([key])] == [1, 5]


def test_accounts_groups_logins_and_throttles(store: Repository) -> None:
    people = store.people
    assert not people.any()
    ada, anna = people.add("Ada", "administrator", "h"), people.add("Anna", "trainee", "h")
    sue = people.add("Sue", "supervisor", "h")
    with pytest.raises(InputError):
        people.add("ANNA", "trainee", "h")
    for name in ("anna", "sue", "ada"):
        people.join(name, "monday")
        people.join(name, "monday")
    assert [u.name for u in people.trainees_of(sue.id)] == ["Anna"]
    people.leave("anna", "monday")
    assert people.trainees_of(sue.id) == []
    people.sign_in("t1", anna.id, timedelta(hours=1))
    people.sign_in("t2", anna.id, timedelta(seconds=-1))
    assert people.signed_in("t1") and not people.signed_in("t2") and not people.signed_in("t3")
    people.change("anna", disabled=True)
    assert not people.signed_in("t1") and people.hash_of("anna") is None
    for _ in range(3):
        people.failed("k", free=1, longest=60)
    assert 2 < people.waits("k") <= 4
    people.succeeded("k")
    assert people.waits("k") == 0
    with pytest.raises(InputError, match="only administrator"):
        people.change("ada", role="trainee")
    people.note(ada.name, "did", "that")
    assert people.audit()[0][1:] == ("Ada", "did", "that")


def test_a_branch_has_the_same_turns_and_scores(room: Room) -> None:
    key = played(room)
    turns = room.store.turns(key)
    branch = room.take_back(key, 2)
    assert room.store.turns(branch.id) == turns[:2] and (branch.parent_id, branch.parent_length) == (key, 2)
    went_on = room.resume(branch.id)
    went_on.reply("Renu, what was the waiting like for you?")
    assert went_on.turns[2].score == turns[2].score


def test_a_database_of_the_first_release_comes_up_with_its_data(url: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(simulator.store.__file__).with_name("migrations")))
    engine = create_engine(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(text("INSERT INTO documents VALUES ('d', 'couple', 'c', '1', 'body')"))
        connection.execute(
            text(
                "INSERT INTO sessions VALUES ('s', '2026-01-02 03:04:05', '2026-01-02 03:04:05', 'c', '1', 'd', 'x', '1', 'd', "
                "'r', 'h', 'e', 'm', 1, 'real', true, '', 0, 1, '{}')"
            )
        )
        connection.execute(
            text(
                "INSERT INTO turns VALUES (1, 's', 0, '2026-01-02 03:04:05', 'Renu', 'Hello.', 'answer', 'guarded', '', 'authored', "
                '\'{"addressed": [], "state": {}, "timings": {}, "trouble": "", "verdicts": [], "absent": []}\')'
            )
        )
    engine.dispose()
    store = Repository.open(url)
    found = store.session("s")
    assert (found.owner_id, found.submitted, found.parent_id, found.parent_length) == (None, None, None, 0)
    assert [t.text for t in store.turns("s")] == ["Hello."] and store.turns("s")[0].before == {}
    store.close()
    Repository.open(url).close()  # and once more: nothing is left to do


def test_a_backup_is_made_and_put_back_while_the_room_is_open(room: Room, tmp_path: Path) -> None:
    url = room.store.engine.url.render_as_string(hide_password=False)
    if not url.startswith("sqlite"):
        pytest.skip("PostgreSQL has pg_dump")
    first = played(room)
    backup(url, tmp_path / "copy.sqlite3")
    second = played(room)
    kept = restore(url, tmp_path / "copy.sqlite3")
    assert [s.id for s in room.store.sessions()] == [first]
    assert kept is not None
    restore(url, kept)
    assert {s.id for s in room.store.sessions()} == {first, second}
    (tmp_path / "words.txt").write_text("not a database")
    with pytest.raises(InputError):
        restore(url, tmp_path / "words.txt")
