"""A rubric of one's own: examples added from real reviews, trained aside, adopted by a person, reverted in one step."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from simulator.errors import InputError
from simulator.review.export import partners_of
from simulator.rubric import SKILLS, Rubric, load_rubric
from simulator.rubric.book import ReplyExample
from simulator.rubric.sentences import split_sentences
from simulator.session import Room
from simulator.settings import Settings
from simulator.store import SessionRecord

BEFORE = 5  # turns that an example keeps
OWN = "replies-own.jsonl"
DRAFT, ADOPTED = "rubric-draft", "rubric"


def sentences_of(text: str) -> list[str]:
    """Return the sentences of a reply, as examples are labelled."""
    return [s.text for s in split_sentences(text)]


def example_from(
    room: Room,
    record: SessionRecord,
    turn: int,
    codes: Sequence[Sequence[str]],
    levels: Mapping[Any, int],
    reason: str,
) -> ReplyExample:
    """Return a labelled example of a reply: a person's codes for each sentence and levels for each skill.

    It is one to learn from, never one that figures are counted on.

    Raises:
        InputError: it is no reply, or a code or a level is missing or unknown.
    """
    turns = room.store.turns(record.id)
    reply = next((t for t in turns if t.index == turn and t.score), None)
    if reply is None or reply.score is None:
        raise InputError("This is no scored reply.", how="Choose a reply of the therapist.")
    said = sentences_of(reply.text)
    unknown = sorted({c for cs in codes for c in cs} - set(room.engine.rubric.book.code_ids))
    if unknown:
        raise InputError(
            f"There is no behaviour code {', '.join(unknown)}.",
            how="The code book has: " + ", ".join(room.engine.rubric.book.code_ids),
        )
    offered = [o for o in reply.score["opportunities"] if o in room.engine.rubric.book.opportunity_ids]
    if "non_defensiveness" in levels and "challenge" not in offered:
        offered.append("challenge")
    elif "challenge" in offered and "non_defensiveness" not in levels:
        offered.remove("challenge")
    if not {"empathic_listening", "avoiding_triangulation"} <= set(levels):
        raise InputError(
            "An example needs a level for listening and one for triangulation.", how="Go back and choose them."
        )
    if not reason.strip():
        raise InputError("An example needs a reason.", how="Go back and say in a few words why it is what it is.")
    before = [{"speaker": t.speaker, "text": t.text} for t in turns[max(0, turn - BEFORE) : turn]]
    try:
        return ReplyExample.model_validate(
            {
                "id": f"own-{record.id[:8]}-{turn}", "context": f"own-{record.id[:8]}-{turn}", "split": "train",
                "partners": partners_of(room, record), "turns": before, "opportunities": offered,
                "reply": [(s, list(c)) for s, c in zip(said, codes, strict=False)],
                "levels": {s: levels.get(s) for s in SKILLS}, "contrast": "from a review", "reason": reason.strip()[:500],
            }
        )  # fmt: skip
    except ValidationError as error:
        raise InputError(
            f"This cannot be an example: {error.errors()[0]['msg']}.", how="Go back and look again."
        ) from error


def draft(settings: Settings) -> Rubric:
    """Return the draft of this installation's rubric, begun from the one in use if there is none."""
    folder = settings.data_dir / DRAFT
    if not folder.exists():
        shutil.copytree(settings.rubrics, folder)
    return load_rubric(folder)


def own_examples(settings: Settings) -> list[ReplyExample]:
    """Return the examples that this installation has added to its draft."""
    path = settings.data_dir / DRAFT / "examples" / OWN
    if not path.exists():
        return []
    return [
        ReplyExample.model_validate_json(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()
    ]


def keep_example(settings: Settings, example: ReplyExample) -> None:
    """Add an example to the draft; one of the same reply is replaced."""
    draft(settings)
    _write(settings, [*(e for e in own_examples(settings) if e.id != example.id), example])


def drop_example(settings: Settings, example_id: str) -> None:
    """Take an example out of the draft; where it is not in it, nothing happens."""
    examples = own_examples(settings)
    kept = [e for e in examples if e.id != example_id]
    if len(kept) < len(examples):
        _write(settings, kept)


def adopt_draft(settings: Settings) -> str:
    """Let the trained draft score from now on, under a version of its own; return that version.

    Raises:
        InputError: it has not been trained since its examples changed.
    """
    folder = settings.data_dir / DRAFT
    trained, examples = folder / "model" / "report.json", folder / "examples" / OWN
    if not trained.exists() or not examples.exists() or trained.stat().st_mtime < examples.stat().st_mtime:
        raise InputError(
            "The draft has not been trained with its examples.", how="First: repair-room rubric own --train"
        )
    report: dict[str, Any] = json.loads(trained.read_text(encoding="utf-8"))
    book = folder / "codebook.yaml"
    text = book.read_text(encoding="utf-8")
    version = re.sub(r"\+own\d+$", "", load_rubric(folder).book.version)
    number = len(list(settings.data_dir.glob(f"{ADOPTED}-own*"))) + 1
    book.write_text(re.sub(r"(?m)^version: .*$", f"version: {version}+own{number}", text, count=1), encoding="utf-8")
    kept, target = settings.data_dir / f"{ADOPTED}-own{number}", settings.data_dir / ADOPTED
    shutil.copytree(folder, kept)
    (kept / "adopted.json").write_text(json.dumps(report.get("development", {})) + "\n", encoding="utf-8")
    # A link is moved in one step: a room that starts now reads the old one or the new one, never half of each.
    aside = settings.data_dir / f".{ADOPTED}"
    aside.unlink(missing_ok=True)
    aside.symlink_to(kept.name)
    aside.replace(target)
    return load_rubric(target).version


def revert_rubric(settings: Settings) -> bool:
    """Go back to the rubric that ships; what was adopted stays in its folder."""
    target: Path = settings.data_dir / ADOPTED
    there = target.is_symlink()
    if there:
        target.unlink()
    return there


def _write(settings: Settings, examples: Sequence[ReplyExample]) -> None:
    path = settings.data_dir / DRAFT / "examples" / OWN
    aside = path.with_suffix(".new")
    aside.write_text("".join(e.model_dump_json() + "\n" for e in examples), encoding="utf-8")
    aside.replace(path)
