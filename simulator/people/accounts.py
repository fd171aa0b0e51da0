"""Accounts: argon2 passwords, server-side logins that expire, and sign-ins that slow down when they fail."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import timedelta
from functools import lru_cache

from pwdlib import PasswordHash

from simulator.errors import InputError, PermissionDeniedError
from simulator.people.permissions import LOCAL, NOBODY, Person
from simulator.store import Repository, UserRecord

ROLES = ("trainee", "supervisor", "educator", "administrator")
MIN_PASSWORD, MAX_PASSWORD = 10, 200
LASTS = timedelta(hours=12)
FREE_FAILURES, LONGEST_WAIT = 5, 900.0
REFUSED = "That name and password do not go together."


@lru_cache(maxsize=1)
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    """Return a hash to check against when there is no such account: both answers take the same time."""
    return _hasher().hash(secrets.token_hex(16))


def add_person(store: Repository, name: str, role: str, password: str) -> UserRecord:
    """Add an account.

    Raises:
        InputError: the name, the role or the password cannot be used, or the name is taken.
    """
    name = name.strip()
    if not re.fullmatch(r"[^\W_](?:[\w .@'-]{0,78}[\w.])?", name):
        raise InputError(
            f"'{name}' cannot be a name.", how="Letters, digits, spaces and . - @ ' are allowed, up to 80."
        )
    if role not in ROLES:
        raise InputError(f"There is no role '{role}'.", how=f"Choose: {', '.join(ROLES)}.")
    return store.people.add(name, role, _hasher().hash(_checked(password)))


def set_password(store: Repository, name: str, password: str) -> None:
    """Give an account a new password and sign it out everywhere."""
    store.people.change(name, password=_hasher().hash(_checked(password)))


def sign_in(store: Repository, name: str, password: str, address: str = "") -> str:
    """Return the token of a new login.

    Raises:
        PermissionDeniedError: name and password do not go together, or too many have failed before. Whether there is such
            an account is not told.
    """
    known = name.strip().lower()
    keys = [_key("name", known)]
    if address:
        # An address counts what fails under any name; what one name failed there is noted beside it.
        keys += [_key("address", address), _key("address and name", f"{address} {known}")]
    wait = max(store.people.waits(k) for k in keys[:2])
    if wait > 0:
        store.people.note(name, "sign-in refused, too many failures")
        raise PermissionDeniedError("Too many failed sign-ins.", how=f"Try again in {int(wait) + 1} seconds.")
    found = store.people.hash_of(name.strip()) if len(password) <= MAX_PASSWORD else None
    fits = _hasher().verify(password[:MAX_PASSWORD], found[1] if found else _nobodys_hash())
    if found is None or not fits:
        for key in keys:
            store.people.failed(key, free=FREE_FAILURES, longest=LONGEST_WAIT)
        store.people.note(name, "sign-in failed")
        raise PermissionDeniedError(REFUSED, how="Check both; an administrator can set a new password.")
    store.people.succeeded(keys[0])
    if address:
        # Somebody's own slips stop counting against the others who share the address; other names' failures stay.
        store.people.forgive(keys[1], store.people.succeeded(keys[2]))
    token = secrets.token_urlsafe(32)
    store.people.sign_in(_digest(token), found[0].id, LASTS)
    store.people.note(found[0].name, "sign-in")
    return token


def who_is(store: Repository, token: str) -> Person:
    """Return the person behind a browser's token: NOBODY when it is unknown, LOCAL in a room without accounts."""
    user = store.people.signed_in(_digest(token)) if token else None
    if user is not None:
        watched = (
            frozenset(t.id for t in store.people.trainees_of(user.id)) if user.role == "supervisor" else frozenset()
        )
        return Person(user.id, user.name, frozenset({user.role}), watched)
    return NOBODY if store.people.any() else LOCAL


def sign_out(store: Repository, token: str) -> None:
    """End this login."""
    store.people.sign_out(token=_digest(token))


def sign_out_everywhere(store: Repository, person: Person) -> None:
    """End every login of a person."""
    if person.id is not None:
        store.people.sign_out(user_id=person.id)
        store.people.note(person.name, "signed out everywhere")


def _checked(password: str) -> str:
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise InputError(
            f"A password has {MIN_PASSWORD} to {MAX_PASSWORD} characters.", how="Four or five words do well."
        )
    return password


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _key(kind: str, value: str) -> str:
    return hashlib.sha256(f"{kind}:{value}".encode()).hexdigest()
