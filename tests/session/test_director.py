"""What the director does with a reply, without a model or a rubric."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from simulator.couple import Library, load_library
from simulator.rubric import Said, addressed, asked
from simulator.session.director import Answer, plan
from simulator.session.progress import RESTS, Progress
from simulator.settings import load_settings


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library(load_settings().personas)


def begin(library: Library) -> Progress:
    progress = Progress.begin(library.scenario("renu-and-martin", "fifth-session"), ("renu", "martin"))
    progress.beats, progress.replies = [], 2
    return progress


def ask(library: Library, progress: Progress, answer: Answer, seed: int = 1):  # type: ignore[no-untyped-def]
    couple = library.couple("renu-and-martin")
    beats = plan(couple, library.scenario(couple.id, "fifth-session"), progress, answer, Random(seed))
    progress.last_moves = [*progress.last_moves, *(b.move for b in beats)]
    for beat in beats:
        if beat.move == "challenge_therapist":
            progress.last_complainer = beat.speaker
    return beats


def test_a_complaint_met_with_defence_returns_sharper_and_a_repair_ends_it(library: Library) -> None:
    progress = begin(library)
    progress.last_moves, progress.last_complainer = ["challenge_therapist"], "martin"
    defended = Answer(frozenset({"justify"}), ("martin",), 2)
    beats = ask(library, progress, defended)
    assert [(b.speaker, b.move, b.mood) for b in beats] == [("martin", "challenge_therapist", "angry")]
    ask(library, progress, Answer(frozenset({"acknowledge_complaint", "own_part"}), ("martin",), 4))
    assert progress.complaint == ""


def test_it_does_not_come_back_for_ever(library: Library) -> None:
    progress = begin(library)
    progress.last_moves, progress.last_complainer = ["challenge_therapist"], "martin"
    for _ in range(6):
        ask(library, progress, Answer(frozenset({"justify"}), ("martin",), 2))
    assert progress.returned == 2


@pytest.mark.parametrize("seed", range(20))
def test_a_side_taken_is_taken_up_by_the_one_left_standing(library: Library, seed: int) -> None:
    answer = Answer(frozenset({"side_with"}), ("renu",), 2, favoured="renu", sidelined="martin")
    beats = ask(library, begin(library), answer, seed)
    hurt = [b for b in beats if b.speaker == "martin"]
    assert hurt and hurt[0].move in ("challenge_therapist", "withdraw", "escalate")
    assert all(b.move not in ("soften", "disclose") for b in beats)


def test_a_secret_that_was_kept_comes_back_from_the_other(library: Library) -> None:
    progress = begin(library)
    progress.bids = dict.fromkeys(progress.bids, "good")
    ask(library, progress, Answer(frozenset({"keep_secret"}), ("renu",), 2))
    seen = [ask(library, progress, Answer(frozenset({"open_question"}), ("renu",), 3), s) for s in range(4)]
    assert any(b.speaker == "martin" and b.move == "challenge_therapist" for beats in seen for b in beats)


@pytest.mark.parametrize("seed", range(20))
def test_nobody_yields_after_a_bad_reply(library: Library, seed: int) -> None:
    progress = begin(library)
    for who, state in progress.states.items():
        progress.states[who] = type(state)(0.8, 0.3, 0.9, 0.8, warm=5)
    for codes in ({"minimise"}, {"advise", "reflect_feeling"}, {"lecture"}, {"counter_blame"}):
        beats = ask(library, begin(library), Answer(frozenset(codes), ("renu",), 2), seed)
        assert all(b.move not in ("soften", "disclose") for b in beats)


@pytest.mark.parametrize("seed", range(20))
def test_the_one_who_waits_outside_says_nothing(library: Library, seed: int) -> None:
    progress = begin(library)
    progress.absent = "martin"
    for codes in ({"reflect_feeling"}, {"minimise"}, {"invite_direct"}):
        beats = ask(library, progress, Answer(frozenset(codes), ("renu",), 3), seed)
        assert {b.speaker for b in beats} == {"renu"}
    assert all(status == "waiting" for status in progress.bids.values())


def test_of_two_spoken_to_the_one_who_was_asked_answers(library: Library) -> None:
    words = "Martin, with me as the judge the two of you stop talking. What would you want Renu to hear?"
    assert addressed(words, [Said("Renu", "Well.")], ["Renu", "Martin"]) == ["Renu", "Martin"]
    assert asked(words, ["Renu", "Martin"]) == "Martin"
    for reply, one in {
        "Martin, slow down. What is it like for both of you?": "",
        "Martin, I heard you. Renu, what is that like?": "Renu",
        "Martin, I heard you. Renu, your hands. What are they doing?": "Renu",
        "Martin, could you tell her that? Renu, only listen.": "Martin",
        "Renu, what do you say? And Martin, what about you?": "",
        "Renu, stay there. Martin, tell her.": "",
        "What was it like? You both carry this.": "",
        "You two, can I stop you there? Renu, what happened for you just now?": "Renu",
        "Renu, how was that? And how is it for the two of you?": "",
        "Can we slow down? Martin, I heard you. Renu, what was that like?": "Renu",
        'Martin, I heard you. Renu, what was it like when he said "leave it?"': "Renu",
    }.items():
        assert asked(reply, ["Renu", "Martin"]) == one, reply
    progress = begin(library)
    progress.states["renu"] = replace(progress.states["renu"], neglected=3)
    for one in ("renu", "martin"):
        beats = ask(library, progress, Answer(frozenset(), ("renu", "martin"), 3, asked=one))
        assert beats[0].speaker == one


def test_an_enactment_comes_before_what_is_wanted_of_the_therapist_but_does_not_put_it_off_for_ever(
    library: Library,
) -> None:
    progress = begin(library)
    progress.pressure, progress.since_bid, progress.held = 1.0, 5, 2  # held back before: that is another matter
    invites = Answer(frozenset({"invite_direct"}), ("renu", "martin"), 3, asked="renu")
    talks = [ask(library, progress, invites, seed) for seed in range(3)]
    for beats in talks[:2]:
        assert [b.speaker for b in beats][:2] == ["renu", "martin"]
        assert {b.move for b in beats} == {"respond_to_partner"} and not any(b.bid for b in beats)
    assert any(b.bid for b in talks[2])


def test_who_was_not_asked_to_speak_to_the_other_tells_no_secret(library: Library) -> None:
    couple, scenario = library.couple("renu-and-martin"), library.scenario("renu-and-martin", "the-missed-call")
    fact = next(f for f in couple.facts if f.id in scenario.disclosures)
    teller = fact.known_by[0]

    def told(asked_one: str) -> bool:
        progress = Progress.begin(scenario, ("renu", "martin"))
        progress.beats, progress.replies, progress.since_bid = [], 5, 1
        progress.told = [f.id for f in couple.facts if f is not fact]
        for who, state in progress.states.items():
            progress.states[who] = replace(state, alliance=1.0, openness=1.0, warm=5)
        answer = Answer(frozenset({"invite_direct"}), ("renu", "martin"), 4, asked=asked_one)
        return any(b.fact for b in plan(couple, scenario, progress, answer, Random(1)))

    assert told(teller) and told("") and not told(couple.other(teller).id)


def test_an_offer_of_secrecy_is_answered_before_another_subject(library: Library) -> None:
    progress = begin(library)
    progress.pressure, progress.since_bid = 1.0, 5
    offers = Answer(frozenset({"keep_secret"}), ("renu",), 2)
    first, _, third = (ask(library, progress, offers, seed) for seed in range(3))
    assert first[0].speaker == "renu" and not any(b.bid for b in first)
    assert any(b.bid for b in third)


@pytest.mark.parametrize("absent", ["", "martin"])
def test_two_secrets_are_not_told_in_a_row(absent: str, library: Library) -> None:
    couple, scenario = library.couple("renu-and-martin"), library.scenario("renu-and-martin", "the-missed-call")
    scenario = scenario.model_copy(update={"disclosures": [f.id for f in couple.facts if len(f.known_by) == 1]})
    progress = Progress.begin(scenario, ("renu", "martin"))
    progress.beats, progress.bids, progress.absent = [], dict.fromkeys(progress.bids, "good"), absent
    told = []
    for seed in range(12):
        progress.since_bid = 1
        for who, state in progress.states.items():
            progress.states[who] = replace(state, alliance=0.9, openness=1.0, arousal=0.2, warm=5)
        beats = plan(couple, scenario, progress, Answer(frozenset(), ("renu",), 5), Random(seed))
        told.append(any(b.fact for b in beats))
    assert sum(told) >= 2
    assert all(not any(told[i + 1 : i + RESTS]) for i, tells in enumerate(told) if tells)


def test_who_is_brought_to_the_other_speaks_before_what_the_author_has_the_other_say(library: Library) -> None:
    couple, scenario = library.couple("renu-and-martin"), library.scenario("renu-and-martin", "what-was-real")
    bid = next(b for b in scenario.bids if b.after_good and "invite_direct" in b.good.codes)
    author = bid.after_good[0].partner
    for asked_one in ("renu", "martin"):
        progress = Progress.begin(scenario, ("renu", "martin"))
        progress.beats, progress.replies, progress.pending_bid = [], 3, bid.id
        progress.bids[bid.id] = "made"
        answer = Answer(frozenset({"invite_direct"}), ("renu", "martin"), 3, asked=asked_one)
        beats = plan(couple, scenario, progress, answer, Random(1))
        assert beats[0].speaker == asked_one
        assert [b.text for b in beats if b.text] == [x.say for x in bid.after_good]
        assert (beats[0].text == "") == (asked_one != author)
