"""The studio in a real browser: what is unsaved comes back, the file behind the form, the help beside it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Dialog, Page, Route, expect

from simulator.couple.lint import COUPLE
from simulator.session import Room
from simulator.studio.manuscript import load
from tests.web import driving
from tests.web.people import served
from tests.web.test_studio_pages import FILES, FIRST, HERE, own

__all__ = ["own"]
pytestmark = pytest.mark.browser
ASKED = "Written here and not saved"


@pytest.fixture(scope="module")
def site(own: Room) -> Iterator[str]:
    with served(own) as address:
        yield address


@pytest.fixture
def page(browser: Browser, own: Room, site: str) -> Iterator[Page]:
    for m in own.store.manuscripts.all():
        own.store.manuscripts.delete(m.id)
    own.store.manuscripts.create("ana-and-bo", "edu", FILES)
    made = browser.new_page(viewport=driving.DESK, base_url=site)  # type: ignore[arg-type]
    made.set_default_timeout(driving.PATIENCE)
    made.on("dialog", Dialog.accept)
    yield made
    made.close()


def kept(room: Room, name: str = COUPLE) -> str:
    return room.store.manuscripts.get("ana-and-bo").files[name]


def leave(page: Page) -> None:
    """Leave a page as somebody does who says that its words may be lost."""
    page.goto("/studio-help")


def test_what_was_not_saved_comes_back_and_is_forgotten_once_it_is(own: Room, page: Page) -> None:
    there = f"{HERE}/edit?part=facts"
    page.goto(there)
    page.locator("[id='facts.1.text'] textarea").evaluate("e => { e.closest('details').open = true; }")
    page.locator("[id='facts.1.text'] textarea").fill("Only Ana has the letter.")
    page.locator("[id='facts.1.suspected_by'] [value=bo]").uncheck()
    leave(page)
    page.goto(there)
    expect(page.get_by_text(ASKED)).to_be_visible()
    # Offered twice, it is still one offer, with what was written in the meantime.
    page.locator("[id='facts.0.text'] textarea").evaluate("e => { e.closest('details').open = true; }")
    page.locator("[id='facts.0.text'] textarea").fill("Both know.")
    leave(page)
    page.goto(there)
    expect(page.locator(".draft")).to_have_count(1)
    page.get_by_role("button", name="Put it back").click()
    expect(page.locator("[id='facts.0.text'] textarea")).to_have_value("Both know.")
    expect(page.locator("[id='facts.1.text'] textarea")).to_have_value("Only Ana has the letter.")
    expect(page.locator("[id='facts.1.suspected_by'] [value=bo]")).not_to_be_checked()
    # Put back and left again, it is still there.
    leave(page)
    page.goto(there)
    page.get_by_role("button", name="Put it back").click()
    page.get_by_role("button", name="Save the form").click()
    expect(page.get_by_text("Kept.").first).to_be_visible()
    fact = load(kept(own))["facts"][1]
    assert fact["text"] == "Only Ana has the letter." and "suspected_by" not in fact
    page.goto(there)
    expect(page.get_by_text(ASKED)).to_have_count(0)


def test_what_is_added_is_not_offered_again_after_it_was_saved(own: Room, page: Page) -> None:
    there = f"{HERE}/edit?part=history"
    page.goto(there)
    page.locator("[id='history.new.event'] textarea").first.fill("The letter came.")
    page.get_by_role("button", name="Save the form").click()
    expect(page.get_by_text("Kept.").first).to_be_visible()
    expect(page.get_by_text(ASKED)).to_have_count(0)
    page.goto(there)
    expect(page.get_by_text(ASKED)).to_have_count(0)
    # Let go, it is gone.
    page.locator("[id='history.new.event'] textarea").first.fill("Another one.")
    leave(page)
    page.goto(there)
    page.get_by_role("button", name="Let it go").click()
    page.goto(there)
    expect(page.get_by_text(ASKED)).to_have_count(0)
    assert kept(own).count("event:") == 3


def test_what_a_colleague_was_quicker_with_is_not_taken_for_saved(own: Room, page: Page) -> None:
    page.goto(f"{HERE}/edit")
    page.locator("[name=summary]").fill("Mine.")
    page.get_by_role("button", name="Save the form").click()
    expect(page.get_by_text("Kept.").first).to_be_visible()
    m = own.store.manuscripts.get("ana-and-bo")
    theirs = {**m.files, COUPLE: kept(own).replace("Mine.", "Theirs.")}
    own.store.manuscripts.save("ana-and-bo", "tim", m.version, theirs)
    page.locator("[name=summary]").fill("Mine, at more length.")
    page.get_by_role("button", name="Save the form").click()
    expect(page.get_by_text("Somebody saved this first")).to_be_visible()
    page.go_back()
    expect(page.locator("[name=summary]")).to_have_value("Theirs.")
    expect(page.locator(".draft")).to_contain_text("Mine, at more length.")


def test_a_form_that_comes_back_filled_in_is_still_unsaved(own: Room, page: Page) -> None:
    there = f"{HERE}/edit"

    def refuse(route: Route) -> None:
        shown = route.fetch(method="GET", url=f"{page.url}?", post_data="").text()
        body = shown.replace('class="studio"', 'class="studio" data-unsaved').replace(
            "Who Ana and Bo are", "Refused, whoever they are"
        )
        route.fulfill(status=409, content_type="text/html", body=body)

    page.goto(there)
    page.route("**/edit", lambda route: refuse(route) if route.request.method == "POST" else route.continue_())
    summary = load(FILES[COUPLE])["summary"].replace("Who Ana and Bo are", "Refused, whoever they are")
    page.locator("[name=summary]").fill(summary)
    page.get_by_role("button", name="Save the form").click()
    expect(page.locator("[data-unsaved] [name=summary]")).to_have_value(summary)
    expect(page.locator(".draft")).to_have_count(0)
    page.locator("[name=notes]").fill("And a note.")
    leave(page)
    page.goto(there)
    page.get_by_role("button", name="Put it back").click()
    expect(page.locator("[name=summary]")).to_have_value(summary)
    expect(page.locator("[name=notes]")).to_have_value("And a note.")


def test_neither_form_loses_the_words_of_the_other(own: Room, page: Page) -> None:
    page.goto(f"{HERE}/edit")
    page.get_by_text("As a file").click()
    yaml = page.locator("textarea.yaml")
    yaml.fill(FILES[COUPLE].replace("minutes", "").replace("author:", "# by hand\nauthor:"))
    page.locator("[name=summary]").fill("By the form.")
    page.get_by_role("button", name="Save the form").click()  # it asks first, and is told to go on
    expect(page.get_by_text("Kept.").first).to_be_visible()
    assert "By the form." in kept(own) and "# by hand" not in kept(own)
    # What is open stays so, and what was written there is put together with what the form saved.
    expect(page.locator("#as-file")).to_have_attribute("open", "")
    page.get_by_role("button", name="Put it back").click()
    expect(yaml).to_have_value(FILES[COUPLE].replace("author:", "# by hand\nauthor:"))
    page.get_by_role("button", name="Save the file").click()
    expect(page.get_by_text("Kept.").first).to_be_visible()
    assert "By the form." in kept(own) and "# by hand" in kept(own)
    page.locator("#as-file > summary").click()
    page.goto(f"{HERE}/edit?file={FIRST}")
    expect(page.locator("#as-file")).not_to_have_attribute("open", "")


def test_words_of_a_page_that_has_changed_since_are_shown_and_put_nowhere(own: Room, page: Page) -> None:
    there = f"{HERE}/edit?part=facts"
    page.goto(there)
    page.locator("[id='facts.1.text'] textarea").evaluate("e => { e.closest('details').open = true; }")
    page.locator("[id='facts.1.text'] textarea").fill("Only Ana has <b>the letter</b>.")
    leave(page)
    first = FILES[COUPLE].replace("facts:\n", "facts:\n  - {id: before, text: One before., known_by: [ana, bo]}\n")
    own.store.manuscripts.save("ana-and-bo", "tim", 0, {**FILES, COUPLE: first})
    page.goto(there)
    expect(page.locator(".draft pre")).to_have_text("Only Ana has <b>the letter</b>.")
    expect(page.locator("[id='facts.1.text'] textarea")).to_have_value("Something that both of them know.")
    page.get_by_role("button", name="I have what I need").click()
    page.goto(there)
    expect(page.locator(".draft")).to_have_count(0)


def test_a_line_of_the_file_is_opened_and_marked(own: Room, page: Page) -> None:
    own.store.manuscripts.save("ana-and-bo", "edu", 0, {**FILES, COUPLE: FILES[COUPLE].replace("age: 40", "age: 4", 1)})
    page.goto(f"{HERE}/edit?part=facts")
    expect(page.locator("#as-file")).not_to_have_attribute("open", "")
    page.get_by_role("link", name="of the file").click()
    expect(page.locator("textarea.yaml")).to_be_focused()
    marked = "e => e.value.slice(e.selectionStart, e.selectionEnd)"
    assert page.locator("textarea.yaml").evaluate(marked) == "    age: 4"
    page.goto(HERE)
    page.get_by_role("link", name="Ana, age").click()
    expect(page.locator("[name='partners.0.age']")).to_be_focused()


@pytest.mark.parametrize(("size", "name"), [(driving.DESK, "desk"), (driving.PHONE, "phone")])
def test_the_pages_can_be_read_and_used(page: Page, size: dict[str, int], name: str) -> None:
    page.set_viewport_size(size)  # type: ignore[arg-type]
    for what, path in (
        ("help", "/studio-help"), ("couple", HERE), ("two", f"{HERE}/edit?part=partners.0"),
        ("bids", f"{HERE}/edit?file={FIRST}&part=bids&at=bids.0.good.codes"), ("file", f"{HERE}/edit?view=file"),
    ):  # fmt: skip
        page.goto(path)
        driving.check_access(page, f"studio-{what}-{name}")
        page.screenshot(path=driving.ARTIFACTS / f"studio-{what}-{name}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 1, what
