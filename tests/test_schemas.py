"""The JSON schemas beside the YAML are those of the models, and tell what every key is for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from ruamel.yaml import YAML
from typer.testing import CliRunner

from simulator.cli.main import app
from simulator.couple import keys as couple_keys
from simulator.couple import schema
from simulator.described import keys_table
from simulator.rubric import book
from simulator.rubric import keys as rubric_keys

ROOT = Path(__file__).parents[1]
ROOMS = {"persona": (schema, couple_keys.KEYS, "personas"), "rubric": (book, rubric_keys.KEYS, "rubrics")}


@pytest.mark.parametrize("room", ROOMS)
def test_the_command_writes_the_schemas_that_are_there(room: str, tmp_path: Path) -> None:
    module, _, folder = ROOMS[room]
    done = CliRunner().invoke(app, [room, "schema", "--out", str(tmp_path / "new")])
    assert done.exit_code == 0
    written = [p.relative_to(tmp_path / "new").as_posix() for p in (tmp_path / "new").rglob("*.json")]
    assert set(written) == set(module.SCHEMAS)
    for name in module.SCHEMAS:
        shipped = (ROOT / folder / name).read_text(encoding="utf-8")
        assert (tmp_path / "new" / name).read_text(encoding="utf-8") == shipped, (
            f"repair-room {room} schema --out {folder}"
        )


def test_a_place_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    done = CliRunner().invoke(app, ["persona", "schema", "--out", str(tmp_path / "file")])
    assert done.exit_code != 0 and "Choose another folder" in str(done.exception)


@pytest.mark.parametrize("room", ROOMS)
def test_every_key_of_every_model_is_explained(room: str) -> None:
    module, keys, _ = ROOMS[room]
    models = {m.__name__: set(m.model_fields) for m in _models(module._Model)}
    assert {name: set(told) for name, told in keys.items()} == models
    assert all(text.endswith(".") for told in keys.values() for text in told.values())


@pytest.mark.parametrize(("room", "page"), [("persona", "writing-couples"), ("rubric", "rubric")])
def test_every_key_is_explained_in_the_docs_and_the_schemas(room: str, page: str) -> None:
    module, keys, _ = ROOMS[room]
    assert keys_table(keys).strip() in (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8"), (
        f"repair-room {room} keys"
    )
    assert CliRunner().invoke(app, [room, "keys"]).output.strip() == keys_table(keys).strip()
    for model in module.SCHEMAS.values():
        value = model.model_json_schema()
        for part in (value, *value["$defs"].values()):
            for name, told in part.get("properties", {}).items():
                assert told.get("description"), (part["title"], name)


def test_a_new_couple_finds_its_schemas_and_keeps_those_that_are_there(tmp_path: Path) -> None:
    folder = tmp_path / "my-couples"
    assert _run("new", "ana-and-bo", "Ana", "Bo", "--in", str(folder)) == 0
    for path in folder.rglob("*.yaml"):
        named = path.read_text(encoding="utf-8").splitlines()[0].partition("$schema=")[2]
        assert json.loads((path.parent / named).read_text(encoding="utf-8"))["title"] in ("Couple", "Scenario")
    (folder / "couple.schema.json").write_text("{}")
    (folder / "scenario.schema.json").unlink()
    assert _run("new", "cy-and-di", "Cy", "Di", "--in", str(folder)) == 0
    assert (folder / "couple.schema.json").read_text() == "{}" and (folder / "scenario.schema.json").exists()


def test_the_files_of_a_new_couple_show_an_author_what_there_is(tmp_path: Path) -> None:
    assert _run("new", "ana-and-bo", "Ana", "Bo", "--in", str(tmp_path)) == 0
    couple = (tmp_path / "ana-and-bo" / "couple.yaml").read_text(encoding="utf-8")
    session = (tmp_path / "ana-and-bo" / "scenarios" / "first-session.yaml").read_text(encoding="utf-8")
    written: Any = YAML(typ="safe").load(couple)
    assert all(p["openers"] and p["principles"] for p in written["partners"])
    assert YAML(typ="safe").load(session)["disclosures"] == ["a-secret"]
    for text in (couple, session):
        assert sum("#" in row for row in text.splitlines()) > 8


def _run(*arguments: str) -> int:
    return CliRunner().invoke(app, ["persona", *arguments]).exit_code


def _models(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for child in model.__subclasses__():
        yield child
        yield from _models(child)
