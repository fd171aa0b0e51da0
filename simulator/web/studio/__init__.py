"""The studio's pages: couples to write, edited in forms and YAML side by side, heard on a bench, published.

Importing this package makes its endpoints; `simulator.web.endpoints.router` serves them.
"""

from __future__ import annotations

from simulator.web.studio import bench, couples, edit, editions, rubric, rubric_edit, sessions

__all__ = ["bench", "couples", "edit", "editions", "rubric", "rubric_edit", "sessions"]
