"""The sessions of a couple as files: begun, brought in, called something else, taken out."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi.responses import Response

from simulator.couple.lint import COUPLE
from simulator.couple.naming import file_of
from simulator.errors import InputError
from simulator.studio.manuscript import MAX_FILES, load, moved, renamed
from simulator.studio.packing import read_session
from simulator.studio.skeleton import new_scenario
from simulator.text import checked_id
from simulator.web.endpoints import Asked, on
from simulator.web.studio.common import checked, manuscript_of


@on("POST", "/studio/{couple_id}/scenario", "studio")
def begin(r: Asked) -> Response:
    """Begin another session for a couple."""
    m = manuscript_of(r)
    found = checked(r, m).couple
    if found is None:
        raise InputError(
            "What is written of the two of them cannot be used yet.",
            how="Mend what the couple's page lists as problems; then its sessions can be written.",
        )
    key = r.text("id", 80).strip()
    text = new_scenario(key, m.id, found.partners[0].id, found.partners[1].id)
    name = _add(r, key, text, replace=False)
    return r.back(f"/studio/{m.id}/edit?{urlencode({'file': name})}", "A new session, filled with what belongs where.")


@on("POST", "/studio/{couple_id}/bring", "studio")
def bring(r: Asked) -> Response:
    """Take a session from a file into the draft; one of the same id is replaced only if that is asked for."""
    m = manuscript_of(r)
    key, text = read_session(r.upload)
    name = f"scenarios/{checked_id(key, like='the-empty-chair')}.yaml"
    _add(r, key, renamed({name: text}, m.id)[name], replace=r.ticked("replace"))
    return r.back(f"/studio/{m.id}", f"In the draft now: {file_of(name, load(text))}.")


@on("POST", "/studio/{couple_id}/rename", "studio")
def rename(r: Asked) -> Response:
    """Give a session another id; sessions that were played keep the one they had."""
    m = manuscript_of(r)
    key = r.text("id", 80).strip()
    files = moved(m.files, r.text("file", 120), key)
    r.store.manuscripts.save(m.id, r.who.name, r.number("version"), files)
    return r.back(f"/studio/{m.id}", f"The session is called {key} now.")


@on("POST", "/studio/{couple_id}/remove", "studio")
def remove(r: Asked) -> Response:
    """Take a session out of the draft; it stays in the editions before."""
    m = manuscript_of(r)
    name = r.text("file", 120)
    if name == COUPLE or name not in m.files:
        raise InputError("There is no such session.", how="Reload the page.")
    files = {n: t for n, t in m.files.items() if n != name}
    r.store.manuscripts.save(m.id, r.who.name, r.number("version"), files)
    gone = file_of(name, load(m.files[name]))
    return r.back(f"/studio/{m.id}", f"Out of the draft: {gone}. It can be brought back from the editions below.")


def _add(r: Asked, key: str, text: str, *, replace: bool) -> str:
    m = manuscript_of(r)
    name = f"scenarios/{key}.yaml"
    if name in m.files and not replace:
        raise InputError(f"There is a session '{key}' already.", how="Choose another id, or say that it is replaced.")
    if name not in m.files and len(m.files) >= MAX_FILES:
        raise InputError(f"A couple has at most {MAX_FILES} files.", how="Take a session out first.")
    r.store.manuscripts.save(m.id, r.who.name, r.number("version"), {**m.files, name: text})
    return name
