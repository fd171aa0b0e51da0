"""Who is asking, at the door: every request but the sign-in page's needs somebody, and writes come from our own pages."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from simulator.people import Person, who_is
from simulator.store import Repository

COOKIE = "repair_room"
PUBLIC = frozenset({"/health", "/sign-in", "/style.css"})


def person_of(store: Repository, cookies: Mapping[str, str]) -> Person:
    """Return who is behind a browser's cookies."""
    return who_is(store, cookies.get(COOKIE, ""))


class Door:
    """Lets in who is signed in (or anybody on a room without accounts); sends others to the sign-in page."""

    def __init__(self, app: ASGIApp, store: Repository) -> None:
        self._app, self._store = app, store

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        refusal = self._refusal(request)
        await (refusal or self._app)(scope, receive, send)

    def _refusal(self, request: Request) -> Response | None:
        if request.method not in ("GET", "HEAD", "OPTIONS") and _foreign(request):
            return PlainTextResponse("This request did not come from a page of the room.", 403)
        if request.url.path in PUBLIC:
            return None
        person = person_of(self._store, request.cookies)
        if person.somebody:
            request.scope.setdefault("state", {})["person"] = person
            return None
        if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
            return RedirectResponse(f"/sign-in?to={quote(request.url.path)}", 303)
        return PlainTextResponse("Sign in first.", 401)


def _foreign(request: Request) -> bool:
    """Return whether a browser says that another site's page made this request."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != request.headers.get("host", "")
