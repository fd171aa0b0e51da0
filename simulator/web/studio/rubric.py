"""This installation's own labelled examples: read, and taken out again."""

from __future__ import annotations

from fastapi.responses import Response

from simulator.studio.examples import drop_example, own_examples
from simulator.web.endpoints import Asked, on


@on("GET", "/studio-rubric", "studio")
def rubric(r: Asked) -> Response:
    """The examples in the draft, and how it is trained and adopted."""
    rows = [
        {
            "id": e.id, "before": e.turns[-1], "reply": e.reply, "reason": e.reason,
            "levels": ", ".join(f"{r.titles[s]} {v}" for s, v in e.levels.items() if v),
        }
        for e in own_examples(r.room.settings)
    ]  # fmt: skip
    return r.page("studio_rubric.html", rows=rows, version=r.room.engine.versions["rubric_version"])


@on("POST", "/studio-rubric/drop", "studio")
def drop(r: Asked) -> Response:
    """Take an example out of the draft."""
    drop_example(r.room.settings, r.text("id", 60))
    r.log("took out a labelled example", r.text("id", 60))
    return r.back("/studio-rubric", "It is out of the draft.")
