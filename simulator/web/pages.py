"""The page: choose, brief, practise, debrief - four screens of one Gradio app, one shown at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from simulator.errors import RepairRoomError
from simulator.session import DIFFICULTIES
from simulator.web import render
from simulator.web.handlers import Clock, Desk, View
from simulator.web.theme import GROUNDING, KEYS, REMEMBER_JS

QUIET = {"show_progress": "hidden", "api_visibility": "private"}
# Handlers that wait for the model take turns; those that only redraw never wait behind them.
MODEL = {"concurrency_id": "model", "concurrency_limit": 4, **QUIET}
LIGHT = {"queue": False, **QUIET}
MODES = {"Coached: scores after every reply": True, "Quiet: scores in the debrief": False}


def build(desk: Desk) -> gr.Blocks:
    """Return the app's page."""
    library = desk.room.library
    scenarios = [
        (f"{library.couples[c].title} - {s.title}", f"{c}/{s.id}") for (c, _), s in sorted(library.scenarios.items())
    ]
    with gr.Blocks(title="Repair Room", analytics_enabled=False) as page:
        session_id = gr.State("")
        clock = gr.State(Clock())
        by_hand = gr.State(False)
        # The id again, where the browser can see it: it goes into the address, so that a reload comes back.
        address = gr.Textbox(visible="hidden", elem_id="address")
        gr.HTML(f"<h1>Repair Room</h1>{KEYS}", elem_id="title")
        notice = gr.HTML(elem_id="notice")

        with gr.Column(visible=True) as choose_screen:
            gr.Markdown("Practise a couple session. Nothing you write leaves this computer.")
            which = gr.Radio(scenarios, value=scenarios[0][1], label="Couple and scenario", elem_id="which")
            to_brief = gr.Button("Read the brief", variant="primary", elem_id="to-brief")
            resume_list = gr.Radio([], label="Or go on with a session", visible=False, elem_id="resume-list")
            resume = gr.Button("Open it", visible=False, elem_id="resume")

        with gr.Column(visible=False) as brief_screen:
            brief = gr.HTML(elem_id="brief")
            with gr.Row():
                mode = gr.Radio(list(MODES), value=next(iter(MODES)), label="Feedback", elem_id="mode")
                difficulty = gr.Radio(list(DIFFICULTIES), value="real", label="Difficulty", elem_id="difficulty")
            warmth = gr.HTML(elem_id="warmth")
            with gr.Row():
                begin = gr.Button("Begin", variant="primary", elem_id="begin")
                back = gr.Button("Another couple", elem_id="back")
            tick = gr.Timer(2, active=False)

        with gr.Column(visible=False) as practise_screen:
            with gr.Row():
                with gr.Column(scale=3, min_width=320):
                    transcript = gr.HTML(elem_id="transcript")
                    pause_card = gr.HTML(GROUNDING, visible=False, elem_id="pause-card")
                    with gr.Column(elem_id="replybox") as reply_box:
                        reply = gr.Textbox(
                            label="Your reply", lines=3, max_lines=8, placeholder="What do you say? (Ctrl+Enter sends)",
                            elem_id="reply",
                        )  # fmt: skip
                        to = gr.Radio(
                            [],
                            label="You speak to (guessed from your words; change it if wrong)",
                            elem_id="to",
                        )
                        with gr.Row():
                            send = gr.Button("Say it", variant="primary", elem_id="send")
                            stop = gr.Button("Stop them", interactive=False, elem_id="stop")
                    with gr.Row():
                        pause = gr.Button("Pause", elem_id="pause")
                        go_on = gr.Button("Go on", visible=False, variant="primary", elem_id="go-on")
                        end = gr.Button("End the session", elem_id="end")
                        to_debrief = gr.Button(
                            "Read the debrief", visible=False, variant="primary", elem_id="to-debrief"
                        )
                with gr.Column(scale=1, min_width=240):
                    time_left = gr.HTML(elem_id="clock")
                    with gr.Accordion("How they are with you", open=True, elem_id="panel"):
                        panel = gr.HTML(elem_id="state")

        with gr.Column(visible=False, elem_classes="review") as debrief_screen:
            debrief = gr.HTML(elem_id="debrief")
            again = gr.Button("Back to the start", elem_id="again")

        screens = [choose_screen, brief_screen, practise_screen, debrief_screen]

        def show(screen: Any) -> list[Any]:
            return [gr.update(visible=s is screen) for s in screens]

        stage = [transcript, panel, time_left, notice, reply, send, stop, end, to_debrief, reply_box, pause]

        def draw(view: View) -> list[Any]:
            return [
                view.transcript,
                view.panel or "<p>Quiet mode: this comes in the debrief.</p>",
                f'<p class="clock">{view.clock}</p>',
                view.notice,
                gr.update() if view.reply is None else gr.update(value=view.reply),
                gr.update(interactive=not view.busy),
                gr.update(interactive=view.busy),
                gr.update(visible=not view.over),
                gr.update(visible=view.over),
                gr.update(visible=not view.over),
                gr.update(visible=not view.over),
            ]

        def names_of(session: str) -> list[str]:
            couple, _ = desk.room.played(desk.room.store.session(session))
            return [p.name for p in couple.partners]

        def to_choices(names: list[str]) -> list[str]:
            return ["Both of them (Alt+1)", f"{names[0]} (Alt+2)", f"{names[1]} (Alt+3)"]

        def open_sessions() -> list[Any]:
            rows = []
            for record in desk.room.store.sessions(limit=12):
                title = desk.room.library.couples.get(record.couple_id)
                what = "ended" if record.outcome else "unfinished"
                label = f"{record.created.astimezone():%d %b %H:%M} - {title.title if title else record.couple_id} ({what}, {record.length} turns)"
                rows.append((label, record.id))
            return [gr.update(choices=rows, value=None, visible=bool(rows)), gr.update(visible=bool(rows))]

        def safe(function: Any, *values: Any) -> tuple[Any, str]:
            try:
                return function(*values), ""
            except RepairRoomError as error:
                return None, render.notice(str(error))

        # --- choose ---------------------------------------------------------------------
        def on_brief(chosen: str) -> list[Any]:
            couple_id, _, scenario_id = (chosen or "").partition("/")

            def work() -> str:
                couple = desk.room.library.couple(couple_id)
                text = render.brief(couple, desk.room.library.scenario(couple_id, scenario_id))
                desk.warm(couple_id, scenario_id)
                return text

            text, problem = safe(work)
            if problem:
                return [*show(choose_screen), "", problem, "", gr.update()]
            words = render.notice(desk.warmth(couple_id, scenario_id), kind="info")
            return [*show(brief_screen), text, "", words, gr.Timer(active=True)]

        to_brief.click(on_brief, which, [*screens, brief, notice, warmth, tick], **LIGHT)

        def on_tick(chosen: str) -> list[Any]:
            couple_id, _, scenario_id = chosen.partition("/")
            words = desk.warmth(couple_id, scenario_id)
            done = not words.startswith("They are on")
            return [render.notice(words, kind="info"), gr.Timer(active=not done)]

        tick.tick(on_tick, which, [warmth, tick], **LIGHT)

        def on_back() -> list[Any]:
            return [*show(choose_screen), *open_sessions(), "", "", gr.Timer(active=False)]

        start = [*screens, resume_list, resume, session_id, notice, tick]
        for button in (back, again):
            button.click(on_back, None, start, **LIGHT).then(lambda s: s, session_id, address, **LIGHT).then(
                None, address, None, js=REMEMBER_JS
            )

        # --- begin and resume -----------------------------------------------------------
        def on_begin(chosen: str, how: str, hard: str) -> list[Any]:
            couple_id, _, scenario_id = chosen.partition("/")
            new, problem = safe(desk.begin, couple_id, scenario_id, hard, MODES.get(how, True))
            if problem:
                return [*show(brief_screen), "", Clock(), gr.update(), problem, gr.update(), False]
            ticking = Clock()
            ticking.start()
            choices = to_choices(names_of(new))
            return [
                *show(practise_screen),
                new,
                ticking,
                gr.update(choices=choices, value=None),
                "",
                gr.Timer(active=False),
                False,
            ]

        opened = [*screens, session_id, clock, to, notice, tick, by_hand]

        def on_open(wanted: str | None) -> list[Any]:
            record, problem = safe(desk.room.store.session, wanted or "")
            if problem or record is None:
                return [
                    *show(choose_screen),
                    "",
                    Clock(),
                    gr.update(),
                    problem or render.notice("Choose a session first."),
                    gr.update(),
                    False,
                ]
            ticking = Clock(record.seconds)
            if not record.outcome:
                ticking.start()
            choices = to_choices(names_of(record.id))
            return [
                *show(practise_screen),
                record.id,
                ticking,
                gr.update(choices=choices, value=None),
                "",
                gr.update(),
                False,
            ]

        def on_speak(session: str, ticking: Clock) -> Iterator[list[Any]]:
            if not session:
                yield [gr.update() for _ in stage]
                return
            try:
                for view in desk.speak(session, ticking):
                    yield draw(view)
            except RepairRoomError as error:
                yield draw(desk.view(session, ticking, notice=render.notice(str(error))))

        begin.click(on_begin, [which, mode, difficulty], opened, **LIGHT).then(
            lambda s: s, session_id, address, **LIGHT
        ).then(None, address, None, js=REMEMBER_JS).then(on_speak, [session_id, clock], stage, **MODEL)
        resume.click(on_open, resume_list, opened, **LIGHT).then(lambda s: s, session_id, address, **LIGHT).then(
            None, address, None, js=REMEMBER_JS
        ).then(on_speak, [session_id, clock], stage, **MODEL)

        def on_load(request: gr.Request) -> list[Any]:
            wanted = str(request.query_params.get("session", ""))[:64]
            if wanted:
                return [*on_open(wanted), *open_sessions()]
            # Nothing is changed but the list: the person may have gone on to a brief by the time this runs.
            return [*(gr.skip() for _ in opened), *open_sessions()]

        page.load(on_load, None, [*opened, resume_list, resume], **LIGHT).then(
            on_speak, [session_id, clock], stage, **MODEL
        )

        # --- practise -------------------------------------------------------------------
        def on_type(session: str, words: str, chosen_by_hand: bool) -> Any:
            if chosen_by_hand or not session:
                return gr.update()
            found, problem = safe(desk.guess, session, words)
            if problem or not found:
                return gr.update(value=None)
            choices = to_choices(names_of(session))
            names = names_of(session)
            return gr.update(value=choices[0] if len(found) == 2 else choices[1 + names.index(found[0])])

        reply.change(on_type, [session_id, reply, by_hand], to, trigger_mode="always_last", **LIGHT)
        to.input(lambda: True, None, by_hand, **LIGHT)

        def on_send(
            session: str, words: str, whom: str | None, chosen_by_hand: bool, ticking: Clock
        ) -> Iterator[list[Any]]:
            chosen: list[str] | None = None
            if chosen_by_hand and whom:
                names = names_of(session)
                index = to_choices(names).index(whom) if whom in to_choices(names) else 0
                chosen = names if index == 0 else [names[index - 1]]
            for view in desk.reply(session, words, chosen, ticking):
                yield [*draw(view), ticking]

        sent = send.click(on_send, [session_id, reply, to, by_hand, clock], [*stage, clock], **MODEL)
        sent.then(lambda: False, None, by_hand, **LIGHT)
        stop.click(desk.stop, session_id, None, **LIGHT)

        def on_end(session: str, ticking: Clock) -> Iterator[list[Any]]:
            for view in desk.end(session, ticking):
                yield draw(view)

        end.click(on_end, [session_id, clock], stage, **MODEL)

        paused = [pause_card, pause, go_on, reply_box, transcript, clock, time_left]

        def on_pause(session: str, ticking: Clock) -> list[Any]:
            ticking.pause()
            safe(desk.room.store.save_clock, session, ticking.seconds())
            words = '<p class="clock">Paused. The clock has stopped.</p>'
            shut, shown = gr.update(visible=False), gr.update(visible=True)
            return [shown, shut, shown, shut, shut, ticking, words]

        def on_go_on(session: str, ticking: Clock) -> list[Any]:
            ticking.start()
            view = desk.view(session, ticking)
            shut, shown = gr.update(visible=False), gr.update(visible=True)
            words = f'<p class="clock">{view.clock}</p>'
            return [shut, shown, shut, shown, gr.update(visible=True, value=view.transcript), ticking, words]

        pause.click(on_pause, [session_id, clock], paused, **LIGHT)
        go_on.click(on_go_on, [session_id, clock], paused, **LIGHT)

        # --- debrief --------------------------------------------------------------------
        def on_debrief(session: str) -> list[Any]:
            text, problem = safe(desk.debrief, session)
            return [*show(practise_screen if problem else debrief_screen), text or "", problem]

        to_debrief.click(on_debrief, session_id, [*screens, debrief, notice], **LIGHT)
    page.queue(max_size=64, default_concurrency_limit=4)
    return page
