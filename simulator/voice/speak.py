"""Wording one beat: several candidates, the critic, and an authored line when none of them will do."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from simulator.errors import ModelError
from simulator.voice.authored import Heard, Wanted, choose_authored
from simulator.voice.backends import Sampling, Voice
from simulator.voice.critic import Verdict, best, first_sentence, judge_candidates
from simulator.voice.prompt import Cast, Spoken, beginning, cue, screenplay
from simulator.voice.standard import Standard

SILENCE = "..."

# How likely an authored line must answer to be spoken without asking the model: with this one it is asked in any case.
ALWAYS_ASK = 9.0
# A line of the default model takes up what was said three times in ten, and half of them a reader would not believe (see
# docs/realism.md): an authored line, in its person's voice for certain, need not be likelier than this.
AUTHORED_FROM = 0.25


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
    # An authored line that is so likely an answer (see `Chosen.fit`) is spoken without asking the model.
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


def speak(
    voice: Voice,
    moment: Moment,
    *,
    n: int,
    seed: int,
    context_tokens: int,
    begun: Callable[[str], None] | None = None,
) -> Line:
    """Return the line for this moment; a model that fails is answered by an authored line, and said so.

    The words of an optional moment are empty when nothing fits it. `begun` is told the first sentence of a line that is
    still being written, once the critic has let it pass: it stands at the beginning of the line returned.
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
        try:
            if voice.trained:
                # The first line of a voice that was trained for this room will mostly do.
                verdicts = _first_of(voice, prompt, moment, seed, begun)
            if best(verdicts) is None and n > len(verdicts):
                texts = voice.sample(prompt, Sampling(n=n - len(verdicts), seed=seed + len(verdicts)))
                verdicts = [*verdicts, *judged([_joined(opener, t) for t in texts], moment)]
        except ModelError as error:
            trouble = str(error)
    chosen = best(verdicts)
    if chosen is not None:
        return Line(chosen.text, moment.move, "model", _since(started), verdicts, prompt=prompt)
    text = authored.say if authored else "" if moment.optional else SILENCE
    return Line(
        text, authored.move if authored else moment.move, "authored", _since(started), verdicts, trouble, prompt
    )


def judged(texts: Sequence[str], moment: Moment) -> list[Verdict]:
    """Return what the critic makes of lines for this moment, in order."""
    return judge_candidates(
        texts,
        moment.standard,
        move=moment.move,
        heard=[h.text for h in moment.heard],
        said=[t.text for t in moment.transcript],
        prompt=beginning(moment.cast),
        forbidden=moment.forbidden,
        mood=moment.mood,
    )


def _first_of(
    voice: Voice, prompt: str, moment: Moment, seed: int, begun: Callable[[str], None] | None
) -> list[Verdict]:
    """Return the verdict on one line, after telling `begun` its first sentence as soon as that may be spoken.

    Where the whole is refused after that, a second verdict lets the first sentence stand alone: what was heard is said.
    """
    text, first = "", None
    for piece in voice.stream(prompt, Sampling(n=1, seed=seed)):
        text += piece
        if begun is not None and first is None and (sentence := first_sentence(text)):
            (first,) = judged([sentence], moment)
            if first.passes:
                begun(first.text)
    (whole,) = judged([text], moment)
    if first is None or not first.passes or (whole.passes and whole.text.startswith(first.text)):
        return [whole]
    return [replace(whole, reason=whole.reason or "does not go on as it began"), first]


def _joined(opener: str, text: str) -> str:
    """Return opener and continuation as one line: "You" and "'re late." are "You're late."."""
    if not opener:
        return text
    return opener + text.strip() if text.strip().startswith(("'", "’")) else f"{opener} {text.strip()}"


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
