"""What supervisors and trainees see of each other's words, and when; without a browser."""

from __future__ import annotations

import json

from simulator.couple.techniques import TECHNIQUES
from simulator.people import LOCAL, sign_in, who_is
from simulator.session import Room
from simulator.store import ReviewRecord
from simulator.web.theme import links
from tests.web.people import PASSWORD, client, played


def scored(room: Room, session: str) -> list[tuple[int, str]]:
    return [
        (t.index, k) for t in room.store.turns(session) if t.score
        for k, s in t.score["skills"].items() if s["status"] == "scored"
    ]  # fmt: skip


def my(room: Room, session: str, author: str = "sue") -> ReviewRecord:
    return next(v for v in room.store.reviews.of([session]) if v.author == author)


def levels(room: Room, session: str, level: str = "2") -> dict[str, str]:
    found: dict[str, str] = {}
    for turn, skill in scored(room, session):
        at = f"{turn}.{skill}"
        found |= {f"verdict.{at}": "override", f"level.{at}": level, f"reason.{at}": f"because {level}"}
    return found


def test_blind_means_every_page_and_file_until_ones_own_levels_are_in(full: Room) -> None:
    session, sue = played(full, full.store.people.named("anna").id), client(full, "sue")
    where = f"/sessions/{session}"
    assert 'class="scores"' in sue.get(where).text
    sue.post(f"{where}/review", data={"blind": "yes"})
    for path in (where, f"{where}/review"):
        page = sue.get(path).text
        assert 'class="scores"' not in page and "How both were after it" not in page, path
    for key in ("jsonl", "csv", "html", "markdown"):
        assert sue.get(f"{where}/export?format={key}").status_code == 409, key
    assert 'class="scores"' in client(full, "anna").get(where).text
    assert sue.post(f"{where}/judge", data={"version": "0", **levels(full, session)}).status_code == 303
    for path in (where, f"{where}/review"):
        assert 'class="scores"' in sue.get(path).text, path
    assert "How both were after it" in sue.get(f"{where}/review").text
    assert sue.get(f"{where}/export?format=jsonl").status_code == 200


def test_a_session_that_chance_drew_is_judged_blind_or_not_at_all(full: Room) -> None:
    full.settings.calibration_share = 1.0
    session, sue = played(full, full.store.people.named("anna").id), client(full, "sue")
    where = f"/sessions/{session}"
    assert "Begin the review" not in sue.get(f"{where}/review").text and 'class="scores"' not in sue.get(where).text
    assert sue.post(f"{where}/review", data={"blind": "no"}).status_code == 409
    assert sue.post(f"{where}/review", data={"blind": "yes"}).status_code == 303 and my(full, session).blind
    assert 'class="scores"' in client(full, "anna").get(where).text


def test_what_another_supervisor_said_shows_after_ones_own_signature(full: Room) -> None:
    full.store.people.join("tim", "monday")
    session = played(full, full.store.people.named("anna").id)
    where, sue, tim = f"/sessions/{session}", client(full, "sue"), client(full, "tim")
    for who, level, words in ((sue, "1", "Sue was here"), (tim, "5", "Tim was here")):
        who.post(f"{where}/review", data={"blind": "no"})
        said = {"version": "0", "comment.1": words, "summary": f"{words} too", **levels(full, session, level)}
        assert who.post(f"{where}/judge", data=said).status_code == 303
    sue.post(f"{where}/judge", data={"version": "1", "sign": "yes"})
    exports = [f"{where}/export?format={key}" for key in ("jsonl", "csv", "html", "markdown")]
    for path in (where, f"{where}/review", "/agreement", *exports):
        page = tim.get(path).text
        assert "Sue was here" not in page and "because 1" not in page, path
    reviews = json.loads(tim.get(exports[0]).text)["reviews"]
    assert [v["author"] for v in reviews] == ["tim"]
    assert "Tim was here" not in client(full, "anna").get(exports[0]).text.split('"reviews"')[1]
    tim.post(f"{where}/judge", data={"version": "1", "sign": "yes"})
    for path in (where, exports[0], exports[2]):
        page = tim.get(path).text
        assert "Sue was here" in page and "because 1" in page, path


def test_one_save_keeps_everything_and_a_stale_page_loses_no_word(full: Room) -> None:
    session, sue = played(full, full.store.people.named("anna").id), client(full, "sue")
    where = f"/sessions/{session}"
    sue.post(f"{where}/review", data={"blind": "no"})
    said = {
        "version": "0", "comment.1": "On a line", "comment.2": "On a reply", "summary": "Slower.", **levels(full, session)
    }  # fmt: skip
    assert sue.post(f"{where}/judge", data=said).status_code == 303
    review = my(full, session)
    assert set(review.holding()) == set(scored(full, session)) and review.summary == "Slower."
    assert {n.text for n in full.store.reviews.notes(session)} == {"On a line", "On a reply"}
    turn, skill = scored(full, session)[0]
    at = f"{turn}.{skill}"
    late = {
        "version": "0", "comment.2": "From <i>another</i> tab", "summary": "Listen.", f"verdict.{at}": "override",
        f"level.{at}": "5", f"reason.{at}": "No, more than that",
    }  # fmt: skip
    answer = sue.post(f"{where}/judge", data=late)
    assert answer.status_code == 409 and "another tab" in answer.text
    for words in ("From &lt;i&gt;another&lt;/i&gt; tab", "No, more than that", "Listen.", "Slower.", "because 2"):
        assert words in answer.text, words
    assert my(full, session) == review
    assert f'name="version" value="{review.version}"' in answer.text  # so that saving again is possible
    missing = sue.post(f"{where}/judge", data={**late, "version": "1", f"level.{at}": ""})
    assert missing.status_code == 409 and "No, more than that" in missing.text
    sue.post(f"{where}/judge", data={"version": "1", "sign": "yes"})
    signed = sue.post(f"{where}/judge", data=late)
    assert signed.status_code == 409 and "was not kept" in signed.text and "No, more than that" in signed.text


def test_the_queue_holds_what_waits_for_me_by_group_with_its_questions(full: Room) -> None:
    full.store.people.join("tim", "monday")
    anna, ben = (full.store.people.named(n).id for n in ("anna", "ben"))
    hers, his = played(full, anna), played(full, ben)
    sue, tim = client(full, "sue"), client(full, "tim")
    client(full, "anna").post(f"/sessions/{hers}/note", data={"turn": "1", "kind": "question", "text": "And here?"})
    page = tim.get("/reviews").text
    assert hers in page and his in page and '<span class="flag">question</span>' in page
    for group, there, away in (("monday", hers, his), ("friday", his, hers)):
        page = tim.get(f"/reviews?group={group}").text
        assert there in page and away not in page, group
        names = tim.get(f"/cohort?group={group}").text
        assert (">anna</a>" in names, ">ben</a>" in names) == (group == "monday", group == "friday")
    sue.post(f"/sessions/{hers}/review", data={"blind": "no"})
    sue.post(f"/sessions/{hers}/judge", data={"version": "0", "sign": "yes"})
    assert hers not in sue.get("/reviews").text and hers in sue.get("/reviews?show=signed").text
    page = tim.get("/reviews").text
    assert hers in page and "signed off by sue" in page and hers not in tim.get("/reviews?show=signed").text
    assert "And here?" in client(full, "anna").get(f"/sessions/{hers}").text


def test_a_drill_is_found_again_and_counts_nowhere_else(full: Room) -> None:
    anna, owner = client(full, "anna"), full.store.people.named("anna").id
    played(full, owner)
    where = anna.post("/drill", data={"moment": "renu-and-martin/the-missed-call/is-it-a-lot"}).headers["location"]
    anna.post(f"{where}/try", data={"reply": "Martin, what would a number do for you?"})
    found = anna.get("/work?state=drills").text
    assert found.count(f'href="{where}"') == 1 and "1 session" in found
    assert where in anna.get("/drill").text and where.split("/")[-1] not in anna.get("/work").text
    cells = client(full, "sue").get("/cohort").text.split("anna</a>")[1].split("</tr>")[0]
    assert "<td>1</td><td>1</td>" in cells  # sessions, submitted


def test_the_cohort_tells_which_couples_and_counts_techniques_of_all_submitted_sessions(full: Room) -> None:
    owner = full.store.people.named("anna").id
    sue = client(full, "sue")
    first = played(full, owner)
    techniques = full.played(full.store.session(first))[1].techniques
    for _ in range(11):  # more than the latest that levels are counted from
        other = full.begin("ines-and-rob", "the-keys", seed=1, owner=owner)
        full.store.submit(other.record.id, consent=True)
    played(full, owner)
    page = sue.get("/cohort").text
    title = full.played(full.store.session(first))[1].title
    assert f"{title} 2" in page and "2 couples" in page
    unmet = page.split("Techniques nobody has met")[1]
    assert techniques and not any(f"<li>{TECHNIQUES[t][0]} " in unmet for t in techniques)
    assert "<svg" in page and "by month" in page


def test_the_links_at_the_top_are_those_that_open(full: Room) -> None:
    for name in ("anna", "sue", "edu", "ada"):
        who = who_is(full.store, sign_in(full.store, name, PASSWORD))
        shown, browser = links(who), client(full, name)
        for path in ("/work", "/drill", "/reviews", "/cohort", "/agreement", "/studio", "/people", "/account"):
            opens = browser.get(path).status_code == 200
            assert (f'href="{path}"' in shown) == opens, (name, path)
            assert (f'href="{path}"' in browser.get("/work").text) == opens, (name, path)
        assert "Sign out" in shown
    assert "Sign out" not in links(LOCAL) and 'href="/people"' in links(LOCAL)
