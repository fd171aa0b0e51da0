"""Hearing a draft: one partner's lines for a moment, or a whole scripted session. Nothing touches trainees' records."""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from simulator.couple import Couple, Library, Scenario
from simulator.couple.loader import with_couples
from simulator.embedding import Memory
from simulator.errors import InputError
from simulator.review.faults import breaks, repeats
from simulator.review.played import Plan, Played, play
from simulator.rubric import THERAPIST
from simulator.session import Room
from simulator.session.cast import forbidden, players
from simulator.store import Repository
from simulator.studio.remarks import remarks
from simulator.voice import Heard, Verdict
from simulator.voice.prompt import Spoken, cue, screenplay
from simulator.voice.speak import Line, Moment, speak

REPLIES = 6
MAX_REPLIES = 20
TRAINEES = ("skilled", "siding", "noise")


@dataclass(frozen=True)
class Hearing:
    """What a partner would say: the line that would be spoken, every candidate with its verdict, the prompt."""

    line: Line
    verdicts: list[Verdict]
    prompt: str


def hear(
    room: Room,
    couple: Couple,
    scenario: Scenario,
    partner: str,
    *,
    mood: str,
    move: str,
    said: str,
    seed: int,
    fact: str = "",
) -> Hearing:
    """Return how this partner answers the therapist's words, in this mood and with this move.

    Raises:
        InputError: the move discloses, and no `fact` is named that this partner can tell.
    """
    if move == "disclose":
        told = next((f for f in couple.facts if f.id == fact), None)
        if told is None or partner not in told.known_by or not told.disclosure:
            can = ", ".join(f.id for f in couple.facts if partner in f.known_by and f.disclosure)
            raise InputError("To disclose, a partner needs a fact of theirs.", how=f"Choose one: {can or 'none yet'}.")
        # In the room as well a fact is told in its author's words, and no model is asked.
        return Hearing(Line(told.disclosure[0], move, "authored", 0), [], "")
    scenarios = [scenario, *room.library.scenarios_of(couple.id)]
    player = players(couple, room.engine, Memory(room.settings.vectors), scenarios)[partner]
    transcript = [Spoken(couple.partner(b.partner).name, b.say) for b in scenario.opening] + [Spoken(THERAPIST, said)]
    moment = Moment(
        cast=player.cast, standard=player.standard, transcript=transcript, mood=mood, move=move, heard=[Heard(said, therapist=True)],
        forbidden=forbidden(couple, []), used=frozenset(s.text for s in transcript),
        openers=player.openers.get(move, ()),
    )  # fmt: skip
    tokens = room.settings.context
    line = speak(room.voice, moment, n=max(4, room.settings.candidates), seed=seed, context_tokens=tokens)
    # Lines that their author wrote need no prompt; what a model would read is worth seeing all the same.
    prompt = line.prompt or screenplay(player.cast, transcript, context_tokens=tokens) + cue(player.cast, mood, move)
    return Hearing(line, line.verdicts, prompt)


@dataclass(frozen=True)
class Broken:
    """What broke in a played session: what it is, the line (if it is one), and what that means for its author."""

    what: str
    line: str = ""
    why: str = ""

    def __str__(self) -> str:
        return f"{self.what}: {self.line}" if self.line else self.what


@dataclass(frozen=True)
class Rehearsal:
    """A scripted session of a draft: what was said, what each turn did, and what broke."""

    played: Played
    remarks: list[str]
    broken: list[Broken]


# What broke -> what it means; the rest says itself what it is.
_WHY = {
    "speaks for another": "it begins like a line of a script, with somebody's name and a colon",
    "names themselves": "people seldom say their own name",
    "another language": "it does not read like English",
    "said before": "the same words, or nearly, in one session",
}


def rehearse(
    room: Room,
    couple: Couple,
    files: dict[str, str],
    scenario: str,
    trainee: str,
    *,
    seed: int,
    replies: int = REPLIES,
) -> Rehearsal:
    """Play a draft with a scripted trainee, in a database of its own that is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        store = Repository.open(f"sqlite:///{Path(folder) / 'bench.sqlite3'}")
        try:
            library = with_couples(Library({}, {}, {}), {couple.id: files})
            own = replace(room, library=library, store=store)
            played = play(own, Plan(couple.id, scenario, trainee, seed), replies=replies)
        finally:
            store.close()
    lines = [(i, t) for i, t in enumerate(played.turns) if t.speaker != THERAPIST]
    found = [(b["what"], b["line"]) for i, t in lines for b in breaks(played, i, t, couple)]
    found += [("said before", r["line"]) for r in repeats(played)]
    broken = [Broken(what, line, _WHY.get(what, "")) for what, line in found]
    silent = sum(t.text == "..." for _, t in lines)
    if silent:
        moves = Counter(t.move.replace("_", " ") for _, t in lines if t.text == "...")
        left = ", ".join(f"{move} ({n})" for move, n in moves.most_common())
        broken.append(Broken(f"no line was left for {silent} of {len(lines)} moments: write more for {left}"))
    return Rehearsal(played, remarks(played.turns, couple, library.scenario(couple.id, scenario)), broken)
