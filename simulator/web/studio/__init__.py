"""The studio's pages: couples to write, edited in forms and as files, heard on a bench, published.

Importing this package makes its endpoints; `simulator.web.endpoints.router` serves them.
"""

from __future__ import annotations

from simulator.web.studio import bench, couples, edit, editions, help, rubric, rubric_edit, sessions

__all__ = ["bench", "couples", "edit", "editions", "help", "rubric", "rubric_edit", "sessions"]
