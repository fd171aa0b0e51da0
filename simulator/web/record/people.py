"""The administrator's people, and everybody's own account and data."""

from __future__ import annotations

from fastapi.responses import RedirectResponse, Response

from simulator.errors import InputError
from simulator.people import ROLES, add_person, set_password, sign_in, sign_out
from simulator.review.export import export_everything
from simulator.studio.forgetting import forget_person
from simulator.web.endpoints import Asked, attached, on

LINES = 100  # of the audit log on one page


@on("GET", "/people", "people")
def people(r: Asked) -> Response:
    """The accounts and the audit log."""
    number, _ = r.wanted_page()
    log = r.store.people.audit(limit=LINES, offset=LINES * (number - 1))
    return r.page("people.html", users=r.store.people.all(), roles=ROLES, audit=log, page=number, lines=LINES)


@on("POST", "/people/add", "people")
def add(r: Asked) -> Response:
    """Make an account; the first one is an administrator's."""
    role, group = r.text("role", 20), r.text("group", 80).strip()
    if not r.store.people.any() and role != "administrator":
        raise InputError("The first account is an administrator's.", how="Go back and choose that role.")
    made = add_person(r.store, r.text("name", 80), role, r.text("password", 1000))
    if group:
        r.store.people.join(made.name, group)
    r.log(f"added an account, {made.role}", made.name)
    return r.back("/people", f"{made.name} can sign in now.")


@on("POST", "/people/change", "people")
def change(r: Asked) -> Response:
    """Change an account's role, groups or password, or disable it."""
    user = r.store.people.named(r.text("name", 80))
    role, disabled = r.text("role", 20), r.ticked("disabled")
    if role not in ROLES:
        raise InputError(f"There is no role '{role}'.", how=f"Choose: {', '.join(ROLES)}.")
    if role != user.role or disabled != user.disabled:
        r.store.people.change(user.name, role=role, disabled=disabled)
        r.log(f"changed to {role}{', disabled' if disabled else ''}", user.name)
    if r.form.get("password"):
        set_password(r.store, user.name, r.text("password", 1000))
        r.log("set a password", user.name)
    groups = {g.strip()[:80] for g in r.text("groups", 400).split(",") if g.strip()}
    for group in sorted(groups - set(user.groups)):
        r.store.people.join(user.name, group)
    for group in sorted(set(user.groups) - groups):
        r.store.people.leave(user.name, group)
    if groups != set(user.groups):
        r.log("changed groups", user.name)
    return r.back("/people", "Saved.")


@on("POST", "/people/delete", "people")
def delete(r: Asked) -> Response:
    """Delete an account with all sessions of its own."""
    user = r.store.people.named(r.text("name", 80))
    if r.text("sure", 80).strip() != user.name:
        return r.back("/people", f"Nothing was deleted: write the name {user.name} into the box.")
    forget_person(r.room.settings, r.store, user)
    r.log("deleted an account", f"deleted {user.id}")
    return RedirectResponse("/sign-in", 303) if user.id == r.who.id else r.back("/people", "The account is gone.")


@on("GET", "/account", "account")
def account(r: Asked) -> Response:
    """One's own account."""
    return r.page("account.html")


@on("POST", "/account/password", "account")
def password(r: Asked) -> Response:
    """Change one's own password; every browser is signed out."""
    if r.who.id is None:
        raise InputError("The local profile has no password.")
    token = sign_in(r.store, r.who.name, r.text("old", 1000))
    sign_out(r.store, token)
    set_password(r.store, r.who.name, r.text("new", 1000))
    r.log("changed the password")
    return RedirectResponse("/sign-in", 303)


@on("GET", "/account/data", "account")
def data(r: Asked) -> Response:
    """Everything of one's own as a file."""
    body = export_everything(r.room, r.store.people.named(r.who.name) if r.who.id is not None else None)
    r.log("exported everything of theirs")
    return attached(body, "application/jsonl", "repair-room-data.jsonl")


@on("POST", "/account/delete", "account")
def delete_all(r: Asked) -> Response:
    """Delete everything of one's own, and the account."""
    if r.text("sure", 40).strip().lower() != "delete everything":
        raise InputError("Nothing was deleted.", how='Go back and write "delete everything" into the box.')
    forget_person(r.room.settings, r.store, r.store.people.named(r.who.name) if r.who.id is not None else None)
    r.store.people.note(r.who.name if r.who.id is None else f"deleted {r.who.id}", "deleted everything of theirs")
    return RedirectResponse("/sign-in" if r.who.id is not None else "/work", 303)
