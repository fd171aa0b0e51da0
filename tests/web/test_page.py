"""The pages in a real browser: whole sessions, by mouse and by keyboard, on a desk and on a phone."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from simulator.voice.embedded import start_server
from tests.web import driving

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("size", "name"), [(driving.DESK, "desk"), (driving.PHONE, "phone")])
def test_a_session_from_brief_to_debrief(browser: Browser, address: str, size: dict[str, int], name: str) -> None:
    page = browser.new_page(viewport=size)  # type: ignore[arg-type]
    page.goto(address)
    expect(page.locator("#to-brief")).to_be_visible(timeout=driving.PATIENCE)
    driving.check_access(page, "choose")
    page.screenshot(path=driving.ARTIFACTS / f"choose-{name}.png", full_page=True)
    page.click("#to-brief")
    expect(page.locator("#warmth .notice")).to_contain_text("scripted", timeout=driving.PATIENCE)
    driving.check_access(page, "brief")
    page.screenshot(path=driving.ARTIFACTS / f"brief-{name}.png", full_page=True)
    driving.begin(page, address)
    said = "Renu, forty minutes <b>and</b> *nothing* said, [a](javascript:alert(1)) `x`. That sounds lonely."
    driving.say(page, said)
    # What was typed stands there as it was typed, and nothing of it became markup.
    expect(page.locator(".turn.t p").first).to_have_text(said)
    assert page.locator(".turn.t :is(b, a, code, em)").count() == 0
    expect(page.locator(".turn.t .scores")).to_be_visible()
    driving.say(page, "Martin, what happens in you when she counts the minutes?")
    driving.check_access(page, "practise")
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    page.screenshot(path=driving.ARTIFACTS / f"practise-{name}.png")
    page.click("#end")
    page.click("#to-debrief")
    expect(page.locator(".debrief")).to_be_visible(timeout=driving.PATIENCE)
    driving.check_access(page, "debrief")
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    page.screenshot(path=driving.ARTIFACTS / f"debrief-{name}.png", full_page=True)
    page.close()


def test_a_session_with_the_keyboard_alone(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport=driving.DESK)  # type: ignore[arg-type]
    page.goto(address)
    expect(page.locator("#to-brief")).to_be_visible(timeout=driving.PATIENCE)

    def tab_to(selector: str) -> None:
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("(s) => !!document.activeElement.closest(s)", selector):
                return
        raise AssertionError(f"{selector} cannot be reached with Tab")

    tab_to("#to-brief")
    page.keyboard.press("Enter")
    expect(page.locator("#begin")).to_be_visible(timeout=driving.PATIENCE)
    tab_to("#begin")
    page.keyboard.press("Enter")
    expect(page.locator(".turn")).to_have_count(2, timeout=driving.PATIENCE)
    expect(page.locator("#send")).to_be_enabled(timeout=driving.PATIENCE)
    # The reply box has the focus already.
    page.keyboard.type("What is that like?")
    page.keyboard.press("Alt+3")
    expect(page.locator("#to input").nth(2)).to_be_checked()
    second = page.locator("#to label").nth(2).inner_text().strip()
    page.wait_for_timeout(400)
    page.locator("#reply textarea").focus()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".turn.t .to")).to_have_text(f"to {second}", timeout=driving.PATIENCE)
    expect(page.locator("#send")).to_be_enabled(timeout=driving.PATIENCE)
    tab_to("#pause")
    page.keyboard.press("Enter")
    expect(page.locator(".grounding")).to_be_visible()
    page.keyboard.press("?")
    expect(page.locator("dialog#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog#keys")).to_be_hidden()
    tab_to("#go-on")
    page.keyboard.press("Enter")
    expect(page.locator("#reply textarea")).to_be_visible()
    tab_to("#end")
    page.keyboard.press("Enter")
    expect(page.locator("#to-debrief")).to_be_visible(timeout=driving.PATIENCE)
    page.locator("#end").wait_for(state="hidden")
    tab_to("#to-debrief")
    page.keyboard.press("Enter")
    expect(page.locator(".debrief")).to_be_visible(timeout=driving.PATIENCE)
    page.close()


def test_quiet_mode_keeps_the_scores_for_the_debrief(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport=driving.DESK)  # type: ignore[arg-type]
    driving.begin(page, address, quiet=True)
    driving.say(page, "You were both in that car, and both alone in it.")
    assert page.locator(".scores").count() == 0 and page.locator("mark").count() == 0
    page.reload()
    expect(page.locator(".turn.t")).to_be_visible(timeout=driving.PATIENCE)
    assert page.locator(".scores").count() == 0
    page.click("#end")
    page.click("#to-debrief")
    expect(page.locator("#debrief .scores").first).to_be_visible(timeout=driving.PATIENCE)
    page.close()


def test_two_tabs_in_one_session_lose_no_words(browser: Browser, address: str) -> None:
    one = browser.new_page(viewport=driving.DESK)  # type: ignore[arg-type]
    driving.begin(one, address)
    two = browser.new_page(viewport=driving.DESK)  # type: ignore[arg-type]
    two.goto(one.url)
    expect(two.locator(".turn")).to_have_count(2, timeout=driving.PATIENCE)
    one.fill("#reply textarea", "What was it like, Renu?")
    two.fill("#reply textarea", "And for you, Martin?")
    one.click("#send")
    two.click("#send")
    for page in (one, two):
        expect(page.locator("#send")).to_be_enabled(timeout=driving.PATIENCE)
    two.wait_for_timeout(3000)
    seen = browser.new_page(viewport=driving.DESK)  # type: ignore[arg-type]
    seen.goto(one.url)
    expect(seen.locator(".turn.t").first).to_be_visible(timeout=driving.PATIENCE)
    said = " ".join(seen.locator(".turn.t").all_inner_texts())
    seen.close()
    # Whichever came second is either said after the first, or still in its box with a message; nothing is lost.
    assert "What was it like, Renu?" in said or "And for you, Martin?" in said
    for page, words in ((one, "What was it like, Renu?"), (two, "And for you, Martin?")):
        if words not in said:
            assert page.locator("#reply textarea").input_value() == words
            expect(page.locator(".notice")).to_be_visible()
    one.close()
    two.close()


def test_a_killed_process_loses_nothing(browser: Browser, tmp_path: Path) -> None:
    port = driving.free_port()
    address = f"http://127.0.0.1:{port}"
    page = browser.new_page(viewport=driving.PHONE)  # type: ignore[arg-type]
    with driving.serving(tmp_path, port) as process:
        page.goto(address)
        page.click("#to-brief")
        page.click("#begin")
        expect(page.locator(".turn").first).to_be_visible(timeout=driving.PATIENCE)
        page.wait_for_url("**session=**")
        # Killed between the two opening lines: a partner is still to speak.
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    with driving.serving(tmp_path, port):
        page.goto(page.url)
        expect(page.locator(".turn")).to_have_count(2, timeout=driving.PATIENCE)
        expect(page.locator("#send")).to_be_enabled(timeout=driving.PATIENCE)
        driving.say(page, "That was a long drive home.")
        expect(page.locator(".turn.t")).to_have_count(1)
    page.close()


def test_a_reply_that_is_refused_stays_in_the_box(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport=driving.DESK)  # type: ignore[arg-type]
    driving.begin(page, address)
    page.fill("#reply textarea", "word " * 4000)
    page.click("#send")
    expect(page.locator(".notice")).to_contain_text("Shorten it", timeout=driving.PATIENCE)
    assert len(page.locator("#reply textarea").input_value()) >= 19_000
    page.fill("#reply textarea", "   ")
    page.click("#send")
    expect(page.locator(".notice")).to_contain_text("empty", timeout=driving.PATIENCE)
    assert page.locator(".turn").count() == 2
    page.close()


@pytest.mark.model
def test_a_model_that_dies_in_mid_session_is_told_and_answered(
    browser: Browser, tmp_path: Path, small_model: Path
) -> None:
    port = driving.free_port()
    server, url = start_server(small_model, threads=2, context=2048, slots=4)
    server_settings = {"REPAIR_ROOM_BACKEND": "server", "REPAIR_ROOM_MODEL": "small", "REPAIR_ROOM_MODEL_URL": url}
    with driving.serving(tmp_path, port, **server_settings):
        page = browser.new_page(viewport=driving.DESK)  # type: ignore[arg-type]
        driving.begin(page, f"http://127.0.0.1:{port}")
        driving.say(page, "What was it like in the car, Renu?")
        del server
        for words in ("Martin, what happens in you?", "Renu, what did you hear?", "Martin, say more."):
            driving.say(page, words)
            if page.locator(".trouble").count():
                break
        expect(page.locator(".trouble").first).to_be_visible()
        page.close()
