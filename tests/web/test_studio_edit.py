"""The edit page of a couple: where a saving leads, what is marked there, and that a refused form is still there to be mended."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from httpx import Response
from starlette.testclient import TestClient

from simulator.couple.lint import COUPLE
from simulator.session import Room
from simulator.studio.manuscript import load
from tests.web.sending import boxes
from tests.web.test_studio_pages import FILES, FIRST, HERE, app, edu, form, own

__all__ = ["app", "edu", "own"]
LINES = "partners.0.lines"


def shown(edu: TestClient, part: str, file: str = COUPLE) -> str:
    return edu.get(f"{HERE}/edit", params={"file": file, "part": part}).text


def send(edu: TestClient, page: str, **more: str) -> Response:
    """Send the form of a page, with these boxes filled (a plain path stands for the box of that name)."""
    return edu.post(f"{HERE}/edit", data={**boxes(page), **{k.replace("__", "."): v for k, v in more.items()}})


def named(page: str, path: str) -> str:
    """Return the name of the box, or of the button, that has this path."""
    pattern = r"(?:~[0-9a-f]{8})?\.".join(map(re.escape, path.split(".")))
    return re.search(rf'name="({pattern}(?:~[0-9a-f]{{8}})?)"', page)[1]  # type: ignore[index]


def files(own: Room) -> dict[str, str]:
    return own.store.manuscripts.get("ana-and-bo").files


def lines(own: Room) -> list[str]:
    return [x["say"] for x in load(files(own)[COUPLE])["partners"][0]["lines"]]


def test_after_a_line_the_next_one_is_ready(own: Room, edu: TestClient) -> None:
    page = shown(edu, LINES)
    sent = {"move": "soften", "mood": "open", "say": "I kept the ticket."}
    done = edu.post(
        f"{HERE}/edit", data={**boxes(page), **{named(page, f"{LINES}.new.{k}"): v for k, v in sent.items()}}
    )
    assert done.status_code == 303 and urlsplit(done.headers["location"]).fragment == f"{LINES}.new.say"
    page = edu.get(done.headers["location"]).text
    assert f'id="{LINES}.new.say"' in page and re.search(rf'<details id="{LINES}.1" class="item kept" open>', page)
    for key in ("move", "mood"):
        assert boxes(page)[named(page, f"{LINES}.new.{key}")] == [sent[key]]
    assert boxes(page)[named(page, f"{LINES}.new.say")] == [""]
    # Nothing but what was chosen: it is said that the words are missing, and the choice stays.
    bare = edu.post(f"{HERE}/edit", data={**boxes(page), named(page, f"{LINES}.new.move"): "withdraw"})
    assert bare.status_code == 409 and lines(own) == ["Long.", "I kept the ticket."]
    assert boxes(bare.text)[named(bare.text, f"{LINES}.new.move")] == ["withdraw"]
    assert f'data-focus="{LINES}.new.say"' in bare.text
    # With something else changed, what the last line left chosen is nothing to complain about.
    other = edu.post(f"{HERE}/edit", data={**boxes(page), named(page, f"{LINES}.0.say"): "Short."})
    assert other.status_code == 303 and lines(own) == ["Short.", "I kept the ticket."]
    assert urlsplit(other.headers["location"]).fragment == f"{LINES}.0.say"


def test_many_lines_are_added_in_one_saving(own: Room, edu: TestClient) -> None:
    page = shown(edu, LINES)
    sent = {"move": "soften", "mood": "open", "say": "One: yes.\r\n\r\nLong.\r\nTwo."}
    data = {**boxes(page), **{named(page, f"{LINES}.several.{k}"): v for k, v in sent.items()}}
    done = edu.post(f"{HERE}/edit", data=data)
    assert done.status_code == 303 and lines(own) == ["Long.", "One: yes.", "Two."]
    said = parse_qs(urlsplit(done.headers["location"]).query)["done"][0]
    assert "“Long.”" in said
    page = edu.get(done.headers["location"]).text
    assert said in page and page.count('class="item kept"') == 2
    # Refused, everything is still in its box.
    wrong = {
        **boxes(page),
        named(page, f"{LINES}.several.say"): "w" * 401,
        named(page, f"{LINES}.0.after"): "Why?",
    }
    refused = edu.post(f"{HERE}/edit", data=wrong)
    assert refused.status_code == 409 and "401" not in str(lines(own))
    again = boxes(refused.text)
    assert again[named(refused.text, f"{LINES}.several.say")] == ["w" * 401]
    assert again[named(refused.text, f"{LINES}.0.after")] == ["Why?"] and 'class="wrong"' in refused.text


def test_what_is_too_long_is_told_at_its_box_and_still_there(own: Room, edu: TestClient) -> None:
    page = shown(edu, "")
    refused = send(edu, page, notes="n" * 20_001, title="Another title")
    assert refused.status_code == 409 and files(own) == FILES
    assert boxes(refused.text)["notes"] == ["n" * 20_001] and boxes(refused.text)["title"] == ["Another title"]
    assert 'data-focus="notes"' in refused.text and "20,000" in refused.text
    assert edu.post(f"{HERE}/edit", data={**boxes(refused.text), "notes": "Short."}).status_code == 303
    assert "title: Another title" in files(own)[COUPLE] or 'title: "Another title"' in files(own)[COUPLE]


def test_a_form_for_another_state_of_a_list_takes_out_nothing_else(own: Room, edu: TestClient) -> None:
    """A browser's old ticks in a new page: they name the items that they were made for."""
    old = shown(edu, "facts")
    tick, other = f"{named(old, 'facts.0.id').removesuffix('.id')}-gone", named(old, "facts.1.text")
    assert edu.post(f"{HERE}/edit", data={**boxes(old), tick: "yes"}).status_code == 303
    new = shown(edu, "facts")
    moved = edu.post(f"{HERE}/edit", data={**boxes(new), other: "Something else that only Ana knows."})
    assert moved.status_code == 303
    (fact,) = load(files(own)[COUPLE])["facts"]
    assert (fact["id"], fact["text"]) == ("a-secret", "Something else that only Ana knows.")
    kept = files(own)
    refused = edu.post(
        f"{HERE}/edit", data={**boxes(shown(edu, "facts")), tick: "yes", named(old, "facts.0.text"): "<b>Mine"}
    )
    assert refused.status_code == 409 and files(own) == kept and "&lt;b&gt;Mine" in refused.text


def test_items_are_moved_and_sorted_by_buttons(own: Room, edu: TestClient) -> None:
    page = shown(edu, "history")
    down = next(x for x in re.findall(r'<button name="([^"]+-to)" id="history.0-down" value="2"', page))
    done = edu.post(f"{HERE}/edit", data={**boxes(page), down: "2"})
    assert urlsplit(done.headers["location"]).fragment == "history.1-down"
    page = edu.get(done.headers["location"]).text
    assert re.search(r'<details id="history.1" class="item kept" open>', page)
    assert [x["date"] for x in load(files(own)[COUPLE])["history"]] == ["2026-01", "2015"]
    sort = re.search(r'<button name="([^"]+-sort)"', page)[1]  # type: ignore[index]
    assert edu.post(f"{HERE}/edit", data={**boxes(page), sort: "yes"}).status_code == 303
    assert files(own) == FILES


def test_a_form_whose_base_others_have_changed_leads_to_its_item_all_the_same(own: Room, edu: TestClient) -> None:
    page = shown(edu, "facts")
    text = FILES[COUPLE].replace('  - {date: "2015", event: "They met."}\n', "")
    first = "  - id: what-both-know\n    text: Something that both of them know.\n    known_by: [ana, bo]\n"
    edu.post(f"{HERE}/text", data=form(0, text=text.replace(first, first.replace("what-both", "first") + first)))
    done = edu.post(f"{HERE}/edit", data={**boxes(page), named(page, "facts.1.disclosure"): "In other words."})
    assert done.status_code == 303 and urlsplit(done.headers["location"]).fragment == "facts.2.disclosure"
    assert parse_qs(urlsplit(done.headers["location"]).query)["changed"] == ["facts.2.disclosure"]


def test_an_item_with_a_problem_is_open_without_a_link_to_it(own: Room, edu: TestClient) -> None:
    edu.post(f"{HERE}/text", data=form(0, text=FILES[COUPLE].replace('"2026-01"', '"March 2026"')))
    page = shown(edu, "history")
    assert re.search(r'<details id="history.1" class="item" open><summary[^>]*>[^<]*<span class="flag">1 problem', page)
    assert re.search(r'<details id="history.0" class="item" >', page)


def test_a_bid_without_a_group_says_so_at_the_group(own: Room, edu: TestClient) -> None:
    bad = '    bad: {codes: [side_with, judge_partner], reads: "You take a side."}\n'
    edu.post(f"{HERE}/text", data=form(0, file=FIRST, text=FILES[FIRST].replace(bad, "")))
    page = shown(edu, "bids", FIRST)
    assert re.search(r'<fieldset id="bids.0.bad"><legend>.*?</legend>\s*<span class="wrong">', page)


def test_no_address_breaks_the_page(edu: TestClient) -> None:
    for query in ("added=x&added=facts.0:99&changed=", "added=facts.0:9999999&at=facts.0", "changed=" + "a." * 150, "at=..&added=:"):  # fmt: skip
        assert edu.get(f"{HERE}/edit?part=facts&{query}").status_code == 200
