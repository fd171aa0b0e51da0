"""Whether an offer was there, told by the client turns and by what the reply answers.

Whom half a clause reproaches is hard to tell from the clause alone; a reply that owns, defends or asks about the
therapist's part tells it as well.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

BASE, TURNS = "base", "turns"
# Where the client turns hint at nothing, no reply makes it so: an apology out of the blue answers no complaint.
HINT = 0.05
_EVEN = 3.0  # how little the weights are shrunk: chosen by the development split


def answers_it(turns: float, codes: Mapping[str, float], weights: Mapping[str, float]) -> bool:
    """Return whether an offer was there, by how likely the client turns have it and what the reply does."""
    odds = weights[BASE] + weights[TURNS] * _log_odds(turns)
    return turns >= HINT and odds + sum(weight * codes.get(code, 0.0) for code, weight in weights.items()) >= 0


def learned_answer(
    turns: Sequence[float],
    codes: Sequence[Mapping[str, float]],
    there: Sequence[bool],
    groups: Sequence[str],
    own: Sequence[str],
) -> dict[str, float]:
    """Return the weights of `answers_it`: a base, that of the client turns as log odds, and of each of the `own` codes.

    Logistic regression over labelled replies, a value of each sequence for every one. The base is moved to where finding
    an offer and not claiming one are most nearly as good on replies whose `groups` (contexts) were left out when the
    weights were learned. Too few replies of either kind: nothing is learned, {}.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupKFold, cross_val_predict

    truth = np.array(there, dtype=bool)
    folds = min(10, len(set(groups)))
    if folds < 2 or min(truth.sum(), (~truth).sum()) < folds:
        return {}
    rows = np.array([[_log_odds(t), *(c.get(code, 0.0) for code in own)] for t, c in zip(turns, codes, strict=True)])
    model = LogisticRegression(C=_EVEN, max_iter=3000)
    odds = cross_val_predict(model, rows, truth, groups=list(groups), cv=GroupKFold(folds), method="decision_function")
    cut = max(np.round(np.arange(-2, 2.01, 0.02), 2), key=lambda c: (_worst(odds >= c, truth), -abs(c)))
    model.fit(rows, truth)
    found = (model.intercept_[0] - cut, *model.coef_[0])
    return {name: round(float(w), 3) for name, w in zip((BASE, TURNS, *own), found, strict=True)}


def _log_odds(likely: float) -> float:
    p = min(max(likely, 0.001), 0.999)
    return math.log(p / (1 - p))


def _worst(said: npt.NDArray[np.bool_], truth: npt.NDArray[np.bool_]) -> float:
    return min(float(said[truth].mean()), float((~said[~truth]).mean()))
