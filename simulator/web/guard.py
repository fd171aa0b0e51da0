"""Who is asking, at the door: every request but the sign-in page's needs somebody, and writes come from our own pages."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simulator.people import LOCAL, Person, who_is
from simulator.store import Repository

COOKIE = "repair_room"
PUBLIC = frozenset({"/health", "/sign-in", "/style.css"})
MAX_BODY = 6_000_000  # of a request: a file that is brought in has 5 MB at most, with its form around it
MAX_PUBLIC_BODY = 20_000  # of a request by somebody who is not signed in: a name and a password
_ELSEWHERE = (
    "Without accounts the room answers this computer alone, under localhost or 127.0.0.1. To reach it under another name, "
    "make an account first: repair-room user add NAME --role administrator."
)
_TOO_LARGE = "This is too large to be sent at once: a file has 5 MB at most."


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
        limit = MAX_PUBLIC_BODY if request.url.path in PUBLIC else MAX_BODY
        refusal = self._refusal(request) or _too_large(request, limit)
        await (refusal or self._app)(scope, _counted(receive, limit), send)

    def _refusal(self, request: Request) -> Response | None:
        if request.method not in ("GET", "HEAD", "OPTIONS") and _foreign(request):
            return PlainTextResponse("This request did not come from a page of the room.", 403)
        if request.url.path in PUBLIC:
            return None
        person = person_of(self._store, request.cookies)
        if person == LOCAL and not _on_this_computer(request):
            return PlainTextResponse(_ELSEWHERE, 403)
        if person.somebody:
            request.scope.setdefault("state", {})["person"] = person
            return None
        if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
            return RedirectResponse(f"/sign-in?to={quote(request.url.path)}", 303)
        return PlainTextResponse("Sign in first.", 401)


def loopback(host: str) -> bool:
    """Return whether a host's name or address means this computer and no other."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _on_this_computer(request: Request) -> bool:
    """Return whether a browser here asks for a page here.

    Another site's name can be made to lead to this computer, so that its page reads ours: the name that the browser asked
    for tells them apart.
    """
    try:
        asked = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    except ValueError:
        return False
    return request.client is not None and loopback(request.client.host) and loopback(asked)


def _too_large(request: Request, limit: int) -> Response | None:
    """Refuse what says of itself that it is too large, before any of it is read."""
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and len(declared) < 20 and int(declared) <= limit:
        return None
    return PlainTextResponse(_TOO_LARGE, 413)


def _counted(receive: Receive, limit: int) -> Receive:
    """Return `receive` that stops at the limit: what comes in pieces says nothing of its size beforehand."""
    read = 0

    async def counted() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > limit:
            raise HTTPException(413, _TOO_LARGE)
        return message

    return counted


def _foreign(request: Request) -> bool:
    """Return whether a browser says that another site's page made this request."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != request.headers.get("host", "")
