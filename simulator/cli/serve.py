"""`repair-room serve`: the web app."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.common import BackendOption, ModelOption, backend_for, byte_progress, say, working
from simulator.errors import RepairRoomError
from simulator.settings import Settings, load_settings
from simulator.store import Repository
from simulator.voice import check, manifest, pull

if TYPE_CHECKING:
    from simulator.session.casts import Casts

_PATIENCE = 10.0  # seconds that are waited for the background to stop


def serve(
    host: Annotated[str | None, typer.Option("--host", help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option("--port", help="Port; 0 takes a free one.")] = None,
    model: ModelOption = None,
    backend: BackendOption = None,
    data_dir: Annotated[Path | None, typer.Option("--data-dir", help="Folder of the database.")] = None,
    fetch: Annotated[
        bool, typer.Option("--fetch", help="Fetch the model's weights first if they are missing.")
    ] = False,
) -> None:
    """Open the practice room in a browser; Ctrl+C closes it."""
    settings = load_settings(
        host=host, port=port, model=model if model != "scripted" else None, backend=backend_for(model, backend),
        data_dir=data_dir,
    )  # fmt: skip
    from simulator.web.server import listen, protected

    # What can go wrong quickly is found before the model loads.
    store = Repository.open(settings.database)
    protected(settings.host, store.people.any())
    if settings.port:
        listen(settings.host, settings.port).close()
    if fetch:
        _fetch(settings)
    with working("opening the room (a few seconds)"):
        from simulator.session import Room
        from simulator.web import serve as run

        room = Room.open(settings, store=store)
    voice = "scripted lines, no language model" if room.voice.scripted else room.voice.name
    run(
        room,
        settings.host,
        settings.port,
        ready=lambda url: say(f"Repair Room is open at {url} ({voice}). Ctrl+C closes it."),
    )


def _fetch(settings: Settings) -> None:
    if settings.backend != "embedded" or settings.model not in manifest():
        return
    if not check(settings.model, settings.cache_dir):
        return
    from simulator.session.casts import Casts

    # The processor has nothing else to do meanwhile; what is left when the weights are there is left to the room.
    casts = Casts(settings.vectors)
    meanwhile = threading.Thread(target=_make_ready, args=(settings, casts), name="make-ready", daemon=True)
    meanwhile.start()
    try:
        with byte_progress() as progress:
            pull(settings.model, settings.cache_dir, progress=progress)
    finally:
        casts.close()
        meanwhile.join(_PATIENCE)


def _make_ready(settings: Settings, casts: Casts) -> None:
    from simulator.couple import load_library
    from simulator.rubric import Engine
    from simulator.rubric.calibration import adopted

    # What is wrong with a file is told when the room opens.
    with suppress(RepairRoomError):
        library = load_library(settings.personas)
        casts.prepare(library, Engine.load(settings.rubrics, calibration=adopted(settings.data_dir)))
