"""Statistics of agreement between raters, each with the source of its formula.

Ratings are lists of equal length, one rater each; None marks what a rater did not rate (alpha alone allows it).
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

LEVELS = (1, 2, 3, 4, 5)
T = TypeVar("T")


def weighted_kappa(first: Sequence[int], second: Sequence[int], *, levels: Sequence[int] = LEVELS) -> float | None:
    """Return Cohen's kappa with quadratic weights of two raters over the same items.

    1 minus the ratio of observed to chance disagreement; None when both used one and the same level throughout: nothing
    varies, and nothing can be said.
    Cohen 1968, Weighted kappa, Psychological Bulletin 70.

    Raises:
        ValueError: the raters rated different numbers of items, or none.
    """
    _same_items([first, second])
    n, width = len(first), max(levels) - min(levels)
    observed = sum(((a - b) / width) ** 2 for a, b in zip(first, second, strict=True)) / n
    share_a = {level: sum(a == level for a in first) / n for level in levels}
    share_b = {level: sum(b == level for b in second) / n for level in levels}
    chance = sum(share_a[i] * share_b[j] * ((i - j) / width) ** 2 for i in levels for j in levels)
    return None if chance == 0 else 1.0 - observed / chance


def cohen_kappa(first: Sequence[object], second: Sequence[object]) -> float | None:
    """Return Cohen's kappa of two raters over unordered categories; None when both used one and the same throughout.

    Cohen 1960, A coefficient of agreement for nominal scales, Educational and Psychological Measurement 20.

    Raises:
        ValueError: the raters rated different numbers of items, or none.
    """
    _same_items([first, second])
    n = len(first)
    agreed = sum(a == b for a, b in zip(first, second, strict=True)) / n
    counts_a, counts_b = Counter(first), Counter(second)
    chance = sum(counts_a[c] * counts_b[c] for c in counts_a) / n**2
    return None if chance == 1 else (agreed - chance) / (1 - chance)


def krippendorff_alpha(raters: Sequence[Sequence[int | None]], *, metric: str = "interval") -> float | None:
    """Return Krippendorff's alpha over any number of raters, with missing ratings as None.

    `metric` is nominal, ordinal or interval. None when all ratings are the same.
    Krippendorff 2011, Computing Krippendorff's Alpha-Reliability.

    Raises:
        ValueError: unequal lengths, an unknown metric, or no item that two raters rated.
    """
    _same_items(raters)
    if metric not in ("nominal", "ordinal", "interval"):
        raise ValueError(f"no metric '{metric}'; nominal, ordinal or interval")
    units = [[r for r in column if r is not None] for column in zip(*raters, strict=True)]
    units = [u for u in units if len(u) > 1]
    if not units:
        raise ValueError("no item was rated by two raters")
    values = sorted({v for u in units for v in u})
    place = {v: i for i, v in enumerate(values)}
    # Coincidences: every ordered pair of ratings within a unit, weighted by 1 / (its ratings - 1).
    table = np.zeros((len(values), len(values)))
    for unit in units:
        for i, a in enumerate(unit):
            for j, b in enumerate(unit):
                if i != j:
                    table[place[a], place[b]] += 1 / (len(unit) - 1)
    margin = table.sum(0)
    total = margin.sum()

    def difference(i: int, j: int) -> float:
        if metric == "nominal":
            return float(i != j)
        if metric == "interval":
            return float(values[i] - values[j]) ** 2
        low, high = min(i, j), max(i, j)
        return float(margin[low : high + 1].sum() - (margin[low] + margin[high]) / 2) ** 2

    size = range(len(values))
    observed = sum(table[i, j] * difference(i, j) for i in size for j in size)
    chance = sum(margin[i] * margin[j] * difference(i, j) for i in size for j in size) / (total - 1)
    return None if chance == 0 else float(1 - observed / chance)


def icc_2_1(raters: Sequence[Sequence[float]]) -> float | None:
    """Return ICC(2,1): absolute agreement of single ratings, items and raters both random; None without any variance.

    Shrout and Fleiss 1979, Intraclass correlations, Psychological Bulletin 86.

    Raises:
        ValueError: fewer than two raters or two items, or unequal lengths.
    """
    _same_items(raters)
    x = np.asarray(raters, dtype=float).T  # items x raters
    n, k = x.shape
    if n < 2 or k < 2:
        raise ValueError("at least two raters and two items are needed")
    grand = x.mean()
    rows = k * ((x.mean(1) - grand) ** 2).sum() / (n - 1)
    columns = n * ((x.mean(0) - grand) ** 2).sum() / (k - 1)
    rest = x - x.mean(1, keepdims=True) - x.mean(0, keepdims=True) + grand
    error = (rest**2).sum() / ((n - 1) * (k - 1))
    below = rows + (k - 1) * error + k * (columns - error) / n
    return None if below == 0 else float((rows - error) / below)


def gwet_ac1(first: Sequence[object], second: Sequence[object], *, categories: int | None = None) -> float | None:
    """Return Gwet's AC1 of two raters: chance agreement that does not blow up when one category is rare.

    `categories` is how many there are to choose from, None: as many as were used; of one alone nothing can be said.
    Gwet 2008, Computing inter-rater reliability in the presence of high agreement, BJMSP 61.

    Raises:
        ValueError: the raters rated different numbers of items, or none.
    """
    _same_items([first, second])
    n = len(first)
    used = set(first) | set(second)
    count = categories or len(used)
    if count < 2:
        return None
    agreed = sum(a == b for a, b in zip(first, second, strict=True)) / n
    counts_a, counts_b = Counter(first), Counter(second)
    share = [(counts_a[c] + counts_b[c]) / (2 * n) for c in used]
    chance = sum(p * (1 - p) for p in share) / (count - 1)
    return (agreed - chance) / (1 - chance)


def bootstrap(
    groups: Sequence[Sequence[T]], statistic: Callable[[list[T]], float | None], *, rounds: int = 1000, seed: int = 1
) -> tuple[float, float] | None:
    """Return the 95 % percentile interval of `statistic`, whole groups drawn with replacement.

    Replies of one context are not independent, so contexts are drawn and not replies.
    Efron and Tibshirani 1993, An Introduction to the Bootstrap. None when the statistic is mostly undefined.
    """
    draw = random.Random(seed)
    found = []
    for _ in range(rounds):
        chosen = [row for _ in groups for row in draw.choice(groups)]
        value = statistic(chosen)
        if value is not None:
            found.append(value)
    if len(found) < rounds // 2:
        return None
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low), float(high)


def rounded(value: float | None, digits: int = 3) -> float | None:
    """Return a figure as it is printed; None stays None."""
    return None if value is None else round(value, digits)


def _same_items(raters: Sequence[Sequence[object]]) -> None:
    if len(raters) < 2 or not raters[0] or len({len(r) for r in raters}) != 1:
        raise ValueError("two raters of the same items are needed")
