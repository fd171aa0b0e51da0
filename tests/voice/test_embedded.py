"""The embedded model and the adapter that is laid over it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from simulator.errors import InputError, ModelError
from simulator.settings import load_settings
from simulator.voice import open_model
from simulator.voice.backends import Sampling, adapter_of

PLAIN = Sampling(n=1, max_tokens=12, temperature=0.0)


def noise(path: Path, architecture: str) -> Path:
    """Write an adapter of rank 2 for the first layer of the small model: noise, so that it changes what is said."""
    gguf = pytest.importorskip("gguf", reason="the adapter's own packages are not installed")
    rng = np.random.default_rng(4)
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_string("general.type", "adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", 64.0)
    for side, shape in (("a", (2, 576)), ("b", (1536, 2))):
        writer.add_tensor(f"blk.0.ffn_up.weight.lora_{side}", rng.normal(size=shape).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.mark.model
def test_an_adapter_changes_what_the_model_says_and_can_be_turned_off(small_model: Path, tmp_path: Path) -> None:
    path = noise(tmp_path / "noise.gguf", "llama")
    said = {}
    for chosen in ("", str(path)):
        voice = open_model(load_settings(backend="embedded", model=str(small_model), adapter=chosen, context=1024))
        said[chosen] = voice.sample("MARTIN (guarded): I was in the", PLAIN)[0]
        assert (voice.name, voice.trained) == ((f"{small_model}+noise", True) if chosen else (str(small_model), False))
        voice.close()
    assert said[""] != said[str(path)]


@pytest.mark.model
def test_an_adapter_for_another_model_is_told(small_model: Path, tmp_path: Path) -> None:
    path = noise(tmp_path / "noise.gguf", "qwen2")
    with pytest.raises(ModelError, match="REPAIR_ROOM_ADAPTER"):
        open_model(load_settings(backend="embedded", model=str(small_model), adapter=str(path), context=1024))


def test_an_adapter_of_ones_own_is_a_gguf_file(tmp_path: Path) -> None:
    wrong = tmp_path / "notes.gguf"
    wrong.write_text("no adapter", encoding="utf-8")
    for path in (wrong, tmp_path / "missing.gguf"):
        with pytest.raises(InputError, match="REPAIR_ROOM_ADAPTER"):
            adapter_of(load_settings(adapter=str(path)))
