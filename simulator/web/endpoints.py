"""What every page that is a plain document shares: its action, who asks, the form, the answer. One without an action cannot be made."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from simulator.errors import InputError, PermissionDeniedError, RepairRoomError
from simulator.people import NOBODY, Person, may, require
from simulator.rubric import SKILLS
from simulator.rubric.book import SkillRules
from simulator.session import Room
from simulator.store import NoteRecord, Repository, SessionRecord
from simulator.web.guard import MAX_BODY
from simulator.web.theme import PAGES

PAGE = 25
MAX_UPLOAD = 2_000_000  # of a transcript
_MAX_FIELDS = 20_000  # of a form: six for each of some hundred lines, and every code of every bid
_PAGES = Environment(loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True)
_PAGES.globals["pages_of_all"] = PAGES
_PAGES.filters["cap"] = lambda words: words[:1].upper() + words[1:]
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "frame-ancestors 'none'; form-action 'self'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}  # fmt: skip

_WAYS = {"/work": "Back to my work", "/studio": "Back to the studio"}
Work = Callable[["Asked"], Response]
# Path and method -> the action it takes: what the permission walk reads. "public" is for the sign-in page alone.
ENDPOINTS: dict[tuple[str, str], str] = {}
_WORK: dict[tuple[str, str], Work] = {}


def on(method: str, path: str, action: str) -> Callable[[Work], Work]:
    """Make a function an endpoint; the permission is checked, for the session in its path, before it runs."""

    def add(work: Work) -> Work:
        ENDPOINTS[path, method], _WORK[path, method] = action, work
        return work

    return add


@dataclass(frozen=True)
class Asked:
    """One request: what was asked, by whom, with which form, about which session."""

    room: Room
    request: Request
    who: Person
    form: FormData
    upload: bytes
    about: SessionRecord | None

    @property
    def store(self) -> Repository:
        """The database."""
        return self.room.store

    @property
    def session(self) -> SessionRecord:
        """The session in the path."""
        if self.about is None:
            raise PermissionDeniedError("There is nothing here for you.", how="Go back.")
        return self.about

    @property
    def query(self) -> Any:
        """The query's parameters."""
        return self.request.query_params

    @property
    def skills(self) -> list[SkillRules]:
        """The three skills with their titles and levels, in order."""
        return [self.room.engine.rubric.levels.skills[s] for s in SKILLS]

    @property
    def titles(self) -> dict[str, str]:
        """The titles of the three skills."""
        return {s: self.room.engine.rubric.levels.skills[s].title for s in SKILLS}

    @property
    def watched(self) -> tuple[int | None, ...]:
        """Whose sessions this supervisor sees; on a machine with one profile, one's own."""
        return tuple(self.who.watched) if self.who.id is not None else (None,)

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """Return a page, with the notice that the last one left."""
        body = _PAGES.get_template(template).render(
            who=self.who, may=lambda a: may(self.who, a), **{"notice": self.query.get("done", ""), **values}
        )
        return Response(body, status, _HEADERS, "text/html")

    def back(self, path: str, done: str = "", turn: int | None = None) -> Response:
        """Return to a page (an address with a query and a fragment of its own, or none), which then says `done`, at a turn."""
        address, _, place = path.partition("#")
        if done:
            address += f"{'&' if '?' in address else '?'}{urlencode({'done': done})}"
        place = f"turn-{turn}" if turn is not None else place
        return RedirectResponse(f"{address}{f'#{place}' if place else ''}", 303)

    def log(self, action: str, subject: str = "") -> None:
        """Write a line of the audit log."""
        self.store.people.note(self.who.name, action, subject)

    def text(self, name: str, most: int) -> str:
        """Return a field of the form, cut at `most` characters."""
        value = self.form.get(name, "")
        return value[:most] if isinstance(value, str) else ""

    def ticked(self, name: str) -> bool:
        """Return whether a box of the form is ticked."""
        return self.form.get(name) == "yes"

    def number(self, name: str) -> int:
        """Return a number that the page itself put into the form."""
        value = self.text(name, 9)
        if not value.isdecimal():
            raise InputError("The page that sent this is out of date.", how="Reload it and try again.")
        return int(value)

    def turn(self) -> int:
        """Return the turn that the form is about."""
        turn = self.number("turn")
        if turn >= self.session.length:
            raise InputError("There is no such turn.", how="Reload the page.")
        return turn

    def wanted_page(self, total: int | None = None) -> tuple[int, int]:
        """Return the page of a list that is asked for, and how many pages there are (of `total` rows)."""
        asked = self.query.get("page", "1")
        number = max(1, int(asked)) if asked.isdecimal() and len(asked) < 7 else 1
        pages = max(1, -(-total // PAGE)) if total is not None else number
        return min(pages, number), pages


def router(room: Room, *pages: ModuleType) -> APIRouter:
    """Return all endpoints over an open room; `pages` are the packages whose import made them."""
    made = APIRouter()
    for (path, method), work in _WORK.items():
        made.add_api_route(
            path, _endpoint(room, work, ENDPOINTS[path, method]), methods=[method], include_in_schema=False
        )
    return made


def _endpoint(room: Room, work: Work, action: str) -> Callable[..., Any]:
    async def endpoint(request: Request) -> Response:
        who: Person = request.scope.get("state", {}).get("person", NOBODY)

        def enter() -> SessionRecord | None:
            about: SessionRecord | None = None
            if "session_id" in request.path_params:
                try:
                    about = room.store.session(request.path_params["session_id"])
                except InputError:
                    about = None
            if action != "public":
                require(who, action, about)
            return about

        def problem(said: str, status: int) -> Response:
            there, words = way_back(request)
            return Asked(room, request, who, FormData(), b"", None).page(
                "problem.html", status, problem=said, there=there, words=words
            )

        try:
            # Nothing that somebody sends is read before it is known that they may send it.
            about = await run_in_threadpool(enter)
            form, upload = await _sent(request) if request.method == "POST" else (FormData(), b"")
            return await run_in_threadpool(work, Asked(room, request, who, form, upload, about))
        except PermissionDeniedError as error:
            return problem(str(error), 404)
        except RepairRoomError as error:
            return problem(str(error), 409)
        except HTTPException as error:
            return problem(f"What was sent cannot be read: {error.detail}", error.status_code)

    # FastAPI would otherwise look for these names as strings in this function's scope.
    endpoint.__annotations__ = {"request": Request, "return": Response}
    return endpoint


async def _sent(request: Request) -> tuple[FormData, bytes]:
    """Return the form, with an upload's name in the place of the file, and the file's bytes."""
    form = await request.form(max_fields=_MAX_FIELDS, max_part_size=MAX_BODY)
    file = form.get("file")
    if not isinstance(file, UploadFile):
        return form, b""
    # The door has counted the request's bytes: what is left to read is in memory, or on a short file.
    upload = await file.read()
    return FormData(
        [(k, (v.filename or "") if isinstance(v, UploadFile) else v) for k, v in form.multi_items()]
    ), upload


def routes_of(routes: Sequence[Any]) -> list[tuple[str, str]]:
    """Return (path, method) of every route of an app and of the routers in it, for the permission walk."""
    found = []
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            found += routes_of(inner.routes)
        found += [(route.path, m) for m in getattr(route, "methods", None) or () if m not in ("HEAD", "OPTIONS")]
    return sorted(found)


def attached(body: bytes, kind: str, name: str) -> Response:
    """Return a file to be kept under a name."""
    return Response(body, 200, {"Content-Disposition": f'attachment; filename="{name}"'}, kind)


def level(value: str) -> int | None:
    """Return a level from 1 to 5, None for anything else."""
    return int(value) if value in ("1", "2", "3", "4", "5") else None


def day(value: str) -> datetime | None:
    """Return the start of a day, where this machine stands; None for what is no date, or none that has a next day."""
    try:
        start = datetime.fromisoformat(value) if value else None
        return start.astimezone(UTC) if start and start.year < 9999 else None
    except (ValueError, OverflowError, OSError):
        return None


def way_back(request: Request) -> tuple[str, str]:
    """Return (address, words for it) of the page that somebody came from, else of the nearest above what they asked for."""
    came = urlsplit(request.headers.get("referer", ""))
    asked = request.url.path
    if came.netloc == request.url.netloc and _is_page(came.path) and (came.path != asked or request.method == "POST"):
        query = urlencode([(k, v) for k, v in parse_qsl(came.query) if k != "done"])
        return f"{came.path}{f'?{query}' if query else ''}", _WAYS.get(came.path, "Back to the page you came from")
    above = asked.rpartition("/")[0]
    while above and not _is_page(above):
        above = above.rpartition("/")[0]
    return above or "/work", _WAYS.get(above or "/work", "Back to its page")


def _is_page(path: str) -> bool:
    """Return whether a path is that of a page to be read, and not only of a form to be sent."""
    methods = {m for known, m in ENDPOINTS if known == path} or {
        m for known, m in ENDPOINTS if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", known), path)
    }
    return "GET" in methods


def inside(path: str) -> str:
    """Return a path of this room, never another site's address."""
    return path if re.fullmatch(r"/(?!/)[\w./?=&-]*", path) else "/"


def when(at: datetime) -> str:
    """Return a moment as the pages say it."""
    return f"{at.astimezone():%d %b %Y %H:%M}"


def note_words(note: NoteRecord) -> dict[str, str]:
    """Return a note as a template shows it."""
    label = {
        "note": "Note to self:", "question": f"{note.author} asks:", "comment": f"{note.author}:",
        "unlikely": f"{note.author}: nobody would say that.",
    }[note.kind]  # fmt: skip
    return {"kind": note.kind, "label": label, "text": note.text, "quote": note.quote}
