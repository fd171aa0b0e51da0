"""The code book or the level rules of the draft: in forms, and as a file; what cannot be used is not kept."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from fastapi.responses import Response

from simulator.couple import Problem
from simulator.errors import InputError, StaleSessionError
from simulator.studio import forms, own_rubric
from simulator.studio.changes import diff
from simulator.studio.choices import Choices, rubric_choices
from simulator.studio.filling import apply
from simulator.studio.manuscript import load
from simulator.studio.rubric_texts import BOOK, FILES, NAMES
from simulator.studio.showing import Look, shown
from simulator.web.endpoints import Asked, on
from simulator.web.studio.common import SAVED, marked, sent, written
from simulator.web.studio.rubric import PAGE

EDIT = f"{PAGE}/edit"
MAX_TEXT = 200_000


@on("GET", EDIT, "studio")
def edit(r: Asked) -> Response:
    """The file in forms and as YAML."""
    name, part, at = _file(r.query.get("file", BOOK)), r.query.get("part", ""), r.query.get("at", "")[:200]
    return _edit(r, name, _kept(r)[name], part=part, at=at, line=r.query.get("line", ""))


@on("POST", EDIT, "studio")
def save(r: Asked) -> Response:
    """Check the text, or keep it; what cannot be used is shown with its problems and is not kept.

    A form sends the text that it was made from, and what stands in its boxes. It also leads to another part of the
    file, or to a key of it, with everything that has not been kept yet.
    """
    name, settings, part, at = _file(r.text("file", 40)), r.room.settings, r.text("part", 100), r.text("at", 200)
    text, now = written(r, MAX_TEXT), _kept(r)
    based = r.number(SAVED if SAVED in r.form else "version")
    if SAVED in r.form:
        text = apply(FILES[name], text, part, sent(r), _known({**now, name: text}))
    part = forms.part_of(FILES[name], at) if at else r.text("to", 100) if "to" in r.form else part
    files = {**now, name: text}
    problems, check = own_rubric.check(settings, files), r.text("do", 10) == "check"
    if check or at or "to" in r.form:
        return _edit(r, name, text, problems=problems, checked=check, based=based, part=part, at=at)
    if problems:
        return _edit(r, name, text, problems=problems, based=based, part=part, status=409)
    back = f"{EDIT}?{urlencode({'file': name, 'part': part})}&" if "part" in r.form else f"{PAGE}?"
    if files == now and based == _number(r):
        return r.back(back + urlencode({"done": "Nothing had changed."}))
    try:
        number = own_rubric.save(settings, r.who.name, based, files)
    except StaleSessionError:
        return _edit(r, name, text, stale=True, part=part, status=409)
    r.log("changed the draft of the rubric", f"{name}, version {number}")
    done = f"Kept as version {number}. Scores stay as they are until the draft is adopted."
    return r.back(back + urlencode({"done": done}))


def _edit(
    r: Asked, name: str, text: str, *, problems: list[tuple[str, Problem]] | None = None, checked: bool = False,
    stale: bool = False, based: int | None = None, status: int = 200, part: str = "", at: str = "", line: str = "",
) -> Response:  # fmt: skip
    """Show a text to be edited, with what is wrong with it and how it differs from the draft."""
    kept, model, found = _kept(r), FILES[name], problems or []
    data, own = load(text), [p for file, p in found if file == name]
    known, look = _known({**kept, name: text}), Look(at, tuple((p.path, p.said) for p in own))
    if not data and own:
        line = str(own[0].line)
    return r.page(
        "studio_rubric_edit.html", status, file=name, files=NAMES, part=part, text=text, at=at,
        problems=[(file, p, "" if file == name else _place(file, p)) for file, p in found],
        parts=forms.parts_of(model, data) if data else [],
        form=shown(forms.form(model, data, part, known), look) if data else None,
        line=marked(line, text, at), checked=checked, stale=stale, lines=diff({name: kept[name]}, {name: text}),
        # Who has just been shown what others saved saves over it knowingly.
        number=_number(r) if based is None else based,
    )  # fmt: skip


def _place(name: str, problem: Problem) -> str:
    """Return the address of a key of the other file: its form is open there, and its line is marked in the YAML."""
    query = {"file": name, "part": forms.part_of(FILES[name], problem.path), "at": problem.path, "line": problem.line}
    return f"{EDIT}?{urlencode(query)}#{quote(problem.path)}"


def _known(files: dict[str, str]) -> Choices:
    return rubric_choices(load(files[BOOK]))


def _kept(r: Asked) -> dict[str, str]:
    return own_rubric.texts(own_rubric.folder_of(r.room.settings))


def _number(r: Asked) -> int:
    kept = own_rubric.versions(r.room.settings)
    return kept[0].number if kept else 0


def _file(name: str) -> str:
    if name not in FILES:
        raise InputError("The rubric has no such file.", how="Choose one from its page.")
    return name
