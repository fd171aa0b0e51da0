from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from simulator.session.effects import EFFECTS
from simulator.session.state import Act, PartnerState, update

unit = st.floats(0, 1)
states = st.builds(PartnerState, alliance=unit, arousal=unit, openness=unit, hope=unit)
acts = st.lists(st.builds(Act, code=st.sampled_from(sorted(EFFECTS)), about=st.sampled_from(["a", "b"])), max_size=8)
to = st.lists(st.sampled_from(["a", "b"]), unique=True)


@given(states, states, acts, to)
def test_bounded_and_symmetric_in_the_partners(
    one: PartnerState, two: PartnerState, said: list[Act], spoken: list[str]
) -> None:
    after = update({"a": one, "b": two}, said, spoken)
    for state in after.values():
        assert all(0 <= v <= 1 for v in state.public().values())
    swap = {"a": "b", "b": "a"}
    mirrored = update({"a": two, "b": one}, [Act(x.code, swap[x.about]) for x in said], [swap[x] for x in spoken])
    assert mirrored["b"] == after["a"] and mirrored["a"] == after["b"]


def test_siding_costs_the_other_more_than_it_wins() -> None:
    start = PartnerState(0.5, 0.5, 0.3, 0.3)
    after = update({"a": start, "b": start}, [Act("side_with", "a")], ["a"])
    assert after["a"].alliance > 0.5 > after["b"].alliance
    assert 0.5 - after["b"].alliance > after["a"].alliance - 0.5
