"""The supervisor's part: the queue, the review of a session, the agreement between people and engine."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from fastapi.responses import Response

from simulator.errors import InputError
from simulator.review.consensus import LEAST, agreement_tables, apart
from simulator.review.export import judged, partners_of, title_of
from simulator.rubric import SKILLS
from simulator.store import Found, JudgementRecord, ReviewRecord, TurnRecord
from simulator.studio.examples import example_from, keep_example, sentences_of
from simulator.text import clean
from simulator.web import render
from simulator.web.endpoints import PAGE, Asked, level, note_words, on, when
from simulator.web.record.session import LOCAL_NAME, facts_of, therapist_of

SHOW = {
    "open": "waiting",
    "flagged": "waiting, flagged",
    "drawn": "waiting, drawn for calibration",
    "signed": "signed off",
}


@on("GET", "/reviews", "review.queue")
def queue(r: Asked) -> Response:
    """The sessions that wait for a review, with what asks for an eye."""
    wanted = {"trainee": r.query.get("trainee", "")[:20], "show": r.query.get("show", "open")}
    share = r.room.settings.calibration_share
    owners = tuple(o for o in r.watched if not wanted["trainee"] or str(o) == wanted["trainee"])
    found = Found(
        owners, submitted=True, signed=wanted["show"] == "signed",
        flagged=True if wanted["show"] == "flagged" else None, drawn=share if wanted["show"] == "drawn" else None,
    )  # fmt: skip
    total = r.store.count_sessions(found)
    number, pages = r.wanted_page(total)
    shown = r.store.sessions(found, limit=PAGE, offset=PAGE * (number - 1))
    names = r.store.people.names()
    drawn = {s.id for s in shown if int(s.id[:4], 16) < round(share * 0x10000)}
    begun: dict[str, list[str]] = {}
    for review in r.store.reviews.of([s.id for s in shown]):
        begun.setdefault(review.session_id, []).append(review.author)
    rows = [
        {
            "id": s.id, "title": title_of(r.room, s), "owner": names.get(s.owner_id or 0, LOCAL_NAME),
            "when": when(s.created), "length": s.length,
            "status": f"begun by {', '.join(begun[s.id])}" if s.id in begun else "new",
            "flags": [f for f in [*s.flags.split(", "), "drawn for calibration" if s.id in drawn else ""] if f],
        }
        for s in shown
    ]  # fmt: skip
    return r.page(
        "reviews.html", rows=rows, total=total, page=number, pages=pages, f=wanted, query=urlencode(wanted), show=SHOW,
        trainees=[{"id": i, "name": names.get(i, "")} for i in sorted(r.who.watched)],
        hidden=r.store.count_sessions(Found(owners, submitted=False)) if owners else 0,
    )  # fmt: skip


@on("GET", "/sessions/{session_id}/review", "review.write")
def review_page(r: Asked) -> Response:
    """The transcript with a form for each reply."""
    record = r.session
    r.log("viewed a session", record.id)
    review = _mine_if_any(r)
    turns, partners, rubric = r.store.turns(record.id), partners_of(r.room, record), r.room.engine.rubric
    notes = [n for n in r.store.reviews.notes(record.id) if n.kind != "note"]
    me = therapist_of(r, record)
    rows: list[dict[str, Any]] = []
    for i, turn in enumerate(turns):
        skills = _skills(r, turn, review)
        # Blind, the scores of a reply show once every one of its skills has a judgement of one's own.
        shown = not any(s["hidden"] for s in skills)
        rows.append(
            {
                "html": render.turn_card(turns, i, partners, rubric, coached=shown, me=me), "index": turn.index,
                "sentences": _sentences(r, turn) if turn.score and review and not any(s["hidden"] for s in skills) else [],
                "skills": skills, "therapist": bool(turn.score),
                "notes": [note_words(n) for n in notes if n.turn == turn.index],
            }
        )  # fmt: skip
    return r.page(
        "review.html", record=record, title=title_of(r.room, record), facts=facts_of(r, record), review=review,
        turns=rows, done=len(review.holding()) if review else 0,
        scored=sum(s["scored"] for row in rows for s in row["skills"]),
    )  # fmt: skip


def _skills(r: Asked, turn: TurnRecord, review: ReviewRecord | None) -> list[dict[str, Any]]:
    """Return what the form of one reply shows for each skill."""
    rubric, skills = r.room.engine.rubric, []
    holding = review.holding() if review else {}
    for key in SKILLS if turn.score else ():
        result, table = turn.score["skills"][key], rubric.levels.skills[key]  # type: ignore[index]
        scored = result["status"] == "scored"
        hidden = bool(review and review.blind and scored and (turn.index, key) not in holding)
        engine = f"engine: {result['level']} {table.levels[result['level'] - 1]}" if scored and not hidden else ""
        past = [j for j in review.judgements if (j.turn, j.skill) == (turn.index, key)] if review else []
        skills.append(
            {
                "key": key, "title": table.title, "engine": engine, "scored": scored, "hidden": hidden,
                "levels": table.levels, "codes": [c.id for c in rubric.book.codes if c.skill == key],
                "said": [f"{when(j.created)}: {judged(j)}" for j in past],
            }
        )  # fmt: skip
    return skills


@on("POST", "/sessions/{session_id}/review", "review.write")
def begin_review(r: Asked) -> Response:
    """Begin a review, blind or not."""
    r.store.reviews.begin(r.session.id, r.who.id, r.who.name, blind=r.ticked("blind"))
    r.log("began a review", r.session.id)
    return r.back(f"/sessions/{r.session.id}/review")


@on("POST", "/sessions/{session_id}/judge", "review.write")
def judge(r: Asked) -> Response:
    """Keep what a supervisor says of one reply."""
    review, turn = _mine(r), r.turn()
    score = next((t.score for t in r.store.turns(r.session.id) if t.index == turn), None)
    if score is None:
        raise InputError("This is no scored reply.", how="Reload the review.")
    found = [j for key in SKILLS if (j := _judgement(r, review, turn, key, score["skills"][key])) is not None]
    comment = clean(r.text("comment", 2000))
    if not found and not comment:
        raise InputError("Nothing was chosen.", how="Go back and choose a verdict, or write a comment.")
    if found:
        r.store.reviews.judge(r.session.id, r.who.name, r.number("version"), found)
        r.log("judged scores", r.session.id)
    if comment:
        quote = _quoted(r, turn)
        r.store.reviews.add_note(r.session.id, turn, r.who.id, r.who.name, "comment", comment, quote=quote)
    return r.back(f"/sessions/{r.session.id}/review", "Saved.", turn)


@on("POST", "/sessions/{session_id}/unlikely", "review.write")
def unlikely(r: Asked) -> Response:
    """Keep that nobody would say a partner's line, for the educator who wrote the couple."""
    _mine(r)
    turn, words = r.turn(), clean(r.text("text", 1000))
    r.store.reviews.add_note(r.session.id, turn, r.who.id, r.who.name, "unlikely", words, quote=_quoted(r, turn))
    r.log("doubted a line", r.session.id)
    return r.back(f"/sessions/{r.session.id}/review", "Noted for the couple's author.", turn)


@on("POST", "/sessions/{session_id}/example", "review.write")
def example(r: Asked) -> Response:
    """Make a reply a labelled example of this installation's own rubric."""
    _mine(r)
    turn = r.turn()
    said = next((t.text for t in r.store.turns(r.session.id) if t.index == turn), "")
    codes = [
        [c for c in re.split(r"[\s,]+", r.text(f"codes.{i}", 300)) if c] for i in range(len(sentences_of(said)))
    ]  # fmt: skip
    levels = {s: given for s in SKILLS if (given := level(r.text(f"level.{s}", 1))) is not None}
    keep_example(r.room.settings, example_from(r.room, r.session, turn, codes, levels, clean(r.text("reason", 500))))
    r.log("added a labelled example", r.session.id)
    return r.back(f"/sessions/{r.session.id}/review", "It is in the draft of your own rubric.", turn)


def _sentences(r: Asked, turn: TurnRecord) -> list[dict[str, str]]:
    """Return the sentences of a reply with the codes that the engine holds, for an example to begin with."""
    held: dict[str, list[str]] = {}
    for skill in (turn.score or {}).get("skills", {}).values():
        for e in skill.get("codes", ()):
            if e["code"] not in held.setdefault(e["quote"], []):
                held[e["quote"]].append(e["code"])
    return [{"text": s, "codes": ", ".join(held.get(s, ()))} for s in sentences_of(turn.text)]


def _quoted(r: Asked, turn: int) -> str:
    """Return the words of the turn that a comment is about."""
    quote = " ".join(r.text("quote", 500).split())
    said = next((t.text for t in r.store.turns(r.session.id) if t.index == turn), "")
    if quote and quote not in " ".join(said.split()):
        raise InputError("Those words are not in this turn.", how="Go back and copy them from it, or leave it empty.")
    return quote


def _judgement(r: Asked, review: ReviewRecord, turn: int, key: str, result: dict[str, Any]) -> JudgementRecord | None:
    """Return the form's judgement of one skill, None when it holds none."""
    verdict = r.text(f"verdict.{key}", 20)
    if not verdict or result["status"] != "scored":
        return None
    hidden = review.blind and (turn, key) not in review.holding()
    given, code, reason = (
        level(r.text(f"level.{key}", 1)),
        r.text(f"code.{key}", 60),
        clean(r.text(f"reason.{key}", 1000)),
    )
    if verdict not in (("override",) if hidden else ("agree", "partly", "override")):
        raise InputError("This is no verdict here.", how="Reload the review and choose again.")
    if verdict == "override" and given is None:
        raise InputError("An override needs a level.", how="Go back and choose one from 1 to 5.")
    if code and code not in r.room.engine.rubric.book.code:
        raise InputError("There is no such behaviour code.", how="Choose one from the list.")
    if verdict == "override" and not hidden and not reason:
        raise InputError("An override needs a reason.", how="Go back and say in a few words why.")
    return JudgementRecord(
        turn, key, "blind" if hidden else verdict, given if verdict != "agree" else None, code, reason, result["level"],
        r.session.rubric_version, datetime.now(UTC),
    )  # fmt: skip


@on("POST", "/sessions/{session_id}/summary", "review.write")
def summary(r: Asked) -> Response:
    """Keep the summary, and sign the review off."""
    _mine(r)
    sign = r.ticked("sign")
    r.store.reviews.summarise(r.session.id, r.who.name, r.number("version"), clean(r.text("summary", 8000)), sign=sign)
    r.log("signed off a review" if sign else "wrote a summary", r.session.id)
    return r.back(f"/sessions/{r.session.id}/review", "Signed off." if sign else "Kept.")


@on("POST", "/sessions/{session_id}/reopen", "review.write")
def reopen(r: Asked) -> Response:
    """Take a signature back."""
    r.store.reviews.reopen(r.session.id, _mine(r).author)
    r.log("opened a review again", r.session.id)
    return r.back(f"/sessions/{r.session.id}/review", "It is open again.")


@on("GET", "/agreement", "agreement")
def agreement(r: Asked) -> Response:
    """How far engine and supervisors, and supervisors among themselves, agree."""
    ids = [s.id for s in r.store.sessions(Found(r.watched, submitted=True), limit=2000)]
    reviews = r.store.reviews.of(ids)
    return r.page(
        "agreement.html", least=LEAST, tables=agreement_tables(reviews, r.titles), apart=apart(reviews, r.titles)
    )  # fmt: skip


def _mine_if_any(r: Asked) -> ReviewRecord | None:
    return next((v for v in r.store.reviews.of([r.session.id]) if v.author == r.who.name), None)


def _mine(r: Asked) -> ReviewRecord:
    found = _mine_if_any(r)
    if found is None:
        raise InputError("There is no review of yours yet.", how="Begin one on the session's review page.")
    return found
