"""What the studio's pages share: the couple in the path, its check, a link to a key of a file."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from simulator.couple.lint import COUPLE
from simulator.store import ManuscriptRecord
from simulator.studio import forms
from simulator.studio.choices import Choices, choices
from simulator.studio.manuscript import Checked, check, load, model_of
from simulator.web.endpoints import Asked


def manuscript_of(r: Asked) -> ManuscriptRecord:
    """Return the couple in the path."""
    return r.store.manuscripts.get(r.request.path_params["couple_id"])


def checked(r: Asked, m: ManuscriptRecord) -> Checked:
    """Return what is wrong with a couple, held against its id and the room's code book."""
    return check(m.files, m.id, r.room.engine.rubric.book.code_ids)


def known(r: Asked, files: Mapping[str, str]) -> Choices:
    """Return what may be chosen where a file of this couple holds an id."""
    codes = [(c.id, f"{c.id} ({c.effect})") for c in r.room.engine.rubric.book.codes]
    return choices(load(files.get(COUPLE, "")), codes)


def place(couple_id: str, file: str, path: str, line: int = 0, **more: str) -> str:
    """Return the address of a key: the form that it stands in is open there, and its line is marked in the YAML."""
    part = forms.part_of(model_of(file), path)
    query = {"file": file, "part": part, "at": path, "line": str(line or ""), **more}
    return f"/studio/{couple_id}/edit?{urlencode({k: v for k, v in query.items() if v})}#{quote(path)}"
