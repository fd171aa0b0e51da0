"""What leaves the record over its pages, and what is deleted from it: exports, one's own data, people, real names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.people import add_person
from simulator.session import Room
from simulator.settings import load_settings
from simulator.store import Repository
from simulator.studio.examples import example_from, keep_example, own_examples
from tests.web.people import PASSWORD, client, played


@pytest.fixture
def full(tmp_path: Path, room: Room) -> Iterator[Room]:
    store = Repository.open(f"sqlite:///{tmp_path / 'files.sqlite3'}")
    opened = Room(load_settings(backend="scripted", data_dir=tmp_path), room.library, store, room.engine, room.voice)
    for name, role in (("ada", "administrator"), ("sue", "supervisor"), ("anna", "trainee"), ("ben", "trainee")):
        add_person(store, name, role, PASSWORD)
    for name in ("anna", "sue"):
        store.people.join(name, "monday")
    yield opened
    store.close()


def test_from_ticked_sessions_to_a_deleted_person(full: Room) -> None:
    ids = {n: full.store.people.named(n).id for n in ("anna", "ben", "sue")}
    mine, other = played(full, ids["anna"]), played(full, ids["anna"], submit=False)
    anna, ben, sue, ada = (client(full, n) for n in ("anna", "ben", "sue", "ada"))
    # One file for what is ticked; nobody else's.
    page = anna.get(f"/work/export?session={mine}&session={other}&format=html")
    assert page.status_code == 200 and page.text.count("<main>") == 2 and "2-sessions.html" in str(page.headers)
    assert anna.get("/work").text.count('form="export" type="checkbox"') == 2
    assert ben.get(f"/work/export?session={mine}").status_code == 404
    assert ben.get("/work/export?session=none").status_code == 404
    # A name that nobody in the story has is held back in notes and questions.
    note = {"turn": "2", "kind": "question", "text": "It is like with Sandra, on 020.7946.0958."}
    refused = anna.post(f"/sessions/{mine}/note", data=note)
    assert refused.status_code == 409 and "Sandra" in refused.text and not full.store.reviews.notes(mine)
    assert anna.post(f"/sessions/{mine}/note", data={**note, "sure": "yes"}).status_code == 303
    # A supervisor's data hold what she wrote about others.
    full.store.reviews.begin(mine, ids["sue"], "sue", blind=False)
    full.store.reviews.add_note(mine, 2, ids["sue"], "sue", "comment", "Slower here.")
    *_, about = [json.loads(line) for line in sue.get("/account/data").text.splitlines()]
    assert about["account"]["name"] == "sue" and "password" not in about["account"]
    assert [r["session_id"] for r in about["reviews"]] == [mine] and about["notes"][0]["text"] == "Slower here."
    # An administrator deletes a person: sessions and the examples made of them go too.
    levels = {"empathic_listening": 4, "avoiding_triangulation": 3, "non_defensiveness": 3}
    turn = next(t for t in full.store.turns(mine) if t.score)
    codes = [["validate"]] * len(turn.text)
    example = example_from(full, full.store.session(mine), turn.index, codes, levels, "It fits.")
    keep_example(full.settings, example)
    assert "labelled example" in anna.get(f"/sessions/{other}").text
    assert ada.post("/people/delete", data={"name": "anna", "sure": "ann"}).status_code == 303
    assert own_examples(full.settings) and full.store.people.named("anna")
    assert ada.post("/people/delete", data={"name": "anna", "sure": "anna"}).status_code == 303
    assert not own_examples(full.settings) and full.store.count_sessions() == 0
    assert "anna" not in [u.name for u in full.store.people.all()]
    assert ada.post("/people/delete", data={"name": "ada", "sure": "ada"}).status_code == 409


def test_an_imported_session_looks_like_one_on_every_page(full: Room) -> None:
    owner = full.store.people.named("anna").id
    mine, anna, sue = played(full, owner), client(full, "anna"), client(full, "sue")
    data = anna.get(f"/sessions/{mine}/export?format=jsonl").content
    bad = json.loads(data)
    next(t for t in bad["turns"] if t["score"])["score"] = {"skills": {}}
    for body, status in ((json.dumps(bad).encode(), 409), (data, 303)):
        files = {"file": ("x.jsonl", body)}
        assert anna.post("/import", data={"sure": "yes"}, files=files).status_code == status
    (made,) = [s for s in full.store.sessions() if s.id != mine]
    anna.post(f"/sessions/{made.id}/submit", data={"consent": "yes"})
    for who, paths in (
        (anna, ("/work", "/drill", f"/sessions/{made.id}")),
        (sue, ("/cohort", "/reviews", "/agreement")),
    ):
        assert [who.get(p).status_code for p in paths] == [200] * 3
    assert "imported" in anna.get("/work").text and "imported" in sue.get("/reviews").text
