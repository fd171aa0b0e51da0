"""What the browser tests share: a served room, a real Chromium, and what a person does on the pages."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

ARTIFACTS = Path(__file__).parents[2] / "artifacts"
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
PATIENCE = 30_000


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(folder: Path, port: int, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = {"REPAIR_ROOM_BACKEND": "scripted", **environment}
    process = subprocess.Popen(
        [sys.executable, "-m", "simulator", "serve", "--port", str(port)],
        env={**os.environ, "REPAIR_ROOM_DATA_DIR": str(folder), **environment},
    )
    for _ in range(240):
        try:
            httpx.get(f"http://127.0.0.1:{port}/health")
            break
        except httpx.TransportError:
            time.sleep(0.5)
    yield process
    process.terminate()
    process.wait(30)


def begin(page: Page, address: str, *, quiet: bool = False) -> None:
    page.goto(address)
    page.click("#to-brief")
    if quiet:
        page.get_by_label(re.compile("Quiet")).check()
    page.click("#begin")
    expect(page.locator(".turn")).to_have_count(2, timeout=PATIENCE)
    page.wait_for_url("**session=**")
    expect(page.locator("#send")).to_be_enabled(timeout=PATIENCE)


def say(page: Page, words: str) -> None:
    before = page.locator(".turn").count()
    page.fill("#reply textarea", words)
    page.press("#reply textarea", "Control+Enter")
    expect(page.locator(".turn.t").last).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#reply textarea")).to_have_value("", timeout=PATIENCE)
    expect(page.locator(".answering")).to_have_count(0, timeout=PATIENCE)
    assert page.locator(".turn").count() > before


def check_access(page: Page, name: str) -> None:
    found = Axe().run(page).response["violations"]
    serious = [v for v in found if v["impact"] in ("serious", "critical")]
    assert not serious, (name, [(v["id"], [n["html"][:200] for n in v["nodes"][:4]]) for v in serious])
