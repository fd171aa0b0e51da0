"""How far the engine and supervisors, and supervisors among themselves, give the same levels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from simulator.rubric.agreement import bootstrap, icc_2_1, krippendorff_alpha, weighted_kappa
from simulator.store import JudgementRecord, ReviewRecord

LEAST = 10  # fewer judgements than this say more about chance than about agreement
ROUNDS = 300


@dataclass(frozen=True)
class Pair:
    """Two levels for one skill of one reply."""

    session: str
    turn: int
    skill: str
    version: str
    first: int
    second: int
    month: str


def level_given(j: JudgementRecord) -> int | None:
    """Return the level that a judgement stands for: an agreement is the engine's own."""
    return j.engine_level if j.verdict == "agree" else j.level


def with_engine(reviews: Iterable[ReviewRecord], *, blind: bool | None = None) -> list[Pair]:
    """Return engine and supervisor levels; for blind judgements the first one counts, made before the engine was seen."""
    found = []
    for review in reviews:
        if blind and not review.blind:
            continue
        latest = review.holding()
        if blind:
            latest = {}
            for j in review.judgements:
                if j.verdict == "blind":
                    latest.setdefault((j.turn, j.skill), j)
        for (turn, skill), j in latest.items():
            level = level_given(j)
            if level is not None and j.engine_level is not None:
                found.append(
                    Pair(review.session_id, turn, skill, j.rubric_version, j.engine_level, level, f"{j.created:%Y-%m}")
                )
    return found


def between(reviews: Iterable[ReviewRecord]) -> list[Pair]:
    """Return the levels of two supervisors for the same skill of the same reply."""
    by_session: dict[str, list[ReviewRecord]] = defaultdict(list)
    for review in reviews:
        by_session[review.session_id].append(review)
    found = []
    for session, several in by_session.items():
        for one, two in combinations(sorted(several, key=lambda r: r.author), 2):
            theirs = two.holding()
            for (turn, skill), j in one.holding().items():
                other = theirs.get((turn, skill))
                a, b = level_given(j), level_given(other) if other else None
                if a is not None and b is not None:
                    found.append(Pair(session, turn, skill, j.rubric_version, a, b, f"{j.created:%Y-%m}"))
    return found


def agreement_tables(reviews: Sequence[ReviewRecord], titles: Mapping[Any, str]) -> list[dict[str, Any]]:
    """Return, for the page, the agreement of engine and supervisors, blind ones apart, and among supervisors; per rubric
    version, and over time.
    """
    engine, blind, people = with_engine(reviews), with_engine(reviews, blind=True), between(reviews)
    return [
        {"title": name, "by": by, "rows": _rows(pairs, titles, key), "empty": empty}
        for name, by, pairs, key, empty in (
            ("Engine and supervisors", "Rubric", engine, _version, "Nothing has been judged yet."),
            ("Engine and supervisors, blind", "Rubric", blind, _version, "Nobody has judged blind yet."),
            (
                "Supervisor and supervisor",
                "Rubric",
                people,
                _version,
                "No session has two reviews of the same replies yet.",
            ),
            ("Engine and supervisors over time", "Month", engine, _month, "Nothing has been judged yet."),
        )
    ]


def apart(reviews: Sequence[ReviewRecord], titles: Mapping[Any, str], *, most: int = 50) -> list[dict[str, Any]]:
    """Return where a supervisor is two or more levels from the engine, furthest first."""
    found: list[dict[str, Any]] = [
        {
            "session": r.session_id, "turn": j.turn, "skill": titles.get(j.skill, j.skill), "author": r.author,
            "engine": j.engine_level, "level": j.level, "reason": j.reason,
        }
        for r in reviews
        for j in r.holding().values()
        if j.level is not None and j.engine_level is not None and abs(j.level - j.engine_level) >= 2
    ]  # fmt: skip
    return sorted(found, key=lambda d: -abs(d["level"] - d["engine"]))[:most]


def _version(pair: Pair) -> str:
    return pair.version


def _month(pair: Pair) -> str:
    return pair.month


def _rows(pairs: Sequence[Pair], titles: Mapping[Any, str], key: Callable[[Pair], str]) -> list[dict[str, Any]]:
    groups: dict[tuple[str, str], list[Pair]] = defaultdict(list)
    for pair in pairs:
        groups[pair.skill, key(pair)].append(pair)
    rows = []
    for (skill, by), found in sorted(groups.items()):
        enough = len(found) >= LEAST
        values = [_figure(found, s) if enough else "too few" for s in (_kappa, _icc, _alpha, _same)]
        rows.append({"skill": titles.get(skill, skill), "by": by, "n": len(found), "figures": values})
    return rows


def _figure(pairs: Sequence[Pair], statistic: Callable[[list[Pair]], float | None]) -> str:
    value = statistic(list(pairs))
    if value is None:
        return "undefined"
    by_session: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        by_session[pair.session].append(pair)
    if len(by_session) < 3:
        return f"{value:.2f} (too few sessions for an interval)"
    interval = bootstrap(list(by_session.values()), statistic, rounds=ROUNDS)
    return f"{value:.2f} ({interval[0]:.2f} to {interval[1]:.2f})" if interval else f"{value:.2f}"


def _kappa(pairs: list[Pair]) -> float | None:
    return weighted_kappa([p.first for p in pairs], [p.second for p in pairs]) if pairs else None


def _icc(pairs: list[Pair]) -> float | None:
    return icc_2_1([[p.first for p in pairs], [p.second for p in pairs]]) if len(pairs) > 1 else None


def _alpha(pairs: list[Pair]) -> float | None:
    return (
        krippendorff_alpha([[p.first for p in pairs], [p.second for p in pairs]], metric="ordinal") if pairs else None
    )


def _same(pairs: list[Pair]) -> float | None:
    return sum(p.first == p.second for p in pairs) / len(pairs) if pairs else None
