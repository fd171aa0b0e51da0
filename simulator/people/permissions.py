"""Who may do what. Everything that is not allowed here is refused; every page, handler and file asks here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simulator.errors import PermissionDeniedError
from simulator.store import SessionRecord


@dataclass(frozen=True)
class Person:
    """Who is asking: `id` None is the local profile (or nobody, without roles); `watched` are a supervisor's trainees."""

    id: int | None
    name: str
    roles: frozenset[str]
    watched: frozenset[int] = frozenset()

    @property
    def somebody(self) -> bool:
        """Whether this is a person at all."""
        return bool(self.roles)


NOBODY = Person(None, "", frozenset())
LOCAL = Person(None, "local profile", frozenset({"trainee", "supervisor", "educator", "administrator"}))

Rule = Callable[[Person, SessionRecord | None], bool]


def _is(*roles: str) -> Rule:
    return lambda who, _: bool(who.roles & set(roles))


def _own(who: Person, session: SessionRecord | None) -> bool:
    return session is not None and who.somebody and session.owner_id == who.id


def _shown(who: Person, session: SessionRecord | None) -> bool:
    """A supervisor sees a trainee's session once it was submitted; on a machine with one profile, one's own."""
    if session is None or "supervisor" not in who.roles or session.submitted is None:
        return False
    return session.owner_id in who.watched or (who == LOCAL and session.owner_id is None)


RULES: dict[str, Rule] = {
    "practise": lambda who, _: who.somebody,
    "account": lambda who, _: who.somebody,
    "session.play": _own,
    "session.read": lambda who, s: _own(who, s) or _shown(who, s),
    "session.delete": _own,
    "session.submit": _own,
    "session.note": _own,
    "session.export": lambda who, s: _own(who, s) or _shown(who, s),
    "session.import": lambda who, _: who.somebody,
    "review.queue": _is("supervisor"),
    "review.write": _shown,
    "agreement": _is("supervisor"),
    "studio": _is("educator", "administrator"),
    "people": _is("administrator"),
    "audit": _is("administrator"),
}


def may(who: Person, action: str, session: SessionRecord | None = None) -> bool:
    """Return whether this person may do this (to this session); an unknown action is refused."""
    rule = RULES.get(action)
    return rule is not None and rule(who, session)


def require(who: Person, action: str, session: SessionRecord | None = None) -> None:
    """Raise PermissionDeniedError unless this person may; whether the thing exists is not told."""
    if not may(who, action, session):
        raise PermissionDeniedError("There is nothing here for you.", how="Sign in with another account, or go back.")
