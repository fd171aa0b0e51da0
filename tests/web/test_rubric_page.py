"""The studio's rubric page: texts checked and kept, training begun and stopped, adopted and reverted, all of it on record."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.session import Room
from simulator.settings import load_settings
from simulator.store import Repository
from simulator.studio import job, own_rubric
from simulator.web.server import make_app
from tests.web.people import here

PAGE = "/studio-rubric"
SHIPPED = load_settings().rubrics
# The process of a job: training takes no time, unless it is told to wait to be stopped.
STAND_IN = """
import time
from simulator.studio import training
def count(rubric, model, split):
    {first}
    skill = {{"kappa": 0.8, "pairs": 0.9, "interval_95": {{"kappa": [0.75, 0.85], "pairs": None}}}}
    skills = dict.fromkeys(("empathic_listening", "non_defensiveness", "avoiding_triangulation"), skill)
    return {{"split": split, "replies": 10, "contexts": 4, "skills": skills}}
training.count = count
training.main()
"""


@pytest.fixture
def own(tmp_path: Path, room: Room) -> Iterator[Room]:
    store = Repository.open(f"sqlite:///{tmp_path / 'rubric.sqlite3'}")
    yield Room(load_settings(backend="scripted", data_dir=tmp_path), room.library, store, room.engine, room.voice)
    store.close()


def edited(text: str, **more: str) -> dict[str, str]:
    return {"file": "levels.yaml", "version": "0", "do": "save", "text": text, **more}


def waited(room: Room) -> str:
    end = time.monotonic() + 90
    while (found := job.state(room.settings)) is not None and found.status == "running":
        assert time.monotonic() < end
        time.sleep(0.05)
    assert found is not None
    return found.status


def test_a_rubric_is_written_trained_adopted_and_reverted_on_its_page(
    own: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = here(make_app(own))
    shipped, text = own.engine.rubric.version, own_rubric.texts(SHIPPED)["levels.yaml"]
    assert "The draft is what scores now" in page.get(PAGE).text
    assert page.post(f"{PAGE}/train").status_code == 409 and job.state(own.settings) is None
    mine = text.replace("confident: 0.5 ", "confident: 0.6 ") + "# </textarea><b>mine</b>\n"

    checked = page.post(f"{PAGE}/edit", data=edited(mine.replace("format: 1", "format: 7"), do="check"))
    assert checked.status_code == 200 and "levels.yaml, line" in checked.text and "<b>mine" not in checked.text
    assert page.post(f"{PAGE}/edit", data=edited(mine.replace("format: 1", "format: 7"))).status_code == 409
    assert "Nothing is wrong with it" in page.post(f"{PAGE}/edit", data=edited(mine, do="check")).text
    assert own_rubric.versions(own.settings) == []
    assert page.post(f"{PAGE}/edit", data=edited(mine)).status_code == 303
    late = page.post(f"{PAGE}/edit", data=edited(text))
    assert late.status_code == 409 and "Somebody else saved this first" in late.text
    assert page.post(f"{PAGE}/edit", data=edited(text, file="../x.yaml")).status_code == 409
    for where in ("version=used", "version=0"):
        assert "confident: 0.6" in page.get(f"{PAGE}/diff?{where}").text
    assert page.get(f"{PAGE}/diff?version=x").status_code == 409
    assert page.post(f"{PAGE}/restore", data={"version": "1", "wanted": "0"}).status_code == 303
    assert "Nothing has changed" in page.get(f"{PAGE}/diff").text
    assert page.post(f"{PAGE}/restore", data={"version": "2", "wanted": "1"}).status_code == 303

    monkeypatch.setattr(job, "COMMAND", [sys.executable, "-c", STAND_IN.format(first="time.sleep(60)")])
    assert page.post(f"{PAGE}/train").status_code == 303
    assert "<progress" in page.get(PAGE).text and "Stop it" in page.get(PAGE).text
    assert page.post(f"{PAGE}/train").status_code == 409
    assert page.post(f"{PAGE}/adopt").status_code == 409
    assert page.post(f"{PAGE}/stop").status_code == 303 and job.state(own.settings).status == "stopped"  # type: ignore[union-attr]

    monkeypatch.setattr(job, "COMMAND", [sys.executable, "-c", STAND_IN.format(first="pass")])
    page.post(f"{PAGE}/train")
    assert waited(own) == "done"
    shown = page.get(PAGE).text
    assert "Development split: 10 replies in 4 contexts" in shown and "0.80 (0.75 to 0.85)" in shown
    assert "Test split" not in shown and "Adopt the draft" in shown
    assert page.post(f"{PAGE}/adopt").status_code == 303
    assert own.engine.rubric.version == f"{shipped}+own1" and waited(own) == "done"
    assert "Test split: 10 replies" in page.get(PAGE).text and "+own1" in page.get(PAGE).text
    assert page.post(f"{PAGE}/revert").status_code == 303 and own.engine.rubric.version == shipped

    log = [action for _, _, action, _ in own.store.people.audit(limit=100)]
    assert log[::-1] == [
        "changed the draft of the rubric", "brought back a version of the rubric", "brought back a version of the rubric",
        "began to train the rubric", "stopped the training of the rubric", "began to train the rubric",
        "adopted a rubric", "reverted to the shipped rubric",
    ]  # fmt: skip
