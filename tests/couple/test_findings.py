"""What a check of a couple finds: every text is looked at, where it stands."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from simulator.couple import Couple, Library, Scenario, load_library
from simulator.couple import lint as lint_module
from simulator.couple.calling import of_techniques
from simulator.couple.lint import Finding, findings
from simulator.couple.reading import grade, syllables
from simulator.couple.techniques import TECHNIQUES
from simulator.couple.told import everything
from simulator.settings import load_settings

SECRET = "They sent the complaint letter, and I put it with the bills."
EXPLICIT = "You told her about my penis, of all things."


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library(load_settings().personas)


@pytest.fixture(autouse=True)
def _without_reading_blind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lint_module, "_of_voices", lambda couple: iter(()))


@pytest.fixture
def found(library: Library) -> Callable[..., list[Finding]]:
    """Change Mei and Hannah (couple, or the first scenario), and return what is found that was not found before."""
    couple, scenarios = library.couple("mei-and-hannah"), library.scenarios_of("mei-and-hannah")
    before = {str(f) for f in findings(couple, scenarios)}

    def change(of_couple: dict[str, object] | None = None, **of_scenario: object) -> list[Finding]:
        changed = Couple.model_validate({**couple.model_dump(), **(of_couple or {})})
        first = Scenario.model_validate({**scenarios[0].model_dump(), **of_scenario})
        return [f for f in findings(changed, [first, *scenarios[1:]]) if str(f) not in before]

    return change


def places(library: Library) -> dict[str, str]:
    """Where in the first scenario something is spoken."""
    scenario = library.scenarios_of("mei-and-hannah")[0]
    told = [t for t in everything(library.couple("mei-and-hannah"), [scenario]) if t.file != "couple.yaml"]
    return {t.path: t.kind for t in told}


@pytest.mark.parametrize(
    "path",
    [
        "opening.0.say", "bids.0.say.0", "bids.0.after_good.0.say", "bids.0.after_bad.0.say", "endings.well.0.say",
        "endings.unfinished.0.say", "endings.walk_out.mei.0", "brief", "bids.0.model_reply", "practise.0",
    ],
)  # fmt: skip
def test_every_text_of_a_session_is_looked_at(library: Library, found: Callable[..., list[Finding]], path: str) -> None:
    scenario = library.scenarios_of("mei-and-hannah")[0].model_dump()
    scenario["disclosures"] = []
    assert path in places(library)
    *way, last = path.split(".")
    node = scenario
    for step in way:
        node = node[int(step)] if step.isdecimal() else node[step]
    node[int(last) if last.isdecimal() else last] = f"{SECRET} {EXPLICIT} I thought of suicide."
    said = {(f.path, f.consider): f.message for f in found(**scenario)}
    messages = [m for (p, consider), m in said.items() if p == path and not consider]
    assert messages, said
    text = " ".join(map(str, found(**scenario)))
    assert "'complaint'" in text and "sexual detail" in text and "suicide" in text


@pytest.mark.parametrize(
    "change",
    [
        {"summary": SECRET},
        {"history": [{"date": "2020", "event": SECRET}]},
        {"title": SECRET},
    ],
)
def test_what_a_trainee_reads_first_tells_no_secret(
    found: Callable[..., list[Finding]], change: dict[str, object]
) -> None:
    assert any("gives away 'complaint'" in f.message and not f.consider for f in found(change))


def test_a_line_with_what_only_the_other_knows(library: Library, found: Callable[..., list[Finding]]) -> None:
    partners = library.couple("mei-and-hannah").model_dump()["partners"]
    partners[0]["lines"][3]["say"] = SECRET
    (line,) = [f for f in found({"partners": partners}) if f.path == "partners.0.lines.3"]
    assert "Mei does not know 'complaint'" in line.message
    partners[0]["lines"][3]["say"] = "It was quiet."
    partners[1]["lines"][3]["say"] = SECRET
    (line,) = [f for f in found({"partners": partners}) if f.path == "partners.1.lines.3"]
    assert "it gives away 'complaint'" in line.message


def test_facts_that_contradict_each_other(library: Library, found: Callable[..., list[Finding]]) -> None:
    facts = library.couple("mei-and-hannah").model_dump()["facts"]
    both = ["mei", "hannah"]
    born = {"id": "born", "text": "Noah was born in 2012.", "known_by": both}
    met = {"id": "met", "text": "They met in 2004, at a choir.", "known_by": both}
    again = {"id": "flat-again", "text": "Mei has made an enquiry about a flat near the school.", "known_by": both}
    shared = {**facts[-1], "id": "other", "giveaways": ["renting a flat"], "text": "Hannah rents a room."}
    text = [str(f) for f in found({"facts": [*facts, born, met, again, shared]})]
    assert any("2012 here" in t and "2011 in history, event 3" in t for t in text)
    assert any("2004 here" in t and "2007 in history, event 1" in t for t in text)
    assert any("it tells the same as 'flat'" in t for t in text)
    assert any("\"renting a flat\" would betray 'flat' too" in t for t in text)


def test_a_content_note_covers_its_own_file(library: Library, found: Callable[..., list[Finding]]) -> None:
    scenario = library.scenarios_of("mei-and-hannah")[0].model_dump()
    scenario["opening"][0]["say"] = "I took an overdose in the spring. Nobody was told."
    about = [f for f in found(**scenario) if "suicide" in f.message]
    assert [(f.file, f.path) for f in about] == [(f"scenarios/{scenario['id']}.yaml", "opening.0.say")]
    other = library.scenarios_of("mei-and-hannah")[1]
    lent = {"content_note": f"{library.couple('mei-and-hannah').content_note} Suicide is spoken of."}
    assert any("suicide" in f.message for f in found(lent, **scenario)) and other.content_note
    scenario["content_note"] = "Suicide is spoken of."
    assert not any("suicide" in f.message for f in found(**scenario))


def test_what_is_said_twice_has_a_place(library: Library, found: Callable[..., list[Finding]]) -> None:
    scenario = library.scenarios_of("mei-and-hannah")[0].model_dump()
    scenario["endings"]["well"][0]["say"] = scenario["opening"][0]["say"]
    (twice,) = [f for f in found(**scenario) if "said before" in f.message]
    assert twice.path == "endings.well.0.say" and "opening line 1" in twice.message


@pytest.mark.parametrize("number", TECHNIQUES)
def test_a_technique_that_nothing_calls_for_is_found(library: Library, number: int) -> None:
    empty = library.scenarios_of("mei-and-hannah")[0].model_copy(
        update={
            "techniques": [number], "title": "A talk", "aim": "Talk.", "practise": ["Talk."], "brief": "They talk.",
            "bids": [],
        }
    )  # fmt: skip
    assert any(TECHNIQUES[number][0] in f.message for f in of_techniques(empty))
    for scenario in library.scenarios.values():
        assert list(of_techniques(scenario)) == []


def test_a_technique_is_called_for_in_other_words_too(library: Library) -> None:
    session = library.scenarios_of("mei-and-hannah")[0].model_copy(update={"techniques": [2], "bids": []})
    for words in ("Speak of the letters without judging him.", "Reflect what each of them lost."):
        changed = {"title": "A talk", "aim": "Talk.", "practise": [words], "brief": "They talk."}
        assert list(of_techniques(session.model_copy(update=changed))) == []


def test_a_brief_that_is_hard_to_read_is_found(found: Callable[..., list[Finding]]) -> None:
    # The example of the source's formula: 13 words, 24 syllables, one sentence.
    sentence = "The Australian platypus is seemingly a hybrid of a mammal and reptilian creature."
    assert grade(sentence) == pytest.approx(0.39 * 13 + 11.8 * 24 / 13 - 15.59, abs=1.2)
    assert [syllables(w) for w in ("walked", "wanted", "makes", "houses", "table", "therapist")] == [1, 2, 1, 2, 2, 3]
    assert any("Flesch-Kincaid" in f.message and f.path == "brief" for f in found(brief=sentence * 3))


def test_lines_that_follow_anything_are_counted_and_need_no_words_of_their_own(
    library: Library, found: Callable[..., list[Finding]]
) -> None:
    partners = [p.model_dump() for p in library.couple("mei-and-hannah").partners]
    for line in partners[0]["lines"]:
        line["anywhere"] = line["anywhere"] and line["move"] == "respond_to_partner"
    said = [f.message for f in found({"partners": partners})]
    assert any("Mei has 0 of" in s for s in said) and not any("Hannah has" in s for s in said)
    # Those that follow nothing any more do not say what they answer.
    assert any("what it answers" in s for s in said)
