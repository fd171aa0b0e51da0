"""`repair-room score`: one transcript, or JSONL of thousands, without a language model."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from simulator.cli.common import Format, FormatOption, emit, say, working
from simulator.errors import InputError
from simulator.jsonl import parse_object, read_jsonl
from simulator.review.scoring import Transcript, read_transcript, score_transcripts
from simulator.rubric import Engine
from simulator.settings import load_settings

BATCH = 32


def score(
    file: Annotated[Path, typer.Argument(help="A transcript (.json), or one a line (.jsonl).")],
    format: FormatOption = Format.text,
) -> None:
    """Score every therapist turn of a transcript; JSONL in, JSONL out, order kept."""
    transcripts = _transcripts(file)
    first = next(transcripts)  # a broken file is told before the rubric loads
    with working("opening the rubric"):
        engine = Engine.load(load_settings().rubrics)
    done = 0
    waiting = _chain(first, transcripts)
    while batch := list(islice(waiting, BATCH)):
        for result in score_transcripts(engine, batch):
            if format is Format.json:
                emit(result)
            else:
                _print(result)
        done += len(batch)
        if done >= BATCH:
            say(f"{done} transcripts")


def _chain(first: Transcript, rest: Iterator[Transcript]) -> Iterator[Transcript]:
    yield first
    yield from rest


def _transcripts(file: Path) -> Iterator[Transcript]:
    if file.suffix == ".jsonl":
        found = False
        for number, value in read_jsonl(file):
            found = True
            yield read_transcript(value, f"{file}, line {number}")
        if not found:
            raise InputError(f"{file}: there is no transcript in it.")
        return
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"{file}: {error.strerror or error}.", how="Check the path.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{file}: not UTF-8 text.", how="Save it as UTF-8.") from error
    yield read_transcript(parse_object(text, str(file)), str(file))


def _print(result: dict[str, Any]) -> None:
    typer.echo(f"{result['id']}  ({result['rubric_version']})")
    for turn in result["turns"]:
        typer.echo(f"  turn {turn['turn']}, to {' and '.join(turn['addressed'])}")
        for name, skill in turn["skills"].items():
            label = name.replace("_", " ")
            if skill["status"] == "scored":
                typer.echo(f"    {label}: {skill['level']} ({skill['score']:.1f}) - {skill['why']}")
            else:
                typer.echo(f"    {label}: {skill['status'].replace('_', ' ')}")
    for name, skill in result["session"]["skills"].items():
        mean = "-" if skill["mean"] is None else f"{skill['mean']:.1f}"
        typer.echo(
            f"  session, {name.replace('_', ' ')}: mean {mean} over {skill['scored']} of {skill['replies']} replies"
        )
