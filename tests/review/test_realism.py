"""Figures of played sessions are what a person counts in the same turns."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.couple import Library, load_library
from simulator.review.faults import breaks, repeats
from simulator.review.played import Plan, Played
from simulator.review.realism import enactments, over_compliance, report
from simulator.settings import load_settings
from simulator.store import TurnRecord

NAMES = ["Renu", "Martin"]


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library(load_settings().personas)


@pytest.fixture(scope="module")
def few(library: Library) -> Library:
    """Two couples with a few lines each: the figures embed every line of the library."""
    couples = {}
    for name in ("renu-and-martin", "teresa-and-frank"):
        couple = library.couple(name)
        partners = [p.model_copy(update={"lines": p.lines[:60]}) for p in couple.partners]
        couples[name] = couple.model_copy(update={"partners": partners})
    return Library(couples, {})


def reply(*codes: str, level: int = 4, absent: str = "") -> TurnRecord:
    skill = {"status": "scored", "level": level, "codes": [{"code": c} for c in codes]}
    score = {"skills": {"avoiding_triangulation": skill, "non_defensiveness": {"status": "no_opportunity"}}}
    return TurnRecord(0, "therapist", "A reply.", score=score, absent=[absent] if absent else [])


def line(text: str, move: str = "answer", *, who: str = "Martin", source: str = "authored") -> TurnRecord:
    other = {"Renu": "Martin", "Martin": "Renu"}[who]
    return TurnRecord(0, who, text, move=move, source=source, to=other if move == "respond_to_partner" else "")


def session(*turns: TurnRecord, trainee: str = "skilled", told: float = 0.5) -> Played:
    state = {n: {"alliance": told, "arousal": 0.5, "openness": told, "hope": 0.5} for n in NAMES}
    half = {n: {**s, "alliance": 0.5, "openness": 0.5} for n, s in state.items()}
    plan = Plan("renu-and-martin", "fifth-session", trainee, 1)
    return Played(plan, NAMES, list(turns), half, state, "Martin", "unfinished")


def test_an_enactment_counts_when_they_speak_to_each_other() -> None:
    invites = reply("invite_direct")
    to, back = line("You sat there.", "respond_to_partner"), line("I did.", "respond_to_partner", who="Renu")
    both, one, none = session(invites, to, back), session(invites, to), session(invites, line("It rained."))
    assert enactments([both]) == {"invited": 1, "begun": 1.0, "both_speak": 1.0}
    assert enactments([both, one, none, none]) == {"invited": 4, "begun": 0.5, "both_speak": 0.25}
    # No invitation: other codes, a poor reply, one partner alone, and the end of the session.
    apart = session(
        reply("open_question"), to, reply("invite_direct", level=2), to, reply("invite_direct", absent="Renu"), to
    )
    assert enactments([apart, session(invites)]) == {"invited": 0, "begun": None, "both_speak": None}


def test_yielding_counts_after_a_poor_reply_only(few: Library) -> None:
    poor, good = reply(level=1), reply(level=5)
    found = over_compliance(
        [
            session(
                poor,
                line("I will think.", "deflect"),
                line("I was wrong, Renu.", "soften"),
                good,
                line("Yes.", "soften"),
            )
        ],
        few,
    )
    assert (found["lines_after_a_bad_reply"], found["share"]) == (2, 0.5)
    assert [e["line"] for e in found["examples"]] == ["I was wrong, Renu."]


def test_a_model_s_line_is_read_and_not_believed(few: Library) -> None:
    yields = "I'm sorry, you were right, I should have told you. I'll do whatever you ask."
    played = session(reply(level=1), line(yields, source="model"), line("I laid a drain on Tuesday.", source="model"))
    assert over_compliance([played], few)["share"] == 0.5


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Renu: I never did.", "speaks for another"),
        ("As an AI I cannot say.", "leaks the prompt or steps out of the role"),
        ("Martin is a good man.", "names themselves"),
        ("How does that make you feel?", "talks like a therapist"),
        ("Je ne sais pas ce que tu veux de moi ce soir.", "another language"),
    ],
)
def test_what_steps_out_of_the_role_is_found(text: str, what: str, library: Library) -> None:
    played = session(reply(), line(text))
    found = list(breaks(played, 1, played.turns[1], library.couple("renu-and-martin")))
    assert what in [f["what"] for f in found]


def test_no_line_that_an_author_wrote_for_anybody_is_a_break(library: Library) -> None:
    wrong = []
    for couple in library.couples.values():
        for partner in couple.partners:
            for written in partner.lines:
                turn = TurnRecord(0, partner.name, written.say, move=written.move, source="authored")
                # Every secret is told by now: what stays is what no session may hold.
                told = TurnRecord(
                    0, partner.name, " ".join(d for f in couple.facts for d in f.disclosure), move="disclose"
                )
                played = Played(Plan(couple.id, "", "skilled", 1), [], [told, turn], {}, {}, "", "")
                wrong += list(breaks(played, 1, turn, couple))
    assert wrong == []


def test_the_same_again_is_a_repeat_and_a_new_thing_is_none() -> None:
    said = "I sat in the van with the engine off and the sandwiches on my knee."
    near = "I sat in the van, the engine off, and the sandwiches on my knee."
    assert [r["line"] for r in repeats(session(line(said), line("It was a Tuesday, I think."), line(near)))] == [near]
    assert repeats(session(line(said), line("Aye."), line("Aye."))) == []


def test_the_report_tells_skilled_from_poor_and_who_was_left(few: Library) -> None:
    turns = (reply(), line("I laid a drain on Tuesday."))
    good, bad = session(*turns, told=0.8), session(*turns, trainee="siding", told=0.2)
    figures: dict[str, Any] = report([good, bad], few)
    assert figures["skilled_apart_from_poor"] == {"pairs": 1, "share": 1.0}
    assert figures["sidelined_alliance_lower"] == {"sessions": 1, "share": 1.0}
    assert (figures["lines"], figures["replies"], figures["authored_share"]) == (2, 2, 1.0)
