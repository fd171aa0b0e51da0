"""`repair-room eval realism`: scripted trainees play sessions, and what they met is counted."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from simulator.cli.common import BackendOption, Format, FormatOption, ModelOption, backend_for, emit, say, working
from simulator.errors import InputError
from simulator.settings import load_settings


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
    from simulator.review import realism as real
    from simulator.session import Room
    from simulator.store import Repository

    if out is not None:
        try:
            out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"{out}: {error.strerror or error}.", how="Choose a folder to write to.") from error
    settings = load_settings(model=model if model != "scripted" else None, backend=backend_for(model, backend))
    with working("opening the room"):
        room = Room.open(settings, store=Repository.open("sqlite://"))
    played = []
    started = time.monotonic()
    try:
        if couple:
            room.library.couple(couple)
        wanted = real.plans(room.library, sessions, seed=seed, couple=couple)
        for number, plan in enumerate(wanted, start=1):
            played.append(real.play(room, plan, replies=replies))
            if out is not None:
                # A long run that is stopped leaves what it has played.
                _jsonl(out / "sessions.jsonl", [played[-1].to_json()], add=number > 1)
            say(
                f"{number} of {len(wanted)}: {plan.couple}, {plan.scenario}, {plan.trainee}: {played[-1].outcome} "
                f"({time.monotonic() - started:.0f} s)"
            )
        with working("reading the transcripts"):
            value: dict[str, Any] = {"model": room.voice.name, "seed": seed, **real.report(played, room.library)}
    finally:
        room.close()
    if out is not None:
        (out / "report.json").write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        _jsonl(out / "to-read.jsonl", real.reading_sample(played, 100, seed=seed))
        say(f"The report, all sessions and 100 lines to read are in {out}.")
    emit(value) if format is Format.json else typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


def _jsonl(path: Path, rows: list[dict[str, Any]], *, add: bool = False) -> None:
    with path.open("a" if add else "w", encoding="utf-8") as handle:
        handle.writelines(json.dumps(r, ensure_ascii=False) + "\n" for r in rows)
