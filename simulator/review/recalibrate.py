"""What supervisors' overrides teach: a small correction of the engine's scores, shown on overrides it has not seen."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from simulator.errors import InputError
from simulator.review.consensus import level_given
from simulator.rubric import SKILLS, Rubric
from simulator.rubric.agreement import bootstrap, rounded, weighted_kappa
from simulator.rubric.calibration import Calibration, SkillCorrection
from simulator.store import ReviewRecord, TurnRecord

LEAST = 30  # judgements of one skill that see it otherwise than the engine, before anything is learned for it
PRIOR = 6.0  # as if so many judgements had agreed with the engine: little is learned from few
COMMON = 6  # judgements in which a code must be seen to have a correction of its own
FOLDS = 5
ROUNDS = 300


@dataclass(frozen=True)
class Lesson:
    """One judgement: the engine's own score and codes, its level, and the level that a supervisor gave."""

    session: str
    score: float
    engine_level: int
    codes: frozenset[str]
    level: int

    @property
    def residual(self) -> float:
        """How far the score is from what the supervisor meant; an agreement is none."""
        return 0.0 if self.level == self.engine_level else self.level - self.score


def lessons(
    reviews: Sequence[ReviewRecord], turns: Mapping[str, Sequence[TurnRecord]], rubric_version: str
) -> dict[str, list[Lesson]]:
    """Return, for each skill, the judgements that hold on scores of this rubric version, two reviewers' both.

    What came from a file teaches nothing: nobody has shown whose judgement it is.
    """
    found: dict[str, list[Lesson]] = {s: [] for s in SKILLS}
    for review in reviews:
        if review.imported:
            continue
        scored = {t.index: t for t in turns.get(review.session_id, ()) if t.score}
        for (index, skill), j in review.holding().items():
            turn, level = scored.get(index), level_given(j)
            if turn is None or level is None or turn.rubric_version.split("+")[0] != rubric_version:
                continue
            result = turn.score["skills"].get(skill, {})  # type: ignore[index]
            own = result.get("engine") or result
            if result.get("status") == "scored":
                codes = frozenset(c["code"] for c in result["codes"])
                found[skill].append(Lesson(review.session_id, own["score"], own["level"], codes, level))
    return found


def recalibrate(found: Mapping[str, Sequence[Lesson]], rubric: Rubric, *, least: int = LEAST) -> Calibration:
    """Return the correction of every skill that it helps on held-out sessions, and the figures of all.

    A ridge regression of the supervisors' levels on the engine's score and codes, pulled towards no correction; each
    figure is from sessions that the correction was not learned from (5 folds of whole sessions).

    Raises:
        InputError: no skill has enough judgements that differ from the engine's.
    """
    differing = {skill: sum(r.level != r.engine_level for r in rows) for skill, rows in found.items()}
    most = max(differing.values(), default=0)
    if most < least:
        raise InputError(
            f"{most} judgements of one skill give another level than the engine, at most; {least} are needed before "
            "anything is learned.",
            how="Review more sessions. Below that, a correction would follow chance; an agreement teaches none.",
        )
    skills: dict[str, SkillCorrection] = {}
    report: dict[str, Any] = {}
    for skill, rows in found.items():
        cuts = rubric.levels.skills[skill].cuts  # type: ignore[index]
        counts = {"judgements": len(rows), "differing": differing[skill]}
        if differing[skill] < least or len({r.session for r in rows}) < FOLDS:
            report[skill] = {**counts, "learned": False, "because": "too few judgements that differ, or sessions"}
            continue
        held = _held_out(rows, cuts)
        before = [[(h.before, h.given) for h in group] for group in held]
        after = [[(h.after, h.given) for h in group] for group in held]
        figures = {"before": _figures(before), "after": _figures(after)}
        helps = figures["after"]["mean_error"] < figures["before"]["mean_error"] - 0.01
        report[skill] = {**counts, "learned": helps, **figures}
        if helps:
            skills[skill] = _fit(rows)
        else:
            report[skill]["because"] = "it does not help on held-out sessions"
    made = datetime.now(UTC).isoformat(timespec="seconds")
    body = json.dumps([rubric.version, {k: v.model_dump() for k, v in skills.items()}], sort_keys=True)
    name = f"cal-{hashlib.sha256(body.encode()).hexdigest()[:8]}"
    return Calibration(id=name, rubric_version=rubric.version, made=made, skills=skills, report=report)


def _fit(rows: Sequence[Lesson]) -> SkillCorrection:
    counts = Counter(c for r in rows for c in r.codes)
    codes = sorted(c for c, n in counts.items() if n >= COMMON)
    x = np.array([[1.0, *(float(c in r.codes) for c in codes)] for r in rows])
    y = np.array([r.residual for r in rows])
    weights = np.linalg.solve(x.T @ x + PRIOR * np.eye(x.shape[1]), x.T @ y)
    values = [round(float(min(2.0, max(-2.0, w))), 3) for w in weights]
    return SkillCorrection(shift=values[0], codes=dict(zip(codes, values[1:], strict=True)))


@dataclass(frozen=True)
class _Held:
    """A judgement and the levels of the engine and of a correction that has not seen its session."""

    before: int
    after: int
    given: int


def _held_out(rows: Sequence[Lesson], cuts: Sequence[float]) -> list[list[_Held]]:
    """Return the judgements of each session beside what was learned from the other folds' sessions."""
    fold = {r.session: int(hashlib.sha256(r.session.encode()).hexdigest(), 16) % FOLDS for r in rows}
    held: dict[str, list[_Held]] = defaultdict(list)
    for k in range(FOLDS):
        learned = [r for r in rows if fold[r.session] != k]
        if not learned:
            continue
        correction = _fit(learned)
        for r in rows:
            if fold[r.session] == k:
                moved = correction.score(r.score, r.codes)
                after = r.engine_level if moved == r.score else 1 + sum(moved >= c for c in cuts)
                held[r.session].append(_Held(r.engine_level, after, r.level))
    return list(held.values())


def _figures(sessions: Sequence[Sequence[tuple[int, int]]]) -> dict[str, Any]:
    """Return the figures of (engine, supervisor) levels, with 95 % intervals over whole sessions."""
    flat = [pair for group in sessions for pair in group]
    figures: dict[str, Any] = {name: rounded(of(flat)) for name, of in _STATISTICS.items()}
    figures["interval_95"] = {
        name: [round(x, 3) for x in found] if (found := bootstrap(sessions, of, rounds=ROUNDS)) else None
        for name, of in _STATISTICS.items()
    }
    return figures


_STATISTICS: dict[str, Callable[[list[tuple[int, int]]], float | None]] = {
    "mean_error": lambda pairs: sum(abs(a - b) for a, b in pairs) / len(pairs),
    "same_level": lambda pairs: sum(a == b for a, b in pairs) / len(pairs),
    "weighted_kappa": lambda pairs: weighted_kappa([a for a, _ in pairs], [b for _, b in pairs]),
}
