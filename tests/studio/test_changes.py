"""Two people's changes of one text go together where they do not meet."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from simulator.studio.changes import merged

BASE = [f"line {number}\n" for number in range(12)]


def changed(at: int, text: str) -> str:
    return "".join([*BASE[:at], f"{text}\n", *BASE[at + 1 :]])


@given(one=st.integers(0, 11), other=st.integers(0, 11), a=st.text("xyz", min_size=1), b=st.text("uvw", min_size=1))
def test_changes_that_do_not_meet_are_both_kept_and_others_are_left_to_a_person(
    one: int, other: int, a: str, b: str
) -> None:
    base = "".join(BASE)
    both = merged(base, changed(one, a), changed(other, b))
    assert both == merged(base, changed(other, b), changed(one, a))
    if abs(one - other) > 1:
        lines = (both or "").splitlines()
        assert lines[one] == a and lines[other] == b and len(lines) == len(BASE)
    else:
        assert both is None


@given(st.text("ab\n"), st.text("ab\n"))
def test_with_a_side_that_changed_nothing_the_other_is_what_is_kept(base: str, mine: str) -> None:
    assert merged(base, mine, base) == mine
    assert merged(base, base, mine) == mine
