"""The bench: hear a draft's partners, and play a scripted session of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fastapi.responses import Response

from simulator.couple import MOODS, MOVES
from simulator.errors import InputError
from simulator.studio.bench import MAX_REPLIES, REPLIES, TRAINEES, Broken, hear, rehearse
from simulator.studio.choices import moods, moves
from simulator.studio.manuscript import Checked
from simulator.studio.places import find
from simulator.text import clean
from simulator.web import render
from simulator.web.endpoints import Asked, on
from simulator.web.studio.common import checked, crumbs, manuscript_of, place
from simulator.web.studio.kept import Answers

_ANSWERS = Answers()
_OF_LINE = ("scenario", "partner", "mood", "move", "said", "fact", "seed")
_OF_SESSION = {"scenario": "scenario", "trainee": "trainee", "replies": "replies", "seed": "play_seed"}


@on("GET", "/studio/{couple_id}/hear", "studio")
def bench(r: Asked) -> Response:
    """The bench: empty, or with what was heard last under the key in the address."""
    key, m = r.query.get("answer", ""), manuscript_of(r)
    answer = _ANSWERS.get(_whose(r), key) if key else None
    found = checked(r, m)
    facts = [f for f in found.couple.facts if f.disclosure] if found.couple else []
    shown: dict[str, Any] = {"asked": {}, "heard": None, "played": None, "wrong": "", **(answer or {})}
    if key and not answer:
        shown["notice"] = "What was heard is no longer kept. Ask for it once more."
    return r.page(
        "studio_hear.html", m=m, playable=found.playable, couple=found.couple, scenarios=found.scenarios, moods=moods(),
        moves=moves(), way=crumbs(r, m), trainees=TRAINEES, facts=facts, replies=REPLIES, most=MAX_REPLIES, scripted=r.room.voice.scripted,
        **shown,
    )  # fmt: skip


@on("POST", "/studio/{couple_id}/hear", "studio")
def listen(r: Asked) -> Response:
    """Let one partner answer: every line the model offered with the critic's verdict, and the prompt as it went out."""
    return _answered(r, {key: r.text(key, 2000) for key in _OF_LINE}, "heard", lambda: _hear(r))


@on("POST", "/studio/{couple_id}/play", "studio")
def play(r: Asked) -> Response:
    """Play a scripted session of the draft and say what broke in it."""
    return _answered(r, {b: r.text(a, 60) for a, b in _OF_SESSION.items()}, "played", lambda: _play(r))


def _answered(r: Asked, asked: Mapping[str, str], at: str, work: Callable[[], dict[str, Any]]) -> Response:
    """Do what was asked and lead to the page that shows it; what cannot be done is said there, beside what was asked."""
    try:
        answer = work()
    except InputError as error:
        answer, at = {"asked": asked, "wrong": str(error), "wrong_in": at}, "wrong"
    key = _ANSWERS.keep(_whose(r), answer)
    return r.back(f"/studio/{manuscript_of(r).id}/hear?answer={key}#{at}")


def _hear(r: Asked) -> dict[str, Any]:
    found = _playable(r)
    assert found.couple is not None  # it can be played
    scenario = next((s for s in found.scenarios if s.id == r.text("scenario", 60)), found.scenarios[0])
    partner = next((p.id for p in found.couple.partners if p.id == r.text("partner", 60)), found.couple.partners[0].id)
    mood, move = r.text("mood", 40), r.text("move", 40)
    said = clean(r.text("said", 2000))
    if mood not in MOODS or move not in MOVES or not said:
        raise InputError("The bench needs a mood, a move and the therapist's words.", how="Fill them in.")
    seed, fact = _whole(r, "seed", 1, 999_999), r.text("fact", 60)
    heard = hear(r.room, found.couple, scenario, partner, mood=mood, move=move, said=said, seed=seed, fact=fact)
    asked = {"scenario": scenario.id, "partner": partner, "mood": mood, "move": move, "said": said, "fact": fact}
    # Heard once more it is heard another way.
    return {"heard": heard, "asked": {**asked, "seed": seed + 1}}


def _play(r: Asked) -> dict[str, Any]:
    found = _playable(r)
    assert found.couple is not None  # it can be played
    scenario = next((s for s in found.scenarios if s.id == r.text("scenario", 60)), found.scenarios[0])
    trainee = r.text("trainee", 20)
    if trainee not in TRAINEES:
        raise InputError("There is no such trainee.", how=f"Choose: {', '.join(TRAINEES)}.")
    seed, replies = _whole(r, "seed", 1, 999_999), _whole(r, "replies", REPLIES, MAX_REPLIES)
    done = rehearse(r.room, found.couple, found.files, scenario.id, trainee, seed=seed, replies=replies)
    turns, names = done.played.turns, done.played.names
    cards = [
        (render.turn_card(turns, i, names, r.room.engine.rubric, coached=False, me="Therapist"), remark)
        for i, remark in enumerate(done.remarks)
    ]
    asked = {"scenario": scenario.id, "trainee": trainee, "play_seed": seed, "replies": replies}
    couple_id = manuscript_of(r).id
    return {"played": cards, "broken": [(b, _where(couple_id, found, b)) for b in done.broken], "asked": asked}


def _where(couple_id: str, found: Checked, broken: Broken) -> str:
    """Return the address of the line that broke, "" for words that nobody wrote."""
    there = find(found.files, broken.line)
    return place(couple_id, there.file, there.path, there.line) if there else ""


def _whose(r: Asked) -> tuple[int | None, str]:
    return r.who.id, str(r.request.path_params["couple_id"])


def _whole(r: Asked, name: str, default: int, most: int) -> int:
    """Return a number from 1 to `most` that the form gave, the default when it gave none."""
    given = r.text(name, 7).strip()
    if not given:
        return default
    if not given.isdecimal() or not 1 <= int(given) <= most:
        raise InputError(f"'{given}' will not do as the {name}.", how=f"Write a number from 1 to {most:,}.")
    return int(given)


def _playable(r: Asked) -> Checked:
    found = checked(r, manuscript_of(r))
    if not found.playable:
        raise InputError("It cannot be heard yet.", how="Mend what its page lists as problems; then come back.")
    return found
