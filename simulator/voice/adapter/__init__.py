"""Teaching the default model this room's voice: a LoRA adapter (Hu et al. 2021) trained on written scenes."""

from simulator.voice.adapter.scenes import Scene, Turn, invented_casts, load_scenes

__all__ = ["Scene", "Turn", "invented_casts", "load_scenes"]
