"""What the studio says of savings, of words that nobody wrote yet, and of what broke in a played session."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from simulator.couple import Couple
from simulator.couple.lint import COUPLE
from simulator.review.faults import breaks
from simulator.review.played import Plan, Played
from simulator.rubric import THERAPIST
from simulator.store import Repository, TurnRecord
from simulator.store.records import EditionRecord
from simulator.studio import manuscript
from simulator.studio.manuscript import check, titled
from simulator.studio.remarks import remarks
from simulator.studio.sittings import briefly, sittings
from simulator.studio.skeleton import id_of, skeleton

FILES = skeleton("ana-and-bo", ("Ana", "Bo"), "edu")
FIRST = "scenarios/first-session.yaml"
LINE = '      - {move: answer, mood: guarded, after: "How has the week been?", say: "Long."}\n'


def with_lines(count: int) -> dict[str, str]:
    more = "".join(LINE.replace("Long.", f"Line {n}.") for n in range(count))
    return {**FILES, COUPLE: FILES[COUPLE].replace(LINE, LINE + more, 1)}


def test_a_saving_says_in_a_few_words_what_it_changed() -> None:
    assert briefly(FILES, with_lines(9)) == ["lines of Ana (9 new)"]
    assert briefly(with_lines(9), FILES) == ["lines of Ana (9 gone)"]
    text = FILES[COUPLE].replace("need: What they need", "need: What she needs", 1).replace("Something that both", "What both")  # fmt: skip
    assert briefly(FILES, {**FILES, COUPLE: text}) == ["need of Ana", "fact 'what-both-know'"]
    other = {**FILES, FIRST: FILES[FIRST].replace("due: 0.3", "due: 0.4"), "scenarios/b.yaml": "x"}
    assert briefly(FILES, other) == ["session 'b' added", "bid 'take-my-side' in 'first-session'"]
    assert briefly(FILES, FILES) == [] and briefly(FILES, {**FILES, COUPLE: FILES[COUPLE] + "# x\n"}) == ["layout"]


def test_savings_of_one_sitting_are_folded_and_all_of_them_can_be_reached(store: Repository) -> None:
    m = store.manuscripts.create("ana-and-bo", "sue", FILES)
    for n in range(1, 8):
        store.manuscripts.save(m.id, "sue", n - 1, with_lines(n))
    seen: list[int] = []
    before = 0
    while editions := store.manuscripts.editions(m.id, limit=4, before=before):
        first = store.manuscripts.number_of(m.id, editions[0].id)
        (sitting,) = sittings(editions, first)
        seen += [s.number for s in sitting.savings]
        before = sitting.savings[-1].edition.id
    assert seen == [8, 7, 6, 5, 4, 3, 2, 1]  # each once, the skeleton it began with too
    now = datetime.now(UTC)
    made = [EditionRecord(n, m.id, False, who, now - timedelta(minutes=ago), with_lines(n)) for n, who, ago in ((4, "sue", 0), (3, "sue", 20), (2, "tim", 25), (1, "tim", 600))]  # fmt: skip
    assert [[s.number for s in sitting.savings] for sitting in sittings(made, 4)] == [[4, 3], [2], [1]]


def test_words_of_the_skeleton_are_told_until_they_are_written() -> None:
    there = check(FILES)
    assert {f.file for f in there.unwritten} == {COUPLE, FIRST} and set(there.unwritten) <= set(there.findings)
    paths = {f.place for f in there.unwritten}
    assert {"Ana", "Bo", "fact 'a-secret'", "bid 'take-my-side'"} <= paths
    text = FILES[COUPLE].replace("Something that only Ana knows.", "Ana has seen the flat.")
    told = {f.place: f.message for f in check({**FILES, COUPLE: text}).unwritten}
    assert "what is so" in there.unwritten[[f.place for f in there.unwritten].index("fact 'a-secret'")].message
    assert "what is so" not in told["fact 'a-secret'"]


def test_a_colleague_is_asked_only_where_it_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []
    read = manuscript.read_yaml
    monkeypatch.setattr(manuscript, "read_yaml", lambda text, where: parsed.append(text) or read(text, where))
    monkeypatch.setattr(manuscript, "findings", lambda *a, **k: pytest.fail("nobody asked for them"))
    files = with_lines(3)
    assert check(files, "ana-and-bo").playable
    manuscript.load(files[COUPLE])
    assert parsed.count(files[COUPLE]) <= 1  # for its problems, its forms and its choices alike


@pytest.fixture
def couple() -> Couple:
    made = check(FILES).couple
    assert made is not None
    return made


def broken(couple: Couple, text: str) -> set[str]:
    played = Played(Plan(couple.id, "first-session", "noise", 1), ["Ana", "Bo"], [], {}, {}, "", "")
    played.turns.append(TurnRecord(0, "Ana", text))
    return {b["what"] for b in breaks(played, 0, played.turns[0], couple)}


def test_only_a_name_before_a_colon_speaks_for_another(couple: Couple) -> None:
    for good in (
        "Yes or no: is that lying?",
        "Next week: Tuesday? Or never.",
        "Look: I found a card.",
        "Borrowed: two.",
    ):
        assert "speaks for another" not in broken(couple, good)
    for bad in ("Bo: I never said that.", "Therapist: And you?", "Fine.\nBo (quietly): No.", "bo: no."):
        assert "speaks for another" in broken(couple, bad)


def test_an_author_sees_moves_bids_and_what_became_of_them(couple: Couple) -> None:
    scenario = check(FILES).scenarios[0]
    bid = scenario.bids[0]
    waits = {"pending_bid": bid.id, "bids": {bid.id: "made"}}
    turns = [
        TurnRecord(0, "Ana", bid.say[0], "ally_bid", "angry"),
        TurnRecord(1, THERAPIST, "You are right, Ana.", before=waits),
        TurnRecord(2, "Bo", bid.after_bad[0].say, "withdraw", "guarded"),
        TurnRecord(3, THERAPIST, "Bo?", before={"pending_bid": "", "bids": {bid.id: "bad"}}),
    ]
    said = remarks(turns, couple, scenario)
    assert "ally bid, angry" in said[0] and bid.id in said[0] and "badly" in said[1] and said[3] == ""
    assert "badly" in remarks(turns[:3], couple, scenario)[1]  # also of the last reply, by what follows it
    turns[3] = TurnRecord(3, THERAPIST, "Bo?", before={"pending_bid": "", "bids": {bid.id: "good"}})
    assert "well" in remarks(turns, couple, scenario)[1]


def test_an_id_is_made_of_the_names_and_a_copy_has_a_title_of_its_own() -> None:
    assert id_of(("Zoë", "Bo Li")) == "zoe-and-bo-li" and id_of(("Вера", "Bo")) == ""
    files = titled({**FILES, COUPLE: FILES[COUPLE].replace("title: ", "title: >-\n  A long\n  ")}, 'Ana: "again"')
    found = check(files).couple
    assert found is not None and found.title == 'Ana: "again"'
