"""`repair-room eval`: how good and how quick, measured here."""

from __future__ import annotations

import json
import statistics
import time
from typing import Annotated, Any

import typer

from simulator.cli.common import BackendOption, Format, FormatOption, ModelOption, backend_for, emit, say
from simulator.settings import load_settings

app = typer.Typer(help="Measure the rubric and the speed on this machine.", no_args_is_help=True)

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
    format: FormatOption = Format.text,
) -> None:
    """Agreement of the rubric engine with the labels of a held-out split."""
    from simulator.rubric.book import load_rubric
    from simulator.rubric.evaluate import figures

    settings = load_settings()
    value = figures(load_rubric(settings.rubrics), settings.rubrics / "model", split)  # type: ignore[arg-type]
    emit(value) if format is Format.json else typer.echo(json.dumps(value, indent=2))


@app.command("speed")
def speed(
    turns: Annotated[int, typer.Option("--turns", min=1, max=40, help="Replies to play.")] = 12,
    seed: Annotated[int, typer.Option("--seed")] = 1,
    model: ModelOption = None,
    backend: BackendOption = None,
    format: FormatOption = Format.text,
) -> None:
    """Play a session and time it: opening, warm-up, first text, whole turn, memory, sources of the lines."""
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


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 3) if whole else None


def _peak_memory() -> int:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
