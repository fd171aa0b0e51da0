"""What is done to words that people typed, before anything reads them."""

from __future__ import annotations

import re
import unicodedata

from simulator.errors import InputError

MAX_REPLY_CHARACTERS = 8000

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_CONTROL = {"Cc", "Cf", "Cs", "Co", "Cn"}
# Cf holds joiners that emoji and several scripts need.
_KEPT = {"\n", "\t", "\u200d", "\u200c"}
_PROMPT_MARKERS = re.compile(r"<\|[^|<>]{0,40}\|>|\[/?INST\]|<</?SYS>>|</?s>|<(?:start|end)_of_turn>", re.IGNORECASE)


def clean(text: str) -> str:
    """Return `text` in NFC without control characters and with at most one blank line in a row."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    kept = "".join(c for c in text if c in _KEPT or unicodedata.category(c) not in _CONTROL)
    return re.sub(r"\n{3,}", "\n\n", kept).strip()


def clean_reply(text: str) -> str:
    """Return a trainee's reply ready for the record.

    Raises:
        InputError: nothing is left to answer, or it is longer than a person would say.
    """
    cleaned = clean(text)
    if not cleaned:
        raise InputError(
            "The reply is empty.",
            how="Write what you would say to them; 'I don't know what to say yet' is an answer too.",
        )
    if len(cleaned) > MAX_REPLY_CHARACTERS:
        raise InputError(
            f"The reply has {len(cleaned):,} characters; at most {MAX_REPLY_CHARACTERS:,} can be said in one turn.",
            how="Shorten it: it is still in the box. In the room, a reply is rarely longer than a minute.",
        )
    return cleaned


def checked_id(text: str, *, like: str = "ana-and-bo") -> str:
    """Return an id of a couple or a session as it is, or raise InputError when it is none."""
    if not _ID.fullmatch(text) or len(text) > 60:
        raise InputError(f"'{text[:80]}' is no id.", how=f"Use small letters, digits and hyphens: {like}.")
    return text


def one_line(text: str) -> str:
    """Return `text` on one line and without the markers that structure a model's prompt."""
    return " ".join(_PROMPT_MARKERS.sub(" ", text).split())


def words(text: str) -> list[str]:
    """Return the lower-cased words of `text`, apostrophes kept."""
    return re.findall(r"[^\W_]+(?:['’][^\W_]+)*", text.lower().replace("’", "'"))
