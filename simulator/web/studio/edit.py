"""One file of a couple: in forms, and as the file it is; each saving shows in both."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from fastapi.responses import Response

from simulator.couple.lint import COUPLE
from simulator.couple.naming import file_of
from simulator.errors import InputError, StaleSessionError
from simulator.studio import forms
from simulator.studio.changes import diff, merged
from simulator.studio.filling import apply
from simulator.studio.following import NONE, Renames, followed, left_behind, renames
from simulator.studio.manuscript import FILE, file_problems, load, model_of, title_of
from simulator.web.endpoints import Asked, on
from simulator.web.studio.common import (
    AS_FILE,
    SAVED,
    called,
    checked,
    crumbs,
    in_file,
    known,
    manuscript_of,
    marked,
    place,
    sent,
    written,
)
from simulator.web.studio.help import guides

MAX_TEXT = 400_000
_TRIES = 5  # savings of other files by others that one saving gives way to


@on("GET", "/studio/{couple_id}/edit", "studio")
def edit(r: Asked) -> Response:
    """The file in forms and as YAML."""
    m = manuscript_of(r)
    name, part = _file(r, r.query.get("file", COUPLE)), r.query.get("part", "")
    text, model, at = m.files[name], model_of(name), r.query.get("at", "")[:200]
    data, files, problems = load(text), called(m.files), checked(r, m).problems
    found = problems[name] or file_problems(name, text)
    parts = forms.parts_of(model, data) if data else []
    return r.page(
        "studio_edit.html", m=m, file=name, part=part, text=text, way=crumbs(r, m), files=files, parts=parts, at=at,
        heading=", ".join(x for x in (dict(parts).get(part), files[name], title_of(m.files)) if x),
        problems=[(p, place(m.id, name, p.path, p.line), in_file(m.id, name, p.path, p.line)) for p in found],
        elsewhere=[(files[f], p, place(m.id, f, p.path, p.line)) for f, ps in problems.items() if f != name for p in ps],
        form=forms.form(model, data, part, known(r, m.files), at) if data else None, guides=guides(model, part),
        wrong={p.path: p.message for p in found}, quote=r.query.get("quote", "")[:500], line=marked(r.query.get("line", ""), text, at),
        as_file=r.query.get("view") == AS_FILE,
    )  # fmt: skip


@on("POST", "/studio/{couple_id}/edit", "studio")
def save_form(r: Asked) -> Response:
    """Keep what a form says; everything else in the file stays, comments too."""
    name, part, base = r.text("file", 120), r.text("part", 60), _base(r)
    if name not in base:
        raise InputError("This couple has no such file.", how="Choose one from its page.")
    given = sent(r)
    mine = apply(model_of(name), base[name], part, given, known(r, base))
    return _save(r, name, part, mine, base, asked=renames(name, base[name], mine, given))


@on("POST", "/studio/{couple_id}/text", "studio")
def save_text(r: Asked) -> Response:
    """Keep the YAML as it was written, whether it can be played or not."""
    name, part, base = r.text("file", 120), r.text("part", 60), _base(r)
    # A file that somebody has taken out meanwhile may be put back by who was writing it.
    if name not in base and not FILE.fullmatch(name):
        raise InputError("This couple has no such file.", how="Choose one from its page.")
    return _save(r, name, part, written(r, MAX_TEXT), base, view=AS_FILE)


def _base(r: Asked) -> dict[str, str]:
    """Return the files that the page was made from, whatever has been saved since."""
    m = manuscript_of(r)
    based = r.number(SAVED)
    return m.files if based == m.version else r.store.manuscripts.edition_of(m.id, based).files


def _save(
    r: Asked, name: str, part: str, mine: str, base: Mapping[str, str], *, asked: Renames = NONE, view: str = ""
) -> Response:
    """Keep one file, and what is `asked` to follow in others.

    What others saved in other files meanwhile stays, and what they saved in this one is shown.
    """
    based = r.number(SAVED)
    for _ in range(_TRIES):
        m = manuscript_of(r)
        theirs = m.files.get(name)
        done = "Nothing had changed."
        if theirs != mine:
            both = mine
            if theirs != base.get(name):
                # Changes of different places go together by themselves; where they meet, a person decides.
                both = (merged(base.get(name, ""), mine, theirs) if theirs is not None else None) or ""
                if not load(both):
                    return _conflict(r, name, base.get(name, ""), mine)
            files, told = followed({**m.files, name: both}, asked)
            try:
                r.store.manuscripts.save(m.id, r.who.name, m.version, files)
            except StaleSessionError:
                continue
            done = "Kept." if m.version == based else f"Kept. {m.author} has saved meanwhile too; both are kept."
            done = " ".join([done, *told, *left_behind(base.get(COUPLE, ""), files)])
            name = name if name in files else next(n for n in files if n not in m.files)
        query = {"file": name, "part": part, "view": view, "done": done}
        return r.back(f"/studio/{m.id}/edit?{urlencode({k: v for k, v in query.items() if v})}")
    raise StaleSessionError("Others are saving this couple at the same time.", how="Go back and save once more.")


def _conflict(r: Asked, name: str, base: str, mine: str) -> Response:
    """Show what somebody else has saved in this file meanwhile, beside one's own changes, to be merged by hand."""
    m = manuscript_of(r)
    theirs = m.files.get(name)
    title = file_of(name, load(base) or load(mine))
    return r.page(
        "studio_conflict.html", 409, m=m, file=name, title=title, way=crumbs(r, m), mine=mine, theirs=theirs,
        by_them=diff({name: base}, {name: theirs or ""}), by_you=diff({name: base}, {name: mine}),
    )  # fmt: skip


def _file(r: Asked, name: str) -> str:
    if name not in manuscript_of(r).files:
        raise InputError("This couple has no such file.", how="Choose one from its page.")
    return name
