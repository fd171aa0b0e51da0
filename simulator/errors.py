"""Errors a person can cause: each message says what, where and how to mend it."""

from __future__ import annotations


class RepairRoomError(Exception):
    """Base of every error that is shown to a person without a traceback."""

    def __init__(self, what: str, *, how: str = "") -> None:
        self.what = what
        self.how = how
        super().__init__(f"{what}\n{how}" if how else what)


class InputError(RepairRoomError):
    """A file, a reply or an option that cannot be used as it is."""


class PermissionDeniedError(RepairRoomError):
    """Somebody asked for what is not theirs to see or do."""


class ModelError(RepairRoomError):
    """The language model, or its weights, cannot be used."""


class StoreError(RepairRoomError):
    """The database cannot be read or written."""


class StaleSessionError(StoreError):
    """Someone else, often another tab, moved the session on in the meantime."""
