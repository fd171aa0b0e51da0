"""`repair-room eval speed`: how quick a session, the model under it and the rubric are on this machine."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from simulator.cli.common import BackendOption, Format, FormatOption, ModelOption, backend_for, emit, say
from simulator.settings import load_settings
from simulator.voice import Sampling, Voice

# A plain trainee for timings: neither very good nor bad, so that both partners keep talking.
REPLIES = (
    "What was it like for you in the car, Renu?",
    "So you sat there for forty minutes, and nobody said the thing.",
    "Martin, what happens in you when she brings up the dates?",
    "I notice I have been looking at one of you more than the other.",
    "Could you say that to Renu directly?",
    "It makes sense that you count, when so little was said.",
    "What would you each want the other to have heard just now?",
    "That sounds lonely, on both ends of the kitchen.",
)
LATE = 12  # replies after which a session has a history worth timing


@dataclass
class _Timed:
    """A voice that notes what it was asked and how long it took."""

    voice: Voice
    name: str
    scripted: bool
    trained: bool
    asked: list[tuple[str, Sampling]] = field(default_factory=list)
    seconds: float = 0.0

    def sample(self, prompt: str, how: Sampling) -> list[str]:
        started = time.monotonic()
        try:
            return self.voice.sample(prompt, how)
        finally:
            self.seconds += time.monotonic() - started
            self.asked.append((prompt, how))

    def stream(self, prompt: str, how: Sampling) -> Iterator[str]:
        started = time.monotonic()
        try:
            yield from self.voice.stream(prompt, how)
        finally:
            self.seconds += time.monotonic() - started
            self.asked.append((prompt, how))

    def warm(self, prompt: str) -> None:
        self.voice.warm(prompt)
        self.asked.append((prompt, Sampling(n=1, max_tokens=1)))

    def close(self) -> None:
        self.voice.close()


def speed(
    turns: Annotated[
        int, typer.Option("--turns", min=1, max=60, help="Replies to play; from 30 on, growth is told.")
    ] = 20,
    seed: Annotated[int, typer.Option("--seed")] = 1,
    model: ModelOption = None,
    backend: BackendOption = None,
    bare: Annotated[
        bool, typer.Option("--bare", help="Ask the bare engine all of it again; takes as long again.")
    ] = False,
    only_rubric: Annotated[bool, typer.Option("--rubric", help="Time the rubric engine instead.")] = False,
    replies: Annotated[int, typer.Option("--replies", min=64, help="With --rubric: replies scored in batches.")] = 2000,
    format: FormatOption = Format.text,
) -> None:
    """Play a session and time it: opening, warm-up, first text, whole turn, the bare engine, memory, sources of the lines."""
    timed = _rubric_speed(replies) if only_rubric else _session_speed(turns, seed, model, backend, bare=bare)
    emit(timed) if format is Format.json else typer.echo(json.dumps(timed, indent=2))


def _session_speed(turns: int, seed: int, model: str | None, backend: str | None, *, bare: bool) -> dict[str, Any]:
    """Play a session whose partners never leave, and time every turn of it; then ask the bare engine the same again."""
    from simulator.session import Begun, Room
    from simulator.store import Repository

    settings = load_settings(model=model if model != "scripted" else None, backend=backend_for(model, backend))
    started = time.monotonic()
    room = Room.open(settings, store=Repository.open("sqlite://"))
    opened = time.monotonic() - started
    voice = _Timed(room.voice, room.voice.name, room.voice.scripted, room.voice.trained)
    room.voice = voice
    try:
        started = time.monotonic()
        session = room.begin("renu-and-martin", "fifth-session", seed=seed)
        began = time.monotonic() - started
        started = time.monotonic()
        session.warm()
        warm = time.monotonic() - started
        lines = list(session.answers())
        first_text: list[float] = []
        sampled_first: list[tuple[int, float]] = []
        whole, scoring = [], []
        spoken_by_two: list[tuple[int, float]] = []
        busy = 0.0
        for number in range(turns):
            if session.over:
                break
            before, started = voice.seconds, time.monotonic()
            said = session.reply(REPLIES[number % len(REPLIES)])
            scoring.append(said.timings["total"])
            spoken = []
            heard = 0.0
            for turn in session.speaking():
                heard = heard or (time.monotonic() - started) * 1000
                if isinstance(turn, Begun):
                    continue
                spoken.append(turn)
                if len(spoken) == 1:
                    first_text.append(heard)
                    if turn.verdicts:
                        sampled_first.append((number, heard))
            whole.append((time.monotonic() - started) * 1000)
            if voice.seconds > before:
                busy += whole[-1] / 1000
            if len(spoken) >= 2:
                spoken_by_two.append((number, whole[-1]))
            lines += spoken
            say(f"reply {number + 1}: first text {first_text[-1]:.0f} ms, whole turn {whole[-1]:.0f} ms")
            # A trainee reads and thinks at this point; the model uses the time.
            session.warm()
        sampled = [v for t in lines for v in t.verdicts]
        worded = [t for t in lines if t.verdicts]
        return {
            "model": room.voice.name,
            "replies": len(whole),
            "open_s": round(opened, 1),
            "begin_s": round(began, 1),
            "warm_up_s": round(warm, 1),
            "score_ms_median": round(statistics.median(scoring)),
            "first_text_ms_median": round(statistics.median(first_text)),
            "first_text_ms_median_of_sampled_lines": _median([ms for _, ms in sampled_first]),
            "first_text_ms_median_of_sampled_lines_late": _median([ms for n, ms in sampled_first if n >= LATE]),
            "whole_turn_ms_median": round(statistics.median(whole)),
            "two_partner_turn_ms_median": _median([ms for _, ms in spoken_by_two]),
            "two_partner_turn_ms_median_late": _median([ms for n, ms in spoken_by_two if n >= LATE]),
            "first_text_growth": _growth(sampled_first) if turns >= 30 else None,
            "turns_over_model_time": round(busy / voice.seconds, 3) if voice.seconds else None,
            "over_bare_engine": _over_bare(voice) if bare else None,
            "peak_memory_mb": _peak_memory(),
            "candidates_rejected_share": _share(sum(bool(v["reason"]) for v in sampled), len(sampled)),
            "lines_worded_by_model_share": _share(sum(t.source == "model" for t in worded), len(worded)),
            "lines_authored_share": _share(sum(t.source == "authored" for t in lines), len(lines)),
        }
    finally:
        room.close()


def _growth(first_text: list[tuple[int, float]]) -> float | None:
    """Return the median first text of sampled lines around reply 30 over that around reply 3; None without both."""
    early = [ms for n, ms in first_text if n <= 6]
    late = [ms for n, ms in first_text if n >= 24]
    return round(statistics.median(late) / statistics.median(early), 2) if early and late else None


def _over_bare(timed: _Timed) -> float | None:
    """Return the time that the session's questions took over that of the same ones put to the engine bare.

    The bare engine is the same server, asked over plain HTTP in the same order with the same seeds and bounds; it
    answers what it answered before. None where the voice is no local server, or where it fails: what was timed before is
    not lost for that.
    """
    import httpx

    from simulator.voice.backends import CompletionVoice

    voice = timed.voice
    if not isinstance(voice, CompletionVoice) or not voice.local or not timed.seconds:
        return None
    bare = 0.0
    try:
        with httpx.Client(base_url=voice.url, timeout=120) as client:
            for prompt, how in timed.asked:
                started = time.monotonic()
                client.post(
                    "/completions",
                    json={
                        "prompt": prompt, "n": how.n, "max_tokens": how.max_tokens, "temperature": how.temperature,
                        "seed": how.seed, "stop": list(how.stop), "cache_prompt": True, "min_p": how.min_p, "top_p": 1.0,
                    },
                ).raise_for_status()  # fmt: skip
                if how.max_tokens > 1:
                    bare += time.monotonic() - started
    except httpx.HTTPError as error:
        say(f"The bare engine could not be timed: {type(error).__name__}: {error}")
        return None
    return round(timed.seconds / bare, 3) if bare else None


def _rubric_speed(replies: int) -> dict[str, Any]:
    """Time the engine on 40-word replies: one at a time, in batches, and the bare encoder on the same replies."""
    from simulator.embedding import embed
    from simulator.rubric import Engine, Question, load_rubric
    from simulator.rubric.evaluate import ask

    settings = load_settings()
    engine = Engine.load(settings.rubrics)
    labelled = [r for r in load_rubric(settings.rubrics).replies() if 30 <= len(r.text.split()) <= 50]
    asked = [ask(r) for r in labelled]
    mean_words = statistics.mean(len(r.text.split()) for r in labelled)
    for question in asked[:5]:
        engine.score(question)
    one_at_a_time = []
    for question in asked[:80]:
        started = time.monotonic()
        engine.score(question)
        one_at_a_time.append((time.monotonic() - started) * 1000)

    def many() -> Iterator[Question]:
        # Every question differs from the others, so that nothing is answered from memory.
        for number in range(replies):
            question = asked[number % len(asked)]
            yield replace(question, reply=f"{question.reply} {number}")

    memory: list[int] = []
    started, mark = time.monotonic(), max(1, replies // 10)
    for done, _ in enumerate(engine.score_many(many()), start=1):
        if done % mark == 0:
            memory.append(_resident_memory())
            say(f"{done} of {replies} replies, {done / (time.monotonic() - started):.0f} a second, {memory[-1]} MB")
    rate = replies / (time.monotonic() - started)
    texts = [q.reply for q in asked]
    embed(texts[:64])
    started = time.monotonic()
    embed(texts)
    bare = len(texts) / (time.monotonic() - started)
    return {
        "words_a_reply": round(mean_words, 1),
        "one_reply_ms_median": round(statistics.median(one_at_a_time), 1),
        "replies": replies,
        "replies_per_second": round(rate, 1),
        "bare_encoder_per_second": round(bare, 1),
        "ratio_to_bare_encoder": round(rate / bare, 3),
        "memory_mb_by_tenths": memory,
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 3) if whole else None


def _peak_memory() -> int:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _resident_memory() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096 // 2**20


def _median(values: list[float]) -> int | None:
    return round(statistics.median(values)) if values else None
