"""`repair-room user`: accounts, roles and groups."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from simulator.cli.common import Format, FormatOption, emit, say
from simulator.errors import InputError, StoreError
from simulator.people import ROLES, add_person, set_password
from simulator.settings import load_settings
from simulator.store import Repository
from simulator.studio.forgetting import forget_person

app = typer.Typer(help="Accounts: who may sign in, as what, in which group.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="Name of the account.")]
FROM_STDIN = "Read the password from standard input, one line."


@app.command("add")
def add(
    name: Name,
    role: Annotated[str, typer.Option("--role", help=", ".join(ROLES))] = "trainee",
    group: Annotated[str, typer.Option("--group", help="Put it into this group.")] = "",
    adopt: Annotated[bool, typer.Option("--adopt", help="Give it the sessions of the local profile.")] = False,
    stdin: Annotated[bool, typer.Option("--password-stdin", help=FROM_STDIN)] = False,
) -> None:
    """Add an account; the first one must be an administrator's."""
    store = _store()
    if role != "administrator" and not store.people.any():
        raise InputError(
            "The first account is an administrator's.", how=f"repair-room user add {name} --role administrator"
        )
    made = add_person(store, name, role, _password(stdin))
    if group:
        store.people.join(made.name, group)
    moved = store.people.adopt(made.name) if adopt else 0
    store.people.note("command line", f"added an account, {role}", made.name)
    say(f"{made.name} can sign in now{f', with {moved} sessions of the local profile' if adopt else ''}.")


@app.command("list")
def list_(format: FormatOption = Format.text) -> None:
    """List the accounts."""
    users = _store().people.all()
    if format is Format.json:
        emit({"users": [{"name": u.name, "role": u.role, "groups": u.groups, "disabled": u.disabled} for u in users]})
        return
    for u in users:
        groups = ", ".join(u.groups) or "no group"
        typer.echo(f"{u.name}: {u.role}, {groups}{', disabled' if u.disabled else ''}")
    if not users:
        say("There are no accounts: the local profile does everything, on this computer only.")


@app.command("password")
def password(name: Name, stdin: Annotated[bool, typer.Option("--password-stdin", help=FROM_STDIN)] = False) -> None:
    """Set a new password; signs the account out everywhere."""
    store = _store()
    user = store.people.named(name)
    set_password(store, user.name, _password(stdin))
    store.people.note("command line", "set a password", user.name)


@app.command("disable")
def disable(name: Name, undo: Annotated[bool, typer.Option("--undo", help="Open it again.")] = False) -> None:
    """Keep an account from signing in; its sessions stay."""
    store = _store()
    store.people.change(name, disabled=not undo)
    store.people.note("command line", "opened again" if undo else "disabled", name)


@app.command("delete")
def delete(name: Name, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Delete an account with all sessions of its own; what it said of others' stays, under nobody's name."""
    settings, store = load_settings(), _store()
    user = store.people.named(name)
    if not yes and not typer.confirm(f"{user.name} and all sessions of {user.name} will be gone. Go on?", err=True):
        raise StoreError("Nothing was deleted.")
    forget_person(settings, store, user)
    store.people.note("command line", "deleted an account", f"deleted {user.id}")
    say("The account is gone.")


@app.command("role")
def role(name: Name, role: Annotated[str, typer.Argument(help=", ".join(ROLES))]) -> None:
    """Change what an account is."""
    if role not in ROLES:
        raise InputError(f"There is no role '{role}'.", how=f"Choose: {', '.join(ROLES)}.")
    store = _store()
    store.people.change(name, role=role)
    store.people.note("command line", f"changed to {role}", name)


@app.command("group")
def group(
    name: Name,
    group: Annotated[str, typer.Argument(help="Name of the group; it is made when it is new.")],
    leave: Annotated[bool, typer.Option("--leave", help="Take the account out of it.")] = False,
) -> None:
    """Put an account into a group: its supervisors see what its trainees submit."""
    store = _store()
    (store.people.leave if leave else store.people.join)(name, group)
    store.people.note("command line", f"{'left' if leave else 'joined'} {group}", name)


def _store() -> Repository:
    return Repository.open(load_settings().database)


def _password(stdin: bool) -> str:
    if stdin or not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
