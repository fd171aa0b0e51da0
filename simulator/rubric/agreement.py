"""Statistics of agreement between raters."""

from __future__ import annotations

from collections.abc import Sequence


def weighted_kappa(first: Sequence[int], second: Sequence[int], *, levels: Sequence[int] = (1, 2, 3, 4, 5)) -> float:
    """Return Cohen's kappa with quadratic weights (Cohen 1968) of two raters over the same items.

    1 minus the ratio of observed to chance disagreement; 1.0 when both used one and the same level throughout.

    Raises:
        ValueError: the raters rated different numbers of items, or none.
    """
    if len(first) != len(second) or not first:
        raise ValueError("two raters of the same items are needed")
    n, width = len(first), max(levels) - min(levels)
    observed = sum(((a - b) / width) ** 2 for a, b in zip(first, second, strict=True)) / n
    share_a = {level: sum(a == level for a in first) / n for level in levels}
    share_b = {level: sum(b == level for b in second) / n for level in levels}
    chance = sum(share_a[i] * share_b[j] * ((i - j) / width) ** 2 for i in levels for j in levels)
    return 1.0 if chance == 0 else 1.0 - observed / chance
