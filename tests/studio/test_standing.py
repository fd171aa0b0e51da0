"""Lists of every layout are written as they are read, and their comments stay with what is under them."""

from __future__ import annotations

from itertools import permutations

import pytest

from simulator.couple.loader import read_yaml
from simulator.studio.filling import write
from simulator.studio.standing import arrange

HEADS = ("", "  # over all\n")
SIDES = ("", "   # beside")
MIXED = """a:
{head}  - {{x: 1, y: "one"}}{side}
  - {{x: 2, y: "two"}}
  # over three
  - x: 3
    y: three
  - {{x: 4}}
"""


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("side", SIDES)
def test_items_in_braces_and_in_blocks_stand_in_any_order(head: str, side: str) -> None:
    text = MIXED.format(head=head, side=side)
    assert write(read_yaml(text, "x", quotes=True)) == text
    for order in permutations(range(4)):
        data = read_yaml(text, "x", quotes=True)
        arrange(data, "a", [(n, data["a"][n]) for n in order])
        made = write(data)
        assert [item["x"] for item in read_yaml(made, "x")["a"]] == [n + 1 for n in order], made
        assert "# over three\n  - x: 3\n    y: three\n" in made and (head in made) and made.count(side) >= 1
