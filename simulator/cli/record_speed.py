"""`repair-room eval record`: how long the record's pages take among many sessions."""

from __future__ import annotations

import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from simulator.cli.common import Format, FormatOption, emit, working
from simulator.errors import InputError
from simulator.people import add_person
from simulator.rubric import SKILLS
from simulator.session import Room
from simulator.settings import load_settings
from simulator.store import Found, JudgementRecord, Repository, drawn_before
from simulator.store.multiply import multiply

PASSWORD = "only for the benchmark"  # noqa: S105
MOST = 500  # milliseconds that half of the requests for a page may take
NAMES = ("ada", "sue")


def record(
    sessions: Annotated[int, typer.Option("--sessions", min=10, help="Sessions in the record.")] = 50_000,
    trainees: Annotated[int, typer.Option("--trainees", min=1, help="Whose they are.")] = 20,
    rounds: Annotated[int, typer.Option("--rounds", min=1, help="Requests for each page.")] = 7,
    database_url: Annotated[
        str, typer.Option("--database-url", help="An empty database to fill, instead of one that is thrown away.")
    ] = "",
    format: FormatOption = Format.text,
) -> None:
    """Time the pages of the record among many sessions; exit with 1 when one fails or takes more than half a second."""
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(backend="scripted", data_dir=Path(folder))
        store = Repository.open(database_url or settings.database)
        if store.people.any() or store.count_sessions():
            raise InputError("This database is in use: it holds accounts or sessions.", how="Name an empty one.")
        room = Room.open(settings, store=store)
        with working(f"making {sessions:,} sessions"):
            names = _fill(room, sessions, trainees)
        results = _timed(room, names, rounds)
        room.close()
    if format is Format.json:
        emit({"sessions": sessions, "trainees": trainees, "pages": results})
    else:
        typer.echo(f"{sessions:,} sessions of {trainees} trainees")
        for r in results:
            typer.echo(
                f"  {r['page']:34} as {r['as']:13} {r['status']}  median {r['median_ms']:7.1f} ms, longest {r['max_ms']:7.1f}"
            )
    slow = [r["page"] for r in results if r["status"] != 200 or r["median_ms"] > MOST]
    if slow:
        typer.echo(f"Not 200, or slower than {MOST} ms: {', '.join(slow)}", err=True)
        raise typer.Exit(1)


def _fill(room: Room, sessions: int, trainees: int) -> list[str]:
    """Make the people, a session with its review, and copies of both; return the trainees' names."""
    store = room.store
    session = room.begin("renu-and-martin", "the-missed-call", seed=3)
    list(session.answers())
    for words in ("Renu, what was the waiting like for you?", "Martin, what happens in you as she says that?"):
        session.reply(words)
        list(session.answers())
    for name, role in zip(NAMES, ("administrator", "supervisor"), strict=True):
        add_person(store, name, role, PASSWORD)
    names = [f"trainee {n}" for n in range(trainees)]
    owners = [store.people.add(n, "trainee", "-").id for n in names[1:]]
    owners.append(add_person(store, names[0], "trainee", PASSWORD).id)
    for name in ("sue", *names):
        store.people.join(name, "all")
    key, now = session.record.id, datetime.now(UTC)
    judged = [
        JudgementRecord(t.index, s, "override", 3, "", "It stays with the facts.", result["level"], session.record.rubric_version, now)
        for t in store.turns(key) if t.score for s in SKILLS
        if (result := t.score["skills"][s])["status"] == "scored"
    ]  # fmt: skip
    store.reviews.add_note(key, 2, owners[0], names[1] if trainees > 1 else names[0], "question", "Was I too quick?")
    store.reviews.begin(key, store.people.named("sue").id, "sue", blind=True)
    store.reviews.judge(key, "sue", 0, judged, summary="Slow down after the first answer.", sign=True)
    multiply(store.engine, key, sessions, owners=owners)
    return names


def _timed(room: Room, names: list[str], rounds: int) -> list[dict[str, Any]]:
    from starlette.testclient import TestClient

    from simulator.web.server import make_app

    owner = room.store.people.named(names[0]).id
    submitted = room.store.sessions(Found((owner,), submitted=True), limit=50)
    # One that is not to be judged blind, so that its page shows everything.
    some = next(s.id for s in submitted if s.id[:4] >= drawn_before(room.settings.calibration_share))
    pages = {
        names[0]: [
            "/work", "/work?page=9", "/work?words=waiting", "/work?words=nothing+like+it", "/work?skill=empathic_listening",
            "/work?state=ended", "/work?state=drills", "/drill", f"/sessions/{some}",
        ],
        "sue": [
            "/reviews", "/reviews?page=400", "/reviews?show=flagged", "/reviews?show=drawn", "/reviews?show=signed",
            f"/sessions/{some}", f"/sessions/{some}/review", "/agreement", "/cohort",
        ],
        "ada": ["/people"],
    }  # fmt: skip
    app, results = make_app(room), []
    for who, paths in pages.items():
        client = TestClient(app, follow_redirects=False)
        client.post("/sign-in", data={"name": who, "password": PASSWORD})
        role = room.store.people.named(who).role
        for path in paths:
            client.get(path)  # the first one loads templates and couples
            times = []
            for _ in range(rounds):
                started = time.perf_counter()
                status = client.get(path).status_code
                times.append(1000 * (time.perf_counter() - started))
            median, longest = round(statistics.median(times), 1), round(max(times), 1)
            page = path.replace(some, "ID")
            results.append({"page": page, "as": role, "status": status, "median_ms": median, "max_ms": longest})
    return results
