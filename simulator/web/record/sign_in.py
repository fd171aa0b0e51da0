"""Signing in and out, and the style and keys of the pages."""

from __future__ import annotations

import re
from pathlib import Path

from fastapi.responses import RedirectResponse, Response

from simulator.errors import PermissionDeniedError
from simulator.people import sign_in, sign_out, sign_out_everywhere
from simulator.web.endpoints import Asked, inside, on
from simulator.web.guard import COOKIE
from simulator.web.theme import CSS

_HERE = Path(__file__).parents[1]
_DARK = re.search(r"\.dark \{([^}]*)\}", CSS)
_STYLE = (
    ":root { --ground: #fff; --edge: #64748b; }\n"
    + CSS
    + (_HERE / "documents.css").read_text(encoding="utf-8")
    + "@media (prefers-color-scheme: dark) { :root { --ground: #0f172a; --edge: #94a3b8;"
    + (_DARK.group(1) if _DARK else "")
    + "} }"
)
_KEYS = "".join((_HERE / name).read_text(encoding="utf-8") for name in ("documents.js", "drafts.js"))
_A_WHILE = {"Cache-Control": "max-age=3600"}


@on("GET", "/style.css", "public")
def style(r: Asked) -> Response:
    """The one style of all pages of the record."""
    return Response(_STYLE, 200, _A_WHILE, "text/css")


@on("GET", "/documents.js", "account")
def keys(r: Asked) -> Response:
    """The keys of the review, the clock of a drill, what the studio keeps unsaved: the only script of these pages."""
    return Response(_KEYS, 200, _A_WHILE, "text/javascript")


@on("GET", "/sign-in", "public")
def sign_in_page(r: Asked) -> Response:
    """The page that signs a person in."""
    return r.page("sign_in.html", to=inside(r.query.get("to", "/")), name="")


@on("POST", "/sign-in", "public")
def do_sign_in(r: Asked) -> Response:
    """Sign a person in; the cookie is for this site alone."""
    name, to = r.text("name", 80), inside(r.text("to", 200))
    try:
        token = sign_in(r.store, name, r.text("password", 200), r.request.client.host if r.request.client else "")
    except PermissionDeniedError as error:
        return r.page("sign_in.html", 403, to=to, name=name, problem=str(error))
    answer = RedirectResponse(to, 303)
    secure = r.request.url.scheme == "https"
    answer.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=secure, max_age=12 * 3600)
    return answer


@on("POST", "/sign-out", "account")
def do_sign_out(r: Asked) -> Response:
    """Sign this browser out."""
    sign_out(r.store, r.request.cookies.get(COOKIE, ""))
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(COOKIE)
    return answer


@on("POST", "/sign-out-everywhere", "account")
def do_sign_out_everywhere(r: Asked) -> Response:
    """Sign every browser of this person out."""
    sign_out_everywhere(r.store, r.who)
    return RedirectResponse("/sign-in", 303)
