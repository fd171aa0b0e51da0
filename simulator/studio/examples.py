"""Labelled examples of this installation's own, made of replies in reviews and kept in the draft of its rubric."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from simulator.errors import InputError
from simulator.review.export import partners_of
from simulator.rubric import SKILLS, load_rubric
from simulator.rubric.book import ReplyExample
from simulator.rubric.sentences import split_sentences
from simulator.session import Room
from simulator.settings import Settings
from simulator.store import Repository, SessionRecord
from simulator.studio.own_rubric import DRAFT, draft, folder_of

BEFORE = 5  # turns that an example keeps
OWN = "replies-own.jsonl"
_WRITING = threading.Lock()  # two reviewers may add an example at once


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
    # The book of the draft: a code that is new in it is learned from such examples alone.
    book = load_rubric(folder_of(room.settings)).book
    unknown = sorted({c for cs in codes for c in cs} - set(book.code_ids))
    if unknown:
        raise InputError(
            f"There is no behaviour code {', '.join(unknown)}.",
            how="The code book has: " + ", ".join(book.code_ids),
        )
    offered = [o for o in reply.score["opportunities"] if o in book.opportunity_ids]
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


def own_examples(settings: Settings) -> list[ReplyExample]:
    """Return the examples that this installation has added to its draft."""
    path = folder_of(settings) / "examples" / OWN
    if not path.exists():
        return []
    return [
        ReplyExample.model_validate_json(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()
    ]


def keep_example(settings: Settings, example: ReplyExample) -> None:
    """Add an example to the draft; one of the same reply is replaced."""
    with _WRITING:
        draft(settings)
        _write(settings, [*(e for e in own_examples(settings) if e.id != example.id), example])


def drop_example(settings: Settings, example_id: str) -> None:
    """Take an example out of the draft; where it is not in it, nothing happens."""
    with _WRITING:
        examples = own_examples(settings)
        kept = [e for e in examples if e.id != example_id]
        if len(kept) < len(examples):
            draft(settings)
            _write(settings, kept)


def drop_forgotten(settings: Settings, store: Repository) -> None:
    """Take out the examples, of the draft and of every adopted rubric, whose session has been deleted."""
    with _WRITING:
        for folder in (settings.data_dir / DRAFT, *settings.data_dir.glob("rubric-own*")):
            path = folder / "examples" / OWN
            lines = path.read_text(encoding="utf-8").splitlines(keepends=True) if path.exists() else []
            begins = {line: json.loads(line)["id"].removeprefix("own-")[:8] for line in lines if line.strip()}
            known = store.known(sorted(set(begins.values())), 8)
            kept = [line for line, begin in begins.items() if begin in known]
            if len(kept) < len(begins):
                aside = path.with_suffix(".new")
                aside.write_text("".join(kept), encoding="utf-8")
                aside.replace(path)


def _write(settings: Settings, examples: Sequence[ReplyExample]) -> None:
    path = settings.data_dir / DRAFT / "examples" / OWN
    aside = path.with_suffix(".new")
    aside.write_text("".join(e.model_dump_json() + "\n" for e in examples), encoding="utf-8")
    aside.replace(path)
