"""Sessions as files: HTML and PDF to keep, Markdown to read, CSV to count, JSONL to bring back without loss."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

from simulator.errors import InputError
from simulator.review.debrief import SIMULATION, debrief
from simulator.review.plots import session_plot
from simulator.review.sight import seen_notes, seen_reviews
from simulator.rubric import SKILLS, THERAPIST
from simulator.session import Room
from simulator.store import IMPORTED, Found, JudgementRecord, SessionRecord, UserRecord

FORMATS = {
    "html": "HTML, one file, to print", "pdf": "PDF", "markdown": "Markdown", "csv": "CSV, a row for each reply and skill",
    "jsonl": "JSONL, everything, to import again",
}  # fmt: skip
TYPES = {
    "html": "text/html", "pdf": "application/pdf", "markdown": "text/markdown", "csv": "text/csv",
    "jsonl": "application/jsonl",
}  # fmt: skip
COLUMNS = (
    "session", "created", "turn", "reply", "addressed", "skill", "status", "level", "score", "codes", "quotes", "why",
    "rubric_version", "engine_version", "reviewer", "verdict", "reviewer_level", "reviewer_code", "reviewer_reason",
)  # fmt: skip
VERSION, ACCOUNT = "repair-room/1", "repair-room/account/1"
_PAGES = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True)


def export_one(room: Room, record: SessionRecord, key: str, *, own: bool, reader: str = "") -> tuple[bytes, str]:
    """Return one session as `export_report` does several."""
    return export_report(room, [record], key, own=own, reader=reader)


def export_report(
    room: Room, records: Sequence[SessionRecord], key: str, *, own: bool, reader: str = ""
) -> tuple[bytes, str]:
    """Return sessions in one of FORMATS, and its media type; on paper each begins on a page of its own.

    Only `own` exports hold the notes to self; those of a supervisor (`reader`, by name) hold what others said of the
    session once their own review is signed.

    Raises:
        InputError: there is no such format, nothing to export, or this computer cannot make it.
    """
    if key not in FORMATS:
        raise InputError(f"There is no format '{key}'.", how=f"Choose: {', '.join(FORMATS)}.")
    if not records:
        raise InputError("There is no session to export.", how="Choose one or more.")
    if key == "jsonl":
        return export_many(room, records, own=own, reader=reader), TYPES[key]
    if key == "csv":
        return export_csv(room, records, own=own, reader=reader), TYPES[key]
    reports = [_report(room, r, own=own, reader=reader) for r in records]
    if key == "markdown":
        return "\n\n---\n\n".join(_markdown(r) for r in reports).encode(), TYPES[key]
    title = reports[0]["title"] if len(reports) == 1 else f"{len(reports)} sessions"
    page = _PAGES.get_template("report.html").render(title=title, reports=reports)
    return (page.encode() if key == "html" else _pdf(page)), TYPES[key]


def file_name(records: Sequence[SessionRecord], key: str) -> str:
    """Return what an export is called when it is kept."""
    what = f"{records[0].id[:8]}" if len(records) == 1 else f"{len(records)}-sessions"
    return f"repair-room-{records[0].created:%Y-%m-%d}-{what}.{'md' if key == 'markdown' else key}"


def export_many(
    room: Room, records: Iterable[SessionRecord], *, own: bool, drafts: bool = False, reader: str = ""
) -> bytes:
    """Return sessions as JSONL: the transcript contract, with everything that the record holds beside it.

    Reviews that are not signed yet belong to their authors: the owner gets them where there are no accounts, and with
    `drafts`.
    """
    return b"".join(
        json.dumps(
            session_json(room, r, own=own, drafts=drafts, reader=reader), ensure_ascii=False, default=_plain
        ).encode()
        + b"\n"
        for r in records
    )


def export_everything(room: Room, user: UserRecord | None) -> bytes:
    """Return all of a person's own sessions as JSONL, then the account with what they wrote about other people's.

    None is the local profile, which has neither.
    """
    store, owner = room.store, user.id if user else None
    body = export_many(room, store.sessions(Found((owner,)), limit=1_000_000), own=True)
    if user is None:
        return body
    elsewhere = [s for s in store.people.wrote_in(user.id) if store.session(s).owner_id != user.id]
    account = {
        "format": ACCOUNT,
        "account": vars(user),
        "reviews": [
            {**vars(r), "judgements": [vars(j) for j in r.judgements]} for r in store.reviews.of(elsewhere)
            if r.author == user.name
        ],
        "notes": [
            {"session": s, **vars(n)} for s in elsewhere for n in store.reviews.notes(s) if n.author == user.name
        ],
    }  # fmt: skip
    return body + json.dumps(account, ensure_ascii=False, default=_plain).encode() + b"\n"


def session_json(
    room: Room, record: SessionRecord, *, own: bool, drafts: bool = False, reader: str = ""
) -> dict[str, Any]:
    """Return everything the record holds of a session: `import_transcripts` makes the same session of it."""
    store = room.store
    fields = {k: v for k, v in vars(record).items() if k != "owner_id"}
    turns = zip(store.turns(record.id), store.said_at(record.id), strict=True)
    reviews = store.reviews.of([record.id])
    notes = seen_notes(store.reviews.notes(record.id), reviews, reader, own=own)
    if not (drafts or (own and record.owner_id is None)):
        reviews = seen_reviews(reviews, reader, own=own)
    return {
        "id": record.id,
        "partners": partners_of(room, record),
        "turns": [{**vars(t), "created": at} for t, at in turns],
        "format": VERSION,
        "record": fields,
        "documents": [store.document(h) for h in dict.fromkeys((record.couple_hash, record.scenario_hash))],
        "scorings": [vars(s) for s in store.scorings(record.id)],
        "notes": [vars(n) for n in notes],
        "reviews": [{**vars(r), "judgements": [vars(j) for j in r.judgements]} for r in reviews],
    }


def export_csv(room: Room, records: Iterable[SessionRecord], *, own: bool = True, reader: str = "") -> bytes:
    """Return one row for each reply and skill, and for each review of it."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for record in records:
        reviews = [r for r in seen_reviews(room.store.reviews.of([record.id]), reader, own=own) if r.signed]
        for turn in room.store.turns(record.id):
            for skill in SKILLS if turn.score else ():
                result = turn.score["skills"][skill]  # type: ignore[index]
                codes = result.get("codes", [])
                row = [
                    record.id, record.created.isoformat(), turn.index, turn.text, " ".join(turn.addressed), skill,
                    result["status"], result.get("level"), result.get("score"), " ".join(c["code"] for c in codes),
                    " | ".join(c["quote"] for c in codes), result.get("why", ""),
                    turn.rubric_version or record.rubric_version, turn.engine_version or record.engine_version,
                ]  # fmt: skip
                tails: list[list[Any]] = []
                for r in reviews:
                    j = r.holding().get((turn.index, skill))
                    if j:
                        tails.append([r.author, j.verdict, j.level, j.code, j.reason])
                writer.writerows([[_cell(v) for v in [*row, *tail]] for tail in tails or [[""] * 5]])
    return out.getvalue().encode("utf-8-sig")


def partners_of(room: Room, record: SessionRecord) -> list[str]:
    """Return the partners' names of a session, played here or imported."""
    if not record.couple_id:
        return list(record.progress["partners"])
    return [p.name for p in room.played(record)[0].partners]


_ENDED = {
    "well": "ended well", "unfinished": "ended unfinished", "walk_out": "ended with a walk-out", "imported": "imported",
    "": "open",
}  # fmt: skip


def status_of(record: SessionRecord) -> str:
    """Return where a session stands, in words."""
    state = _ENDED.get(record.outcome, record.outcome)
    if record.imported and state != IMPORTED:
        state = f"{IMPORTED}, {state}"
    return f"{state}, submitted for review" if record.submitted else state


def title_of(room: Room, record: SessionRecord) -> str:
    """Return what a session is called."""
    if not record.couple_id:
        return "Imported: " + " and ".join(partners_of(room, record))
    couple, scenario = room.played(record)
    return f"{couple.title} - {scenario.title}"


def judged(j: JudgementRecord) -> str:
    """Return a judgement in words."""
    said = {"agree": "agrees", "partly": "agrees in part", "override": "sees it otherwise", "blind": "judged blind"}
    parts = [said[j.verdict], f"level {j.level}" if j.level else "", j.code, f"“{j.reason}”" if j.reason else ""]
    return ", ".join(p for p in parts if p)


def _report(room: Room, record: SessionRecord, *, own: bool, reader: str) -> dict[str, Any]:
    names, rubric, turns = partners_of(room, record), room.engine.rubric, room.store.turns(record.id)
    every = room.store.reviews.of([record.id])
    reviews = [r for r in seen_reviews(every, reader, own=own) if r.signed]
    notes = seen_notes(room.store.reviews.notes(record.id), every, reader, own=own)
    plot = ""
    if record.couple_id:
        points = debrief(record, room.played(record)[0], turns, rubric).points
        plot = session_plot(points, names) if points else ""
    rows = []
    for turn in turns:
        skills = []
        for skill in SKILLS if turn.score else ():
            result, table = turn.score["skills"][skill], rubric.levels.skills[skill]  # type: ignore[index]
            level = result.get("level")
            skills.append(
                {
                    "skill": table.title, "level": f"{table.levels[level - 1]}, {level} of 5" if level else
                    result["status"].replace("_", " "), "why": result.get("why", ""),
                    "quotes": [c["quote"] for c in result.get("codes", [])],
                    "judgements": [
                        f"{r.author} {judged(r.holding()[turn.index, skill])}"
                        for r in reviews
                        if (turn.index, skill) in r.holding()
                    ],
                }
            )  # fmt: skip
        side = "t" if turn.speaker == THERAPIST else "ab"[names.index(turn.speaker)] if turn.speaker in names else "a"
        to = turn.to or " and ".join(turn.addressed)
        said = [f"{n.kind.capitalize()}, {n.author}: {n.text}" for n in notes if n.turn == turn.index]
        rows.append({"speaker": turn.speaker, "to": to, "text": turn.text, "side": side, "rows": skills, "notes": said})
    voiced = f" Voiced by {record.model}." if record.model else ""
    versions = sorted(
        {f"{t.rubric_version or record.rubric_version}, engine {t.engine_version or record.engine_version}"
         for t in turns if t.score}
    )  # fmt: skip
    facts = f"{record.created:%d %b %Y}.{voiced} Scored with {' and '.join(versions) or record.rubric_version}."
    return {
        "title": title_of(room, record), "facts": facts, "simulation": SIMULATION, "plot": plot, "reviews": reviews,
        "turns": rows,
    }  # fmt: skip


def _markdown(report: dict[str, Any]) -> str:
    lines = [f"# {_flat(report['title'])}", "", _flat(report["facts"]), "", f"**{report['simulation']}**", ""]
    for r in report["reviews"]:
        lines += [f"## Review by {_flat(r.author)}", "", _flat(r.summary), ""]
    lines += ["## Transcript", ""]
    for t in report["turns"]:
        to = f" (to {_flat(t['to'])})" if t["to"] else ""
        lines += [f"**{_flat(t['speaker'])}**{to}: {_flat(t['text'])}", ""]
        for row in t["rows"]:
            quotes = "".join(f" “{_flat(q)}”" for q in row["quotes"])
            lines.append(f"- {row['skill']}: {row['level']}. {_flat(row['why'])}{quotes}")
            lines += [f"  - {_flat(j)}" for j in row["judgements"]]
        lines += [f"- {_flat(n)}" for n in t["notes"]]
        if t["rows"] or t["notes"]:
            lines.append("")
    return "\n".join(lines)


def _flat(text: str) -> str:
    """Return people's words so that Markdown shows them and does nothing with them."""
    text = "".join(f"\\{c}" if c in "\\`*_{}[]#|!" else c for c in " ".join(text.split()))
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _cell(value: Any) -> Any:
    """Keep a spreadsheet from taking people's words for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _pdf(page: str) -> bytes:
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except OSError as error:  # Pango, which weasyprint loads, is not on this computer
        raise InputError(
            "A PDF cannot be made on this computer: Pango is missing.",
            how="Install it (Debian: libpango-1.0-0 libpangoft2-1.0-0), or export HTML and print that.",
        ) from error

    # Nothing is fetched: the page brings everything it shows.
    body: bytes = HTML(string=page, url_fetcher=URLFetcher(allowed_protocols=())).write_pdf()
    return body


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)
