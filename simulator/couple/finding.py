"""One thing that a check of a couple found."""

from __future__ import annotations

from dataclasses import dataclass

COUPLE = "couple.yaml"


@dataclass(frozen=True)
class Finding:
    """One thing to look at: the file and the key it is about. `consider` is a thought, not a defect."""

    file: str
    path: str
    message: str
    consider: bool = False

    def __str__(self) -> str:
        where = f"{self.file}, {self.path}" if self.path else self.file
        return f"{'consider: ' if self.consider else ''}{where}: {self.message}"
