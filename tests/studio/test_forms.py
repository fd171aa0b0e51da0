"""The couples' forms: what may be chosen, and text that comes back as it was written."""

from __future__ import annotations

from simulator.couple import Couple, Scenario
from simulator.couple.lint import COUPLE
from simulator.rubric import load_rubric
from simulator.settings import load_settings
from simulator.studio.boxes import Field, fields
from simulator.studio.choices import choices
from simulator.studio.filling import apply
from simulator.studio.forms import form
from simulator.studio.manuscript import load
from simulator.studio.skeleton import skeleton

FILES = skeleton("ana-and-bo", ("Ana", "Bo"), "A. Writer")
FIRST = "scenarios/first-session.yaml"
KNOWN = choices(load(FILES[COUPLE]), load_rubric(load_settings().rubrics))


def box(file: str, text: str, path: str, part: str = "") -> Field:
    model = Couple if file == COUPLE else Scenario
    return next(f for f in fields(form(model, load(text), part, KNOWN)) if f.path == path)


def test_what_is_told_alone_is_ticked_among_the_facts_that_can_open() -> None:
    alone = box(FIRST, FILES[FIRST], "alone")
    assert alone.kind == "many" and [c.value for c in alone.options] == ["a-secret"]
    made = apply(Scenario, FILES[FIRST], "", {"alone": "a-secret"}, KNOWN)
    assert load(made)["alone"] == ["a-secret"]


def test_a_yes_or_no_is_asked_as_one() -> None:
    broke = box(COUPLE, FILES[COUPLE], "partners.0.broke_the_agreement", "partners.0")
    assert {c.value: c.label for c in broke.options} == {"true": "yes", "false": "no"} and broke.value == "true"
    made = apply(Couple, FILES[COUPLE], "partners.0", {broke.path: "false"})
    assert load(made)["partners"][0]["broke_the_agreement"] is False


def test_paragraphs_stay_when_their_box_is_edited() -> None:
    text = FILES[COUPLE].replace("summary: Who Ana", "summary: >-\n  First\n  part.\n\n  Who Ana")
    shown = box(COUPLE, text, "summary").value
    assert shown.startswith("First part.\nWho Ana")
    made = apply(Couple, text, "", {"summary": shown.replace("First", "The first").replace("\n", "\r\n\r\n")})
    assert load(made)["summary"].startswith("The first part.\n\nWho Ana")
    assert box(COUPLE, made, "summary").value == load(made)["summary"].strip()
