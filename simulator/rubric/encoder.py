"""The coder: a small encoder, fine-tuned here, that reads a sentence in the light of the turns before it.

Two heads share it: behaviour codes of a trainee's sentence, and opportunities of a client turn. The word
embeddings are those of all-MiniLM-L6-v2, unchanged and read from its package; only the layers above them
were trained, so the weights shipped with the rubric stay small.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from simulator.embedding import encoder_folder
from simulator.errors import InputError

MAX_TOKENS = 128
_BATCH = 32

Probabilities = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Heads:
    """The labels of the two heads, in order, the temperature that calibrates each, and the cut of each offer."""

    codes: list[str]
    opportunities: list[str]
    code_temperature: float = 1.0
    opportunity_temperature: float = 1.0
    opportunity_cuts: tuple[float, ...] = ()


class CoderNetwork(nn.Module):
    """all-MiniLM-L6-v2 with mean pooling and two linear heads over (context, text) pairs."""

    def __init__(self, heads: Heads) -> None:
        super().__init__()
        from transformers import AutoModel

        self.encoder = AutoModel.from_pretrained(str(encoder_folder()), add_pooling_layer=False)
        self.encoder.embeddings.word_embeddings.weight.requires_grad_(False)
        width = int(self.encoder.config.hidden_size)
        self.dropout = nn.Dropout(0.1)
        self.code_head = nn.Linear(2 * width, len(heads.codes))
        self.opportunity_head = nn.Linear(2 * width, len(heads.opportunities))

    def features(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        """Return what the heads read, shape (n, 2 x hidden size)."""
        hidden = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        # The text is pooled apart from its context: it is the text that is being coded.
        own = (attention_mask * token_type_ids).unsqueeze(-1).to(hidden.dtype)
        pooled = (hidden * own).sum(1) / own.sum(1).clamp(min=1)
        return torch.cat([hidden[:, 0], pooled], dim=-1)

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits of both heads, shapes (n, codes) and (n, opportunities)."""
        features = self.dropout(self.features(input_ids, attention_mask, token_type_ids))
        return self.code_head(features), self.opportunity_head(features)


@dataclass
class Coder:
    """A trained network with its tokenizer; `codes` and `opportunities` give calibrated probabilities."""

    heads: Heads
    network: CoderNetwork
    tokenizer: Any

    def codes(self, pairs: Sequence[tuple[str, str]]) -> Probabilities:
        """Return P(code | client context, sentence), shape (len(pairs), codes)."""
        return self._run(pairs, 0, self.heads.code_temperature)

    def opportunities(self, pairs: Sequence[tuple[str, str]]) -> Probabilities:
        """Return P(opportunity | turns before, client turn), shape (len(pairs), opportunities)."""
        return self._run(pairs, 1, self.heads.opportunity_temperature)

    def _run(self, pairs: Sequence[tuple[str, str]], head: int, temperature: float) -> Probabilities:
        width = len(self.heads.opportunities if head else self.heads.codes)
        out = np.zeros((len(pairs), width), dtype=np.float32)
        # Sorted by length, so that a batch has little padding.
        order = sorted(range(len(pairs)), key=lambda i: len(pairs[i][0]) + len(pairs[i][1]))
        self.network.eval()
        with torch.inference_mode():
            for start in range(0, len(order), _BATCH):
                chosen = order[start : start + _BATCH]
                logits = self.network(**encode(self.tokenizer, [pairs[i] for i in chosen]))[head]
                out[chosen] = torch.sigmoid(logits / temperature).numpy()
        return out


def tokenizer() -> Any:
    """Return the tokenizer of all-MiniLM-L6-v2."""
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(str(encoder_folder()))


def encode(tokens: Any, pairs: Sequence[tuple[str, str]]) -> dict[str, Tensor]:
    """Return the padded token ids of (context, text) pairs; the context is cut first."""
    # The tokenizer's own input is bounded, so that a 20,000-word sentence costs no more than a long one.
    # Not an empty text: its pool would have no token.
    batch = tokens(
        [c[-1500:] or "-" for c, _ in pairs],
        [t[:1500] or "-" for _, t in pairs],
        padding=True,
        truncation="longest_first",
        max_length=MAX_TOKENS,
        return_tensors="pt",
    )
    return {k: batch[k] for k in ("input_ids", "attention_mask", "token_type_ids")}


def save_coder(folder: Path, network: CoderNetwork, heads: Heads, **notes: Any) -> None:
    """Write the trained weights, in half precision and without the word embeddings, and what they mean."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {
        name: value.detach().to(torch.float16).contiguous()
        for name, value in network.state_dict().items()
        if "word_embeddings" not in name and "position_ids" not in name
    }
    save_file(weights, folder / "coder.safetensors")
    meta = {
        "codes": heads.codes,
        "opportunities": heads.opportunities,
        "code_temperature": heads.code_temperature,
        "opportunity_temperature": heads.opportunity_temperature,
        "opportunity_cuts": list(heads.opportunity_cuts),
        **notes,
    }
    (folder / "coder.json").write_text(json.dumps(meta, indent=2) + "\n", encoding="utf-8")


def load_coder(folder: Path) -> Coder:
    """Return the coder saved in `folder`.

    Raises:
        InputError: the files are missing or do not belong together.
    """
    try:
        meta = json.loads((folder / "coder.json").read_text(encoding="utf-8"))
        heads = Heads(
            meta["codes"],
            meta["opportunities"],
            meta["code_temperature"],
            meta["opportunity_temperature"],
            tuple(meta["opportunity_cuts"]),
        )
        network = CoderNetwork(heads)
        weights = {k: v.to(torch.float32) for k, v in load_file(folder / "coder.safetensors").items()}
        missing, unexpected = network.load_state_dict(weights, strict=False)
    except (OSError, KeyError, ValueError, RuntimeError) as error:
        raise InputError(
            f"{folder}: the trained rubric cannot be read ({error}).",
            how="Train it again: repair-room rubric train",
        ) from error
    if unexpected or any("word_embeddings" not in name and "position_ids" not in name for name in missing):
        raise InputError(f"{folder}: coder.safetensors and coder.json do not fit.", how="repair-room rubric train")
    network.eval()
    return Coder(heads, network, tokenizer())
