"""`repair-room persona`: couples begun, checked as a colleague would, compared, brought in and packed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from simulator.cli.common import Format, FormatOption, emit, say
from simulator.couple import load_library
from simulator.couple.keys import keys_page
from simulator.couple.lint import COUPLE
from simulator.couple.schema import SCHEMAS
from simulator.couple.techniques import techniques_page
from simulator.described import write_schemas
from simulator.errors import InputError
from simulator.rubric import load_rubric
from simulator.settings import load_settings
from simulator.studio.cards import read_card, with_partner
from simulator.studio.changes import diff, in_words
from simulator.studio.manuscript import FILE, Checked, check, couple_id_in
from simulator.studio.packing import pack, text_of, unpack
from simulator.studio.skeleton import skeleton

app = typer.Typer(help="Write, check, compare, import and export couples.", no_args_is_help=True)
InOption = Annotated[Path | None, typer.Option("--in", help="Folder of couples; default: the one in use.")]
_LISTED = "They are listed above, each with its line."


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
    format: FormatOption = Format.text,
) -> None:
    """List what is wrong, missing or doubtful, each with its place; exit code 2 when a file breaks a rule, 1 for doubts."""
    codes = _codes()
    found = {name: check(files, codes=codes) for name, files in _chosen(couple)}
    doubts = sum(not f.consider for one in found.values() for f in one.findings)
    broken = sum(len(ps) for one in found.values() for ps in one.problems.values())
    if format is Format.json:
        emit({"couples": [_json(name, one) for name, one in found.items()], "to_mend": doubts, "problems": broken})
    else:
        for name, one in found.items():
            _print(name, one)
        if not broken:
            typer.echo("Nothing to mend." if not doubts else f"{doubts} things to mend.")
    if broken:
        raise InputError(f"{broken} problem{'s' if broken > 1 else ''} in {', '.join(_broken(found))}.", how=_LISTED)
    if doubts:
        raise typer.Exit(1)


def _chosen(couple: str | None) -> list[tuple[str, dict[str, str]]]:
    """Return (name, files) of the couple in a folder, of the one with this id, or of all."""
    if couple and (Path(couple) / COUPLE).is_file():
        return [(couple, _read(Path(couple)))]
    folder = load_settings().personas
    every = [_read(path.parent) for path in sorted(folder.glob(f"*/{COUPLE}"))]
    found = [(couple_id_in(files), files) for files in every if couple in (None, couple_id_in(files))]
    if not found:
        there = ", ".join(sorted(map(couple_id_in, every))) or "none"
        raise InputError(f"{folder}: there is no couple{f' {couple!r}' if couple else ''}.", how=f"Couples: {there}.")
    return found


def _print(name: str, one: Checked) -> None:
    if any(one.problems.values()):
        for problem in _problems(name, one):
            typer.echo(problem)
    elif one.couple is not None:
        lines = sum(len(p.lines) for p in one.couple.partners)
        typer.echo(f"{one.couple.id}: {lines} lines, {len(one.couple.facts)} facts, {len(one.scenarios)} scenarios")
        for finding in one.findings:
            typer.echo(f"  - {finding}")


def _problems(name: str, one: Checked) -> list[str]:
    return [f"{name}/{file}, line {p.line}: {p.message}" for file, ps in one.problems.items() for p in ps]


def _broken(found: Mapping[str, Checked]) -> list[str]:
    return [name for name, one in found.items() if any(one.problems.values())]


def _json(name: str, one: Checked) -> dict[str, Any]:
    return {
        "id": one.couple.id if one.couple else name,
        "problems": [{"file": file, **vars(p)} for file, ps in one.problems.items() for p in ps],
        "findings": [vars(f) for f in one.findings],
    }


def _codes() -> list[str]:
    return load_rubric(load_settings().rubrics).book.code_ids


@app.command("diff")
def diff_(
    old: Annotated[Path, typer.Argument(help="A couple's folder or zip.")],
    new: Annotated[Path, typer.Argument(help="Another one.")],
) -> None:
    """Show what changed from one couple to another; exit code 1 when anything did."""
    before, after = _read(old), _read(new)
    lines = diff(before, after, names=(str(old), str(new)))
    for words in in_words(before, after):
        typer.echo(words)
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
        files[COUPLE] = with_partner(files[COUPLE], partner, left)
        for words in left:
            say(f"left behind: {words}")
        target = couple
    else:
        files = unpack(data)
        target = couple_id_in(files)
        if not target or couple not in ("", target):
            raise InputError(f"{file}: its couple is '{target}'.", how="Use that id, or change it in couple.yaml.")
    # One file that breaks a rule keeps the whole library from being read: it does not come in.
    found = check(files, target, _codes())
    problems = _problems(target, found)
    for problem in problems:
        typer.echo(problem)
    if problems:
        count = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
        raise InputError(f"{file}: {count}; nothing was written.", how=_LISTED)
    _write(folder, target, files)


@app.command("techniques")
def techniques() -> None:
    """Print, as Markdown, which scenarios call for which technique."""
    typer.echo(techniques_page(load_library(load_settings().personas)), nl=False)


@app.command("keys")
def keys() -> None:
    """Print, as Markdown, every key of a couple and a scenario with what it is for."""
    typer.echo(keys_page())


@app.command("schema")
def schema(
    out: Annotated[Path, typer.Option("--out", help="The folder of couples to write them into.")],
) -> None:
    """Write the JSON schemas that the first line of every file names, so that an editor completes and explains the keys."""
    say(f"{', '.join(p.name for p in write_schemas(out, SCHEMAS))} in {out}")


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
    write_schemas(target.parent, SCHEMAS, keep=True)
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
        files[name] = text_of(_bytes(where / name), name)
    return files


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > 10_000_000:
            raise InputError(f"{path}: larger than 10 MB.", how="A couple is text; this is something else.")
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}.", how="Check the path.") from error
