"""A supervisor's trainees: who practised what, and what nobody has met."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from fastapi.responses import Response

from simulator.couple.techniques import TECHNIQUES
from simulator.review.progress import Ruptured, SkillPoint, flags, monthly, overall, ruptures
from simulator.review.trends import trend_plot
from simulator.store import Found, SessionRecord, Tally, TurnRecord
from simulator.web.endpoints import Asked, on, when
from simulator.web.record.queue import watched_in
from simulator.web.record.session import LOCAL_NAME

LATEST = 10  # submitted sessions of each trainee that levels are counted from


@on("GET", "/cohort", "review.queue")
def cohort(r: Asked) -> Response:
    """Each trainee of one's groups, and the techniques that no session called for."""
    people = {u.id: u for u in r.store.people.all()}
    groups, group, owners = watched_in(r)
    rows = []
    read: list[tuple[SessionRecord, list[TurnRecord]]] = []
    broken: list[Ruptured] = []
    hurting = {c.id: c.say for c in r.room.engine.rubric.book.codes if c.effect == "hurts"}
    practised, met = _practised(r, owners)
    tally = r.store.tally(Found(owners, drill=False))
    latest = {o: r.store.sessions(Found((o,), submitted=True, played=True, drill=False), limit=LATEST) for o in owners}
    turns = r.store.turns_of([s.id for sessions in latest.values() for s in sessions])
    for owner, shown in latest.items():
        known = tally.get(owner, Tally())
        counted: Counter[str] = Counter()
        for record in shown:
            counted.update(flags(record, turns[record.id], r.room.played(record)[1]))
            read.append((record, turns[record.id]))
            broken += ruptures(record, turns[record.id], hurting)
        user = people.get(owner or 0)
        rows.append(
            {
                "id": owner or "", "name": user.name if user else LOCAL_NAME, "groups": user.groups if user else (),
                "sessions": known.count, "submitted": known.submitted,
                "last": when(known.last) if known.last else "never", "practised": practised[owner],
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
    months = monthly(read)
    return r.page(
        "cohort.html", months=months, ruptured=len(broken), before=before, unmet=unmet, latest=LATEST, skills=r.skills,
        rows=sorted(rows, key=lambda row: str(row["name"])), groups=groups, group=group,
        plot=_plot(months, list(r.titles.values())),
    )  # fmt: skip


def _practised(
    r: Asked, owners: tuple[int | None, ...]
) -> tuple[dict[int | None, list[tuple[str, list[tuple[str, int]]]]], set[int]]:
    """Return, for each trainee, the couples and the sessions with them that they submitted; and the techniques met."""
    met: set[int] = set()
    titles: dict[str, tuple[str, str]] = {}
    counts: dict[int | None, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for p in r.store.practised(Found(owners, submitted=True, played=True, drill=False)):
        if p.scenario_hash not in titles:
            couple, scenario = r.room.played(r.store.session(p.example))
            titles[p.scenario_hash] = (couple.title, scenario.title)
            met.update(scenario.techniques)
        title, said = titles[p.scenario_hash]
        counts[p.owner_id][title][said] += p.count
    found = {o: [(couple, sorted(c.items())) for couple, c in sorted(counts[o].items())] for o in owners}
    return found, met


def _plot(months: list[tuple[str, list[SkillPoint]]], titles: list[str]) -> str:
    """Return the skills over the months as a plot, "" while there is no line to draw."""
    at = [(month, points) for month, points in reversed(months) if any(p.n for p in points)]
    lines: list[tuple[str, list[Any]]] = [(t, [points[i].mean for _, points in at]) for i, t in enumerate(titles)]
    return trend_plot("Each skill's mean level, by month", [m for m, _ in at], lines, (1, 5)) if at else ""
