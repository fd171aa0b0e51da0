"""What the coder reads in one go: passages cut into windows of tokens, and batches of windows as tensors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from simulator.embedding import encoder_folder

CONTEXT_TOKENS = 80
WINDOW_TOKENS = 160  # of reply; a longer reply is read in several windows
SENTENCE_TOKENS = 120


@dataclass(frozen=True)
class Passage:
    """What is read in one go: what was said before, and the sentences now, names taken out; and what was offered."""

    context: str
    sentences: tuple[str, ...]
    offered: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Window:
    """Part of a passage that is read together: token ids of the context and of sentences `start` to `end`."""

    passage: int
    start: int
    end: int
    context: list[int]
    sentences: list[list[int]]
    offered: frozenset[str] = frozenset()

    @property
    def length(self) -> int:
        """Tokens, the three special ones included."""
        return len(self.context) + sum(map(len, self.sentences)) + 3


@dataclass(frozen=True)
class Batch:
    """Token ids of windows, shape (n, tokens), and which sentence each token belongs to (-1: none of them).

    `offered` has the opportunities before each window, (n, opportunities); all 0 where no level is wanted.
    `lower` is what the layers that are not trained make of the ids, (n, tokens, width), where that is known already.
    """

    ids: Tensor
    mask: Tensor
    types: Tensor
    sentence: Tensor
    offered: Tensor
    lower: Tensor | None = None


def tokenizer() -> Any:
    """Return the tokenizer of all-MiniLM-L6-v2."""
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(str(encoder_folder()))


def cut_windows(tokens: Any, passages: Sequence[Passage]) -> list[Window]:
    """Return the windows of `passages`, in order; of a context its end is kept, of a sentence its beginning."""
    # The tokenizer's own input is bounded, so that a 20,000-word sentence costs no more than a long one.
    flat = [text for p in passages for text in (p.context[-1000:] or "-", *(s[:1500] or "-" for s in p.sentences))]
    if not flat:
        return []
    ids = iter(tokens(flat, add_special_tokens=False, verbose=False)["input_ids"])
    windows: list[Window] = []
    for number, passage in enumerate(passages):
        context = next(ids)[-CONTEXT_TOKENS:]
        # A lone emoji may have no token: a sentence has at least one.
        sentences = [next(ids)[:SENTENCE_TOKENS] or [tokens.unk_token_id] for _ in passage.sentences]
        start = 0
        while start < len(sentences):
            end, room = start + 1, WINDOW_TOKENS - len(sentences[start])
            while end < len(sentences) and len(sentences[end]) <= room:
                room -= len(sentences[end])
                end += 1
            windows.append(Window(number, start, end, context, sentences[start:end], passage.offered))
            start = end
    return windows


def by_length(windows: Sequence[Window], limit: int) -> list[list[Window]]:
    """Return the windows in batches of like length, at most `limit` tokens each with the padding."""
    chunks: list[list[Window]] = []
    for window in sorted(windows, key=lambda w: w.length):
        if chunks and window.length * (len(chunks[-1]) + 1) <= limit:
            chunks[-1].append(window)
        else:
            chunks.append([window])
    return chunks


def to_batch(
    tokens: Any, windows: Sequence[Window], opportunities: Sequence[str], lower: Mapping[int, Tensor] | None = None
) -> Batch:
    """Return the padded ids of `windows`: [CLS] context [SEP] sentences [SEP]; with their `lower_states` if given."""
    # Few different widths: the matrix library keeps something for every shape it has seen.
    width = -(-max(w.length for w in windows) // 8) * 8
    ids = torch.full((len(windows), width), int(tokens.pad_token_id))
    mask, types = torch.zeros_like(ids), torch.zeros_like(ids)
    sentence = torch.full_like(ids, -1)
    for row, window in enumerate(windows):
        line = [tokens.cls_token_id, *window.context, tokens.sep_token_id]
        at = len(line)
        for number, part in enumerate(window.sentences):
            sentence[row, len(line) : len(line) + len(part)] = number
            line += part
        line.append(tokens.sep_token_id)
        ids[row, : len(line)] = torch.tensor(line)
        mask[row, : len(line)] = 1
        types[row, at : len(line)] = 1
    offered = torch.tensor([[float(o in w.offered) for o in opportunities] for w in windows])
    if lower is None:
        return Batch(ids, mask, types, sentence, offered)
    states = torch.zeros(len(windows), width, lower[id(windows[0])].shape[-1])
    for row, window in enumerate(windows):
        states[row, : window.length] = lower[id(window)]
    return Batch(ids, mask, types, sentence, offered, states)
