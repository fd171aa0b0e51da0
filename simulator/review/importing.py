"""Transcripts made elsewhere, brought into the record: read, checked, searched for real people's details, scored."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from simulator.errors import InputError
from simulator.jsonl import parse_object
from simulator.review.details import full_name, looks_real, names_in, redacted, renamed
from simulator.review.export import ACCOUNT, VERSION
from simulator.review.reading import read_text
from simulator.review.rescoring import question
from simulator.review.restoring import partners_in, read_whole, scenario_of
from simulator.review.scoring import Transcript, read_transcript, score_transcripts
from simulator.rubric import THERAPIST, Said
from simulator.session import Room
from simulator.store import IMPORTED, Scoring, SessionRecord, TurnRecord, WholeSession
from simulator.text import clean

MAX_SESSIONS = 2000
PSEUDONYMS = ("Partner A", "Partner B")


@dataclass(frozen=True)
class Brought:
    """One transcript that was read; `whole` is all of the session, where it was exported by a Repair Room."""

    transcript: Transcript
    whole: WholeSession | None = None


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
        numbered = [(f"{name}, line {n}", x) for n, x in enumerate(lines, start=1) if x.strip()]
        objects = [(parse_object(x, at), at) for at, x in numbered]
        # The last line of somebody's data is about the account.
        found = [_object(value, at) for value, at in objects if value.get("format") != ACCOUNT]
    else:
        found = [Brought(read_text(text, ending, name, therapist))]
    if not found:
        raise InputError(f"{name}: there is no transcript in it.")
    if len(found) > MAX_SESSIONS:
        raise InputError(f"{name}: {len(found)} sessions; at most {MAX_SESSIONS} at a time.", how="Split the file.")
    ids = [b.whole.record.id for b in found if b.whole]
    if len(set(ids)) < len(ids):
        raise InputError(f"{name}: the same session is in it twice.", how="Take one of them out.")
    return found


def _object(value: dict[str, Any], where: str) -> Brought:
    if value.get("format") != VERSION:
        return Brought(read_transcript(value, where))
    whole = read_whole(value, where)
    a, b = partners_in(whole)
    return Brought(Transcript(whole.record.id, (a, b), [Said(t.speaker, t.text) for t in whole.turns]), whole)


def look_for_details(found: Sequence[Brought]) -> list[str]:
    """Return what in these transcripts looks like a real person's details, the speakers' names among it."""
    spans: list[str] = []
    for brought in found:
        known = _known(brought)
        spans += [s for text in _texts(brought) for s in looks_real(text, known)]
        if brought.whole is None or not brought.whole.record.couple_id:
            spans += [p for p in brought.transcript.partners if full_name(p)]
    return list(dict.fromkeys(spans))


def import_transcripts(
    room: Room, found: Sequence[Brought], *, owner: int | None, redact: bool = False
) -> list[SessionRecord]:
    """Score and keep transcripts, for this owner, all of them or none; what a Repair Room exported comes back as it was.

    In a room with accounts a file is no proof of who scored or reviewed it: such a session is marked as imported, its
    scores and reviews say so, and the engine scores it again.
    """
    if redact:
        found = [_redacted(b) for b in found]
    plain = [_cleaned(b.transcript) for b in found if b.whole is None]
    made = iter([_made(room, t, r) for t, r in zip(plain, score_transcripts(room.engine, plain), strict=True)])
    kept = []
    for brought in found:
        whole = brought.whole
        if whole is None:
            kept.append(next(made))
        elif owner is not None:
            whole = _foreign(whole)
            kept.append(replace(whole, scorings=[*whole.scorings, *_scored(room, whole)]))
        else:
            kept.append(whole if whole.scorings else replace(whole, scorings=_scored(room, whole)))
    return room.store.restore(kept, owner=owner, fresh=owner is not None)


def _cleaned(transcript: Transcript) -> Transcript:
    return replace(transcript, turns=[replace(s, text=clean(s.text)) for s in transcript.turns])


def _made(room: Room, transcript: Transcript, result: dict[str, Any]) -> WholeSession:
    """Return a session made of a transcript and its scores."""
    now, partners = datetime.now(UTC), transcript.partners
    scores = {t["turn"]: {k: v for k, v in t.items() if k != "turn"} for t in result["turns"]}
    turns = [
        TurnRecord(i, said.speaker, said.text, addressed=scores[i]["addressed"] if i in scores else [])
        for i, said in enumerate(transcript.turns)
    ]
    document, versions = _document(partners), room.engine.versions
    record = SessionRecord(
        id=str(uuid.uuid4()), created=now, changed=now, couple_id="", couple_version="", couple_hash=document[0],
        scenario_id="", scenario_version="", scenario_hash=document[0], rubric_version=versions["rubric_version"],
        engine_version=versions["engine_version"], rubric_hash=room.engine.rubric.content_hash(), model="", seed=0, difficulty="real", coached=True, outcome=IMPORTED,
        seconds=0.0, length=len(turns), progress={"partners": list(partners)},
    )  # fmt: skip
    scorings = [Scoring(turn, now, result=score, **versions) for turn, score in scores.items()]
    return WholeSession(record, [document], turns, [now] * len(turns), scorings)


def _document(partners: Sequence[str]) -> tuple[str, str, str, str, str]:
    body = json.dumps({"partners": list(partners)})
    return hashlib.sha256(body.encode()).hexdigest(), "transcript", "", "", body


def _scored(room: Room, whole: WholeSession) -> list[Scoring]:
    """Return the engine's own scores of every reply."""
    turns, partners, scenario = list(whole.turns), partners_in(whole), scenario_of(whole)
    replies = [t.index for t in turns if t.speaker == THERAPIST]
    now, results = datetime.now(UTC), room.engine.score_many([question(turns, i, partners, scenario) for i in replies])
    return [Scoring(i, now, result=s.to_json(), **room.engine.versions) for i, s in zip(replies, results, strict=True)]


def _foreign(whole: WholeSession) -> WholeSession:
    """Return a session with a mark on all that only the file says."""
    return replace(
        whole,
        record=replace(whole.record, submitted=None, flags=IMPORTED),
        scorings=[replace(s, rubric_version=f"{s.rubric_version[:68]} ({IMPORTED})") for s in whole.scorings],
        reviews=[replace(r, author=f"{r.author[:60]} ({IMPORTED})") for r in whole.reviews],
        notes=[replace(n, author=f"{n.author[:60]} ({IMPORTED})") for n in whole.notes],
    )


def _texts(brought: Brought) -> list[str]:
    """Return everything in it that somebody wrote."""
    whole = brought.whole
    if whole is None:
        return [t.text for t in brought.transcript.turns]
    return [
        *(t.text for t in whole.turns), *(n.text for n in whole.notes), *(r.summary for r in whole.reviews),
        *(j.reason for r in whole.reviews for j in r.judgements),
    ]  # fmt: skip


def _known(brought: Brought) -> frozenset[str]:
    """Return the names that belong to it: the speakers', and those of the couple's story."""
    whole = brought.whole
    told = [d[4] for d in whole.documents] if whole and whole.record.couple_id else []
    lines = [t.text for t in whole.turns if t.speaker != THERAPIST] if told and whole else []
    return names_in([*brought.transcript.partners, *told, *lines])


def _redacted(brought: Brought) -> Brought:
    """Return it with what looks real replaced; partners who are of no couple of ours get names that say nothing."""
    if not look_for_details([brought]):
        return brought
    whole, old = brought.whole, brought.transcript.partners
    ours = whole is not None and bool(whole.record.couple_id)
    new = {} if ours else dict(zip(old, PSEUDONYMS, strict=True))
    known = _known(brought) | names_in(PSEUDONYMS)

    def words(text: str) -> str:
        return redacted(renamed(text, new), known)

    turns = [Said(new.get(t.speaker, t.speaker), words(t.text)) for t in brought.transcript.turns]
    partners = old if ours else PSEUDONYMS
    transcript = Transcript(brought.transcript.id, partners, turns)
    if whole is None:
        return Brought(transcript)
    record, documents = whole.record, whole.documents
    if not ours:
        documents = [_document(partners)]
        digest = documents[0][0]
        record = replace(record, couple_hash=digest, scenario_hash=digest, progress={"partners": list(partners)})
    said = [
        replace(t, speaker=s.speaker, text=s.text, score=None, addressed=[new.get(a, a) for a in t.addressed])
        for t, s in zip(whole.turns, turns, strict=True)
    ]
    reviews = [
        replace(r, summary=words(r.summary), judgements=tuple(replace(j, reason=words(j.reason)) for j in r.judgements))
        for r in whole.reviews
    ]
    notes = [replace(n, text=words(n.text), quote="") for n in whole.notes]
    # Scores quote words that may be gone: without any, it is scored anew.
    return Brought(transcript, WholeSession(record, documents, said, whole.created, (), notes, reviews))
