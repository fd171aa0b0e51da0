"""The page in a real browser: a session from the brief to the debrief, with a reload in the middle."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

pytestmark = pytest.mark.browser
ARTIFACTS = Path(__file__).parents[2] / "artifacts"


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "simulator", "serve", "--backend", "scripted", "--port", str(port)]
    process = subprocess.Popen(command, env={**os.environ, "REPAIR_ROOM_DATA_DIR": str(tmp_path)})
    url = f"http://127.0.0.1:{port}"
    for _ in range(240):
        try:
            httpx.get(f"{url}/health")
            break
        except httpx.TransportError:
            time.sleep(0.5)
    yield url
    process.terminate()
    process.wait(20)


def test_a_session_from_brief_to_debrief(address: str) -> None:
    from playwright.sync_api import expect, sync_playwright

    chromium = shutil.which("chromium")
    if not chromium:
        pytest.skip("chromium is not installed; make test installs it")
    ARTIFACTS.mkdir(exist_ok=True)
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 390, "height": 844})
        page.goto(address)
        page.click("#to-brief")
        page.click("#begin")
        expect(page.locator(".turn.b")).to_be_visible(timeout=20_000)
        page.fill("#reply textarea", "Renu, forty minutes <b>and</b> nothing said. That sounds lonely.")
        page.press("#reply textarea", "Control+Enter")
        expect(page.locator(".scores")).to_be_visible(timeout=20_000)
        assert page.locator(".turn.t b").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.wait_for_url("**session=**")
        page.screenshot(path=ARTIFACTS / "practise.png")
        page.reload()
        expect(page.locator(".turn.t")).to_be_visible(timeout=20_000)
        page.click("#end")
        page.click("#to-debrief")
        expect(page.locator(".debrief")).to_be_visible(timeout=20_000)
        page.screenshot(path=ARTIFACTS / "debrief.png", full_page=True)
        browser.close()
