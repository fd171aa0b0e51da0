"""How far the engine and supervisors, and supervisors among themselves, give the same levels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from simulator.review.figures import Tables, alpha, drawn, icc, interval, kappa, same, table
from simulator.store import JudgementRecord, ReviewRecord

# (session, turn, skill) -> rubric version -> the level of the last scoring with it.
Levels = Mapping[tuple[str, int, str], Mapping[str, int]]

LEAST = 10  # fewer judgements than this say more about chance than about agreement
ROUNDS = 300
_STATISTICS = (kappa, icc, alpha, same)


@dataclass(frozen=True)
class Pair:
    """Two levels for one skill of one reply, by whom, and what was said to it."""

    session: str
    turn: int
    skill: str
    version: str
    first: int
    second: int
    month: str
    by: tuple[str, str]
    reason: str


def level_given(j: JudgementRecord) -> int | None:
    """Return the level that a judgement stands for: an agreement is the engine's own."""
    return j.engine_level if j.verdict == "agree" else j.level


def with_engine(
    reviews: Iterable[ReviewRecord], *, blind: bool | None = None, levels: Levels | None = None
) -> list[Pair]:
    """Return engine and supervisor levels; for blind judgements the first one counts, made before the engine was seen.

    With `levels`, what a supervisor holds is set beside every scoring of the reply, the later ones too.
    """
    found = []
    for review in reviews:
        if review.imported or (blind and not review.blind):
            continue
        latest = review.holding()
        if blind:
            latest = {}
            for j in review.judgements:
                if j.verdict == "blind":
                    latest.setdefault((j.turn, j.skill), j)
        for (turn, skill), j in latest.items():
            level = level_given(j)
            if level is None or j.engine_level is None:
                continue
            # What was judged is in its judgement; other scorings are in the record.
            scored = {**(levels or {}).get((review.session_id, turn, skill), {}), j.rubric_version: j.engine_level}
            found += [
                Pair(
                    review.session_id, turn, skill, version, engine, level, f"{j.created:%Y-%m}",
                    ("engine", review.author), j.reason,
                )
                for version, engine in scored.items()
            ]  # fmt: skip
    return found


def between(reviews: Iterable[ReviewRecord]) -> list[Pair]:
    """Return the levels of two supervisors for the same skill of the same reply."""
    by_session: dict[str, list[ReviewRecord]] = defaultdict(list)
    for review in reviews:
        if not review.imported:
            by_session[review.session_id].append(review)
    found = []
    for session, several in by_session.items():
        for one, two in combinations(sorted(several, key=lambda r: r.author), 2):
            theirs = two.holding()
            for (turn, skill), j in one.holding().items():
                other = theirs.get((turn, skill))
                a, b = level_given(j), level_given(other) if other else None
                if a is not None and b is not None:
                    month, by = f"{j.created:%Y-%m}", (one.author, two.author)
                    found.append(Pair(session, turn, skill, j.rubric_version, a, b, month, by, j.reason))
    return found


def agreement_tables(
    reviews: Sequence[ReviewRecord],
    titles: Mapping[Any, str],
    *,
    levels: Levels | None = None,
    seen: Sequence[ReviewRecord] | None = None,
) -> list[dict[str, Any]]:
    """Return, for the page, the agreement of engine and supervisors, blind ones apart, and among supervisors; per rubric
    version, and over time. Each row has its disagreements, furthest first: those in the reviews that are `seen` (None: all).
    """

    def pairs(said: Sequence[ReviewRecord]) -> tuple[list[Pair], ...]:
        return (
            with_engine(said, levels=levels), with_engine(said, blind=True, levels=levels), between(said),
            with_engine(said),
        )  # fmt: skip

    shown = pairs(reviews if seen is None else seen)
    return [
        {"title": name, "by": by, "rows": _rows(found, titles, key, apart), "empty": empty}
        for found, apart, (name, by, key, empty) in zip(
            pairs(reviews),
            shown,
            (
                ("Engine and supervisors", "Rubric", _version, "Nothing has been judged yet."),
                ("Engine and supervisors, blind", "Rubric", _version, "Nobody has judged blind yet."),
                (
                    "Supervisor and supervisor",
                    "Rubric",
                    _version,
                    "No session has two reviews of the same replies yet.",
                ),
                ("Engine and supervisors over time", "Month", _month, "Nothing has been judged yet."),
            ),
            strict=True,
        )
    ]


def _version(pair: Pair) -> str:
    return pair.version


def _month(pair: Pair) -> str:
    return pair.month


def _rows(
    pairs: Sequence[Pair], titles: Mapping[Any, str], key: Callable[[Pair], str], shown: Sequence[Pair]
) -> list[dict[str, Any]]:
    groups: dict[tuple[str, str], list[Pair]] = defaultdict(list)
    apart: dict[tuple[str, str], list[Pair]] = defaultdict(list)
    for pair in pairs:
        groups[pair.skill, key(pair)].append(pair)
    for pair in sorted(shown, key=lambda p: -abs(p.first - p.second)):
        if pair.first != pair.second:
            apart[pair.skill, key(pair)].append(pair)
    rows = []
    for (skill, by), found in sorted(groups.items()):
        by_session: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for pair in found:
            by_session[pair.session].append((pair.first, pair.second))
        tables = np.array([table(said) for said in by_session.values()])
        enough = len(found) >= LEAST
        values = _figures(tables) if enough else ["too few"] * len(_STATISTICS)
        overall = float(kappa(tables.sum(0))) if enough else np.nan
        rows.append(
            {
                "skill": titles.get(skill, skill), "by": by, "n": len(found), "figures": values,
                "kappa": None if np.isnan(overall) else overall, "apart": apart[skill, by],
            }
        )  # fmt: skip
    return rows


def _figures(tables: Tables) -> list[str]:
    """Return each statistic over all sessions' tables, with its interval."""
    again = drawn(tables, rounds=ROUNDS) if len(tables) > 2 else None
    return [_figure(float(s(tables.sum(0))), None if again is None else s(again)) for s in _STATISTICS]


def _figure(value: float, again: Tables | None) -> str:
    if np.isnan(value):
        return "undefined: everybody gave the same level"
    if again is None:
        return f"{value:.2f} (too few sessions for an interval)"
    between = interval(again)
    return f"{value:.2f} ({between[0]:.2f} to {between[1]:.2f})" if between else f"{value:.2f} (no interval)"
