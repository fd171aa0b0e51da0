"""What `simulator` offers: one list, whichever way it is read, and a page that is made from it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import simulator
from simulator.reference import python_page
from simulator.session import Room

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "python.md"


def test_what_is_offered_imported_and_typed_agrees() -> None:
    tree = ast.parse(Path(simulator.__file__).read_text(encoding="utf-8"))
    typed: dict[str, str] = {}
    for block in tree.body:
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING":
            for node in block.body:
                assert isinstance(node, ast.ImportFrom) and node.module
                typed.update({a.name: node.module.removeprefix("simulator.") for a in node.names})
    assert typed == simulator._WHERE
    assert sorted(simulator.__all__) == sorted(typed)
    for name in simulator.__all__:
        assert getattr(simulator, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = simulator.nothing


def test_the_page_is_that_of_the_docstrings() -> None:
    assert PAGE.read_text(encoding="utf-8") == python_page(), "python -m simulator.reference > docs/python.md"
    for name in simulator.__all__:
        assert re.search(rf"^### (?:class )?`{name}\b", PAGE.read_text(encoding="utf-8"), re.MULTILINE), name


def test_the_example_of_the_page_runs(
    room: Room, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Room, "open", lambda settings: room)
    monkeypatch.setattr(Room, "close", lambda self: None)
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    exec(compile(example, str(PAGE), "exec"), {})
    said = capsys.readouterr().out
    assert "Renu: " in said and "empathic_listening scored" in said


def test_notebooks_use_what_is_offered() -> None:
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        assert not re.findall(r"from simulator\.\S+ import|import simulator\.", path.read_text(encoding="utf-8")), (
            path.name
        )


def test_type_checkers_are_told_that_there_are_types() -> None:
    assert (Path(simulator.__file__).parent / "py.typed").is_file()


def test_the_import_is_light() -> None:
    code = (
        "import simulator, sys; print([m for m in ('torch', 'gradio', 'sqlalchemy', 'pydantic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
