"""The rubric's forms: an unchanged one keeps every byte, a changed one what it does not show, comments above all."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from simulator.errors import InputError
from simulator.rubric import load_rubric
from simulator.settings import load_settings
from simulator.studio import forms, own_rubric
from simulator.studio.boxes import Field, fields, lists
from simulator.studio.changes import diff
from simulator.studio.choices import rubric_choices
from simulator.studio.filling import apply
from simulator.studio.manuscript import load
from simulator.studio.rubric_texts import BOOK, FILES, LEVELS, check_texts

SHIPPED = own_rubric.texts(load_settings().rubrics)
KNOWN = rubric_choices(load(SHIPPED[BOOK]))
RULES = "skills.avoiding_triangulation.rules"
# The same in another layout: blocks, folds, quotes, comments everywhere.
LAID = """# head
format: 1   # the shape
confident:   0.50
possible: 2e-1
skills:
  non_defensiveness:
    title: 'Non-defensiveness'   # quoted
    levels:
    - a  # first

    # between
    - "b"
    - c
    - d
    - e
    meaning: [a,
      b, c, "d, d",   e]
    # over needs
    needs: [challenge]
    principle: >  # folded
      Take it in
      first.

    # over better
    better:
      challenge: |
        One.
        Two.
      # over secret
      secret_bid: x
    rules:
      # the first
      - level: 1
        any_of:
          - justify   # why
          - deflect
        why: "You \\u0007 explained\\nyourself."
      # the last
      - {level: 3, why: left}
# foot
"""
TEXTS = [(BOOK, SHIPPED[BOOK]), (LEVELS, SHIPPED[LEVELS]), (LEVELS, LAID)]
PARTS = [(name, text, part) for name, text in TEXTS for part, _ in forms.parts_of(FILES[name], load(text))]


# What is worth changing with comments all around it.
COMMENTED = [p for p in PARTS if (p[1] == LAID and "non_def" in p[2]) or p[2] in ("", "codes", "opportunities")]


def boxes(name: str, text: str, part: str) -> list[Field]:
    return [f for f in fields(forms.form(FILES[name], load(text), part, KNOWN)) if ".new." not in f.path]


def sent_of(name: str, text: str, part: str) -> dict[str, str]:
    """Return a form as a browser sends it: its own line ends, boxes ticked in the order of the page."""
    return {
        f.path: "\r\n".join(c.value for c in f.options if c.value in f.value.split("\n")) if f.kind == "many" else f.value.replace("\n", "\r\n")
        for f in boxes(name, text, part)
    }  # fmt: skip


def comments(text: str) -> list[str]:
    return sorted(x.strip() for x in re.findall(r"(?m)^ *(#.*)$", text))


def check(name: str, text: str) -> list[tuple[str, Any]]:
    return check_texts({**SHIPPED, name: text}, cached())


@cache
def cached() -> Any:
    return load_rubric(load_settings().rubrics)


@pytest.mark.parametrize(("name", "text", "part"), PARTS)
def test_an_unchanged_form_keeps_every_byte(name: str, text: str, part: str) -> None:
    assert apply(FILES[name], text, part, sent_of(name, text, part), KNOWN) == text


@hypothesis(deadline=None, max_examples=60)
@given(data=st.data())
def test_whatever_stands_in_a_file_an_unchanged_form_keeps_every_byte(data: st.DataObject) -> None:
    name, text, part = data.draw(st.sampled_from(PARTS))
    lines = text.splitlines(keepends=True)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(lines) - 1))
        value = data.draw(
            st.sampled_from(
                ["", " x", " [a,  b, '']", ' "a\\r\\0\\n\\n\\n b "', " {a: 1}", " 1.50", " ~", " yes", " 'a  b'"]
            )
        )
        lines[at] = re.sub(r"(?<=:) [^\n]*", lambda _: value, lines[at], count=1)  # noqa: B023
    made = "".join(lines)
    if not load(made) or part not in dict(forms.parts_of(FILES[name], load(made))):
        return
    try:
        assert apply(FILES[name], made, part, sent_of(name, made, part), KNOWN) == made
    except InputError:
        assert check(name, made)  # not of the shape of any form, and said to be wrong


def test_a_form_changes_what_it_says_and_nothing_else() -> None:
    text = SHIPPED[LEVELS]
    for part, path, value, count in (
        ("", "confident", "0.6", 2),
        ("skills.non_defensiveness", "skills.non_defensiveness.cuts", "1.4\n2.5\n3.5\n4.6", None),
        ("skills.non_defensiveness", "skills.non_defensiveness.better.withdrawal", 'Say: "stay".', 1),
        ("skills.non_defensiveness", "skills.non_defensiveness.needs", "challenge\nsecret_bid", 2),
        (RULES, f"{RULES}.1.none_of", "hold_both", 2),
        (RULES, f"{RULES}.2.level", "4", 2),
    ):
        made = apply(FILES[LEVELS], text, part, {**sent_of(LEVELS, text, part), path: value}, KNOWN)
        lines = diff({LEVELS: text}, {LEVELS: made})
        # The key is new where the rubric that ships leaves it to its default.
        count = count or 1 + ("cuts:" in text.partition("non_defensiveness:")[2].partition("triangulation:")[0])
        assert len([1 for kind, _ in lines if kind in ("new", "gone")]) == count, lines
        assert check(LEVELS, made) == [] and comments(made) == comments(text)
    assert "none_of: [hold_both]" in apply(FILES[LEVELS], text, RULES, {f"{RULES}.1.none_of": "hold_both"}, KNOWN)


def test_a_code_and_an_opportunity_are_added_and_taken_out() -> None:
    text = SHIPPED[BOOK]
    code = {"id": "name_the_tempo", "skill": "empathic_listening", "effect": "helps", "definition": "Says: slower.", "why": "w", "say": "You slowed it."}  # fmt: skip
    made = apply(FILES[BOOK], text, "codes", {f"codes.new.{k}": v for k, v in code.items()}, KNOWN)
    assert check(BOOK, made) == [] and dict(load(made)["codes"][-1]) == code and comments(made) == comments(text)
    last = len(load(made)["codes"]) - 1
    assert apply(FILES[BOOK], made, "codes", {f"codes.{last}-gone": "yes"}, KNOWN) == text
    offer = {"id": "silence", "definition": "d", "skill": "empathic_listening", "say": "s"}
    more = apply(FILES[BOOK], made, "opportunities", {f"opportunities.new.{k}": v for k, v in offer.items()}, KNOWN)
    assert check(BOOK, more) == [] and load(more)["opportunities"][-1]["id"] == "silence"
    # What is used by examples or by rules is not taken out unnoticed, and the place is the head of the list.
    gone = check(BOOK, apply(FILES[BOOK], text, "codes", {"codes.6-gone": "yes"}, KNOWN))
    assert (BOOK, "codes") in {(file, p.path) for file, p in gone}
    assert any(file == LEVELS and p.path.startswith("skills.empathic_listening.rules.") for file, p in gone)
    half = {"codes.new.skill": "empathic_listening", "codes.new.effect": "helps"}  # chosen, nothing written
    assert apply(FILES[BOOK], text, "codes", half, KNOWN) == text


def test_a_rule_stands_where_its_place_says() -> None:
    text = SHIPPED[LEVELS]
    whys = lambda t: [r["why"] for r in load(t)["skills"]["avoiding_triangulation"]["rules"]]  # noqa: E731
    before = whys(text)
    moved = apply(FILES[LEVELS], text, RULES, {f"{RULES}.3-place": "1", f"{RULES}.0-place": "1"}, KNOWN)
    assert whys(moved) == [before[3], *before[:3], before[4]] and comments(moved) == comments(text)
    new = {f"{RULES}.new.level": "2", f"{RULES}.new.any_of": "side_with", f"{RULES}.new.why": "New."}
    (*_, box) = [each.new for each in lists(forms.form(FILES[LEVELS], load(text), RULES, KNOWN))]
    made = apply(FILES[LEVELS], text, RULES, {**new, f"{RULES}.new-place": str(box.place), f"{RULES}.0-gone": "yes"}, KNOWN)  # fmt: skip
    assert whys(made) == [*before[1:4], "New.", before[4]] and check(LEVELS, made) == []
    assert "- {level: 2, any_of: [side_with], why: New.}" in made  # laid out as the others are
    for odd in ("x", "0", "-3", "99999", "9" * 5000):
        placed = apply(FILES[LEVELS], text, RULES, {f"{RULES}.1-place": odd}, KNOWN)
        assert sorted(whys(placed)) == sorted(before)


def test_ids_are_offered_where_a_rule_names_them() -> None:
    text = SHIPPED[LEVELS].replace("any_of: [reflect_meaning]", "any_of: [reflect_meanings]")
    shown = {f.path: f for f in boxes(LEVELS, text, "skills.empathic_listening.rules")}
    for key in ("any_of", "and_any_of", "all_of", "none_of", "ends_with"):
        assert {"reflect_meaning", "justify"} <= {
            c.value for c in shown[f"skills.empathic_listening.rules.0.{key}"].options
        }
    odd = [c.label for c in shown["skills.empathic_listening.rules.3.any_of"].options if c.value == "reflect_meanings"]
    assert odd == ["reflect_meanings (not known)"]
    assert "challenge" in [c.value for c in shown["skills.empathic_listening.rules.0.offered"].options]
    table = {f.path: f.kind for f in boxes(LEVELS, text, "skills.empathic_listening")}
    assert table["skills.empathic_listening.needs"] == "many"
    assert {f"skills.empathic_listening.better.{o['id']}" for o in load(SHIPPED[BOOK])["opportunities"]} <= set(table)
    code = {f.key: f.kind for f in boxes(BOOK, SHIPPED[BOOK], "codes") if f.path.startswith("codes.0.")}
    assert code["skill"] == code["effect"] == "choice" and code["definition"] == "long"


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("any_of: [reflect_meaning]", "any_of: [validate, reflect_meanings]", "skills.empathic_listening.rules.3.any_of.1"),
        ("needs: [challenge]", "needs: [challenges]", "skills.non_defensiveness.needs.0"),
        ("      withdrawal:", "      withdrawl:", "skills.empathic_listening.better.withdrawl"),
        ("possible: 0.2", "possible: 0.7", "possible"),
        ("level: 5", "level: 6", "skills.empathic_listening.rules.3.level"),
    ],
)  # fmt: skip
def test_a_problem_leads_to_its_box_and_its_line(old: str, new: str, path: str) -> None:
    text = SHIPPED[LEVELS].replace(old, new, 1)
    ((name, problem),) = check(LEVELS, text)
    assert (name, problem.path) == (LEVELS, path)
    assert new.split("\n")[0].strip().rstrip("]") in text.splitlines()[problem.line - 1]
    part = forms.part_of(FILES[LEVELS], path)
    assert any(path == f.path or path.startswith(f"{f.path}.") for f in boxes(LEVELS, text, part))


@hypothesis(deadline=None, max_examples=60)
@given(data=st.data())
def test_no_comment_is_lost_whatever_is_changed_around_it(data: st.DataObject) -> None:
    name, text, part = data.draw(st.sampled_from(COMMENTED))
    lines = text.splitlines(keepends=True)
    for number in sorted(data.draw(st.sets(st.integers(0, len(lines) - 1), max_size=6)), reverse=True):
        indent = data.draw(st.sampled_from(["", "  ", re.match(" *", lines[number])[0]]))  # type: ignore[index]
        lines.insert(number, f"{indent}# note {number}\n")
    made = "".join(lines)
    if load(made) != load(text) or re.search(r"\[[^\]\n]*\n *#", made):
        return  # a note within a block of text is a part of it; one within brackets is lost when they are written
    field = data.draw(st.sampled_from(boxes(name, made, part)))
    sent = {field.path: data.draw(st.sampled_from(["", "other", "x: y", "two\nlines", "w " * 90]))}
    shown = list(lists(forms.form(FILES[name], load(made), part, KNOWN)))
    for each in shown if data.draw(st.booleans()) else []:
        sent |= {f"{each.path}.new.id": "new", f"{each.path}.new.why": "new"}
        for group in each.items[: data.draw(st.integers(0, 2))]:
            sent[f"{group.path}-place"] = str(data.draw(st.integers(1, len(each.items))))
    try:
        after = apply(FILES[name], made, part, sent, KNOWN)
    except InputError:
        assert "" in sent.values()  # the writer of YAML does not master every item without a key
        return
    assert load(after) and Counter(comments(made)) <= Counter(comments(after)), diff({name: made}, {name: after})


@hypothesis(deadline=None, max_examples=80)
@given(
    path=st.lists(st.sampled_from(["skills", "non_defensiveness", "rules", "better", "challenge", "0", "new", "9", "why", "x", "needs"]), max_size=5),
    value=st.text(max_size=20),
    part=st.sampled_from(["", "skills.non_defensiveness", "skills.non_defensiveness.rules"]),
)  # fmt: skip
def test_no_form_breaks_the_file(path: list[str], value: str, part: str) -> None:
    key = ".".join(path)
    made = apply(FILES[LEVELS], LAID, part, {key: value, f"{key}-gone": "yes", f"{key}-place": value}, KNOWN)
    assert load(made) and isinstance(check(LEVELS, made), list)


@pytest.mark.parametrize(
    "text", ["7", "42", "yes", "null", "1.5", "2019-03", "- x", "a: b", "#", "!x", "&a", "\x07bell", "a\nb"]
)
def test_a_text_box_holds_text_whatever_it_looks_like(text: str) -> None:
    made = load(apply(FILES[BOOK], SHIPPED[BOOK], "codes", {"codes.0.say": text}, KNOWN))["codes"][0]["say"]
    assert isinstance(made, str) and made.split() == text.replace("\x07", "").split()
    table = apply(
        FILES[LEVELS], LAID, "skills.non_defensiveness", {"skills.non_defensiveness.better.ally_bid": text}, KNOWN
    )
    assert load(table)["skills"]["non_defensiveness"]["better"]["ally_bid"].split() == text.replace("\x07", "").split()


def test_the_cuts_go_up_and_are_numbers() -> None:
    key = "skills.non_defensiveness.cuts"
    for value, paths in (("1\n3\n2\n4", [key]), ("1\n2\n3", [key]), ("1\n2.5\nx\n4", [f"{key}.2"]), ("", [])):
        made = apply(FILES[LEVELS], SHIPPED[LEVELS], "skills.non_defensiveness", {key: value}, KNOWN)
        assert [p.path for _, p in check(LEVELS, made)] == paths


def test_a_comment_stays_where_it_stood_and_goes_with_what_is_under_it() -> None:
    part = "skills.non_defensiveness"
    rules = f"{part}.rules"
    swapped = apply(FILES[LEVELS], LAID, rules, {f"{rules}.1-place": "1"}, KNOWN)
    assert re.search(r"# the last\n *- \{level: 3, why: left\}\n *- level: 1", swapped)
    gone = apply(FILES[LEVELS], LAID, rules, {f"{rules}.1-gone": "yes"}, KNOWN)
    assert "# the last" in gone and len(load(gone)["skills"]["non_defensiveness"]["rules"]) == 1
    listed = apply(FILES[LEVELS], LAID, part, {f"{part}.levels": "a\nB\nc\nd"}, KNOWN)
    assert "- a # first\n\n      # between\n      - B\n      - c\n" in re.sub(
        r"(?m)^ *# between", "      # between", listed
    )
    words = apply(FILES[LEVELS], LAID, part, {f"{part}.principle": "Now.", f"{part}.better.challenge": "x"}, KNOWN)
    assert re.search(
        r"principle: >-  # folded\n *Now\.\n\n *# over better\n *better:\n *challenge: \|-\n *x\n *# over secret", words
    )


@pytest.mark.parametrize(
    "part", ["9", "skills", "skills.x", "skills.non_defensiveness.rules.9", "codes.x", "." * 50, "partners.0"]
)
def test_a_part_that_is_not_there_is_refused_or_harmless(part: str) -> None:
    for name, text in TEXTS:
        try:
            assert apply(FILES[name], text, part, {part: "x"}, KNOWN) == text
        except InputError as error:
            assert "part" in str(error)
