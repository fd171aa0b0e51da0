"""The rubric's editor over HTTP: forms and YAML of one text, checked or kept together, nothing lost on the way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from simulator.session import Room
from simulator.settings import load_settings
from simulator.store import Repository
from simulator.studio import forms, own_rubric
from simulator.studio.manuscript import load
from simulator.studio.rubric_texts import BOOK, FILES, LEVELS
from simulator.web.server import make_app
from tests.web.people import here
from tests.web.sending import boxes

EDIT = "/studio-rubric/edit"
RULES = "skills.non_defensiveness.rules"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory, room: Room) -> Iterator[Room]:
    folder: Path = tmp_path_factory.mktemp("rubric")
    store = Repository.open(f"sqlite:///{folder / 'rubric.sqlite3'}")
    yield Room(load_settings(backend="scripted", data_dir=folder), room.library, store, room.engine, room.voice)
    store.close()


@pytest.fixture(scope="module")
def page(own: Room) -> TestClient:
    return here(make_app(own))


def texts(room: Room) -> dict[str, str]:
    return own_rubric.texts(own_rubric.folder_of(room.settings))


def count(room: Room) -> int:
    return len(own_rubric.versions(room.settings))


def test_every_form_comes_back_unchanged_from_a_browser(own: Room, page: TestClient) -> None:
    before, kept = texts(own), count(own)
    for name in (BOOK, LEVELS):
        for part, title in forms.parts_of(FILES[name], load(before[name])):
            shown = page.get(EDIT, params={"file": name, "part": part})
            assert shown.status_code == 200 and len(shown.text) < 700_000 and f"{title}</a>" in shown.text
            for label in ("Form", "YAML"):
                done = page.post(EDIT, data={**boxes(shown.text, label), "do": "save"})
                assert done.status_code == 303 and "Nothing+had+changed" in done.headers["location"], (part, label)
    assert texts(own) == before and count(own) == kept


def test_a_form_is_checked_then_kept_and_shown_beside_its_yaml(own: Room, page: TestClient) -> None:
    before, kept = texts(own)[LEVELS], count(own)
    sent = boxes(page.get(EDIT, params={"file": LEVELS}).text)
    checked = page.post(EDIT, data={**sent, "confident": "0.6", "do": "check"})
    assert checked.status_code == 200 and "Nothing is wrong with it" in checked.text and count(own) == kept
    # What was not kept yet is in both of its forms, and goes along to another part.
    for label in ("Form", "YAML"):
        assert "confident: 0.6 " in boxes(checked.text, label)["text"][0]
    moved = page.post(EDIT, data={**boxes(checked.text), "to": "skills.non_defensiveness"})
    assert moved.status_code == 200 and "confident: 0.6 " in boxes(moved.text)["text"][0]
    last = {**boxes(moved.text), "skills.non_defensiveness.title": "Taking it in", "do": "save"}
    done = page.post(EDIT, data=last)
    assert done.status_code == 303 and "part=skills.non_defensiveness" in done.headers["location"]
    now = texts(own)[LEVELS]
    assert len(set(now.splitlines()) - set(before.splitlines())) == 2 and count(own) > kept
    assert "Taking it in" in page.get(done.headers["location"]).text
    # Somebody who opened the page before that loses nothing, and saves over it knowingly.
    late = page.post(EDIT, data={**sent, "possible": "0.3", "do": "save"})
    assert late.status_code == 409 and "Somebody else saved this first" in late.text and texts(own)[LEVELS] == now
    assert "possible: 0.3 " in boxes(late.text)["text"][0]
    assert page.post(EDIT, data={**boxes(late.text), "do": "save"}).status_code == 303
    assert "possible: 0.3 " in texts(own)[LEVELS] and "Taking it in" not in texts(own)[LEVELS]


def test_a_problem_leads_to_its_box_and_marks_its_line(own: Room, page: TestClient) -> None:
    sent, before = boxes(page.get(EDIT, params={"file": LEVELS, "part": RULES}).text), texts(own)
    wrong = {**sent, f"{RULES}.1.any_of": ["", "justifies"], f"{RULES}.1.level": "9", "do": "save"}
    shown = page.post(EDIT, data=wrong)
    assert shown.status_code == 409 and texts(own) == before
    link = re.search(r'name="at" value="([^"]+)" formaction="[^"#]+#([^"]+)">[^<]*line (\d+)<', shown.text)
    assert link is not None and link[1] == link[2] == f"{RULES}.1.level"
    mended = {**boxes(shown.text), f"{RULES}.1.level": "2"}
    there = page.post(EDIT, data={**mended, "at": f"{RULES}.1.any_of.0"}).text
    assert f'<details id="{RULES}.1" class="item" open' in there
    line = int(re.search(r'data-line="(\d+)"', there)[1])  # type: ignore[index]
    assert "justifies" in boxes(there)["text"][0].splitlines()[line - 1]
    assert (
        re.search('value="justifies" checked> (?:<span>)?justifies .not known', there)
        and "is not in the code book" in there
    )
    assert texts(own) == before


def test_a_problem_of_the_other_file_is_a_link_to_it(own: Room, page: TestClient) -> None:
    sent = boxes(page.get(EDIT, params={"file": BOOK, "part": "codes"}).text)
    shown = page.post(EDIT, data={**sent, "codes.0-gone": "yes", "do": "check"}).text
    link = next(x for x in re.findall(r'href="([^"]+)"', shown) if "levels.yaml&amp;part=skills" in x)
    there = page.get(link.replace("&amp;", "&")).text
    line = int(re.search(r'data-line="(\d+)"', there)[1])  # type: ignore[index]
    assert "reflect_content" in texts(own)[LEVELS].splitlines()[line - 1] and 'class="item" open' in there


def test_a_code_is_added_named_by_a_rule_and_taken_out_again(own: Room, page: TestClient) -> None:
    def posted(name: str, part: str, **sent: str) -> int:
        shown = page.get(EDIT, params={"file": name, "part": part}).text
        return page.post(EDIT, data={**boxes(shown), **sent, "do": "save"}).status_code

    new = {"id": "name_the_tempo", "skill": "non_defensiveness", "effect": "helps", "definition": "d", "why": "w", "say": "s"}  # fmt: skip
    assert posted(LEVELS, RULES, **{f"{RULES}.0.none_of": "name_the_tempo"}) == 409  # there is no such code yet
    assert posted(BOOK, "codes", **{f"codes.new.{k}": v for k, v in new.items() if k != "say"}) == 409
    assert posted(BOOK, "codes", **{f"codes.new.{k}": v for k, v in new.items()}) == 303
    assert "name_the_tempo (helps)" in page.get(EDIT, params={"file": LEVELS, "part": RULES}).text
    assert posted(LEVELS, RULES, **{f"{RULES}.0.none_of": "name_the_tempo"}) == 303
    last = texts(own)[BOOK].partition("opportunities:")[0].count("- id:") - 1
    assert posted(BOOK, "codes", **{f"codes.{last}-gone": "yes"}) == 409  # a rule names it
    assert posted(LEVELS, RULES, **{f"{RULES}.0.none_of": ""}) == 303
    assert posted(BOOK, "codes", **{f"codes.{last}-gone": "yes"}) == 303 and "the_tempo" not in texts(own)[BOOK]


BOMB = "a: &a [x, x, x]\nb: &b [*a, *a, *a]\n" + "".join(f"{n}: [*b, *b, *b, *b]\n" for n in range(20))


@pytest.mark.parametrize(
    "text",
    [BOMB, "a: [", "[1]", "codes: 5", "codes: [x]", "skills: 7", "skills: {x: {rules: 1}}", "skills: {non_defensiveness: [1]}", "\x07", "7", "</textarea><b>x"],
)  # fmt: skip
def test_no_text_breaks_the_editor(own: Room, page: TestClient, text: str) -> None:
    before, kept = texts(own), count(own)
    for name in (BOOK, LEVELS):
        for part in ("", "codes", RULES, "9" * 5000):
            plain = {"file": name, "text": text, "part": part, "version": str(max(kept - 1, 0))}
            sent = {**plain, "saved": "0", f"{part}.new.why": "x", f"{part}.0-gone": "x", "codes.new.id": "x"}
            for data in (
                {**plain, "do": "check"}, {**plain, "do": "save"}, {**sent, "do": "save"},
                {**sent, "at": f"{RULES}.3.any_of.1"}, {**sent, "to": RULES},
            ):  # fmt: skip
                shown = page.post(EDIT, data=data)
                assert shown.status_code in (200, 409) and "</textarea><b>x" not in shown.text, (name, data)
    for query in ({"part": "9"}, {"part": "skills"}, {"at": "x" * 300}, {"at": "9.9.9"}, {"line": "x"}, {"line": "99999"}):  # fmt: skip
        assert page.get(EDIT, params={"file": LEVELS, **query}).status_code in (200, 409)
    assert texts(own) == before and count(own) == kept
