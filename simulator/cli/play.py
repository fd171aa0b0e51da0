"""`repair-room list` and `repair-room play`: the couples, and a session without a screen."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
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
    say,
    working,
)
from simulator.couple import MOVES, load_library
from simulator.errors import InputError
from simulator.session import DIFFICULTIES, Begun, Room, Session
from simulator.session.transcript import turn_json
from simulator.settings import load_settings
from simulator.store import Repository, TurnRecord
from simulator.text import clean_reply
from simulator.voice import model_names

MAX_REPLIES = 500


def list_(format: FormatOption = Format.text) -> None:
    """List the couples with their scenarios, the moves and the models."""
    library = load_library(load_settings().personas)
    couples = [
        {
            "id": c.id,
            "title": c.title,
            "partners": [{"id": p.id, "name": p.name} for p in c.partners],
            "scenarios": [
                {"id": s.id, "title": s.title, "techniques": s.techniques} for s in library.scenarios_of(c.id)
            ],
        }
        for c in library.couples.values()
    ]
    if format is Format.json:
        emit({"couples": couples, "moves": list(MOVES), "models": list(model_names())})
        return
    for couple in library.couples.values():
        typer.echo(f"{couple.id}: {couple.title}")
        for s in library.scenarios_of(couple.id):
            typer.echo(f"  {s.id}: {s.title} (techniques {', '.join(map(str, s.techniques))})")


def play(
    couple: Annotated[str, typer.Option("--couple", help="Couple id.")],
    scenario: Annotated[str, typer.Option("--scenario", help="Scenario id.")],
    replies: Annotated[
        Path,
        typer.Option(
            "--replies",
            help="Text file, one reply a line; '/see NAME' sees one partner alone from there on, '/see both' ends that.",
        ),
    ],
    seed: Annotated[int, typer.Option("--seed", help="Same seed, same choices.")] = 0,
    model: ModelOption = None,
    backend: BackendOption = None,
    difficulty: Annotated[str, typer.Option("--difficulty", help=", ".join(DIFFICULTIES))] = "real",
    save: Annotated[bool, typer.Option("--save", help="Keep the session in the database.")] = False,
    format: FormatOption = Format.text,
) -> None:
    """Play a session without a screen: one reply a line, every turn printed."""
    lines = _read_replies(replies)
    settings = load_settings(model=model if model != "scripted" else None, backend=backend_for(model, backend))
    library = load_library(settings.personas)
    library.scenario(couple, scenario)  # a typo is told before the model loads
    store = Repository.open(settings.database if save else "sqlite://")
    with working("opening the room"):
        room = Room.open(settings, store=store)
    try:
        session = room.begin(couple, scenario, seed=seed, difficulty=difficulty)
        with working("the couple is coming in"):
            session.warm()
        names = {p.id: p.name for p in session.couple.partners}
        turns: list[dict[str, Any]] = []

        def note(turn: TurnRecord) -> None:
            value = turn_json(turn)
            turns.append(value)
            if format is Format.text:
                _print(value)

        for turn in session.answers():
            note(turn)
        left = list(lines)
        while left and not session.over:
            started = time.monotonic()
            wanted = left.pop(0)
            if wanted.startswith("/see "):
                name = wanted.removeprefix("/see ").strip()
                session.see(None if name == "both" else name)
                continue
            said = session.reply(wanted)
            spoken = list(_timed(session, started))
            whole = round((time.monotonic() - started) * 1000)
            first = spoken[0].timings["first_text"] if spoken else whole
            note(replace(said, timings={**said.timings, "first_text": first, "total": whole}))
            for turn in spoken:
                note(turn)
            session.warm()
        if not session.over:
            session.finish()
            for turn in session.answers():
                note(turn)
        left = [x for x in left if not x.startswith("/see ")]
        if left:
            say(f"{len(left)} replies were not used: the session had ended ({session.progress.outcome}).")
        outcome = {
            "ended": session.progress.outcome,
            "replies": session.progress.replies,
            "unused_replies": len(left),
            "bids": session.progress.bids,
            "told": session.progress.told,
            "state": {names[who]: s.public() for who, s in session.progress.states.items()},
        }
        if format is Format.json:
            emit(
                {
                    "couple": couple, "scenario": scenario, "seed": seed, "model": room.voice.name,
                    "turns": turns, "outcome": outcome,
                }
            )  # fmt: skip
        else:
            typer.echo(f"\nThe session ended: {session.progress.outcome}.")
    finally:
        room.close()


def _timed(session: Session, started: float) -> Iterator[TurnRecord]:
    first = 0
    for said in session.speaking():
        at = round((time.monotonic() - started) * 1000)
        if isinstance(said, Begun):
            first = at
            continue
        yield replace(said, timings={**said.timings, "since_reply": at, "first_text": first or at, "total": at})
        first = 0


def _read_replies(path: Path) -> list[str]:
    try:
        if path.stat().st_size > 5_000_000:
            raise InputError(f"{path}: larger than 5 MB.", how="One reply a line, at most 500 of them.")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}.", how="Check the path.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 text.", how="Save it as UTF-8.") from error
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise InputError(f"{path}: there is no reply in it.", how="Write one reply a line.")
    if len(lines) > MAX_REPLIES:
        raise InputError(f"{path}: {len(lines)} replies; at most {MAX_REPLIES} make a session.")
    # A reply that cannot be said is told before the session begins, not in the middle of it.
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                clean_reply(line)
            except InputError as error:
                raise InputError(f"{path}, line {number}: {error}") from error
    return lines


def _print(turn: dict[str, Any]) -> None:
    if turn["speaker"] == "therapist":
        levels = ", ".join(
            f"{name.replace('_', ' ')} {s['level'] if s['status'] == 'scored' else s['status'].replace('_', ' ')}"
            for name, s in turn["skills"].items()
        )
        typer.echo(f"\nTHERAPIST: {turn['text']}\n    [{levels}]")
    else:
        typer.echo(f"{turn['speaker'].upper()} ({turn['move']}, {turn['source']}): {turn['text']}")
