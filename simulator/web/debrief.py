"""The fourth page: what happened between them, and what to try next time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import gradio as gr

from simulator.web import render
from simulator.web.brief import BriefPage
from simulator.web.choose import ChoosePage
from simulator.web.frame import LIGHT, MODEL, Frame, safe
from simulator.web.practise import PractisePage


@dataclass
class DebriefPage:
    """Its components."""

    text: gr.HTML
    wording: gr.HTML
    ask: gr.Button
    again: gr.Button

    @classmethod
    def lay(cls, frame: Frame) -> DebriefPage:
        """Lay the page."""
        with frame.page("debrief", classes="review"):
            text = gr.HTML(elem_id="debrief")
            wording = gr.HTML(elem_id="wording", padding=False)
            with gr.Row():
                ask = gr.Button(
                    "Let the model try a wording",
                    elem_id="ask",
                    visible=not frame.desk.room.voice.scripted,
                )
                again = gr.Button("Back to the start", elem_id="again")
            return cls(text, wording, ask, again)

    def wire(self, frame: Frame, choose: ChoosePage, brief: BriefPage, practise: PractisePage) -> None:
        """Open the page after a session, and go back to the first one from here and from the brief."""

        def on_debrief(session: str) -> list[Any]:
            text, problem = safe(frame.desk.debrief, session)
            return [*frame.show("practise" if problem else "debrief"), text or "", "", problem]

        def on_ask(session: str) -> Iterator[str]:
            yield render.notice("The model is looking for words; this takes a few seconds.", kind="info")
            found, problem = safe(frame.desk.wording, session)
            yield found or problem

        def on_back(request: gr.Request) -> list[Any]:
            return [*frame.show("choose"), *choose.list_sessions(frame, request), "", "", gr.Timer(active=False)]

        practise.to_debrief.click(
            frame.own(on_debrief), frame.session, [*frame.screens, self.text, self.wording, frame.notice], **LIGHT
        )
        self.ask.click(frame.own(on_ask), frame.session, self.wording, **MODEL)
        start = [*frame.screens, choose.sessions, choose.resume, frame.session, frame.notice, brief.tick]
        for button in (brief.back, self.again):
            frame.remember(button.click(on_back, None, start, **LIGHT))
