"""Couples as files: a zip out and in, or one YAML. All of it untrusted."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping

from simulator.couple.lint import COUPLE
from simulator.couple.schema import SCHEMAS
from simulator.described import schema_texts
from simulator.errors import InputError
from simulator.studio.manuscript import FILE, MAX_FILES, load

MAX_BYTES = 5_000_000  # of a file that is brought in, and of all files of a couple together, unpacked


def pack(couple_id: str, files: Mapping[str, str]) -> bytes:
    """Return the files as a zip, in a folder with the couple's id; the same files give the same bytes.

    Beside the folder lie the JSON schemas that the first line of each file names, for an editor to complete the keys.
    """
    out = io.BytesIO()
    texts = {**{f"{couple_id}/{name}": text for name, text in files.items()}, **schema_texts(SCHEMAS)}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in sorted(texts):
            info = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(info, texts[name])
    return out.getvalue()


def unpack(data: bytes) -> dict[str, str]:
    """Return the files in a zip, or in one couple.yaml; schemas that came along are left unread.

    Raises:
        InputError: it is too large, unpacks to too much, holds anything but a couple's files, or is not UTF-8.
    """
    if not data.startswith(b"PK"):
        text = text_of(data, COUPLE)
        if is_session(text):
            raise InputError(
                "This file is one session, and a couple begins with its couple.yaml.",
                how="Open its couple in the studio and bring the session in there.",
            )
        return {COUPLE: text}
    if len(data) > MAX_BYTES:
        raise InputError(f"The zip is larger than {MAX_BYTES // 1_000_000} MB.")
    files: dict[str, str] = {}
    left = MAX_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            entries = [i for i in packed.infolist() if not i.is_dir()]
            if len(entries) > MAX_FILES + len(SCHEMAS):
                raise InputError(f"The zip holds {len(entries)} files; a couple has at most {MAX_FILES}.")
            for info in entries:
                name = (
                    info.filename.split("/", 1)[1]
                    if "/" in info.filename and not FILE.fullmatch(info.filename)
                    else info.filename
                )
                astray = "\\" in info.filename or info.filename.startswith("/") or ".." in info.filename
                # The room has its own schemas.
                if name in SCHEMAS and not astray:
                    continue
                if astray or not FILE.fullmatch(name):
                    raise InputError(
                        f"The zip holds '{info.filename[:80]}'.",
                        how="It may hold couple.yaml, scenarios/NAME.yaml and their two schemas, and nothing else.",
                    )
                if name in files:
                    raise InputError(f"The zip holds {name} twice.", how="Pack one couple at a time.")
                # What the zip says of sizes is not believed: no more is read than is left.
                with packed.open(info) as stream:
                    body = stream.read(left + 1)
                left -= len(body)
                if left < 0:
                    raise InputError(f"The zip unpacks to more than {MAX_BYTES // 1_000_000} MB.")
                files[name] = text_of(body, name)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, zlib.error, OSError) as error:
        raise InputError(f"The zip cannot be read: {error}.", how="Pack it again, without a password.") from error
    if COUPLE not in files:
        raise InputError("There is no couple.yaml in the zip.", how="Export a couple to see how one is packed.")
    return files


def read_session(data: bytes) -> tuple[str, str]:
    """Return (id, text) of one session in a YAML file.

    Raises:
        InputError: it is too large, not UTF-8, or no session.
    """
    text = text_of(data, "The file")
    if not is_session(text):
        raise InputError(
            "This file is no session.", how="Bring in one scenarios/NAME.yaml; a whole couple is begun on /studio."
        )
    return str(load(text).get("id") or ""), text


def is_session(text: str) -> bool:
    """Return whether a file is that of a session: it names its couple, and has no partners of its own."""
    data = load(text)
    return "couple" in data and "partners" not in data


def text_of(body: bytes, name: str) -> str:
    """Return the text of a file with plain line ends (InputError when it is too large or not UTF-8)."""
    if len(body) > MAX_BYTES:
        raise InputError(f"{name} is larger than {MAX_BYTES // 1_000_000} MB.")
    try:
        return body.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is not UTF-8 text.", how="Save it as UTF-8.") from error
