"""A Character Card as one partner of a couple, and everything of it that was left behind. Untrusted."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ruamel.yaml.scalarstring import LiteralScalarString

from simulator.couple.loader import read_yaml
from simulator.errors import InputError
from simulator.studio.filling import write
from simulator.studio.packing import MAX_BYTES
from simulator.text import clean

MAX_LINES = 60
MAX_TEXT = 1900
MAX_LINE = 390
_PNG = b"\x89PNG\r\n\x1a\n"
_USED = frozenset({"name", "description", "personality", "first_mes", "mes_example"})
_REASONS = {
    "system_prompt": "a system prompt: couples have none", "post_history_instructions": "instructions to the model: couples have none",
    "character_book": "a lore book: write what matters as facts", "scenario": "the scenario: write it as a session",
    "alternate_greetings": "other greetings: write them as lines", "group_only_greetings": "greetings for groups",
    "extensions": "extensions of other programs", "assets": "pictures and other assets", "tags": "tags",
    "creator_notes": "the creator's notes", "creator": "the creator's name: name them as author if you publish",
    "creator_notes_multilingual": "the creator's notes in other languages", "nickname": "the nickname",
    "character_version": "the card's version", "source": "where the card comes from",
    "creation_date": "when it was made", "modification_date": "when it was changed",
}  # fmt: skip


def read_card(data: bytes) -> tuple[str, dict[str, Any], list[str]]:
    """Return (name, partner's keys, what could not be carried over) of a Character Card, V2 or V3, PNG or JSON.

    Source: the public specifications chara_card_v2 and chara_card_v3. Nothing in a card is executed or followed:
    its system prompt and post-history instructions are left behind.

    Raises:
        InputError: it is no card.
    """
    if len(data) > MAX_BYTES:
        raise InputError(f"The card is larger than {MAX_BYTES // 1_000_000} MB.")
    body = _from_png(data) if data.startswith(_PNG) else data
    try:
        value = json.loads(body.decode("utf-8"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise InputError("This is no Character Card.", how="Export it as JSON or PNG (V2 or V3).") from error
    card = value.get("data") if isinstance(value, dict) else None
    if not isinstance(card, dict) or value.get("spec") not in ("chara_card_v2", "chara_card_v3"):
        raise InputError(
            "This is no Character Card of version 2 or 3.", how="Export it again in one of these versions."
        )
    left: list[str] = []
    given = _said(card.get("name"))
    name = re.sub(r"[^\w '-]", "", given)[:40].strip() or "Nameless"
    if name != given:
        left.append(f"the name as it was written: {given[:80]}" if given else "a name: the card has none")

    def put(key: str) -> str:
        text = re.sub(r"\{\{user\}\}", "the therapist", _said(card.get(key)), flags=re.I)
        return re.sub(r"\{\{char\}\}", name, text, flags=re.I).strip()

    def cut(key: str, most: int) -> str:
        text = put(key)
        if len(text) > most:
            left.append(f"the end of the {key}, which is longer than {most:,} characters: {text[most : most + 60]} ...")
        return text[:most].strip()

    lines = _spoken(put("first_mes"), put("mes_example"), name, left)
    if len(lines) > MAX_LINES:
        left.append(f"{len(lines) - MAX_LINES} of {len(lines)} lines: at most {MAX_LINES} are taken")
    partner: dict[str, Any] = {
        "name": name,
        "background": cut("description", MAX_TEXT) or "To be written.",
        "speech": cut("personality", MAX_TEXT) or "To be written.",
        "lines": lines[:MAX_LINES] or [{"move": "answer", "mood": "guarded", "say": "To be written."}],
    }
    for key, there in card.items():
        if there and key not in _USED:
            left.append(_REASONS.get(key, f"the key {_said(key)[:40]}, which the specification does not know"))
    for key in value:
        # Tools write the keys of version 1 beside the data once more; what differs there would be lost.
        if key not in ("spec", "spec_version", "data") and value[key] and value[key] != card.get(key):
            left.append(f"the key {_said(key)[:40]} outside of the data")
    return name, partner, [*left[:60], "age, need, fear, triggers and facts: a card has none"]


def with_partner(text: str, partner: Mapping[str, Any], left: Sequence[str] = ()) -> str:
    """Return a couple's file with the first partner's keys replaced by these; its notes keep what was `left` behind."""
    data = read_yaml(text, "couple.yaml", quotes=True)
    data["partners"][0].update(partner)
    if left:
        said = "\n".join(["Brought in from a Character Card. Left behind:", *(f"- {x}" for x in left)])
        data["notes"] = LiteralScalarString(said)
    return write(data)


def _spoken(first: str, examples: str, name: str, left: list[str]) -> list[dict[str, str]]:
    """Return the partner's lines in a card, and add to `left` what of them was dropped."""
    found: list[dict[str, str]] = []
    directions = shortened = nobody = 0

    def plain(text: str) -> str:
        nonlocal directions, shortened
        bare = re.sub(r"\*+[^*]*\*+", " ", text)
        directions += bare != text
        said = " ".join(bare.replace('"', " ").replace("*", " ").split())
        shortened += len(said) > MAX_LINE
        return said[:MAX_LINE].strip()

    opening = plain(first)
    if opening:
        found.append({"move": "answer", "mood": "guarded", "say": opening})
    before = ""
    for line in examples.splitlines():
        if not line.strip() or line.strip().upper() == "<START>":
            before = ""
            continue
        who, colon, words = line.strip().partition(":")
        said = plain(words) if colon else ""
        if not said:
            nobody += 1
            continue
        if who.strip().casefold() == name.casefold():
            found.append({"move": "answer", "mood": "guarded", "say": said, **({"after": before} if before else {})})
        before = said
    for count, words in (
        (directions, "stage directions in *asterisks*, in {} of its texts"),
        (shortened, f"the end of {{}} of its lines: a line has at most {MAX_LINE} characters"),
        (nobody, "{} lines of its examples in which nobody says anything"),
    ):
        if count:
            left.append(words.format(count))
    return found


def _from_png(data: bytes) -> bytes:
    """Return the card's JSON from a PNG's text chunks; the newer one wins."""
    at, found = len(_PNG), {}
    while at + 12 <= len(data):
        size, kind = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        body = data[at + 8 : at + 8 + size]
        if len(body) < size:
            break
        if kind == b"tEXt":
            key, _, value = body.partition(b"\0")
            if key in (b"chara", b"ccv3"):
                found[key] = value
        if kind == b"IEND":
            break
        at += 12 + size
    value = found.get(b"ccv3", found.get(b"chara", b""))
    if not value:
        raise InputError("There is no character in this picture.", how="Export the card again as PNG, or as JSON.")
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InputError("The character in this picture is damaged.", how="Export the card again.") from error


def _said(value: Any) -> str:
    return clean(value) if isinstance(value, str) else ""
