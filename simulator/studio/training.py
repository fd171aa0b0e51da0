"""The draft trained aside and its effect counted; and, once it is adopted, its figures on the test split.

`python -m simulator.studio.training WORK LOCK` is the process that `job.start` begins.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from simulator.errors import InputError, RepairRoomError
from simulator.rubric import SKILLS, Rubric, load_rubric
from simulator.rubric.book import Split
from simulator.settings import Settings, load_settings
from simulator.studio import job
from simulator.studio.own_rubric import REPORT, changed, draft, fingerprint, publish, published

Say = Callable[[str], None]
WEIGHTS = ("coder.safetensors", "coder.json")
ROUNDS = 300  # of the bootstrap behind an interval
_TRAINING = 0.8  # the share of the time that training takes; the rest is counting
_STEP = re.compile(r"(replies|client turns), epoch (\d+)/(\d+), batch (\d+)/(\d+)")
_REPLIES = 0.6  # the share of the training that the replies take; the client turns come after them
_MEASURES = {"kappa": "weighted kappa", "pairs": "better reply first"}


def learn(rubric: Rubric, folder: Path, say: Say) -> dict[str, Any]:
    """Train the coder of a rubric."""
    from simulator.rubric.train import train

    return train(rubric, folder, say=say)


def count(rubric: Rubric, model: Path, split: Split) -> dict[str, Any]:
    """Return the figures of a rubric on a split, with intervals."""
    from simulator.rubric.evaluate import figures

    return figures(rubric, model, split, intervals=ROUNDS)


def check_begins(settings: Settings, work: job.Work) -> None:
    """Refuse work that would come to nothing (InputError)."""
    if work == "effect" and not changed(settings):
        raise InputError(
            "The draft is what scores now.",
            how="Change the code book or the level rules, or add an example from a review: Use as a labelled example.",
        )
    if work == "test" and published(settings.rubrics) is None:
        raise InputError("No rubric of your own is adopted.", how="The test split is counted when one is.")


def perform(settings: Settings, work: job.Work, say: Say) -> dict[str, Any]:
    """Do the work, telling in the job's state how far it is; the caller holds the lock."""

    def told(words: str) -> None:
        say(words)
        step = _STEP.match(words)
        if step:
            epoch, epochs, batch, batches = map(int, step.groups()[1:])
            done = (epoch - 1 + batch / batches) / epochs
            whole = _REPLIES * done if step[1] == "replies" else _REPLIES + (1 - _REPLIES) * done
            job.tell(settings, said=words, part=_TRAINING * whole)
        else:
            job.tell(settings, said=words)

    try:
        result = (_effect if work == "effect" else _test)(settings, told)
    except KeyboardInterrupt:
        job.tell(settings, status="stopped", pid=None)
        raise
    except Exception as error:
        known = isinstance(error, RepairRoomError)
        job.tell(
            settings, status="failed", pid=None, problem=str(error) if known else f"{type(error).__name__}: {error}"
        )
        raise
    job.tell(settings, status="done", pid=None, part=1.0, said="")
    return result


def rows(figures: Mapping[str, Any], titles: Mapping[Any, str]) -> list[dict[str, str]]:
    """Return (skill, measure, value with its interval) of figures, as pages and the command line show them."""
    return [
        {"skill": titles[skill], "measure": words, "value": _value(figures["skills"][skill], measure)}
        for skill in SKILLS
        for measure, words in _MEASURES.items()
    ]


def effect_rows(report: Mapping[str, Any], titles: Mapping[Any, str]) -> list[dict[str, str]]:
    """Return the rows of an effect, with what was before beside what is after."""
    before, after = rows(report["before"], titles), rows(report["after"], titles)
    return [{**a, "before": b["value"], "after": a["value"]} for b, a in zip(before, after, strict=True)]


def of_split(figures: Mapping[str, Any]) -> str:
    """Return which replies figures were counted on, in words."""
    return f"{figures['split']} split: {figures['replies']} replies in {figures['contexts']} contexts"


def _value(skill: Mapping[str, Any], measure: str) -> str:
    found = skill.get(measure)
    if found is None:
        return "too few"
    interval = (skill.get("interval_95") or {}).get(measure)
    return f"{found:.2f}" + (f" ({interval[0]:.2f} to {interval[1]:.2f})" if interval else "")


def _effect(settings: Settings, say: Say) -> dict[str, Any]:
    check_begins(settings, "effect")
    home, used = draft(settings).folder, settings.rubrics
    with tempfile.TemporaryDirectory(dir=job.folder(settings), prefix=job.ASIDE) as aside:
        # What is trained is the draft as it is now, whatever is changed in it meanwhile.
        shutil.copytree(home, Path(aside) / "draft", ignore=shutil.ignore_patterns(REPORT))
        rubric, model = load_rubric(Path(aside) / "draft"), Path(aside) / "draft" / "model"
        trained: dict[str, Any] = {}
        if not _fits(rubric, model, used):
            model = Path(aside) / "model"
            trained = learn(rubric, model, say)
        job.tell(settings, part=_TRAINING)
        say("counting the rubric in use on the development split")
        now = load_rubric(used)
        # Both are counted on the draft's labels, though the one in use may have fewer.
        before = count(replace(now, folder=rubric.folder), used / "model", "development")
        job.tell(settings, part=(1 + _TRAINING) / 2)
        say("counting the draft on the development split")
        after = count(rubric, model, "development")
        report = {
            "fingerprint": fingerprint(rubric.folder), "split": "development", "in_use": now.version,
            "before": before, "after": after, "training": trained,
        }  # fmt: skip
        (model / REPORT).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
        for name in (*WEIGHTS, REPORT):
            (model / name).replace(home / "model" / name)
    return report


def _test(settings: Settings, say: Say) -> dict[str, Any]:
    check_begins(settings, "test")
    folder = settings.rubrics.resolve()
    kept = published(folder) or {}
    # Once: figures that are looked at again and again are no longer those of replies nobody chose by.
    if not kept.get("test"):
        say("counting the adopted rubric on the test split")
        kept = {**kept, "test": count(load_rubric(folder), folder / "model", "test")}
        publish(folder, kept)
    test: dict[str, Any] = kept["test"]
    return test


def _fits(rubric: Rubric, model: Path, used: Path) -> bool:
    """Return whether the weights need no training: they were trained on these examples for these codes.

    Those that the draft began with need none while it has the examples of the rubric in use.
    """
    from simulator.rubric.samples import data_hash

    try:
        meta = json.loads((model / "coder.json").read_text(encoding="utf-8"))
        same = (model / WEIGHTS[0]).read_bytes() == (used / "model" / WEIGHTS[0]).read_bytes()
    except (OSError, ValueError):
        return False
    known = meta["codes"] == rubric.book.code_ids and meta["opportunities"] == rubric.book.opportunity_ids
    needed = {name for table in rubric.levels.skills.values() for name in table.needs}
    known = known and set(meta.get("answered", {})) <= needed
    data = data_hash(rubric)
    return known and (meta.get("data") == data or (same and data == data_hash(load_rubric(used))))


def main() -> None:
    """Do the work that the command line names, as a job."""
    work, lock = sys.argv[1], int(sys.argv[2])
    if work not in ("effect", "test"):
        raise SystemExit(2)
    job.own_process(lock)
    try:
        perform(load_settings(), "test" if work == "test" else "effect", lambda _: None)
    except RepairRoomError:
        raise SystemExit(2) from None
    finally:
        # At once: an interpreter takes its time to end, and the next job need not wait for that.
        os.close(lock)


if __name__ == "__main__":
    main()
