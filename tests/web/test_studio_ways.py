"""Where the studio leads: back to what was written, to a session just begun, and to every edition."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from starlette.testclient import TestClient

from simulator.couple.lint import COUPLE
from simulator.session import Room
from tests.web.test_studio_pages import FILES, FIRST, HERE, app, edu, form, own

__all__ = ["app", "edu", "own"]


def test_a_session_that_is_begun_opens(edu: TestClient) -> None:
    begun = edu.post(f"{HERE}/scenario", data={"version": "0", "id": "the-letters"})
    where = urlsplit(begun.headers["location"])
    assert parse_qs(where.query)["file"] == ["scenarios/the-letters.yaml"]
    page = edu.get(begun.headers["location"])
    assert page.status_code == 200 and parse_qs(where.query)["done"][0] in page.text


def test_a_mistake_leads_back_to_where_it_was_made(edu: TestClient) -> None:
    here = f"http://localhost{HERE}"
    wrong = {"version": "9", "file": FIRST, "id": "x"}
    assert f'href="{HERE}"' in edu.post(f"{HERE}/rename", data=wrong, headers={"referer": f"{here}?done=Kept"}).text
    assert f'href="{HERE}"' in edu.post(f"{HERE}/rename", data=wrong).text  # without a word from the browser too
    there = f"{here}/edit?file=couple.yaml&part=facts"
    said = edu.post(f"{HERE}/edit", data={"file": "no", "saved": "0"}, headers={"referer": there}).text
    assert f'href="{HERE}/edit?file=couple.yaml&amp;part=facts"' in said
    # Neither another site, nor the answer to a form, is a page to go back to.
    for elsewhere in ("http://evil.example/x", "javascript:x", "//evil.example", f"{here}/publish"):
        said = edu.post(f"{HERE}/rename", data=wrong, headers={"referer": elsewhere}).text
        assert f'href="{HERE}"' in said and "evil" not in said
    assert 'href="/studio"' in edu.get("/studio/nobody-here").text


def test_a_couple_that_cannot_be_begun_is_said_at_its_form(edu: TestClient) -> None:
    said = edu.post("/studio/new", data={"first": "Gail O'Hara", "second": "Gail O'Hara", "id": "gail"})
    assert said.status_code == 409 and "different names" in said.text and 'value="Gail O&#39;Hara"' in said.text
    assert re.search(r'name="id"[^>]*title="[^"]+[a-z]"[^>]*value="gail"', said.text)
    made = edu.post("/studio/new", data={"first": "Gail", "second": "Peter", "id": ""})
    assert made.headers["location"].startswith("/studio/gail-and-peter")
    edu.post("/studio/new", data={"source": "gail-and-peter", "id": "once-more"})
    titles = re.findall(r'<a href="/studio/(?:gail-and-peter|once-more)">([^<]+)</a>', edu.get("/studio").text)
    assert len(set(titles)) == 2


def test_words_of_the_skeleton_are_published_only_on_purpose(own: Room, edu: TestClient) -> None:
    page = edu.get(HERE).text
    assert 'name="sure"' in page and "still the words of the skeleton" in page.lower()
    refused = edu.post(f"{HERE}/publish", data={"version": "0"})
    assert refused.status_code == 409 and own.store.manuscripts.get("ana-and-bo").state == "draft"
    assert edu.post(f"{HERE}/publish", data={"version": "0", "sure": "yes"}).status_code == 303


def test_every_edition_is_reached_and_says_what_it_changed(own: Room, edu: TestClient) -> None:
    for n in range(40):
        files = {**FILES, COUPLE: FILES[COUPLE].replace("age: 40", f"age: {41 + n}", 1)}
        own.store.manuscripts.save("ana-and-bo", "edu", n, files)
    page, seen = edu.get(HERE).text, []
    while True:
        seen += [int(n) for n in re.findall(r'aria-label="Bring back edition (\d+)"', page)]
        assert "age of Ana" in page
        older = re.search(r'href="([^"]+\?before=\d+)#editions"', page)
        if not older:
            break
        page = edu.get(older[1]).text
    assert seen == list(range(41, 0, -1))


def test_problems_and_findings_are_placed_in_words(edu: TestClient) -> None:
    edu.post(f"{HERE}/text", data=form(0, text=FILES[COUPLE].replace("age: 40", "age: forty", 1)))
    page = edu.get(HERE).text
    assert ">Ana, age</a>" in page and "partners." not in re.sub(r'href="[^"]*"', "", page)


def test_a_renamed_partner_and_session_are_followed_in_one_saving(own: Room, edu: TestClient) -> None:
    sent = form(0, part="partners.0", **{"partners.0.id": "anna", "partners.0.need": "To be told."})
    done = edu.post(f"{HERE}/edit", data=sent)
    there = own.store.manuscripts.get("ana-and-bo")
    assert there.version == 1 and "partner: ana\n" not in there.files[FIRST] and "anna" in there.files[FIRST]
    said = edu.get(done.headers["location"]).text
    assert "&#39;ana&#39; is called &#39;anna&#39; now" in said and "None: it can be played" in edu.get(HERE).text
    # A colleague who wrote into the session meanwhile keeps what they wrote.
    other = (
        FILES[FIRST].replace("minutes: 20", "minutes: 25").replace("ana", "anna").replace("anna-and-bo", "ana-and-bo")
    )
    edu.post(f"{HERE}/text", data=form(1, file=FIRST, text=other))
    late = form(1, part="partners.1", **{"partners.1.id": "boris"})
    assert edu.post(f"{HERE}/edit", data=late).status_code == 303
    files = own.store.manuscripts.get("ana-and-bo").files
    assert "minutes: 25" in files[FIRST] and "boris" in files[FIRST]
    moved = edu.post(f"{HERE}/edit", data=form(3, file=FIRST, id="the-letters"))
    assert parse_qs(urlsplit(moved.headers["location"]).query)["file"] == ["scenarios/the-letters.yaml"]
    assert edu.get(moved.headers["location"]).status_code == 200
    assert "None: it can be played" in edu.get(HERE).text


def test_a_fact_that_a_session_still_names_is_told_where_it_was_taken_out(edu: TestClient) -> None:
    done = edu.post(f"{HERE}/edit", data=form(0, part="facts", **{"facts.1-gone": "yes"}))
    page = edu.get(done.headers["location"]).text
    notice = page[page.index('role="status"') :][:400]
    assert "a-secret" in notice and "What the session is about" in notice
    elsewhere = page[page.index('aria-label="Problems elsewhere"') :]
    link = re.search(r'href="([^"]+)"', elsewhere)[1].replace("&amp;", "&")  # type: ignore[index]
    assert FIRST in parse_qs(urlsplit(link).query)["file"] and edu.get(link).status_code == 200


def test_pages_are_named_after_what_is_on_them(edu: TestClient) -> None:
    for path, words in (
        (f"{HERE}/edit?file={FIRST}&part=bids", "Planted moments, Session: What the session is about, Ana and Bo"),
        (f"{HERE}/edit", "The two of them, Ana and Bo"), (f"{HERE}/hear", "Ana and Bo"), (f"{HERE}/diff", "Ana and Bo"),
    ):  # fmt: skip
        page = edu.get(path).text
        assert words in page[page.index("<title>") : page.index("</title>")]
        assert f'<a href="{HERE}">Ana and Bo: where they stand</a>' in page
    assert "saved 0 times" not in edu.get(HERE).text


def test_a_file_is_open_where_it_is_asked_for_or_cannot_be_a_form(own: Room, edu: TestClient) -> None:
    folded = '<details id="as-file" class="as-file" >'
    assert folded in edu.get(f"{HERE}/edit").text and folded not in edu.get(f"{HERE}/edit?view=file").text
    saved = edu.post(f"{HERE}/text", data=form(0, text=FILES[COUPLE].replace("age: 40", "age: 41")))
    assert folded not in edu.get(saved.headers["location"]).text
    edu.post(f"{HERE}/text", data=form(1, text="a: ["))
    assert folded not in edu.get(f"{HERE}/edit").text


def test_deleting_asks_a_second_time(own: Room, edu: TestClient) -> None:
    asked = edu.post(f"{HERE}/delete")
    assert own.store.manuscripts.get("ana-and-bo") and "Ana and Bo: where they stand" in asked.text
    assert re.search(r'name="sure" value="yes"', asked.text) and f'href="{HERE}"' in asked.text
    edu.post(f"{HERE}/delete", data={"sure": "yes"})
    assert not any(m.id == "ana-and-bo" for m in own.store.manuscripts.all())


def test_copies_and_imports_can_be_told_apart(edu: TestClient) -> None:
    for key in ("one", "two"):
        edu.post("/studio/new", data={"source": "ana-and-bo", "id": key})
    edu.post("/studio/new", data={"source": "one", "id": "three"})
    packed = edu.get(f"{HERE}/export").content
    done = edu.post("/studio/import", data={"id": "four"}, files={"file": ("a.zip", packed)})
    assert "already" in done.headers["location"]
    page = edu.get("/studio").text
    titles = re.findall(r'<a href="/studio/(?:ana-and-bo|one|two|three|four)">([^<]+)</a>', page)
    assert len(titles) == 5 == len(set(titles))


def test_the_help_page_has_everything_that_is_linked(edu: TestClient) -> None:
    page = edu.get("/studio-help").text
    ids = set(re.findall(r' id="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= ids
    for part in ("", "partners.0", "partners.0.lines", "history", "facts"):
        shown = edu.get(f"{HERE}/edit?part={part}").text
        led = re.findall(r'href="/studio-help#([^"]+)"', shown)
        assert led and set(led) <= ids
    assert (
        all(f'id="technique-{n}"' in page for n in range(1, 21)) and "href" not in page[page.index('id="the-studio"') :]
    )
