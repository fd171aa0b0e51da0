"""The edit page in a browser: lines written one after another with the keyboard, order by buttons, and all of it without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.web.driving import DESK, PATIENCE, PHONE, check_access

pytestmark = pytest.mark.browser
LINES = "partners.0.lines"


@pytest.fixture(scope="module")
def couple(browser: Browser, address: str) -> Iterator[str]:
    page = browser.new_page()
    page.goto(f"{address}/studio")
    page.fill("input[name=first]", "Gail")
    page.fill("input[name=second]", "Peter")
    page.get_by_role("button", name="Begin with a skeleton").click()
    page.wait_for_url("**/studio/gail-and-peter**", timeout=PATIENCE)
    page.close()
    yield f"{address}/studio/gail-and-peter/edit?file=couple.yaml&part="


def box(page: Page, path: str) -> Locator:
    return page.locator(f'[id="{path}"]').locator("input, select, textarea").last


def saved(page: Page) -> None:
    expect(page.locator(".notice")).to_be_visible(timeout=PATIENCE)
    page.wait_for_load_state("load")


def test_one_line_after_another_with_the_keyboard_alone(browser: Browser, couple: str) -> None:
    page = browser.new_page(viewport=DESK)
    page.goto(f"{couple}{LINES}")
    page.get_by_role("link", name="One more").focus()
    page.keyboard.press("Enter")
    expect(box(page, f"{LINES}.new.move")).to_be_focused()
    box(page, f"{LINES}.new.move").select_option("soften")
    box(page, f"{LINES}.new.mood").select_option("open")
    box(page, f"{LINES}.new.say").focus()
    for said in ("I kept the ticket.", "It was in the coat."):
        page.keyboard.type(said)
        page.keyboard.press("Control+Enter")
        expect(page.locator(".item.kept summary")).to_contain_text(said, timeout=PATIENCE)
        expect(box(page, f"{LINES}.new.say")).to_be_focused(timeout=PATIENCE)
        expect(box(page, f"{LINES}.new.say")).to_be_in_viewport()
        expect(box(page, f"{LINES}.new.move")).to_have_value("soften")
    # Several lines in the box for one are told at once, and moved to where each becomes one.
    page.keyboard.insert_text("One.\nTwo.")
    expect(page.locator(".breaks")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(box(page, f"{LINES}.several.say")).to_have_value("One.\nTwo.", timeout=PATIENCE)
    expect(box(page, f"{LINES}.several.say")).to_be_focused(timeout=PATIENCE)
    check_access(page, "lines refused")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".item.kept")).to_have_count(2, timeout=PATIENCE)
    expect(box(page, f"{LINES}.several.say")).to_be_focused(timeout=PATIENCE)
    # Going back does not put the old words into the new page.
    page.go_back(wait_until="load")
    assert all(box(page, f"{LINES}.new.{key}").input_value() == "" for key in ("say", "after"))
    page.close()


def test_an_item_is_moved_with_the_keyboard_and_keeps_the_focus(browser: Browser, couple: str) -> None:
    page = browser.new_page(viewport=PHONE)
    page.goto(f"{couple}history")
    page.locator('[id="history.0-head"]').focus()
    page.keyboard.press("Enter")
    page.locator('[id="history.0-down"]').focus()
    page.keyboard.press("Enter")
    saved(page)
    expect(page.locator('[id="history.1-down"]')).to_be_focused(timeout=PATIENCE)
    expect(page.locator("summary").first).to_contain_text("2026-01")
    page.locator('[id="history-sort"]').press("Enter")
    expect(page.locator("summary").first).to_contain_text("2015", timeout=PATIENCE)
    # Enter in a box saves what is in it, and moves nothing.
    page.locator('[id="history.0-head"]').press("Enter")
    box(page, "history.0.date").fill("2014")
    page.keyboard.press("Enter")
    expect(page.locator("summary").first).to_contain_text("2014", timeout=PATIENCE)
    expect(box(page, "history.0.date")).to_be_focused(timeout=PATIENCE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    check_access(page, "history")
    page.close()


def test_a_box_is_as_high_as_its_text(browser: Browser, couple: str) -> None:
    page = browser.new_page(viewport=DESK)
    page.goto(couple)
    words = box(page, "summary")
    words.fill("They have been together for a long time. " * 30)
    assert words.evaluate("e => e.scrollHeight <= e.clientHeight + 1")
    page.close()


def test_it_works_without_scripts(browser: Browser, couple: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    part = "partners.1.lines"
    page.goto(f"{couple}{part}")
    page.get_by_role("link", name="Several at once").click()
    box(page, f"{part}.several.move").select_option("answer")
    box(page, f"{part}.several.mood").select_option("tired")
    box(page, f"{part}.several.say").fill("Three.\n\nFour.")
    page.get_by_role("button", name="Save the form").click()
    expect(page.locator(".item.kept")).to_have_count(2, timeout=PATIENCE)
    expect(box(page, f"{part}.several.move")).to_have_value("answer")
    page.locator(f'[id="{part}.2-head"]').click()
    page.locator(f'[id="{part}.2-up"]').click()
    expect(page.locator(f'[id="{part}.1-head"]')).to_contain_text(re.compile("Four"), timeout=PATIENCE)
    context.close()
