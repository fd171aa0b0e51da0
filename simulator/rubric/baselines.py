"""Simpler designs to measure the coder against: length, TF-IDF and the frozen encoder, each with a ridge head.

All are trained on the train split's labelled replies and judged on a held-out split, as the coder is; each once on the
reply alone and once with the client turns before it, so that one sees whether context earns its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from simulator.embedding import embed
from simulator.rubric.agreement import weighted_kappa
from simulator.rubric.book import SKILLS, ReplyExample, Rubric, Skill, Split
from simulator.rubric.canon import Said, client_context, names_at, withheld
from simulator.rubric.encoder import load_coder
from simulator.rubric.engine import Engine
from simulator.rubric.evaluate import Row, ask, pair_accuracy

Matrix = npt.NDArray[np.float32]


def compare(rubric: Rubric, model: Path, split: Split, *, without: Path | None = None) -> dict[str, dict[str, Any]]:
    """Return, per design and skill, kappa and pair accuracy on `split`.

    `without` is the folder of a coder that was trained with the context withheld, if there is one.
    """
    every = list(rubric.replies())
    train, held = [r for r in every if r.split == "train"], [r for r in every if r.split == split]
    value: dict[str, dict[str, Any]] = {}
    for name, (x, z) in _features(train, held).items():
        value[name] = {}
        for skill in SKILLS:
            known = [i for i, r in enumerate(train) if r.levels.get(skill)]
            asked = [i for i, r in enumerate(held) if r.levels.get(skill)]
            labels = [int(train[i].levels[skill] or 0) for i in known]
            value[name][skill] = _judge([held[i] for i in asked], skill, _ridge(x[known], labels, z[asked]))
    for name, blind in (("coder", False), ("coder, context withheld", True)):
        value[name] = _coder(rubric, model, held, blind=blind)
    if without:
        value["coder, trained without context"] = _coder(rubric, without, held, blind=True)
    return value


def _features(train: Sequence[ReplyExample], held: Sequence[ReplyExample]) -> dict[str, tuple[Matrix, Matrix]]:
    from sklearn.feature_extraction.text import TfidfVectorizer

    def texts(rows: Sequence[ReplyExample]) -> tuple[list[str], list[str]]:
        replies, contexts = [], []
        for row in rows:
            said = [Said(t.speaker, t.text) for t in row.turns]
            names = names_at(said, row.partners)
            replies.append(names(row.text))
            contexts.append(client_context(said, row.partners, names))
        return replies, contexts

    def counted(fit: list[str], other: list[str]) -> tuple[Matrix, Matrix]:
        vectoriser = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
        return vectoriser.fit_transform(fit).toarray(), vectoriser.transform(other).toarray()

    (a, ca), (b, cb) = texts(train), texts(held)
    grams, context_grams = counted(a, b), counted(ca, cb)
    ea, eb, fa, fb = embed(a), embed(b), embed(ca), embed(cb)
    length = [np.array([[len(t), np.log1p(len(t))] for t in side], dtype=np.float32) for side in (a, b)]
    return {
        "length alone": (length[0], length[1]),
        "TF-IDF, reply": grams,
        "TF-IDF, reply and context": (np.hstack([grams[0], context_grams[0]]), np.hstack([grams[1], context_grams[1]])),
        "frozen MiniLM, reply": (ea, eb),
        "frozen MiniLM, reply and context": (np.hstack([ea, fa, ea * fa]), np.hstack([eb, fb, eb * fb])),
    }


def _ridge(x: Matrix, labels: Sequence[int], z: Matrix) -> list[float]:
    from sklearn.linear_model import RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(with_std=False), RidgeCV(alphas=np.logspace(-2, 3, 11)))
    return [float(v) for v in model.fit(x, labels).predict(z)]


def _judge(rows: Sequence[ReplyExample], skill: Skill, scores: Sequence[float]) -> dict[str, Any]:
    found = [
        Row(r.context, int(r.levels[skill] or 0), min(5, max(1, round(s))), s, len(r.text))
        for r, s in zip(rows, scores, strict=True)
    ]
    figures = {
        "pairs": pair_accuracy(found),
        "pairs_good_one_shorter": pair_accuracy(found, shorter=True),
    }
    kappa = weighted_kappa([r.label for r in found], [r.level for r in found]) if found else None
    return {k: None if v is None else round(v, 3) for k, v in {"kappa": kappa, **figures}.items()}


def _coder(rubric: Rubric, model: Path, held: Sequence[ReplyExample], *, blind: bool) -> dict[str, Any]:
    engine = Engine(rubric, load_coder(model))
    # What was offered is given to both, so that the same replies are scored.
    asked = [replace(ask(r), offered=frozenset(r.opportunities)) for r in held]
    if blind:
        asked = [replace(q, turns=withheld(q.turns)) for q in asked]
    scored = list(engine.score_many(asked))
    value: dict[str, Any] = {}
    for skill in SKILLS:
        pairs = [(r, s.skills[skill].score) for r, s in zip(held, scored, strict=True) if r.levels.get(skill)]
        known = [(r, s) for r, s in pairs if s is not None]
        value[skill] = _judge([r for r, _ in known], skill, [s for _, s in known])
    return value
