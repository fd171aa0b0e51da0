"""What a reviewer sees before their own view is in: judgements are worth something when they are made apart."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.rubric import SKILLS
from simulator.store import NoteRecord, ReviewRecord, TurnRecord


def unjudged(review: ReviewRecord | None, turns: Sequence[TurnRecord]) -> set[tuple[int, str]]:
    """Return the scored (turn, skill) whose level is hidden still: those that a blind review has no judgement of."""
    if review is None or not review.blind:
        return set()
    scored: set[tuple[int, str]] = {
        (t.index, s) for t in turns if t.score for s in SKILLS if t.score["skills"][s]["status"] == "scored"
    }  # fmt: skip
    return scored - set(review.holding())


def review_by(reviews: Sequence[ReviewRecord], reader: str) -> ReviewRecord | None:
    """Return the reader's own review of a session."""
    return next((v for v in reviews if v.author == reader), None)


def _open(reviews: Sequence[ReviewRecord], reader: str, own: bool) -> bool:
    """Return whether a reader sees what reviewers said: whose session it is, and who has signed a review of it."""
    mine = review_by(reviews, reader)
    return mine.signed is not None if mine else own


def seen_reviews(reviews: Sequence[ReviewRecord], reader: str, *, own: bool) -> list[ReviewRecord]:
    """Return the reviews of one session that a reader sees: their own, and the signed ones of others in their turn."""
    others = _open(reviews, reader, own)
    return [v for v in reviews if v.author == reader or (v.signed and others)]


def seen_notes(
    notes: Sequence[NoteRecord], reviews: Sequence[ReviewRecord], reader: str, *, own: bool
) -> list[NoteRecord]:
    """Return the notes on one session that a reader sees; notes to self are the trainee's alone."""
    others = _open(reviews, reader, own)
    seen = {"note": own, "question": True}
    return [n for n in notes if seen.get(n.kind, others or n.author == reader)]
