"""A supervisor's review of a session."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from fastapi.responses import Response

from simulator.errors import InputError, StoreError
from simulator.review.export import judged, partners_of, title_of
from simulator.review.sight import review_by, seen_notes
from simulator.rubric import SKILLS, THERAPIST
from simulator.store import JudgementRecord, ReviewRecord, TurnRecord
from simulator.studio.examples import example_from, keep_example, sentences_of
from simulator.text import clean
from simulator.web import render
from simulator.web.endpoints import Asked, level, note_words, on, when
from simulator.web.record.session import facts_of, is_drawn, therapist_of

_WORDS = ("reason", "comment", "summary")  # fields that hold what somebody wrote


@on("GET", "/sessions/{session_id}/review", "review.write")
def review_page(r: Asked) -> Response:
    """The transcript with a form for each reply."""
    r.log("viewed a session", r.session.id)
    return _page(r)


def _page(r: Asked, status: int = 200, problem: str = "") -> Response:
    """Return the page as it stands now; what was sent to it and could not be kept is in its boxes again."""
    record, every = r.session, r.store.reviews.of([r.session.id])
    review = review_by(every, r.who.name)
    turns, partners, rubric = r.store.turns(record.id), partners_of(r.room, record), r.room.engine.rubric
    notes = seen_notes(r.store.reviews.notes(record.id), every, r.who.name, own=False)
    me = therapist_of(r, record)
    rows: list[dict[str, Any]] = []
    for i, turn in enumerate(turns):
        skills = _skills(r, turn, review)
        # Blind, the scores of a reply, and the state that they moved, show once every one of its skills has a judgement.
        shown = not any(s["hidden"] for s in skills)
        replies = [t for t in turns[: i + 1] if t.speaker == THERAPIST]
        state = turn.speaker == THERAPIST and shown and all(t.state for t in replies)
        rows.append(
            {
                "html": render.turn_card(turns, i, partners, rubric, coached=shown, me=me), "index": turn.index,
                "sentences": _sentences(r, turn) if turn.score and review and shown else [],
                "state": render.state_panel(turns[: i + 1], partners) if state else "",
                "skills": skills, "therapist": bool(turn.score),
                "notes": [note_words(n) for n in notes if n.turn == turn.index],
            }
        )  # fmt: skip
    lost = [v for k, v in r.form.items() if isinstance(v, str) and k.partition(".")[0] in _WORDS and v.strip()]
    return r.page(
        "review.html", status, record=record, title=title_of(r.room, record), facts=facts_of(r, record), review=review,
        turns=rows, done=len(review.holding()) if review else 0, drawn=is_drawn(r, record), problem=problem,
        scored=sum(s["scored"] for row in rows for s in row["skills"]), sent=lambda name: r.text(name, 8000),
        summary=r.form.get("summary", review.summary) if review else "", lost=lost if review and review.signed else [],
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
                "unscored": "no opportunity" if result["status"] == "no_opportunity" else f"not scored: {result.get('why') or ''}",
                "said": [f"{when(j.created)}: {judged(j)}" for j in past],
            }
        )  # fmt: skip
    return skills


@on("POST", "/sessions/{session_id}/review", "review.write")
def begin_review(r: Asked) -> Response:
    """Begin a review, blind or not."""
    if is_drawn(r, r.session) and not r.ticked("blind"):
        raise InputError("Chance has drawn this session to be judged blind.", how="Go back and begin blind.")
    r.store.reviews.begin(r.session.id, r.who.id, r.who.name, blind=r.ticked("blind"))
    r.log("began a review", r.session.id)
    return r.back(f"/sessions/{r.session.id}/review")


@on("POST", "/sessions/{session_id}/judge", "review.write")
def judge(r: Asked) -> Response:
    """Keep all that the review's form holds: judgements and comments of every turn, and the summary; sign it off if asked.

    What cannot be kept is shown again with its words: another tab may have changed the review, or a level may be missing.
    """
    try:
        done = _keep(r, _mine(r))
    except (InputError, StoreError) as error:
        return _page(r, 409, str(error))
    at = r.text("at", 9)
    return r.back(f"/sessions/{r.session.id}/review", done, int(at) if at.isdecimal() else None)


def _keep(r: Asked, review: ReviewRecord) -> str:
    """Keep a review's form, and return what the page says then."""
    turns, sign = r.store.turns(r.session.id), r.ticked("sign")
    found = [
        j for t in turns if t.score for key in SKILLS
        if (j := _judgement(r, review, t, key, t.score["skills"][key])) is not None
    ]  # fmt: skip
    comments = [
        (t.index, words, _quoted(r, t.index, f"quote.{t.index}")) for t in turns
        if (words := clean(r.text(f"comment.{t.index}", 2000)))
    ]  # fmt: skip
    summary = clean(r.text("summary", 8000)) if "summary" in r.form else review.summary
    if not (found or comments or sign or summary != review.summary):
        raise InputError("Nothing was chosen.", how="Choose a verdict, or write a comment.")
    r.store.reviews.judge(r.session.id, r.who.name, r.number("version"), found, summary=summary, sign=sign)
    for turn, words, quote in comments:
        r.store.reviews.add_note(r.session.id, turn, r.who.id, r.who.name, "comment", words, quote=quote)
    r.log("signed off a review" if sign else "wrote in a review", r.session.id)
    return "Signed off." if sign else "Saved."


@on("POST", "/sessions/{session_id}/unlikely", "review.write")
def unlikely(r: Asked) -> Response:
    """Keep that nobody would say a partner's line, for the educator who wrote the couple."""
    _mine(r)
    turn, words = r.turn(), clean(r.text("text", 1000))
    r.store.reviews.add_note(
        r.session.id, turn, r.who.id, r.who.name, "unlikely", words, quote=_quoted(r, turn, "quote")
    )
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


def _quoted(r: Asked, turn: int, field: str) -> str:
    """Return the words of the turn that a comment is about."""
    quote = " ".join(r.text(field, 500).split())
    said = next((t.text for t in r.store.turns(r.session.id) if t.index == turn), "")
    if quote and quote not in " ".join(said.split()):
        raise InputError("Those words are not in this turn.", how="Copy them from it, or leave it empty.")
    return quote


def _judgement(
    r: Asked, review: ReviewRecord, said: TurnRecord, key: str, result: dict[str, Any]
) -> JudgementRecord | None:
    """Return the form's judgement of one skill, None when it holds none."""
    turn, at = said.index, f"{said.index}.{key}"
    verdict = r.text(f"verdict.{at}", 20)
    if not verdict or result["status"] != "scored":
        return None
    hidden = review.blind and (turn, key) not in review.holding()
    given, code, reason = (
        level(r.text(f"level.{at}", 1)),
        r.text(f"code.{at}", 60),
        clean(r.text(f"reason.{at}", 1000)),
    )
    if verdict not in (("override",) if hidden else ("agree", "partly", "override")):
        raise InputError("This is no verdict here.", how="Choose again.")
    if verdict in ("partly", "override") and given is None:
        what = "An override" if verdict == "override" else "Agreeing in part"
        raise InputError(f"{what} needs a level.", how="Choose one from 1 to 5.")
    if code and code not in r.room.engine.rubric.book.code:
        raise InputError("There is no such behaviour code.", how="Choose one from the list.")
    if verdict == "override" and not hidden and not reason:
        raise InputError("An override needs a reason.", how="Say in a few words why.")
    return JudgementRecord(
        turn, key, "blind" if hidden else verdict, given if verdict != "agree" else None, code, reason, result["level"],
        said.rubric_version or r.session.rubric_version, datetime.now(UTC),
    )  # fmt: skip


@on("POST", "/sessions/{session_id}/reopen", "review.write")
def reopen(r: Asked) -> Response:
    """Take a signature back."""
    r.store.reviews.reopen(r.session.id, _mine(r).author)
    r.log("opened a review again", r.session.id)
    return r.back(f"/sessions/{r.session.id}/review", "It is open again.")


def _mine(r: Asked) -> ReviewRecord:
    found = review_by(r.store.reviews.of([r.session.id]), r.who.name)
    if found is None:
        raise InputError("There is no review of yours yet.", how="Begin one on the session's review page.")
    return found
