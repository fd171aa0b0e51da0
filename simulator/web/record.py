"""The pages of the record - my work, a session, reviews, agreement, people, account - as plain documents.

Each endpoint says in its decorator which action of `people.permissions` it is; one without an action cannot be made.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader
from starlette.datastructures import FormData, UploadFile

from simulator.couple.techniques import TECHNIQUES
from simulator.errors import InputError, PermissionDeniedError, RepairRoomError
from simulator.people import (
    NOBODY,
    ROLES,
    Person,
    add_person,
    may,
    require,
    set_password,
    sign_in,
    sign_out,
    sign_out_everywhere,
)
from simulator.review.consensus import LEAST, agreement_tables, apart
from simulator.review.export import FORMATS, export_many, export_one, judged, partners_of, title_of
from simulator.review.importing import import_transcripts, look_for_details, read_any
from simulator.review.progress import flags, overall, weekly
from simulator.rubric import SKILLS, THERAPIST
from simulator.session import Room
from simulator.store import Found, JudgementRecord, ReviewRecord, SessionRecord
from simulator.text import clean
from simulator.web import render
from simulator.web.guard import COOKIE
from simulator.web.theme import CSS

PAGE = 25
COHORT_LATEST = 10
MAX_UPLOAD = 2_000_000
_HERE = Path(__file__).parent
_PAGES = Environment(loader=FileSystemLoader(_HERE / "templates"), autoescape=True)
_DARK = re.search(r"\.dark \{([^}]*)\}", CSS)
STYLE = (
    ":root { --ground: #fff; --edge: #64748b; }\n"
    + CSS
    + (_HERE / "record.css").read_text(encoding="utf-8")
    + "@media (prefers-color-scheme: dark) { :root { --ground: #0f172a; --edge: #94a3b8;"
    + (_DARK.group(1) if _DARK else "")
    + "} }"
)

# Path and method -> the action it takes: what the permission walk reads. "public" is for the sign-in page alone.
ENDPOINTS: dict[tuple[str, str], str] = {}


def router(room: Room) -> APIRouter:
    """Return the endpoints of the record over an open room."""
    made = APIRouter()
    store = room.store

    def page(template: str, request: Request, status: int = 200, **values: Any) -> Response:
        who: Person = request.scope.get("state", {}).get("person", NOBODY)
        body = _PAGES.get_template(template).render(
            who=who, may=lambda action: may(who, action), **{"notice": request.query_params.get("done", ""), **values}
        )
        headers = {
            "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; "
            "script-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; form-action 'self'",
            "Cache-Control": "no-store",
            "Referrer-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
        }
        return Response(body, status, headers, "text/html")

    def on(method: str, path: str, action: str) -> Callable[[Callable[..., Response]], None]:
        """Register an endpoint: the session in its path, if any, is fetched and the permission checked before it runs."""
        ENDPOINTS[path, method] = action

        def add(work: Callable[..., Response]) -> None:
            @wraps(work)
            async def endpoint(request: Request) -> Response:
                who: Person = request.scope.get("state", {}).get("person", NOBODY)
                form = await request.form() if method == "POST" else FormData()
                upload = form.get("file")
                if isinstance(upload, UploadFile):
                    form = FormData(
                        [*((k, v) for k, v in form.multi_items() if k != "file"), ("file", upload.filename or "")]
                    )
                    request.scope["upload"] = await upload.read(MAX_UPLOAD + 1)

                def run() -> Response:
                    session: SessionRecord | None = None
                    if "session_id" in request.path_params:
                        try:
                            session = store.session(request.path_params["session_id"])
                        except InputError:
                            session = None
                    if action != "public":
                        require(who, action, session)
                    return work(request, who, form, session) if session else work(request, who, form)

                try:
                    return await run_in_threadpool(run)
                except PermissionDeniedError as error:
                    return page("problem.html", request, 404, problem=str(error))
                except RepairRoomError as error:
                    return page("problem.html", request, 409, problem=str(error))

            # FastAPI would read parameters from the wrapped signature; it takes the request alone.
            del endpoint.__wrapped__
            made.add_api_route(path, endpoint, methods=[method], include_in_schema=False)

        return add

    def title(record: SessionRecord) -> str:
        return title_of(room, record)

    def names(record: SessionRecord) -> list[str]:
        return partners_of(room, record)

    def owner_name(record: SessionRecord) -> str:
        return next((u.name for u in store.people.all() if u.id == record.owner_id), "local profile")

    def therapist(record: SessionRecord) -> str:
        name = owner_name(record)
        return "Trainee" if record.owner_id is None else name

    @on("GET", "/style.css", "public")
    def style(request: Request, who: Person, form: FormData) -> Response:
        return Response(STYLE, 200, {"Cache-Control": "max-age=3600"}, "text/css")

    # --- signing in -----------------------------------------------------------------------

    @on("GET", "/sign-in", "public")
    def sign_in_page(request: Request, who: Person, form: FormData) -> Response:
        return page("sign_in.html", request, to=_inside(request.query_params.get("to", "/")), name="")

    @on("POST", "/sign-in", "public")
    def do_sign_in(request: Request, who: Person, form: FormData) -> Response:
        name, to = _text(form, "name", 80), _inside(_text(form, "to", 200))
        try:
            token = sign_in(store, name, str(form.get("password", "")), request.client.host if request.client else "")
        except PermissionDeniedError as error:
            return page("sign_in.html", request, 403, to=to, name=name, problem=str(error))
        answer = RedirectResponse(to, 303)
        secure = request.url.scheme == "https"
        answer.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=secure, max_age=12 * 3600)
        return answer

    @on("POST", "/sign-out", "account")
    def do_sign_out(request: Request, who: Person, form: FormData) -> Response:
        sign_out(store, request.cookies.get(COOKIE, ""))
        answer = RedirectResponse("/sign-in", 303)
        answer.delete_cookie(COOKIE)
        return answer

    @on("POST", "/sign-out-everywhere", "account")
    def do_sign_out_everywhere(request: Request, who: Person, form: FormData) -> Response:
        sign_out_everywhere(store, who)
        return RedirectResponse("/sign-in", 303)

    # --- my work --------------------------------------------------------------------------

    @on("GET", "/work", "practise")
    def work(request: Request, who: Person, form: FormData) -> Response:
        q = request.query_params
        wanted = {k: q.get(k, "")[:100] for k in ("words", "couple", "since", "until")}
        since, until = _day(wanted["since"]), _day(wanted["until"])
        found = Found(
            (who.id,), couple=wanted["couple"], words=wanted["words"].strip(), since=since,
            until=until + timedelta(days=1) if until else None,
        )  # fmt: skip
        total = store.count_sessions(found)
        number, pages = _page(q.get("page", ""), total)
        rows = [
            {"id": r.id, "title": title(r), "when": _when(r.created), "length": r.length, "status": _status(r)}
            for r in store.sessions(found, limit=PAGE, offset=PAGE * (number - 1))
        ]
        recent = store.sessions(Found((who.id,)), limit=40)
        progress = weekly([(r, store.turns(r.id)) for r in recent])
        couples = [(c.id, c.title) for c in room.library.couples.values()]
        return page(
            "work.html", request, rows=rows, total=total, page=number, pages=pages, f=wanted, couples=couples,
            filtered=any(wanted.values()), query=urlencode(wanted), progress=progress, counted=len(recent),
            skills=[room.engine.rubric.levels.skills[s] for s in SKILLS],
        )  # fmt: skip

    def facts(record: SessionRecord) -> str:
        voiced = f"voiced by {record.model}, " if record.model else ""
        return (
            f"{owner_name(record)}, {_when(record.created)}, {_status(record)}. {voiced}scored with {record.rubric_version}, "
            f"engine {record.engine_version}. {render.SIMULATION}"
        )

    def family(record: SessionRecord) -> list[dict[str, Any]]:
        """Return the session that was taken back in, and all that branched from it."""
        root = record
        while root.parent_id:
            try:
                root = store.session(root.parent_id)
            except InputError:
                break
            if root.owner_id != record.owner_id:
                break
        members, waiting = [], [root]
        while waiting:
            member = waiting.pop(0)
            members.append(member)
            waiting.extend(store.sessions(Found((record.owner_id,), parent=member.id), limit=20))
        return [
            {"id": m.id, "here": m.id == record.id, "words": _branch_words(m), "record": m}
            for m in sorted(members, key=lambda m: m.created)
        ]

    @on("GET", "/sessions/{session_id}", "session.read")
    def session_page(request: Request, who: Person, form: FormData, record: SessionRecord) -> Response:
        own = may(who, "session.play", record)
        if not own:
            store.people.note(who.name, "viewed a session", record.id)
        turns, partners = store.turns(record.id), names(record)
        notes = [n for n in store.reviews.notes(record.id) if own or n.kind != "note"]
        signed = [r for r in store.reviews.of([record.id]) if r.signed]
        titles: dict[str, str] = {s: room.engine.rubric.levels.skills[s].title for s in SKILLS}
        rows = []
        for i, turn in enumerate(turns):
            said = [
                {"author": r.author, "skill": titles.get(j.skill, j.skill), "words": judged(j)}
                for r in signed
                for j in r.holding().values()
                if j.turn == turn.index
            ]
            rows.append(
                {
                    "html": render.turn_card(turns, i, partners, room.engine.rubric, coached=True, me="You" if own else therapist(record)), "index": turn.index,
                    "therapist": turn.speaker == THERAPIST, "can_take_back": bool(turn.before), "judgements": said,
                    "notes": [_note(n) for n in notes if n.turn == turn.index],
                }
            )  # fmt: skip
        return page(
            "session.html", request, record=record, title=title(record), facts=facts(record), own=own, turns=rows,
            formats=list(FORMATS.items()), reviews=signed, family=family(record) if own else [],
        )  # fmt: skip

    @on("POST", "/sessions/{session_id}/note", "session.note")
    def add_note(request: Request, who: Person, form: FormData, record: SessionRecord) -> Response:
        kind = "question" if form.get("kind") == "question" else "note"
        turn, text = _turn(form, record), clean(_text(form, "text", 2000))
        if not text:
            raise InputError("There are no words in it.", how="Go back and write some.")
        store.reviews.add_note(record.id, turn, who.id, who.name, kind, text)
        return _back(f"/sessions/{record.id}", "It is kept.", turn)

    @on("POST", "/sessions/{session_id}/submit", "session.submit")
    def submit(request: Request, who: Person, form: FormData, record: SessionRecord) -> Response:
        consent = form.get("consent") == "yes"
        store.submit(record.id, consent=consent)
        store.people.note(who.name, "submitted a session" if consent else "took a session back from review", record.id)
        return _back(
            f"/sessions/{record.id}", "Submitted: your supervisors may read it now." if consent else "Taken back."
        )

    @on("POST", "/sessions/{session_id}/delete", "session.delete")
    def delete(request: Request, who: Person, form: FormData, record: SessionRecord) -> Response:
        store.delete_session(record.id)
        store.people.note(who.name, "deleted a session", record.id)
        return _back("/work", "The session is gone.")

    @on("POST", "/sessions/{session_id}/take-back", "session.play")
    def take_back(request: Request, who: Person, form: FormData, record: SessionRecord) -> Response:
        return RedirectResponse(f"/?session={room.take_back(record.id, _turn(form, record)).id}", 303)

    @on("GET", "/compare/{session_id}/{other_id}", "session.play")
    def compare(request: Request, who: Person, form: FormData, record: SessionRecord) -> Response:
        other = next((m["record"] for m in family(record) if m["id"] == request.path_params["other_id"]), None)
        if other is None:
            raise PermissionDeniedError("There is nothing here for you.", how="Go back.")
        require(who, "session.play", other)
        pair = sorted((record, other), key=lambda r: r.created)
        said = [store.turns(r.id) for r in pair]
        common = 0
        for a, b in zip(*said, strict=False):
            if (a.speaker, a.text) != (b.speaker, b.text):
                break
            common += 1
        partners = names(record)
        sides = [
            {
                "id": r.id, "words": _branch_words(r),
                "turns": [
                    render.turn_card(turns, i, partners, room.engine.rubric, coached=True) for i in range(common, len(turns))
                ],
            }
            for r, turns in zip(pair, said, strict=True)
        ]  # fmt: skip
        return page("compare.html", request, sides=sides, common=common)

    @on("GET", "/sessions/{session_id}/export", "session.export")
    def export(request: Request, who: Person, form: FormData, record: SessionRecord) -> Response:
        key = request.query_params.get("format", "html")
        body, kind = export_one(room, record, key, own=may(who, "session.play", record))
        store.people.note(who.name, f"exported a session as {key}", record.id)
        name = f"repair-room-{record.created:%Y-%m-%d}-{record.id[:8]}.{'md' if key == 'markdown' else key}"
        return Response(body, 200, {"Content-Disposition": f'attachment; filename="{name}"'}, kind)

    @on("POST", "/import", "session.import")
    def bring(request: Request, who: Person, form: FormData) -> Response:
        data: bytes = request.scope.get("upload", b"")
        if len(data) > MAX_UPLOAD:
            raise InputError("The file is larger than 2 MB.", how="Split it into several.")
        read = read_any(data, _text(form, "file", 200), therapist=_text(form, "therapist", 80) or "Therapist")
        details = look_for_details(read)
        if details and form.get("redact") != "yes" and form.get("sure") != "yes":
            raise InputError(
                f"This looks like a real person's details: {', '.join(details[:8])}. Nothing was kept.",
                how="Go back and have them replaced, or say that you have looked.",
            )
        made = import_transcripts(room, read, owner=who.id, redact=form.get("redact") == "yes")
        store.people.note(who.name, "imported sessions", str(len(made)))
        return _back(f"/sessions/{made[0].id}" if len(made) == 1 else "/work", f"Imported and scored: {len(made)}.")

    # --- supervisors ----------------------------------------------------------------------

    def watched(who: Person) -> tuple[int | None, ...]:
        return tuple(who.watched) if who.id is not None else (None,)

    @on("GET", "/reviews", "review.queue")
    def queue(request: Request, who: Person, form: FormData) -> Response:
        q = request.query_params
        wanted = {"trainee": q.get("trainee", "")[:20], "show": "signed" if q.get("show") == "signed" else "open"}
        owners = tuple(o for o in watched(who) if not wanted["trainee"] or str(o) == wanted["trainee"])
        found = Found(owners, submitted=True, signed=wanted["show"] == "signed")
        total = store.count_sessions(found)
        number, pages = _page(q.get("page", ""), total)
        people = {u.id: u.name for u in store.people.all()}
        rows = []
        for r in store.sessions(found, limit=PAGE, offset=PAGE * (number - 1)):
            begun = [v.author for v in store.reviews.of([r.id])]
            status = f"begun by {', '.join(begun)}" if begun else "new"
            rows.append(
                {
                    "id": r.id, "title": title(r), "owner": people.get(r.owner_id or 0, "local profile"),
                    "when": _when(r.created), "length": r.length, "status": status,
                    "flags": flags(r, store.turns(r.id), room.played(r)[1] if r.couple_id else None),
                }
            )  # fmt: skip
        return page(
            "reviews.html", request, rows=rows, total=total, page=number, pages=pages, f=wanted, query=urlencode(wanted),
            trainees=[{"id": i, "name": people.get(i, "")} for i in sorted(who.watched)],
            hidden=store.count_sessions(Found(owners, submitted=False)) if owners else 0,
        )  # fmt: skip

    @on("GET", "/cohort", "review.queue")
    def cohort(request: Request, who: Person, form: FormData) -> Response:
        people = {u.id: u for u in store.people.all()}
        met: set[int] = set()
        rows = []
        for owner in watched(who):
            shown = store.sessions(Found((owner,), submitted=True, played=True), limit=COHORT_LATEST)
            read = [(r, store.turns(r.id)) for r in shown]
            last = store.sessions(Found((owner,)), limit=1)
            counted: Counter[str] = Counter()
            for record, turns in read:
                scenario = room.played(record)[1]
                met.update(scenario.techniques)
                counted.update(flags(record, turns, scenario))
            user = people.get(owner or 0)
            rows.append(
                {
                    "id": owner or "", "name": user.name if user else "local profile", "groups": user.groups if user else (),
                    "sessions": store.count_sessions(Found((owner,))),
                    "submitted": store.count_sessions(Found((owner,), submitted=True)),
                    "last": _when(last[0].created) if last else "never", "points": overall(read),
                    "flags": sorted(counted.items()),
                }
            )  # fmt: skip
        calls: dict[int, list[str]] = {}
        for scenario in room.library.scenarios.values():
            for technique in scenario.techniques:
                calls.setdefault(technique, []).append(scenario.title)
        unmet = [(TECHNIQUES[t][0], "; ".join(where[:3])) for t, where in sorted(calls.items()) if t not in met]
        return page(
            "cohort.html", request, rows=sorted(rows, key=lambda r: str(r["name"])), unmet=unmet, latest=COHORT_LATEST,
            skills=[room.engine.rubric.levels.skills[s] for s in SKILLS],
        )  # fmt: skip

    @on("GET", "/sessions/{session_id}/review", "review.write")
    def review_page(request: Request, who: Person, form: FormData, record: SessionRecord) -> Response:
        store.people.note(who.name, "viewed a session", record.id)
        review = next((r for r in store.reviews.of([record.id]) if r.author == who.name), None)
        turns, partners, rubric = store.turns(record.id), names(record), room.engine.rubric
        holding = review.holding() if review else {}
        notes = [n for n in store.reviews.notes(record.id) if n.kind != "note"]
        rows, scored = [], 0
        for i, turn in enumerate(turns):
            skills = []
            for key in SKILLS if turn.score else ():
                result, table = turn.score["skills"][key], rubric.levels.skills[key]  # type: ignore[index]
                is_scored = result["status"] == "scored"
                scored += is_scored
                hidden = bool(review and review.blind and is_scored and (turn.index, key) not in holding)
                engine = (
                    f"engine: {result['level']} {table.levels[result['level'] - 1]}" if is_scored and not hidden else ""
                )
                past = [j for j in review.judgements if (j.turn, j.skill) == (turn.index, key)] if review else []
                skills.append(
                    {
                        "key": key, "title": table.title, "engine": engine, "scored": is_scored, "hidden": hidden,
                        "levels": table.levels, "codes": [c.id for c in rubric.book.codes if c.skill == key],
                        "said": [f"{_when(j.created)}: {judged(j)}" for j in past],
                    }
                )  # fmt: skip
            # Blind, the scores of a reply show once every one of its skills has a judgement of one's own.
            shown = not (review and review.blind) or not any(s["hidden"] for s in skills)
            rows.append(
                {
                    "html": render.turn_card(turns, i, partners, rubric, coached=shown, me=therapist(record)), "index": turn.index, "skills": skills,
                    "therapist": bool(turn.score), "notes": [_note(n) for n in notes if n.turn == turn.index],
                }
            )  # fmt: skip
        return page(
            "review.html", request, record=record, title=title(record), facts=facts(record), review=review, turns=rows,
            done=len(holding), scored=scored,
        )  # fmt: skip

    @on("POST", "/sessions/{session_id}/review", "review.write")
    def begin_review(request: Request, who: Person, form: FormData, record: SessionRecord) -> Response:
        store.reviews.begin(record.id, who.id, who.name, blind=form.get("blind") == "yes")
        store.people.note(who.name, "began a review", record.id)
        return _back(f"/sessions/{record.id}/review", "")

    def mine(who: Person, record: SessionRecord) -> ReviewRecord:
        found = next((r for r in store.reviews.of([record.id]) if r.author == who.name), None)
        if found is None:
            raise InputError("There is no review of yours yet.", how="Begin one on the session's review page.")
        return found

    @on("POST", "/sessions/{session_id}/judge", "review.write")
    def judge(request: Request, who: Person, form: FormData, record: SessionRecord) -> Response:
        review, turn = mine(who, record), _turn(form, record)
        score = next((t.score for t in store.turns(record.id) if t.index == turn), None)
        if score is None:
            raise InputError("This is no scored reply.", how="Reload the review.")
        found = []
        for key in SKILLS:
            verdict, result = str(form.get(f"verdict.{key}", "")), score["skills"][key]
            if not verdict or result["status"] != "scored":
                continue
            hidden = review.blind and (turn, key) not in review.holding()
            level = _level(_text(form, f"level.{key}", 1))
            code = _text(form, f"code.{key}", 60)
            if verdict not in (("override",) if hidden else ("agree", "partly", "override")):
                raise InputError("This is no verdict here.", how="Reload the review and choose again.")
            if verdict == "override" and level is None:
                raise InputError("An override needs a level.", how="Go back and choose one from 1 to 5.")
            if code and code not in room.engine.rubric.book.code:
                raise InputError("There is no such behaviour code.", how="Choose one from the list.")
            reason = clean(_text(form, f"reason.{key}", 1000))
            if verdict == "override" and not hidden and not reason:
                raise InputError("An override needs a reason.", how="Go back and say in a few words why.")
            found.append(
                JudgementRecord(
                    turn, key, "blind" if hidden else verdict, level if verdict != "agree" else None, code, reason,
                    result["level"], record.rubric_version, datetime.now(UTC),
                )
            )  # fmt: skip
        comment = clean(_text(form, "comment", 2000))
        if not found and not comment:
            raise InputError("Nothing was chosen.", how="Go back and choose a verdict, or write a comment.")
        if found:
            store.reviews.judge(record.id, who.name, _number(form, "version"), found)
            store.people.note(who.name, "judged scores", record.id)
        if comment:
            store.reviews.add_note(record.id, turn, who.id, who.name, "comment", comment)
        return _back(f"/sessions/{record.id}/review", "Saved.", turn)

    @on("POST", "/sessions/{session_id}/summary", "review.write")
    def summary(request: Request, who: Person, form: FormData, record: SessionRecord) -> Response:
        mine(who, record)
        sign = form.get("sign") == "yes"
        words = clean(_text(form, "summary", 8000))
        store.reviews.summarise(record.id, who.name, _number(form, "version"), words, sign=sign)
        store.people.note(who.name, "signed off a review" if sign else "wrote a summary", record.id)
        return _back(f"/sessions/{record.id}/review", "Signed off." if sign else "Kept.")

    @on("POST", "/sessions/{session_id}/reopen", "review.write")
    def reopen(request: Request, who: Person, form: FormData, record: SessionRecord) -> Response:
        store.reviews.reopen(record.id, mine(who, record).author)
        store.people.note(who.name, "opened a review again", record.id)
        return _back(f"/sessions/{record.id}/review", "It is open again.")

    @on("GET", "/agreement", "agreement")
    def agreement(request: Request, who: Person, form: FormData) -> Response:
        ids = [r.id for r in store.sessions(Found(watched(who), submitted=True), limit=2000)]
        reviews = store.reviews.of(ids)
        titles = {s: room.engine.rubric.levels.skills[s].title for s in SKILLS}
        return page(
            "agreement.html",
            request,
            least=LEAST,
            tables=agreement_tables(reviews, titles),
            apart=apart(reviews, titles),
        )

    # --- people ---------------------------------------------------------------------------

    @on("GET", "/people", "people")
    def people(request: Request, who: Person, form: FormData) -> Response:
        number = max(1, int(request.query_params.get("page", "1")[:6] or 1)) if _digits(request) else 1
        log = store.people.audit(limit=100, offset=100 * (number - 1))
        return page("people.html", request, users=store.people.all(), roles=ROLES, audit=log, page=number)

    @on("POST", "/people/add", "people")
    def add(request: Request, who: Person, form: FormData) -> Response:
        role = _text(form, "role", 20)
        if not store.people.any() and role != "administrator":
            raise InputError("The first account is an administrator's.", how="Go back and choose that role.")
        made = add_person(store, _text(form, "name", 80), role, str(form.get("password", "")))
        if _text(form, "group", 80).strip():
            store.people.join(made.name, _text(form, "group", 80).strip())
        store.people.note(who.name, f"added an account, {made.role}", made.name)
        return _back("/people", f"{made.name} can sign in now.")

    @on("POST", "/people/change", "people")
    def change(request: Request, who: Person, form: FormData) -> Response:
        user = store.people.named(_text(form, "name", 80))
        role, disabled = _text(form, "role", 20), form.get("disabled") == "yes"
        if role not in ROLES:
            raise InputError(f"There is no role '{role}'.", how=f"Choose: {', '.join(ROLES)}.")
        if role != user.role or disabled != user.disabled:
            store.people.change(user.name, role=role, disabled=disabled)
            store.people.note(who.name, f"changed to {role}{', disabled' if disabled else ''}", user.name)
        if form.get("password"):
            set_password(store, user.name, str(form.get("password")))
            store.people.note(who.name, "set a password", user.name)
        groups = {g.strip()[:80] for g in _text(form, "groups", 400).split(",") if g.strip()}
        for group in sorted(groups - set(user.groups)):
            store.people.join(user.name, group)
        for group in sorted(set(user.groups) - groups):
            store.people.leave(user.name, group)
        if groups != set(user.groups):
            store.people.note(who.name, "changed groups", user.name)
        return _back("/people", "Saved.")

    @on("GET", "/account", "account")
    def account(request: Request, who: Person, form: FormData) -> Response:
        return page("account.html", request)

    @on("POST", "/account/password", "account")
    def password(request: Request, who: Person, form: FormData) -> Response:
        if who.id is None:
            raise InputError("The local profile has no password.")
        token = sign_in(store, who.name, str(form.get("old", "")))
        sign_out(store, token)
        set_password(store, who.name, str(form.get("new", "")))
        store.people.note(who.name, "changed the password")
        return RedirectResponse("/sign-in", 303)

    @on("GET", "/account/data", "account")
    def data(request: Request, who: Person, form: FormData) -> Response:
        body = export_many(room, store.sessions(Found((who.id,)), limit=100_000), own=True)
        store.people.note(who.name, "exported everything of theirs")
        return Response(
            body, 200, {"Content-Disposition": 'attachment; filename="repair-room-data.jsonl"'}, "application/jsonl"
        )

    @on("POST", "/account/delete", "account")
    def delete_all(request: Request, who: Person, form: FormData) -> Response:
        if _text(form, "sure", 40).strip().lower() != "delete everything":
            raise InputError("Nothing was deleted.", how='Go back and write "delete everything" into the box.')
        if who.id is not None:
            store.people.change(who.name, disabled=True)  # refuses to lose the only administrator
        for record in store.sessions(Found((who.id,)), limit=1_000_000):
            store.delete_session(record.id)
        if who.id is not None:
            store.people.remove(who.name)
        store.people.note(who.name if who.id is None else f"deleted {who.id}", "deleted everything of theirs")
        return RedirectResponse("/sign-in" if who.id is not None else "/work", 303)

    return made


def _text(form: FormData, name: str, most: int) -> str:
    value = form.get(name, "")
    return value[:most] if isinstance(value, str) else ""


def _number(form: FormData, name: str) -> int:
    value = _text(form, name, 9)
    if not value.isdecimal():
        raise InputError("The page that sent this is out of date.", how="Reload it and try again.")
    return int(value)


def _turn(form: FormData, record: SessionRecord) -> int:
    turn = _number(form, "turn")
    if turn >= record.length:
        raise InputError("There is no such turn.", how="Reload the page.")
    return turn


def _level(value: str) -> int | None:
    return int(value) if value in ("1", "2", "3", "4", "5") else None


def _digits(request: Request) -> bool:
    return request.query_params.get("page", "1")[:6].isdecimal()


def _page(wanted: str, total: int) -> tuple[int, int]:
    pages = max(1, -(-total // PAGE))
    return min(pages, max(1, int(wanted) if wanted[:6].isdecimal() and len(wanted) < 7 else 1)), pages


def _day(value: str) -> datetime | None:
    try:
        return datetime.fromisoformat(value).replace(tzinfo=UTC) if value else None
    except ValueError:
        return None


def _inside(path: str) -> str:
    """Return a path of this room, never another site's address."""
    return path if re.fullmatch(r"/(?!/)[\w./?=&-]*", path) else "/"


def _back(path: str, done: str, turn: int | None = None) -> Response:
    query = f"?{urlencode({'done': done})}" if done else ""
    return RedirectResponse(f"{path}{query}{f'#turn-{turn}' if turn is not None else ''}", 303)


def _when(when: datetime) -> str:
    return f"{when.astimezone():%d %b %Y %H:%M}"


def _status(record: SessionRecord) -> str:
    ended = {
        "well": "ended well",
        "unfinished": "ended unfinished",
        "walk_out": "ended with a walk-out",
        "imported": "imported",
        "": "open",
    }
    state = ended.get(record.outcome, record.outcome)
    return f"{state}, submitted for review" if record.submitted else state


def _branch_words(record: SessionRecord) -> str:
    when = _when(record.created)
    return f"taken back after {record.parent_length} turns, {when}" if record.parent_id else f"the first time, {when}"


def _note(note: Any) -> dict[str, str]:
    label = {"note": "Note to self:", "question": f"{note.author} asks:", "comment": f"{note.author}:"}[note.kind]
    return {"kind": note.kind, "label": label, "text": note.text}


def endpoints(routes: Sequence[Any]) -> list[tuple[str, str]]:
    """Return (path, method) of every route of an app and of the routers in it, for the permission walk."""
    found = []
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            found += endpoints(inner.routes)
        found += [(route.path, m) for m in getattr(route, "methods", None) or () if m not in ("HEAD", "OPTIONS")]
    return sorted(found)
