"""What is said with one partner out of the room stays there: searched in everything the other says or is prompted with."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest

from simulator.errors import InputError, StaleSessionError
from simulator.session import Room
from simulator.store import Repository
from simulator.voice import Sampling

MARKER = "zanzibar"


class Listening:
    """A model that keeps every prompt and answers with what it was last told, marker and all."""

    name = "listening"
    scripted = False
    trained = False

    def __init__(self) -> None:
        self.prompts: list[str] = []

    def sample(self, prompt: str, sampling: Sampling) -> Sequence[str]:
        self.prompts.append(prompt)
        last = [line for line in prompt.splitlines() if line.strip()][-2:]
        return [
            f" You said it, it was {'zanzibar' if MARKER in ' '.join(last) else 'a Tuesday'} again, number {len(self.prompts)}."
        ]

    def warm(self, prompt: str) -> None:
        self.prompts.append(prompt)

    def close(self) -> None:
        pass


def own_prompts(prompts: list[str], name: str) -> list[str]:
    """Return the prompts in which `name` is the one to speak: the first of the cast."""
    return [p for p in prompts if p.splitlines()[2].startswith(name.upper())]


@pytest.fixture(scope="module")
def heard(room: Room) -> Room:
    return Room(room.settings, room.library, Repository.open("sqlite://"), room.engine, Listening())  # type: ignore[arg-type]


@pytest.mark.parametrize("couple", ["renu-and-martin"])
@pytest.mark.parametrize("seed", range(6))
def test_a_marker_told_alone_never_reaches_the_other(heard: Room, couple: str, seed: int) -> None:
    voice = heard.voice
    assert isinstance(voice, Listening)
    voice.prompts.clear()
    rng = Random(seed)
    scenario = heard.library.scenarios_of(couple)[seed % len(heard.library.scenarios_of(couple))]
    session = heard.begin(couple, scenario.id, seed=seed)
    list(session.answers())
    one, two = rng.sample(session.partner_names, 2)
    for number in range(40):
        if session.over:
            break
        if number % 4 == 1:
            session.see(one)
        if number % 4 == 3:
            session.see(None)
        said = f"What was {MARKER} like for you, {one}?" if session.alone else f"What is that like for you, {two}?"
        session.reply(said)
        for turn in session.answers():
            if session.alone:
                assert turn.speaker == one and turn.absent == [two]
            elif turn.speaker == two:
                assert MARKER not in turn.text.lower()
        session.warm()
    theirs = own_prompts(voice.prompts, two)
    assert theirs and not any(MARKER in p.lower() for p in theirs)
    assert any(MARKER in p.lower() for p in own_prompts(voice.prompts, one))


def test_a_prompt_never_holds_a_secret_of_anybody(heard: Room) -> None:
    for couple in heard.library.couples.values():
        for scenario in heard.library.scenarios_of(couple.id):
            session = heard.begin(couple.id, scenario.id, seed=1)
            list(session.answers())
            for who in (p.id for p in couple.partners):
                prompt = session._screenplay(who).lower()
                for fact in couple.facts:
                    assert len(fact.known_by) == 2 or fact.text.lower() not in prompt
                    assert not any(g.lower() in prompt for g in fact.giveaways if len(fact.known_by) == 1), fact.id


def test_what_one_told_alone_stays_shut_for_the_other_alone(room: Room) -> None:
    session = room.begin("ines-and-rob", room.library.scenarios_of("ines-and-rob")[0].id, seed=2)
    secret = next(f for f in session.couple.facts if f.known_by == ["ines"] or f.known_by == ("ines",))
    session.progress.confided = [secret.id]
    for alone, opens in (("rob", False), ("ines", True)):
        session.progress.absent = session.couple.other(alone).id
        assert (secret.id in session._open_to(alone)) is opens


def test_one_is_seen_alone_and_only_between_lines(room: Room) -> None:
    session = room.begin("renu-and-martin", "fifth-session", seed=3)
    with pytest.raises(StaleSessionError):
        session.see("Renu")
    list(session.answers())
    with pytest.raises(InputError):
        session.see("Claire")
    before = session.progress.states["martin"]
    session.see("Renu")
    session.reply("You can be honest with me. Martin is being selfish.")
    spoken = list(session.answers())
    assert session.alone == "Renu" and {t.speaker for t in spoken} == {"Renu"}
    assert session.progress.states["martin"] == before
    again = room.resume(session.record.id)
    assert again.alone == "Renu"
    again.see(None)
    assert again.alone == ""
