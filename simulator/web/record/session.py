"""One session: what was said, notes and questions, submission, take-back and its branches side by side, exports."""

from __future__ import annotations

from typing import Any

from fastapi.responses import RedirectResponse, Response

from simulator.errors import InputError, PermissionDeniedError
from simulator.people import may, require
from simulator.review import SIMULATION
from simulator.review.details import looks_real, story
from simulator.review.export import FORMATS, export_one, file_name, judged, partners_of, status_of, title_of
from simulator.review.progress import flags
from simulator.review.sight import review_by, seen_notes, seen_reviews, unjudged
from simulator.store import Found, SessionRecord, drawn_before
from simulator.studio.forgetting import forget_sessions
from simulator.text import clean
from simulator.web import render
from simulator.web.endpoints import Asked, attached, note_words, on, when

LOCAL_NAME = "local profile"
BRANCHES = 1000  # of one session, at most


def owner_of(r: Asked, record: SessionRecord) -> str:
    """Return the name of whose session it is."""
    return r.store.people.names().get(record.owner_id, LOCAL_NAME) if record.owner_id is not None else LOCAL_NAME


def therapist_of(r: Asked, record: SessionRecord) -> str:
    """Return what the trainee is called above their replies, for somebody else who reads."""
    return "Trainee" if record.owner_id is None else owner_of(r, record)


def facts_of(r: Asked, record: SessionRecord) -> str:
    """Return whose session it is, when it was, and what voiced and scored it."""
    voiced = f"voiced by {record.model}, " if record.model else ""
    return (
        f"{owner_of(r, record)}, {when(record.created)}, {status_of(record)}. {voiced}scored with "
        f"{record.rubric_version}, engine {record.engine_version}. {SIMULATION}"
    )


def is_drawn(r: Asked, record: SessionRecord) -> bool:
    """Return whether chance has drawn a session to be judged blind; not by whose own it is, who has seen its scores."""
    return not may(r.who, "session.play", record) and record.id[:4] < drawn_before(r.room.settings.calibration_share)


def sees_scores(r: Asked, record: SessionRecord) -> bool:
    """Return whether the engine's scores are no secret to who asks: a blind review needs levels of one's own first."""
    mine = review_by(r.store.reviews.of([record.id]), r.who.name)
    if mine is None:
        return not is_drawn(r, record)
    return not unjudged(mine, r.store.turns(record.id))


def nobody_real(r: Asked, text: str) -> None:
    """Refuse words that look like a real person's details, until the form says that they are not."""
    found = looks_real(text, story(r.store, r.session))
    if found and not r.ticked("sure"):
        raise InputError(
            f"This looks like a real person's details: {', '.join(found[:4])}. Nothing was kept.",
            how="Go back and change it, or tick that nobody in it is real.",
        )


@on("GET", "/sessions/{session_id}", "session.read")
def session_page(r: Asked) -> Response:
    """The transcript with scores, and what people said of it."""
    record = r.session
    own = may(r.who, "session.play", record)
    if not own:
        r.log("viewed a session", record.id)
    turns, partners = r.store.turns(record.id), partners_of(r.room, record)
    every, shown = r.store.reviews.of([record.id]), sees_scores(r, record)
    notes = seen_notes(r.store.reviews.notes(record.id), every, r.who.name, own=own)
    signed = [v for v in seen_reviews(every, r.who.name, own=own) if v.signed]
    me = "You" if own else therapist_of(r, record)
    rows = []
    for i, turn in enumerate(turns):
        said = [
            {"author": v.author, "skill": r.titles.get(j.skill, j.skill), "words": judged(j)}
            for v in signed
            for j in v.holding().values()
            if j.turn == turn.index
        ]
        rows.append(
            {
                "html": render.turn_card(turns, i, partners, r.room.engine.rubric, coached=shown, me=me),
                "index": turn.index, "can_take_back": bool(turn.before),
                "judgements": said, "notes": [note_words(n) for n in notes if n.turn == turn.index],
            }
        )  # fmt: skip
    return r.page(
        "session.html", record=record, title=title_of(r.room, record), facts=facts_of(r, record), own=own, turns=rows,
        formats=list(FORMATS.items()), reviews=signed, again=_scored_again(r) if shown else [], shown=shown, family=_family(r) if own else [],
    )  # fmt: skip


@on("POST", "/sessions/{session_id}/note", "session.note")
def add_note(r: Asked) -> Response:
    """Keep a note to self, or a question to the supervisor."""
    kind = "question" if r.form.get("kind") == "question" else "note"
    turn, text = r.turn(), clean(r.text("text", 2000))
    if not text:
        raise InputError("There are no words in it.", how="Go back and write some.")
    nobody_real(r, text)
    r.store.reviews.add_note(r.session.id, turn, r.who.id, r.who.name, kind, text)
    return r.back(f"/sessions/{r.session.id}", "It is kept.", turn)


@on("POST", "/sessions/{session_id}/submit", "session.submit")
def submit(r: Asked) -> Response:
    """Let the supervisors read it, or take it back from them."""
    consent = r.ticked("consent")
    scenario = r.room.played(r.session)[1] if r.session.couple_id else None
    found = flags(r.session, r.store.turns(r.session.id), scenario) if consent else []
    r.store.submit(r.session.id, consent=consent, flags=found)
    r.log("submitted a session" if consent else "took a session back from review", r.session.id)
    return r.back(
        f"/sessions/{r.session.id}", "Submitted: your supervisors may read it now." if consent else "Taken back."
    )


@on("POST", "/sessions/{session_id}/delete", "session.delete")
def delete(r: Asked) -> Response:
    """Delete a session for good."""
    forget_sessions(r.room.settings, r.store, [r.session.id])
    r.log("deleted a session", r.session.id)
    return r.back("/work", "The session is gone.")


@on("POST", "/sessions/{session_id}/take-back", "session.play")
def take_back(r: Asked) -> Response:
    """Go back to before a reply, in a session of its own."""
    return RedirectResponse(f"/?session={r.room.take_back(r.session.id, r.turn()).id}", 303)


@on("GET", "/compare/{session_id}/{other_id}", "session.play")
def compare(r: Asked) -> Response:
    """Two branches of a session side by side, from where they part."""
    other = next((m["record"] for m in _family(r) if m["id"] == r.request.path_params["other_id"]), None)
    if other is None:
        raise PermissionDeniedError("There is nothing here for you.", how="Go back.")
    require(r.who, "session.play", other)
    pair = sorted((r.session, other), key=lambda s: s.created)
    said = [r.store.turns(s.id) for s in pair]
    common = 0
    for a, b in zip(*said, strict=False):
        if (a.speaker, a.text) != (b.speaker, b.text):
            break
        common += 1
    partners, rubric = partners_of(r.room, r.session), r.room.engine.rubric
    sides = [
        {
            "id": s.id, "words": _branch_words(s),
            "turns": [render.turn_card(turns, i, partners, rubric, coached=True) for i in range(common, len(turns))],
        }
        for s, turns in zip(pair, said, strict=True)
    ]  # fmt: skip
    return r.page("compare.html", sides=sides, common=common)


@on("GET", "/sessions/{session_id}/export", "session.export")
def export(r: Asked) -> Response:
    """The session as a file."""
    if not sees_scores(r, r.session):
        raise InputError(
            "The engine's scores are hidden from you still, and an export holds them.",
            how="Judge every reply blind on the session's review page first.",
        )
    key = r.query.get("format", "html")
    body, kind = export_one(r.room, r.session, key, own=may(r.who, "session.play", r.session), reader=r.who.name)
    r.log(f"exported a session as {key}", r.session.id)
    return attached(body, kind, file_name([r.session], key))


def _scored_again(r: Asked) -> list[dict[str, Any]]:
    """Return, for each later scoring of the session, its version and the levels that it changed."""
    before: dict[int, dict[str, Any]] = {}
    found: dict[str, list[str]] = {}
    for scoring in r.store.scorings(r.session.id):
        turn, result = scoring.turn, scoring.result
        if turn in before:
            changes = found.setdefault(scoring.rubric_version, [])
            for skill, title in r.titles.items():
                old, new = (x["skills"].get(skill, {}).get("level") for x in (before[turn], result))
                if old != new:
                    changes.append(f"turn {turn}, {title}: {old or 'not scored'}, now {new or 'not scored'}")
        before[turn] = result
    return [{"version": v, "changes": c} for v, c in found.items()]


def _family(r: Asked) -> list[dict[str, Any]]:
    """Return the session that was taken back in, and all that branched from it."""
    root = r.session
    while root.parent_id:
        try:
            root = r.store.session(root.parent_id)
        except InputError:
            break
        if root.owner_id != r.session.owner_id:
            break
    members, waiting = [], [root]
    while waiting:
        member = waiting.pop(0)
        members.append(member)
        waiting.extend(r.store.sessions(Found((r.session.owner_id,), parent=member.id), limit=BRANCHES))
    return [
        {"id": m.id, "here": m.id == r.session.id, "words": _branch_words(m), "record": m}
        for m in sorted(members, key=lambda m: m.created)
    ]


def _branch_words(record: SessionRecord) -> str:
    at = when(record.created)
    return f"taken back after {record.parent_length} turns, {at}" if record.parent_id else f"the first time, {at}"
