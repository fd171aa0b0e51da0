"""Splitting a reply into sentences, offsets kept."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

# pysbd's rules slow down on very long strings; a block of this size is split on its own.
_BLOCK = 2000


@dataclass(frozen=True)
class Sentence:
    """One sentence and where it stands: `text == reply[start:end]`."""

    text: str
    start: int
    end: int


@lru_cache(maxsize=1)
def _segmenter() -> Any:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pysbd

        return pysbd.Segmenter(language="en", clean=False)


def split_sentences(text: str) -> list[Sentence]:
    """Return the sentences of `text` in order; blank text gives none.

    Every sentence is a span of `text` that neither starts nor ends with white space, and every
    character that is not white space lies in exactly one sentence.
    """
    found: list[Sentence] = []
    for start, block in _blocks(text):
        found.extend(_split_block(block, start))
    return found


def _blocks(text: str) -> list[tuple[int, str]]:
    blocks: list[tuple[int, str]] = []
    for line in re.finditer(r"[^\n]+", text):
        start = line.start()
        while start < line.end():
            end = min(start + _BLOCK, line.end())
            if end < line.end():
                space = text.rfind(" ", start + 1, end)
                end = space if space > start else end
            blocks.append((start, text[start:end]))
            start = end
    return blocks


def _split_block(block: str, offset: int) -> list[Sentence]:
    if not block.strip():
        return []
    cuts: list[int] = []
    cursor = 0
    # `segment` would look for the spans anew, a pattern compiled for each sentence; they are found here.
    for piece in _segmenter().processor(block).process():
        words = piece.strip()
        at = block.find(words, cursor) if words else -1
        if at < 0:
            continue
        cuts.append(at)
        cursor = at + len(words)
    # What the segmenter dropped or altered belongs to the sentence before it.
    edges = [0, *[c for c in cuts if c > 0], len(block)]
    found: list[Sentence] = []
    for start, end in itertools.pairwise(edges):
        piece = block[start:end]
        left = len(piece) - len(piece.lstrip())
        right = len(piece.rstrip())
        if left < right:
            found.append(Sentence(piece[left:right], offset + start + left, offset + start + right))
    return found
