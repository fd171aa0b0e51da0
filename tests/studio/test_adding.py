"""What a form adds to a list: many lines at once, a new item whole; and what is refused with nothing lost."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from simulator.couple import Couple, Scenario
from simulator.couple.lint import COUPLE
from simulator.rubric import load_rubric
from simulator.settings import load_settings
from simulator.studio.boxes import MOST
from simulator.studio.choices import choices
from simulator.studio.filling import Filled, fill
from simulator.studio.manuscript import check, load
from simulator.studio.skeleton import skeleton

FILES = skeleton("ana-and-bo", ("Ana", "Bo"), "A. Writer")
SESSION = FILES["scenarios/first-session.yaml"]
KNOWN = choices(load(FILES[COUPLE]), load_rubric(load_settings().rubrics))
LINES = "partners.0.lines"


def paste(text: str, **chosen: str) -> Filled:
    sent = {f"{LINES}.several.{k}": v for k, v in {"move": "soften", "mood": "open", **chosen, "say": text}.items()}
    return fill(Couple, FILES[COUPLE], LINES, sent)


def lines(text: str) -> list[dict[str, Any]]:
    return [dict(x) for x in load(text)["partners"][0]["lines"]]


def test_each_line_of_text_becomes_a_line_of_its_own() -> None:
    made = paste('I kept the ticket: 14 March.\r\n\r\n  •\t"Mind the step."  \n\nYes.\n')
    assert lines(made.text)[1:] == [
        {"move": "soften", "mood": "open", "say": say}
        for say in ("I kept the ticket: 14 March.", '"Mind the step."', "Yes.")
    ]
    assert made.added == tuple(f"{LINES}.{n}" for n in (1, 2, 3)) and not made.wrong
    assert check({**FILES, COUPLE: made.text}).playable


def test_what_is_there_already_is_named_and_not_added_again() -> None:
    made = paste("long.\nIt’s late.\nIt's  late.\nNew.")
    assert [x["say"] for x in lines(made.text)] == ["Long.", "It’s late.", "New."]
    assert "“long.”" in made.said and "“It's late.”" in made.said and "New." not in made.said
    # Where all are there already, nothing is changed, and that is said.
    assert paste("Long.").text == FILES[COUPLE] and paste("Long.").said


@pytest.mark.parametrize(
    ("text", "chosen", "key"),
    [
        ("\n".join(f"Line {n}." for n in range(MOST + 1)), {}, "say"),
        ("Short.\n" + "w" * 401, {}, "say"),
        ("One.\nTwo.", {"move": ""}, "move"),
        ("One.\nTwo.", {"mood": ""}, "mood"),
    ],
)
def test_what_cannot_be_added_is_refused_at_its_box(text: str, chosen: dict[str, str], key: str) -> None:
    made = paste(text, **chosen)
    assert [path for path, _ in made.wrong] == [f"{LINES}.several.{key}"]
    assert made.text == FILES[COUPLE] and made.sent[f"{LINES}.several.say"] == text
    assert not paste("\n".join(f"Line {n}." for n in range(MOST))).wrong


def test_lines_in_the_box_for_one_go_to_the_box_for_several() -> None:
    sent = {f"{LINES}.new.{k}": v for k, v in {"move": "soften", "mood": "open", "say": "One.\r\nTwo.", "after": "Why?"}.items()}  # fmt: skip
    refused = fill(Couple, FILES[COUPLE], LINES, sent)
    assert refused.text == FILES[COUPLE] and [p for p, _ in refused.wrong] == [f"{LINES}.several.say"]
    # Nothing more is to be written: saved as it is shown then, each is a line.
    kept = fill(Couple, FILES[COUPLE], LINES, {**refused.sent, f"{LINES}.new.after": ""})
    assert [x["say"] for x in lines(kept.text)] == ["Long.", "One.", "Two."]
    # What stands in the box for several is not mixed with them.
    both = fill(Couple, FILES[COUPLE], LINES, {**sent, f"{LINES}.several.say": "Three."})
    assert f"{LINES}.new.say" in dict(both.wrong) and both.sent[f"{LINES}.new.say"] == "One.\r\nTwo."


def test_no_line_that_is_spoken_gets_breaks_in_it() -> None:
    for part, path in ((LINES, f"{LINES}.0.say"), (LINES, f"{LINES}.0.after")):
        made = fill(Couple, FILES[COUPLE], part, {path: "One.\nTwo."})
        assert [p for p, _ in made.wrong] == [path] and made.text == FILES[COUPLE] and made.sent[path] == "One.\nTwo."
    made = fill(Scenario, SESSION, "opening", {"opening.0.say": "One.\nTwo."}, KNOWN)
    assert [p for p, _ in made.wrong] == ["opening.0.say"]
    # A break at the end is none, and what is written may have paragraphs elsewhere.
    assert not fill(Couple, FILES[COUPLE], LINES, {f"{LINES}.0.say": "One.\n"}).wrong
    assert not fill(Couple, FILES[COUPLE], "", {"summary": "One.\n\nTwo."}).wrong


def test_a_new_bid_is_written_whole() -> None:
    new = {
        "id": "say-it-was-nothing", "kind": "minimising", "partner": "bo", "due": "0.5", "say": "It was nothing.\nIt is over.",
        "good.codes": "hold_both", "good.reads": "You stay with it.", "bad.codes": "side_with", "bad.reads": "You agree.",
        "after_good.0.partner": "ana", "after_good.0.move": "soften", "after_good.0.say": "Thank you: yes.",
        "after_bad.0.partner": "ana", "after_bad.0.move": "escalate", "after_bad.0.say": "Nothing?",
        "after_bad.1.partner": "bo", "after_bad.1.move": "minimise", "after_bad.1.say": "See.", "model_reply": "Tell me.",
    }  # fmt: skip
    made = fill(Scenario, SESSION, "bids", {f"bids.new.{k}": v for k, v in new.items()}, KNOWN)
    found = check({**FILES, "scenarios/first-session.yaml": made.text})
    assert found.playable and made.added == ("bids.1",)
    bid = found.scenarios[0].bids[1]
    assert [b.say for b in bid.after_bad] == ["Nothing?", "See."] and [b.partner for b in bid.after_good] == ["ana"]
    # What is begun stays as far as it goes; choices alone begin nothing.
    half = fill(Scenario, SESSION, "bids", {"bids.new.after_bad.0.move": "escalate", "bids.new.id": "x"}, KNOWN)
    assert load(half.text)["bids"][1]["after_bad"] == [{"move": "escalate"}]
    bare = fill(Scenario, SESSION, "bids", {"bids.new.after_bad.0.move": "escalate"}, KNOWN)
    assert bare.text == SESSION and bare.unsaid == "bids.new.id"


@hypothesis(deadline=None, max_examples=60)
@given(text=st.text(max_size=300), chosen=st.sampled_from(["", "soften", "x: y"]))
def test_whatever_is_pasted_leaves_a_file_that_holds_it_or_is_refused(text: str, chosen: str) -> None:
    made = paste(text, move=chosen)
    assert made.sent[f"{LINES}.several.say"] == text
    there = lines(made.text)
    assert there[0]["say"] == "Long." and len(there) == 1 + len(made.added) <= 1 + len(text) // 2 + 1
    assert all("\n" not in x["say"] and x["say"] for x in there)
