"""One file of a couple: in forms, and as the file it is; each saving shows in both."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from fastapi.responses import Response

from simulator.couple.lint import COUPLE
from simulator.couple.naming import file_of
from simulator.errors import InputError, StaleSessionError
from simulator.studio import forms
from simulator.studio.changes import diff, merged
from simulator.studio.filling import Filled, fill, placed
from simulator.studio.following import NONE, Renames, followed, left_behind, renames
from simulator.studio.manuscript import FILE, file_problems, load, model_of, title_of
from simulator.studio.showing import Look, runs, shown, unrolled
from simulator.studio.tags import Places
from simulator.web.endpoints import Asked, on
from simulator.web.studio.common import (
    AS_FILE,
    MAX_BOX,
    SAVED,
    boxes,
    called,
    checked,
    crumbs,
    in_file,
    known,
    manuscript_of,
    marked,
    oversized,
    place,
    written,
)
from simulator.web.studio.help import guides

MAX_TEXT = 400_000
_TRIES = 5  # savings of other files by others that one saving gives way to
_MARKS = 12  # places that an address names


@on("GET", "/studio/{couple_id}/edit", "studio")
def edit(r: Asked) -> Response:
    """The file in forms and as YAML."""
    m = manuscript_of(r)
    name, at = _file(r, r.query.get("file", COUPLE)), r.query.get("at", "")[:200]
    look = Look(at, changed=_marks(r, "changed"), added=_marks(r, "added"))
    return _page(r, name, r.query.get("part", ""), m.files, m.version, look)


def _page(
    r: Asked, name: str, part: str, files: Mapping[str, str], version: int, look: Look, status: int = 200, **more: object
) -> Response:  # fmt: skip
    """Show a file as it was at a saving, and in its boxes what is there or was sent."""
    m, text, model = manuscript_of(r), files[name], model_of(name)
    data, names, problems = load(text), called(files), checked(r, m, files).problems
    found = problems[name] or file_problems(name, text)
    wrong = [*look.wrong, *((p.path, p.said) for p in found)]
    look = Look(look.at, tuple(wrong), look.changed, look.added, look.sent)
    parts = forms.parts_of(model, data) if data else []
    shows = {
        "m": m, "saved": version, "file": name, "part": part, "text": text, "way": crumbs(r, m), "files": names, "parts": parts,
        "heading": ", ".join(x for x in (dict(parts).get(part), names[name], title_of(files)) if x),
        "problems": [(p, place(m.id, name, p.path, p.line), in_file(m.id, name, p.path, p.line)) for p in found],
        "elsewhere": [(names[f], p, place(m.id, f, p.path, p.line)) for f, ps in problems.items() if f != name for p in ps],
        "form": shown(forms.form(model, data, part, known(r, files)), look) if data else None, "guides": guides(model, part),
        "quote": r.query.get("quote", "")[:500], "line": marked(r.query.get("line", ""), text, look.at),
        "as_file": r.query.get("view") == AS_FILE,
    }  # fmt: skip
    return r.page("studio_edit.html", status, **shows, **more)


@on("POST", "/studio/{couple_id}/edit", "studio")
def save_form(r: Asked) -> Response:
    """Keep what a form says; everything else in the file stays, comments too.

    What cannot be kept is shown in its boxes, with what is wrong: nothing that was written is lost.
    """
    name, part, base = r.text("file", 120), r.text("part", 60), _base(r)
    if name not in base:
        raise InputError("This couple has no such file.", how="Choose one from its page.")
    given, text = boxes(r), base[name]
    try:
        filled = _too_long(text, given) or fill(model_of(name), text, part, given, known(r, base))
    except InputError as error:
        return _again(r, name, part, base, Filled(text, sent=placed(load(text), given)[0]), str(error))
    if filled.stray:
        said = "Something was written into an item that is not as it was when this page was made. Nothing is kept yet."
        return _again(r, name, part, base, filled, said)
    if filled.wrong:
        said = (
            "Nothing is kept yet. What is to be mended stands at the boxes that are marked; what you wrote is in them."
        )
        return _again(r, name, part, base, filled, said)
    if filled.text == text and filled.unsaid and not filled.said:
        return _again(
            r, name, part, base, filled, "Nothing is kept yet: the words are missing. What you chose is there."
        )
    return _save(r, name, part, filled, base, asked=renames(name, text, filled.text, placed(load(text), given)[0]))


def _too_long(text: str, given: Mapping[str, str]) -> Filled | None:
    """Return a form that is not put into its file, because of what is longer than any key takes."""
    there, _ = placed(load(text), given)
    wrong = tuple((p, f"There are {len(there[p]):,} characters in it, and at most {MAX_BOX:,} fit: shorten it.") for p in oversized(there))  # fmt: skip
    return Filled(text, sent=there, wrong=wrong) if wrong else None


@on("POST", "/studio/{couple_id}/text", "studio")
def save_text(r: Asked) -> Response:
    """Keep the YAML as it was written, whether it can be played or not."""
    name, part, base = r.text("file", 120), r.text("part", 60), _base(r)
    # A file that somebody has taken out meanwhile may be put back by who was writing it.
    if name not in base and not FILE.fullmatch(name):
        raise InputError("This couple has no such file.", how="Choose one from its page.")
    return _save(r, name, part, Filled(written(r, MAX_TEXT)), base, view=AS_FILE)


def _again(r: Asked, name: str, part: str, base: Mapping[str, str], filled: Filled, said: str) -> Response:
    """Show a form that could not be kept, with everything that was written in its boxes."""
    focus = filled.wrong[0][0] if filled.wrong else filled.unsaid
    look = Look(focus, filled.wrong, sent=filled.sent)
    return _page(r, name, part, base, r.number(SAVED), look, 409, problem=said, focus=focus, stray=filled.stray)


def _base(r: Asked) -> dict[str, str]:
    """Return the files that the page was made from, whatever has been saved since."""
    m = manuscript_of(r)
    based = r.number(SAVED)
    return m.files if based == m.version else r.store.manuscripts.edition_of(m.id, based).files


def _save(
    r: Asked, name: str, part: str, filled: Filled, base: Mapping[str, str], *, asked: Renames = NONE, view: str = ""
) -> Response:
    """Keep one file, and what is `asked` to follow in others.

    What others saved in other files meanwhile stays, and what they saved in this one is shown.
    """
    based, mine = r.number(SAVED), filled.text
    for _ in range(_TRIES):
        m = manuscript_of(r)
        theirs = m.files.get(name)
        done, both = "Nothing had changed.", mine
        if theirs != mine:
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
            both = files[name]
        return r.back(_there(m.id, name, part, f"{done} {filled.said}".strip(), filled, both, view))
    raise StaleSessionError("Others are saving this couple at the same time.", how="Go back and save once more.")


def _there(couple_id: str, name: str, part: str, done: str, filled: Filled, text: str, view: str) -> str:
    """Return the address of the place where somebody goes on, with what was added or changed marked there."""
    ours, now = Places(load(filled.text)), Places(load(text))

    def at_now(path: str) -> str:
        # What others have saved meanwhile may have moved the items.
        return now.path(ours.name(path)) or ""

    added = [(path, count) for first, count in runs(filled.added)[:_MARKS] if (path := at_now(first))]
    changed = [p for p in map(at_now, filled.changed[-_MARKS:]) if p]
    at = [*(path for path, _ in added), *reversed(changed)][:1]
    query = [
        ("file", name),
        ("part", part),
        ("done", done),
        *(("at", path) for path in at),
        *([("view", view)] if view else []),
    ]
    query += [("added", f"{path}:{count}") for path, count in added] + [("changed", path) for path in changed]
    focus = at_now(filled.focus) if filled.focus else ""
    return f"/studio/{couple_id}/edit?{urlencode(query)}{f'#{quote(focus)}' if focus else ''}"


def _marks(r: Asked, key: str) -> frozenset[str]:
    return unrolled(mark[:200] for mark in r.query.getlist(key)[:_MARKS])


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
