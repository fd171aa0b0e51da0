"""The embedded model: llama.cpp inside this process, on a free loopback port.

It lives in threads of this process, so it cannot outlive it: no crash leaves an orphan behind.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

from simulator.errors import ModelError


def start_server(path: Path, *, threads: int, context: int, slots: int, adapter: Path | None = None) -> tuple[Any, str]:
    """Start llama.cpp on `path` and return (server, base URL); it stops when the server object is let go.

    `context` is in tokens for one partner; `slots` sequences share the cache of two partners. `adapter` is a LoRA
    adapter (GGUF) that is laid over the weights.

    Raises:
        ModelError: the file cannot be loaded or no port is free.
    """
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.n_parallel = slots
    params.hostnames = ["127.0.0.1"]
    params.port = _free_port()
    params.cpuparams.n_threads = threads or os.cpu_count() or 2
    params.cpuparams_batch.n_threads = threads or os.cpu_count() or 2
    params.verbosity = -1
    params.ui = False
    params.endpoint_slots = False
    # A unified cache lets every sequence use what the others leave free.
    params.kv_unified = True
    params.n_ctx = context * 2
    # Mapped, the file would stay in memory beside the tensors that are laid out anew for this processor.
    params.load_mode = xllamacpp.llama_load_mode.LLAMA_LOAD_MODE_NONE
    params.cache_ram_mib = 128
    if adapter is not None:
        params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(str(adapter), 1.0)]
    try:
        server = xllamacpp.Server(params)
    except RuntimeError as error:
        raise ModelError(
            f"The weight file {path}{f' with the adapter {adapter}' if adapter else ''} cannot be loaded: {error}.",
            how="Check it with 'repair-room model check'; fetch it again with 'repair-room model pull'."
            + (
                "\nAn adapter serves only the model it was trained for: leave REPAIR_ROOM_ADAPTER empty"
                if adapter
                else ""
            ),
        ) from error
    return server, f"{server.listening_address}/v1"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
