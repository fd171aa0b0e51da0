"""Whether an offer was there, told by the client turns and by what the reply answers.

Whom half a clause reproaches is hard to tell from the clause alone; a reply that owns, defends or asks about the
therapist's part tells it as well.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

BASE, TURNS = "(base)", "(client turns)"  # beside the codes; no code is called so
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
    """Return the weights of `answers_it`: a base, that of the client turns as log odds, and of some of the `own` codes.

    Logistic regression over labelled replies, a value of each sequence for every one; codes that would make the offer less
    likely are left out, since to answer badly is to answer. The base is moved to where finding an offer and not claiming
    one are most nearly as good on replies whose `groups` (contexts) were left out when the weights were learned. With less
    than two contexts of either kind nothing is learned: {}.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict

    truth = np.array(there, dtype=bool)
    rarer = min(len({g for g, t in zip(groups, there, strict=True) if t == kind}) for kind in (True, False))
    if rarer < 2:
        return {}
    said = [_log_odds(t) for t in turns]
    used = list(own)
    model = LogisticRegression(C=_EVEN, max_iter=3000)
    while True:
        rows = np.array([[t, *(c.get(code, 0.0) for code in used)] for t, c in zip(said, codes, strict=True)])
        model.fit(rows, truth)
        kept = [code for code, w in zip(used, model.coef_[0][1:], strict=True) if w > 0]
        if kept == used:
            break
        used = kept
    folds = StratifiedGroupKFold(min(10, rarer))
    odds = cross_val_predict(model, rows, truth, groups=list(groups), cv=folds, method="decision_function")
    cut = max(np.round(np.arange(-2, 2.01, 0.02), 2), key=lambda c: (_worst(odds >= c, truth), -abs(c)))
    found = (model.intercept_[0] - cut, *model.coef_[0])
    return {name: round(float(w), 3) for name, w in zip((BASE, TURNS, *used), found, strict=True)}


def _log_odds(likely: float) -> float:
    p = min(max(likely, 0.001), 0.999)
    return math.log(p / (1 - p))


def _worst(said: npt.NDArray[np.bool_], truth: npt.NDArray[np.bool_]) -> float:
    return min(float(said[truth].mean()), float((~said[~truth]).mean()))
