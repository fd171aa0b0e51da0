"""The statistics of agreement on a table of two raters' levels, for many tables at once.

`simulator.rubric.agreement` gives the same values for lists of ratings, and names the sources. Everything that is asked of
two raters depends on how often each pair of levels occurs: so a bootstrap over sessions is sums of their tables. Where
everybody gave one and the same level nothing varies, and all but `same` are undefined (nan).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

SIZE = 5
Tables = NDArray[np.float64]  # ... x levels of the first x levels of the second
_APART = (np.arange(SIZE)[:, None] - np.arange(SIZE)[None, :]) ** 2.0


def table(pairs: Sequence[tuple[int, int]]) -> Tables:
    """Return how often each pair of levels (from 1 on) occurs."""
    found = np.zeros((SIZE, SIZE))
    for first, second in pairs:
        found[first - 1, second - 1] += 1
    return found


def kappa(t: Tables) -> Tables:
    """Return Cohen's kappa with quadratic weights."""
    n = t.sum((-2, -1))
    observed = (t * _APART).sum((-2, -1)) / n
    chance = np.einsum("...i,...j,ij->...", t.sum(-1), t.sum(-2), _APART) / n**2
    return _one_less(observed, chance)


def alpha(t: Tables) -> Tables:
    """Return Krippendorff's ordinal alpha."""
    both = t + np.swapaxes(t, -2, -1)
    margin = both.sum(-1)
    below = np.cumsum(margin, -1)
    # Between two levels: all ratings from one to the other, half of the two themselves.
    middle = below - margin / 2
    distance = (middle[..., :, None] - middle[..., None, :]) ** 2
    observed = (both * distance).sum((-2, -1))
    chance = np.einsum("...i,...j,...ij->...", margin, margin, distance) / (margin.sum(-1) - 1)
    return _one_less(observed, chance)


def icc(t: Tables) -> Tables:
    """Return ICC(2,1); undefined also for fewer than two items."""
    n, levels = t.sum((-2, -1)), np.arange(1.0, SIZE + 1)
    first, second = t.sum(-1) @ levels / n, t.sum(-2) @ levels / n
    grand = (first + second) / 2
    means = (levels[:, None] + levels[None, :]) / 2
    gaps = levels[:, None] - levels[None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        rows = 2 * ((means - grand[..., None, None]) ** 2 * t).sum((-2, -1)) / (n - 1)
        columns = n * (first - second) ** 2 / 2
        error = ((gaps - (first - second)[..., None, None]) ** 2 * t).sum((-2, -1)) / 2 / (n - 1)
        below = rows + error + 2 * (columns - error) / n
        value = np.where(np.isclose(below, 0), np.nan, (rows - error) / below)
    return np.where(n < 2, np.nan, value)


def same(t: Tables) -> Tables:
    """Return the share of equal levels."""
    found: Tables = np.trace(t, axis1=-2, axis2=-1) / t.sum((-2, -1))
    return found


def drawn(tables: Tables, *, rounds: int, seed: int = 1) -> Tables:
    """Return the sums of as many whole tables (one a session) as there are, drawn with replacement, `rounds` times."""
    n = len(tables)
    # Sessions with the same table are drawn together: there are far fewer of them than sessions.
    kinds, counts = np.unique(tables.reshape(n, -1), axis=0, return_counts=True)
    times = np.random.default_rng(seed).multinomial(n, counts / n, size=rounds).astype(float)
    found: Tables = (times @ kinds).reshape(rounds, SIZE, SIZE)
    return found


def interval(found: Tables) -> tuple[float, float] | None:
    """Return the 95 % percentile interval of a statistic's values in `drawn` tables, None when it is mostly undefined."""
    known = found[~np.isnan(found)]
    if len(known) < len(found) // 2:
        return None
    low, high = np.quantile(known, [0.025, 0.975])
    return float(low), float(high)


def _one_less(observed: Tables, chance: Tables) -> Tables:
    with np.errstate(divide="ignore", invalid="ignore"):
        value: Tables = np.where(np.isclose(chance, 0), np.nan, 1.0 - observed / chance)
    return value
