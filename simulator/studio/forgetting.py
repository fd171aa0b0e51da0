"""Forgetting: sessions and people, with all that was kept of them elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from simulator.settings import Settings
from simulator.store import Found, Repository, UserRecord
from simulator.studio.examples import drop_forgotten


def forget_sessions(settings: Settings, store: Repository, ids: Iterable[str]) -> None:
    """Delete sessions, and the labelled examples that were made of their replies."""
    for session_id in ids:
        store.delete_session(session_id)
    drop_forgotten(settings, store)


def forget_before(settings: Settings, store: Repository, when: datetime) -> int:
    """Delete the sessions that nothing has happened in since, and their examples; return how many there were."""
    gone = store.forget_before(when)
    if gone:
        drop_forgotten(settings, store)
    return gone


def forget_person(settings: Settings, store: Repository, user: UserRecord | None) -> None:
    """Delete everything of a person's own and the account; None is the local profile, which has no account.

    Raises:
        InputError: it is the only administrator.
    """
    if user is not None:
        store.people.change(user.name, disabled=True)  # refuses to lose the only administrator
    owned = Found((user.id if user else None,))
    forget_sessions(settings, store, [s.id for s in store.sessions(owned, limit=1_000_000)])
    if user is not None:
        store.people.remove(user.name)
