"""What of a form meets the eye: problems where they are, what was just saved, what is not kept yet."""

from __future__ import annotations

from simulator.couple import Couple, Scenario
from simulator.couple.lint import COUPLE
from simulator.rubric import load_rubric
from simulator.settings import load_settings
from simulator.studio.boxes import Field, Group, fields, items
from simulator.studio.choices import choices
from simulator.studio.forms import form
from simulator.studio.manuscript import check, load
from simulator.studio.showing import Look, runs, shown, unrolled
from simulator.studio.skeleton import skeleton

FILES = skeleton("ana-and-bo", ("Ana", "Bo"), "A. Writer")
FIRST = "scenarios/first-session.yaml"
KNOWN = choices(load(FILES[COUPLE]), load_rubric(load_settings().rubrics))


def group(node: Group, path: str) -> Group:
    found = [c for c in node.children if isinstance(c, Group)]
    return next(c if c.path == path else group(c, path) for c in found if c.path == path or path.startswith((f"{c.path}.", f"{c.path}-")))  # fmt: skip


def look_of(file: str, text: str) -> Look:
    found = check({**FILES, file: text}).problems[file]
    assert found
    return Look(wrong=tuple((p.path, p.said) for p in found))


def test_an_item_with_a_problem_is_open_and_says_how_many() -> None:
    text = (
        FILES[COUPLE].replace('"2026-01"', '"March 2026"').replace('event: "What happened, or came out."', "event: 7")
    )
    made = shown(form(Couple, load(text), "history"), look_of(COUPLE, text))
    first, second = items(made)
    assert (first.open, first.count, second.open, second.count) == (False, 0, True, 2)
    assert {f.key for f in fields(second) if f.wrong} == {"date", "event"}
    assert not any(g.open for g in items(shown(form(Couple, load(FILES[COUPLE]), "history"), Look())))


def test_what_a_group_or_a_list_lacks_is_said_there() -> None:
    bad = '    bad: {codes: [side_with, judge_partner], reads: "You take a side."}\n'
    after = '    after_bad:\n      - {partner: bo, move: withdraw, say: "What the other one does then."}\n'
    assert bad in FILES[FIRST] and after in FILES[FIRST]
    text = FILES[FIRST].replace(bad, "").replace(after, "").replace("kind: ally_bid", "kind: ally_bid\n    kinds: x")
    made = shown(form(Scenario, load(text), "bids", KNOWN), look_of(FIRST, text))
    bid = group(made, "bids.0")
    assert bid.open and bid.count == 3
    assert group(bid, "bids.0.bad").wrong and group(bid, "bids.0.after_bad").wrong
    assert len(bid.wrong) == 1 and made.wrong == ()  # a key that has no box is told at what it stands in
    # What another form shows is not said in this one.
    assert shown(form(Scenario, load(text), "", KNOWN), look_of(FIRST, text)).count == 0


def test_a_problem_of_a_line_opens_the_move_that_it_stands_under() -> None:
    text = FILES[COUPLE].replace("mood: guarded", "mood: grim", 1)
    made = shown(form(Couple, load(text), "partners.0.lines"), look_of(COUPLE, text))
    kind = next(c for c in made.children if isinstance(c, Group) and c.folded)
    assert kind.open and kind.count == 1 and [g.count for g in items(kind)] == [1]


def test_what_was_just_saved_is_marked_and_the_next_one_ready() -> None:
    made = shown(form(Couple, load(FILES[COUPLE]), "partners.0.lines"), Look(added=frozenset({"partners.0.lines.0"})))
    (line,) = items(made)
    assert line.kept and line.open
    new = next(c for c in made.children if isinstance(c, Group) and c.new)
    assert {f.key: f.value for f in fields(new)} == {
        "move": "answer",
        "mood": "guarded",
        "say": "",
        "after": "",
        "also_after": "",
        "anywhere": "",
    }
    edited = shown(form(Scenario, load(FILES[FIRST]), "bids", KNOWN), Look(changed=frozenset({"bids.0.good.reads"})))
    bid = group(edited, "bids.0")
    assert bid.kept and bid.open and not any(f.value for f in fields(group(edited, "bids.new")))


def test_what_was_sent_and_not_kept_stands_in_its_boxes() -> None:
    sent = {
        "history.0.event": "Mine.\r\nTwo.",
        "history.1-gone": "yes",
        "history.new.event": "New.",
        "history.1-place": "1",
    }
    made = shown(form(Couple, load(FILES[COUPLE]), "history"), Look(sent=sent))
    first, second = items(made)
    assert first.open and second.open and second.gone and second.place == 1
    values = {f.path: f.value for f in fields(made)}
    assert values["history.0.event"] == "Mine.\nTwo." and values["history.new.event"] == "New."
    assert values["history.1.event"] == "What happened, or came out."


def test_items_one_after_another_are_named_as_a_run() -> None:
    paths = ["a.1.b.2", "a.1.b.3", "a.1.b.4", "a.2", "c.0", "c.1"]
    assert runs(paths) == [("a.1.b.2", 3), ("a.2", 1), ("c.0", 2)]
    assert unrolled(f"{path}:{count}" for path, count in runs(paths)) == set(paths)
    for odd in ("", "x", "a.b:3", "a.1:x", "a.1:", "a." + "9" * 30 + ":2", "a.1:99999", ":"):
        assert len(unrolled([odd])) == 1


def test_boxes_grow_with_what_is_in_them() -> None:
    rows = [Field("x", "x", "long", text).rows for text in ("", "w " * 200, "\n" * 9, "w " * 9000)]
    assert rows[0] < rows[1] and rows[0] < rows[2] and rows == sorted({*rows[:2]}) + rows[2:] and rows[3] < 60
