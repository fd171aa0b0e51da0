"""`repair-room eval`: how good and how quick, measured here."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from simulator.cli.common import BackendOption, Format, FormatOption, ModelOption, backend_for, emit, say, working
from simulator.cli.realism import realism
from simulator.errors import InputError
from simulator.settings import load_settings

app = typer.Typer(help="Measure the rubric and the speed on this machine.", no_args_is_help=True)
app.command("realism")(realism)

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


@app.command("rubric")
def rubric(
    split: Annotated[str, typer.Option("--split", help="development or test")] = "development",
    intervals: Annotated[int, typer.Option("--intervals", min=0, help="Bootstrap rounds for 95 % intervals.")] = 0,
    worst: Annotated[int, typer.Option("--worst", min=0, help="Also list this many of the worst errors.")] = 0,
    format: FormatOption = Format.text,
) -> None:
    """Agreement of the rubric engine with the labels of a held-out split."""
    from simulator.rubric import evaluate
    from simulator.rubric.book import load_rubric

    held = _held_out(split)
    settings = load_settings()
    book, model = load_rubric(settings.rubrics), settings.rubrics / "model"
    with working("scoring the labelled replies"):
        value = evaluate.figures(book, model, held, intervals=intervals)
        value["client_turns"] = evaluate.challenge_in_turns(book, model, held)
        if worst:
            value["worst"] = evaluate.worst(book, model, held, most=worst)
    emit(value) if format is Format.json else typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


@app.command("designs")
def designs(
    split: Annotated[str, typer.Option("--split", help="development or test")] = "development",
    format: FormatOption = Format.text,
) -> None:
    """The coder beside simpler designs trained on the same replies: length, TF-IDF, the frozen encoder."""
    from simulator.rubric.baselines import compare
    from simulator.rubric.book import load_rubric

    settings = load_settings()
    with working("training the simpler designs"):
        value = compare(load_rubric(settings.rubrics), settings.rubrics / "model", _held_out(split))
    emit(value) if format is Format.json else typer.echo(json.dumps(value, indent=2))


@app.command("annomi")
def annomi(
    file: Annotated[Path, typer.Argument(help="AnnoMI-simple.csv or AnnoMI-full.csv, as published.")],
    format: FormatOption = Format.text,
) -> None:
    """Agreement with the experts of the public AnnoMI transcripts on four therapist behaviours."""
    from simulator.rubric import Engine
    from simulator.rubric.annomi import agreement

    with working("coding the utterances"):
        value = agreement(Engine.load(load_settings().rubrics), file)
    emit(value) if format is Format.json else typer.echo(json.dumps(value, indent=2))


@app.command("rater")
def rater(
    split: Annotated[str, typer.Option("--split", help="development or test")] = "development",
    limit: Annotated[int, typer.Option("--limit", min=2, help="Replies to rate; each takes the model seconds.")] = 40,
    model: ModelOption = None,
    backend: BackendOption = None,
    format: FormatOption = Format.text,
) -> None:
    """Agreement of the engine with a second rater: the configured language model."""
    from simulator.review.rater import compare
    from simulator.rubric import Engine
    from simulator.rubric.evaluate import ask
    from simulator.voice import open_model

    settings = load_settings(model=model if model != "scripted" else None, backend=backend_for(model, backend))
    engine = Engine.load(settings.rubrics)
    held = _held_out(split)
    replies = [r for r in engine.rubric.replies() if r.split == held]
    step = max(1, len(replies) // limit)
    voice = open_model(settings)
    try:
        value = compare(
            voice, engine, [ask(r) for r in replies[::step][:limit]], progress=lambda n, of: say(f"{n} of {of} replies")
        )
    finally:
        voice.close()
    emit(value) if format is Format.json else typer.echo(json.dumps(value, indent=2))


@app.command("speed")
def speed(
    turns: Annotated[int, typer.Option("--turns", min=1, max=40, help="Replies to play.")] = 12,
    seed: Annotated[int, typer.Option("--seed")] = 1,
    model: ModelOption = None,
    backend: BackendOption = None,
    only_rubric: Annotated[bool, typer.Option("--rubric", help="Time the rubric engine instead.")] = False,
    replies: Annotated[int, typer.Option("--replies", min=64, help="With --rubric: replies scored in batches.")] = 2000,
    format: FormatOption = Format.text,
) -> None:
    """Play a session and time it: opening, warm-up, first text, whole turn, memory, sources of the lines."""
    if only_rubric:
        timed = _rubric_speed(replies)
        emit(timed) if format is Format.json else typer.echo(json.dumps(timed, indent=2))
        return
    from simulator.session import Room
    from simulator.store import Repository

    settings = load_settings(model=model if model != "scripted" else None, backend=backend_for(model, backend))
    started = time.monotonic()
    room = Room.open(settings, store=Repository.open("sqlite://"))
    opened = time.monotonic() - started
    try:
        session = room.begin("renu-and-martin", "fifth-session", seed=seed)
        started = time.monotonic()
        session.warm()
        warm = time.monotonic() - started
        lines = list(session.answers())
        first_text, whole, scoring, spoken_by_two = [], [], [], []
        for number in range(turns):
            if session.over:
                break
            started = time.monotonic()
            said = session.reply(REPLIES[number % len(REPLIES)])
            scoring.append(said.timings["total"])
            spoken = []
            for turn in session.answers():
                spoken.append(turn)
                if len(spoken) == 1:
                    first_text.append((time.monotonic() - started) * 1000)
            whole.append((time.monotonic() - started) * 1000)
            if len(spoken) >= 2:
                spoken_by_two.append(whole[-1])
            lines += spoken
            say(f"reply {number + 1}: first text {first_text[-1]:.0f} ms, whole turn {whole[-1]:.0f} ms")
            # A trainee reads and thinks at this point; the model uses the time.
            session.warm()
        sampled = [v for t in lines for v in t.verdicts]
        worded = [t for t in lines if t.verdicts]
        value: dict[str, Any] = {
            "model": room.voice.name,
            "replies": len(whole),
            "open_s": round(opened, 1),
            "warm_up_s": round(warm, 1),
            "score_ms_median": round(statistics.median(scoring)),
            "first_text_ms_median": round(statistics.median(first_text)),
            "whole_turn_ms_median": round(statistics.median(whole)),
            "two_partner_turn_ms_median": round(statistics.median(spoken_by_two)) if spoken_by_two else None,
            "peak_memory_mb": _peak_memory(),
            "candidates_rejected_share": _share(sum(bool(v["reason"]) for v in sampled), len(sampled)),
            "lines_worded_by_model_share": _share(sum(t.source == "model" for t in worded), len(worded)),
            "lines_authored_share": _share(sum(t.source == "authored" for t in lines), len(lines)),
        }
    finally:
        room.close()
    emit(value) if format is Format.json else typer.echo(json.dumps(value, indent=2))


def _held_out(split: str) -> Literal["development", "test"]:
    if split not in ("development", "test"):
        raise InputError(f"There is no held-out split '{split}'.", how="Choose: development, test.")
    return "test" if split == "test" else "development"


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
