"""Signing in: what fails slows down, for a name and for an address, and is forgotten in time."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from simulator.errors import PermissionDeniedError
from simulator.people import add_person, sign_in
from simulator.people.accounts import FREE_FAILURES
from simulator.store import Repository
from simulator.store.people import FORGOTTEN
from simulator.store.tables import Throttle

PASSWORD, WHERE = "four words will do", "192.0.2.7"


@pytest.fixture
def people(store: Repository) -> Repository:
    for name in ("anna", "ben"):
        add_person(store, name, "trainee", PASSWORD)
    return store


def fail(store: Repository, *names: str) -> None:
    for name in names:
        with pytest.raises(PermissionDeniedError):
            sign_in(store, name, "not the password", WHERE)


def later(store: Repository, by: timedelta) -> None:
    with store.engine.begin() as db:
        db.execute(update(Throttle).values(until=datetime.now(UTC) - by))


def test_an_address_waits_whatever_the_name_and_is_forgiven_its_own_slips(people: Repository) -> None:
    fail(people, "anna", "anna", "anna")
    assert sign_in(people, "anna", PASSWORD, WHERE)
    fail(people, "one", "two", "three", "four", "five")
    fail(people, "six")
    with pytest.raises(PermissionDeniedError, match="seconds"):  # the right password, and anna's slips are forgiven
        sign_in(people, "anna", PASSWORD, WHERE)
    later(people, timedelta(seconds=1))
    assert sign_in(people, "anna", PASSWORD, WHERE)
    fail(people, "seven")  # a success does not wipe out what other names failed
    with pytest.raises(PermissionDeniedError, match="seconds"):
        sign_in(people, "ben", PASSWORD, WHERE)


def test_what_failed_is_forgotten_an_hour_later(people: Repository) -> None:
    fail(people, *["anna"] * (FREE_FAILURES + 1))
    later(people, FORGOTTEN + timedelta(seconds=1))
    fail(people, *["anna"] * FREE_FAILURES)
    assert sign_in(people, "anna", PASSWORD, WHERE)


def test_of_many_failures_at_once_none_is_lost(people: Repository) -> None:
    start = threading.Barrier(8)

    def one() -> None:
        start.wait()
        people.people.failed("key", free=FREE_FAILURES, longest=900.0)

    threads = [threading.Thread(target=one) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert people.people.succeeded("key") == 8
