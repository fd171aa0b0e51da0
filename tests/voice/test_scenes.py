"""The scenes from which a voice can be trained are whole: casts, moves, moods, and no couple that is kept for a test."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from simulator.couple import Library, load_library
from simulator.couple.schema import MOODS
from simulator.text import words
from simulator.voice.prompt import DIRECTIONS

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "simulator" / "voice" / "scenes"
KEPT_OUT = {"khalid-and-tom", "wanjiru-and-samuel"}


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library(ROOT / "personas")


def scenes() -> list[dict[str, Any]]:
    return [
        json.loads(line)
        for path in sorted(FOLDER.glob("scenes-*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    ]


def invented() -> dict[str, set[str]]:
    read = [YAML(typ="safe").load(path.read_text("utf-8")) for path in sorted(FOLDER.glob("casts-*.yaml"))]
    return {cast["id"]: {p["name"] for p in cast["partners"]} for casts in read for cast in casts}


def test_every_scene_is_played_by_its_couple_with_known_moves_and_moods(library: Library) -> None:
    casts = invented()
    assert not set(casts) & set(library.couples)
    for couple in set(library.couples) - KEPT_OUT:
        casts[couple] = {p.name for p in library.couple(couple).partners}
    ids = Counter(s["id"] for s in scenes())
    assert max(ids.values()) == 1
    for scene in scenes():
        assert scene["couple"] in casts and 6 <= len(scene["turns"]) <= 14, scene["id"]
        for turn in scene["turns"]:
            if turn["speaker"] == "therapist":
                continue
            assert turn["speaker"] in casts[scene["couple"]], scene["id"]
            assert turn["move"] in DIRECTIONS and turn["mood"] in MOODS, scene["id"]
            assert len(words(turn["text"])) <= 45, scene["id"]


def test_there_are_enough_of_them_and_no_line_twice() -> None:
    lines = [t for s in scenes() for t in s["turns"] if t["speaker"] != "therapist"]
    assert len(scenes()) >= 400 and len(lines) >= 3000 and len(invented()) >= 12
    moves = Counter(t["move"] for t in lines)
    assert set(moves) == set(DIRECTIONS) and min(moves.values()) >= 50
    said = Counter(" ".join(words(t["text"])) for t in lines if len(words(t["text"])) > 3)
    assert max(said.values()) == 1
