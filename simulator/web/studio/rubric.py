"""This installation's own rubric: its versions, its examples, what training them does, adopted and reverted."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from fastapi.responses import Response

from simulator.errors import InputError
from simulator.studio import job, own_rubric, training
from simulator.studio.changes import diff
from simulator.studio.examples import drop_example, own_examples
from simulator.studio.rubric_texts import NAMES
from simulator.web.endpoints import Asked, on, when

PAGE = "/studio-rubric"
WORK = {"effect": "Training the draft and counting its effect", "test": "Counting the adopted rubric on the test split"}
IN_USE = "used"


@on("GET", PAGE, "studio")
def rubric(r: Asked) -> Response:
    """What the draft is, what it does to held-out scores, and what scores now."""
    settings = r.room.settings
    examples = [
        {
            "id": e.id, "before": e.turns[-1], "reply": e.reply, "reason": e.reason,
            "levels": ", ".join(f"{r.titles[s]} {v}" for s, v in e.levels.items() if v),
        }
        for e in own_examples(settings)
    ]  # fmt: skip
    used, counted, kept = settings.rubrics, own_rubric.report(settings), own_rubric.versions(settings)
    published = own_rubric.published(used)
    test = (published or {}).get("test")
    return r.page(
        "studio_rubric.html", rows=examples, version=r.room.engine.versions["rubric_version"], files=NAMES,
        changed=own_rubric.changed(settings), fixed=settings.rubrics_dir, job=_job(r),
        counted=counted, effect=training.effect_rows(counted, r.titles) if counted else [],
        effect_of=training.of_split(counted["after"]) if counted else "", published=published,
        test=training.rows(test, r.titles) if test else [], test_of=training.of_split(test) if test else "",
        versions=[{"number": v.number, "author": v.author, "when": when(v.created)} for v in kept],
        number=kept[0].number if kept else 0,
    )  # fmt: skip


@on("GET", f"{PAGE}/diff", "studio")
def difference(r: Asked) -> Response:
    """What changed in the draft since a version, or from the rubric in use."""
    settings, wanted = r.room.settings, r.query.get("version", IN_USE)
    if wanted == IN_USE:
        old, since = own_rubric.texts(settings.rubrics), "the rubric in use"
    else:
        found = own_rubric.version(settings, int(wanted) if wanted.isdecimal() and len(wanted) < 7 else -1)
        old, since = found.files, f"version {found.number} of {when(found.created)}"
    lines = diff(old, own_rubric.texts(own_rubric.folder_of(settings)))
    return r.page("studio_rubric_diff.html", lines=lines, since=since)


@on("POST", f"{PAGE}/restore", "studio")
def restore(r: Asked) -> Response:
    """Make an earlier version the draft again; what it replaces stays among the versions."""
    settings, found = r.room.settings, own_rubric.version(r.room.settings, r.number("wanted"))
    number = own_rubric.save(settings, r.who.name, r.number("version"), found.files)
    r.log("brought back a version of the rubric", f"version {found.number} as {number}")
    return r.back(PAGE, f"Version {found.number} is the draft again, as version {number}.")


@on("POST", f"{PAGE}/drop", "studio")
def drop(r: Asked) -> Response:
    """Take an example out of the draft."""
    drop_example(r.room.settings, r.text("id", 60))
    r.log("took out a labelled example", r.text("id", 60))
    return r.back(PAGE, "It is out of the draft.")


@on("POST", f"{PAGE}/train", "studio")
def train(r: Asked) -> Response:
    """Begin the training, in a process of its own."""
    training.check_begins(r.room.settings, "effect")
    job.start(r.room.settings, "effect", r.who.name)
    r.log("began to train the rubric")
    return r.back(PAGE, "The training has begun. You can leave this page; it goes on.")


@on("POST", f"{PAGE}/stop", "studio")
def stop(r: Asked) -> Response:
    """Stop what is being trained or counted."""
    if not job.stop(r.room.settings):
        return r.back(PAGE, "Nothing is being trained.")
    r.log("stopped the training of the rubric")
    return r.back(PAGE, "Stopped. The draft and its last figures are as they were.")


@on("POST", f"{PAGE}/adopt", "studio")
def adopt(r: Asked) -> Response:
    """Let the draft score from now on; its figures on the test split are counted after that."""
    version = own_rubric.adopt(r.room.settings, r.who.name)
    r.room.renew_engine()
    r.log("adopted a rubric", version)
    return _counted(r, f"{version} scores every reply from now on.")


@on("POST", f"{PAGE}/test", "studio")
def test(r: Asked) -> Response:
    """Count the adopted rubric on the test split, where that was cut short after its adoption."""
    training.check_begins(r.room.settings, "test")
    return _counted(r, "It is being counted.")


@on("POST", f"{PAGE}/revert", "studio")
def revert(r: Asked) -> Response:
    """Go back to the rubric that ships."""
    if not own_rubric.revert(r.room.settings):
        return r.back(PAGE, "No rubric of your own was adopted.")
    r.room.renew_engine()
    r.log("reverted to the shipped rubric")
    return r.back(PAGE, "The rubric that ships scores from now on. What you adopted stays in its folder.")


def _counted(r: Asked, done: str) -> Response:
    # Where somebody trains again in this very moment the figures wait: the page offers to count them.
    with suppress(InputError):
        job.start(r.room.settings, "test", r.who.name)
    return r.back(PAGE, done)


def _job(r: Asked) -> dict[str, Any] | None:
    """Return what runs, or ran last, in words."""
    found = job.state(r.room.settings)
    if found is None:
        return None
    minutes = round(((datetime.now(UTC) if found.status == "running" else found.changed) - found.began).seconds / 60)
    return {
        "running": found.status == "running", "status": found.status, "work": WORK[found.work], "by": found.by,
        "began": when(found.began), "said": found.said, "percent": round(100 * found.part), "problem": found.problem,
        "minutes": "less than a minute" if not minutes else f"{minutes} minute{'s' if minutes > 1 else ''}",
    }  # fmt: skip
