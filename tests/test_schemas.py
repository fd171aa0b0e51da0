"""The JSON schemas beside the YAML are those of the models."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import BaseModel

from simulator.couple.schema import Couple, Scenario
from simulator.rubric.book import CodeBook, LevelRules

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("path", "model"),
    [
        ("personas/couple.schema.json", Couple),
        ("personas/scenario.schema.json", Scenario),
        ("rubrics/codebook.schema.json", CodeBook),
        ("rubrics/levels.schema.json", LevelRules),
    ],
)
def test_schema_is_current(path: str, model: type[BaseModel]) -> None:
    assert json.loads((ROOT / path).read_text(encoding="utf-8")) == model.model_json_schema()
