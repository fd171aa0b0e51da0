"""A form for one state of a list is not mistaken for one for another: what it names is found, or refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.couple import Couple
from simulator.couple.lint import COUPLE
from simulator.couple.loader import read_yaml
from simulator.errors import InputError
from simulator.rubric import load_rubric
from simulator.session import Room
from simulator.settings import load_settings
from simulator.studio import forms
from simulator.studio.boxes import Listed, fields, lists
from simulator.studio.choices import choices
from simulator.studio.filling import apply, fill
from simulator.studio.manuscript import copy_of, load, model_of
from simulator.studio.skeleton import skeleton
from simulator.studio.tags import Places, tag

FILES = skeleton("ana-and-bo", ("Ana", "Bo"), "A. Writer")
TEXT = apply(
    Couple, FILES[COUPLE], "facts", {"facts.new.id": "a-third", "facts.new.text": "A third thing.", "facts.new.known_by": "ana\nbo"}
)  # fmt: skip


def facts(text: str) -> Listed:
    return next(each for each in lists(forms.form(Couple, load(text), "facts")) if each.path == "facts")


def ids(text: str) -> list[str]:
    return [x["id"] for x in load(text)["facts"]]


def test_every_box_of_every_form_has_a_name_that_leads_back_to_it(room: Room) -> None:
    files = copy_of(room.library, "renu-and-martin", "renu-and-martin")
    for name, text in files.items():
        model, data, known = (
            model_of(name),
            load(text),
            choices(load(files[COUPLE]), load_rubric(load_settings().rubrics)),
        )
        places, names = Places(read_yaml(text, name, quotes=True)), set()
        for part, _ in forms.parts_of(model, data):
            for box in fields(forms.form(model, data, part, known)):
                assert places.path(box.name) == box.path
                names.add(box.name)
        assert len(names) > 50 or name != COUPLE


def test_a_page_that_was_open_when_an_item_went_means_the_items_that_it_showed() -> None:
    stale = facts(TEXT)
    now = apply(Couple, TEXT, "facts", {f"{stale.items[0].name}-gone": "yes"})
    assert ids(now) == ["a-secret", "a-third"]
    # By number, this would take out another one, and write into another one.
    assert ids(apply(Couple, now, "facts", {f"{stale.items[1].name}-gone": "yes"})) == ["a-third"]
    text = next(f.name for f in fields(stale.items[2]) if f.key == "text")
    assert load(apply(Couple, now, "facts", {text: "Mended."}))["facts"][1]["text"] == "Mended."


def test_what_is_not_there_any_more_is_refused_and_nothing_of_it_lost() -> None:
    stale = facts(TEXT)
    name = next(f.name for f in fields(stale.items[0]) if f.key == "text")
    now = apply(Couple, TEXT, "facts", {f"{stale.items[0].name}-gone": "yes"})
    refused = fill(Couple, now, "facts", {name: "My words.", "facts.1.text": "Others."})
    assert refused.text == now and refused.stray == ((name, "My words."),)
    assert refused.sent == {"facts.1.text": "Others."}
    with pytest.raises(InputError):
        apply(Couple, now, "facts", {name: "My words."})
    # What was written for the end of one list is not put at the end of another.
    new = next(f.name for f in fields(stale.new) if f.key == "text")
    assert fill(Couple, now, "facts", {new: "My words."}).stray == ((new, "My words."),)


def test_of_two_items_that_are_alike_the_one_that_was_meant_is_taken() -> None:
    places = Places({"a": [{"x": 1}, {"x": 2}, {"x": 1}]})
    assert [places.path(f"a.{n}~{tag({'x': 1})}.x") for n in (0, 2)] == ["a.0.x", "a.2.x"]
    assert places.path(f"a.1~{tag({'x': 1})}-gone") == "a.0-gone" and places.name("a.1-up").startswith("a.1~")


@given(st.text(max_size=60), st.lists(st.sampled_from(["a", "0", "1~00000000", "new~00000000", "b~x", ""]), max_size=5))
def test_no_name_breaks_it(text: str, steps: list[str]) -> None:
    for data in ({"a": [{"b": 1}], "0": None}, [], None, 7):
        for name in (text, ".".join(steps)):
            assert Places(data).path(name) is None or isinstance(Places(data).name(name), str)
