"""The figures of agreement: the same on tables of levels as on lists, drawn by sessions, and made into a plot."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from simulator.review import figures
from simulator.review.trends import trend_plot
from simulator.rubric.agreement import icc_2_1, krippendorff_alpha, weighted_kappa


@pytest.mark.parametrize("seed", range(12))
def test_a_table_gives_what_the_lists_give(seed: int) -> None:
    draw = Random(seed)
    used = draw.sample(range(1, 6), k=2 + seed % 4)
    one = [draw.choice(used) for _ in range(30)]
    two = [a if draw.random() < 0.6 else draw.choice(used) for a in one]
    t = figures.table(list(zip(one, two, strict=True)))
    assert float(figures.kappa(t)) == pytest.approx(weighted_kappa(one, two))
    assert float(figures.alpha(t)) == pytest.approx(krippendorff_alpha([one, two], metric="ordinal"))
    assert float(figures.icc(t)) == pytest.approx(icc_2_1([one, two]))
    assert float(figures.same(t)) == pytest.approx(sum(a == b for a, b in zip(one, two, strict=True)) / 30)


def test_one_level_throughout_says_nothing_and_an_interval_holds_its_value() -> None:
    t = figures.table([(3, 3)] * 12)
    assert np.isnan([float(f(t)) for f in (figures.kappa, figures.alpha, figures.icc)]).all() and figures.same(t) == 1
    draw = Random(1)
    sessions = np.array([figures.table([(draw.randint(1, 5),) * 2, (2, 3)]) for _ in range(40)])
    between = figures.interval(figures.kappa(figures.drawn(sessions, rounds=300)))
    assert between and between[0] < float(figures.kappa(sessions.sum(0))) < between[1]


def test_a_plot_names_each_line_at_its_end_and_escapes_it() -> None:
    svg = trend_plot("Means", ["2026-01", "2026-02"], [("One <b>", [2.0, 2.1]), ("Two", [None, 2.1])], (1, 5))
    assert "One &lt;b&gt;" in svg and "<b>" not in svg and svg.count("<polyline") == 2
    assert "nan" not in svg.lower()
