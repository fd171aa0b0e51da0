"""`repair-room eval`: how good and how quick, measured here."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Annotated, Literal

import typer

from simulator.cli.common import BackendOption, Format, FormatOption, ModelOption, backend_for, emit, say, working
from simulator.cli.realism import adapter, realism
from simulator.cli.speed import speed
from simulator.errors import InputError
from simulator.settings import load_settings

app = typer.Typer(help="Measure the rubric and the speed on this machine.", no_args_is_help=True)
app.command("realism")(realism)
app.command("adapter")(adapter)
app.command("speed")(speed)


@app.command("rubric")
def rubric(
    split: Annotated[str, typer.Option("--split", help="development or test")] = "development",
    intervals: Annotated[int, typer.Option("--intervals", min=0, help="Bootstrap rounds for 95 % intervals.")] = 0,
    worst: Annotated[int, typer.Option("--worst", min=0, help="Also list this many of the worst errors.")] = 0,
    format: FormatOption = Format.text,
) -> None:
    """Agreement of the rubric engine with the labels of a held-out split."""
    from simulator.rubric import evaluate
    from simulator.rubric.book import load_rubric

    held = _held_out(split)
    settings = load_settings()
    book, model = load_rubric(settings.rubrics), settings.rubrics / "model"
    with working("scoring the labelled replies"):
        value = evaluate.figures(book, model, held, intervals=intervals)
        value["client_turns"] = evaluate.challenge_in_turns(book, model, held)
        if worst:
            value["worst"] = evaluate.worst(book, model, held, most=worst)
    emit(value) if format is Format.json else typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


@app.command("answers")
def answers(format: FormatOption = Format.text) -> None:
    """How well the authored line that is chosen answers what was said, on lines that were read and judged."""
    from simulator.couple import load_library
    from simulator.embedding import Memory
    from simulator.review.answers import evaluate, judged_moments
    from simulator.rubric import Engine

    settings = load_settings()
    with working("reading what answers what"):
        engine = Engine.load(settings.rubrics)
        value = evaluate(load_library(settings.personas), engine, judged_moments(), Memory(settings.vectors))
    emit(value) if format is Format.json else typer.echo(json.dumps(value, indent=2))


@app.command("designs")
def designs(
    split: Annotated[str, typer.Option("--split", help="development or test")] = "development",
    retrain: Annotated[
        bool, typer.Option("--retrain", help="Also train the coder with the context withheld; takes ten minutes.")
    ] = False,
    format: FormatOption = Format.text,
) -> None:
    """The coder beside simpler designs trained on the same replies: length, TF-IDF, the frozen encoder."""
    from simulator.rubric.baselines import compare
    from simulator.rubric.book import load_rubric
    from simulator.rubric.train import train

    settings, held = load_settings(), _held_out(split)
    rubric = load_rubric(settings.rubrics)
    with tempfile.TemporaryDirectory() as folder:
        without = Path(folder) if retrain else None
        if without:
            train(rubric, without, say=say, context=False)
        with working("training the simpler designs"):
            value = compare(rubric, settings.rubrics / "model", held, without=without)
    emit(value) if format is Format.json else typer.echo(json.dumps(value, indent=2))


@app.command("annomi")
def annomi(
    file: Annotated[Path, typer.Argument(help="AnnoMI-simple.csv or AnnoMI-full.csv, as published.")],
    format: FormatOption = Format.text,
) -> None:
    """Agreement with the experts of the public AnnoMI transcripts on four therapist behaviours."""
    from simulator.rubric import Engine
    from simulator.rubric.annomi import agreement

    with working("coding the utterances"):
        value = agreement(Engine.load(load_settings().rubrics), file)
    emit(value) if format is Format.json else typer.echo(json.dumps(value, indent=2))


@app.command("rater")
def rater(
    split: Annotated[str, typer.Option("--split", help="development or test")] = "development",
    limit: Annotated[int, typer.Option("--limit", min=2, help="Replies to rate; each takes the model seconds.")] = 40,
    model: ModelOption = None,
    backend: BackendOption = None,
    format: FormatOption = Format.text,
) -> None:
    """Agreement of the engine with a second rater: the configured language model."""
    from simulator.review.rater import compare
    from simulator.rubric import Engine
    from simulator.rubric.evaluate import ask
    from simulator.voice import open_model

    settings = load_settings(model=model if model != "scripted" else None, backend=backend_for(model, backend))
    engine = Engine.load(settings.rubrics)
    held = _held_out(split)
    replies = [r for r in engine.rubric.replies() if r.split == held]
    step = max(1, len(replies) // limit)
    voice = open_model(settings)
    try:
        value = compare(
            voice, engine, [ask(r) for r in replies[::step][:limit]], progress=lambda n, of: say(f"{n} of {of} replies")
        )
    finally:
        voice.close()
    emit(value) if format is Format.json else typer.echo(json.dumps(value, indent=2))


def _held_out(split: str) -> Literal["development", "test"]:
    if split not in ("development", "test"):
        raise InputError(f"There is no held-out split '{split}'.", how="Choose: development, test.")
    return "test" if split == "test" else "development"
