"""What supervisors teach the scores: learned only when it helps, adopted by a person, reversible; and scoring again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from simulator.errors import InputError
from simulator.review.progress import flags
from simulator.review.recalibrate import Lesson, lessons, recalibrate
from simulator.review.rescoring import rescore
from simulator.rubric import SKILLS, Engine, Question, Said
from simulator.rubric import calibration as calibrations
from simulator.rubric.calibration import Calibration, SkillCorrection
from simulator.session import Room
from simulator.store import JudgementRecord, Repository

SKILL = SKILLS[0]


def taught(n: int, *, harsher: float, sessions: int = 20, noise: float = 0.4) -> list[Lesson]:
    """Judgements of a supervisor who sees `advise` as so much worse than the engine does, and agrees elsewhere."""
    rng, rows = Random(5), []
    for i in range(n):
        level = rng.randint(2, 5)
        codes = frozenset({"advise"}) if i % 2 else frozenset({"validate"})
        given = level - (harsher if i % 2 else 0) + rng.gauss(0, noise)
        rows.append(Lesson(f"session {i % sessions}", float(level), level, codes, min(5, max(1, round(given)))))
    return rows


def test_it_learns_what_a_supervisor_sees_otherwise_and_shows_it_on_held_out_sessions(room: Room) -> None:
    found = recalibrate({SKILL: taught(120, harsher=1.2)}, room.engine.rubric)
    row = found.report[SKILL]
    assert row["learned"] and row["after"]["mean_error"] < row["before"]["mean_error"]
    assert row["after"]["weighted_kappa"] > row["before"]["weighted_kappa"]
    for when in ("before", "after"):
        low, high = row[when]["interval_95"]["mean_error"]
        assert low <= row[when]["mean_error"] <= high
    assert row["differing"] < row["judgements"] == 120
    correction = found.skills[SKILL]
    assert correction.score(4, ["advise"]) < 3.5 < correction.score(4, ["validate"])


def test_chance_teaches_nothing_and_too_few_are_refused(room: Room) -> None:
    found = recalibrate({SKILL: taught(240, harsher=0.0, noise=0.6)}, room.engine.rubric)
    assert not found.skills and "does not help" in found.report[SKILL]["because"]
    with pytest.raises(InputError, match="needed"):
        recalibrate({SKILL: taught(20, harsher=2.0)}, room.engine.rubric)
    # An agreement teaches nothing, however often it is said.
    with pytest.raises(InputError, match=r"^0 judgements"):
        recalibrate({SKILL: taught(300, harsher=0.0, noise=0.0)}, room.engine.rubric)


@given(shift=st.floats(-4, 4), score=st.floats(1, 5))
def test_a_corrected_score_stays_a_score(shift: float, score: float) -> None:
    assert 1 <= SkillCorrection(shift=shift).score(score, ["advise", "advise"]) <= 5


@hypothesis(deadline=None, max_examples=20)
@given(n=st.integers(90, 120), harsher=st.floats(1, 3))
def test_what_is_learned_never_makes_held_out_sessions_worse(room: Room, n: int, harsher: float) -> None:
    row = recalibrate({SKILL: taught(n, harsher=harsher)}, room.engine.rubric).report[SKILL]
    assert not row["learned"] or row["after"]["mean_error"] < row["before"]["mean_error"]


def test_adopting_corrects_new_scores_and_reverting_brings_the_engine_back(room: Room, tmp_path: Path) -> None:
    question = Question([Said("Renu", "I am so tired of this.")], ["Renu", "Martin"], "You sound worn out, Renu.")
    own = room.engine.score(question).skills[SKILL]
    made = Calibration(
        id="cal-0123abcd", rubric_version=room.engine.rubric.version, made="2026-01-01",
        skills={SKILL: SkillCorrection(shift=-1.5)}, report={},
    )  # fmt: skip
    calibrations.keep(tmp_path, made)
    assert calibrations.adopted(tmp_path) is None  # a person adopts it
    calibrations.adopt(tmp_path, made.id)
    engine = Engine(room.engine.rubric, room.engine.coder, calibrations.adopted(tmp_path))
    score = engine.score(question).skills[SKILL]
    assert score.level is not None and own.level is not None and score.level < own.level
    assert (
        score.engine == {"level": own.level, "score": own.score, "calibration": made.id} and str(own.level) in score.why
    )
    assert engine.versions["rubric_version"].endswith("+cal-0123abcd")
    elsewhere = Engine(room.engine.rubric, room.engine.coder, made.model_copy(update={"rubric_version": "other 9"}))
    assert elsewhere.score(question).skills[SKILL] == own
    assert calibrations.revert(tmp_path) and calibrations.adopted(tmp_path) is None
    with pytest.raises(InputError, match="cal-0123abcd"):
        calibrations.adopt(tmp_path, "../../cal")
    (tmp_path / "calibrations" / "adopted.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="--revert"):
        calibrations.adopted(tmp_path)


def played(room: Room) -> str:
    session = room.begin("renu-and-martin", "the-missed-call", seed=3)
    list(session.answers())
    for words in ("You sound worn out, Renu. What was the wait like?", "Martin, you should be ashamed of yourself."):
        session.reply(words)
        list(session.answers())
    return session.record.id


def test_sessions_are_scored_again_and_the_earlier_scores_stay(room: Room) -> None:
    key = played(room)
    before = room.store.turns(key)
    made = Calibration(
        id="cal-0123abcd", rubric_version=room.engine.rubric.version, made="2026-01-01",
        skills={s: SkillCorrection(shift=-1.5) for s in SKILLS}, report={},
    )  # fmt: skip
    today = replace(room, engine=Engine(room.engine.rubric, room.engine.coder, made))
    result = rescore(today, [room.store.session(key)])
    assert result.sessions == 1 and result.replies == 2 and result.changes
    after = room.store.turns(key)
    assert [t.text for t in after] == [t.text for t in before]
    assert all(t.rubric_version.endswith("cal-0123abcd") for t in after if t.score)
    assert len(room.store.scorings(key)) == 4
    assert rescore(today, [room.store.session(key)]).replies == 0  # nothing is left to do
    # What a supervisor said of the earlier scores still teaches, as what the engine itself gave.
    turn = next(t for t in after if t.score)
    own = turn.score["skills"][SKILL]["engine"]  # type: ignore[index]
    said = JudgementRecord(turn.index, SKILL, "override", 1, "", "too fast", own["level"], "", datetime.now(UTC))
    room.store.reviews.begin(key, None, "sue", blind=False)
    room.store.reviews.judge(key, "sue", 0, [said])
    (lesson,) = lessons(room.store.reviews.of([key]), {key: after}, room.engine.rubric.version)[SKILL]
    assert (lesson.engine_level, lesson.level) == (own["level"], 1)
    back = rescore(room, [room.store.session(key)])
    assert back.replies == 2 and [t.score for t in room.store.turns(key)] == [t.score for t in before]


def test_a_session_of_a_rubric_that_is_no_longer_installed_can_be_read_flagged_and_scored_again(
    room: Room, tmp_path: Path
) -> None:
    store = Repository.open(f"sqlite:///{tmp_path / 'old.sqlite3'}")
    old = replace(room, store=store)
    key = played(old)
    score = next(t.score for t in store.turns(key) if t.score)
    assert score is not None
    gone = {"code": "a_code_of_long_ago", "quote": "You", "start": 0, "end": 3, "confidence": 0.9}
    score["skills"][SKILL]["codes"] = [gone]
    store.add_scores(key, {2: score}, {"rubric_version": "core-en 0.1.0", "engine_version": "0.1"})
    record = store.session(key)
    assert isinstance(flags(record, store.turns(key), old.played(record)[1]), list)
    result = rescore(old, [record])
    assert result.replies == 1 and store.turns(key)[2].rubric_version == room.engine.versions["rubric_version"]
    store.close()
