"""The second page: who they are and what to practise, while the model warms up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from simulator.session import DIFFICULTIES
from simulator.web import render
from simulator.web.choose import ChoosePage
from simulator.web.frame import LIGHT, Frame, safe

MODES = {"Coached: scores after every reply": True, "Quiet: scores in the debrief": False}


@dataclass
class BriefPage:
    """Its components."""

    text: gr.HTML
    mode: gr.Radio
    difficulty: gr.Radio
    warmth: gr.HTML
    begin: gr.Button
    back: gr.Button
    tick: gr.Timer

    @classmethod
    def lay(cls, frame: Frame) -> BriefPage:
        """Lay the page."""
        with frame.page("brief"):
            text = gr.HTML(elem_id="brief")
            with gr.Row():
                mode = gr.Radio(list(MODES), value=next(iter(MODES)), label="Feedback", elem_id="mode")
                difficulty = gr.Radio(list(DIFFICULTIES), value="real", label="Difficulty", elem_id="difficulty")
            warmth = gr.HTML(elem_id="warmth")
            with gr.Row():
                begin = gr.Button("Begin", variant="primary", elem_id="begin")
                back = gr.Button("Another couple", elem_id="back")
            return cls(text, mode, difficulty, warmth, begin, back, gr.Timer(2, active=False))

    def wire(self, frame: Frame, choose: ChoosePage) -> None:
        """Open the page from the first one, and tell how far the model is."""
        desk = frame.desk

        def open_brief(chosen: str) -> list[Any]:
            couple_id, _, scenario_id = (chosen or "").partition("/")

            def work() -> str:
                couple = desk.room.library.couple(couple_id)
                text = render.brief(couple, desk.room.library.scenario(couple_id, scenario_id))
                desk.warm(couple_id, scenario_id)
                return text

            text, problem = safe(work)
            if problem:
                return [*frame.show("choose"), "", problem, "", gr.update()]
            words = render.notice(desk.warmth(couple_id, scenario_id), kind="info")
            return [*frame.show("brief"), text, "", words, gr.Timer(active=True)]

        def on_tick(chosen: str) -> list[Any]:
            couple_id, _, scenario_id = chosen.partition("/")
            words = desk.warmth(couple_id, scenario_id)
            return [render.notice(words, kind="info"), gr.Timer(active=desk.warming(couple_id, scenario_id))]

        outputs = [*frame.screens, self.text, frame.notice, self.warmth, self.tick]
        choose.to_brief.click(open_brief, choose.which, outputs, **LIGHT)
        self.tick.tick(on_tick, choose.which, [self.warmth, self.tick], **LIGHT)
