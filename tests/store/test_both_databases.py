"""The store on SQLite and on a real PostgreSQL: the same code, the same answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from simulator.errors import InputError, StaleSessionError, StoreError
from simulator.review.export import export_many
from simulator.review.importing import import_transcripts, read_any
from simulator.rubric import SKILLS
from simulator.session import Room
from simulator.store import Found, JudgementRecord, Repository
from simulator.store.backup import backup, restore
from simulator.store.tables import Base
from tests.store.conftest import migrated


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


AT = "2026-01-02 03:04:05"
SESSION = f"'{AT}', '{AT}', 'c', '1', 'd', 'x', '1', 'd', 'r', 'h', 'e', 'm', 1, 'real', true, '', 0, 2, '{{}}'"
NOTED = '{"addressed": [], "state": {}, "timings": {}, "trouble": "", "verdicts": [], "absent": []}'
FIRST = (
    "INSERT INTO documents VALUES ('d', 'couple', 'c', '1', 'body')",
    f"INSERT INTO sessions VALUES ('s', {SESSION})",
    f"INSERT INTO turns VALUES (1, 's', 0, '{AT}', 'Renu', 'Hello.', 'answer', 'guarded', '', 'authored', '{NOTED}')",
    f"INSERT INTO turns VALUES (2, 's', 1, '{AT}', 'therapist', 'Yes.', '', '', '', '', '{NOTED}')",
    f"INSERT INTO scores VALUES (1, 2, '{AT}', 'r', 'e', '{{\"skills\": 1}}')",
    f"INSERT INTO scores VALUES (2, 2, '{AT}', 'r2', 'e', '{{\"skills\": 2}}')",
)
SECOND = (
    f"INSERT INTO users VALUES (1, 'anna', 'trainee', 'hash', '{AT}', false)",
    "INSERT INTO memberships VALUES ('monday', 1)",
    f"INSERT INTO logins VALUES ('token', 1, '{AT}', '{AT}')",
    f"INSERT INTO throttles VALUES ('key', 2, '{AT}')",
    f"INSERT INTO audit VALUES (1, '{AT}', 'anna', 'did', 'that')",
    f"INSERT INTO notes VALUES (1, 's', 1, 1, 'anna', 'note', 'x', '{AT}')",
    f"INSERT INTO reviews VALUES (1, 's', NULL, 'sue', '{AT}', false, 'Slower.', '{AT}', 1)",
    f"INSERT INTO judgements VALUES (1, 1, 1, 'empathic_listening', 'override', 2, '', 'why', 3, 'r', '{AT}')",
    f"UPDATE sessions SET owner_id = 1, submitted = '{AT}', parent_id = 'p', parent_length = 1",
)


@pytest.mark.parametrize("revision", ["0001", "0002"])
def test_a_database_of_an_earlier_release_comes_up_with_its_data(url: str, revision: str) -> None:
    for number, rows in (("0001", FIRST), ("0002", SECOND)):
        if number <= revision:
            engine = migrated(url, number)
            with engine.begin() as db:
                for row in rows:
                    db.exec_driver_sql(row)
            engine.dispose()
    store = Repository.open(url)
    found = store.session("s")
    assert [t.text for t in store.turns("s")] == ["Hello.", "Yes."] and store.turns("s")[1].score == {"skills": 2}
    assert [s.rubric_version for s in store.scorings("s")] == ["r", "r2"] and store.document("d") == "body"
    assert (found.flags, found.drill) == ("", "") and store.manuscripts.all() == []
    if revision == "0001":
        assert (found.owner_id, found.submitted, found.parent_id, found.parent_length) == (None, None, None, 0)
    else:
        assert (found.owner_id, found.parent_id, found.parent_length) == (1, "p", 1) and found.submitted
        (review,) = store.reviews.of(["s"])
        assert (review.summary, review.judgements[0].level, store.reviews.notes("s")[0].quote) == ("Slower.", 2, "")
        assert store.people.named("anna").groups == ("monday",) and store.people.audit()[0][2] == "did"
    store.close()
    Repository.open(url).close()  # and once more: nothing is left to do


def test_the_migrations_make_the_tables_that_the_code_reads(url: str) -> None:
    engine = migrated(url, "head")
    with engine.connect() as db:
        made = compare_metadata(MigrationContext.configure(db), Base.metadata)
    # What a column is by default says the code on every row that it writes.
    assert [m for m in made if "default" not in str(m)] == []
    engine.dispose()


def test_whole_sessions_scorings_and_filters(room: Room) -> None:
    store, key = room.store, played(room)
    score = store.turns(key)[2].score
    assert score
    store.add_scores(key, {2: score}, {"rubric_version": "later", "engine_version": "e"})
    store.submit(key, consent=True, flags=["walk-out"])
    assert [s.rubric_version == "later" for s in store.scorings(key)] == [False, True]
    levels = store.levels_of([key], SKILLS)
    skill = next(s for s in SKILLS if score["skills"][s].get("level"))
    assert levels[key, 2, skill]["later"] == score["skills"][skill]["level"]
    (made,) = import_transcripts(
        room, read_any(export_many(room, [store.session(key)], own=True), "x.jsonl"), owner=None
    )
    assert store.scorings(made.id) == store.scorings(key) and store.said_at(made.id) == store.said_at(key)
    ended = played(room)
    store.save_progress(ended, 4, store.session(ended).progress, outcome="well", seconds=None)

    def ids(**wanted: object) -> set[str]:
        return {s.id for s in store.sessions(Found(**wanted))}  # type: ignore[arg-type]

    assert ids(flagged=True) == {key, made.id} and ids(flagged=False) == {ended}
    assert ids(state="ended") == {ended} and ids(state="submitted") == {key, made.id} and ended not in ids(state="open")
    assert ids(drawn=1.0) == {key, made.id, ended} and ids(drawn=0.0) == set()
    assert ids(skill=skill) >= {key, made.id} and ids(skill="no-such-skill") == set()
    store.reviews.add_note(key, 3, None, "sue", "unlikely", "", quote="x")
    assert len(store.reviews.doubts("renu-and-martin")) == 1 and not store.reviews.doubts("ines-and-rob")
    assert store.forget_before(datetime.now(UTC) + timedelta(days=1)) == 3 and store.count_sessions() == 0


def test_a_manuscript_is_saved_published_and_found(store: Repository) -> None:
    written = store.manuscripts
    draft = written.create("ana-and-bo", "edu", {"couple.yaml": "one"})
    written.save(draft.id, "edu", draft.version, {"couple.yaml": "two"})
    with pytest.raises(StaleSessionError):
        written.save(draft.id, "edu", draft.version, {"couple.yaml": "three"})
    written.publish(draft.id, "edu", written.get(draft.id).version, {"couple.yaml": "two"})
    assert written.published() == {"ana-and-bo": {"couple.yaml": "two"}}
    assert any(e.published for e in written.editions(draft.id))
    written.archive(draft.id, away=True)
    assert written.get(draft.id).state == "archived"


def test_a_transcripts_document_goes_with_its_last_session(room: Room) -> None:
    store, talk = room.store, b"Therapist: And you, Ana?\nAna: Yes.\nBo: No.\n"
    one, two = (import_transcripts(room, read_any(talk, "x.txt"), owner=None)[0] for _ in range(2))
    played_one = played(room)
    store.delete_session(one.id)
    assert "Ana" in store.document(two.couple_hash)
    couple = store.session(played_one).couple_hash
    for key in (two.id, played_one, "none"):
        store.delete_session(key)
    with pytest.raises(StoreError):
        store.document(two.couple_hash)
    assert store.document(couple)  # a couple of ours names nobody
    store.people.note("ada", "x" * 60, "y")
    assert store.people.audit()[0][2] == "x" * 40
    if store.engine.dialect.name == "sqlite":
        with store.engine.connect() as db:
            assert db.exec_driver_sql("PRAGMA secure_delete").scalar() == 1


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
