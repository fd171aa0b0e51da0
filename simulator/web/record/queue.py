"""The supervisor's queue: what waits for a review, and what in it asks for an eye."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi.responses import Response

from simulator.review.export import title_of
from simulator.store import Found, drawn_before
from simulator.web.endpoints import PAGE, Asked, on, when
from simulator.web.record.session import LOCAL_NAME

SHOW = {
    "open": "waiting for you",
    "flagged": "waiting for you, flagged",
    "drawn": "waiting for you, drawn for calibration",
    "signed": "signed off by you",
}


def watched_in(r: Asked) -> tuple[list[str], str, tuple[int | None, ...]]:
    """Return one's groups, the one that is asked for (or ""), and the trainees of it (or of all)."""
    if r.who.id is None:
        return [], "", r.watched
    people = {u.id: u for u in r.store.people.all()}
    groups = list(people[r.who.id].groups)
    asked = next((g for g in groups if g == r.query.get("group", "")), "")
    return groups, asked, tuple(i for i in r.who.watched if not asked or asked in people[i].groups)


@on("GET", "/reviews", "review.queue")
def queue(r: Asked) -> Response:
    """The sessions that wait for one's review, with what asks for an eye."""
    groups, group, watched = watched_in(r)
    wanted = {"group": group, "trainee": r.query.get("trainee", "")[:20], "show": r.query.get("show", "open")}
    share = r.room.settings.calibration_share
    owners = tuple(o for o in watched if not wanted["trainee"] or str(o) == wanted["trainee"])
    found = Found(
        owners, submitted=True, signed=wanted["show"] == "signed", reviewer=r.who.name,
        flagged=True if wanted["show"] == "flagged" else None, drawn=share if wanted["show"] == "drawn" else None,
    )  # fmt: skip
    total = r.store.count_sessions(found)
    number, pages = r.wanted_page(total)
    shown = r.store.sessions(found, limit=PAGE, offset=PAGE * (number - 1))
    names, ids = r.store.people.names(), [s.id for s in shown]
    asked = r.store.reviews.asked(ids)
    begun: dict[str, list[str]] = {}
    for review in r.store.reviews.of(ids):
        words = f"{'signed off' if review.signed else 'begun'} by {review.author}"
        begun.setdefault(review.session_id, []).append(words)
    rows = [
        {
            "id": s.id, "title": title_of(r.room, s), "owner": names.get(s.owner_id or 0, LOCAL_NAME),
            "when": when(s.created), "length": s.length, "status": ", ".join(begun.get(s.id, ["new"])),
            "flags": [
                *(["question"] if s.id in asked else []), *(f for f in s.flags.split(", ") if f),
                *(["drawn for calibration"] if s.id[:4] < drawn_before(share) else []),
            ],
        }
        for s in shown
    ]  # fmt: skip
    return r.page(
        "reviews.html", rows=rows, total=total, page=number, pages=pages, f=wanted, query=urlencode(wanted), show=SHOW,
        trainees=[{"id": i, "name": names.get(i, "")} for i in watched if i is not None], groups=groups,
        hidden=r.store.count_sessions(Found(owners, submitted=False)) if owners else 0,
    )  # fmt: skip
