"""Every endpoint, walked as nobody, as the owner, another trainee, the right and the wrong supervisor, an administrator."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from simulator.errors import InputError
from simulator.people import add_person
from simulator.rubric import load_rubric
from simulator.rubric.lint import lint
from simulator.session import Room
from simulator.settings import load_settings
from simulator.store import Found, Repository
from simulator.studio.examples import adopt_draft, draft, own_examples, revert_rubric
from simulator.studio.manuscript import skeleton
from simulator.web.endpoints import ENDPOINTS, routes_of
from simulator.web.server import make_app

PASSWORD = "four words will do"
# Owner, other trainee, her supervisor, another one, educator, administrator.
PEOPLE = ("nobody", "anna", "ben", "sue", "tim", "edu", "ada")

# Who may, of PEOPLE. An endpoint that is not listed fails the test.
SIGNED_IN = ["anna", "ben", "sue", "tim", "edu", "ada"]
TABLE: dict[tuple[str, str], list[str]] = {
    ("/style.css", "GET"): list(PEOPLE),
    ("/sign-in", "GET"): list(PEOPLE),
    ("/sign-in", "POST"): list(PEOPLE),
    ("/health", "GET"): list(PEOPLE),
    ("/documents.js", "GET"): SIGNED_IN,
    ("/sign-out", "POST"): SIGNED_IN,
    ("/sign-out-everywhere", "POST"): SIGNED_IN,
    ("/work", "GET"): SIGNED_IN,
    ("/import", "POST"): SIGNED_IN,
    ("/account", "GET"): SIGNED_IN,
    ("/account/password", "POST"): SIGNED_IN,
    ("/account/data", "GET"): SIGNED_IN,
    ("/account/delete", "POST"): SIGNED_IN,
    ("/sessions/{session_id}", "GET"): ["anna", "sue"],
    ("/sessions/{session_id}/export", "GET"): ["anna", "sue"],
    ("/sessions/{session_id}/note", "POST"): ["anna"],
    ("/sessions/{session_id}/submit", "POST"): ["anna"],
    ("/sessions/{session_id}/delete", "POST"): ["anna"],
    ("/sessions/{session_id}/take-back", "POST"): ["anna"],
    ("/compare/{session_id}/{other_id}", "GET"): ["anna"],
    ("/drill", "GET"): SIGNED_IN,
    ("/drill", "POST"): SIGNED_IN,
    ("/drill/{session_id}", "GET"): ["anna"],
    ("/drill/{session_id}/try", "POST"): ["anna"],
    ("/cohort", "GET"): ["sue", "tim"],
    ("/reviews", "GET"): ["sue", "tim"],
    ("/agreement", "GET"): ["sue", "tim"],
    ("/sessions/{session_id}/review", "GET"): ["sue"],
    ("/sessions/{session_id}/review", "POST"): ["sue"],
    ("/sessions/{session_id}/judge", "POST"): ["sue"],
    ("/sessions/{session_id}/unlikely", "POST"): ["sue"],
    ("/sessions/{session_id}/summary", "POST"): ["sue"],
    ("/sessions/{session_id}/reopen", "POST"): ["sue"],
    ("/studio", "GET"): ["edu", "ada"],
    ("/studio/new", "POST"): ["edu", "ada"],
    ("/studio/import", "POST"): ["edu", "ada"],
    ("/studio/{couple_id}", "GET"): ["edu", "ada"],
    ("/studio/{couple_id}/edit", "GET"): ["edu", "ada"],
    ("/studio/{couple_id}/edit", "POST"): ["edu", "ada"],
    ("/studio/{couple_id}/text", "POST"): ["edu", "ada"],
    ("/studio/{couple_id}/scenario", "POST"): ["edu", "ada"],
    ("/studio/{couple_id}/publish", "POST"): ["edu", "ada"],
    ("/studio/{couple_id}/archive", "POST"): ["edu", "ada"],
    ("/studio/{couple_id}/delete", "POST"): ["edu", "ada"],
    ("/studio/{couple_id}/restore", "POST"): ["edu", "ada"],
    ("/studio/{couple_id}/diff", "GET"): ["edu", "ada"],
    ("/studio/{couple_id}/export", "GET"): ["edu", "ada"],
    ("/studio/{couple_id}/hear", "GET"): ["edu", "ada"],
    ("/studio/{couple_id}/hear", "POST"): ["edu", "ada"],
    ("/studio/{couple_id}/play", "POST"): ["edu", "ada"],
    ("/sessions/{session_id}/example", "POST"): ["sue"],
    ("/studio-rubric", "GET"): ["edu", "ada"],
    ("/studio-rubric/drop", "POST"): ["edu", "ada"],
    ("/people", "GET"): ["ada"],
    ("/people/add", "POST"): ["ada"],
    ("/people/change", "POST"): ["ada"],
}
APPS: dict[str, Any] = {}  # one app for each test's room: laying its pages takes seconds
REFUSED = (401, 303, 404)


@pytest.fixture
def room(tmp_path: Path, room: Room) -> Iterator[Room]:
    store = Repository.open(f"sqlite:///{tmp_path / 'walk.sqlite3'}")
    yield Room(load_settings(backend="scripted", data_dir=tmp_path), room.library, store, room.engine, room.voice)
    store.close()


@pytest.fixture
def full(room: Room) -> Room:
    """A room with accounts; Anna is in Sue's group and has submitted one session."""
    for name, role in (
        ("ada", "administrator"),
        ("sue", "supervisor"),
        ("tim", "supervisor"),
        ("edu", "educator"),
        ("anna", "trainee"),
        ("ben", "trainee"),
    ):
        add_person(room.store, name, role, PASSWORD)
    for name, group in (("anna", "monday"), ("sue", "monday"), ("ben", "friday"), ("tim", "friday")):
        room.store.people.join(name, group)
    return room


def played(room: Room, owner: int | None = None, *, submit: bool = True) -> str:
    session = room.begin("renu-and-martin", "the-missed-call", seed=3, owner=owner)
    list(session.answers())
    for words in (
        "Renu, that wait sounds frightening. What was it like?",
        "Martin, what happens in you as she says that?",
    ):
        session.reply(words)
        list(session.answers())
    if submit:
        room.store.submit(session.record.id, consent=True)
    return session.record.id


def client(room: Room, who: str) -> TestClient:
    app = APPS.setdefault(str(room.settings.data_dir), None) or make_app(room)
    APPS[str(room.settings.data_dir)] = app
    made = TestClient(app, follow_redirects=False)
    if who != "nobody":
        assert made.post("/sign-in", data={"name": who, "password": PASSWORD, "to": "/work"}).status_code == 303
    return made


def test_every_endpoint_is_listed_and_nothing_else_answers(full: Room) -> None:
    app = make_app(full)
    made = {e for e in routes_of(app.routes) if e[0] != "/"}
    assert set(ENDPOINTS) | {("/health", "GET")} == set(TABLE) == made


@pytest.mark.parametrize("who", PEOPLE)
def test_nobody_reads_or_writes_what_is_not_theirs(full: Room, who: str) -> None:
    owner = full.store.people.named("anna").id
    for (path, method), allowed in TABLE.items():
        if path in ("/sign-out-everywhere", "/account/delete", "/account/password") and who != "nobody":
            continue  # each has a test of its own; here they would end the walk
        session = played(full, owner)
        other = full.take_back(session, full.store.turns(session)[2].index).id
        before = (full.store.session(session), full.store.reviews.of([session]), full.store.reviews.notes(session))
        log = len(full.store.people.audit(limit=10_000))
        data = {
            "turn": "2",
            "version": "0",
            "text": "x",
            "consent": "yes",
            "blind": "no",
            "summary": "x",
            "name": "ben",
        }
        if path.endswith(("judge", "summary", "reopen", "unlikely", "example")):
            full.store.reviews.begin(session, full.store.people.named("sue").id, "sue", blind=False)
            before = (before[0], full.store.reviews.of([session]), before[2])
        if "{couple_id}" in path:
            for m in full.store.manuscripts.all():
                full.store.manuscripts.delete(m.id)
            full.store.manuscripts.create("ana-and-bo", "edu", skeleton("ana-and-bo", ("Ana", "Bo"), ""))
        drafts = full.store.manuscripts.all()
        caller = client(full, who)
        where = path.replace("{session_id}", session).replace("{other_id}", other).replace("{couple_id}", "ana-and-bo")
        answer = caller.request(method, where, data=data if method == "POST" else None)
        if who in allowed:
            assert answer.status_code not in (401, 404, 500), (who, method, path, answer.text[:300])
            continue
        assert answer.status_code in REFUSED, (who, method, path, answer.status_code)
        assert "Renu" not in answer.text and "frightening" not in answer.text, (who, method, path)
        found = full.store.session(session)
        assert (found, full.store.reviews.of([session]), full.store.reviews.notes(session)) == before, (who, path)
        assert full.store.manuscripts.all() == drafts, (who, path)
        extra = full.store.people.audit(limit=10_000)[: -log or None]
        assert all(action.startswith("sign-in") for _, _, action, _ in extra), (who, path, extra)


def test_until_it_is_submitted_the_supervisor_sees_only_that_it_exists(full: Room) -> None:
    session = played(full, full.store.people.named("anna").id, submit=False)
    sue, anna = client(full, "sue"), client(full, "anna")
    assert sue.get(f"/sessions/{session}").status_code == 404
    assert "1 more of your trainees" in sue.get("/reviews").text
    anna.post(f"/sessions/{session}/submit", data={"consent": "yes"})
    assert sue.get(f"/sessions/{session}").status_code == 200
    anna.post(f"/sessions/{session}/submit", data={"consent": "no"})
    assert sue.get(f"/sessions/{session}").status_code == 404


def test_the_practice_pages_are_behind_the_door_too(full: Room) -> None:
    nobody = client(full, "nobody")
    assert nobody.get("/", headers={"accept": "text/html"}).headers["location"].startswith("/sign-in")
    assert nobody.get("/config").status_code == 401
    assert nobody.post("/gradio_api/queue/join", json={}).status_code == 401
    assert client(full, "ben").get("/config").status_code == 200


def test_a_write_from_another_sites_page_is_refused(full: Room) -> None:
    session = played(full, full.store.people.named("anna").id)
    anna = client(full, "anna")
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://elsewhere.example"}):
        assert anna.post(f"/sessions/{session}/delete", headers=headers).status_code == 403
    assert full.store.session(session)


def test_names_and_wrong_passwords_get_one_answer_and_wait_longer_each_time(full: Room) -> None:
    nobody = client(full, "nobody")
    said = [
        nobody.post("/sign-in", data={"name": n, "password": "not the password"}) for n in ("anna", "no such person")
    ]
    assert {s.status_code for s in said} == {403}
    assert said[0].text.replace("anna", "") == said[1].text.replace("no such person", "")
    for _ in range(8):
        nobody.post("/sign-in", data={"name": "anna", "password": "not the password"})
    # The right password waits too, and so does another browser: the count is in the database.
    again = TestClient(make_app(full), follow_redirects=False).post(
        "/sign-in", data={"name": "anna", "password": PASSWORD}
    )
    assert again.status_code == 403 and "seconds" in again.text


def test_signing_out_everywhere_a_new_password_and_disabling_end_every_login(full: Room) -> None:
    for end in ("everywhere", "password", "disable"):
        one, two = client(full, "ben"), client(full, "ben")
        if end == "everywhere":
            one.post("/sign-out-everywhere")
        elif end == "password":
            one.post("/account/password", data={"old": PASSWORD, "new": PASSWORD})
        else:
            client(full, "ada").post(
                "/people/change", data={"name": "ben", "role": "trainee", "disabled": "yes", "groups": "friday"}
            )
        assert [c.get("/work").status_code for c in (one, two)] == [401, 401], end


def test_the_only_administrator_stays(full: Room) -> None:
    ada = client(full, "ada")
    for data in ({"role": "trainee"}, {"role": "administrator", "disabled": "yes"}):
        assert ada.post("/people/change", data={"name": "ada", **data}).status_code == 409
    assert ada.post("/account/delete", data={"sure": "delete everything"}).status_code == 409
    assert ada.get("/people").status_code == 200


def test_a_person_takes_their_data_and_is_gone(full: Room) -> None:
    anna_id = full.store.people.named("anna").id
    session, anna = played(full, anna_id), client(full, "anna")
    assert session in anna.get("/account/data").text
    assert anna.post("/account/delete", data={"sure": "delete everything"}).status_code == 303
    assert full.store.count_sessions(Found((anna_id,))) == 0
    assert "anna" not in [u.name for u in full.store.people.all()]
    assert any(action == "deleted everything of theirs" for _, _, action, _ in full.store.people.audit())
    assert client(full, "sue").get(f"/sessions/{session}").status_code == 404


def test_a_blind_review_hides_the_engine_until_ones_own_levels_are_in(full: Room) -> None:
    session, sue = played(full, full.store.people.named("anna").id), client(full, "sue")
    sue.post(f"/sessions/{session}/review", data={"blind": "yes"})
    page = sue.get(f"/sessions/{session}/review").text
    assert "engine:" not in page and 'class="scores"' not in page
    turn = next(t for t in full.store.turns(session) if t.score)
    skill = next(k for k, s in turn.score["skills"].items() if s["status"] == "scored")  # type: ignore[index]
    data = {"turn": str(turn.index), "version": "0", f"verdict.{skill}": "agree"}
    assert sue.post(f"/sessions/{session}/judge", data=data).status_code == 409  # nothing to agree with yet
    sue.post(f"/sessions/{session}/judge", data={**data, f"verdict.{skill}": "override", f"level.{skill}": "2"})
    assert "engine:" in sue.get(f"/sessions/{session}/review").text


def test_an_override_is_added_and_the_engines_score_stays(full: Room) -> None:
    session, sue = played(full, full.store.people.named("anna").id), client(full, "sue")
    sue.post(f"/sessions/{session}/review", data={"blind": "no"})
    turn = next(t for t in full.store.turns(session) if t.score)
    skill = next(k for k, s in turn.score["skills"].items() if s["status"] == "scored")  # type: ignore[index]
    path, data = (
        f"/sessions/{session}/judge",
        {"turn": str(turn.index), f"verdict.{skill}": "override", f"level.{skill}": "1"},
    )
    assert sue.post(path, data={**data, "version": "0"}).status_code == 409  # no reason
    assert (
        sue.post(path, data={**data, "version": "0", f"reason.{skill}": "it names no <b>feeling</b>"}).status_code
        == 303
    )
    # A page that was read before that judgement is stale; nothing is overwritten.
    assert sue.post(path, data={**data, "version": "0", f"reason.{skill}": "again"}).status_code == 409
    sue.post(path, data={**data, "version": "1", f"level.{skill}": "3", f"reason.{skill}": "second look"})
    (review,) = full.store.reviews.of([session])
    assert [j.level for j in review.judgements] == [1, 3] and review.holding()[turn.index, skill].level == 3
    assert full.store.turns(session)[turn.index].score == turn.score
    sue.post(f"/sessions/{session}/summary", data={"version": "2", "summary": "Stay longer.", "sign": "yes"})
    assert sue.post(path, data={**data, "version": "3", f"reason.{skill}": "late"}).status_code == 409  # signed off
    seen = client(full, "anna").get(f"/sessions/{session}").text
    assert "second look" in seen and "Stay longer." in seen and "<b>feeling" not in seen


def test_notes_to_self_stay_with_the_trainee(full: Room) -> None:
    session = played(full, full.store.people.named("anna").id)
    anna, sue = client(full, "anna"), client(full, "sue")
    for kind, text in (("note", "I froze here"), ("question", "Was I too fast?")):
        anna.post(f"/sessions/{session}/note", data={"turn": "2", "kind": kind, "text": text})
    assert "I froze here" in anna.get(f"/sessions/{session}").text
    for path in ("", "/review", "/export?format=jsonl", "/export?format=html", "/export?format=markdown"):
        assert "I froze here" not in sue.get(f"/sessions/{session}{path}").text
    assert "Was I too fast?" in sue.get(f"/sessions/{session}").text


def test_a_reply_is_taken_back_and_both_stay(full: Room) -> None:
    owner = full.store.people.named("anna").id
    session, anna = played(full, owner), client(full, "anna")
    turn = [t for t in full.store.turns(session) if t.score][1]
    where = anna.post(f"/sessions/{session}/take-back", data={"turn": str(turn.index)}).headers["location"]
    branch = full.resume(where.split("=")[1])
    assert [t.text for t in branch.turns] == [t.text for t in full.store.turns(session)][: turn.index]
    branch.reply("Martin, I can see how much this costs you. What is it like to hear her?")
    list(branch.answers())
    page = anna.get(f"/compare/{session}/{branch.record.id}").text
    assert "how much this costs you" in page and "what happens in you" in page
    assert full.store.session(session).length > turn.index


def test_a_comment_is_about_words_of_the_turn_and_a_line_can_be_doubted(full: Room) -> None:
    session, sue = played(full, full.store.people.named("anna").id), client(full, "sue")
    sue.post(f"/sessions/{session}/review", data={"blind": "no"})
    where, said = f"/sessions/{session}", {"turn": "2", "version": "0", "comment": "This lands."}
    assert sue.post(f"{where}/judge", data={**said, "quote": "words nobody said"}).status_code == 409
    assert sue.post(f"{where}/judge", data={**said, "quote": "that wait sounds  frightening"}).status_code == 303
    line = full.store.turns(session)[1]
    assert sue.post(f"{where}/unlikely", data={"turn": "1", "text": "He would <i>never</i>."}).status_code == 303
    assert "<q>that wait sounds frightening</q>" in client(full, "anna").get(where).text
    ((found, note),) = full.store.reviews.doubts("renu-and-martin")
    assert found == session and note.turn == line.index and "<i>never" not in sue.get(f"{where}/review").text


def test_the_queue_shows_flags_and_draws_a_share_for_calibration(full: Room) -> None:
    owner, sue = full.store.people.named("anna").id, client(full, "sue")
    session = full.begin("renu-and-martin", "the-missed-call", seed=3, owner=owner)
    list(session.answers())
    for _ in range(6):
        if session.over:
            break
        session.reply("Renu, you are overreacting. Martin is right and you should be ashamed.")
        list(session.answers())
    client(full, "anna").post(f"/sessions/{session.record.id}/submit", data={"consent": "yes"})
    assert full.store.session(session.record.id).flags
    for show in ("open", "flagged"):
        assert session.record.id in sue.get(f"/reviews?show={show}").text
    assert session.record.id not in sue.get("/reviews?show=signed").text
    ids = {s.id for s in full.store.sessions(Found((owner,)), limit=50)}
    for share, drawn in ((0.0, set()), (1.0, ids)):
        assert {s.id for s in full.store.sessions(Found((owner,), drawn=share), limit=50)} == drawn
    assert "What came before strong ruptures" in sue.get("/cohort").text


def test_my_work_is_found_by_session_skill_and_state(full: Room) -> None:
    session, anna = played(full, full.store.people.named("anna").id), client(full, "anna")
    fits = ("scenario=renu-and-martin/the-missed-call", "skill=empathic_listening", "state=submitted", "state=open")
    for query in fits:
        assert session in anna.get(f"/work?{query}").text, query
    for query in ("scenario=renu-and-martin/another", "state=ended"):
        assert session not in anna.get(f"/work?{query}").text, query


def test_a_drill_is_played_on_its_page(full: Room) -> None:
    anna = client(full, "anna")
    assert anna.post("/drill", data={"moment": "no/such/moment"}).status_code == 409
    where = anna.post("/drill", data={"moment": "renu-and-martin/the-missed-call/is-it-a-lot"}).headers["location"]
    assert "hanging offence" in anna.get(where).text
    for words in ("Martin, what would a number do for you?", "Twenty minutes is nothing."):
        assert anna.post(f"{where}/try", data={"reply": words}).status_code == 303
    page = anna.get(where).text
    assert page.count('class="try"') == 2 and 'class="scores"' in page
    assert anna.post(f"{where}/try", data={"reply": "Write to me at a.b@example.org"}).status_code == 409


def test_a_couple_is_written_published_and_practised_with(full: Room) -> None:
    edu, anna = client(full, "edu"), client(full, "anna")
    assert edu.post("/studio/new", data={"id": "ana-and-bo", "first": "Ana", "second": "Bo"}).status_code == 303
    page = edu.get("/studio/ana-and-bo/edit?file=couple.yaml&part=partners.0").text
    assert 'name="partners.0.need"' in page and "yaml-language-server" in page
    form = {"file": "couple.yaml", "part": "partners.0", "version": "0", "partners.0.need": "<script>x</script>"}
    assert edu.post("/studio/ana-and-bo/edit", data=form).status_code == 303
    assert "<script>x" not in edu.get("/studio/ana-and-bo/edit?part=partners.0").text
    # Somebody who opened it before sees both versions, and loses nothing.
    late = edu.post("/studio/ana-and-bo/edit", data={**form, "partners.0.need": "mine, later"})
    assert late.status_code == 409 and "mine, later" in late.text and "Somebody saved this first" in late.text
    assert edu.post("/studio/ana-and-bo/publish", data={"version": "1"}).status_code == 303
    assert "ana-and-bo" in full.library.couples and anna.get("/studio").status_code == 404
    assert edu.post("/studio/ana-and-bo/delete").status_code == 409  # it is published
    text = full.store.manuscripts.get("ana-and-bo").files["couple.yaml"].replace("format: 1", "format: 7")
    edu.post("/studio/ana-and-bo/text", data={"file": "couple.yaml", "version": "2", "text": text})
    assert "line 2" in edu.get("/studio/ana-and-bo").text
    assert edu.post("/studio/ana-and-bo/publish", data={"version": "3"}).status_code == 409
    assert full.library.couple("ana-and-bo").format == 1


def test_a_doubted_line_reaches_its_author(full: Room) -> None:
    session, sue, edu = played(full, full.store.people.named("anna").id), client(full, "sue"), client(full, "edu")
    sue.post(f"/sessions/{session}/review", data={"blind": "no"})
    sue.post(f"/sessions/{session}/unlikely", data={"turn": "1", "text": "Too neat."})
    edu.post("/studio/new", data={"source": "renu-and-martin", "id": ""})
    page = edu.get("/studio/renu-and-martin").text
    assert "Too neat." in page and "Rewrite it, or add a principle" in page


def test_a_reply_becomes_an_example_of_ones_own_rubric(full: Room) -> None:
    session, sue, edu = played(full, full.store.people.named("anna").id), client(full, "sue"), client(full, "edu")
    sue.post(f"/sessions/{session}/review", data={"blind": "no"})
    data = {
        "turn": "2", "codes.0": "validate, reflect_feeling", "codes.1": "open_question", "level.empathic_listening": "4",
        "level.avoiding_triangulation": "3", "reason": "It <b>names</b> the fear.",
    }  # fmt: skip
    for wrong in ({"codes.0": "no_such_code"}, {"level.empathic_listening": ""}, {"reason": " "}):
        assert sue.post(f"/sessions/{session}/example", data={**data, **wrong}).status_code == 409
    assert own_examples(full.settings) == []
    for _ in range(2):
        assert sue.post(f"/sessions/{session}/example", data=data).status_code == 303
    (kept,) = own_examples(full.settings)
    assert kept.split == "train" and kept.levels["empathic_listening"] == 4 and kept.reply[1][1] == ["open_question"]
    assert "names&lt;/b&gt;" in edu.get("/studio-rubric").text
    assert lint(draft(full.settings))["problems"] == lint(full.engine.rubric)["problems"]
    with pytest.raises(InputError, match="trained"):
        adopt_draft(full.settings)
    (full.settings.data_dir / "rubric-draft" / "model" / "report.json").write_text("{}", encoding="utf-8")
    shipped = full.settings.rubrics
    assert adopt_draft(full.settings).endswith("+own1") and full.settings.rubrics != shipped
    assert load_rubric(full.settings.rubrics).version.endswith("+own1")
    assert revert_rubric(full.settings) and full.settings.rubrics == shipped
    edu.post("/studio-rubric/drop", data={"id": kept.id})
    assert own_examples(full.settings) == []
