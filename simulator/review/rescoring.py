"""Old sessions scored again with the rubric of today; what they were scored with before stays beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from simulator.couple import Scenario
from simulator.errors import StoreError
from simulator.review.export import partners_of
from simulator.rubric import SKILLS, THERAPIST, Question, Said
from simulator.session import Room
from simulator.session.offers import model_reply, offered_by
from simulator.store import SessionRecord, TurnRecord


@dataclass(frozen=True)
class Change:
    """A level that another rubric version sees otherwise; None is no opportunity, or not scored."""

    session: str
    turn: int
    skill: str
    before: int | None
    after: int | None


@dataclass(frozen=True)
class Rescored:
    """What came of scoring sessions again."""

    sessions: int
    replies: int
    skipped: int
    changes: list[Change]


def rescore(room: Room, records: Iterable[SessionRecord]) -> Rescored:
    """Score every reply again that was scored with other versions than the present ones, and say what changed."""
    versions = room.engine.versions
    sessions = replies = skipped = 0
    changes: list[Change] = []
    for record in records:
        turns = room.store.turns(record.id)
        due = [i for i, t in enumerate(turns) if t.score and _versions(t, record) != versions]
        if not due:
            continue
        try:
            scenario = room.played(record)[1] if record.couple_id else None
            partners = partners_of(room, record)
            questions = [question(turns, i, partners, scenario) for i in due]
        except StoreError:
            skipped += 1  # a document it was played with is gone: what it has stays
            continue
        results = {turns[i].index: s.to_json() for i, s in zip(due, room.engine.score_many(questions), strict=True)}
        room.store.add_scores(record.id, results, versions)
        sessions, replies = sessions + 1, replies + len(due)
        for i in due:
            for skill in SKILLS:
                old = turns[i].score["skills"].get(skill, {}).get("level")  # type: ignore[index]
                new = results[turns[i].index]["skills"][skill].get("level")
                if old != new:
                    changes.append(Change(record.id, turns[i].index, skill, old, new))
    return Rescored(sessions, replies, skipped, changes)


def _versions(turn: TurnRecord, record: SessionRecord) -> dict[str, str]:
    return {
        "rubric_version": turn.rubric_version or record.rubric_version,
        "engine_version": turn.engine_version or record.engine_version,
    }


def question(turns: Sequence[TurnRecord], i: int, partners: Sequence[str], scenario: Scenario | None) -> Question:
    """Return what the engine was asked when reply `i` was scored."""
    assert turns[i].speaker == THERAPIST  # only replies have scores
    before = turns[i].before
    model = model_reply(scenario, before.get("pending_bid", ""), absent=bool(before.get("absent")))
    said = [Said(t.speaker, t.text) for t in turns[:i]]
    return Question(said, partners, turns[i].text, turns[i].addressed or None, model, offered_by(turns[:i]))
