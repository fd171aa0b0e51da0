"""The trained adapter as llama.cpp reads it: the same matrices under the weight file's names."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np

from simulator.errors import InputError
from simulator.voice.adapter.base import PROJECTIONS

_NAME = re.compile(r"layers\.(\d+)\.\w+\.(\w+)\.lora_([AB])\.weight$")


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
