"""The library that ships: every couple complete, every technique called for, the page of techniques true."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.couple import Library, load_library
from simulator.couple.lint import findings
from simulator.couple.techniques import TECHNIQUES, techniques_page
from simulator.rubric import load_rubric
from simulator.settings import load_settings


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library(load_settings().personas)


def test_a_colleague_finds_nothing_to_mend(library: Library) -> None:
    for couple in library.couples.values():
        assert [str(f) for f in findings(couple, library.scenarios_of(couple.id)) if not f.consider] == []


def test_every_technique_is_called_for(library: Library) -> None:
    called = {t for s in library.scenarios.values() for t in s.techniques}
    assert set(TECHNIQUES) == called


def test_the_page_of_techniques_is_that_of_the_library(library: Library) -> None:
    page = Path(__file__).parents[2] / "docs" / "techniques.md"
    assert page.read_text(encoding="utf-8") == techniques_page(library), (
        "repair-room persona techniques > docs/techniques.md"
    )


def test_bids_name_codes_that_exist(library: Library) -> None:
    codes = {c.id for c in load_rubric(load_settings().rubrics).book.codes}
    for scenario in library.scenarios.values():
        for bid in scenario.bids:
            assert set(bid.good.codes) | set(bid.bad.codes) <= codes, (scenario.couple, scenario.id, bid.id)


def test_a_secret_given_away_is_found(library: Library) -> None:
    couple = library.couple("renu-and-martin")
    line = couple.partners[0].lines[0].model_copy(update={"say": "I went to see a solicitor, if you must know."})
    partner = couple.partners[0].model_copy(update={"lines": [line, *couple.partners[0].lines[1:]]})
    spoiled = couple.model_copy(update={"partners": [partner, couple.partners[1]]})
    assert any("solicitor" in str(f) for f in findings(spoiled, library.scenarios_of(couple.id)))
