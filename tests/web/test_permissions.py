"""Every endpoint, walked as nobody, as the owner, another trainee, the right and the wrong supervisor, an administrator."""

from __future__ import annotations

from typing import Any

import pytest
from gradio.routes import App
from sqlalchemy import update
from starlette.testclient import TestClient

from simulator.rubric.lint import lint
from simulator.session import Room
from simulator.store import Found
from simulator.store.tables import PracticeSession
from simulator.studio import own_rubric
from simulator.studio.examples import own_examples
from simulator.studio.skeleton import skeleton
from simulator.web.endpoints import ENDPOINTS, routes_of
from simulator.web.server import make_app
from tests.web.people import PASSWORD, app_of, client, played

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
    ("/work/export", "GET"): SIGNED_IN,
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
    ("/sessions/{session_id}/reopen", "POST"): ["sue"],
    ("/studio", "GET"): ["edu", "ada"],
    ("/studio/new", "POST"): ["edu", "ada"],
    ("/studio/import", "POST"): ["edu", "ada"],
    ("/studio/{couple_id}", "GET"): ["edu", "ada"],
    ("/studio/{couple_id}/edit", "GET"): ["edu", "ada"],
    ("/studio/{couple_id}/edit", "POST"): ["edu", "ada"],
    ("/studio/{couple_id}/text", "POST"): ["edu", "ada"],
    ("/studio/{couple_id}/scenario", "POST"): ["edu", "ada"],
    ("/studio/{couple_id}/bring", "POST"): ["edu", "ada"],
    ("/studio/{couple_id}/rename", "POST"): ["edu", "ada"],
    ("/studio/{couple_id}/remove", "POST"): ["edu", "ada"],
    ("/studio/{couple_id}/doubt", "POST"): ["edu", "ada"],
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
    ("/studio-help", "GET"): ["edu", "ada"],
    ("/studio-rubric", "GET"): ["edu", "ada"],
    ("/studio-rubric/edit", "GET"): ["edu", "ada"],
    ("/studio-rubric/edit", "POST"): ["edu", "ada"],
    ("/studio-rubric/diff", "GET"): ["edu", "ada"],
    ("/studio-rubric/restore", "POST"): ["edu", "ada"],
    ("/studio-rubric/drop", "POST"): ["edu", "ada"],
    ("/studio-rubric/train", "POST"): ["edu", "ada"],
    ("/studio-rubric/stop", "POST"): ["edu", "ada"],
    ("/studio-rubric/adopt", "POST"): ["edu", "ada"],
    ("/studio-rubric/test", "POST"): ["edu", "ada"],
    ("/studio-rubric/revert", "POST"): ["edu", "ada"],
    ("/people", "GET"): ["ada"],
    ("/people/add", "POST"): ["ada"],
    ("/people/change", "POST"): ["ada"],
    ("/people/delete", "POST"): ["ada"],
}
REFUSED = (401, 404)  # and 303, to the sign-in page alone
# What the forms of the walk hold, so that those who may get through; the studio's own forms have tests of their own.
FORM = {
    "turn": "2", "version": "0", "text": "x", "consent": "yes", "blind": "no", "summary": "x", "name": "ben", "id": "x",
}  # fmt: skip
FORMS: dict[str, dict[str, str]] = {
    "/sign-in": {"name": "anna", "password": PASSWORD},
    "/drill": {"moment": "renu-and-martin/the-missed-call/is-it-a-lot"},
    "/drill/{session_id}/try": {"reply": "Martin, what would a number do for you?"},
    "/import": {"therapist": "Therapist"},
    "/people/add": {"name": "zoe", "role": "trainee", "password": PASSWORD},
    "/people/delete": {"name": "ben", "sure": "no"},
    "/people/change": {"name": "ben", "role": "trainee", "groups": "friday"},
    "/sessions/{session_id}/example": {
        "codes.0": "validate", "level.empathic_listening": "4", "level.avoiding_triangulation": "3", "reason": "It fits.",
    },
}  # fmt: skip
BROUGHT = b"Ana: You never told me.\nTherapist: What was it like to find out?\nBo: I was ashamed.\n"
# Gradio's handlers that answer without a session of one's own, each read for what it gives away: the brief and its
# warmth are the same for everybody; the others ask who it is themselves.
OPEN_HANDLERS = {
    "BriefPage.wire.<locals>.open_brief", "BriefPage.wire.<locals>.on_tick", "DebriefPage.wire.<locals>.on_back",
    "Frame.link", "Frame.remember.<locals>.<lambda>", "PractisePage._entries.<locals>.on_begin",
    "PractisePage._entries.<locals>.on_load", "PractisePage._entries.<locals>.on_open",
    "PractisePage._talk.<locals>.<lambda>",
}  # fmt: skip


def copied(room: Room, session: str, *, submit: bool) -> str:
    """A session of its own with the turns and scores of another: quicker than playing it again."""
    record = room.store.session(session)
    copy = room.store.branch(session, record.length, record.progress).id
    with room.store.engine.begin() as db:
        db.execute(update(PracticeSession).where(PracticeSession.id == copy).values(parent_id=None, parent_length=0))
    if submit:
        room.store.submit(copy, consent=True)
    return copy


def everything(room: Room) -> Any:
    """All that somebody could have changed."""
    sessions = room.store.sessions(limit=10_000)
    notes = [room.store.reviews.notes(s.id) for s in sessions]
    return sessions, room.store.reviews.every(), notes, room.store.people.all(), room.store.manuscripts.all()


def test_every_endpoint_is_listed_and_nothing_else_answers(full: Room) -> None:
    app = make_app(full)
    made = {e for e in routes_of(app.routes) if e[0] != "/"}
    assert set(ENDPOINTS) | {("/health", "GET")} == set(TABLE) == made


def test_every_handler_of_the_practice_pages_asks_who_it_is(full: Room) -> None:
    app = make_app(full)
    (pages,) = [r.app.get_blocks() for r in app.routes if isinstance(getattr(r, "app", None), App)]
    names = {f.fn.__qualname__ for f in pages.fns.values() if f.fn is not None}
    owned = {n for n in names if n.startswith("Frame.own.<locals>.")}
    assert owned and names - owned == OPEN_HANDLERS
    assert all(f.api_visibility == "private" for f in pages.fns.values())


@pytest.mark.parametrize("who", PEOPLE)
def test_nobody_reads_or_writes_what_is_not_theirs(full: Room, who: str) -> None:
    owner = full.store.people.named("anna").id
    model, drilled = played(full, owner, submit=False), full.begin(
        "renu-and-martin", "the-missed-call", seed=3, owner=owner, drill="is-it-a-lot"
    )  # fmt: skip
    list(drilled.answers())
    cookies = client(full, who).cookies
    for (path, method), allowed in TABLE.items():
        if path in ("/sign-out-everywhere", "/account/delete", "/account/password") and who != "nobody":
            continue  # each has a test of its own; here they would end the walk
        for submitted in (True, False) if "{session_id}" in path else (True,):
            session = copied(full, drilled.record.id if path.startswith("/drill/") else model, submit=submitted)
            other = full.store.branch(session, 2, full.store.session(session).progress).id
            if path.endswith(("judge", "reopen", "unlikely", "example")):
                full.store.reviews.begin(session, full.store.people.named("sue").id, "sue", blind=False)
            if "{couple_id}" in path:
                for m in full.store.manuscripts.all():
                    full.store.manuscripts.delete(m.id)
                full.store.manuscripts.create("ana-and-bo", "edu", skeleton("ana-and-bo", ("Ana", "Bo"), ""))
            where = path.replace("{session_id}", session).replace("{other_id}", other)
            caller = TestClient(app_of(full), follow_redirects=False, cookies=cookies)
            before, log = everything(full), len(full.store.people.audit(limit=10_000))
            answer = caller.request(
                method, where.replace("{couple_id}", "ana-and-bo"),
                data={**FORM, **FORMS.get(path, {})} if method == "POST" else None,
                files={"file": ("said.txt", BROUGHT)} if path == "/import" and method == "POST" else None,
            )  # fmt: skip
            if who in allowed and (submitted or who == "anna"):
                fine = (200, 303, 409) if path.startswith("/studio") else (200, 303)
                assert answer.status_code in fine, (who, method, path, answer.status_code, answer.text[-600:])
                if path in ("/sign-out", "/sign-in"):
                    cookies = client(full, who).cookies
                if (path, method) == ("/people/add", "POST"):
                    full.store.people.remove("zoe")
                continue
            to_sign_in = answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")
            assert answer.status_code in REFUSED or to_sign_in, (who, method, path, answer.status_code)
            assert "Renu" not in answer.text and "frightening" not in answer.text, (who, method, path)
            assert everything(full) == before, (who, path)
            extra = full.store.people.audit(limit=10_000)[: -log or None]
            assert all(action.startswith("sign-in") for _, _, action, _ in extra), (who, path, extra)
            full.store.delete_session(other)
            full.store.delete_session(session)


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
    at = f"{turn.index}.{skill}"
    data = {"version": "0", f"verdict.{at}": "agree"}
    assert sue.post(f"/sessions/{session}/judge", data=data).status_code == 409  # nothing to agree with yet
    sue.post(f"/sessions/{session}/judge", data={**data, f"verdict.{at}": "override", f"level.{at}": "2"})
    assert "engine:" in sue.get(f"/sessions/{session}/review").text


def test_an_override_is_added_and_the_engines_score_stays(full: Room) -> None:
    session, sue = played(full, full.store.people.named("anna").id), client(full, "sue")
    sue.post(f"/sessions/{session}/review", data={"blind": "no"})
    turn = next(t for t in full.store.turns(session) if t.score)
    skill = next(k for k, s in turn.score["skills"].items() if s["status"] == "scored")  # type: ignore[index]
    path, at = f"/sessions/{session}/judge", f"{turn.index}.{skill}"
    data = {f"verdict.{at}": "override", f"level.{at}": "1"}
    assert sue.post(path, data={**data, "version": "0"}).status_code == 409  # no reason
    assert (
        sue.post(path, data={**data, "version": "0", f"reason.{at}": "it names no <b>feeling</b>"}).status_code == 303
    )
    # A page that was read before that judgement is stale; nothing is overwritten.
    assert sue.post(path, data={**data, "version": "0", f"reason.{at}": "again"}).status_code == 409
    sue.post(path, data={**data, "version": "1", f"level.{at}": "3", f"reason.{at}": "second look"})
    (review,) = full.store.reviews.of([session])
    assert [j.level for j in review.judgements] == [1, 3] and review.holding()[turn.index, skill].level == 3
    assert full.store.turns(session)[turn.index].score == turn.score
    sue.post(path, data={"version": "2", "summary": "Stay longer.", "sign": "yes"})
    assert sue.post(path, data={**data, "version": "3", f"reason.{at}": "late"}).status_code == 409  # signed off
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
    where, said = f"/sessions/{session}", {"version": "0", "comment.2": "This lands.", "comment.1": "He looks away."}
    assert sue.post(f"{where}/judge", data={**said, "quote.2": "words nobody said"}).status_code == 409
    assert sue.post(f"{where}/judge", data={**said, "quote.2": "that wait sounds  frightening"}).status_code == 303
    line = full.store.turns(session)[1]
    assert sue.post(f"{where}/unlikely", data={"turn": "1", "text": "He would <i>never</i>."}).status_code == 303
    seen = client(full, "anna").get(where).text
    assert "<q>that wait sounds frightening</q>" in seen and "He looks away." in seen
    (doubt,) = full.store.reviews.doubts("renu-and-martin")
    found, note = doubt.session_id, doubt.note
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
    form = {"file": "couple.yaml", "part": "partners.0", "saved": "0", "partners.0.need": "<script>x</script>"}
    assert edu.post("/studio/ana-and-bo/edit", data=form).status_code == 303
    assert "<script>x" not in edu.get("/studio/ana-and-bo/edit?part=partners.0").text
    # Somebody who opened it before sees both versions, and loses nothing.
    late = edu.post("/studio/ana-and-bo/edit", data={**form, "partners.0.need": "mine, later"})
    assert late.status_code == 409 and "mine, later" in late.text and "Somebody saved this first" in late.text
    assert edu.post("/studio/ana-and-bo/publish", data={"version": "1", "sure": "yes"}).status_code == 303
    assert "ana-and-bo" in full.library.couples and anna.get("/studio").status_code == 404
    assert edu.post("/studio/ana-and-bo/delete").status_code == 409  # it is published
    text = full.store.manuscripts.get("ana-and-bo").files["couple.yaml"].replace("format: 1", "format: 7")
    edu.post("/studio/ana-and-bo/text", data={"file": "couple.yaml", "saved": "2", "text": text})
    line = text.splitlines().index("format: 7") + 1
    assert f"couple.yaml, line {line}</span>" in edu.get("/studio/ana-and-bo").text
    assert edu.post("/studio/ana-and-bo/publish", data={"version": "3", "sure": "yes"}).status_code == 409
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
    assert lint(own_rubric.draft(full.settings))["problems"] == lint(full.engine.rubric)["problems"]
    edu.post("/studio-rubric/drop", data={"id": kept.id})
    assert own_examples(full.settings) == []
