from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.couple import MOVES, Couple, load_library, parse_couple
from simulator.couple.loader import problems_in, read_yaml
from simulator.errors import InputError

FOLDER = Path(__file__).parents[2] / "personas"


@pytest.fixture(scope="module")
def text() -> str:
    return (FOLDER / "renu-and-martin" / "couple.yaml").read_text(encoding="utf-8")


def test_every_shipped_partner_has_forty_lines_over_most_moves() -> None:
    for couple in load_library(FOLDER).couples.values():
        for partner in couple.partners:
            assert len(partner.lines) >= 40
            assert len({line.move for line in partner.lines}) >= len(MOVES) - 1
            assert len({line.say for line in partner.lines}) == len(partner.lines)


def test_a_typo_is_told_with_line_and_allowed_values(text: str) -> None:
    broken = text.replace("move: withdraw, mood: tired", "move: withdrawl, mood: tired", 1)
    line = next(i for i, row in enumerate(broken.splitlines(), 1) if "withdrawl" in row)
    with pytest.raises(InputError) as error:
        parse_couple(broken, "couple.yaml")
    assert f"couple.yaml, line {line}:" in str(error.value)
    assert "withdraw" in str(error.value) and "soften" in str(error.value)


@pytest.mark.parametrize("bad", ["a: &x 1\nb: *x", "!!python/object:os.system x", "[" * 4000, "", "a: ["])
def test_hostile_or_broken_yaml_is_refused(bad: str) -> None:
    with pytest.raises(InputError):
        parse_couple(bad, "couple.yaml")


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read_or_refused_and_never_crashes(junk: str) -> None:
    with pytest.raises(InputError):
        parse_couple(junk, "couple.yaml")


def test_a_line_that_answers_something_and_anything_is_told_beside_what_else_is_wrong(text: str) -> None:
    both = text.replace("anywhere: true, say:", 'anywhere: true, after: "Why?", say:', 1)
    broken = both.replace("known_by: [renu]", "known_by: [nobody]", 1)
    assert both != text and broken != both
    said = [p.said for p in problems_in(read_yaml(broken, "couple.yaml"), Couple)]
    assert any("also_after" in s for s in said) and any("nobody" in s for s in said)
