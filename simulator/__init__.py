"""Repair Room: a practice room for couple therapists.

What a notebook or a program needs is here: `from simulator import Room, load_settings`. Names are imported when they are
first used, so that the command line stays quick.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

# Nothing leaves the machine: these libraries would otherwise phone home or look for a model hub.
for _name, _value in {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "LANGSMITH_TRACING": "false",
    "LANGCHAIN_TRACING_V2": "false",
    "DO_NOT_TRACK": "1",
    "TOKENIZERS_PARALLELISM": "false",
}.items():
    os.environ[_name] = _value
# Libraries would talk about loading; a person wants to hear only what concerns them.
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
# oneDNN keeps a compiled kernel for each of the last 1,024 shapes; texts have every length, so that memory grew by
# hundreds of megabytes over the first thousands of replies, and looking them up took longer than making them.
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "16")

if TYPE_CHECKING:
    from simulator.couple import Couple, Library, Scenario, load_library
    from simulator.people import add_person
    from simulator.review.consensus import agreement_tables
    from simulator.review.debrief import debrief
    from simulator.review.export import export_one
    from simulator.review.importing import import_transcripts, read_any
    from simulator.review.played import plans, play
    from simulator.review.plots import progress_plot, session_plot
    from simulator.review.progress import weekly
    from simulator.review.realism import report
    from simulator.review.recalibrate import lessons, recalibrate
    from simulator.rubric import SKILLS, Engine, Question, Said, load_rubric
    from simulator.rubric.agreement import weighted_kappa
    from simulator.rubric.evaluate import ask
    from simulator.session import Room, Session
    from simulator.settings import load_settings
    from simulator.store import Found, JudgementRecord
    from simulator.studio.bench import hear, rehearse
    from simulator.studio.manuscript import check
    from simulator.studio.skeleton import skeleton

_WHERE = {
    "Couple": "couple", "Library": "couple", "Scenario": "couple", "load_library": "couple", "add_person": "people",
    "agreement_tables": "review.consensus", "debrief": "review.debrief", "export_one": "review.export",
    "import_transcripts": "review.importing", "read_any": "review.importing", "progress_plot": "review.plots",
    "session_plot": "review.plots", "weekly": "review.progress", "plans": "review.played", "play": "review.played",
    "report": "review.realism", "lessons": "review.recalibrate", "recalibrate": "review.recalibrate",
    "SKILLS": "rubric", "Engine": "rubric", "Question": "rubric", "Said": "rubric", "load_rubric": "rubric",
    "weighted_kappa": "rubric.agreement", "ask": "rubric.evaluate",
    "Room": "session", "Session": "session", "load_settings": "settings", "Found": "store",
    "JudgementRecord": "store", "hear": "studio.bench", "rehearse": "studio.bench", "check": "studio.manuscript",
    "skeleton": "studio.skeleton",
}  # fmt: skip

__all__ = [
    "SKILLS",
    "Couple",
    "Engine",
    "Found",
    "JudgementRecord",
    "Library",
    "Question",
    "Room",
    "Said",
    "Scenario",
    "Session",
    "add_person",
    "agreement_tables",
    "ask",
    "check",
    "debrief",
    "export_one",
    "hear",
    "import_transcripts",
    "lessons",
    "load_library",
    "load_rubric",
    "load_settings",
    "plans",
    "play",
    "progress_plot",
    "read_any",
    "recalibrate",
    "rehearse",
    "report",
    "session_plot",
    "skeleton",
    "weekly",
    "weighted_kappa",
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'simulator' has no attribute {name!r}")
    return getattr(import_module(f"simulator.{_WHERE[name]}"), name)
