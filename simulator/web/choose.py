"""The first page: which couple, or which session to go on with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from simulator.couple import Library
from simulator.store import Found
from simulator.web.frame import Frame


@dataclass
class ChoosePage:
    """Its components."""

    which: gr.Radio
    to_brief: gr.Button
    sessions: gr.Radio
    resume: gr.Button
    laid: list[tuple[str, str]]

    @classmethod
    def lay(cls, frame: Frame) -> ChoosePage:
        """Lay the page."""
        library = frame.desk.room.library
        scenarios = offered(library)
        # A first session is with a couple who still talk to each other, and whose affair is over.
        first = next((value for _, value in scenarios if value.startswith("renu-and-martin/")), scenarios[0][1])
        with frame.page("choose", visible=True):
            gr.Markdown("Practise a couple session. Nothing you write leaves this computer.")
            return cls(
                gr.Radio(scenarios, value=first, label="Couple and scenario", elem_id="which"),
                gr.Button("Read the brief", variant="primary", elem_id="to-brief"),
                gr.Radio([], label="Or go on with a session", visible=False, elem_id="resume-list"),
                gr.Button("Open it", visible=False, elem_id="resume"),
                scenarios,
            )

    def offer(self, frame: Frame) -> Any:
        """Return the update of what there is to choose from: educators publish while the room is open."""
        scenarios = offered(frame.desk.room.library)
        return gr.skip() if scenarios == self.laid else gr.update(choices=scenarios)

    def list_sessions(self, frame: Frame, request: gr.Request) -> list[Any]:
        """Return the updates of the list of sessions and of its button."""
        rows = []
        for record in frame.desk.room.store.sessions(
            Found((frame.person(request).id,), played=True, drill=False), limit=12
        ):
            couple = frame.desk.room.library.couples.get(record.couple_id)
            title = couple.title if couple else record.couple_id
            what = "ended" if record.outcome else "unfinished"
            when = f"{record.created.astimezone():%d %b %H:%M}"
            rows.append((f"{when} - {title} ({what}, {record.length} turns)", record.id))
        return [gr.update(choices=rows, value=None, visible=bool(rows)), gr.update(visible=bool(rows))]


def offered(library: Library) -> list[tuple[str, str]]:
    """Return (what a trainee reads, couple/scenario) of everything there is to practise."""
    return [
        (f"{library.couples[c].title} - {s.title}", f"{c}/{s.id}") for (c, _), s in sorted(library.scenarios.items())
    ]
