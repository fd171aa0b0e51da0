"""The bench: hear a draft's partners, and play a scripted session of it."""

from __future__ import annotations

from typing import Any

from fastapi.responses import Response

from simulator.couple import MOODS, MOVES
from simulator.errors import InputError
from simulator.studio.bench import MAX_REPLIES, REPLIES, TRAINEES, hear, rehearse
from simulator.studio.manuscript import Checked
from simulator.text import clean
from simulator.web import render
from simulator.web.endpoints import Asked, on
from simulator.web.studio.common import checked, manuscript_of


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
    seed, fact = _whole(r, "seed", 1, 999_999), r.text("fact", 60)
    heard = hear(r.room, found.couple, scenario, partner, mood=mood, move=move, said=said, seed=seed, fact=fact)
    asked = {"scenario": scenario.id, "partner": partner, "mood": mood, "move": move, "said": said, "fact": fact}
    # Heard once more it is heard another way.
    return _page(r, heard=heard, asked={**asked, "seed": seed + 1})


@on("POST", "/studio/{couple_id}/play", "studio")
def play(r: Asked) -> Response:
    """Play a scripted session of the draft and say what broke in it."""
    found = _playable(r)
    assert found.couple is not None  # it can be played
    scenario = next((s for s in found.scenarios if s.id == r.text("scenario", 60)), found.scenarios[0])
    trainee = r.text("trainee", 20)
    if trainee not in TRAINEES:
        raise InputError("There is no such trainee.", how=f"Choose: {', '.join(TRAINEES)}.")
    seed, replies = _whole(r, "seed", 1, 999_999), _whole(r, "replies", REPLIES, MAX_REPLIES)
    files = manuscript_of(r).files
    done = rehearse(r.room, found.couple, files, scenario.id, trainee, seed=seed, replies=replies)
    turns, names = done.played.turns, done.played.names
    cards = [
        render.turn_card(turns, i, names, r.room.engine.rubric, coached=False, me="Therapist")
        for i in range(len(turns))
    ]
    asked = {"scenario": scenario.id, "trainee": trainee, "play_seed": seed, "replies": replies}
    return _page(r, played=cards, broken=done.broken, asked=asked)


def _whole(r: Asked, name: str, default: int, most: int) -> int:
    """Return a number from 1 to `most` that the form gave, the default when it gave none."""
    given = r.text(name, 7).strip()
    if not given:
        return default
    if not given.isdecimal() or not 1 <= int(given) <= most:
        raise InputError(f"'{given}' will not do here.", how=f"Write a number from 1 to {most:,}.")
    return int(given)


def _playable(r: Asked) -> Checked:
    found = checked(r, manuscript_of(r))
    if not found.playable:
        raise InputError("It cannot be heard yet.", how="Mend what its page lists as problems; then come back.")
    return found


def _page(r: Asked, **values: Any) -> Response:
    m = manuscript_of(r)
    found = checked(r, m)
    facts = [f for f in found.couple.facts if f.disclosure] if found.couple else []
    return r.page(
        "studio_hear.html", m=m, playable=found.playable, couple=found.couple, scenarios=found.scenarios, moods=MOODS,
        moves=MOVES, trainees=TRAINEES, facts=facts, replies=REPLIES, most=MAX_REPLIES, scripted=r.room.voice.scripted, **{"asked": {}, "heard": None, "played": None, **values},
    )  # fmt: skip
