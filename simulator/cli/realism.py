"""`repair-room eval realism` and `eval adapter`: scripted trainees play sessions, and what they met is counted."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from simulator.cli.common import (
    BackendOption,
    Format,
    FormatOption,
    ModelOption,
    backend_for,
    emit,
    folder_for,
    say,
    working,
)
from simulator.errors import InputError
from simulator.settings import load_settings
from simulator.voice import ALWAYS_ASK


def realism(
    sessions: Annotated[int, typer.Option("--sessions", min=1, max=2000, help="Sessions to play.")] = 63,
    replies: Annotated[int, typer.Option("--replies", min=2, max=60, help="Replies a session, at most.")] = 10,
    seed: Annotated[int, typer.Option("--seed")] = 1,
    couple: Annotated[str | None, typer.Option("--couple", help="Only this couple.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for the report, the transcripts and a sample to read.")
    ] = None,
    model: ModelOption = None,
    backend: BackendOption = None,
    format: FormatOption = Format.text,
) -> None:
    """Play sessions with scripted trainees: role breaks, repeats, over-compliance, and whose voice is whose."""
    from simulator.review.played import plans, play
    from simulator.review.realism import reading_sample, report
    from simulator.session import Room
    from simulator.store import Repository

    if out is not None:
        folder_for(out)
    settings = load_settings(model=model if model != "scripted" else None, backend=backend_for(model, backend))
    with working("opening the room"):
        room = Room.open(settings, store=Repository.open("sqlite://"))
    played = []
    started = time.monotonic()
    try:
        wanted = plans(room.library, sessions, seed=seed, couple=couple)
        for number, plan in enumerate(wanted, start=1):
            played.append(play(room, plan, replies=replies))
            if out is not None:
                # A long run that is stopped leaves what it has played.
                _jsonl(out / "sessions.jsonl", [played[-1].to_json()], add=number > 1)
            say(
                f"{number} of {len(wanted)}: {plan.couple}, {plan.scenario}, {plan.trainee}: {played[-1].outcome} "
                f"({time.monotonic() - started:.0f} s)"
            )
        with working("reading the transcripts"):
            value: dict[str, Any] = {"model": room.voice.name, "seed": seed, **report(played, room.library)}
    finally:
        room.close()
    if out is not None:
        (out / "report.json").write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        _jsonl(out / "to-read.jsonl", reading_sample(played, 100, seed=seed))
        say(f"The report, all sessions and 100 lines to read are in {out}.")
    emit(value) if format is Format.json else typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


def adapter(
    sessions: Annotated[int, typer.Option("--sessions", min=1, max=200, help="Sessions to play.")] = 16,
    replies: Annotated[int, typer.Option("--replies", min=2, max=30, help="Replies a session, at most.")] = 5,
    seed: Annotated[int, typer.Option("--seed")] = 1,
    couple: Annotated[str | None, typer.Option("--couple", help="Only this couple.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for the report and for all lines, shuffled, to be read blind.")
    ] = None,
    format: FormatOption = Format.text,
) -> None:
    """Let the embedded model word the same moments with its adapter and without, and count what the critic lets pass."""
    from simulator.review import beside
    from simulator.review.played import plans, play
    from simulator.session import Room
    from simulator.store import Repository
    from simulator.voice import open_model

    settings = load_settings(backend="embedded", candidates=2, authored_from=ALWAYS_ASK)
    if not settings.adapter:
        raise InputError("There is no adapter to compare with.", how="Set REPAIR_ROOM_ADAPTER to its GGUF file.")
    if out is not None:
        folder_for(out)
    with working("opening the room"):
        plain, trained = (open_model(s) for s in (settings.model_copy(update={"adapter": ""}), settings))
        room = Room.open(settings, voice=beside.Beside(plain, trained), store=Repository.open("sqlite://"))
    names = ("without", "with")
    played = []
    try:
        for number, plan in enumerate(plans(room.library, sessions, seed=seed, couple=couple), start=1):
            played.append(play(room, plan, replies=replies))
            say(f"{number} of {sessions}: {plan.couple}, {plan.trainee}: {beside.compared(played, names)['passes']}")
    finally:
        room.close()
    value = {"model": settings.model, "adapter": trained.name, "seed": seed, **beside.compared(played, names)}
    if out is not None:
        rows, key = beside.to_read(played, names, seed=seed)
        (out / "report.json").write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
        (out / "key.json").write_text(json.dumps(key) + "\n", encoding="utf-8")
        _jsonl(out / "to-read.jsonl", rows)
    emit(value) if format is Format.json else typer.echo(json.dumps(value, indent=2))


def _jsonl(path: Path, rows: list[dict[str, Any]], *, add: bool = False) -> None:
    with path.open("a" if add else "w", encoding="utf-8") as handle:
        handle.writelines(json.dumps(r, ensure_ascii=False) + "\n" for r in rows)
