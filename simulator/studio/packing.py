"""Couples as files: a zip out and in, one YAML, and a Character Card as one partner. All of it untrusted."""

from __future__ import annotations

import base64
import binascii
import io
import json
import re
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML

from simulator.couple.lint import COUPLE
from simulator.errors import InputError
from simulator.studio.manuscript import FILE, MAX_FILES
from simulator.text import clean

MAX_BYTES = 3_000_000  # of all files of a couple, unpacked
MAX_CARD = 5_000_000
_PNG = b"\x89PNG\r\n\x1a\n"


def pack(couple_id: str, files: Mapping[str, str]) -> bytes:
    """Return the files as a zip, in a folder with the couple's id; the same files give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in sorted(files):
            info = zipfile.ZipInfo(f"{couple_id}/{name}", (2026, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(info, files[name])
    return out.getvalue()


def unpack(data: bytes) -> dict[str, str]:
    """Return the files in a zip, or in one couple.yaml.

    Raises:
        InputError: it is too large, unpacks to too much, holds anything but a couple's files, or is not UTF-8.
    """
    if not data.startswith(b"PK"):
        return {COUPLE: _text(data, COUPLE)}
    files: dict[str, str] = {}
    left = MAX_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            entries = [i for i in packed.infolist() if not i.is_dir()]
            if len(entries) > MAX_FILES:
                raise InputError(f"The zip holds {len(entries)} files; a couple has at most {MAX_FILES}.")
            for info in entries:
                name = (
                    info.filename.split("/", 1)[1]
                    if "/" in info.filename and not FILE.match(info.filename)
                    else info.filename
                )
                if (
                    not FILE.match(name)
                    or "\\" in info.filename
                    or info.filename.startswith("/")
                    or ".." in info.filename
                ):
                    raise InputError(
                        f"The zip holds '{info.filename[:80]}'.",
                        how="It may hold couple.yaml and scenarios/NAME.yaml, and nothing else.",
                    )
                if name in files:
                    raise InputError(f"The zip holds {name} twice.", how="Pack one couple at a time.")
                # What the zip says of sizes is not believed: no more is read than is left.
                with packed.open(info) as stream:
                    body = stream.read(left + 1)
                left -= len(body)
                if left < 0:
                    raise InputError(f"The zip unpacks to more than {MAX_BYTES // 1_000_000} MB.")
                files[name] = _text(body, name)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, zlib.error, OSError) as error:
        raise InputError(f"The zip cannot be read: {error}.", how="Pack it again, without a password.") from error
    if COUPLE not in files:
        raise InputError("There is no couple.yaml in the zip.", how="Export a couple to see how one is packed.")
    return files


def couple_id_in(files: Mapping[str, str]) -> str:
    """Return the couple's id as its file has it, "" when it has none."""
    found = re.search(r"(?m)^id:\s*[\"']?([a-z0-9-]{1,60})", files.get(COUPLE, ""))
    return found[1] if found else ""


def read_card(data: bytes) -> tuple[str, dict[str, Any], list[str]]:
    """Return (name, partner's keys, what could not be carried over) of a Character Card, V2 or V3, PNG or JSON.

    Source: the public specifications chara_card_v2 and chara_card_v3. Nothing in a card is executed or followed:
    its system prompt and post-history instructions are left behind.

    Raises:
        InputError: it is no card.
    """
    if len(data) > MAX_CARD:
        raise InputError(f"The card is larger than {MAX_CARD // 1_000_000} MB.")
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
    name = _said(card.get("name"), 40) or "Nameless"
    name = re.sub(r"[^\w '-]", "", name).strip() or "Nameless"

    def put(key: str, most: int) -> str:
        text = _said(card.get(key), 20_000)
        return re.sub(r"\{\{char\}\}", name, re.sub(r"\{\{user\}\}", "the therapist", text, flags=re.I), flags=re.I)[
            :most
        ].strip()

    lines = _lines(put("mes_example", 20_000), name)
    first = put("first_mes", 400)
    if first:
        lines.insert(0, {"move": "answer", "mood": "guarded", "say": first})
    partner: dict[str, Any] = {
        "name": name,
        "background": put("description", 1900) or "To be written.",
        "speech": put("personality", 1900) or "To be written.",
        "lines": lines[:60] or [{"move": "answer", "mood": "guarded", "say": "To be written."}],
    }
    reasons = {
        "system_prompt": "a system prompt: couples have none", "post_history_instructions": "instructions to the model: couples have none",
        "character_book": "a lore book: write what matters as facts", "scenario": "the scenario: write it as a session",
        "alternate_greetings": "other greetings: write them as lines", "group_only_greetings": "greetings for groups",
        "extensions": "extensions of other programs", "assets": "pictures and other assets", "tags": "tags",
        "creator_notes": "the creator's notes", "creator": "the creator's name: name them as author if you publish",
    }  # fmt: skip
    left = [words for key, words in reasons.items() if card.get(key)]
    if len(put("description", 20_000)) > 1900:
        left.append("the end of the description, which is longer than 1,900 characters")
    return name, partner, [*left, "age, need, fear, triggers and facts: a card has none"]


def with_partner(text: str, partner: Mapping[str, Any]) -> str:
    """Return a couple's file with the first partner's keys replaced by these."""
    yaml = YAML(typ="rt")
    yaml.width = 120
    yaml.indent(mapping=2, sequence=4, offset=2)
    data = yaml.load(text)
    data["partners"][0].update(partner)
    out = io.StringIO()
    yaml.dump(data, out)
    return out.getvalue()


def _lines(examples: str, name: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    before = ""
    for line in examples.splitlines():
        who, colon, words = line.strip().partition(":")
        words = " ".join(re.sub(r"\*[^*]*\*", "", words).replace('"', "").split())[:390]
        if not colon or not words:
            continue
        if who.strip().lower() == name.lower():
            found.append({"move": "answer", "mood": "guarded", "say": words, **({"after": before} if before else {})})
        before = words
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


def _said(value: Any, most: int) -> str:
    return clean(value)[:most] if isinstance(value, str) else ""


def _text(body: bytes, name: str) -> str:
    if len(body) > MAX_BYTES:
        raise InputError(f"{name} is larger than {MAX_BYTES // 1_000_000} MB.")
    try:
        return body.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is not UTF-8 text.", how="Save it as UTF-8.") from error
