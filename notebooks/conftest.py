"""Notebooks are executed by the tests, and can be left out: -m "not notebook"."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every notebook."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("notebook")
