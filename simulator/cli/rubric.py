"""`repair-room rubric`: check the labelled data, train the coder."""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from simulator.cli.common import Format, FormatOption, emit, folder_for, say, working
from simulator.described import keys_table, write_schemas
from simulator.errors import InputError
from simulator.rubric import load_rubric
from simulator.rubric.book import SCHEMAS
from simulator.rubric.keys import KEYS
from simulator.settings import load_settings

COMMAND_LINE = "command line"

app = typer.Typer(help="The rubric: check its data, train its coder.", no_args_is_help=True)


@app.command("check")
def check(format: FormatOption = Format.text) -> None:
    """Lint the labelled examples: unknown codes, duplicates, leakage across splits, conflicts, length bias."""
    from simulator.rubric.lint import lint
    from simulator.rubric.samples import trained_on

    rubric = load_rubric(load_settings().rubrics)
    report = {**lint(rubric), "weights_fit": trained_on(rubric)}
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
        if not report["weights_fit"]:
            say("The weights were trained on other examples than these: repair-room rubric train")


@app.command("recalibrate")
def recalibrate(
    least: Annotated[
        int, typer.Option("--least", min=5, help="Judgements of a skill before anything is learned.")
    ] = 30,
    adopt: Annotated[str, typer.Option("--adopt", help="Let this calibration correct scores from now on.")] = "",
    revert: Annotated[bool, typer.Option("--revert", help="Go back to the engine's own scores.")] = False,
    format: FormatOption = Format.text,
) -> None:
    """Learn a correction of the scores from supervisors' reviews, shown on held-out sessions; adopt it or revert it."""
    from simulator.review.recalibrate import lessons
    from simulator.review.recalibrate import recalibrate as learn
    from simulator.rubric import calibration
    from simulator.store import Found, Repository

    settings = load_settings()
    store = Repository.open(settings.database)
    if revert:
        there = calibration.revert(settings.data_dir)
        store.people.note(COMMAND_LINE, "reverted the calibration")
        say("Back to the engine's own scores." if there else "No calibration was adopted.")
        return
    if adopt:
        found = calibration.adopt(settings.data_dir, adopt)
        store.people.note(COMMAND_LINE, "adopted a calibration", found.id)
        say(f"{found.id} corrects what is scored from now on; start the room again. To go back: --revert")
        return
    rubric = load_rubric(settings.rubrics)
    submitted = {s.id for s in store.sessions(Found(submitted=True), limit=1_000_000)}
    reviews = [r for r in store.reviews.every() if r.session_id in submitted]
    turns = store.turns_of(sorted({r.session_id for r in reviews}))
    found = learn(lessons(reviews, turns, rubric.version), rubric, least=least)
    path = calibration.keep(settings.data_dir, found)
    if format is Format.json:
        emit({"calibration": found.id, "file": str(path), "report": found.report})
        return
    for skill, row in found.report.items():
        name = next(s.title for key, s in rubric.levels.skills.items() if key == skill)
        typer.echo(
            f"{name}: {row['judgements']} judgements, {row['differing']} differ from the engine; {'corrected' if row['learned'] else row['because']}"
        )
        for when in ("before", "after") if "before" in row else ():
            said = ", ".join(
                f"{key.replace('_', ' ')} " + _with_interval(row[when][key], row[when]["interval_95"][key])
                for key in ("mean_error", "same_level", "weighted_kappa")
            )
            typer.echo(f"  {when:6} {said}")
    if found.skills:
        say(f"Nothing has changed yet. To adopt it: repair-room rubric recalibrate --adopt {found.id}")
    else:
        say("It helps no skill on held-out sessions: there is nothing to adopt.")


def _with_interval(value: float | None, between: list[float] | None) -> str:
    if value is None:
        return "undefined (everybody gave the same level)"
    return f"{value:.2f}" + (f" ({between[0]:.2f} to {between[1]:.2f})" if between else "")


@app.command("rescore")
def rescore(
    user: Annotated[str, typer.Option("--user", help="Whose sessions; without it, everybody's.")] = "",
    format: FormatOption = Format.text,
) -> None:
    """Score old sessions with the rubric of today and see what changes; the earlier scores stay."""
    from simulator.review.rescoring import rescore as again
    from simulator.session import Room
    from simulator.store import Found

    room = Room.open(load_settings(backend="scripted"))
    found = Found((room.store.people.named(user).id,)) if user else None
    records = room.store.sessions(found, limit=1_000_000)
    with working(f"scoring {len(records)} sessions"):
        result = again(room, records)
    room.store.people.note(COMMAND_LINE, "scored sessions again", str(result.sessions))
    if format is Format.json:
        emit({**vars(result), "changes": [vars(c) for c in result.changes]})
        return
    version = room.engine.versions["rubric_version"]
    typer.echo(f"{result.replies} replies of {result.sessions} sessions scored with {version}")
    if result.skipped:
        typer.echo(f"{result.skipped} sessions left as they are: what they were played with is missing")
    moved = Counter((c.skill, c.before, c.after) for c in result.changes)
    for (skill, before, after), n in sorted(moved.items(), key=lambda x: -x[1]):
        typer.echo(f"  {skill}: {before or 'not scored'} -> {after or 'not scored'}: {n}")
    for c in result.changes[:20]:
        typer.echo(f"  session {c.session}, turn {c.turn}")


@app.command("own")
def own(
    train_: Annotated[
        bool, typer.Option("--train", help="Train the draft, and show the effect on the development split.")
    ] = False,
    adopt: Annotated[bool, typer.Option("--adopt", help="Let the trained draft score from now on.")] = False,
    revert: Annotated[bool, typer.Option("--revert", help="Go back to the rubric that ships.")] = False,
) -> None:
    """A rubric of your own: a draft from the studio, trained aside, adopted when you have seen the effect."""
    from simulator.store import Repository
    from simulator.studio import job, own_rubric, training
    from simulator.studio.examples import own_examples

    settings = load_settings()
    store = Repository.open(settings.database)
    titles = {s: t.title for s, t in load_rubric(settings.rubrics).levels.skills.items()}

    def work(what: job.Work) -> dict[str, Any]:
        training.check_begins(settings, what)
        with job.held(settings):
            job.begin(settings, what, COMMAND_LINE, pid=os.getpid())
            return training.perform(settings, what, say)

    if revert:
        there = own_rubric.revert(settings)
        store.people.note(COMMAND_LINE, "reverted to the shipped rubric")
        say(
            "Back to the rubric that ships; a room that runs must be started again."
            if there
            else "No rubric of your own was adopted."
        )
        return
    if adopt:
        version = own_rubric.adopt(settings, COMMAND_LINE)
        store.people.note(COMMAND_LINE, "adopted a rubric", version)
        say(f"{version} scores from now on; a room that runs must be started again. To go back: --revert")
        test = work("test")
        typer.echo(f"On the {training.of_split(test)} (95 % intervals)")
        for row in training.rows(test, titles):
            typer.echo(f"{row['skill']}, {row['measure']}: {row['value']}")
        return
    examples = own_examples(settings)
    for e in examples:
        typer.echo(f"{e.id}: {e.text[:90]}")
    if not train_:
        typer.echo(f"{len(examples)} examples of your own in the draft.")
        return
    store.people.note(COMMAND_LINE, "began to train the rubric")
    report = work("effect")
    typer.echo(f"On the {training.of_split(report['after'])} (95 % intervals)")
    for row in training.effect_rows(report, titles):
        typer.echo(f"{row['skill']}, {row['measure']}: {row['before']} -> {row['after']}")
    say("Nothing has changed yet. To adopt it: repair-room rubric own --adopt")


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
    target = folder_for(out or rubric.folder / "model")
    # Trained aside and moved in place at the end: an interrupted training leaves the old weights whole.
    with tempfile.TemporaryDirectory(dir=target.parent) as aside:
        report = train(rubric, Path(aside), say=say, epochs=epochs or EPOCHS)
        for name in ("coder.safetensors", "coder.json"):
            (Path(aside) / name).replace(target / name)
    report["development"] = figures(rubric, target, "development")
    (target / "report.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    if format is Format.json:
        emit(report)
    else:
        typer.echo(json.dumps(report["development"], indent=2))
        say(f"trained in {report['seconds']} s; weights in {target}")


@app.command("keys")
def keys() -> None:
    """Print, as Markdown, every key of the code book, the level rules and the examples with what it is for."""
    typer.echo(keys_table(KEYS))


@app.command("schema")
def schema(out: Annotated[Path, typer.Option("--out", help="The folder of a rubric to write them into.")]) -> None:
    """Write the JSON schemas of the code book and the rules, which their first lines name, and of the examples' lines."""
    say(f"{', '.join(p.name for p in write_schemas(out, SCHEMAS))} in {out}")
