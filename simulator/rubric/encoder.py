"""The coder: two small encoders, fine-tuned here, one for a reply and one for the client turns before it.

One pass over (context, reply) gives the behaviour codes of every sentence, pooled over its own tokens, and how likely
the reply stands above each level of each skill. The other encoder reads client turns for what they offer: whom a
reproach is aimed at is another question than what a reply does, and sharing the layers cost both. The word embeddings
are those of all-MiniLM-L6-v2, unchanged and read from its package; only the layers above them were trained, so the
weights shipped with the rubric stay small.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from simulator.embedding import encoder_folder
from simulator.errors import InputError
from simulator.rubric.book import SKILLS
from simulator.rubric.windows import Batch, Passage, Window, by_length, cut_windows, to_batch, tokenizer

LAYERS = 5  # of six, for replies: the top one costs time and buys no agreement
OFFER_LAYERS = 5
FROZEN_LAYERS = 2  # of each, from below: they stay as they are in all-MiniLM-L6-v2
STEPS = 4  # a level is one of five: above 1, above 2, above 3, above 4
_BATCH_TOKENS = 1536  # what still lies near the processor: with more it is slower

Probabilities = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Heads:
    """The labels of the heads, in order, the temperature that calibrates each, and the cut of each offer.

    `answered` holds, for an offer on which a whole score hangs, the weights by which a reply tells that it was there
    (`answered.answers_it`).
    """

    codes: list[str]
    opportunities: list[str]
    code_temperature: float = 1.0
    opportunity_temperature: float = 1.0
    level_temperature: float = 1.0
    opportunity_cuts: tuple[float, ...] = ()
    answered: dict[str, dict[str, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Read:
    """What the coder makes of one passage: codes (sentences, codes) and levels (skills, steps) as probabilities."""

    codes: Probabilities
    levels: Probabilities


class ReplyNetwork(nn.Module):
    """all-MiniLM-L6-v2 with a pool per sentence and two linear heads: codes, and levels."""

    def __init__(self, heads: Heads) -> None:
        super().__init__()
        self.encoder = _encoder(LAYERS)
        width = int(self.encoder.config.hidden_size)
        self.dropout = nn.Dropout(0.1)
        self.code_head = nn.Linear(2 * width, len(heads.codes))
        # A level follows from what was offered, the codes that were seen anywhere and at the end, and from the whole.
        seen = 2 * len(heads.codes) + len(heads.opportunities)
        self.level_head = nn.Linear(2 * width + seen, len(SKILLS) * STEPS)

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return logits: codes (n, sentences, codes), levels (n, skills, steps)."""
        hidden = _hidden(self.encoder, batch)
        count = int(batch.sentence.max()) + 1
        # (n, sentences, tokens): each row averages over the tokens of one sentence.
        own = (batch.sentence.unsqueeze(1) == torch.arange(count).view(1, count, 1)).float()
        there = own.sum(-1) > 0
        pooled = (own / own.sum(-1, keepdim=True).clamp(min=1)) @ hidden
        codes = self.code_head(self.dropout(torch.cat([hidden[:, :1].expand_as(pooled), pooled], -1)))
        shown = torch.sigmoid(codes) * there.unsqueeze(-1)
        last = shown[torch.arange(len(shown)), there.sum(1) - 1]
        # What was offered is read too, and now and then wrongly: in training some of it is left out.
        offered = nn.functional.dropout(batch.offered, 0.15, self.training)
        whole = self.dropout(_whole(hidden, batch))
        levels = self.level_head(torch.cat([whole, shown.amax(1), last, offered], -1))
        return codes, levels.view(-1, len(SKILLS), STEPS)


class OfferNetwork(nn.Module):
    """all-MiniLM-L6-v2 with one linear head: what client turns offer."""

    def __init__(self, heads: Heads) -> None:
        super().__init__()
        self.encoder = _encoder(OFFER_LAYERS)
        self.dropout = nn.Dropout(0.1)
        self.head = nn.Linear(2 * int(self.encoder.config.hidden_size), len(heads.opportunities))

    def forward(self, batch: Batch) -> Tensor:
        """Return logits, shape (n, opportunities)."""
        logits: Tensor = self.head(self.dropout(_whole(_hidden(self.encoder, batch), batch)))
        return logits


class CoderNetwork(nn.Module):
    """Both networks; the word embeddings, which are not trained, are there once."""

    def __init__(self, heads: Heads) -> None:
        super().__init__()
        self.replies = ReplyNetwork(heads)
        self.offers = OfferNetwork(heads)
        self.offers.encoder.embeddings.word_embeddings = self.replies.encoder.embeddings.word_embeddings


def _encoder(layers: int) -> Any:
    from transformers import AutoModel

    encoder = AutoModel.from_pretrained(str(encoder_folder()), add_pooling_layer=False)
    encoder.embeddings.requires_grad_(False)
    encoder.encoder.layer = encoder.encoder.layer[:layers]
    return encoder


def _hidden(encoder: Any, batch: Batch) -> Tensor:
    """Return the last layer's states, (n, tokens, width); of what no head reads, the context, they are all 0."""
    hidden = batch.lower if batch.lower is not None else _lower(encoder, batch)
    seen = batch.mask[:, None, None, :].bool()
    *between, last = encoder.encoder.layer[FROZEN_LAYERS:]
    for layer in between:
        hidden = layer(hidden, seen)
    # The heads read the first token and the sentences: in the last layer the context is looked at, and not worked out.
    wanted = batch.sentence >= 0
    wanted[:, 0] = True
    attended = last.attention.output(last.attention.self(hidden, seen)[0][wanted], hidden[wanted])
    out = torch.zeros(hidden.shape)
    out[wanted] = last.feed_forward_chunk(attended).float()
    return out


def _lower(encoder: Any, batch: Batch) -> Tensor:
    hidden: Tensor = encoder.embeddings(input_ids=batch.ids, token_type_ids=batch.types)
    for layer in encoder.encoder.layer[:FROZEN_LAYERS]:
        hidden = layer(hidden, batch.mask[:, None, None, :].bool())
    return hidden


def lower_states(encoder: Any, tokens: Any, windows: Sequence[Window], heads: Heads) -> dict[int, Tensor]:
    """Return, by the id of each window, what the layers that are not trained make of its tokens, (tokens, width)."""
    found: dict[int, Tensor] = {}
    encoder.eval()
    with torch.inference_mode():
        for chunk in by_length(windows, _BATCH_TOKENS):
            batch = to_batch(tokens, chunk, heads.opportunities)
            hidden = _lower(encoder, batch)
            for row, window in enumerate(chunk):
                found[id(window)] = hidden[row, : window.length].to(torch.float16)
    return found


def _whole(hidden: Tensor, batch: Batch) -> Tensor:
    """Return the first token beside the mean over all sentences, shape (n, 2 * width)."""
    own = (batch.sentence >= 0).float().unsqueeze(-1)
    return torch.cat([hidden[:, 0], (hidden * own).sum(1) / own.sum(1).clamp(min=1)], -1)


@dataclass
class Coder:
    """A trained network with its tokenizer; what it gives are calibrated probabilities."""

    heads: Heads
    network: CoderNetwork
    tokenizer: Any
    fingerprint: str = ""  # of the weights and cuts, to tell what was read by which coder

    def read(self, passages: Sequence[Passage]) -> list[Read]:
        """Return codes and levels of each passage; one without sentences has none of the first, and flat levels."""
        codes = [np.zeros((len(p.sentences), len(self.heads.codes)), dtype=np.float32) for p in passages]
        levels = np.zeros((len(passages), len(SKILLS), STEPS), dtype=np.float32)
        weight = np.zeros(len(passages), dtype=np.float32)
        for windows, out in self._run(self.network.replies, passages):
            coded = torch.sigmoid(out[0] / self.heads.code_temperature).numpy()
            leveled = torch.sigmoid(out[1] / self.heads.level_temperature).numpy()
            for row, window in enumerate(windows):
                span = window.end - window.start
                codes[window.passage][window.start : window.end] = coded[row, :span]
                levels[window.passage] += span * leveled[row]
                weight[window.passage] += span
        levels /= np.maximum(weight, 1)[:, None, None]
        # The last bits depend on what else was in the batch: a reply's own score must not.
        codes, levels = [c.round(3) for c in codes], levels.round(3)
        return [Read(c, level) for c, level in zip(codes, levels, strict=True)]

    def opportunities(self, passages: Sequence[Passage]) -> Probabilities:
        """Return P(opportunity | turns before, client turns), shape (len(passages), opportunities)."""
        out = np.zeros((len(passages), len(self.heads.opportunities)), dtype=np.float32)
        for windows, found in self._run(self.network.offers, passages):
            said = torch.sigmoid(found / self.heads.opportunity_temperature).numpy()
            for row, window in enumerate(windows):
                np.maximum(out[window.passage], said[row], out=out[window.passage])
        rounded: Probabilities = out.round(3)
        return rounded

    def _run(self, network: nn.Module, passages: Sequence[Passage]) -> Any:
        windows = cut_windows(self.tokenizer, passages)
        network.eval()
        with torch.inference_mode():
            for chunk in by_length(windows, _BATCH_TOKENS):
                yield chunk, network(to_batch(self.tokenizer, chunk, self.heads.opportunities))


def save_coder(folder: Path, network: CoderNetwork, heads: Heads, **notes: Any) -> None:
    """Write the trained weights, in half precision and without the word embeddings, and what they mean."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {
        name: value.detach().to(torch.float16).contiguous()
        for name, value in network.state_dict().items()
        if "word_embeddings" not in name and "position_ids" not in name
    }
    save_file(weights, folder / "coder.safetensors")
    (folder / "coder.json").write_text(json.dumps({**asdict(heads), **notes}, indent=2) + "\n", encoding="utf-8")


def load_coder(folder: Path) -> Coder:
    """Return the coder saved in `folder`.

    Raises:
        InputError: the files are missing or do not belong together.
    """
    try:
        meta = json.loads((folder / "coder.json").read_text(encoding="utf-8"))
        heads = Heads(**{k: meta[k] for k in Heads.__dataclass_fields__ if k != "answered" or k in meta})
        if len(heads.opportunity_cuts) != len(heads.opportunities):
            raise ValueError("it has not a cut for each opportunity")
        network = CoderNetwork(heads)
        weights = {k: v.to(torch.float32) for k, v in load_file(folder / "coder.safetensors").items()}
        missing, unexpected = network.load_state_dict(weights, strict=False)
    except (OSError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise InputError(
            f"{folder}: the trained rubric cannot be read ({error}).",
            how="Train it again: repair-room rubric train",
        ) from error
    if unexpected or any("word_embeddings" not in name and "position_ids" not in name for name in missing):
        raise InputError(f"{folder}: coder.safetensors and coder.json do not fit.", how="repair-room rubric train")
    network.eval()
    made = hashlib.sha256((folder / "coder.safetensors").read_bytes())
    made.update(json.dumps(asdict(heads)).encode())
    return Coder(heads, network, tokenizer(), made.hexdigest()[:16])
