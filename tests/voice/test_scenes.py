"""The scenes from which a voice can be trained are whole: casts, moves, moods, and no couple that is kept for a test."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from simulator.couple import Library, load_library
from simulator.couple.schema import MOODS
from simulator.text import words
from simulator.voice.adapter.scenes import Scene, Style, invented_casts, load_scenes
from simulator.voice.prompt import DIRECTIONS

ROOT = Path(__file__).parents[2]
KEPT_OUT = {"khalid-and-tom", "wanjiru-and-samuel"}


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library(ROOT / "personas")


@pytest.fixture(scope="module")
def scenes() -> list[Scene]:
    return load_scenes(Style.vivid) + load_scenes(Style.plain)


def invented() -> dict[str, set[str]]:
    return {couple: {cast.speaker.name for cast in casts} for couple, casts in invented_casts().items()}


def test_every_scene_is_played_by_its_couple_with_known_moves_and_moods(library: Library, scenes: list[Scene]) -> None:
    casts = invented()
    assert not set(casts) & set(library.couples)
    for couple in set(library.couples) - KEPT_OUT:
        casts[couple] = {p.name for p in library.couple(couple).partners}
    ids = Counter(s.id for s in scenes)
    assert max(ids.values()) == 1
    for scene in scenes:
        assert scene.couple in casts and 6 <= len(scene.turns) <= 14, scene.id
        for turn in scene.turns:
            if turn.speaker == "therapist":
                continue
            assert turn.speaker in casts[scene.couple], scene.id
            assert turn.move in DIRECTIONS and turn.mood in MOODS, scene.id
            assert len(words(turn.text)) <= 45, scene.id


def test_plain_scenes_are_there_for_every_couple_and_their_lines_are_short() -> None:
    plain = load_scenes(Style.plain)
    assert len(plain) >= 150 and len({s.couple for s in plain}) == 24
    assert max(len(words(t.text)) for s in plain for t in s.turns if t.speaker != "therapist") <= 24


def test_there_are_enough_of_them_and_no_line_twice(scenes: list[Scene]) -> None:
    lines = [t for s in scenes for t in s.turns if t.speaker != "therapist"]
    assert len(scenes) >= 400 and len(lines) >= 3000 and len(invented()) >= 12
    moves = Counter(t.move for t in lines)
    assert set(moves) == set(DIRECTIONS) and min(moves.values()) >= 50
    said = Counter(" ".join(words(t.text)) for t in lines if len(words(t.text)) > 3)
    assert max(said.values()) == 1
