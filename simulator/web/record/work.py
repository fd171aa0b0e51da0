"""My work: a trainee's sessions, how they are moving, and transcripts brought from elsewhere."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from fastapi.responses import Response

from simulator.errors import InputError
from simulator.review.export import status_of, title_of
from simulator.review.importing import import_transcripts, look_for_details, read_any
from simulator.review.plots import progress_plot
from simulator.review.progress import weekly
from simulator.rubric import SKILLS
from simulator.store import Found
from simulator.web.endpoints import MAX_UPLOAD, PAGE, Asked, day, on, when

STATES = {"open": "open", "ended": "ended", "submitted": "submitted"}
LATEST = 40  # sessions that the weeks are counted from


@on("GET", "/work", "practise")
def work(r: Asked) -> Response:
    """One's own sessions, found by words, couple and dates."""
    wanted = {k: r.query.get(k, "")[:100] for k in ("words", "couple", "scenario", "skill", "state", "since", "until")}
    since, until = day(wanted["since"]), day(wanted["until"])
    couple, _, scenario = wanted["scenario"].partition("/")
    found = Found(
        (r.who.id,), couple=couple or wanted["couple"], scenario=scenario, words=wanted["words"].strip(), since=since,
        until=until + timedelta(days=1) if until else None, drill=False,
        skill=wanted["skill"] if wanted["skill"] in SKILLS else "",
        state=wanted["state"] if wanted["state"] in STATES else "",
    )  # fmt: skip
    total = r.store.count_sessions(found)
    number, pages = r.wanted_page(total)
    rows = [
        {"id": s.id, "title": title_of(r.room, s), "when": when(s.created), "length": s.length, "status": status_of(s)}
        for s in r.store.sessions(found, limit=PAGE, offset=PAGE * (number - 1))
    ]
    recent = r.store.sessions(Found((r.who.id,)), limit=LATEST)
    turns = r.store.turns_of([s.id for s in recent])
    weeks = weekly([(s, turns[s.id]) for s in recent])
    days = r.room.settings.retention_days
    return r.page(
        "work.html", rows=rows, total=total, page=number, pages=pages, f=wanted, filtered=any(wanted.values()),
        query=urlencode(wanted), couples=[(c.id, c.title) for c in r.room.library.couples.values()],
        progress=weeks, counted=len(recent), skills=r.titles, states=STATES, days=days,
        plot=progress_plot(weeks, list(r.titles.values())) if len(weeks) > 1 else "",
        scenarios=[(f"{s.couple}/{s.id}", s.title) for s in r.room.library.scenarios.values()],
    )  # fmt: skip


@on("POST", "/import", "session.import")
def bring(r: Asked) -> Response:
    """Score and keep a transcript made elsewhere."""
    if len(r.upload) > MAX_UPLOAD:
        raise InputError("The file is larger than 2 MB.", how="Split it into several.")
    read = read_any(r.upload, r.text("file", 200), therapist=r.text("therapist", 80) or "Therapist")
    details = look_for_details(read)
    if details and not r.ticked("redact") and not r.ticked("sure"):
        raise InputError(
            f"This looks like a real person's details: {', '.join(details[:8])}. Nothing was kept.",
            how="Go back and have them replaced, or say that you have looked.",
        )
    made = import_transcripts(r.room, read, owner=r.who.id, redact=r.ticked("redact"))
    r.log("imported sessions", str(len(made)))
    return r.back(f"/sessions/{made[0].id}" if len(made) == 1 else "/work", f"Imported and scored: {len(made)}.")
