"""Fitting what is not trained on the held-out split: temperatures and cuts, and how well the labels are then found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import nn


def temperature(logits: torch.Tensor, target: torch.Tensor) -> float:
    """Return the temperature of least log loss (Guo et al. 2017, On calibration of modern neural networks)."""
    grid = np.linspace(0.6, 2.5, 39)
    losses = [float(nn.functional.binary_cross_entropy_with_logits(logits / float(t), target)) for t in grid]
    return float(grid[int(np.argmin(losses))])


def cuts_of(
    said: torch.Tensor, target: torch.Tensor, balanced: Sequence[bool], before_reply: torch.Tensor
) -> list[float]:
    """Return for each label its cut: that of best F1, shrunk half-way to .4 since most labels are rare.

    Of a `balanced` label, on which a whole score hangs, the cut at which finding it where it is and not claiming it
    where it is not are most nearly as good, the turns before replies weighing as much as all the other turns.
    """
    weight = torch.ones(len(said))
    if 0 < int(before_reply.sum()) < len(said):
        weight[before_reply] = float((~before_reply).sum()) / float(before_reply.sum())
    cuts = []
    for column, even in enumerate(balanced):
        p, t = said[:, column], target[:, column].bool()

        def worth(cut: float, p: torch.Tensor = p, t: torch.Tensor = t, even: bool = even) -> float:
            over = p >= cut
            if even:
                found = float((weight * (over & t)).sum() / (weight * t).sum().clamp(min=1))
                spared = float((weight * (~over & ~t)).sum() / (weight * ~t).sum().clamp(min=1))
                return min(found, spared)
            return 2 * float((over & t).sum()) / max(1.0, float(over.sum() + t.sum()))

        best = max((round(0.1 + 0.01 * i, 2) for i in range(61)), key=lambda c: (worth(c), -abs(c - 0.4)))
        cuts.append(best if even else round((best + 0.4) / 2, 3))
    return cuts


def f1(said: np.ndarray[Any, Any], true: np.ndarray[Any, Any], names: Sequence[str]) -> dict[str, Any]:
    hit = (said & true).sum(0)
    each = {
        n: round(float(2 * h / max(1, s + t)), 3)
        for n, h, s, t in zip(names, hit, said.sum(0), true.sum(0), strict=True)
    }
    micro = 2 * hit.sum() / max(1, said.sum() + true.sum())
    return {
        "micro_f1": round(float(micro), 3),
        "macro_f1": round(float(np.mean(list(each.values()))), 3),
        "f1": each,
    }
