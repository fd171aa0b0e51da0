"""How to write a couple, inside the room: the craft, everything that is chosen in a form, and how the studio works."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from fastapi.responses import Response
from pydantic import BaseModel

from simulator.couple import Couple
from simulator.couple.techniques import TECHNIQUES, practised
from simulator.errors import InputError
from simulator.studio import guide
from simulator.studio.choices import codes, kinds, moods, moves
from simulator.web.endpoints import Asked, on

PAGE = "/studio-help"
GUIDE = "writing-couples.md"
# What helps with a part of a file: headings of the craft in the guide, and lists below it. By the last key of the part.
_OF_COUPLE: dict[str, tuple[str, ...]] = {
    "": ("What to leave out",),
    "partner": ("Begin with two ways of being hurt", "Write the voice before the plot", "How they never talk"),
    "lines": (
        "A defence is clever",
        "A softening costs",
        "Say what it answers, and in how many ways it may be said",
        "Some lines follow anything",
        "Read every line aloud",
        "Moves",
        "Moods",
    ),
    "history": ("Begin with two ways of being hurt",),
    "facts": ("A secret has three parts",),
}
_OF_SESSION: dict[str, tuple[str, ...]] = {
    "": ("Techniques", "What to leave out"),
    "start": ("A softening costs",),
    "opening": ("Write the voice before the plot", "Moves", "Moods"),
    "bids": ("A bid pulls, it does not ask", "A challenge is about something", "Kinds of bids", "Behaviour codes"),
    "endings": ("A softening costs", "What to leave out"),
}


def guides(model: type[BaseModel], part: str) -> list[tuple[str, str]]:
    """Return (address, words) of what helps with a part of a couple's file."""
    last = part.rpartition(".")[2]
    table = _OF_COUPLE if model is Couple else _OF_SESSION
    found = table.get("partner" if last.isdecimal() else last, ())
    return [(f"{PAGE}#{guide.anchor(words)}", words) for words in found]


@on("GET", PAGE, "studio")
def help_page(r: Asked) -> Response:
    """The craft and the lists as one page to be read."""
    document = _document(r.room.settings.docs / GUIDE)
    craft, studio = (guide.part_of(document, heading) for heading in ("The craft", "The studio"))
    rubric = r.room.engine.rubric
    there = practised(r.room.library)
    told = [(n, name, heard, there.get(n, [])) for n, (name, heard) in TECHNIQUES.items()]
    every = codes(rubric)
    return r.page(
        "studio_help.html", craft=guide.shown(craft), sections=guide.headings(craft), studio=guide.shown(studio),
        lists=[("Moves", moves()), ("Moods", moods()), ("Kinds of bids", kinds(rubric.book, whole=True))],
        codes=[(group, [c for c in every if c.group == group]) for group in dict.fromkeys(c.group for c in every)],
        techniques=told, anchor=guide.anchor,
    )  # fmt: skip


@lru_cache(maxsize=1)
def _document(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"The guide is not there: {path}.", how="Install Repair Room again.") from error
