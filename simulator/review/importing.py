"""Transcripts made elsewhere, brought into the record: read, checked, searched for real people's details, scored."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from simulator.couple import parse_couple, parse_scenario
from simulator.errors import InputError
from simulator.jsonl import parse_object
from simulator.review.details import details, redacted
from simulator.review.export import VERSION
from simulator.review.scoring import Transcript, read_transcript, score_transcripts
from simulator.rubric import THERAPIST
from simulator.session import Room
from simulator.session.progress import Progress
from simulator.store import NoteRecord, ReviewRecord, SessionRecord, TurnRecord
from simulator.text import clean

MAX_SESSIONS = 2000
IMPORTED = "imported"


@dataclass(frozen=True)
class Brought:
    """One transcript that was read; `whole` is everything, where it was exported by a Repair Room."""

    transcript: Transcript
    whole: dict[str, Any] = field(default_factory=dict)


def read_any(data: bytes, name: str, *, therapist: str = "Therapist") -> list[Brought]:
    """Return the transcripts in a file: .jsonl or .json, .csv (speaker, text), .vtt, or text ("Name: words").

    `therapist` is what the therapist is called in it.

    Raises:
        InputError: the file is not UTF-8, is none of these, or a transcript in it cannot be used; it says where.
    """
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: not UTF-8 text.", how="Save it as UTF-8.") from error
    ending = name.rsplit(".", 1)[-1].lower()
    if ending in ("jsonl", "json"):
        lines = [text] if ending == "json" else text.split("\n")
        values = [(n, parse_object(x, f"{name}, line {n}")) for n, x in enumerate(lines, start=1) if x.strip()]
        found = [
            Brought(read_transcript(v, f"{name}, line {n}"), v if v.get("format") == VERSION else {}) for n, v in values
        ]
    else:
        said = {"csv": _csv, "vtt": _vtt}.get(ending, _plain)(text)
        found = [Brought(_named(said, name, therapist))]
    if not found:
        raise InputError(f"{name}: there is no transcript in it.")
    if len(found) > MAX_SESSIONS:
        raise InputError(f"{name}: {len(found)} sessions; at most {MAX_SESSIONS} at a time.", how="Split the file.")
    return found


def look_for_details(found: Sequence[Brought]) -> list[str]:
    """Return what in these transcripts looks like a real person's details; what a Repair Room exported is its own."""
    spans = [d for b in found if not b.whole for t in b.transcript.turns for d in details(t.text)]
    return list(dict.fromkeys(spans))


def import_transcripts(
    room: Room, found: Sequence[Brought], *, owner: int | None, redact: bool = False
) -> list[SessionRecord]:
    """Score and keep transcripts, for this owner; what was exported by a Repair Room comes back as it was."""
    made = [_restore(room, b.whole, owner) for b in found if b.whole]
    plain = [b.transcript for b in found if not b.whole]
    if redact:
        plain = [replace(t, turns=[replace(s, text=redacted(s.text)) for s in t.turns]) for t in plain]
    plain = [replace(t, turns=[replace(s, text=clean(s.text)) for s in t.turns]) for t in plain]
    for transcript, result in zip(plain, score_transcripts(room.engine, plain), strict=True):
        made.append(_keep(room, transcript, result, owner))
    return made


def _keep(room: Room, transcript: Transcript, result: dict[str, Any], owner: int | None) -> SessionRecord:
    body = json.dumps({"partners": transcript.partners})
    digest = hashlib.sha256(body.encode()).hexdigest()
    room.store.keep_document(digest, "transcript", "", "", body)
    scores = {t["turn"]: {k: v for k, v in t.items() if k != "turn"} for t in result["turns"]}
    turns = [
        TurnRecord(
            i, said.speaker, said.text, score=scores.get(i), addressed=scores[i]["addressed"] if i in scores else []
        )
        for i, said in enumerate(transcript.turns)
    ]
    fields = {
        "couple_id": "", "couple_version": "", "couple_hash": digest, "scenario_id": "", "scenario_version": "",
        "scenario_hash": digest, "rubric_version": result["rubric_version"],
        "rubric_hash": room.engine.rubric.content_hash(), "engine_version": result["engine_version"], "model": "",
        "seed": 0, "difficulty": "real", "coached": True, "outcome": IMPORTED,
        "progress": {"partners": list(transcript.partners)},
    }  # fmt: skip
    return room.store.restore(fields, turns, [], [], owner=owner)


def _restore(room: Room, value: dict[str, Any], owner: int | None) -> SessionRecord:
    where = f"session {str(value.get('id'))[:40]}"
    try:
        now = datetime.now(UTC).isoformat()
        record = TypeAdapter(SessionRecord).validate_python({**value["record"], "owner_id": owner, "submitted": None})
        turns = TypeAdapter(list[TurnRecord]).validate_python(value["turns"])
        notes = TypeAdapter(list[NoteRecord]).validate_python(value.get("notes", []))
        reviews = TypeAdapter(list[ReviewRecord]).validate_python(
            [{**r, "created": r.get("created", now)} for r in value.get("reviews", [])]
        )
        documents = TypeAdapter(list[str]).validate_python(value["documents"])
        if record.couple_id:
            Progress.from_json(record.progress)
    except (ValidationError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{where}: not what this version of Repair Room exports.", how="Export it again.") from error
    digests = {hashlib.sha256(d.encode()).hexdigest(): d for d in documents}
    if {record.couple_hash, record.scenario_hash} - set(digests) or [t.index for t in turns] != list(
        range(record.length)
    ):
        raise InputError(f"{where}: the couple it was played with, or a turn, is missing.", how="Export it again.")
    if record.couple_id:
        couple = parse_couple(digests[record.couple_hash], where)
        parse_scenario(digests[record.scenario_hash], where, couple)
        room.store.keep_document(record.couple_hash, "couple", couple.id, couple.version, digests[record.couple_hash])
        room.store.keep_document(
            record.scenario_hash, "scenario", record.scenario_id, record.scenario_version, digests[record.scenario_hash]
        )
    else:
        room.store.keep_document(record.couple_hash, "transcript", "", "", digests[record.couple_hash])
    # With accounts, a file is no proof of who reviewed: the name says where it comes from.
    if owner is not None:
        reviews = [replace(r, author=f"{r.author} ({IMPORTED})"[:80]) for r in reviews]
    return room.store.restore(vars(record), turns, notes, reviews, owner=owner)


def _csv(text: str) -> list[tuple[str, str]]:
    try:
        return _csv_rows(csv.DictReader(io.StringIO(text)))
    except csv.Error as error:
        raise InputError(f"The CSV cannot be read: {error}.", how="Save it again from your spreadsheet.") from error


def _csv_rows(rows: csv.DictReader[str]) -> list[tuple[str, str]]:
    names = {(n or "").strip().lower(): n for n in rows.fieldnames or ()}
    if "speaker" not in names or "text" not in names:
        raise InputError("The CSV has no columns 'speaker' and 'text'.", how="Name them so in the first row.")
    return [(r[names["speaker"]] or "", r[names["text"]] or "") for r in rows]


def _plain(text: str) -> list[tuple[str, str]]:
    said: list[tuple[str, str]] = []
    for line in text.split("\n"):
        found = re.match(r"\s*([^\W\d_][\w .'-]{0,40}?)\s*:\s+(.*)", line)
        if found:
            said.append((found[1], found[2]))
        elif line.strip() and said:
            said[-1] = (said[-1][0], f"{said[-1][1]} {line.strip()}")
    return said


def _vtt(text: str) -> list[tuple[str, str]]:
    said: list[tuple[str, str]] = []
    for block in re.split(r"\n\s*\n", text):
        lines = block.split("\n")
        at = next((i for i, line in enumerate(lines) if "-->" in line), None)
        if at is None:
            continue
        words = " ".join(lines[at + 1 :]).strip()
        voice = re.match(r"<v(?:\.[^ >]*)?\s+([^>]+)>(.*)", words)
        named = voice or re.match(r"([^\W\d_][\w .'-]{0,40}?)\s*:\s+(.*)", words)
        words = re.sub(r"<[^>]*>", "", named[2] if named else words).strip()
        who = named[1].strip() if named else (said[-1][0] if said else "")
        if said and said[-1][0] == who:
            said[-1] = (who, f"{said[-1][1]} {words}")
        elif who and words:
            said.append((who, words))
    return said


def _named(said: Sequence[tuple[str, str]], where: str, therapist: str) -> Transcript:
    turns = [
        {
            "speaker": THERAPIST if who.strip().lower() in (therapist.strip().lower(), THERAPIST) else who.strip(),
            "text": words,
        }
        for who, words in said
    ]
    others = list(dict.fromkeys(t["speaker"] for t in turns if t["speaker"] != THERAPIST))
    if len(others) != 2:
        raise InputError(
            f"{where}: two partners are needed beside the therapist; found: {', '.join(others[:6]) or 'nobody'}.",
            how="Each line is 'Name: words'; say what the therapist is called in it.",
        )
    return read_transcript({"id": where[:80], "partners": others, "turns": turns}, where)
