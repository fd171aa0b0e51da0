"""The third page: the session itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import gradio as gr

from simulator.errors import RepairRoomError
from simulator.people import may, require
from simulator.web import render
from simulator.web.brief import MODES, BriefPage
from simulator.web.choose import ChoosePage
from simulator.web.frame import LIGHT, MODEL, Frame, safe
from simulator.web.handlers import Clock, View
from simulator.web.theme import FOCUS_JS, GROUNDING

ALONE = "See one of them alone to ask about safety, or when they need it. What is said then stays between you."


@dataclass
class PractisePage:
    """Its components; `by_hand` is true once the trainee chose whom the reply addresses."""

    by_hand: gr.State
    transcript: gr.HTML
    pause_card: gr.HTML
    reply_box: gr.Column
    reply: gr.Textbox
    to: gr.Radio
    present: gr.Radio
    send: gr.Button
    stop: gr.Button
    pause: gr.Button
    go_on: gr.Button
    end: gr.Button
    to_debrief: gr.Button
    time: gr.HTML
    panel: gr.HTML

    @classmethod
    def lay(cls, frame: Frame) -> PractisePage:
        """Lay the page."""
        by_hand = gr.State(False)
        with frame.page("practise"), gr.Row():
            with gr.Column(scale=3, min_width=320):
                transcript = gr.HTML(elem_id="transcript")
                pause_card = gr.HTML(GROUNDING, visible=False, elem_id="pause-card")
                with gr.Column(elem_id="replybox") as reply_box:
                    reply = gr.Textbox(
                        label="Your reply", lines=2, max_lines=8, placeholder="What do you say? (Ctrl+Enter sends)",
                        elem_id="reply",
                    )  # fmt: skip
                    to = gr.Radio([], label="You speak to (guessed; Alt+1, 2, 3 to change)", elem_id="to")
                    present = gr.Radio([], label="In the room", info=ALONE, elem_id="present")
                    with gr.Row():
                        send = gr.Button("Say it", variant="primary", min_width=120, elem_id="send")
                        stop = gr.Button("Stop them", interactive=False, min_width=120, elem_id="stop")
                with gr.Row():
                    pause = gr.Button("Pause", min_width=120, elem_id="pause")
                    go_on = gr.Button("Go on", visible=False, variant="primary", elem_id="go-on")
                    end = gr.Button("End the session", min_width=120, elem_id="end")
                    to_debrief = gr.Button("Read the debrief", visible=False, variant="primary", elem_id="to-debrief")
            with gr.Column(scale=1, min_width=240):
                time = gr.HTML(elem_id="clock")
                with gr.Accordion("How they are with you", open=True, elem_id="panel"):
                    panel = gr.HTML(elem_id="state")
        return cls(
            by_hand, transcript, pause_card, reply_box, reply, to, present, send, stop, pause, go_on, end, to_debrief, time, panel
        )  # fmt: skip

    def wire(self, frame: Frame, choose: ChoosePage, brief: BriefPage, page: gr.Blocks) -> None:
        """Begin, take up, answer, pause and end a session."""
        self._entries(frame, choose, brief, page)
        self._talk(frame)
        self._pausing(frame)

    def _stage(self, frame: Frame) -> list[Any]:
        return [
            self.transcript, self.panel, self.time, frame.notice, self.reply, self.send, self.stop, self.end,
            self.to_debrief, self.reply_box, self.pause,
        ]  # fmt: skip

    def _entries(self, frame: Frame, choose: ChoosePage, brief: BriefPage, page: gr.Blocks) -> None:
        desk = frame.desk
        opened = [
            *frame.screens,
            frame.session,
            frame.clock,
            self.to,
            frame.notice,
            brief.tick,
            self.by_hand,
            self.present,
        ]

        def refused(name: str, problem: str) -> list[Any]:
            return [*frame.show(name), "", Clock(), gr.update(), problem, gr.update(), False, gr.update()]

        def enter(session: str, ticking: Clock) -> list[Any]:
            choices = gr.update(choices=_to_choices(frame.names(session)), value=None)
            there = gr.update(choices=_present(frame.names(session)), value=_who(frame, session))
            return [*frame.show("practise"), session, ticking, choices, "", gr.Timer(active=False), False, there]

        def on_begin(chosen: str, how: str, hard: str, request: gr.Request) -> list[Any]:
            couple_id, _, scenario_id = chosen.partition("/")
            person = frame.person(request)

            def begin() -> str:
                require(person, "practise")
                return desk.begin(couple_id, scenario_id, hard, MODES.get(how, True), person.id)

            new, problem = safe(begin)
            return refused("brief", problem) if problem else enter(new, Clock().start())

        def on_open(wanted: str | None, request: gr.Request) -> list[Any]:
            if not wanted:
                return refused("choose", render.notice("Choose a session first."))
            record, problem = safe(desk.room.store.session, wanted)
            if not problem and not (record.couple_id and may(frame.person(request), "session.play", record)):
                problem = render.notice("There is no such session.\nIt may have been deleted; choose another one.")
            if problem:
                return refused("choose", problem)
            ticking = Clock(record.seconds)
            return enter(record.id, ticking if record.outcome else ticking.start())

        def on_load(request: gr.Request) -> list[Any]:
            wanted = str(request.query_params.get("session", ""))[:64]
            # Without one, nothing is changed but the list: the person may be at a brief by the time this runs.
            first = on_open(wanted, request) if wanted else [gr.skip() for _ in opened]
            return [*first, *choose.list_sessions(frame, request), choose.offer(frame)]

        def on_speak(session: str, ticking: Clock) -> Iterator[list[Any]]:
            if not session:
                yield [gr.skip() for _ in self._stage(frame)]
                return
            try:
                for view in desk.speak(session, ticking):
                    yield _draw(view)
            except RepairRoomError as error:
                yield _draw(desk.view(session, ticking, notice=render.notice(str(error))))

        talk: dict[str, Any] = {
            "fn": frame.own(on_speak),
            "inputs": [frame.session, frame.clock],
            "outputs": self._stage(frame),
        }
        begun = brief.begin.click(on_begin, [choose.which, brief.mode, brief.difficulty], opened, **LIGHT)
        taken_up = choose.resume.click(on_open, choose.sessions, opened, **LIGHT)
        for event in (begun, taken_up):
            frame.remember(event).then(None, None, None, js=FOCUS_JS).then(**talk, **MODEL)
        page.load(on_load, None, [*opened, choose.sessions, choose.resume, choose.which], **LIGHT).then(**talk, **MODEL)

    def _talk(self, frame: Frame) -> None:
        desk = frame.desk

        def on_type(session: str, words: str, chosen_by_hand: bool) -> Any:
            if chosen_by_hand or not session:
                return gr.skip()
            found, problem = safe(desk.guess, session, words)
            if problem or not found:
                return gr.update(value=None)
            names = frame.names(session)
            return gr.update(value=_to_choices(names)[0 if len(found) == 2 else 1 + names.index(found[0])])

        def on_send(
            session: str, words: str, whom: str | None, chosen_by_hand: bool, ticking: Clock
        ) -> Iterator[list[Any]]:
            chosen: list[str] | None = None
            if chosen_by_hand and whom:
                names = frame.names(session)
                choices = _to_choices(names)
                index = choices.index(whom) if whom in choices else 0
                chosen = [names[index - 1]] if index else names
            for view in desk.reply(session, words, chosen, ticking):
                yield [*_draw(view), ticking]

        def on_see(session: str, who: str, ticking: Clock) -> list[Any]:
            names = frame.names(session)
            choices = _present(names)
            index = choices.index(who) if who in choices else 0
            view = desk.see(session, names[index - 1] if index else None, ticking)
            return [gr.update(value=_who(frame, session)), *_draw(view)]

        def on_end(session: str, ticking: Clock) -> Iterator[list[Any]]:
            for view in desk.end(session, ticking):
                yield _draw(view)

        stage = self._stage(frame)
        self.reply.change(
            frame.own(on_type), [frame.session, self.reply, self.by_hand], self.to, trigger_mode="always_last", **LIGHT
        )
        self.to.input(lambda: True, None, self.by_hand, **LIGHT)
        said = [frame.session, self.reply, self.to, self.by_hand, frame.clock]
        self.send.click(frame.own(on_send), said, [*stage, frame.clock], **MODEL).then(
            lambda: False, None, self.by_hand, **LIGHT
        )
        self.present.input(
            frame.own(on_see), [frame.session, self.present, frame.clock], [self.present, *stage], **LIGHT
        )
        self.stop.click(frame.own(desk.stop), frame.session, None, **LIGHT)
        self.end.click(frame.own(on_end), [frame.session, frame.clock], stage, **MODEL)

    def _pausing(self, frame: Frame) -> None:
        desk = frame.desk
        shut, shown = gr.update(visible=False), gr.update(visible=True)

        def on_pause(session: str, ticking: Clock) -> list[Any]:
            ticking.pause()
            safe(desk.room.store.save_clock, session, ticking.seconds())
            words = '<p class="clock">Paused. The clock has stopped.</p>'
            return [shown, shut, shown, shut, shut, ticking, words]

        def on_go_on(session: str, ticking: Clock) -> list[Any]:
            view = desk.view(session, ticking.start())
            words = f'<p class="clock">{view.clock}</p>'
            return [shut, shown, shut, shown, gr.update(visible=True, value=view.transcript), ticking, words]

        parts = [self.pause_card, self.pause, self.go_on, self.reply_box, self.transcript, frame.clock, self.time]
        self.pause.click(frame.own(on_pause), [frame.session, frame.clock], parts, **LIGHT)
        self.go_on.click(frame.own(on_go_on), [frame.session, frame.clock], parts, **LIGHT).then(
            None, None, None, js=FOCUS_JS
        )


def _present(names: list[str]) -> list[str]:
    return ["Both", *(f"{name} alone" for name in names)]


def _who(frame: Frame, session: str) -> str:
    """Return the choice that says who is in the room now."""
    alone = frame.desk.alone(session)
    return f"{alone} alone" if alone else "Both"


def _to_choices(names: list[str]) -> list[str]:
    return ["Both", *names]


def _draw(view: View) -> list[Any]:
    return [
        view.transcript,
        view.panel or "<p>Quiet mode: this comes in the debrief.</p>",
        f'<p class="clock">{view.clock}</p>',
        view.notice,
        gr.skip() if view.reply is None else view.reply,
        gr.update(interactive=not view.busy),
        gr.update(interactive=view.busy),
        gr.update(visible=not view.over),
        gr.update(visible=view.over),
        gr.update(visible=not view.over),
        gr.update(visible=not view.over),
    ]
