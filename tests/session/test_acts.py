from __future__ import annotations

import pytest

from simulator.rubric import ReplyScore, Sentence
from simulator.session.acts import acts_of
from simulator.session.state import Act, taken_side

IDS = {"Wanjiru": "wanjiru", "Samuel": "samuel"}


def scored(addressed: list[str], *coded: tuple[str, str]) -> ReplyScore:
    """Return a score that holds these codes of these sentences, one after the other; the same sentence stands once."""
    starts: dict[str, int] = {}
    for text, _ in coded:
        starts.setdefault(text, sum(map(len, starts)))
    held = [(Sentence(text, starts[text], starts[text] + len(text)), code) for text, code in coded]
    return ReplyScore([], addressed, {}, held=held)


@pytest.mark.parametrize(
    "coded",
    [
        [("Samuel, you are right, a wife should forgive.", c) for c in ("side_with", "press_to_yield")],
        [("Samuel, you are right.", "side_with"), ("A wife should forgive.", "press_to_yield")],
        [("Samuel, you are right.", "side_with"), ("Wanjiru is being hard.", "judge_partner")],
    ],
)
def test_who_is_sided_with_is_not_the_one_the_words_are_against(coded: list[tuple[str, str]]) -> None:
    acts = acts_of(scored(["Samuel"], *coded), IDS)
    assert taken_side(acts, ["wanjiru", "samuel"]) == ("samuel", "wanjiru")


def test_what_is_said_against_the_one_spoken_to_stays_against_them() -> None:
    acts = acts_of(scored(["Samuel"], ("Samuel, you should be ashamed.", "judge_partner")), IDS)
    assert taken_side(acts, ["wanjiru", "samuel"]) == ("wanjiru", "samuel")


def test_what_is_said_to_both_without_a_name_reaches_both() -> None:
    acts = acts_of(scored(["Wanjiru", "Samuel"], ("That sounds lonely for you both.", "reflect_feeling")), IDS)
    assert set(acts) == {Act("reflect_feeling", "wanjiru"), Act("reflect_feeling", "samuel")}
