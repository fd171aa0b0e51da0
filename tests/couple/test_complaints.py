"""What is said of a file that cannot be used: everything at once, where it stands, how it is mended, in an author's words."""

from __future__ import annotations

import re

import pytest

from simulator.couple import Couple, Problem, parse_couple, problems
from simulator.couple.lint import COUPLE
from simulator.couple.naming import place_of
from simulator.errors import InputError
from simulator.studio.manuscript import check, load
from simulator.studio.skeleton import skeleton

FILES = skeleton("ana-and-bo", ("Ana", "Bo"), "edu")
TEXT = FILES[COUPLE]
FIRST = "scenarios/first-session.yaml"
FOR_PROGRAMMERS = re.compile(
    r"\^|\\d|<|pydantic|Input should|parse string|String should|List should|scalar", re.IGNORECASE
)


def found(*changes: tuple[str, str]) -> list[Problem]:
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return problems(text, "couple.yaml", Couple)


@pytest.mark.parametrize(
    ("old", "new", "path", "place", "how"),
    [
        ("version: 0.1.0", "version: first", "version", "version", "0.1.0"),
        ("age: 40", "age: fifty-four", "partners.0.age", "Ana, age", "whole number"),
        ("age: 40", "age: 4", "partners.0.age", "Ana, age", "18"),
        ('date: "2026-01"', 'date: "March 2026"', "history.1.date", "history, event 2, date", "2026-03-14"),
        ('date: "2026-01"', 'date: "2026-02-30"', "history.1.date", "history, event 2, date", "2026-03-14"),
        ("alliance: 0.5", 'alliance: "0,4"', "facts.1.opens.alliance", "fact 'a-secret', what opens it, trust", "point"),
        ("alliance: 0.5", "alliance: 7", "facts.1.opens.alliance", "fact 'a-secret', what opens it, trust", "1"),
        ("alliance: 0.5, ", "", "facts.1.opens.alliance", "fact 'a-secret', what opens it, trust", "trust"),
        ('name: "Bo"', "name:", "partners.1.name", "partner 2, name", "nothing is written"),
        ("move: answer", "move: shout", "partners.0.lines.0.move", "Ana, line 1, move", "escalate"),
        ("broke_the_agreement: true", "broke_the_agreement: perhaps", "partners.0.broke_the_agreement", "Ana, broke the agreement", "true or false"),
        ("pronouns: they/them", "pronuns: they/them", "partners.0.pronuns", "Ana, pronuns", "pronouns"),
        ("triggers: [what sets them off]", "triggers: what sets them off", "partners.0.triggers", "Ana, what sets them off", "list"),
    ],
)  # fmt: skip
def test_one_mistake_is_told_with_its_place_and_how_it_is_mended(
    old: str, new: str, path: str, place: str, how: str
) -> None:
    problem = next(p for p in found((old, new)) if p.path == path)
    assert problem.place == place and problem.message.startswith(f"{place}: ") and how in problem.message
    assert not FOR_PROGRAMMERS.search(problem.message), problem.message
    assert 0 < problem.line <= len(TEXT.splitlines())


@pytest.mark.parametrize(
    "text",
    ["a: [", 'a: "x', "a: b: c", "\ta: b", "a: 1\na: 2", "a:\n  - x\n b: 2", "a: 'it's'", "a: {b: 1\nc: 2", "a: @x", "a: \x07", "d: 2026-02-30"],
)  # fmt: skip
def test_what_is_no_yaml_is_told_without_the_words_of_its_reader(text: str) -> None:
    (problem,) = problems(text, "couple.yaml", Couple)
    assert not FOR_PROGRAMMERS.search(problem.message.replace("<", "")), problem.message
    assert 0 < problem.line <= 4 and len(problem.message) > len("not valid YAML: ")
    assert "<" not in problem.message


def test_a_day_that_is_none_is_told_with_its_line() -> None:
    (problem,) = found(('date: "2026-01"', "date: 2026-02-30"))
    assert "2026-02-30" in TEXT.replace('date: "2026-01"', "date: 2026-02-30").splitlines()[problem.line - 1]


def test_everything_is_told_at_once_and_no_mistake_hides_another() -> None:
    changes = (
        ("age: 40", "age: fifty-four"),
        ("id: a-secret", "id: what-both-know"),
        ("    giveaways: [words that would betray it]\n", ""),
        ('    disclosure: ["The words in which Ana tells it."]\n', ""),
        ("known_by: [ana, bo]", "known_by: [ana, cy]"),
    )
    paths = {p.path for p in found(*changes)}
    assert {"partners.0.age", "facts.1.id", "facts.1.giveaways", "facts.1.disclosure", "facts.0.known_by.1"} == paths
    text = TEXT
    for old, new in changes:
        text = text.replace(old, new, 1)
    with pytest.raises(InputError) as refused:
        parse_couple(text, "couple.yaml")
    said = str(refused.value)
    assert said.startswith("couple.yaml, line ") and said.count("line ") >= 5


def test_another_id_of_a_partner_is_told_wherever_the_old_one_is_named() -> None:
    changed = check({**FILES, COUPLE: TEXT.replace("id: ana\n", "id: anna\n", 1)})
    told = {(f, p.path) for f, ps in changed.problems.items() for p in ps}
    assert {(COUPLE, "facts.0.known_by.0"), (COUPLE, "facts.1.known_by.0")} <= told
    assert {
        (FIRST, "start"),
        (FIRST, "opening.0.partner"),
        (FIRST, "bids.0.partner"),
        (FIRST, "endings.walk_out"),
    } <= told


def test_places_are_counted_from_one_and_named() -> None:
    data = load(TEXT)
    assert place_of(data, "partners.0.lines.16") == "Ana, line 17"
    assert place_of(data, "facts.1") == "fact 'a-secret'" and place_of(data, "history.2") == "history, event 3"
    assert place_of(load(FILES[FIRST]), "bids.0.say.0") == "bid 'take-my-side', wording 1"
    for finding in check(FILES).findings:
        assert not re.search(r"\.\d", finding.place) and (
            finding.place or not finding.path or "skeleton" in finding.message
        )


def test_sessions_are_counted_also_when_one_cannot_be_read_and_one_is_one() -> None:
    broken = {**FILES, FIRST: FILES[FIRST].replace("minutes: 20", "minutes: long")}
    said = [f.message for f in check(broken).findings]
    assert any(m.startswith("1 session of") for m in said) and any("has 1 line of" in m for m in said)
