"""What supervisors' overrides teach: a small correction of the engine's scores, shown on overrides it has not seen."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from simulator.errors import InputError
from simulator.review.consensus import level_given
from simulator.rubric import SKILLS, Rubric
from simulator.rubric.agreement import weighted_kappa
from simulator.rubric.calibration import Calibration, SkillCorrection
from simulator.store import ReviewRecord, TurnRecord

LEAST = 30  # judgements of one skill before anything is learned for it
PRIOR = 6.0  # as if so many judgements had agreed with the engine: little is learned from few
COMMON = 6  # judgements in which a code must be seen to have a correction of its own
FOLDS = 5


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
    """Return, for each skill, the judgements that hold on scores of this rubric version, two reviewers' both."""
    found: dict[str, list[Lesson]] = {s: [] for s in SKILLS}
    for review in reviews:
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
        InputError: no skill has enough judgements.
    """
    if all(len(rows) < least for rows in found.values()):
        most = max((len(rows) for rows in found.values()), default=0)
        raise InputError(
            f"There are {most} judgements of the best-judged skill; {least} are needed before anything is learned.",
            how="Review more sessions. Below that, a correction would follow chance.",
        )
    skills: dict[str, SkillCorrection] = {}
    report: dict[str, Any] = {}
    for skill, rows in found.items():
        cuts = rubric.levels.skills[skill].cuts  # type: ignore[index]
        if len(rows) < least or len({r.session for r in rows}) < FOLDS:
            report[skill] = {"judgements": len(rows), "learned": False, "because": "too few judgements or sessions"}
            continue
        before, after, given = _held_out(rows, cuts)
        figures = {"before": _figures(before, given), "after": _figures(after, given)}
        helps = figures["after"]["mean_error"] < figures["before"]["mean_error"] - 0.01
        report[skill] = {"judgements": len(rows), "learned": helps, **figures}
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


def _held_out(rows: Sequence[Lesson], cuts: Sequence[float]) -> tuple[list[int], list[int], list[int]]:
    fold = {r.session: int(hashlib.sha256(r.session.encode()).hexdigest(), 16) % FOLDS for r in rows}
    before, after, given = [], [], []
    for k in range(FOLDS):
        learned = [r for r in rows if fold[r.session] != k]
        if not learned:
            continue
        correction = _fit(learned)
        for r in rows:
            if fold[r.session] == k:
                moved = correction.score(r.score, r.codes)
                before.append(r.engine_level)
                after.append(r.engine_level if moved == r.score else 1 + sum(moved >= c for c in cuts))
                given.append(r.level)
    return before, after, given


def _figures(levels: Sequence[int], given: Sequence[int]) -> dict[str, float]:
    n = len(given)
    return {
        "mean_error": round(sum(abs(a - b) for a, b in zip(levels, given, strict=True)) / n, 3),
        "same_level": round(sum(a == b for a, b in zip(levels, given, strict=True)) / n, 3),
        "weighted_kappa": round(weighted_kappa(list(levels), list(given)), 3),
    }
