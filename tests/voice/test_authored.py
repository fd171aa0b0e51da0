from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.couple import Line
from simulator.embedding import Memory, Vectors, embed, kept
from simulator.session import Room
from simulator.session.cast import forbidden, players
from simulator.voice import Heard, screenplay
from simulator.voice.authored import ANYWHERE, Wanted, choose_authored, fits
from simulator.voice.standard import AuthoredLine, make_standard


def test_vectors_are_remembered_by_text_and_a_broken_file_costs_nothing(tmp_path: Path) -> None:
    asked: list[list[str]] = []

    def make(texts: Sequence[str]) -> Vectors:
        asked.append(list(texts))
        return np.array([[len(t), sum(map(ord, t)) % 100] for t in texts], dtype=np.float32)

    file = tmp_path / "not-there-yet" / "vectors.sqlite3"
    first = kept(Memory(file), "a", ["x", "y", "x"], make)
    assert (first == make(["x", "y", "x"])).all() and asked.pop() and asked == [["x", "y"]]
    assert (kept(Memory(file), "a", ["y", "x", "y"], make) == first[[1, 0, 1]]).all() and len(asked) == 1
    # What is new is made, what is known is not; another kind of the same words is another vector.
    kept(Memory(file), "a", ["y", "new", "x"], make)
    kept(Memory(file), "b", ["x"], make)
    assert asked[1:] == [["new"], ["x"]]
    file.write_bytes(b"no database " * 500)
    for _ in range(2):
        assert (kept(Memory(file), "a", ["x", "y", "x"], make) == first).all()
    assert asked[3:] == [["x", "y"]]


def test_vectors_are_made_anew_where_nothing_can_be_written(tmp_path: Path) -> None:
    blocked = tmp_path / "a-file"
    blocked.write_text("in the way")
    assert kept(Memory(blocked / "vectors.sqlite3"), "a", ["x"], embed).shape == (1, 384)


def test_of_very_many_vectors_the_longest_unused_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def make(texts: Sequence[str]) -> Vectors:
        asked.extend(texts)
        return np.zeros((len(texts), 2), dtype=np.float32)

    monkeypatch.setattr("simulator.embedding._KEPT", 10)
    file = tmp_path / "vectors.sqlite3"
    for day, text in enumerate([*"abcdefghij", "a", "k"]):
        monkeypatch.setattr("simulator.embedding._today", lambda day=day: day)
        kept(Memory(file), "k", [text], make)
    asked.clear()
    kept(Memory(file), "k", [*"adefghijk"], make)
    assert asked == []
    kept(Memory(file), "k", [*"bc"], make)
    assert asked == ["b", "c"]


@pytest.mark.parametrize(
    ("move", "said", "answers"),
    [
        ("challenge_therapist", "I've been doing this for twenty years, I know what I'm doing.", "pulls rank"),
        ("challenge_therapist", "Why not plan a date night every Friday?", "advice"),
        ("answer", "I'm sorry, Renu, I went too fast there and it was my mistake.", "repair"),
        ("ally_bid", "You're completely right about him, Renu.", "takes her side"),
    ],
)
def test_a_line_is_found_by_what_the_therapist_did(room: Room, move: str, said: str, answers: str) -> None:
    """Of Renu's lines with this move the one that is chosen was written as the answer to the same kind of words."""
    cues = {
        "pulls rank": ("fifteen years", "professional", "method", "not what I said", "sorry you feel", "reason I", "help you both", "misunderstanding"),
        "advice": ("date night", "forgive", "Studies", "diary", "count to ten", "holiday", "flowers", "exercise"),
        "repair": ("sorry", "I was wrong", "My fault", "moved on too quickly", "I don't", "annoyed with me"),
        "takes her side": ("right, Renu", "furious", "with you", "honest with you", "cruel", "what he said", "see it"),
    }  # fmt: skip
    couple = room.library.couple("renu-and-martin")
    standard = players(couple, room.engine)["renu"].standard
    line = choose_authored(
        standard, wanted=[Wanted(move, [Heard(said, therapist=True)])], mood="guarded", used=set(), forbidden=[]
    )
    assert line is not None
    after = next(x.after for x in standard.lines if x.say == line.say)
    assert any(c in a for c in cues[answers] for a in after), (line, after)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.text(max_size=120), seed=st.integers(0, 10))
def test_no_line_is_said_twice_and_none_gives_a_secret_away(room: Room, said: str, seed: int) -> None:
    couple = room.library.couple("renu-and-martin")
    standard = players(couple, room.engine, Memory(room.settings.vectors))["martin"].standard
    forbidden = [g for f in couple.facts if len(f.known_by) == 1 for g in f.giveaways]
    used: set[str] = set()
    for move in ("answer", "challenge_therapist", "respond_to_partner", "withdraw") * 3:
        line = choose_authored(
            standard, wanted=[Wanted(move, [Heard(said)])], mood="guarded", used=used, forbidden=forbidden
        )
        if line is None:
            continue
        assert line.say not in used and not any(g.lower() in line.say.lower() for g in forbidden)
        used.add(line.say)


def test_a_line_is_found_by_any_of_the_words_it_was_written_to_answer() -> None:
    cues = ("The traffic was dreadful today.", "My computer crashed, sorry.", "I had no sleep at all.")
    lines = [AuthoredLine("deflect", "guarded", "You had the whole week.", cues)]
    lines += [
        AuthoredLine("deflect", "guarded", f"{thing}? No.", (f"Have you thought of {thing.lower()}?",))
        for thing in ("Flowers", "A diary", "Praying", "A holiday", "Yoga", "Pills", "A book", "A walk")
    ]
    standard = make_standard("Ana", "Bo", lines, lines)
    for said in ("Bad traffic.", "It is my computer that crashed.", "I have not slept at all."):
        heard = [Heard(said, therapist=True)]
        chosen = choose_authored(standard, wanted=[Wanted("deflect", heard)], mood="guarded", used=set(), forbidden=[])
        assert chosen and chosen.say == "You had the whole week."
    # It stands once among their lines all the same: its voice weighs no more for being found three ways.
    assert len(standard.vectors) == len(lines) and len(standard.cues) == len(lines) + 2


def test_all_wordings_of_every_line_are_cues_and_one_with_a_secret_stays_shut(room: Room) -> None:
    couple = room.library.couple("renu-and-martin")
    one, other = couple.partners
    line = Line(
        move="answer", mood="guarded", say="As you like.", after="Shall we?", also_after=["The blue folder, was it?"]
    )
    lines = [*one.lines, line, Line(move="answer", mood="guarded", say="So.", also_after=["And now the third thing?"])]
    changed = couple.model_copy(update={"partners": [one.model_copy(update={"lines": lines}), other]})
    standard = players(changed, room.engine, Memory(room.settings.vectors))[one.id].standard
    assert len(standard.cues) == sum(max(1, bool(x.after) + len(x.also_after)) for x in lines)
    heard = [Wanted("answer", [Heard("The blue folder, was it?", therapist=True)])]
    for forbidden_words, spoken in (([], True), (["blue folder"], False)):
        found = choose_authored(standard, wanted=heard, mood="guarded", used=set(), forbidden=forbidden_words)
        assert found is not None and (found.say == "As you like.") == spoken


def test_lines_without_anything_they_answer_are_chosen_from_all_the_same(room: Room) -> None:
    lines = [AuthoredLine("answer", "guarded", f"{n} o'clock, I went out.") for n in ("One", "Two", "Six", "Ten")]
    standard = make_standard("Ana", "Bo", lines, lines, acts=room.engine.acts)
    wanted = [Wanted("answer", [Heard("When did you go?", therapist=True)])]
    assert choose_authored(standard, wanted=wanted, mood="guarded", used=set(), forbidden=[]) is not None


def test_what_leads_over_to_something_else_does_not_end_in_a_question() -> None:
    says = (
        "A diary, is it?",
        'And he, "what"?',
        "What diary?!",
        "A diary. Right.",
        "A diary, with nine words or more in it, is a book.",
    )
    lines = [AuthoredLine("answer", "guarded", say, ("You could keep a diary.",)) for say in says]
    standard = make_standard("Ana", "Bo", lines, lines)
    wanted = [Wanted("answer", [Heard("You could keep a diary.", therapist=True)])]
    used: set[str] = set()
    while found := choose_authored(standard, wanted=wanted, mood="guarded", used=used, forbidden=[], lead=9):
        used.add(found.say)
    assert used == {"A diary. Right."}


def test_a_move_that_would_do_as_well_is_made_when_its_line_answers_better(room: Room) -> None:
    couple = room.library.couple("renu-and-martin")
    standard = players(couple, room.engine, Memory(room.settings.vectors))["renu"].standard
    line = next(x for x in standard.lines if x.move == "blame_partner" and x.after)
    heard = [Heard(line.after[0], therapist=True)]
    wanted = [Wanted("minimise", heard), Wanted("blame_partner", heard)]
    chosen = choose_authored(standard, wanted=wanted, mood=line.mood, used=set(), forbidden=[])
    alone = choose_authored(standard, wanted=wanted[:1], mood=line.mood, used=set(), forbidden=[])
    assert chosen and chosen.move == "blame_partner"
    assert alone and alone.move == "minimise" and alone.fit <= chosen.fit


def test_a_line_that_answers_a_secret_waits_until_it_is_told_and_is_no_example(room: Room) -> None:
    """In every couple: the answers to a disclosure are spoken after it, not before, and no prompt holds them."""
    answered = 0
    for couple_id in room.library.couples:
        couple = room.library.couple(couple_id)
        cast = players(couple, room.engine, Memory(room.settings.vectors))
        for fact in (f for f in couple.facts if len(f.known_by) == 1 and f.disclosure and f.giveaways):
            other = couple.other(fact.known_by[0]).id
            standard = cast[other].standard
            answers = {x.say for x in standard.lines if set(x.after) & set(fact.disclosure)}
            if not answers:
                continue
            heard = [Heard(next(x.after[0] for x in standard.lines if x.say in answers))]
            wanted = [Wanted("respond_to_partner", heard)]
            for told in ([], [fact.id]):
                line = choose_authored(
                    standard, wanted=wanted, mood="hurt", used=set(), forbidden=forbidden(couple, told)
                )
                assert line is not None and (line.say in answers) == bool(told), (fact.id, line)
            assert not any(a in screenplay(cast[other].cast, [], context_tokens=4096) for a in answers)
            answered += 1
    assert answered > 20


def test_what_follows_any_words_is_said_where_nothing_was_written_for_them() -> None:
    diary = AuthoredLine("deflect", "guarded", "A diary? I haven't the patience.", ("You could keep a diary.",))
    anything = AuthoredLine("deflect", "guarded", "You'll have to give me a moment.", anywhere=True)
    to_him = AuthoredLine("respond_to_partner", "guarded", "I heard you.", anywhere=True)
    standard = make_standard("Ana", "Bo", [diary, anything, to_him], [diary])

    def said(words: str, move: str = "deflect", *, therapist: bool = True, lead: int = 0) -> str:
        wanted = [Wanted(move, [Heard(words, therapist=therapist)])]
        found = choose_authored(standard, wanted=wanted, mood="guarded", used=set(), forbidden=[], lead=lead)
        return found.say if found else ""

    assert said("You could keep a diary.") == diary.say
    assert said("asdf jkl") == said("Seven times eight is what?") == anything.say
    assert said("The bus was late.", "respond_to_partner", therapist=False) == to_him.say
    # It says that there is nothing to say: nothing can come after it in the same breath.
    assert said("asdf jkl", lead=9) != anything.say
    # It is no softening, whatever it stands beside.
    assert said("asdf jkl", "soften") != anything.say
    # Whose words it follows hangs on whom it is spoken to.
    of_therapist, of_partner = (fits(standard, [Heard("The bus was late.", therapist=t)]) for t in (True, False))
    assert of_therapist[1] >= ANYWHERE > of_therapist[2] and of_partner[2] >= ANYWHERE > of_partner[1]


def test_what_answers_a_partner_s_words_is_no_answer_to_the_therapist() -> None:
    """Neither to a line of the file nor to a planted one, however near the therapist's words are to it."""
    said, planted = "I listen for the keys of an evening.", "Everybody listens for the keys, no?"
    lines = [
        AuthoredLine("blame_partner", "angry", "Do they hell!", (planted,)),
        AuthoredLine("escalate", "angry", "My keys? I rattle them for you!", (said,)),
        AuthoredLine("answer", "guarded", "Half past six, most days.", ("When do you hear the keys?",)),
    ]
    other = [AuthoredLine("answer", "tired", said)]
    standard = make_standard("Rob", "Ines", lines, other, partners_words={planted})
    from_therapist = fits(standard, [Heard("Do you listen for the keys of an evening, Rob?", therapist=True)])
    assert from_therapist[:2].max() < 0.01 < from_therapist[2]
    for i, words in enumerate((planted, said)):
        assert fits(standard, [Heard(words)])[i] > 0.25


def test_a_line_that_follows_anything_comes_before_one_that_hardly_answers() -> None:
    unlikely = AuthoredLine("escalate", "angry", "I washed it, didn't I!", ("You left the pan for her again.",))
    safe = AuthoredLine("deflect", "guarded", "Hang on. Got to walk round that first.", (), anywhere=True)
    standard = make_standard("Rob", "Ines", [unlikely, safe], [])
    heard = [Heard("What an interesting jumper that is.", therapist=True)]

    def chosen(said: list[Heard]) -> str:
        found = choose_authored(standard, wanted=[Wanted("escalate", said)], mood="angry", used=set(), forbidden=[])
        assert found is not None
        return found.say

    assert chosen(heard) == safe.say
    assert chosen([Heard("You left the pan for her again.", therapist=True)]) == unlikely.say
