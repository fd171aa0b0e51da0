"""What the commands share: options, output, progress."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from simulator.errors import InputError

err = Console(stderr=True, highlight=False)


class Format(StrEnum):
    """How results are printed on stdout."""

    text = "text"
    json = "json"


FormatOption = Annotated[Format, typer.Option("--format", help="text for people, json for programs.")]
ModelOption = Annotated[str | None, typer.Option("--model", help="A name from `model list`, 'scripted', or a file.")]
BackendOption = Annotated[str | None, typer.Option("--backend", help="embedded, server, transformers or scripted.")]


def emit(value: Any) -> None:
    """Print one JSON value on one line."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def say(message: str) -> None:
    """Tell a person something, on stderr."""
    err.print(message, markup=False)


def folder_for(path: Path) -> Path:
    """Return a folder to write to, made if it is not there; InputError when it cannot be, before any work is done."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}.", how="Choose a folder to write to.") from error
    return path


def backend_for(model: str | None, backend: str | None) -> str | None:
    """Return the backend that a --model of 'scripted' implies."""
    return "scripted" if model == "scripted" else backend


@contextmanager
def byte_progress() -> Iterator[Callable[[int, int, str], None]]:
    """Show a progress bar on stderr for a download; on a file or pipe, a line now and then."""
    if not err.is_terminal:
        last = -1

        def plain(done: int, total: int, what: str) -> None:
            nonlocal last
            percent = 100 * done // max(total, 1)
            if percent // 10 > last // 10 or last < 0:
                last = percent
                say(f"{percent:3d} % of {total / 1e6:,.0f} MB - {what}")

        yield plain
        return
    columns = (
        TextColumn("{task.description:38}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()
    )  # fmt: skip
    with Progress(*columns, console=err, transient=False) as progress:
        task = progress.add_task("starting", total=None)

        def update(done: int, total: int, what: str) -> None:
            progress.update(task, completed=done, total=total, description=what)

        yield update


@contextmanager
def working(what: str) -> Iterator[None]:
    """Show on stderr what is being waited for."""
    if err.is_terminal:
        with err.status(what):
            yield
    else:
        yield
