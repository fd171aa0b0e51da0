"""`repair-room persona`: couples begun, checked as a colleague would, compared, brought in and packed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.common import say
from simulator.couple import load_library
from simulator.couple.keys import keys_page
from simulator.couple.lint import COUPLE, findings
from simulator.couple.techniques import techniques_page
from simulator.errors import InputError
from simulator.settings import load_settings
from simulator.studio.manuscript import FILE, check, diff, skeleton
from simulator.studio.packing import couple_id_in, pack, read_card, unpack, with_partner

app = typer.Typer(help="Write, check, compare, import and export couples.", no_args_is_help=True)
InOption = Annotated[Path | None, typer.Option("--in", help="Folder of couples; default: the one in use.")]


@app.command("new")
def new(
    couple: Annotated[str, typer.Argument(help="Id, in small letters with hyphens.")],
    first: Annotated[str, typer.Argument(help="The first partner's name.")],
    second: Annotated[str, typer.Argument(help="The second partner's name.")],
    folder: InOption = None,
    author: Annotated[str, typer.Option("--author")] = "",
) -> None:
    """Begin a couple: a folder with a couple.yaml and a first session, filled with what belongs where."""
    _write(folder, couple, skeleton(couple, (first, second), author))


@app.command("check")
def check_(
    couple: Annotated[
        str | None, typer.Argument(help="Couple id, or a folder with a couple.yaml; without one, all.")
    ] = None,
) -> None:
    """List what is wrong, missing or doubtful, each with its place; exit code 2 when a file breaks a rule, 1 for doubts."""
    if couple and (Path(couple) / COUPLE).is_file():
        found = check(_read(Path(couple)))
        problems = [f"{couple}/{file}, line {p.line}: {p.message}" for file, ps in found.problems.items() for p in ps]
        for problem in problems:
            typer.echo(problem)
        if problems:
            raise InputError(f"{len(problems)} problems in {couple}.", how="They are listed above.")
        assert found.couple is not None  # it has no problems
        chosen, sessions = [found.couple], {found.couple.id: found.scenarios}
    else:
        library = load_library(load_settings().personas)
        chosen = [library.couple(couple)] if couple else list(library.couples.values())
        sessions = {c.id: library.scenarios_of(c.id) for c in chosen}
    doubts = 0
    for one in chosen:
        found_here = findings(one, sessions[one.id])
        doubts += sum(not f.consider for f in found_here)
        lines = sum(len(p.lines) for p in one.partners)
        typer.echo(f"{one.id}: {lines} lines, {len(one.facts)} facts, {len(sessions[one.id])} scenarios")
        for finding in found_here:
            typer.echo(f"  - {finding}")
    typer.echo("Nothing to mend." if not doubts else f"{doubts} things to mend.")
    if doubts:
        raise typer.Exit(1)


@app.command("diff")
def diff_(
    old: Annotated[Path, typer.Argument(help="A couple's folder or zip.")],
    new: Annotated[Path, typer.Argument(help="Another one.")],
) -> None:
    """Show what changed from one couple to another; exit code 1 when anything did."""
    lines = diff(_read(old), _read(new), names=(str(old), str(new)))
    sign = {"new": "+ ", "gone": "- ", "same": "  ", "place": "", "file": "\n"}
    for kind, line in lines:
        typer.echo(f"{sign[kind]}{line}")
    if lines:
        raise typer.Exit(1)
    say("Nothing has changed.")


@app.command("export")
def export(
    couple: Annotated[str, typer.Argument(help="Couple id, or a couple's folder.")],
    out: Annotated[Path, typer.Option("--out", help="The zip to write.")],
) -> None:
    """Pack a couple into a zip."""
    folder = Path(couple) if (Path(couple) / COUPLE).is_file() else load_settings().personas / couple
    files = _read(folder)
    try:
        out.write_bytes(pack(couple_id_in(files) or folder.name, files))
    except OSError as error:
        raise InputError(f"{out}: {error.strerror or error}.", how="Choose another place.") from error
    say(f"{len(files)} files in {out}")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A zip, a couple.yaml, or a Character Card (PNG or JSON).")],
    folder: InOption = None,
    couple: Annotated[str, typer.Option("--id", help="The couple's id; a card needs one.")] = "",
    second: Annotated[str, typer.Option("--second", help="For a card: the other partner's name.")] = "Somebody",
) -> None:
    """Bring a couple into the folder of couples; nothing that is there is overwritten."""
    data = _bytes(file)
    if file.suffix.lower() in (".png", ".json"):
        name, partner, left = read_card(data)
        files = skeleton(couple, (name, second), "")
        files[COUPLE] = with_partner(files[COUPLE], partner)
        for words in left:
            say(f"left behind: {words}")
        target = couple
    else:
        files = unpack(data)
        target = couple_id_in(files)
        if not target or couple not in ("", target):
            raise InputError(f"{file}: its couple is '{target}'.", how="Use that id, or change it in couple.yaml.")
    _write(folder, target, files)


@app.command("techniques")
def techniques() -> None:
    """Print, as Markdown, which scenarios call for which technique."""
    typer.echo(techniques_page(load_library(load_settings().personas)), nl=False)


@app.command("keys")
def keys() -> None:
    """Print, as Markdown, every key of a couple and a scenario with what it is for."""
    typer.echo(keys_page())


def _write(folder: Path | None, couple: str, files: dict[str, str]) -> None:
    target = (folder or load_settings().personas) / couple
    try:
        target.mkdir(parents=True, exist_ok=False)
        for name, text in files.items():
            (target / name).parent.mkdir(exist_ok=True)
            (target / name).write_text(text, encoding="utf-8")
    except FileExistsError as error:
        raise InputError(f"{target} is there already.", how="Choose another id, or --in another folder.") from error
    except OSError as error:
        raise InputError(f"{target}: {error.strerror or error}.", how="Choose another folder with --in.") from error
    say(f"{len(files)} files in {target}. Check them: repair-room persona check {target}")


def _read(where: Path) -> dict[str, str]:
    if where.is_file():
        return unpack(_bytes(where))
    names = [
        p.relative_to(where).as_posix()
        for p in [where / COUPLE, *sorted(where.glob("scenarios/*.yaml"))]
        if p.is_file()
    ]
    if COUPLE not in names:
        raise InputError(f"{where}: there is no couple.yaml.", how="Name a couple's folder, or its zip.")
    files = {}
    for name in names:
        if not FILE.match(name):
            raise InputError(f"{where / name}: small letters, digits and hyphens only.", how="Rename the file.")
        files.update({name: unpack(_bytes(where / name))[COUPLE]})
    return files


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > 10_000_000:
            raise InputError(f"{path}: larger than 10 MB.", how="A couple is text; this is something else.")
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}.", how="Check the path.") from error
