"""An id that is given anew is followed to every place that names it; one that is taken out is told where it is named."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Annotated, Any, Union, get_args, get_origin

import pytest
from pydantic import BaseModel

from simulator.couple import Couple, Scenario
from simulator.couple.lint import COUPLE
from simulator.couple.raw import texts
from simulator.couple.schema import Id
from simulator.session import Room
from simulator.studio.changes import in_words
from simulator.studio.filling import apply
from simulator.studio.following import NAMES, NONE, Renames, followed, left_behind, renames
from simulator.studio.manuscript import check, copy_of, load
from simulator.studio.skeleton import skeleton

FILES = skeleton("ana-and-bo", ("Ana", "Bo"), "A. Writer")
FIRST = "scenarios/first-session.yaml"
TWO = ("ines-and-rob", "renu-and-martin")  # in one of them a fact is told alone
OWN = {"Couple.id", "Partner.id", "Fact.id", "Bid.id", "Scenario.id", "Scenario.couple"}


def saved(files: dict[str, str], part: str, sent: dict[str, str], name: str = COUPLE) -> tuple[dict[str, str], Renames]:
    model: type[BaseModel] = Couple if name == COUPLE else Scenario
    made = apply(model, files[name], part, sent)
    return {**files, name: made}, renames(name, files[name], made, sent)


def named(files: dict[str, str], old: str) -> list[str]:
    """Where a word stands as a value or as a key of the files, partners' and facts' own ids apart."""
    found = [f"{n} {path}" for n, text in files.items() for path, said in texts(load(text)) if said == old]
    return found + [f"{n} {path}" for n, text in files.items() for path, _ in texts(load(text)) if old in path]


def test_a_partner_of_a_shipped_couple_is_renamed_throughout_and_nothing_else_changes(room: Room) -> None:
    for couple_id in TWO:
        files = copy_of(room.shipped, couple_id, couple_id)
        for number, partner in enumerate(room.shipped.couples[couple_id].partners):
            new, asked = saved(files, f"partners.{number}", {f"partners.{number}.id": "zed-2"})
            made, told = followed(new, asked)
            assert check(made, couple_id).playable and named(made, partner.id) == [], (couple_id, partner.id)
            assert len(told) == 1 and partner.id in told[0] and "zed-2" in told[0]
            back, _ = followed(
                {
                    **made,
                    COUPLE: apply(Couple, made[COUPLE], f"partners.{number}", {f"partners.{number}.id": partner.id}),
                },
                Renames({"partner": {"zed-2": partner.id}}),
            )
            assert back == files


def test_a_fact_is_renamed_where_sessions_name_it(room: Room) -> None:
    for couple_id in TWO:
        files = copy_of(room.shipped, couple_id, couple_id)
        told_of = {d for s in room.shipped.scenarios_of(couple_id) for d in [*s.disclosures, *s.alone]}
        sent = {f"facts.{n}.id": f"{f.id}-x" for n, f in enumerate(room.shipped.couples[couple_id].facts)}
        made, told = followed(*saved(files, "facts", sent))
        found = check(made, couple_id)
        assert found.playable and len(told) == len(sent)
        assert {d for s in found.scenarios for d in [*s.disclosures, *s.alone]} == {f"{d}-x" for d in told_of}
        assert all(f"'{f}' is called '{f}-x'" in " ".join(told) for f in told_of)


@pytest.mark.parametrize("new", ["null", "123", "1e3", "true", "0x1f", "no", "2019-03"])
def test_an_id_that_yaml_would_read_as_something_else_stays_an_id(new: str) -> None:
    made, _ = followed(*saved(FILES, "partners.1", {"partners.1.id": new}))
    found = check(made)
    assert found.couple is not None and found.couple.partners[1].id == new and found.playable


@pytest.mark.parametrize(
    "sent",
    [
        {"partners.0.id": "Ana!"}, {"partners.0.id": ""}, {"partners.0.id": "bo"}, {"partners.0.id": "ana"},
        {"facts.1.id": "what-both-know"}, {"facts.1.id": "other", "facts.1-gone": "yes"},
    ],
)  # fmt: skip
def test_what_is_no_new_id_is_followed_by_nothing(sent: dict[str, str]) -> None:
    part = "facts" if "facts.1.id" in sent else "partners.0"
    new, asked = saved(FILES, part, sent)
    assert asked == NONE and followed(new, asked) == (new, [])


def test_two_partners_change_their_ids_at_once() -> None:
    text = FILES[COUPLE].replace("id: ana\n", "id: tmp\n").replace("id: bo\n", "id: ana\n").replace("id: tmp", "id: bo")
    asked = Renames({"partner": {"ana": "bo", "bo": "ana"}})
    made, _ = followed({**FILES, COUPLE: text}, asked)
    assert followed(made, asked)[0][FIRST] == FILES[FIRST] != made[FIRST]
    assert load(made[FIRST])["opening"][0]["partner"] == "bo" and list(load(made[FIRST])["start"]) == ["bo", "ana"]


def test_a_session_takes_its_file_along_unless_that_is_taken() -> None:
    new, asked = saved(FILES, "", {"id": "the-letters"}, FIRST)
    made, told = followed(new, asked)
    assert set(made) == {COUPLE, "scenarios/the-letters.yaml"} and told and check(made).playable
    taken = {**new, "scenarios/the-letters.yaml": "x"}
    assert followed(taken, asked) == (taken, [])


def test_layout_comments_and_other_words_stay_as_they_are() -> None:
    session = (
        FILES[FIRST]
        .replace("    partner: ana\n", "    partner: 'ana'  # ana comes first\n", 1)
        .replace("The first words", "ana says")
    )
    made, _ = followed({**FILES, FIRST: session}, Renames({"partner": {"ana": "anna"}}))
    assert "partner: 'anna'  # ana comes first" in made[FIRST] and "ana says" in made[FIRST]
    assert made[FIRST].replace("anna", "ana") == session


def test_a_fact_that_is_taken_out_is_told_where_it_is_named() -> None:
    new, asked = saved(FILES, "facts", {"facts.1-gone": "yes"})
    (told,) = left_behind(FILES[COUPLE], new)
    assert asked == NONE and "a-secret" in told and load(FILES[FIRST])["title"] in told
    assert left_behind(FILES[COUPLE], FILES) == [] == left_behind(FILES[COUPLE], {**new, FIRST: "disclosures: []"})
    assert left_behind("[", new) == [] == left_behind(FILES[COUPLE], {**new, COUPLE: "["})


def test_a_rename_is_told_as_one_in_what_has_changed() -> None:
    made, _ = followed(*saved(FILES, "partners.0", {"partners.0.id": "anna"}))
    said = in_words(FILES, made)
    assert "id of Ana changed" in said and not any("new partner" in s or "gone" in s for s in said)


def test_every_key_that_names_somebody_by_an_id_is_followed() -> None:
    found = {f"{model.__name__}.{key}" for model, key in _ids(Couple)} | {
        f"{m.__name__}.{k}" for m, k in _ids(Scenario)
    }
    assert {name for name in found if name not in OWN} == {n for n in found if n.rpartition(".")[2] in NAMES}
    assert {n.rpartition(".")[2] for n in found - OWN} == set(NAMES)


def _ids(model: type[BaseModel]) -> Iterator[tuple[type[BaseModel], str]]:
    hints = {
        k: Annotated[i.annotation, *i.metadata] if i.metadata else i.annotation for k, i in model.model_fields.items()
    }
    for key, hint in hints.items():
        if _holds_id(hint):
            yield model, key
        for inner in _models(hint):
            yield from _ids(inner)


def _holds_id(hint: Any) -> bool:
    if hint == Id:
        return True
    if get_origin(hint) in (list, dict, Union, types.UnionType):
        return any(_holds_id(a) for a in get_args(hint))
    return get_origin(hint) is Annotated and _holds_id(get_args(hint)[0])


def _models(hint: Any) -> Iterator[type[BaseModel]]:
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        yield hint
    for inner in get_args(hint):
        yield from _models(inner)
