"""The order of a list by hand: up, down, to a place, by date; comments go with the item under them."""

from __future__ import annotations

import re

import pytest

from simulator.couple import Couple, Scenario
from simulator.couple.lint import COUPLE
from simulator.studio.boxes import items
from simulator.studio.filling import apply, fill
from simulator.studio.forms import form
from simulator.studio.manuscript import load
from simulator.studio.skeleton import skeleton

FILES = skeleton("ana-and-bo", ("Ana", "Bo"), "A. Writer")
HISTORY = """history:
  # in order, please
  - {date: "2015", event: "They met."}   # at work
  - {date: "2026-01", event: "It came out."}
  # the house
  - date: "2019-03-14"
    event: They moved.
  - {event: "No date yet."}
"""
COUPLE_TEXT = re.sub(r"(?s)history:\n.*?\n(?=\n# At least sixteen)", HISTORY, FILES[COUPLE])


def events(text: str) -> list[str]:
    return [x["event"] for x in load(text)["history"]]


MET, OUT, MOVED, NONE = "They met.", "It came out.", "They moved.", "No date yet."


@pytest.mark.parametrize(
    ("sent", "order"),
    [
        ({"history.1-to": "1"}, [OUT, MET, MOVED, NONE]),
        ({"history.0-to": "2"}, [OUT, MET, MOVED, NONE]),
        ({"history.0-to": "1"}, [MET, OUT, MOVED, NONE]),
        ({"history.3-place": "1"}, [NONE, MET, OUT, MOVED]),
        ({"history.0-place": "4", "history.0-to": "2"}, [OUT, MET, MOVED, NONE]),
        ({"history-sort": "yes"}, [MET, MOVED, OUT, NONE]),
        ({"history-sort": "yes", "history.0.date": "2027"}, [MOVED, OUT, MET, NONE]),
        ({"history.2-to": "1", "history.1-gone": "yes"}, [MOVED, MET, NONE]),
        ({"history.new.event": "New.", "history.new-place": "2"}, [MET, "New.", OUT, MOVED, NONE]),
        ({"history.1-place": "x", "history.2-to": "0", "history.0-to": "-1"}, [MET, OUT, MOVED, NONE]),
    ],
)
def test_items_go_where_they_are_sent(sent: dict[str, str], order: list[str]) -> None:
    assert events(apply(Couple, COUPLE_TEXT, "history", sent)) == order


def test_comments_go_with_what_is_under_them() -> None:
    for sent in ({"history-sort": "yes"}, {"history.2-to": "1"}, {"history.2-place": "2"}, {"history.0-to": "4"}):
        made = apply(Couple, COUPLE_TEXT, "history", sent)
        assert re.search(r"history:\n *# in order", made)  # what stands over the whole list stays there
        assert re.search(r'- \{date: "2015", event: "They met\."\} *# at work', made)
        assert re.search(r"# the house\n *- date: \"2019-03-14\"\n *event: They moved\.", made)
        assert sorted(re.findall(r"#.*", made)) == sorted(re.findall(r"#.*", COUPLE_TEXT))


def test_what_was_moved_or_changed_is_found_where_it_stands_now() -> None:
    down = fill(Couple, COUPLE_TEXT, "history", {"history.0-to": "2", "history.3.event": "Later."})
    assert set(down.changed) == {"history.1", "history.3.event"} and down.focus == "history.1-down"
    gone = fill(Couple, COUPLE_TEXT, "history", {"history.0-gone": "yes", "history.2.event": "Other."})
    assert gone.changed == ("history.1.event",) and gone.focus == "history.1.event"
    assert fill(Couple, COUPLE_TEXT, "history", {"history.3-gone": "yes"}).focus == "history.2-head"
    added = fill(Couple, COUPLE_TEXT, "history", {"history.new.event": "New.", "history.0-gone": "yes"})
    assert added.added == ("history.3",) and added.focus == "history.new.date"


def test_a_line_goes_past_the_next_one_of_its_move() -> None:
    text = FILES[COUPLE].replace(
        '      - {move: answer, mood: guarded, after: "How has the week been?", say: "Long."}\n',
        "".join(f"      - {{move: {m}, mood: open, say: {s}}}\n" for m, s in (("answer", "One."), ("soften", "Two."), ("answer", "Three."))),
        1,
    )  # fmt: skip
    shown = {g.path: g for g in items(form(Couple, load(text), "partners.0.lines"))}
    third = shown["partners.0.lines.2"]
    assert (third.up, third.down, shown["partners.0.lines.1"].up) == (1, 3, 2)
    moved = apply(Couple, text, "partners.0.lines", {f"{third.path}-to": str(third.up)})
    assert [x["say"] for x in load(moved)["partners"][0]["lines"]] == ["Three.", "One.", "Two."]


@pytest.mark.parametrize("part", ["opening", "bids", "endings"])
def test_a_session_has_lists_in_order_too(part: str) -> None:
    text = FILES["scenarios/first-session.yaml"]
    beat = '  - {partner: ana, move: answer, mood: guarded, say: "The first words of the session."}\n'
    text = text.replace(beat, beat + beat.replace("The first", "More"))
    bid = text[text.index("  - id: take-my-side") : text.index("# Facts (ids)")].rstrip("\n") + "\n"
    text = text.replace(bid, bid + bid.replace("take-my-side", "take-hers"))
    well = '    - {partner: ana, move: soften, say: "Last words when it went well."}\n'
    text = text.replace(well, well + well.replace("Last", "Very last"))
    path = {"endings": "endings.well"}.get(part, part)
    moved = apply(Scenario, text, part, {f"{path}.1-to": "1"})
    before, after = load(text), load(moved)
    for step in path.split("."):
        before, after = before[step], after[step]
    assert len(before) == 2 and list(after) == [before[1], before[0]]
