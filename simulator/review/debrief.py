"""What happened between them: the moments that moved most, how attention was shared, one thing to try next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from simulator.couple import Couple
from simulator.rubric import SKILLS, THERAPIST, Rubric, Said, Skill, session_summary
from simulator.store import SessionRecord, TurnRecord

SIMULATION = "This is a simulation. It is not supervision, and not for real clients."
OUTCOMES = {
    "well": "It ended well: both of them were still with you, and a little more open with each other.",
    "unfinished": "It ended unfinished, as most sessions do.",
    "walk_out": "It ended early: one of them walked out. That happens in real rooms too, and it can be looked at.",
    "": "The session is still open.",
}


@dataclass(frozen=True)
class Moment:
    """One reply and what it changed most."""

    turn: int
    partner: str
    change: float
    text: str
    sentence: str


@dataclass(frozen=True)
class Point:
    """The state after one therapist turn, and its levels."""

    reply: int
    turn: int
    state: dict[str, dict[str, float]]
    levels: dict[str, int | None]


@dataclass(frozen=True)
class Debrief:
    """Everything the debrief page shows beside the transcript."""

    outcome: str
    points: list[Point]
    moments: list[Moment]
    summary: dict[str, Any]
    suggestion: str
    worked: str
    weakest: tuple[int, Skill] | None  # the turn and the skill that the suggestion is about


def debrief(record: SessionRecord, couple: Couple, turns: Sequence[TurnRecord], rubric: Rubric) -> Debrief:
    """Return the debrief of a session, ended or not."""
    names = [p.name for p in couple.partners]
    replies = [t for t in turns if t.speaker == THERAPIST and t.score]
    points = [
        Point(i, t.index, t.state, {s: t.score["skills"][s].get("level") for s in SKILLS})  # type: ignore[index]
        for i, t in enumerate(replies, start=1)
    ]
    said = [Said(t.speaker, t.text) for t in turns]
    summary = session_summary(rubric.book, said, names, [{"turn": t.index, **t.score} for t in replies if t.score])
    return Debrief(
        OUTCOMES.get(record.outcome, ""),
        points,
        moments(turns, names),
        summary,
        *_suggestion(replies, rubric),
    )


def changes(turns: Sequence[TurnRecord], index: int, names: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return how turn `index` changed each partner's state."""
    now = turns[index].state
    before = next((t.state for t in reversed(turns[:index]) if t.state), now)
    return {n: {k: round(now[n][k] - before[n][k], 3) for k in now[n]} for n in names if n in now and n in before}


def took_it(change: dict[str, float], name: str) -> str:
    """Return in one sentence how a partner took a reply."""
    alliance, arousal = change["alliance"], change["arousal"]
    if alliance >= 0.05:
        return f"{name} felt met."
    if alliance <= -0.08:
        return f"{name} is pulling away from you."
    if alliance <= -0.03:
        return f"{name} trusts you a little less."
    if arousal >= 0.06:
        return f"{name} is more stirred up."
    if alliance >= 0.02:
        return f"{name} came a little closer."
    if arousal <= -0.05:
        return f"{name} is a little calmer."
    return f"{name} did not move."


def gap(state: dict[str, dict[str, float]]) -> str:
    """Return the gap between the two alliances as one plain sentence."""
    (a, sa), (b, sb) = state.items()
    difference = sa["alliance"] - sb["alliance"]
    if min(sa["alliance"], sb["alliance"]) < 0.2:
        lower = a if sa["alliance"] < sb["alliance"] else b
        return f"{lower} is leaving you."
    if abs(difference) >= 0.2:
        return f"{b if difference > 0 else a} is further from you than {a if difference > 0 else b}."
    if min(sa["alliance"], sb["alliance"]) >= 0.55:
        return "Both of them are with you."
    return "Neither of them is far ahead of the other."


def moments(turns: Sequence[TurnRecord], names: Sequence[str], *, most: int = 3) -> list[Moment]:
    """Return the replies after which a partner's alliance moved most, in the order they were said."""
    found = []
    for turn in turns:
        if turn.speaker != THERAPIST:
            continue
        for name, change in changes(turns, turn.index, names).items():
            if abs(change["alliance"]) >= 0.03:
                found.append(Moment(turn.index, name, change["alliance"], turn.text, took_it(change, name)))
    strongest = sorted(found, key=lambda m: -abs(m.change))
    one_each: dict[int, Moment] = {}
    for moment in strongest:
        one_each.setdefault(moment.turn, moment)
    return sorted(list(one_each.values())[:most], key=lambda m: m.turn)


def _suggestion(replies: Sequence[TurnRecord], rubric: Rubric) -> tuple[str, str, tuple[int, Skill] | None]:
    """Return one thing to try - what the rubric had to offer at the lowest-scored real opportunity - and where."""
    worked = _worked(replies, rubric)
    if not replies:
        return "Answer them a few times, and there will be something to look at.", worked, None
    found = [
        (turn.score["skills"][skill]["score"], turn.index, skill, turn)  # type: ignore[index]
        for turn in replies
        for skill in SKILLS
        if turn.score["skills"][skill].get("better")  # type: ignore[index]
    ]
    if not found:
        return "You met nearly every moment. Next time, try a harder session.", worked, None
    _, index, skill, turn = min(found, key=lambda f: f[:2])
    better = turn.score["skills"][skill]["better"]  # type: ignore[index]
    principle = rubric.levels.skills[skill].principle
    lead = "" if better == principle else f"{principle} "
    return f"{lead}At “{_short(turn.text)}” you might try: {better}", worked, (index, skill)


def _worked(replies: Sequence[TurnRecord], rubric: Rubric) -> str:
    best: tuple[float, str] | None = None
    for turn in replies:
        for skill in SKILLS:
            result = turn.score["skills"][skill]  # type: ignore[index]
            for e in result.get("codes", []):
                code = rubric.book.code.get(e["code"])
                if code and code.effect == "helps" and result["level"] >= 4:
                    candidate = (result["score"] + e["confidence"], f"{code.say} “{_short(e['quote'])}”")
                    best = max(best, candidate) if best else candidate
    return best[1] if best else ""


def _short(text: str, size: int = 110) -> str:
    return text if len(text) <= size else text[:size].rsplit(" ", 1)[0] + " ..."
