"""A rubric of one's own: a draft beside the database, its two texts in versions, adopted by a person, reverted in one step."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from simulator.couple import Problem
from simulator.errors import InputError, StaleSessionError
from simulator.rubric import Rubric, load_rubric
from simulator.settings import Settings
from simulator.studio import job
from simulator.studio.rubric_texts import BOOK, FILES, VERSION, check_texts

DRAFT, ADOPTED, VERSIONS = "rubric-draft", "rubric", "rubric-versions"
REPORT, PUBLISHED = "report.json", "adopted.json"


class Version(BaseModel):
    """One saving of the code book and the level rules."""

    number: int
    author: str
    created: datetime
    files: dict[str, str]


def folder_of(settings: Settings) -> Path:
    """Return the draft's folder, or the one of the rubric in use while there is no draft."""
    folder = settings.data_dir / DRAFT
    return folder if folder.is_dir() else settings.rubrics


def draft(settings: Settings) -> Rubric:
    """Return the draft of this installation's rubric, begun from the one in use if there is none."""
    folder = settings.data_dir / DRAFT
    if not folder.exists():
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=settings.data_dir, prefix=".rubric-") as aside:
            made = Path(aside) / "draft"
            shutil.copytree(settings.rubrics, made, ignore=shutil.ignore_patterns(REPORT, PUBLISHED))
            with suppress(OSError):  # somebody else has begun it in this moment
                made.rename(folder)
    return load_rubric(folder)


def texts(folder: Path) -> dict[str, str]:
    """Return the code book and the level rules of a folder as they are written."""
    return {name: (folder / name).read_text(encoding="utf-8") for name in FILES}


def versions(settings: Settings) -> list[Version]:
    """Return every saving of the draft's texts, the newest first; none before the first change."""
    found = sorted((settings.data_dir / VERSIONS).glob("*.json"), reverse=True)
    return [Version.model_validate_json(path.read_bytes()) for path in found]


def version(settings: Settings, number: int) -> Version:
    """Return one saving (InputError when there is none of this number)."""
    found = next((v for v in versions(settings) if v.number == number), None)
    if found is None:
        raise InputError("There is no such version.", how="Choose one from the rubric's page.")
    return found


def save(settings: Settings, author: str, based: int, files: Mapping[str, str]) -> int:
    """Keep new texts as the draft and as a version; return its number.

    Raises:
        InputError: they cannot be used.
        StaleSessionError: somebody else has saved since version `based`.
    """
    wrong = check(settings, files)
    if wrong:
        name, first = wrong[0]
        raise InputError(f"{name}, line {first.line}: {first.message}", how="Mend it, then save it.")
    folder = draft(settings).folder
    kept = versions(settings)
    if not kept:
        _keep(settings, Version(number=0, author="as it began", created=datetime.now(UTC), files=texts(folder)))
    newest = kept[0].number if kept else 0
    now = Version(number=newest + 1, author=author, created=datetime.now(UTC), files=dict(files))
    if based != newest or not _keep(settings, now):
        raise StaleSessionError("Somebody else has saved meanwhile.", how="Look at what they changed, and save again.")
    for name in FILES:
        aside = folder / f".{name}.new"
        aside.write_text(files[name], encoding="utf-8")
        aside.replace(folder / name)
    return now.number


def check(settings: Settings, files: Mapping[str, str]) -> list[tuple[str, Problem]]:
    """Return (file, problem) of everything that keeps these texts from being used; empty when they can be."""
    return check_texts(files, load_rubric(folder_of(settings)))


def fingerprint(folder: Path) -> str:
    """Return a sha256 over what a rubric is made of: its texts, without the version, and its labelled examples."""
    digest = hashlib.sha256()
    for name, text in texts(folder).items():
        digest.update(name.encode() + VERSION.sub("", text, count=1).encode())
    for path in sorted((folder / "examples").glob("*.jsonl")):
        body = path.read_bytes()
        digest.update(path.name.encode() + body if body else b"")
    return digest.hexdigest()


def changed(settings: Settings) -> bool:
    """Return whether the draft is anything but what scores now."""
    return fingerprint(folder_of(settings)) != fingerprint(settings.rubrics)


def report(settings: Settings) -> dict[str, Any] | None:
    """Return the effect of the draft as it is now; None when it has changed since it was counted, or never was."""
    try:
        found: dict[str, Any] = json.loads((settings.data_dir / DRAFT / "model" / REPORT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if found.get("fingerprint") == fingerprint(settings.data_dir / DRAFT) else None


def adopt(settings: Settings, by: str) -> str:
    """Let the draft score from now on, under a version of its own; return that version.

    It was chosen on the development split; the figures of the test split are counted after this, once.

    Raises:
        InputError: its effect has not been counted as it is now, or this room's rubric is a fixed folder.
    """
    if settings.rubrics_dir is not None:
        raise InputError(
            f"This room always reads its rubric from {settings.rubrics_dir}.",
            how="Take REPAIR_ROOM_RUBRICS_DIR away, then adopt it.",
        )
    with job.held(settings):
        counted = report(settings)
        if counted is None:
            raise InputError(
                "The draft has not been trained and counted as it is now.",
                how="Begin the training on the studio's rubric page, or: repair-room rubric own --train",
            )
        if not changed(settings):
            raise InputError("The draft is what scores now.", how="There is nothing to adopt.")
        folder, home = settings.data_dir / DRAFT, settings.data_dir
        names = (re.fullmatch(rf"{ADOPTED}-own(\d+)", p.name) for p in home.iterdir())
        taken = [int(n[1]) for n in names if n]
        name = re.sub(r"\+own\d+$", "", load_rubric(folder).book.version) + f"+own{max(taken, default=0) + 1}"
        kept = home / f"{ADOPTED}-{name.rpartition('+')[2]}"
        with tempfile.TemporaryDirectory(dir=home, prefix=".rubric-") as aside:
            made = Path(aside) / "adopted"
            shutil.copytree(folder, made)
            text = (made / BOOK).read_text(encoding="utf-8")
            (made / BOOK).write_text(VERSION.sub(f"version: {json.dumps(name)}", text, count=1), encoding="utf-8")
            whole = load_rubric(made).version
            publish(made, {"version": whole, "by": by, "adopted": _now(), "effect": counted, "test": None})
            made.rename(kept)
        # A link is moved in one step: a room that starts now reads the old one or the new one, never half of each.
        link = home / f".{ADOPTED}"
        link.unlink(missing_ok=True)
        link.symlink_to(kept.name)
        link.replace(home / ADOPTED)
    return whole


def published(folder: Path) -> dict[str, Any] | None:
    """Return what is kept of an adopted rubric: version, by whom, its effect, the test figures; None for another."""
    try:
        found: dict[str, Any] = json.loads((folder / PUBLISHED).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if "version" in found else None


def publish(folder: Path, value: Mapping[str, Any]) -> None:
    """Write what is kept of an adopted rubric."""
    aside = folder / f".{PUBLISHED}"
    aside.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
    aside.replace(folder / PUBLISHED)


def revert(settings: Settings) -> bool:
    """Go back to the rubric that ships; what was adopted stays in its folder."""
    target: Path = settings.data_dir / ADOPTED
    there = target.is_symlink()
    if there:
        target.unlink()
    return there


def _keep(settings: Settings, made: Version) -> bool:
    """Write a version; return whether its number was still free."""
    folder = settings.data_dir / VERSIONS
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".") as aside:
        path = Path(aside) / "version"
        path.write_text(made.model_dump_json() + "\n", encoding="utf-8")
        try:
            # A link is made whole or not at all, and never over another file.
            (folder / f"{made.number:06}.json").hardlink_to(path)
        except FileExistsError:
            return False
    return True


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
