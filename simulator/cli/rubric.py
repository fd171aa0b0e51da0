"""`repair-room rubric`: check the labelled data, train the coder."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.common import Format, FormatOption, emit, say
from simulator.errors import InputError
from simulator.rubric import load_rubric
from simulator.settings import load_settings

app = typer.Typer(help="The rubric: check its data, train its coder.", no_args_is_help=True)


@app.command("check")
def check(format: FormatOption = Format.text) -> None:
    """Lint the labelled examples: unknown codes, duplicates, leakage across splits, conflicts, length bias."""
    from simulator.rubric.lint import lint

    rubric = load_rubric(load_settings().rubrics)
    report = lint(rubric)
    if format is Format.json:
        emit(report)
    else:
        for name, count in report["counts"].items():
            typer.echo(f"{name}: {count}")
        for skill, r in report["length_correlation"].items():
            typer.echo(f"correlation of length and level, {skill}: {r:+.2f}")
        for problem in report["problems"]:
            typer.echo(f"- {problem}")
    if report["problems"]:
        raise InputError(
            f"{len(report['problems'])} problems in {rubric.folder / 'examples'}.",
            how="They are listed above.",
        )
    if format is Format.text:
        typer.echo("No problems.")


@app.command("train")
def train(
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for the weights; default: the rubric's own.")
    ] = None,
    epochs: Annotated[int | None, typer.Option("--epochs", min=1, max=20)] = None,
    format: FormatOption = Format.text,
) -> None:
    """Train the coder from the labelled examples and report how it does on the development split."""
    from simulator.rubric.evaluate import figures
    from simulator.rubric.train import EPOCHS, train

    rubric = load_rubric(load_settings().rubrics)
    target = out or rubric.folder / "model"
    # Trained aside and moved in place at the end: an interrupted training leaves the old weights whole.
    with tempfile.TemporaryDirectory(dir=target.parent) as aside:
        report = train(rubric, Path(aside), say=say, epochs=epochs or EPOCHS)
        target.mkdir(parents=True, exist_ok=True)
        for name in ("coder.safetensors", "coder.json"):
            (Path(aside) / name).replace(target / name)
    report["development"] = figures(rubric, target, "development")
    (target / "report.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    if format is Format.json:
        emit(report)
    else:
        typer.echo(json.dumps(report["development"], indent=2))
        say(f"trained in {report['seconds']} s; weights in {target}")
