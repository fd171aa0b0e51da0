"""The bench: hear a draft's partners, and play a scripted session of it."""

from __future__ import annotations

from typing import Any

from fastapi.responses import Response

from simulator.couple import MOODS, MOVES
from simulator.errors import InputError
from simulator.studio.bench import TRAINEES, hear, rehearse
from simulator.studio.manuscript import Checked, check
from simulator.text import clean
from simulator.web import render
from simulator.web.endpoints import Asked, on
from simulator.web.studio.couples import manuscript_of


@on("GET", "/studio/{couple_id}/hear", "studio")
def bench(r: Asked) -> Response:
    """The bench, empty."""
    return _page(r)


@on("POST", "/studio/{couple_id}/hear", "studio")
def listen(r: Asked) -> Response:
    """Let one partner answer: every line the model offered with the critic's verdict, and the prompt as it went out."""
    found = _playable(r)
    assert found.couple is not None  # it can be played
    scenario = next((s for s in found.scenarios if s.id == r.text("scenario", 60)), found.scenarios[0])
    partner = next((p.id for p in found.couple.partners if p.id == r.text("partner", 60)), found.couple.partners[0].id)
    mood, move = r.text("mood", 40), r.text("move", 40)
    said = clean(r.text("said", 2000))
    if mood not in MOODS or move not in MOVES or not said:
        raise InputError("The bench needs a mood, a move and the therapist's words.", how="Go back and fill them in.")
    seed = int(r.text("seed", 6)) + 1 if r.text("seed", 6).isdecimal() else 1
    heard = hear(r.room, found.couple, scenario, partner, mood=mood, move=move, said=said, seed=seed)
    return _page(
        r,
        heard=heard,
        asked={"scenario": scenario.id, "partner": partner, "mood": mood, "move": move, "said": said, "seed": seed},
    )


@on("POST", "/studio/{couple_id}/play", "studio")
def play(r: Asked) -> Response:
    """Play a scripted session of the draft and say what broke in it."""
    found = _playable(r)
    assert found.couple is not None  # it can be played
    scenario = next((s for s in found.scenarios if s.id == r.text("scenario", 60)), found.scenarios[0])
    trainee = r.text("trainee", 20)
    if trainee not in TRAINEES:
        raise InputError("There is no such trainee.", how=f"Choose: {', '.join(TRAINEES)}.")
    done = rehearse(r.room, found.couple, manuscript_of(r).files, scenario.id, trainee, seed=1)
    turns, names = done.played.turns, done.played.names
    cards = [
        render.turn_card(turns, i, names, r.room.engine.rubric, coached=False, me="Therapist")
        for i in range(len(turns))
    ]
    return _page(r, played=cards, broken=done.broken, asked={"scenario": scenario.id, "trainee": trainee})


def _playable(r: Asked) -> Checked:
    found = check(manuscript_of(r).files)
    if not found.playable:
        raise InputError("It cannot be heard yet.", how="Mend what its page lists as problems; then come back.")
    return found


def _page(r: Asked, **values: Any) -> Response:
    m = manuscript_of(r)
    found = check(m.files)
    return r.page(
        "studio_hear.html", m=m, playable=found.playable, couple=found.couple, scenarios=found.scenarios, moods=MOODS,
        moves=MOVES, trainees=TRAINEES, scripted=r.room.voice.scripted, **{"asked": {}, "heard": None, "played": None, **values},
    )  # fmt: skip
