"""The default model's own layers in plain numbers, read out of its weight file, for training on top of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

# The names of a layer's tensors: in the weight file, and in transformers.
_LAYER = {
    "attn_norm.weight": "input_layernorm.weight",
    "attn_q.weight": "self_attn.q_proj.weight",
    "attn_q.bias": "self_attn.q_proj.bias",
    "attn_k.weight": "self_attn.k_proj.weight",
    "attn_k.bias": "self_attn.k_proj.bias",
    "attn_v.weight": "self_attn.v_proj.weight",
    "attn_v.bias": "self_attn.v_proj.bias",
    "attn_output.weight": "self_attn.o_proj.weight",
    "ffn_norm.weight": "post_attention_layernorm.weight",
    "ffn_gate.weight": "mlp.gate_proj.weight",
    "ffn_up.weight": "mlp.up_proj.weight",
    "ffn_down.weight": "mlp.down_proj.weight",
}
# The parts of a layer that an adapter can change, by their names in transformers and in the weight file.
PROJECTIONS = {
    theirs.rsplit(".", 2)[1]: ours.removesuffix(".weight") for ours, theirs in _LAYER.items() if "proj.weight" in theirs
}


class Base:
    """A Qwen2 weight file (GGUF); its tensors are made plain as they are asked for."""

    def __init__(self, path: Path) -> None:
        from gguf import GGUFReader
        from transformers import Qwen2Config

        self.path = path
        reader = GGUFReader(path)
        self._tensors = {t.name: t for t in reader.tensors}
        told = {name: field.contents() for name, field in reader.fields.items() if name.startswith("qwen2.")}
        self.config = Qwen2Config(
            hidden_size=told["qwen2.embedding_length"],
            intermediate_size=told["qwen2.feed_forward_length"],
            num_hidden_layers=told["qwen2.block_count"],
            num_attention_heads=told["qwen2.attention.head_count"],
            num_key_value_heads=told["qwen2.attention.head_count_kv"],
            rms_norm_eps=told["qwen2.attention.layer_norm_rms_epsilon"],
            rope_theta=told["qwen2.rope.freq_base"],
            vocab_size=int(self._tensors["token_embd.weight"].shape[1]),
            attn_implementation="sdpa",
        )

    def tokenizer(self) -> Any:
        """Return the tokenizer that is stored in the weight file."""
        from transformers import AutoTokenizer

        return AutoTokenizer.from_pretrained(str(self.path.parent), gguf_file=self.path.name)

    def tensor(self, name: str) -> Tensor:
        """Return one tensor in whole precision, shape as in transformers."""
        from gguf.quants import dequantize

        found = self._tensors[name]
        plain = dequantize(found.data, found.tensor_type)
        return torch.from_numpy(plain.reshape([int(d) for d in reversed(found.shape)]).copy()).float()

    def layer(self, number: int) -> nn.Module:
        """Return one layer of the stack, not to be trained."""
        from transformers.models.qwen2.modeling_qwen2 import Qwen2DecoderLayer

        with torch.device("meta"):
            layer = Qwen2DecoderLayer(self.config, number)
        weights = {theirs: self.tensor(f"blk.{number}.{ours}") for ours, theirs in _LAYER.items()}
        layer.load_state_dict(weights, strict=True, assign=True)
        found: nn.Module = layer.requires_grad_(False).eval()
        return found

    def rotary(self) -> nn.Module:
        """Return what turns positions into rotations."""
        from transformers.models.qwen2.modeling_qwen2 import Qwen2RotaryEmbedding

        rotary: nn.Module = Qwen2RotaryEmbedding(self.config)
        return rotary
