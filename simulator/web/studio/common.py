"""What the studio's pages share: the couple in the path, its check, what a form sent, a link to a key of a file."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from simulator.couple.lint import COUPLE
from simulator.couple.loader import line_of
from simulator.couple.naming import file_of
from simulator.errors import InputError
from simulator.store import ManuscriptRecord
from simulator.studio import forms
from simulator.studio.choices import Choices, choices
from simulator.studio.manuscript import Checked, check, in_order, load, model_of, title_of
from simulator.web.endpoints import Asked

# The box with the number of the saving that a form was made from: a file has a key `version` of its own.
SAVED = "saved"
# The value of `view` with which a page opens its YAML too.
AS_FILE = "file"
MAX_BOX = 20_000


def manuscript_of(r: Asked) -> ManuscriptRecord:
    """Return the couple in the path."""
    return r.store.manuscripts.get(r.request.path_params["couple_id"])


def checked(r: Asked, m: ManuscriptRecord, files: Mapping[str, str] | None = None) -> Checked:
    """Return what is wrong with a couple (or with earlier files of it), held against its id and the room's code book."""
    return check(m.files if files is None else files, m.id, r.room.engine.rubric.book.code_ids)


def known(r: Asked, files: Mapping[str, str]) -> Choices:
    """Return what may be chosen where a file of this couple holds an id."""
    return choices(load(files.get(COUPLE, "")), r.room.engine.rubric)


def called(files: Mapping[str, str]) -> dict[str, str]:
    """Return what each file of a couple is called, the couple's own first."""
    return {name: file_of(name, load(files[name])) for name in in_order(files)}


def crumbs(r: Asked, m: ManuscriptRecord) -> list[tuple[str, str]]:
    """Return (address, words) of the pages above one of a couple's own."""
    return [("/studio", "Studio"), (f"/studio/{m.id}", title_of(m.files) or m.id)]


def place(couple_id: str, file: str, path: str, line: int = 0, **more: str) -> str:
    """Return the address of a key: the form that it stands in is open there, and its line is marked in the YAML."""
    part = forms.part_of(model_of(file), path)
    query = {"file": file, "part": part, "at": path, "line": str(line or ""), **more}
    return f"/studio/{couple_id}/edit?{urlencode({k: v for k, v in query.items() if v})}#{quote(path)}"


def in_file(couple_id: str, file: str, path: str, line: int) -> str:
    """Return the address of a line of a file: it is open there as a file, and the line is marked."""
    query = {"file": file, "part": forms.part_of(model_of(file), path), "line": str(line), "view": AS_FILE}
    return f"/studio/{couple_id}/edit?{urlencode(query)}#as-file"


def boxes(r: Asked) -> dict[str, str]:
    """Return what stands in each box of a form that was sent; boxes that are ticked come one by one under the same name."""
    found: dict[str, list[str]] = {}
    for key, value in r.form.multi_items():
        if isinstance(value, str):
            found.setdefault(key, []).append(value)
    return {key: "\n".join(v for v in values if v) if len(values) > 1 else values[0] for key, values in found.items()}


def oversized(found: Mapping[str, str]) -> list[str]:
    """Return the boxes that hold more than any key takes."""
    return [key for key, value in found.items() if key != "text" and len(value) > MAX_BOX]


def sent(r: Asked) -> dict[str, str]:
    """Return what stands in each box.

    Raises:
        InputError: there is more in one of them than any key takes.
    """
    found = boxes(r)
    if oversized(found):
        raise InputError(
            f"What stands in one box is longer than {MAX_BOX:,} characters; nothing was kept.",
            how="Go back, your words are still there, and shorten it.",
        )
    return found


def written(r: Asked, longest: int) -> str:
    """Return the YAML that was sent, ending in a newline.

    Raises:
        InputError: it has more than `longest` characters.
    """
    text = r.text("text", longest + 1).replace("\r\n", "\n")
    if len(text) > longest:
        raise InputError(f"The file is longer than {longest:,} characters.", how="Go back and shorten it.")
    return text if text.endswith("\n") else f"{text}\n"


def marked(line: str, text: str, at: str) -> int:
    """Return the line of the YAML to be marked: the one that is asked for, else that of a key; 0 for none."""
    if line.isdecimal() and len(line) < 7:
        return int(line)
    steps = [int(s) if s.isdecimal() and len(s) < 7 else s for s in at.split(".")]
    return line_of(load(text), tuple(steps)) if at else 0
