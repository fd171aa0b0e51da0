"""Who is there and what they may do: accounts, signing in, permissions."""

from simulator.people.accounts import (
    ROLES,
    add_person,
    set_password,
    sign_in,
    sign_out,
    sign_out_everywhere,
    who_is,
)
from simulator.people.permissions import LOCAL, NOBODY, Person, may, require

__all__ = [
    "LOCAL",
    "NOBODY",
    "ROLES",
    "Person",
    "add_person",
    "may",
    "require",
    "set_password",
    "sign_in",
    "sign_out",
    "sign_out_everywhere",
    "who_is",
]
