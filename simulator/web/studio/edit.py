"""One file of a couple: its forms on one side, its YAML on the other, each saving shows in both."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi.responses import Response
from pydantic import BaseModel

from simulator.couple import Couple, Scenario, problems
from simulator.couple.lint import COUPLE
from simulator.errors import InputError, StaleSessionError
from simulator.studio import forms
from simulator.studio.manuscript import diff, load
from simulator.web.endpoints import Asked, on
from simulator.web.studio.couples import manuscript_of

MAX_TEXT = 400_000


@on("GET", "/studio/{couple_id}/edit", "studio")
def edit(r: Asked) -> Response:
    """The file in forms and as YAML."""
    m = manuscript_of(r)
    name, part = _file(r, r.query.get("file", COUPLE)), r.query.get("part", "")
    text, model = m.files[name], _model(name)
    found = problems(text, name, model)
    data = load(text)
    broken = not data
    return r.page(
        "studio_edit.html", m=m, file=name, part=part, text=text, broken=broken, problems=found,
        parts=[] if broken else forms.parts_of(model, data), form=None if broken else forms.form(model, data, part),
        files=sorted(m.files, key=lambda n: (n != COUPLE, n)),
        wrong={p.path: p.message for p in found}, quote=r.query.get("quote", "")[:500],
    )  # fmt: skip


@on("POST", "/studio/{couple_id}/edit", "studio")
def save_form(r: Asked) -> Response:
    """Keep what a form says; everything else in the file stays, comments too."""
    m = manuscript_of(r)
    name, part = _file(r, r.text("file", 120)), r.text("part", 60)
    sent = {k: v[:20_000] for k, v in r.form.multi_items() if isinstance(v, str)}
    based = r.number("version")
    if based != m.version:
        # What the form was filled in for is the edition that its page showed.
        base = next(
            (e.files for e in r.store.manuscripts.editions(m.id, limit=1000) if _number(r, m.id, e.id) == based),
            m.files,
        )
        text = forms.apply(_model(name), base.get(name, m.files[name]), part, sent)
        return _conflict(r, name, text)
    text = forms.apply(_model(name), m.files[name], part, sent)
    return _save(r, name, part, text)


@on("POST", "/studio/{couple_id}/text", "studio")
def save_text(r: Asked) -> Response:
    """Keep the YAML as it was written, whether it can be played or not."""
    name, part = _file(r, r.text("file", 120)), r.text("part", 60)
    text = r.text("text", MAX_TEXT + 1).replace("\r\n", "\n")
    if len(text) > MAX_TEXT:
        raise InputError(f"The file is longer than {MAX_TEXT:,} characters.", how="Go back and shorten it.")
    return _save(r, name, part, text if text.endswith("\n") else f"{text}\n")


def _save(r: Asked, name: str, part: str, text: str) -> Response:
    m = manuscript_of(r)
    where = f"/studio/{m.id}/edit"
    query = {"file": name, "part": part}
    if text == m.files[name] and r.number("version") == m.version:
        return r.back(f"{where}?{urlencode(query)}&done=Nothing+had+changed.")
    try:
        r.store.manuscripts.save(m.id, r.who.name, r.number("version"), {**m.files, name: text})
    except StaleSessionError:
        return _conflict(r, name, text)
    return r.back(f"{where}?{urlencode({**query, 'done': 'Kept.'})}")


def _conflict(r: Asked, name: str, mine: str) -> Response:
    """Show what somebody else has saved meanwhile beside one's own, to be merged by hand."""
    m = manuscript_of(r)
    lines = diff({name: m.files[name]}, {name: mine}, names=("theirs", "yours"))
    return r.page("studio_conflict.html", 409, m=m, file=name, lines=lines, mine=mine)


def _number(r: Asked, couple_id: str, edition: int) -> int:
    """Return the version that an edition was: they are counted from the first."""
    ids = sorted(e.id for e in r.store.manuscripts.editions(couple_id, limit=1000))
    return ids.index(edition)


def _file(r: Asked, name: str) -> str:
    if name not in manuscript_of(r).files:
        raise InputError("This couple has no such file.", how="Choose one from its page.")
    return name


def _model(name: str) -> type[BaseModel]:
    return Couple if name == COUPLE else Scenario
