"""`repair-room export` and `import`, `backup` and `restore`: the record as files."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.common import say, working
from simulator.errors import InputError, StoreError
from simulator.review.export import FORMATS, export_many, export_report
from simulator.review.importing import import_transcripts, look_for_details, read_any
from simulator.session import Room
from simulator.settings import load_settings
from simulator.store import Found, Repository
from simulator.store.backup import backup as copy_database
from simulator.store.backup import keep_learned, learned_back
from simulator.store.backup import restore as put_back
from simulator.studio.forgetting import forget_before

MAX_FILE = 200_000_000
OwnerOption = Annotated[str, typer.Option("--user", help="Whose sessions; without it, the local profile's.")]


def export(
    session: Annotated[list[str] | None, typer.Argument(help="Ids of sessions; none means all of them.")] = None,
    format: Annotated[str, typer.Option("--format", help=", ".join(FORMATS))] = "jsonl",
    out: Annotated[Path | None, typer.Option("--out", help="File to write; without it, standard output.")] = None,
    user: OwnerOption = "",
) -> None:
    """Write sessions to a file; in html, pdf and markdown each begins on a page of its own."""
    room = _room()
    owner = room.store.people.named(user).id if user else None
    records = [room.store.session(s) for s in session or ()] or room.store.sessions(Found((owner,)), limit=1_000_000)
    if format == "jsonl":
        body = export_many(room, records, own=True, drafts=True)
    else:
        body, _ = export_report(room, records, format, own=True)
    for record in records:
        room.store.people.note("command line", f"exported a session as {format}", record.id)
    if out is None:
        sys.stdout.buffer.write(body)
        return
    try:
        out.write_bytes(body)
    except OSError as error:
        raise InputError(f"{out}: {error.strerror or error}.", how="Choose another place.") from error
    say(f"{len(records)} sessions in {out}")


def import_(
    file: Annotated[Path, typer.Argument(help=".jsonl, .json, .csv (speaker, text), .vtt, or text (Name: words).")],
    therapist: Annotated[str, typer.Option("--therapist", help="What the therapist is called in it.")] = "Therapist",
    redact: Annotated[bool, typer.Option("--redact", help="Replace what looks like a real person's details.")] = False,
    sure: Annotated[bool, typer.Option("--sure", help="Import it although it looks like a real person's.")] = False,
    user: OwnerOption = "",
) -> None:
    """Score transcripts made elsewhere and keep them; what `export` wrote as jsonl comes back as it was."""
    try:
        if file.stat().st_size > MAX_FILE:
            raise InputError(f"{file}: larger than {MAX_FILE // 1_000_000} MB.", how="Split it.")
        data = file.read_bytes()
    except OSError as error:
        raise InputError(f"{file}: {error.strerror or error}.", how="Check the path.") from error
    found = read_any(data, str(file), therapist=therapist)
    looks = look_for_details(found)
    if looks and not (redact or sure):
        raise InputError(
            f"{file}: this looks like a real person's details: {', '.join(looks[:8])}. Nothing was kept.",
            how="Use --redact to have them replaced, or --sure when you have looked.",
        )
    room = _room()
    owner = room.store.people.named(user).id if user else None
    with working(f"scoring {len(found)} transcripts"):
        made = import_transcripts(room, found, owner=owner, redact=redact)
    room.store.people.note("command line", "imported sessions", str(len(made)))
    for record in made:
        typer.echo(record.id)


def forget(
    days: Annotated[int, typer.Option("--older-than", min=1, help="Days since anything happened in a session.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete sessions that nothing has happened in for so many days, with scores, notes and reviews."""
    if not yes and not typer.confirm(f"Sessions untouched for {days} days will be gone for good. Go on?", err=True):
        raise StoreError("Nothing was deleted.")
    settings = load_settings()
    store = Repository.open(settings.database)
    gone = forget_before(settings, store, datetime.now(UTC) - timedelta(days=days))
    store.people.note("command line", f"forgot {gone} sessions", f"older than {days} days")
    say(f"{gone} sessions deleted.")


def backup(file: Annotated[Path, typer.Argument(help="File to write; it must not exist.")]) -> None:
    """Copy the database to a file while the room is in use (SQLite), and beside it the rubric and calibrations of this room."""
    if file.exists():
        raise InputError(f"{file}: there is such a file already.", how="Choose another name.")
    settings = load_settings()
    copy_database(settings.database, file)
    learned = keep_learned(settings.data_dir, file)
    Repository.open(settings.database).people.note("command line", "made a backup", str(file))
    say(f"Copied to {file}" + (f", and what this room has learned to {learned}" if learned else ""))


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `backup` wrote.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Put a backup in the place of the database; what was there is kept beside it."""
    settings = load_settings()
    url = settings.database
    if not yes and not typer.confirm("Everything since that backup will be out of sight. Go on?", err=True):
        raise StoreError("Nothing was changed.")
    kept = put_back(url, file)
    back = learned_back(settings.data_dir, file)
    # An older backup is brought up to date at once, and not by whoever comes next.
    Repository.open(url).people.note("command line", "restored a backup", str(file))
    if back:
        say("The rubric and the calibrations of that time are back; start a room that runs again.")
    say(f"Restored.{f' What was there before is in {kept}.' if kept else ''}")


def _room() -> Room:
    # Neither needs the language model.
    settings = load_settings(backend="scripted")
    return Room.open(settings, store=Repository.open(settings.database))
