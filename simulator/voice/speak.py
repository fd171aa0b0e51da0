"""Wording one beat: several candidates, the critic, and an authored line when none of them will do."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from simulator.errors import ModelError
from simulator.settings import ALWAYS_ASK
from simulator.voice.authored import Heard, Wanted, choose_authored
from simulator.voice.backends import Sampling, Voice
from simulator.voice.critic import Verdict, best, judge_candidates
from simulator.voice.prompt import Cast, Spoken, beginning, cue, screenplay
from simulator.voice.standard import Standard

SILENCE = "..."


@dataclass(frozen=True)
class Moment:
    """What is needed to word one beat."""

    cast: Cast
    standard: Standard
    transcript: Sequence[Spoken]
    mood: str
    move: str
    heard: Sequence[Heard]
    forbidden: Sequence[str]
    used: frozenset[str]
    openers: Sequence[str] = ()
    optional: bool = False
    # Another move that would do: the author's line for it is spoken if it answers clearly better.
    instead: Wanted | None = None
    # An authored line that answers so well (see `Chosen.fit`) is spoken without asking the model.
    authored_from: float = ALWAYS_ASK


@dataclass(frozen=True)
class Line:
    """A worded beat: what it does, where its words come from, what the critic said, how long it took, the prompt as it went out."""

    text: str
    move: str
    source: Literal["model", "authored"]
    milliseconds: int
    verdicts: list[Verdict] = field(default_factory=list)
    trouble: str = ""
    prompt: str = ""


def speak(voice: Voice, moment: Moment, *, n: int, seed: int, context_tokens: int) -> Line:
    """Return the line for this moment; a model that fails is answered by an authored line, and said so.

    The words of an optional moment are empty when nothing fits it.
    """
    started = time.monotonic()
    authored = choose_authored(
        moment.standard,
        wanted=[Wanted(moment.move, moment.heard), *([moment.instead] if moment.instead else [])],
        mood=moment.mood,
        used=set(moment.used),
        forbidden=moment.forbidden,
        optional=moment.optional,
    )
    verdicts: list[Verdict] = []
    trouble = prompt = ""
    # What nobody asked for is spoken only in its author's words, unless the model is one that is always asked first.
    sure = moment.optional or (authored is not None and authored.fit >= moment.authored_from)
    if not voice.scripted and not (sure and moment.authored_from < ALWAYS_ASK):
        script = screenplay(moment.cast, moment.transcript, context_tokens=context_tokens)
        head = cue(moment.cast, moment.mood, moment.move)
        # A given beginning makes for variety; left alone the model more often writes a line that may be spoken.
        given = moment.openers and seed % 3 == 0 and not voice.trained
        opener = moment.openers[seed % len(moment.openers)] if given else ""
        prompt = f"{script}{head} {opener}".rstrip()
        # Of a voice that was trained for this room the first line will mostly do; others are asked for when it does not.
        for count in _tries(n, voice.trained):
            try:
                texts = voice.sample(prompt, Sampling(n=count, seed=seed + len(verdicts)))
            except ModelError as error:
                trouble = str(error)
                break
            verdicts += judge_candidates(
                [_joined(opener, t) for t in texts],
                moment.standard,
                move=moment.move,
                heard=[h.text for h in moment.heard],
                said=[t.text for t in moment.transcript],
                prompt=beginning(moment.cast),
                forbidden=moment.forbidden,
                mood=moment.mood,
            )
            if best(verdicts) is not None:
                break
    chosen = best(verdicts)
    if chosen is not None:
        return Line(chosen.text, moment.move, "model", _since(started), verdicts, prompt=prompt)
    text = authored.say if authored else "" if moment.optional else SILENCE
    return Line(
        text, authored.move if authored else moment.move, "authored", _since(started), verdicts, trouble, prompt
    )


def _tries(n: int, trained: bool) -> list[int]:
    """Return how many candidates are asked for at a time."""
    return [1, n - 1] if trained and n > 1 else [n]


def _joined(opener: str, text: str) -> str:
    """Return opener and continuation as one line: "You" and "'re late." are "You're late."."""
    if not opener:
        return text
    return opener + text.strip() if text.strip().startswith(("'", "’")) else f"{opener} {text.strip()}"


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
