"""My work: a trainee's sessions, how they are moving, and transcripts brought from elsewhere."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from fastapi.responses import Response

from simulator.errors import InputError
from simulator.people import require
from simulator.review.export import FORMATS, export_report, file_name, status_of, title_of
from simulator.review.importing import import_transcripts, look_for_details, read_any
from simulator.review.progress import Week, weekly
from simulator.review.trends import trend_plot
from simulator.rubric import SKILLS
from simulator.store import Found
from simulator.web.endpoints import MAX_UPLOAD, PAGE, Asked, attached, day, on, when

DRILLS = "drills"
STATES = {"open": "open", "ended": "ended", "submitted": "submitted", DRILLS: "drills"}
LATEST = 40  # sessions that the weeks are counted from
EARLIEST = 10  # sessions that one's own start is sought in


@on("GET", "/work", "practise")
def work(r: Asked) -> Response:
    """One's own sessions, found by words, couple and dates; drills are listed apart, each with its tries on its own page."""
    wanted = {k: r.query.get(k, "")[:100] for k in ("words", "couple", "scenario", "skill", "state", "since", "until")}
    since, until = day(wanted["since"]), day(wanted["until"])
    couple, _, scenario = wanted["scenario"].partition("/")
    drills, played = wanted["state"] == DRILLS, Found((r.who.id,), drill=False)
    found = Found(
        (r.who.id,), couple=couple or wanted["couple"], scenario=scenario, words=wanted["words"].strip(), since=since,
        until=until + timedelta(days=1) if until else None, drill=drills, branch=False if drills else None,
        skill=wanted["skill"] if wanted["skill"] in SKILLS else "",
        state=wanted["state"] if wanted["state"] in STATES and not drills else "",
    )  # fmt: skip
    total = r.store.count_sessions(found)
    number, pages = r.wanted_page(total)
    rows = [
        {
            "id": s.id, "at": f"/drill/{s.id}" if drills else f"/sessions/{s.id}", "title": title_of(r.room, s),
            "when": when(s.created), "length": s.length, "status": "a drill" if drills else status_of(s),
        }
        for s in r.store.sessions(found, limit=PAGE, offset=PAGE * (number - 1))
    ]  # fmt: skip
    recent = r.store.sessions(played, limit=LATEST)
    first = r.store.sessions(played, limit=EARLIEST, oldest=True)
    turns = r.store.turns_of(list({s.id for s in [*recent, *first]}))
    weeks = weekly([(s, turns[s.id]) for s in recent], earliest=[(s, turns[s.id]) for s in first])
    days = r.room.settings.retention_days
    return r.page(
        "work.html", rows=rows, total=total, page=number, pages=pages, f=wanted, filtered=any(wanted.values()),
        query=urlencode(wanted), couples=[(c.id, c.title) for c in r.room.library.couples.values()],
        progress=weeks, formats=list(FORMATS.items()), counted=len(recent), skills=r.titles, states=STATES, days=days,
        plot=_plot(weeks, list(r.titles.values())) if len(weeks) > 1 else "",
        scenarios=[(f"{s.couple}/{s.id}", s.title) for s in r.room.library.scenarios.values()],
    )  # fmt: skip


def _plot(weeks: list[Week], titles: list[str]) -> str:
    """Return the weeks as a plot."""
    order = weeks[::-1]
    lines = [(title, [w.points[i].mean for w in order]) for i, title in enumerate(titles)]
    return trend_plot("Each skill's mean level, week by week", [f"{w.start:%d %b}" for w in order], lines, (1, 5))


@on("GET", "/work/export", "practise")
def export(r: Asked) -> Response:
    """The ticked sessions as one file."""
    chosen, records = list(dict.fromkeys(r.query.getlist("session")))[:PAGE], []
    for session_id in chosen:
        try:
            record = r.store.session(session_id)
        except InputError:
            record = None
        require(r.who, "session.play", record)
        if record is not None:
            records.append(record)
    if not records:
        return r.back("/work", "Tick the sessions that you want to export.")
    key = r.query.get("format", "html")
    body, kind = export_report(r.room, records, key, own=True, reader=r.who.name)
    for record in records:
        r.log(f"exported a session as {key}", record.id)
    return attached(body, kind, file_name(records, key))


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
