"""A supervisor's trainees: who practised what, and what nobody has met."""

from __future__ import annotations

from collections import Counter

from fastapi.responses import Response

from simulator.couple.techniques import TECHNIQUES
from simulator.review.progress import Ruptured, flags, monthly, overall, ruptures
from simulator.store import Found, SessionRecord, TurnRecord
from simulator.web.endpoints import Asked, on, when
from simulator.web.record.session import LOCAL_NAME

LATEST = 10  # submitted sessions of each trainee that levels are counted from


@on("GET", "/cohort", "review.queue")
def cohort(r: Asked) -> Response:
    """Each trainee of one's groups, and the techniques that no session called for."""
    people = {u.id: u for u in r.store.people.all()}
    met: set[int] = set()
    rows = []
    read: list[tuple[SessionRecord, list[TurnRecord]]] = []
    broken: list[Ruptured] = []
    hurting = {c.id: c.say for c in r.room.engine.rubric.book.codes if c.effect == "hurts"}
    for owner in r.watched:
        shown = r.store.sessions(Found((owner,), submitted=True, played=True), limit=LATEST)
        turns = r.store.turns_of([s.id for s in shown])
        last = r.store.sessions(Found((owner,)), limit=1)
        counted: Counter[str] = Counter()
        for record in shown:
            scenario = r.room.played(record)[1]
            met.update(scenario.techniques)
            counted.update(flags(record, turns[record.id], scenario))
            read.append((record, turns[record.id]))
            broken += ruptures(record, turns[record.id], hurting)
        user = people.get(owner or 0)
        rows.append(
            {
                "id": owner or "", "name": user.name if user else LOCAL_NAME, "groups": user.groups if user else (),
                "sessions": r.store.count_sessions(Found((owner,))),
                "submitted": r.store.count_sessions(Found((owner,), submitted=True)),
                "last": when(last[0].created) if last else "never",
                "points": overall([(s, turns[s.id]) for s in shown]), "flags": sorted(counted.items()),
            }
        )  # fmt: skip
    calls: dict[int, list[str]] = {}
    for scenario in r.room.library.scenarios.values():
        for technique in scenario.techniques:
            calls.setdefault(technique, []).append(scenario.title)
    unmet = [(TECHNIQUES[t][0], "; ".join(where[:3])) for t, where in sorted(calls.items()) if t not in met]
    common = Counter(code for b in broken for code in b.codes).most_common(6)
    before = [
        {"say": hurting[code], "n": n, "links": [(b.session, b.turn, b.partner) for b in broken if code in b.codes][:5]}
        for code, n in common
    ]
    return r.page(
        "cohort.html", months=monthly(read), ruptured=len(broken), before=before, rows=sorted(rows, key=lambda row: str(row["name"])), unmet=unmet, latest=LATEST, skills=r.skills
    )  # fmt: skip
