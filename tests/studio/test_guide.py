"""What helps an author on the page: the guide that ships, and what everything is that a form lets choose."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from simulator import settings as settings_module
from simulator.couple import MOODS, MOVES, Couple, Scenario
from simulator.session import Room
from simulator.settings import load_settings
from simulator.studio import forms, guide
from simulator.studio.boxes import fields
from simulator.studio.choices import choices, kinds, moods, moves
from simulator.studio.manuscript import load
from simulator.studio.skeleton import skeleton
from simulator.web.studio.help import GUIDE, guides

ROOT = Path(__file__).parents[2]
FILES = skeleton("ana-and-bo", ("Ana", "Bo"), "A. Writer")
FIRST = "scenarios/first-session.yaml"


def test_nothing_in_a_guide_passes_as_html_or_leads_to_a_script() -> None:
    page = guide.shown(
        "### A <b>bid</b>\n\n<script>x</script> **so** [a](javascript:x) `<i>`\n\n| a |\n|---|\n| <img> |\n"
    )
    assert not re.search(r"<(?:script|b|i|img)>|href", page) and "<strong>so</strong>" in page and "<table>" in page
    assert 'id="a-b-bid-b"' in page


def test_a_part_ends_where_the_next_begins() -> None:
    text = "# T\n\n## One\n\na\n\n### Deep\n\nb\n\n## Two\n\nc\n"
    assert guide.part_of(text, "One") == "a\n\n### Deep\n\nb" and guide.part_of(text, "Two") == "c"
    assert guide.part_of(text, "Three") == "" and guide.headings(text) == [("deep", "Deep")]


def test_what_the_pages_show_goes_into_a_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]
    packed = build["wheel"]["force-include"]
    assert all(inside == f"simulator/_data/{name}" and (ROOT / name).exists() for name, inside in packed.items())
    assert set(packed) <= set(build["sdist"]["include"])
    assert (load_settings().docs / GUIDE).relative_to(ROOT).as_posix() in packed
    for name in ("docs", "personas", "rubrics"):
        (tmp_path / "_data" / name).mkdir(parents=True)
    monkeypatch.setattr(settings_module, "_PACKAGE", tmp_path)
    assert load_settings().docs == tmp_path / "_data" / "docs"


def test_every_choice_says_what_it_is(room: Room) -> None:
    known = choices(load(FILES["couple.yaml"]), room.engine.rubric)
    assert [c.value for c in known["move"]] == list(MOVES) and [c.value for c in known["mood"]] == list(MOODS)
    for key in ("move", "mood", "kind", "techniques", "good.codes", "bad.codes", "disclosures"):
        assert all(c.about and "{" not in c.about for c in known[key]), key
        assert all("_" not in c.label for c in known[key]), key
    shown = {f.path: f for f in fields(forms.form(Scenario, load(FILES[FIRST]), "bids", known))}
    for answer, first in (("good", "helps"), ("bad", "hurts")):
        groups = [title for title, _ in shown[f"bids.0.{answer}.codes"].grouped]
        assert len(groups) == 6 and all(g.startswith(first) for g in groups[:3])
    assert sum(len(found) for _, found in shown["bids.0.good.codes"].grouped) == len(room.engine.rubric.book.codes)
    assert shown["bids.0.good.codes"].chosen == ["hold both", "invite direct"]


def test_a_form_speaks_in_words_and_of_people_by_their_names(room: Room) -> None:
    known = choices(load(FILES["couple.yaml"]), room.engine.rubric)
    for name, model in (("couple.yaml", Couple), (FIRST, Scenario)):
        for part, title in forms.parts_of(model, load(FILES[name])):
            assert "_" not in title
            for field in fields(forms.form(model, load(FILES[name]), part, known)):
                assert field.title and "_" not in field.title, field.path
    start = forms.form(Scenario, load(FILES[FIRST]), "start", known)
    assert [c.title for c in start.children if isinstance(c, forms.Group)] == ["Ana", "Bo"]
    # One who is missing there has boxes all the same.
    lacking = load(FILES[FIRST].replace("  bo: {alliance: 0.5, arousal: 0.5, openness: 0.4, hope: 0.4}\n", ""))
    assert "start.bo.hope" in {f.path for f in fields(forms.form(Scenario, lacking, "start", known))}


def test_the_docs_say_what_moves_moods_and_kinds_are(room: Room) -> None:
    page = (ROOT / "docs" / GUIDE).read_text(encoding="utf-8")
    for choice in [*moves(), *moods(), *kinds(room.engine.rubric.book, whole=True)]:
        assert f"| `{choice.value}` | {choice.about} |" in page


def test_every_part_has_help_that_is_there() -> None:
    page = (ROOT / "docs" / GUIDE).read_text(encoding="utf-8")
    lists = {"moves", "moods", "kinds-of-bids", "behaviour-codes", "techniques"}
    there = {at for at, _ in guide.headings(guide.part_of(page, "The craft"))} | lists
    led = set()
    for name, model in (("couple.yaml", Couple), (FIRST, Scenario)):
        for part, _ in forms.parts_of(model, load(FILES[name])):
            led |= {address.partition("#")[2] for address, _ in guides(model, part)}
            assert guides(model, part), part
    assert led == there
