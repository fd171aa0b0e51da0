"""`repair-room persona`: the couples, checked as a colleague would, and where each technique is practised."""

from __future__ import annotations

from typing import Annotated

import typer

from simulator.couple import load_library
from simulator.couple.lint import findings
from simulator.couple.techniques import techniques_page
from simulator.settings import load_settings

app = typer.Typer(help="Check couples and scenarios.", no_args_is_help=True)


@app.command("check")
def check(couple: Annotated[str | None, typer.Argument(help="Couple id; without one, all of them.")] = None) -> None:
    """Load couples and scenarios, and list what is missing or doubtful; exit code 2 when a file breaks a rule."""
    library = load_library(load_settings().personas)
    chosen = [library.couple(couple)] if couple else list(library.couples.values())
    doubts = 0
    for one in chosen:
        scenarios = library.scenarios_of(one.id)
        found = findings(one, scenarios)
        doubts += len(found)
        lines = sum(len(p.lines) for p in one.partners)
        typer.echo(f"{one.id}: {lines} lines, {len(one.facts)} facts, {len(scenarios)} scenarios")
        for finding in found:
            typer.echo(f"  - {finding}")
    typer.echo("Nothing to mend." if not doubts else f"{doubts} things to look at.")
    if doubts:
        raise typer.Exit(1)


@app.command("techniques")
def techniques() -> None:
    """Print, as Markdown, which scenarios call for which technique."""
    typer.echo(techniques_page(load_library(load_settings().personas)), nl=False)
