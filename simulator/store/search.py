"""Which sessions are meant: whose, of which couple, when, how far. All of it is narrowed in the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, or_

from simulator.store.tables import PracticeSession, Review, Score, Turn


def drawn_before(share: float) -> str:
    """Return what the first digits of an id lie below when it is drawn. Ids are random: nobody can steer the draw."""
    return f"{min(0xFFFF, round(share * 0x10000)):04x}"


@dataclass(frozen=True)
class Found:
    """A description of sessions; a field that is left out does not narrow.

    `owners` None means everybody's, (None,) the local profile's. `words` is looked for in what was said; `skill` in
    what was scored. `drawn` keeps a share (0 to 1) of all sessions, always the same ones. `state` is open, ended or
    submitted. `signed` asks for a review that is signed off, by `reviewer` if one is named. `branch` is whether a session
    goes on from another one.
    """

    owners: tuple[int | None, ...] | None = None
    couple: str = ""
    scenario: str = ""
    words: str = ""
    outcome: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    submitted: bool | None = None
    parent: str = ""
    branch: bool | None = None
    signed: bool | None = None
    reviewer: str = ""
    played: bool | None = None
    drill: bool | None = None
    flagged: bool | None = None
    drawn: float | None = None
    skill: str = ""
    state: str = ""

    def narrow(self, query: Any) -> Any:
        """Return the query with these conditions."""
        s = PracticeSession
        if self.owners is not None:
            known = [o for o in self.owners if o is not None]
            mine = [s.owner_id.in_(known)] if known else []
            if None in self.owners:
                mine.append(s.owner_id.is_(None))
            query = query.where(or_(*mine) if mine else s.id.is_(None))
        if self.couple:
            query = query.where(s.couple_id == self.couple)
        if self.scenario:
            query = query.where(s.scenario_id == self.scenario)
        if self.outcome is not None:
            query = query.where(s.outcome == self.outcome)
        if self.since:
            query = query.where(s.created >= self.since)
        if self.until:
            query = query.where(s.created < self.until)
        if self.submitted is not None:
            query = query.where(s.submitted.is_not(None) if self.submitted else s.submitted.is_(None))
        if self.parent:
            query = query.where(s.parent_id == self.parent)
        if self.branch is not None:
            query = query.where(s.parent_id.is_not(None) if self.branch else s.parent_id.is_(None))
        if self.played is not None:
            query = query.where(s.couple_id != "" if self.played else s.couple_id == "")
        if self.drill is not None:
            query = query.where(s.drill != "" if self.drill else s.drill == "")
        if self.flagged is not None:
            query = query.where(s.flags != "" if self.flagged else s.flags == "")
        if self.drawn is not None:
            query = query.where(func.substr(s.id, 1, 4) < drawn_before(self.drawn))
        if self.state:
            open_, sent = s.outcome == "", s.submitted.is_not(None)
            query = query.where({"open": open_, "ended": ~open_, "submitted": sent}[self.state])
        if self.skill:
            status = Score.result["skills"][self.skill]["status"].as_string()
            scored = exists().where(Turn.session_id == s.id, Score.turn_id == Turn.id, status == "scored")
            query = query.where(scored)
        if self.words:
            said = exists().where(Turn.session_id == s.id, Turn.text.icontains(self.words, autoescape=True))
            query = query.where(said)
        if self.signed is not None:
            done = exists().where(Review.session_id == s.id, Review.signed.is_not(None))
            if self.reviewer:
                done = done.where(Review.author == self.reviewer)
            query = query.where(done if self.signed else ~done)
        return query
