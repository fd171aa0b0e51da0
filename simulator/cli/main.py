"""The commands, one module a group; every error a person can cause ends in one message and exit code 2."""

from __future__ import annotations

import logging
import os
import sys
import warnings

import structlog
import typer

from simulator import __version__
from simulator.cli import evaluate, models, people, persona, play, record, record_speed, rubric, score, serve
from simulator.errors import RepairRoomError
from simulator.settings import load_settings

app = typer.Typer(
    name="repair-room",
    help="Repair Room: a practice room for couple therapists.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("serve")(serve.serve)
app.command("list")(play.list_)
app.command("play")(play.play)
app.command("score")(score.score)
app.command("export")(record.export)
app.command("import")(record.import_)
app.command("forget")(record.forget)
app.command("backup")(record.backup)
app.command("restore")(record.restore)
app.add_typer(people.app, name="user")
app.add_typer(models.app, name="model")
app.add_typer(persona.app, name="persona")
app.add_typer(rubric.app, name="rubric")
evaluate.app.command("record")(record_speed.record)
app.add_typer(evaluate.app, name="eval")


@app.command("version")
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def main() -> None:
    """Run the command line."""
    warnings.filterwarnings("ignore")
    try:
        level = getattr(logging, load_settings().log_level.upper())
        structlog.configure(
            wrapper_class=structlog.make_filtering_bound_logger(level),
            logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        )
        app()
    except RepairRoomError as error:
        typer.echo(f"repair-room: {error}", err=True)
        raise SystemExit(2) from None
    except BrokenPipeError:
        # The reader (head, less) has gone: that is no error of anyone's.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None
    except KeyboardInterrupt:
        typer.echo("Stopped.", err=True)
        raise SystemExit(130) from None
