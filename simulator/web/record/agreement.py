"""How far engine and supervisors, and supervisors among themselves, agree."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from fastapi.responses import Response

from simulator.review.consensus import LEAST, agreement_tables
from simulator.review.sight import seen_reviews
from simulator.review.trends import trend_plot
from simulator.rubric import SKILLS
from simulator.store import Found, ReviewRecord
from simulator.web.endpoints import Asked, on

LATEST = 2000  # submitted sessions that are counted
MOST = 100  # disagreements that one row of a table lists


@on("GET", "/agreement", "agreement")
def agreement(r: Asked) -> Response:
    """The figures, and where people and the engine, or two people, part."""
    submitted = Found(r.watched, submitted=True)
    reviews = r.store.reviews.of(r.store.session_ids(submitted, limit=LATEST))
    by_session: dict[str, list[ReviewRecord]] = defaultdict(list)
    for review in reviews:
        by_session[review.session_id].append(review)
    # What others said of a session that one has not signed yet stays out of the list.
    seen = [v for several in by_session.values() for v in seen_reviews(several, r.who.name, own=False)]
    levels = r.store.levels_of(list(by_session), SKILLS)
    tables = agreement_tables(reviews, r.titles, levels=levels, seen=seen)
    return r.page(
        "agreement.html", least=LEAST, tables=tables, latest=LATEST, total=r.store.count_sessions(submitted), most=MOST,
        plot=_plot(tables[-1]["rows"]),
    )  # fmt: skip


def _plot(rows: list[dict[str, Any]]) -> str:
    """Return the engine's kappa month by month as a plot, "" while there is no line to draw."""
    months = sorted({row["by"] for row in rows if row["kappa"] is not None})
    at = {(row["skill"], row["by"]): row["kappa"] for row in rows}
    lines = [(skill, [at.get((skill, m)) for m in months]) for skill in dict.fromkeys(row["skill"] for row in rows)]
    return trend_plot("Weighted kappa of engine and supervisors, by month", months, lines, (0, 1)) if months else ""
