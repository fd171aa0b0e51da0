"""Agreement: every scoring counts with its own version, what is undefined says so, and a row leads to where it parts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from simulator.review.consensus import agreement_tables, between, with_engine
from simulator.store import JudgementRecord, ReviewRecord

SKILL = "empathic_listening"
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def judged(turn: int, engine: int, level: int | None, verdict: str = "override", version: str = "1") -> JudgementRecord:
    return JudgementRecord(turn, SKILL, verdict, level, "", f"reason {turn}", engine, version, NOW)


def review(session: str, author: str, said: Sequence[JudgementRecord], *, blind: bool = False) -> ReviewRecord:
    return ReviewRecord(session, author, NOW, blind, "", None, 0, tuple(said))


def rows(reviews: Sequence[ReviewRecord], table: int = 0, **more: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = agreement_tables(reviews, {SKILL: "Listening"}, **more)[table]["rows"]
    return found


def test_one_level_throughout_is_no_agreement() -> None:
    said = [review(f"s{n}", "sue", [judged(2 * i, 3, 3) for i in range(4)]) for n in range(4)]
    (row,) = rows(said)
    assert row["kappa"] is None and row["n"] == 16
    assert row["figures"] == ["undefined: everybody gave the same level"] * 3 + ["1.00 (1.00 to 1.00)"]
    assert rows(said[:2])[0]["figures"][0] == "too few"


def test_a_row_leads_to_its_disagreements_also_between_two_people() -> None:
    said = [
        review("s", "sue", [judged(0, 3, 3), judged(2, 3, 4), judged(4, 5, 1)]),
        review("s", "tim", [judged(0, 3, None, "agree"), judged(2, 3, 2), judged(4, 5, 5)]),
    ]
    (engine,) = rows(said)
    assert [(p.turn, p.first, p.second, p.by) for p in engine["apart"]] == [
        (4, 5, 1, ("engine", "sue")), (2, 3, 4, ("engine", "sue")), (2, 3, 2, ("engine", "tim")),
    ]  # fmt: skip
    (people,) = rows(said, 2)
    assert [(p.turn, p.by, p.reason) for p in people["apart"]] == [
        (4, ("sue", "tim"), "reason 4"), (2, ("sue", "tim"), "reason 2"),
    ]  # fmt: skip
    # What a reader may not see yet is counted and not listed.
    (hidden,) = rows(said, seen=said[:1])
    assert hidden["n"] == 6 and {p.by[1] for p in hidden["apart"]} == {"sue"}


def test_a_later_scoring_meets_the_judgements_there_are() -> None:
    said = [review("s", "sue", [judged(2, 3, 5), judged(4, 4, None, "agree")])]
    levels = {("s", 2, SKILL): {"1": 3, "2": 5}, ("s", 4, SKILL): {"1": 4, "2": 3}}
    pairs = {(p.turn, p.version): (p.first, p.second) for p in with_engine(said, levels=levels)}
    assert pairs == {(2, "1"): (3, 5), (2, "2"): (5, 5), (4, "1"): (4, 4), (4, "2"): (3, 4)}
    assert len(with_engine(said)) == 2


def test_blind_judgements_count_as_they_were_made_first_and_a_file_proves_nothing() -> None:
    said = [judged(2, 3, 1, "blind"), judged(2, 3, None, "agree")]
    assert [p.second for p in with_engine([review("s", "sue", said, blind=True)], blind=True)] == [1]
    assert [p.second for p in with_engine([review("s", "sue", said, blind=True)])] == [3]
    foreign = review("s", "sue (imported)", said)
    assert not with_engine([foreign]) and not between([foreign, review("s", "tim", said)])
