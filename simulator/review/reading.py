"""Transcripts as people have them: spreadsheets, subtitles, plain text."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from simulator.errors import InputError
from simulator.review.scoring import Transcript, read_transcript
from simulator.rubric import THERAPIST


def read_text(text: str, ending: str, name: str, therapist: str) -> Transcript:
    """Return the transcript in a .csv (speaker, text), a .vtt, or a text of lines "Name: words".

    Raises:
        InputError: two partners beside the therapist cannot be found in it.
    """
    return _named({"csv": _csv, "vtt": _vtt}.get(ending, _plain)(text), name, therapist)


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
        for words in re.split(r"(?=<v[ .])", " ".join(lines[at + 1 :]).strip()):
            _add_cue(said, words)
    return said


def _add_cue(said: list[tuple[str, str]], words: str) -> None:
    """Add what one voice of a cue says to what was said."""
    voice = re.match(r"<v(?:\.[^ >]*)?\s+([^>]+)>(.*)", words)
    named = voice or re.match(r"([^\W\d_][\w .'-]{0,40}?)\s*:\s+(.*)", words)
    words = re.sub(r"<[^>]*>", "", named[2] if named else words).strip()
    who = named[1].strip() if named else (said[-1][0] if said else "")
    if not who or not words:
        return
    if said and said[-1][0] == who:
        said[-1] = (who, f"{said[-1][1]} {words}")
    else:
        said.append((who, words))


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
