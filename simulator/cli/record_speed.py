"""`repair-room eval record`: how long the record's pages take among many sessions."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.common import Format, FormatOption, emit, working
from simulator.people import add_person
from simulator.session import Room
from simulator.settings import load_settings
from simulator.store import Found, Repository
from simulator.store.multiply import multiply

PASSWORD = "only for the benchmark"  # noqa: S105


def record(
    sessions: Annotated[int, typer.Option("--sessions", min=10, help="Sessions in the record.")] = 50_000,
    trainees: Annotated[int, typer.Option("--trainees", min=1, help="Whose they are.")] = 20,
    rounds: Annotated[int, typer.Option("--rounds", min=1, help="Requests for each page.")] = 7,
    format: FormatOption = Format.text,
) -> None:
    """Time the pages of the record among many sessions, in a database of its own that is thrown away."""
    from starlette.testclient import TestClient

    from simulator.web.server import make_app

    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(backend="scripted", data_dir=Path(folder))
        store = Repository.open(settings.database)
        room = Room.open(settings, store=store)
        with working(f"making {sessions:,} sessions"):
            session = room.begin("renu-and-martin", "the-missed-call", seed=3)
            list(session.answers())
            for words in ("Renu, what was the waiting like for you?", "Martin, what happens in you as she says that?"):
                session.reply(words)
                list(session.answers())
            add_person(store, "sue", "supervisor", PASSWORD)
            names = [f"trainee {n}" for n in range(trainees)]
            owners = [store.people.add(n, "trainee", "-").id for n in names[1:]]
            owners.append(add_person(store, names[0], "trainee", PASSWORD).id)
            for name in ("sue", *names):
                store.people.join(name, "all")
            multiply(store.engine, session.record.id, sessions, owners=owners)
        some = store.sessions(Found((owners[-1],), submitted=True), limit=1)[0].id
        pages = {
            names[0]: [
                "/work",
                "/work?page=9",
                "/work?words=waiting",
                "/work?words=nothing+like+it",
                f"/sessions/{some}",
            ],
            "sue": ["/reviews", "/reviews?page=400", f"/sessions/{some}", "/agreement", "/cohort"],
        }
        results = []
        for who, paths in pages.items():
            client = TestClient(make_app(room), follow_redirects=False)
            client.post("/sign-in", data={"name": who, "password": PASSWORD})
            for path in paths:
                client.get(path)  # the first one loads templates and couples
                times = []
                for _ in range(rounds):
                    started = time.perf_counter()
                    status = client.get(path).status_code
                    times.append(1000 * (time.perf_counter() - started))
                role = "supervisor" if who == "sue" else "trainee"
                page = path.replace(some, "ID")
                results.append({"page": page, "as": role, "status": status, "median_ms": round(statistics.median(times), 1), "max_ms": round(max(times), 1)})  # fmt: skip
        if format is Format.json:
            emit({"sessions": sessions, "trainees": trainees, "pages": results})
            return
        typer.echo(f"{sessions:,} sessions of {trainees} trainees")
        for r in results:
            typer.echo(
                f"  {r['page']:32} as {r['as']:10} {r['status']}  median {r['median_ms']:7.1f} ms, longest {r['max_ms']:7.1f}"
            )
        room.close()
