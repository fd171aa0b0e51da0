"""What the keys of our files are for, told once: in the JSON schemas that editors read, and as a table for the docs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from simulator.errors import InputError

Keys = Mapping[str, Mapping[str, str]]  # model -> key -> what it is for


def describing(keys: Keys) -> Callable[[dict[str, Any], type[BaseModel]], None]:
    """Return what puts into a model's JSON schema what each of its keys is for."""

    def describe(schema: dict[str, Any], model: type[BaseModel]) -> None:
        for key, text in keys.get(model.__name__, {}).items():
            schema["properties"][key]["description"] = text

    return describe


def keys_table(keys: Keys) -> str:
    """Return, as Markdown, every key with what it is for, a table for each model."""
    lines = []
    for model, told in keys.items():
        lines += [f"### {model}", "", "| key | what it is for |", "|---|---|"]
        lines += [f"| `{key}` | {text} |" for key, text in told.items()] + [""]
    return "\n".join(lines)


def schema_texts(schemas: Mapping[str, type[BaseModel]]) -> dict[str, str]:
    """Return the text of each JSON schema (file name -> model)."""
    return {name: json.dumps(model.model_json_schema(), indent=2) + "\n" for name, model in schemas.items()}


def write_schemas(folder: Path, schemas: Mapping[str, type[BaseModel]], *, keep: bool = False) -> list[Path]:
    """Write the JSON schemas (file name -> model) into a folder and return their paths; with `keep` only missing ones.

    Raises:
        InputError: the folder cannot be written to.
    """
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in schema_texts(schemas).items():
            path = folder / name
            path.parent.mkdir(exist_ok=True)
            if not (keep and path.exists()):
                path.write_text(text, encoding="utf-8")
                written.append(path)
    except OSError as error:
        raise InputError(f"{folder}: {error.strerror or error}.", how="Choose another folder.") from error
    return written
