"""The statistics against worked examples from the literature, and what must hold of any ratings."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.rubric.agreement import (
    bootstrap,
    cohen_kappa,
    gwet_ac1,
    icc_2_1,
    krippendorff_alpha,
    weighted_kappa,
)

Ratings = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=2, max_size=40)


def test_icc_of_shrout_and_fleiss() -> None:
    # Shrout and Fleiss 1979, table 2: six targets, four judges; ICC(2,1) = .29.
    targets = [(9, 2, 5, 8), (6, 1, 3, 2), (8, 4, 6, 8), (7, 1, 2, 6), (10, 5, 6, 9), (6, 2, 4, 7)]
    assert icc_2_1([list(judge) for judge in zip(*targets, strict=True)]) == pytest.approx(0.29, abs=0.005)


def test_alpha_of_krippendorff() -> None:
    # Krippendorff 2011, section C and on: four observers, twelve units, missing data.
    n = None
    observers = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, n, n, n],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, n, 3],
        [n, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, n],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, n],
    ]
    assert krippendorff_alpha(observers, metric="nominal") == pytest.approx(0.743, abs=0.0005)
    assert krippendorff_alpha(observers, metric="ordinal") == pytest.approx(0.815, abs=0.0005)
    assert krippendorff_alpha(observers, metric="interval") == pytest.approx(0.849, abs=0.0005)


def test_ac1_and_kappa_where_one_category_is_rare() -> None:
    # Gwet 2008, table 1's form: 118 agreed yes, 5 + 2 differ, none agreed no: kappa about 0, AC1 near .94.
    first = ["yes"] * 118 + ["yes"] * 5 + ["no"] * 2
    second = ["yes"] * 118 + ["no"] * 5 + ["yes"] * 2
    assert cohen_kappa(first, second) == pytest.approx(-0.0234, abs=0.0005)
    assert gwet_ac1(first, second) == pytest.approx(0.9408, abs=0.0005)


def test_kappa_of_a_table() -> None:
    # 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: agreement .70, chance .50, kappa .40.
    first = ["y"] * 25 + ["n"] * 25
    second = ["y"] * 20 + ["n"] * 5 + ["y"] * 10 + ["n"] * 15
    assert cohen_kappa(first, second) == pytest.approx(0.40)


def test_weighted_kappa_of_known_tables() -> None:
    assert weighted_kappa([1, 2, 3, 4, 5], [1, 2, 3, 4, 5]) == 1.0
    assert weighted_kappa([1, 5], [5, 1]) == -1.0


@settings(max_examples=60, deadline=None)
@given(Ratings)
def test_raters_can_be_exchanged_and_nothing_is_above_one(pairs: list[tuple[int, int]]) -> None:
    a, b = [x for x, _ in pairs], [y for _, y in pairs]
    for statistic in (weighted_kappa, cohen_kappa, gwet_ac1, lambda x, y: krippendorff_alpha([x, y])):
        value, back = statistic(a, b), statistic(b, a)
        assert (value is None) == (back is None) == (len({*a, *b}) == 1)
        assert value is None or (value == pytest.approx(back) and value <= 1 + 1e-9)
        # One and the same level throughout says nothing of anybody.
        assert statistic(a, a) == (pytest.approx(1.0) if len(set(a)) > 1 else None)
    # With two raters and interval distances alpha is 1 minus the observed over the pooled chance disagreement.
    assert icc_2_1([a, a]) == (pytest.approx(1.0) if len(set(a)) > 1 else None)


def test_bad_ratings_are_refused() -> None:
    for bad in ([], [[1]], [[1, 2], [1]]):
        with pytest.raises(ValueError, match="raters"):
            krippendorff_alpha(bad)


def test_draws_without_variance_are_not_counted_as_agreement() -> None:
    groups = [[(3, 3)]] * 9 + [[(2, 5), (5, 2)]]

    def kappa(pairs: list[tuple[int, int]]) -> float | None:
        return weighted_kappa([a for a, _ in pairs], [b for _, b in pairs])

    found = bootstrap(groups, kappa, rounds=300)
    assert found and found[1] < 0  # the two that part are the only ones that say anything
    assert bootstrap([[(3, 3)]] * 10, kappa, rounds=50) is None


def test_an_interval_holds_the_figure_and_narrows() -> None:
    few, many = [[float(i % 5)] for i in range(10)], [[float(i % 5)] for i in range(400)]
    mean = lambda rows: sum(rows) / len(rows)  # noqa: E731
    a, b = bootstrap(few, mean, rounds=300), bootstrap(many, mean, rounds=300)
    assert a and b and a[0] <= 2.0 <= a[1] and b[1] - b[0] < a[1] - a[0]
