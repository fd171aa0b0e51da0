"""A correction of the engine's scores that an installation learned from its supervisors and a person adopted."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from simulator.errors import InputError

_FOLDER, _ADOPTED = "calibrations", "adopted.json"
Shift = Annotated[float, Field(ge=-4, le=4)]


class SkillCorrection(BaseModel):
    """What is added to a skill's unrounded score: always, and for each code that its level rests on."""

    model_config = ConfigDict(extra="forbid")

    shift: Shift
    codes: dict[str, Shift] = {}

    def score(self, score: float, codes: Collection[str]) -> float:
        """Return the corrected unrounded score, from 1 to 5."""
        moved = score + self.shift + sum(self.codes.get(c, 0.0) for c in set(codes))
        return round(min(5.0, max(1.0, moved)), 3)


class Calibration(BaseModel):
    """The corrections of some skills, for one version of the rubric, and what they were learned from."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[str, StringConstraints(pattern=r"^cal-[0-9a-f]{8}$")]
    rubric_version: str
    made: str
    skills: dict[str, SkillCorrection]
    report: dict[str, Any]


def read_calibration(path: Path) -> Calibration:
    """Return a calibration from its file (InputError when it is none)."""
    try:
        return Calibration.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValidationError, ValueError) as error:
        raise InputError(
            f"{path} is no calibration that this version can read.",
            how="Go back to the engine's own scores with: repair-room rubric recalibrate --revert",
        ) from error


def adopted(data_dir: Path) -> Calibration | None:
    """Return the calibration that this installation has adopted."""
    path = data_dir / _FOLDER / _ADOPTED
    return read_calibration(path) if path.exists() else None


def keep(data_dir: Path, calibration: Calibration) -> Path:
    """Keep a calibration as a candidate and return its file."""
    folder = data_dir / _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{calibration.id}.json"
    path.write_text(json.dumps(calibration.model_dump(), indent=2) + "\n", encoding="utf-8")
    return path


def adopt(data_dir: Path, name: str) -> Calibration:
    """Make a kept calibration the one that corrects from now on."""
    kept = sorted(p.stem for p in (data_dir / _FOLDER).glob("cal-*.json"))
    if name not in kept:
        raise InputError(
            f"There is no calibration '{name}'.", how=f"Kept: {', '.join(kept) or 'none; learn one first'}."
        )
    found = read_calibration(data_dir / _FOLDER / f"{name}.json")
    aside = data_dir / _FOLDER / ".adopting"
    aside.write_text(json.dumps(found.model_dump(), indent=2) + "\n", encoding="utf-8")
    aside.replace(data_dir / _FOLDER / _ADOPTED)
    return found


def revert(data_dir: Path) -> bool:
    """Go back to the engine's own scores; return whether anything was adopted."""
    path = data_dir / _FOLDER / _ADOPTED
    there = path.exists()
    path.unlink(missing_ok=True)
    return there
