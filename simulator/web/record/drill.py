"""The drill: one planted moment, answered again and again for five minutes, every try scored beside the others."""

from __future__ import annotations

from fastapi.responses import Response

from simulator.errors import InputError
from simulator.review.drills import PlantedMoment, planted, weakest
from simulator.review.export import partners_of, title_of
from simulator.review.progress import overall
from simulator.rubric import SKILLS
from simulator.store import Found
from simulator.web import render
from simulator.web.endpoints import Asked, on, when
from simulator.web.record.session import nobody_real
from simulator.web.record.work import LATEST

MINUTES = 5
PAST = 10  # drills of before that the page lists


@on("GET", "/drill", "practise")
def choose(r: Asked) -> Response:
    """The moments of one's weakest skill, or of the one that is asked for."""
    recent = r.store.sessions(Found((r.who.id,), drill=False), limit=LATEST)
    turns = r.store.turns_of([s.id for s in recent])
    points = overall([(s, turns[s.id]) for s in recent])
    weak = weakest(points)
    asked = r.query.get("skill", "")
    skill = next((s for s in SKILLS if s == asked), weak or SKILLS[0])
    moments = [
        {
            "key": _key(m), "couple": m.couple.title, "scenario": m.scenario.title,
            "who": m.couple.partner(m.bid.partner).name, "say": m.bid.say[0],
        }
        for m in planted(r.room.library, skill)
    ]  # fmt: skip
    past = [
        {"id": s.id, "title": title_of(r.room, s), "when": when(s.created)}
        for s in r.store.sessions(Found((r.who.id,), drill=True, branch=False), limit=PAST)
    ]
    return r.page(
        "drill.html", past=past, skills=r.titles, skill=skill, weak=weak, moments=moments, point=points[SKILLS.index(skill)]
    )  # fmt: skip


@on("POST", "/drill", "practise")
def begin(r: Asked) -> Response:
    """Begin a drill: the session opens, and the moment comes at once."""
    moments = {_key(m): m for skill in SKILLS for m in planted(r.room.library, skill)}
    wanted = moments.get(r.text("moment", 200))
    if wanted is None:
        raise InputError("There is no such moment.", how="Go back and choose one from the list.")
    session = r.room.begin(wanted.couple.id, wanted.scenario.id, owner=r.who.id, drill=wanted.bid.id)
    list(session.answers())
    return r.back(f"/drill/{session.record.id}")


@on("GET", "/drill/{session_id}", "session.play")
def drill(r: Asked) -> Response:
    """The moment, a box for the reply, and every try so far."""
    record = r.session
    if not record.drill or record.parent_id:
        raise InputError("This is no drill.", how="Begin one on the drill page.")
    scenario = r.room.played(record)[1]
    bid = next(b for b in scenario.bids if b.id == record.drill)
    said, partners, rubric = r.store.turns(record.id), partners_of(r.room, record), r.room.engine.rubric
    branches = r.store.sessions(Found((record.owner_id,), parent=record.id), limit=50)
    turns = r.store.turns_of([b.id for b in branches])
    tries = []
    for b in branches:
        shown = range(record.length, len(turns[b.id]))
        tries.append(
            {
                "html": [render.turn_card(turns[b.id], i, partners, rubric, coached=True) for i in shown],
                "reads": {"good": bid.good.reads, "bad": bid.bad.reads}.get(
                    str(b.progress["bids"].get(bid.id)), "What was asked of you stayed open."
                ),
            }
        )
    return r.page(
        "drill_moment.html", record=record, title=scenario.title, tries=tries,
        opening=[render.turn_card(said, i, partners, rubric, coached=False) for i in range(len(said))],
        until=round(1000 * (record.created.timestamp() + 60 * MINUTES)),
    )  # fmt: skip


@on("POST", "/drill/{session_id}/try", "session.play")
def try_again(r: Asked) -> Response:
    """Answer the moment once more."""
    text = r.text("reply", 5000)
    nobody_real(r, text)
    r.room.try_again(r.session.id, text)
    return r.back(f"/drill/{r.session.id}")


def _key(moment: PlantedMoment) -> str:
    return f"{moment.couple.id}/{moment.scenario.id}/{moment.bid.id}"
