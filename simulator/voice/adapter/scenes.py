"""The written scenes that a voice is trained on, and the couples invented for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML

from simulator.errors import InputError
from simulator.jsonl import read_jsonl
from simulator.text import words
from simulator.voice.prompt import Cast, Exchange, Person

FOLDER = Path(__file__).parents[1] / "scenes"
THERAPIST = "therapist"
EXAMPLES = 3  # exchanges from a couple's other scenes that stand at the beginning of a prompt


class Style(StrEnum):
    """How scenes are written: as the couples' authors write, or as a small model can learn to."""

    vivid = "vivid"
    plain = "plain"


class _Read(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Turn(_Read):
    """One turn of a scene; a partner's has the move and mood it was written for."""

    speaker: str
    text: str = Field(min_length=1, max_length=1000)
    move: str = ""
    mood: str = ""


class Scene(_Read):
    """One written scene."""

    id: str
    couple: str
    therapist: Literal["skilled", "clumsy", "siding", "defensive", "cold", "noisy", "hostile", "rupture-and-repair"]
    turns: list[Turn] = Field(min_length=2, max_length=40)


class _Person(_Read):
    name: str
    about: str


class _Invented(_Read):
    id: str
    partners: list[_Person] = Field(min_length=2, max_length=2)
    knows: list[str]


def load_scenes(style: Style, folder: Path = FOLDER) -> list[Scene]:
    """Return every scene of this style in `folder`, in order.

    Raises:
        InputError: a line is not a scene; it is named.
    """
    scenes: list[Scene] = []
    for path in sorted(folder.glob(f"{style}-*.jsonl")):
        for number, value in read_jsonl(path):
            try:
                scenes.append(Scene.model_validate(value))
            except ValidationError as error:
                first = error.errors()[0]
                where = ".".join(map(str, first["loc"]))
                raise InputError(f"{path}, line {number}: {where}: {first['msg']}.") from error
    return scenes


def invented_casts(folder: Path = FOLDER) -> dict[str, tuple[Cast, Cast]]:
    """Return both partners' casts of the couples in `casts-*.yaml`, without examples.

    What only one of them knows stands in no prompt: it may be told in the scene.
    """
    casts: dict[str, tuple[Cast, Cast]] = {}
    for path in sorted(folder.glob("casts-*.yaml")):
        for entry in YAML(typ="safe").load(path.read_text(encoding="utf-8")):
            couple = _Invented.model_validate(entry)
            knows = tuple(k for k in couple.knows if not k.startswith("Only "))
            one, two = (Person(p.name, p.about) for p in couple.partners)
            casts[couple.id] = (Cast(one, two, knows, ()), Cast(two, one, knows, ()))
    return casts


def with_examples(casts: tuple[Cast, Cast], others: Sequence[Scene]) -> tuple[Cast, Cast]:
    """Return both casts with exchanges from the couple's other scenes, as the voice's prompt shows them."""

    def shown(cast: Cast) -> Cast:
        found: dict[str, Exchange] = {}
        for scene in others:
            for before, turn in zip(scene.turns, scene.turns[1:], strict=False):
                if turn.speaker == cast.speaker.name and turn.move not in found and len(words(turn.text)) > 5:
                    found[turn.move] = Exchange(before.speaker, before.text, turn.mood, turn.move, turn.text)
        return replace(cast, examples=tuple(found.values())[:EXAMPLES])

    return shown(casts[0]), shown(casts[1])


def by_couple(scenes: Sequence[Scene]) -> Mapping[str, list[Scene]]:
    """Return the scenes of each couple, in order."""
    found: dict[str, list[Scene]] = defaultdict(list)
    for scene in scenes:
        found[scene.couple].append(scene)
    return found


def spread(scenes: Sequence[Scene], count: int) -> list[Scene]:
    """Return `count` scenes, shared out evenly over the couples and kinds of therapist, in a fixed order."""
    waiting = [list(own) for own in by_couple(scenes).values()]
    chosen: list[Scene] = []
    kinds: dict[str, int] = defaultdict(int)
    while len(chosen) < count and any(waiting):
        for own in waiting:
            if own and len(chosen) < count:
                scene = min(own, key=lambda s: (kinds[s.therapist], own.index(s)))
                own.remove(scene)
                kinds[scene.therapist] += 1
                chosen.append(scene)
    return chosen
