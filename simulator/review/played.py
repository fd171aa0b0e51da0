"""Sessions played by scripted trainees, to be counted and read."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

from pydantic import BaseModel, ConfigDict
from ruamel.yaml import YAML

from simulator.couple import Library
from simulator.rubric import THERAPIST
from simulator.session import Room, Session
from simulator.session.transcript import turn_json
from simulator.store import TurnRecord

SEE = "/see "  # a scripted line that sees one partner alone, or both again


class Trainee(BaseModel):
    """A scripted trainee: lines in order, and whether it answers planted bids with the author's model replies."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    poor: bool
    lines: list[str]
    bids: str = ""


@lru_cache(maxsize=1)
def trainees() -> dict[str, Trainee]:
    """Return the scripted trainees by name."""
    data = YAML(typ="safe").load(Path(__file__).with_name("trainees.yaml").read_text(encoding="utf-8"))
    return {name: Trainee.model_validate(value) for name, value in data.items()}


@dataclass(frozen=True)
class Plan:
    """One session to be played."""

    couple: str
    scenario: str
    trainee: str
    seed: int


@dataclass
class Played:
    """One played session: its turns, where both states began and ended, and whom the script left standing."""

    plan: Plan
    names: list[str]
    turns: list[TurnRecord]
    started: dict[str, dict[str, float]]
    ended: dict[str, dict[str, float]]
    left: str
    outcome: str
    told: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Return the session with all its turns."""
        return {
            "couple": self.plan.couple, "scenario": self.plan.scenario, "trainee": self.plan.trainee,
            "seed": self.plan.seed, "outcome": self.outcome, "told": self.told,
            "turns": [turn_json(t) for t in self.turns],
        }  # fmt: skip


def plans(library: Library, count: int, *, seed: int, couple: str | None = None) -> list[Plan]:
    """Return `count` sessions spread evenly over trainees, couples (or one) and scenarios, in a fixed order for a seed.

    Raises:
        InputError: there is no such couple.
    """
    if couple:
        library.couple(couple)
    kinds, couples = list(trainees()), sorted({c for c, _ in library.scenarios if couple in (None, c)})
    found = []
    for number in range(count):
        # Every couple meets every trainee before any meets one twice.
        meeting, kind = divmod(number, len(kinds))
        who = couples[meeting % len(couples)]
        scenarios = library.scenarios_of(who)
        scenario = scenarios[(kind + meeting // len(couples)) % len(scenarios)]
        found.append(Plan(who, scenario.id, kinds[kind], seed + meeting // len(couples)))
    return found


def play(room: Room, plan: Plan, *, replies: int) -> Played:
    """Play one session with its scripted trainee."""
    trainee = trainees()[plan.trainee]
    session = room.begin(plan.couple, plan.scenario, seed=plan.seed)
    list(session.answers())
    names = session.partner_names
    ally, left = names if Random(plan.seed).random() < 0.5 else reversed(names)
    started = {n: session.progress.states[p.id].public() for n, p in zip(names, session.couple.partners, strict=True)}
    for number in range(replies):
        if session.over:
            break
        said = _say(trainee, session, number, ally, left)
        if said.startswith(SEE):
            name = said.removeprefix(SEE).strip()
            session.see(None if name == "both" else name)
            continue
        session.reply(said)
        list(session.answers())
    ended = {n: session.progress.states[p.id].public() for n, p in zip(names, session.couple.partners, strict=True)}
    outcome = session.progress.outcome
    session.finish()
    list(session.answers())
    return Played(
        plan, names, session.turns, started, ended, left, outcome or session.progress.outcome, session.progress.told
    )


def _say(trainee: Trainee, session: Session, number: int, ally: str, left: str) -> str:
    if trainee.bids == "model" and session.progress.pending_bid:
        return next(b.model_reply for b in session.scenario.bids if b.id == session.progress.pending_bid)
    spoke = [t.speaker for t in session.turns if t.speaker != THERAPIST]
    last = spoke[-1] if spoke else session.partner_names[0]
    other = next(n for n in session.partner_names if n != last)
    return trainee.lines[number % len(trainee.lines)].format(last=last, other=other, ally=ally, left=left)
