from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from simulator.session.effects import EFFECTS, REPAIRS
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


@given(states, states, acts, to)
def test_no_reply_moves_anybody_far_and_nothing_reaches_the_one_outside(
    one: PartnerState, two: PartnerState, said: list[Act], spoken: list[str]
) -> None:
    after = update({"a": one, "b": two}, said, spoken, absent="b")
    assert after["b"] == two
    assert abs(after["a"].alliance - one.alliance) <= 0.2 + 1e-9
    assert after["a"].openness - one.openness <= 0.06 + 1e-9


@given(
    st.floats(0.2, 0.9),
    st.sampled_from(["counter_blame", "judge_feeling", "pathologise", "minimise"]),
    st.lists(st.sampled_from(sorted(REPAIRS)), min_size=1, max_size=12),
)
def test_repair_brings_back_part_and_never_all(alliance: float, fault: str, repairs: list[str]) -> None:
    before = {"a": PartnerState(alliance, 0.5, 0.4, 0.4), "b": PartnerState(0.5, 0.5, 0.4, 0.4)}
    hurt = update(before, [Act(fault, "a")], ["a"])
    now = hurt
    for code in repairs:
        now = update(now, [Act(code, "a")], ["a"])
    assert hurt["a"].alliance < now["a"].alliance < alliance


def test_what_repair_cannot_bring_back_is_earned_by_listening() -> None:
    now = {"a": PartnerState(0.5, 0.5, 0.4, 0.4), "b": PartnerState(0.5, 0.5, 0.4, 0.4)}
    now = update(now, [Act("counter_blame", "a")], ["a"])
    for _ in range(8):
        now = update(now, [Act("reflect_meaning", "a"), Act("validate", "a")], ["a"])
    assert now["a"].alliance > 0.6


@given(unit)
def test_neglect_costs_the_one_who_is_left_out(alliance: float) -> None:
    states_now = {"a": PartnerState(0.5, 0.4, 0.4, 0.4), "b": PartnerState(alliance, 0.4, 0.4, 0.4)}
    for _ in range(5):
        states_now = update(states_now, [Act("open_question", "a")], ["a"])
    assert states_now["b"].alliance < alliance or alliance == 0


def test_yielding_is_earned_over_several_replies_and_sticks() -> None:
    now = {"a": PartnerState(0.5, 0.5, 0.3, 0.3), "b": PartnerState(0.5, 0.5, 0.3, 0.3)}
    steps = []
    for _ in range(6):
        now = update(now, [Act("reflect_meaning", "a"), Act("validate", "a")], ["a"])
        steps.append(now["a"].openness)
    assert steps[0] < 0.37 and steps[-1] > 0.5
    quiet = update(now, [], ["a", "b"])
    assert quiet["a"].openness >= steps[-1] - 0.02
