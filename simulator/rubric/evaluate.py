"""Agreement of the engine with the labels of a split."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from simulator.rubric.agreement import weighted_kappa
from simulator.rubric.book import SKILLS, ReplyExample, Rubric, Split
from simulator.rubric.canon import Said
from simulator.rubric.encoder import load_coder
from simulator.rubric.engine import Engine, Question, ReplyScore


def figures(rubric: Rubric, model: Path, split: Split) -> dict[str, Any]:
    """Return kappa, pair accuracy, level use and challenge detection on the labelled replies of `split`.

    A pair is two replies of one context with different labels; it is right when the better one scores
    higher, half right on a tie.
    """
    engine = Engine(rubric, load_coder(model))
    examples = [r for r in rubric.replies() if r.split == split]
    questions = [Question([Said(t.speaker, t.text) for t in r.turns], r.partners, r.text) for r in examples]
    started = time.monotonic()
    scores = list(engine.score_many(questions))
    seconds = time.monotonic() - started
    value: dict[str, Any] = {
        "split": split,
        "replies": len(examples),
        "replies_per_second": round(len(examples) / seconds, 1),
        "skills": {skill: _skill(examples, scores, skill) for skill in SKILLS},
    }
    challenged = [
        ("challenge" in r.opportunities, "challenge" in s.opportunities) for r, s in zip(examples, scores, strict=True)
    ]
    with_one = [found for there, found in challenged if there]
    without = [not found for there, found in challenged if not there]
    value["challenge_found"] = _mean(with_one)
    value["no_challenge_claimed"] = _mean(without)
    return value


def _skill(examples: Sequence[ReplyExample], scores: Sequence[ReplyScore], skill: Any) -> dict[str, Any]:
    labels, levels = [], []
    by_context: dict[str, list[tuple[int, float, int]]] = defaultdict(list)
    for example, score in zip(examples, scores, strict=True):
        label, result = example.levels.get(skill), score.skills[skill]
        if label and result.level and result.score:
            labels.append(label)
            levels.append(result.level)
            by_context[example.context].append((label, result.score, len(example.text)))
    every, apart, shorter = [], [], []
    for rows in by_context.values():
        for better in rows:
            for worse in rows:
                if better[0] > worse[0]:
                    right = 1.0 if better[1] > worse[1] else 0.5 if better[1] == worse[1] else 0.0
                    every.append(right)
                    if better[0] - worse[0] >= 2:
                        apart.append(right)
                    if better[2] < worse[2]:
                        shorter.append(right)
    return {
        "labelled": sum(bool(e.levels.get(skill)) for e in examples),
        "scored": len(labels),
        "kappa": round(weighted_kappa(labels, levels), 3) if labels else None,
        "pairs": _mean(every),
        "pairs_two_levels_apart": _mean(apart),
        "pairs_good_one_shorter": _mean(shorter),
        "levels_used": {str(i): levels.count(i) for i in range(1, 6)},
    }


def _mean(values: Sequence[float | bool]) -> float | None:
    return round(sum(values) / len(values), 3) if values else None
