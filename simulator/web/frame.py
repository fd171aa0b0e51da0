"""What the four pages share: the session that is open, its clock, the notice line, and going from page to page."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import gradio as gr

from simulator.errors import RepairRoomError
from simulator.people import Person, require
from simulator.review.export import partners_of
from simulator.web import render
from simulator.web.guard import person_of
from simulator.web.handlers import Clock, Desk
from simulator.web.theme import KEYS, REMEMBER_JS, links

_QUIET = {"show_progress": "hidden", "api_visibility": "private"}
# Handlers that wait for the model take turns; those that only redraw never wait behind them.
MODEL = {"concurrency_id": "model", "concurrency_limit": 4, **_QUIET}
LIGHT = {"queue": False, **_QUIET}


@dataclass
class Frame:
    """The page around the pages."""

    desk: Desk
    session: gr.State
    clock: gr.State
    address: gr.Textbox
    notice: gr.HTML
    pages: gr.HTML
    columns: dict[str, gr.Column] = field(default_factory=dict)

    @classmethod
    def open(cls, desk: Desk) -> Frame:
        """Lay the frame; call it inside the app's Blocks."""
        session, clock = gr.State(""), gr.State(Clock())
        # The id again, where the browser can see it: it goes into the address, so that a reload comes back.
        address = gr.Textbox(visible="hidden", elem_id="address")
        gr.HTML(f"<h1>Repair Room</h1>{KEYS}", elem_id="title", padding=False)
        pages = gr.HTML(elem_id="pages", padding=False)
        return cls(desk, session, clock, address, gr.HTML(elem_id="notice", padding=False), pages)

    def link(self, request: gr.Request) -> str:
        """Return the links to the other pages that are this person's."""
        return links(self.person(request))

    @contextmanager
    def page(self, name: str, *, visible: bool = False, classes: str = "") -> Iterator[None]:
        """Lay one page; it is shown by `show(name)`."""
        with gr.Column(visible=visible, elem_id=f"{name}-page", elem_classes=classes) as column:
            yield
        self.columns[name] = column

    @property
    def screens(self) -> list[gr.Column]:
        """The columns of all pages, in the order of `show`."""
        return list(self.columns.values())

    def show(self, name: str) -> list[Any]:
        """Return the updates that show one page and hide the others."""
        return [gr.update(visible=n == name) for n in self.columns]

    def remember(self, event: Any) -> Any:
        """After `event`, put the session's id into the browser's address; the next event can follow."""
        return event.then(lambda s: s, self.session, self.address, **LIGHT).then(
            None, self.address, None, js=REMEMBER_JS
        )

    def person(self, request: gr.Request) -> Person:
        """Return who is asking."""
        return person_of(self.desk.room.store, request.cookies)

    def own(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        """Return a handler, whose first value is a session's id, that answers the session's owner and nobody else."""

        def check(request: gr.Request, session: str) -> None:
            store = self.desk.room.store
            try:
                person = self.person(request)
                require(person, "session.play" if session else "practise", store.session(session) if session else None)
            except RepairRoomError as error:
                raise gr.Error(str(error)) from error

        if inspect.isgeneratorfunction(handler):

            def stream(request: gr.Request, *values: Any) -> Iterator[Any]:
                check(request, str(values[0] or ""))
                yield from handler(*values)

            return stream

        def once(request: gr.Request, *values: Any) -> Any:
            check(request, str(values[0] or ""))
            return handler(*values)

        return once

    def names(self, session: str) -> list[str]:
        """Return the partners' names of a stored session."""
        return partners_of(self.desk.room, self.desk.room.store.session(session))


def safe(function: Callable[..., Any], *values: Any) -> tuple[Any, str]:
    """Return (result, "") or, for a mistake a person can mend, (None, what to show)."""
    try:
        return function(*values), ""
    except RepairRoomError as error:
        return None, render.notice(str(error))
