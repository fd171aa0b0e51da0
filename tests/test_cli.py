from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.settings import load_settings
from simulator.voice import weights_path


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "simulator", *arguments],
        capture_output=True, text=True, check=False, env={**os.environ, **environment},
    )  # fmt: skip


def transcript(**changes: object) -> dict[str, object]:
    turns = [
        {"speaker": "Ana", "text": "You never listen to me here."},
        {"speaker": "therapist", "text": "You felt unheard."},
    ]
    return {"id": "t1", "partners": ["Ana", "Bo"], "turns": turns, **changes}


def test_list_has_the_shape_of_the_contract() -> None:
    value = json.loads(run("list", "--format", "json").stdout)
    assert {"couples", "moves", "models"} == set(value)
    assert {"id", "title", "partners", "scenarios"} == set(value["couples"][0])


def test_score_keeps_order_and_shape(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text("\n".join(json.dumps(transcript(id=str(i))) for i in range(3)))
    done = run("score", str(path), "--format", "json")
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert [r["id"] for r in results] == ["0", "1", "2"]
    turn = results[0]["turns"][0]
    assert turn["turn"] == 1 and {"opportunities", "addressed", "skills"} <= set(turn)


@pytest.mark.parametrize(
    "bad",
    [
        "{", "[]", json.dumps(transcript(turns=[{"speaker": "Zoe", "text": "hi"}])),
        json.dumps(transcript(turns=[{"speaker": "Ana", "text": "hi"}])),
    ],
)  # fmt: skip
def test_a_bad_transcript_is_one_message_and_exit_2(tmp_path: Path, bad: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(bad)
    done = run("score", str(path))
    assert done.returncode == 2 and "Traceback" not in done.stderr and str(path) in done.stderr


def test_missing_weights_name_the_command(tmp_path: Path) -> None:
    replies = tmp_path / "r.txt"
    replies.write_text("What was that like?\n")
    base = ("play", "--couple", "renu-and-martin", "--scenario", "fifth-session", "--replies", str(replies))
    done = run(*base, REPAIR_ROOM_CACHE_DIR=str(tmp_path))
    assert done.returncode == 2 and "repair-room model pull" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("bad", ["x" * 20_000, "\x07\x00"])
def test_a_reply_that_cannot_be_said_is_told_with_its_line(tmp_path: Path, bad: str) -> None:
    replies = tmp_path / "r.txt"
    replies.write_text(f"What was that like?\n{bad}\n")
    base = ("play", "--couple", "renu-and-martin", "--scenario", "fifth-session", "--replies", str(replies))
    done = run(*base, "--model", "scripted")
    assert done.returncode == 2 and "line 2" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.model
@pytest.mark.parametrize("model", ["smollm2-135m", "qwen2.5-coder-1.5b"])
def test_a_session_with_a_real_model(tmp_path: Path, model: str) -> None:
    if not weights_path(model, load_settings().cache_dir).exists():
        pytest.skip(f"fetch the weights first: repair-room model pull {model}")
    replies = tmp_path / "r.txt"
    replies.write_text("What was it like in the car, Renu?\nMartin, what happens when she counts?\n")
    base = ("play", "--couple", "renu-and-martin", "--scenario", "fifth-session", "--replies", str(replies))
    done = run(*base, "--model", model, "--format", "json")
    value = json.loads(done.stdout)
    assert value["model"] == model and value["outcome"]["ended"]
    assert any(t["speaker"] == "therapist" and t["skills"] for t in value["turns"])
