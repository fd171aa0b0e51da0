"""What the tests of the record share: a played session, and a browser of somebody with an account."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.testclient import TestClient

from simulator.session import Room
from simulator.web.server import listen, make_app

PASSWORD = "four words will do"
APPS: dict[str, Any] = {}  # one app for each test's room: laying its pages takes seconds


def played(room: Room, owner: int | None = None, *, submit: bool = True) -> str:
    session = room.begin("renu-and-martin", "the-missed-call", seed=3, owner=owner)
    list(session.answers())
    for words in (
        "Renu, that wait sounds frightening. What was it like?",
        "Martin, what happens in you as she says that?",
    ):
        session.reply(words)
        list(session.answers())
    if submit:
        room.store.submit(session.record.id, consent=True)
    return session.record.id


def app_of(room: Room) -> Any:
    key = str(room.settings.data_dir)
    if key not in APPS:
        APPS[key] = make_app(room)
    return APPS[key]


def client(room: Room, who: str) -> TestClient:
    made = TestClient(app_of(room), follow_redirects=False)
    if who != "nobody":
        assert made.post("/sign-in", data={"name": who, "password": PASSWORD, "to": "/work"}).status_code == 303
    return made


def here(app: Any) -> TestClient:
    """Return a browser on the computer that the room runs on."""
    return TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 50000), follow_redirects=False)


@contextmanager
def served(room: Room) -> Iterator[str]:
    """Serve a room to a real browser from this process, and yield its address."""
    listener = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(app_of(room), log_level="warning", lifespan="off"))
    thread = threading.Thread(target=lambda: server.run(sockets=[listener]), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)
