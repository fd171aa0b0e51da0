"""One thing that a check of a couple found."""

from __future__ import annotations

from dataclasses import dataclass

COUPLE = "couple.yaml"


@dataclass(frozen=True)
class Finding:
    """One thing to look at: the file and the key it is about. `consider` is a thought, not a defect.

    `place` is the key in an author's words, counted from 1: "Gail, line 17".
    """

    file: str
    path: str
    message: str
    consider: bool = False
    place: str = ""

    def __str__(self) -> str:
        key = self.place or self.path
        where = f"{self.file}, {key}" if key else self.file
        return f"{'consider: ' if self.consider else ''}{where}: {self.message}"
