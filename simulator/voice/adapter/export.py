"""The trained adapter as llama.cpp reads it and as peft, transformers and vLLM do: the same matrices, other names."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np

from simulator.errors import InputError
from simulator.voice.adapter.base import PROJECTIONS

_NAME = re.compile(r"layers\.(\d+)\.\w+\.(\w+)\.lora_([AB])\.weight$")
_GGUF_NAME = re.compile(r"blk\.(\d+)\.(\w+)\.weight\.lora_([ab])$")
_THEIRS = {ours: theirs for theirs, ours in PROJECTIONS.items()}


def to_gguf(folder: Path, out: Path) -> int:
    """Write the adapter that peft saved in `folder` as a GGUF file, in half precision; returns its size in bytes.

    Raises:
        InputError: the folder holds no adapter of this shape.
    """
    from gguf import GGUFWriter
    from safetensors.numpy import load_file

    try:
        config = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
        matrices = load_file(folder / "adapter_model.safetensors")
    except (OSError, ValueError) as error:
        raise InputError(
            f"{folder}: there is no adapter here ({error}).", how="repair-room model train-adapter"
        ) from error
    writer = GGUFWriter(out, "qwen2")
    writer.add_string("general.type", "adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", float(config["lora_alpha"]))
    for name, matrix in sorted(matrices.items()):
        found = _NAME.search(name)
        if not found:
            raise InputError(f"{folder}: '{name}' is no part that llama.cpp can change.")
        layer, part, side = found.groups()
        # Both sides say lora_a for what comes first, (rank, in), and lora_b for what comes after, (out, rank).
        writer.add_tensor(f"blk.{layer}.{PROJECTIONS[part]}.weight.lora_{side.lower()}", matrix.astype(np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return out.stat().st_size


def to_peft(path: Path, folder: Path, base: str) -> list[Path]:
    """Write the adapter in a GGUF file as peft reads it, for the model `base`, and return the two files.

    Raises:
        InputError: the file is no adapter of this shape.
    """
    from gguf import GGUFReader
    from safetensors.numpy import save_file

    try:
        reader = GGUFReader(path)
        alpha = float(reader.fields["adapter.lora.alpha"].contents())
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"{path}: there is no adapter here ({error}).", how="Name an adapter's GGUF file.") from error
    matrices: dict[str, np.ndarray] = {}
    layers: set[int] = set()
    parts: set[str] = set()
    for tensor in reader.tensors:
        found = _GGUF_NAME.search(tensor.name)
        if not found or found[2] not in _THEIRS:
            raise InputError(f"{path}: '{tensor.name}' is no part that peft can change.")
        layer, part, side = int(found[1]), _THEIRS[found[2]], found[3]
        block = "mlp" if found[2].startswith("ffn") else "self_attn"
        name = f"base_model.model.model.layers.{layer}.{block}.{part}.lora_{side.upper()}.weight"
        matrices[name] = np.array(tensor.data)
        layers.add(layer)
        parts.add(part)
    config = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": base,
        "r": min(matrices[next(n for n in matrices if "lora_A" in n)].shape),
        "lora_alpha": alpha,
        "lora_dropout": 0.0,
        "bias": "none",
        "target_modules": sorted(parts),
        "layers_to_transform": sorted(layers),
        "inference_mode": True,
    }
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / "adapter_model.safetensors", folder / "adapter_config.json"]
    save_file(matrices, files[0])
    files[1].write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    return files
