"""The pages of the record in a real browser: a trainee's work, a supervisor's review, an administrator's people."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from simulator.session import Room
from tests.web import driving
from tests.web.people import PASSWORD, client, played, served

pytestmark = pytest.mark.browser


def look(page: Page, name: str) -> None:
    driving.check_access(page, name)
    page.screenshot(path=driving.ARTIFACTS / f"{name}.png", full_page=True)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 1, (name, wide)


@pytest.mark.parametrize(("size", "name"), [(driving.DESK, "desk"), (driving.PHONE, "phone")])
def test_from_my_work_to_a_signed_review(browser: Browser, address: str, size: dict[str, int], name: str) -> None:
    page = browser.new_page(viewport=size)  # type: ignore[arg-type]
    driving.begin(page, address)
    driving.say(page, "Renu, forty minutes without a word; that sounds frightening. What was it like?")
    driving.say(page, "Martin, what happens in you when you hear that?")
    page.goto(f"{address}/work")
    look(page, f"work-{name}")
    page.locator("main ul.list a").first.click()
    page.get_by_text("Note or question", exact=True).first.click()
    page.get_by_label("Words").first.fill("Was I too quick here?")
    page.get_by_role("button", name="Ask the supervisor").first.click()
    expect(page.locator(".note.question")).to_contain_text("too quick")
    page.get_by_role("button", name="Submit for review").click()
    look(page, f"session-{name}")
    page.goto(f"{address}/reviews")
    look(page, f"reviews-{name}")
    page.locator("main ul.list a").first.click()
    page.get_by_role("button", name="Begin the review").click()
    page.wait_for_load_state()
    # By keyboard alone: to the first reply, agree with all of it, save; then the next one.
    expect(page.locator(".judge")).to_have_count(2)
    # A letter in a list chooses an entry there and nothing else.
    page.locator(".judge").first.get_by_label("Code").first.focus()
    for key in ("a", "p", "k"):
        page.keyboard.press(key)
    expect(page.locator("input[type=radio]:checked")).to_have_count(0)
    page.locator("h1").click()
    page.keyboard.press("k")
    page.keyboard.press("a")
    page.get_by_label("What you want the trainee to take away").fill("Slow down")
    page.locator(".judge").first.locator("input[value=agree]").first.focus()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".notice.info")).to_contain_text("Saved")
    page.wait_for_load_state()
    expect(page.get_by_label("What you want the trainee to take away")).to_have_value("Slow down")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("2")
    expect(page.locator(".judge").nth(1).locator("input[value=override]").first).to_be_checked()
    page.keyboard.press("p")
    page.keyboard.press("3")
    expect(page.locator(".judge").nth(1).locator("input[value=partly]").first).to_be_checked()
    page.locator(".judge").nth(1).get_by_label("Reason").first.fill("It stays with the facts.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".judged", has_text="stays with the facts")).to_be_visible()
    look(page, f"review-{name}")
    page.get_by_label("What you want the trainee to take away").fill("Slow down after the first answer.")
    page.keyboard.press("Control+Shift+Enter")
    expect(page.get_by_text("Signed off.")).to_be_visible()
    page.goto(f"{address}/agreement")
    look(page, f"agreement-{name}")
    for path in ("cohort", "people", "account", "drill"):
        page.goto(f"{address}/{path}")
        look(page, f"{path}-{name}")
    page.goto(f"{address}/work")
    page.locator("main ul.list a").first.click()
    expect(page.locator("body")).to_contain_text("Slow down after the first answer.")
    with page.expect_download() as saved:
        page.get_by_text("Export", exact=True).click()
        page.get_by_role("link", name="PDF").click()
    assert saved.value.suggested_filename.endswith(".pdf")
    page.close()


def test_a_reply_is_taken_back_and_played_again(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport=driving.DESK)  # type: ignore[arg-type]
    driving.begin(page, address)
    driving.say(page, "Renu, you are overreacting.")
    page.goto(f"{address}/work")
    page.locator("main ul.list a").first.click()
    page.get_by_text("Note, question, or take back").first.click()
    page.get_by_role("button", name="Take it back").first.click()
    expect(page.locator(".turn")).to_have_count(2, timeout=driving.PATIENCE)
    driving.say(page, "Renu, what was it like to wait?")
    page.goto(f"{address}/work")
    page.locator("main ul.list a").first.click()
    page.get_by_role("link", name="side by side").first.click()
    expect(page.locator(".two section")).to_have_count(2)
    for size, name in ((driving.DESK, "desk"), (driving.PHONE, "phone")):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        look(page, f"compare-{name}")
    page.close()


def test_signing_in_and_seeing_only_ones_own(browser: Browser, tmp_path: Path) -> None:
    port = driving.free_port()
    for who, role in (("Ada", "administrator"), ("Anna", "trainee"), ("Ben", "trainee")):
        subprocess.run(
            [sys.executable, "-m", "simulator", "user", "add", who, "--role", role, "--password-stdin"],
            input=b"four words will do\n", check=True, env={"REPAIR_ROOM_DATA_DIR": str(tmp_path), "PATH": "/usr/bin"},
        )  # fmt: skip
    with driving.serving(tmp_path, port):
        where = f"http://127.0.0.1:{port}"
        seen: dict[str, Page] = {}
        for who in ("Anna", "Ben"):
            page = seen[who] = browser.new_context(viewport=driving.PHONE).new_page()  # type: ignore[arg-type]
            page.goto(where)
            expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
            look(page, "sign-in-phone")
            page.set_viewport_size(driving.DESK)  # type: ignore[arg-type]
            look(page, "sign-in-desk")
            page.set_viewport_size(driving.PHONE)  # type: ignore[arg-type]
            page.get_by_label("Name").fill(who)
            page.get_by_label("Password").fill("not this one at all" if who == "Ben" else "four words will do")
            page.keyboard.press("Enter")
            if who == "Ben":
                expect(page.get_by_role("alert")).to_contain_text("do not go together")
                page.get_by_label("Password").fill("four words will do")
                page.keyboard.press("Enter")
            page.locator("#to-brief").wait_for()
        driving.begin(seen["Anna"], where)
        session = seen["Anna"].url.split("session=")[1]
        assert seen["Ben"].goto(f"{where}/sessions/{session}").status == 404  # type: ignore[union-attr]
        seen["Ben"].goto(f"{where}/?session={session}")
        expect(seen["Ben"].locator("#notice")).to_contain_text("no such session", timeout=driving.PATIENCE)
        expect(seen["Ben"].locator(".turn")).to_have_count(0)
        seen["Anna"].goto(f"{where}/work")
        seen["Anna"].get_by_role("button", name="Sign out").click()
        seen["Anna"].goto(f"{where}/work")
        expect(seen["Anna"].get_by_role("heading", name="Sign in")).to_be_visible()


@pytest.mark.parametrize(("size", "name"), [(driving.DESK, "desk"), (driving.PHONE, "phone")])
def test_a_drill_by_keyboard(browser: Browser, address: str, size: dict[str, int], name: str) -> None:
    page = browser.new_page(viewport=size)  # type: ignore[arg-type]
    page.goto(f"{address}/drill?skill=avoiding_triangulation")
    page.get_by_role("button", name="Drill this moment").first.focus()
    page.keyboard.press("Enter")
    for number, words in enumerate(("What would my answer change between you?", "You are right, of course."), start=1):
        page.get_by_label("Your reply").fill(words)
        page.wait_for_load_state()
        page.keyboard.press("Control+Enter")
        expect(page.locator("section.try")).to_have_count(number, timeout=driving.PATIENCE)
    expect(page.get_by_role("timer")).to_contain_text("left of five minutes")
    look(page, f"drill-moment-{name}")
    page.close()


def test_selected_words_go_into_the_comment(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport=driving.DESK)  # type: ignore[arg-type]
    driving.begin(page, address)
    driving.say(page, "Renu, that sounds frightening. What was it like?")
    page.goto(f"{address}/work")
    page.locator("main ul.list a").first.click()
    page.get_by_role("button", name="Submit for review").click()
    page.goto(f"{address}/reviews")
    page.locator("main ul.list a").first.click()
    page.get_by_role("button", name="Begin the review").click()
    page.wait_for_load_state()
    page.locator("article.turn.t p").first.evaluate("p => document.getSelection().selectAllChildren(p)")
    expect(page.get_by_label("On these words of the reply")).to_have_value(
        "Renu, that sounds frightening. What was it like?"
    )
    page.locator(".judge").get_by_label("Comment to the trainee").fill("This lands.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".note.comment q")).to_contain_text("frightening")
    page.close()


@pytest.mark.parametrize(("size", "name"), [(driving.DESK, "desk"), (driving.PHONE, "phone")])
def test_a_couple_is_written_heard_and_published(
    browser: Browser, address: str, size: dict[str, int], name: str
) -> None:
    page = browser.new_page(viewport=size)  # type: ignore[arg-type]
    page.goto(f"{address}/studio")
    look(page, f"studio-{name}")
    page.get_by_label("Id, in small letters with hyphens").fill(f"ana-and-bo-{name}")
    page.get_by_label("First partner").fill("Ana")
    page.get_by_label("Second partner").fill("Bo")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What a colleague would say")).to_be_visible()
    look(page, f"studio-couple-{name}")
    page.get_by_role("link", name="The two of them", exact=True).first.click()
    page.get_by_role("link", name="Ana", exact=True).click()
    page.locator("[name='partners.0.need']").fill("To be asked, once, before it is decided.")
    page.get_by_role("button", name="Save the form").click()
    expect(page.get_by_label("YAML").locator("textarea")).to_have_value(re.compile("asked, once, before"))
    look(page, f"studio-edit-{name}")
    page.get_by_role("link", name="Ana: lines").click()
    page.locator("[id='partners.0.lines.new.move'] select").select_option("answer")
    page.locator("[id='partners.0.lines.new.mood'] select").select_option("hurt")
    page.locator("[id='partners.0.lines.new.say'] :is(input, textarea)").fill(
        "You booked the van before you told me there was a house."
    )
    page.locator("[id='partners.0.lines.new.after'] :is(input, textarea)").fill("What was that like for you?")
    page.get_by_role("button", name="Save the form").click()
    expect(page.locator("details.item summary", has_text="You booked the van")).to_be_visible()
    page.goto(f"{address}/studio/ana-and-bo-{name}/hear")
    page.get_by_label("Mood").select_option("hurt")
    page.get_by_role("button", name="Hear it").click()
    expect(page.locator(".heard")).to_contain_text("booked the van", timeout=driving.PATIENCE)
    page.get_by_role("button", name="Play it").click()
    expect(page.get_by_role("heading", name="What broke")).to_be_visible(timeout=driving.PATIENCE)
    look(page, f"studio-hear-{name}")
    page.goto(f"{address}/studio/ana-and-bo-{name}")
    page.get_by_label("Publish it with words of the skeleton").check()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("status")).to_contain_text("Published")
    page.goto(address)
    page.get_by_label(re.compile("Ana and Bo")).first.check(timeout=driving.PATIENCE)
    page.click("#to-brief")
    expect(page.locator(".brief")).to_contain_text("Ana", timeout=driving.PATIENCE)
    page.click("#begin")
    expect(page.locator(".turn")).to_have_count(1, timeout=driving.PATIENCE)
    page.close()


SEEN = """() => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')]
  .filter((e) => !e.matches(':disabled') && e.checkVisibility({visibilityProperty: true}))
  .filter((e) => e.type !== 'radio' || e === document.querySelector(`[name="${e.name}"]`))"""


def walk(page: Page, name: str) -> None:
    """By Tab alone: everything that can be used is reached, in turn, and shows that it is."""
    page.evaluate(f"({SEEN})().forEach((e, i) => {{ e.dataset.walk = i; }})")
    wanted = page.evaluate(f"({SEEN})().map((e) => [e.dataset.walk, e.outerHTML.slice(0, 120)])")
    reached, order = set(), []
    for _ in range(4 * len(wanted)):  # a date has several stops
        if len(reached) == len(wanted):
            break
        page.keyboard.press("Tab")
        found = page.evaluate(
            "() => { const e = document.activeElement, s = getComputedStyle(e);"
            " return [e.dataset.walk ?? '', s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0]; }"
        )
        if found[0]:
            assert found[1], (name, "no focus ring", dict(wanted)[found[0]])
            reached.add(found[0])
            order.append(int(found[0]))
    missing = [html for key, html in wanted if key not in reached]
    assert wanted and not missing, (name, missing)
    assert all(a <= b for a, b in pairwise(order)), (name, "the order of Tab is not the order of the page")


def test_every_page_of_a_room_with_accounts_is_walked_by_tab_alone(browser: Browser, full: Room) -> None:
    owner = full.store.people.named("anna").id
    session = played(full, owner)
    other, sue = played(full, owner), client(full, "sue")
    for each in (session, other):
        sue.post(f"/sessions/{each}/review", data={"blind": "no"})
    sue.post(f"/sessions/{session}/judge", data={"version": "0", "summary": "Slower.", "sign": "yes"})
    with served(full) as where:
        for who, paths in {
            "anna": ("/work", f"/sessions/{session}", "/account", "/drill"),
            "sue": ("/reviews", f"/sessions/{session}", f"/sessions/{other}/review", "/cohort", "/agreement"),
            "ada": ("/people",),
        }.items():
            page = browser.new_context(viewport=driving.DESK).new_page()  # type: ignore[arg-type]
            page.goto(f"{where}/sign-in?to={paths[0]}")
            walk(page, "sign-in")
            page.get_by_label("Name").focus()
            page.keyboard.type(who)
            page.keyboard.press("Tab")
            page.keyboard.type(PASSWORD)
            page.keyboard.press("Enter")
            page.wait_for_url(f"{where}{paths[0]}")
            for path in paths:
                page.goto(f"{where}{path}")
                walk(page, path)
                look(page, f"walk-{who}-{paths.index(path)}")
            page.context.close()
