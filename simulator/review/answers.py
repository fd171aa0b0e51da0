"""How well an authored line that is chosen answers: measured, and its weights learned, on lines that were read by hand.

`answers.jsonl` holds moments: what a therapist or the other partner said, and five lines of a partner, each judged as an
answer to that: 0 no answer, 1 it can follow, 2 it takes it up.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from simulator.couple import Library
from simulator.embedding import Memory
from simulator.errors import InputError
from simulator.jsonl import read_jsonl
from simulator.review.faults import rate
from simulator.rubric import THERAPIST, Engine
from simulator.session.cast import players
from simulator.voice import Heard
from simulator.voice.authored import nearness

PATH = Path(__file__).with_name("answers.jsonl")
KINDS = ("therapist", "partner")


class _Read(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class JudgedLine(_Read):
    """One line of a partner and how it answers."""

    say: str
    answers: Literal[0, 1, 2]


class JudgedMoment(_Read):
    """What was said, by whom, and the lines that were judged as answers to it."""

    id: str
    couple: str
    partner: str
    said_by: str
    heard: str
    lines: list[JudgedLine]


def judged_moments(path: Path = PATH) -> list[JudgedMoment]:
    """Return the moments in `path`, in order.

    Raises:
        InputError: a line of it is no moment.
    """
    found = []
    for number, value in read_jsonl(path):
        try:
            found.append(JudgedMoment.model_validate(value))
        except ValidationError as error:
            raise InputError(f"{path}, line {number}: {error.errors()[0]['msg']}.") from error
    return found


def evaluate(library: Library, engine: Engine, moments: Sequence[JudgedMoment], memory: Memory) -> dict[str, Any]:
    """Return, for what therapists and what partners said, how lines are told apart by weights learned on other couples.

    `auc` is the chance that a line judged 2 is held likelier than one judged 0; `first_of_five` how often the likeliest
    of a moment's lines was judged 2, and 0, beside a choice by chance; `likelihoods` says for each tenth how the lines
    were judged; `weights` are those learned on all couples. Lines that their couple no longer has are left out.
    """
    x, y, couples, of = _rows(library, engine, moments, memory)
    report: dict[str, Any] = {"moments": len(moments), "lines": len(y)}
    for kind in KINDS:
        own = np.array([moments[m].said_by == THERAPIST for m in of]) == (kind == "therapist")
        report[kind] = _figures(x[own], y[own], couples[own], of[own])
    return report


def _rows(library: Library, engine: Engine, moments: Sequence[JudgedMoment], memory: Memory) -> tuple[Any, ...]:
    x, y, couples, of = [], [], [], []
    for couple_id in dict.fromkeys(m.couple for m in moments):
        couple = library.couple(couple_id)
        cast = {
            p.partner.name: p.standard
            for p in players(couple, engine, memory, library.scenarios_of(couple.id)).values()
        }
        for number, moment in enumerate(moments):
            if moment.couple != couple_id:
                continue
            standard = cast[moment.partner]
            rows = {line.say: np.flatnonzero(standard.cue_of == i) for i, line in enumerate(standard.lines)}
            near = nearness(standard, Heard(moment.heard, moment.said_by == THERAPIST))
            for line in moment.lines:
                if line.say in rows:
                    # Of several cues the one that is nearest to the whole of what was said.
                    own = near[rows[line.say]]
                    x.append(own[own[:, 0].argmax()])
                    y.append(line.answers)
                    couples.append(couple_id)
                    of.append(number)
    return np.array(x), np.array(y), np.array(couples), np.array(of)


def _figures(x: Any, y: Any, couples: Any, of: Any) -> dict[str, Any]:
    from sklearn.metrics import roc_auc_score

    likely = np.zeros(len(y))
    for couple in set(couples):
        held = couples == couple
        likely[held] = _learned(x[~held], y[~held]).predict_proba(x[held])[:, 1]
    chosen = [max(np.flatnonzero(of == m), key=lambda i: likely[i]) for m in dict.fromkeys(of)]
    learned = _learned(x, y)
    return {
        "lines": len(y),
        "auc": round(float(roc_auc_score(y[y != 1] == 2, likely[y != 1])), 3),
        "first_of_five": {"takes_up": _share(y[chosen], 2), "no_answer": _share(y[chosen], 0)},
        "by_chance": {"takes_up": _share(y, 2), "no_answer": _share(y, 0)},
        "likelihoods": [
            {
                "from": round(low, 1),
                "lines": int(own.sum()),
                "takes_up": _share(y[own], 2),
                "no_answer": _share(y[own], 0),
            }
            for low in np.arange(0, 1, 0.1)
            if (own := (likely >= low) & (likely < low + 0.1)).any()
        ],
        "weights": {"base": round(float(learned.intercept_[0]), 2), "near": learned.coef_[0].round(2).tolist()},
    }


def _learned(x: Any, y: Any) -> Any:
    """Return the logistic regression on these lines; one that can follow counts half as an answer."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=3.0, max_iter=3000)
    half = np.r_[y / 2, 1 - y / 2]
    return model.fit(np.vstack([x, x]), np.r_[np.ones(len(y)), np.zeros(len(y))], sample_weight=half)


def _share(judged: Any, value: int) -> float | None:
    return rate(float((judged == value).sum()), len(judged))
