"""Agreement of the engine with the labels of a split, and what else must hold of its scores."""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator.rubric.agreement import bootstrap, gwet_ac1, icc_2_1, krippendorff_alpha, rounded, weighted_kappa
from simulator.rubric.book import SKILLS, ReplyExample, Rubric, Skill, Split
from simulator.rubric.canon import Said
from simulator.rubric.encoder import load_coder
from simulator.rubric.engine import Engine, Question, ReplyScore

# The tag that the data gives to replies which try to be scored well without listening.
ADVERSARIAL = re.compile(
    r"injection|stuff|gibberish|adversarial|grader|off-topic|emoji|nonsense|keyword", re.IGNORECASE
)


@dataclass(frozen=True)
class Scored:
    """One labelled reply with what the engine made of it."""

    example: ReplyExample
    score: ReplyScore


@dataclass(frozen=True)
class Row:
    """One reply and skill: label, level, unrounded score, length in characters."""

    context: str
    label: int
    level: int
    score: float
    length: int


def ask(example: ReplyExample, *, names: tuple[str, str] | None = None) -> Question:
    """Return the question that scores a labelled reply, with other partners' names if wanted."""
    to = dict(zip(example.partners, names or example.partners, strict=True))
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(to, key=len, reverse=True)))})\b")

    def renamed(text: str) -> str:
        return pattern.sub(lambda m: to[m.group()], text) if names else text

    turns = [Said(to.get(t.speaker, t.speaker), renamed(t.text)) for t in example.turns]
    return Question(turns, [to[p] for p in example.partners], renamed(example.text))


def figures(rubric: Rubric, model: Path, split: Split, *, intervals: int = 0) -> dict[str, Any]:
    """Return what the engine reaches on the labelled replies of `split`.

    Per skill kappa, pair accuracy (a pair is two replies of one context with different labels; it is right when the
    better one scores higher, half right on a tie) and the use of the levels; challenge detection; the change of score
    when the partners' names are swapped; evidence that is a real span; adversarial replies above 2 for listening. With
    `intervals` bootstrap rounds, 95 % intervals over contexts.
    """
    engine = Engine(rubric, load_coder(model))
    examples = [r for r in rubric.replies() if r.split == split]
    started = time.monotonic()
    scored = [Scored(e, s) for e, s in zip(examples, engine.score_many(map(ask, examples)), strict=True)]
    seconds = time.monotonic() - started
    value: dict[str, Any] = {
        "split": split,
        "replies": len(examples),
        "contexts": len({e.context for e in examples}),
        "replies_per_second": round(len(examples) / seconds, 1),
        "skills": {skill: _skill(scored, skill, intervals) for skill in SKILLS},
    }
    there = [s for s in scored if "challenge" in s.example.opportunities]
    absent = [s for s in scored if "challenge" not in s.example.opportunities]
    value["challenge_found"] = _mean(["challenge" in s.score.opportunities for s in there])
    value["no_challenge_claimed"] = _mean(["challenge" not in s.score.opportunities for s in absent])
    value["name_swap"] = _swap(engine, scored)
    quotes = [
        (s.example.text[e.start : e.end] == e.quote)
        for s in scored
        for skill in s.score.skills.values()
        for e in [*skill.codes, *skill.possible]
    ]
    value["evidence_is_a_span"] = _mean(quotes)
    hostile = [s for s in scored if ADVERSARIAL.search(s.example.contrast or "")]
    listening = [s.score.skills["empathic_listening"].score or 0.0 for s in hostile]
    value["adversarial"] = {"replies": len(hostile), "listening_above_2": sum(x >= 2.5 for x in listening)}
    return value


def challenge_in_turns(rubric: Rubric, model: Path, split: Split) -> dict[str, Any]:
    """Return how often a challenge is found in the labelled client turns of `split` by themselves, and not claimed."""
    engine = Engine(rubric, load_coder(model))
    examples = [o for o in rubric.opportunities() if o.split == split]
    questions = [
        Question([*(Said(t.speaker, t.text) for t in o.before), Said(o.speaker, o.text)], o.partners, "")
        for o in examples
    ]
    likely = engine.offers(questions)
    found = [(o.opportunities, engine.offered(q, row)) for o, q, row in zip(examples, questions, likely, strict=True)]
    return {
        "client_turns": len(examples),
        "challenge_found": _mean(["challenge" in b for a, b in found if "challenge" in a]),
        "no_challenge_claimed": _mean(["challenge" not in b for a, b in found if "challenge" not in a]),
    }


def worst(rubric: Rubric, model: Path, split: Split, *, most: int = 10) -> list[dict[str, Any]]:
    """Return the replies whose score is furthest from the label, the worst first."""
    engine = Engine(rubric, load_coder(model))
    examples = [r for r in rubric.replies() if r.split == split]
    found = []
    for example, score in zip(examples, engine.score_many(map(ask, examples)), strict=True):
        for skill in SKILLS:
            label, result = example.levels.get(skill), score.skills[skill]
            if label and result.score:
                row = {
                    "id": example.id,
                    "skill": skill,
                    "label": label,
                    "score": result.score,
                    "after": f"{example.turns[-1].speaker}: {example.turns[-1].text}",
                    "reply": example.text,
                    "codes": [f"{e.code} {e.confidence:.2f}" for e in result.codes],
                    "reason": example.reason,
                }
                found.append((abs(label - result.score), row))
    return [row for _, row in sorted(found, key=lambda e: -e[0])[:most]]


def _skill(scored: Sequence[Scored], skill: Skill, intervals: int) -> dict[str, Any]:
    rows: dict[str, list[Row]] = defaultdict(list)
    for s in scored:
        label, result = s.example.levels.get(skill), s.score.skills[skill]
        if label and result.level and result.score:
            context = s.example.context
            rows[context].append(Row(context, label, result.level, result.score, len(s.example.text)))
    flat = [r for group in rows.values() for r in group]
    if not flat:
        return {"labelled": sum(bool(s.example.levels.get(skill)) for s in scored), "scored": 0}
    labels, levels = [r.label for r in flat], [r.level for r in flat]
    used = {str(i): levels.count(i) for i in range(1, 6)}
    value: dict[str, Any] = {
        "labelled": sum(bool(s.example.levels.get(skill)) for s in scored),
        "scored": len(flat),
        "kappa": rounded(weighted_kappa(labels, levels)),
        "alpha": rounded(krippendorff_alpha([labels, levels])),
        "icc": rounded(icc_2_1([labels, levels])) if len(flat) > 1 else None,
        "ac1": rounded(gwet_ac1(labels, levels, categories=5)),
        **{name: rounded(statistic(flat)) for name, statistic in _PAIRS.items()},
        "levels_used": used,
        "most_used_share": round(max(used.values()) / len(flat), 3),
    }
    if intervals:
        kept: dict[str, Callable[[list[Row]], float | None]] = {
            "kappa": lambda chosen: weighted_kappa([r.label for r in chosen], [r.level for r in chosen]),
            **_PAIRS,
        }
        groups = list(rows.values())
        value["interval_95"] = {
            name: [round(x, 3) for x in found] if (found := bootstrap(groups, stat, rounds=intervals)) else None
            for name, stat in kept.items()
        }
    return value


def pair_accuracy(rows: Sequence[Row], *, apart: int = 1, shorter: bool = False) -> float | None:
    """Return the share of pairs of one context in which the better reply scores higher; a tie is half right.

    Only pairs at least `apart` levels from each other; `shorter`: only those whose better reply is the shorter.
    """
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.context].append(row)
    right = []
    for group in groups.values():
        for better in group:
            for worse in group:
                if better.label - worse.label >= apart and (not shorter or better.length < worse.length):
                    right.append(1.0 if better.score > worse.score else 0.5 if better.score == worse.score else 0.0)
    return sum(right) / len(right) if right else None


_PAIRS: dict[str, Callable[[list[Row]], float | None]] = {
    "pairs": lambda rows: pair_accuracy(rows),
    "pairs_two_levels_apart": lambda rows: pair_accuracy(rows, apart=2),
    "pairs_good_one_shorter": lambda rows: pair_accuracy(rows, shorter=True),
}


def _swap(engine: Engine, scored: Sequence[Scored]) -> dict[str, float | None]:
    """Return the mean absolute change of score when the two partners exchange their names."""
    swapped = [ask(s.example, names=(s.example.partners[1], s.example.partners[0])) for s in scored]
    changes: dict[str, list[float]] = {skill: [] for skill in SKILLS}
    for before, after in zip(scored, engine.score_many(swapped), strict=True):
        for skill in SKILLS:
            a, b = before.score.skills[skill].score, after.skills[skill].score
            if a is not None and b is not None:
                changes[skill].append(abs(a - b))
    return {skill: rounded(sum(c) / len(c)) if c else None for skill, c in changes.items()}


def _mean(values: Sequence[float | bool]) -> float | None:
    return round(sum(values) / len(values), 3) if values else None
