"""The four pages as one Gradio app, one shown at a time: choose, brief, practise, debrief."""

from __future__ import annotations

import gradio as gr

from simulator.web.brief import BriefPage
from simulator.web.choose import ChoosePage
from simulator.web.debrief import DebriefPage
from simulator.web.frame import LIGHT, Frame
from simulator.web.handlers import Desk
from simulator.web.practise import PractisePage


def build(desk: Desk) -> gr.Blocks:
    """Return the app's pages."""
    with gr.Blocks(title="Repair Room", analytics_enabled=False) as page:
        frame = Frame.open(desk)
        page.load(frame.link, None, frame.pages, **LIGHT)
        choose, brief = ChoosePage.lay(frame), BriefPage.lay(frame)
        practise, debrief = PractisePage.lay(frame), DebriefPage.lay(frame)
        brief.wire(frame, choose)
        practise.wire(frame, choose, brief, page)
        debrief.wire(frame, choose, brief, practise)
    page.queue(max_size=64, default_concurrency_limit=4)
    return page
