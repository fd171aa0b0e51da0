"""Export and import: what goes out comes back, and what comes in is checked."""

from __future__ import annotations

import builtins
import csv
import io
import json
import string
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from simulator.errors import InputError, StaleSessionError
from simulator.review.consensus import between, with_engine
from simulator.review.details import looks_real, names_in, redacted, strangers
from simulator.review.export import FORMATS, export_csv, export_many, export_one, export_report, status_of
from simulator.review.importing import import_transcripts, look_for_details, read_any
from simulator.session import Room
from simulator.store import JudgementRecord, Repository

TALK = "Therapist: What was it like, Ana?\nAna: Like falling.\nand then nothing.\nBo: She shouts.\nTherapist: Bo, what do you hear?\n"


def fresh(room: Room, folder: Path, name: str) -> Room:
    return replace(room, store=Repository.open(f"sqlite:///{folder / name}"))


def reviewed(room: Room) -> str:
    session = room.begin("renu-and-martin", "the-missed-call", seed=3)
    list(session.answers())
    session.reply("Renu, twenty minutes without a word: <script>alert(1)</script> that sounds frightening. =1+1")
    list(session.answers())
    key = session.record.id
    room.store.reviews.add_note(key, 2, None, "local profile", "note", "to *self*")
    review = room.store.reviews.begin(key, None, "local profile", blind=False)
    said = JudgementRecord(
        2, "empathic_listening", "override", 2, "", "too fast", 4, session.record.rubric_version, review.created
    )
    review = room.store.reviews.judge(key, "local profile", review.version, [said])
    room.store.reviews.judge(key, "local profile", review.version, [], summary="Slower.", sign=True)
    return key


def whole(data: bytes) -> list[dict[str, Any]]:
    """Everything in a file but when something last happened: being brought here is something."""
    read = [json.loads(line) for line in data.splitlines()]
    for value in read:
        value["record"].pop("changed")
    return read


def test_jsonl_comes_back_without_loss_and_can_be_played_on(room: Room, tmp_path: Path) -> None:
    one, two = fresh(room, tmp_path, "one.sqlite3"), fresh(room, tmp_path, "two.sqlite3")
    key = reviewed(one)
    data = export_many(one, [one.store.session(key)], own=True)
    (made,) = import_transcripts(two, read_any(data, "x.jsonl"), owner=None)
    assert made.id == key
    assert whole(export_many(two, [two.store.session(key)], own=True)) == whole(data)
    went_on = two.resume(key)
    went_on.reply("And for you, Martin?")
    assert list(went_on.answers())
    # A second time it is another session beside the first.
    (again,) = import_transcripts(two, read_any(data, "x.jsonl"), owner=None)
    assert again.id != key and two.store.count_sessions() == 2
    one.store.close()
    two.store.close()


@pytest.mark.parametrize("key", list(FORMATS))
def test_each_format_holds_the_words_and_does_nothing_with_them(room: Room, tmp_path: Path, key: str) -> None:
    one = fresh(room, tmp_path, "one.sqlite3")
    record = one.store.session(reviewed(one))
    body, _ = export_one(one, record, key, own=True)
    if key == "pdf":
        assert body.startswith(b"%PDF") and len(body) > 5000
        return
    text = body.decode("utf-8-sig")
    assert "frightening" in text and "too fast" in text
    if key in ("html", "markdown"):
        assert "<script" not in text and "simulation" in text
    if key == "csv":
        rows = list(csv.DictReader(io.StringIO(text)))
        assert len(rows) == 3 and not any(v[:1] in "=+@" for r in rows for v in r.values() if v)
    one.store.close()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.txt", TALK),
        ("a.csv", "speaker,text\nTherapist,\"What was it like, Ana?\"\nAna,Like falling. and then nothing.\nBo,She shouts.\nTherapist,\"Bo, what do you hear?\"\n"),
        ("a.vtt", "WEBVTT\n\n1\n00:00.000 --> 00:02.000\n<v Therapist>What was it like, Ana?\n\n00:02.000 --> 00:04.000\n<v Ana>Like falling.\n\n"
         "00:04.000 --> 00:05.000\n<v Ana>and then nothing.</v> <v Bo>She shouts.</v>\n\n00:06.000 --> 00:07.000\n<v Therapist>Bo, what do you hear?\n"),
    ],
)  # fmt: skip
def test_other_peoples_transcripts_are_read_scored_and_kept(room: Room, tmp_path: Path, name: str, text: str) -> None:
    one = fresh(room, tmp_path, "one.sqlite3")
    (made,) = import_transcripts(one, read_any(text.encode(), name), owner=None)
    turns = one.store.turns(made.id)
    assert [t.text for t in turns] == [
        "What was it like, Ana?",
        "Like falling. and then nothing.",
        "She shouts.",
        "Bo, what do you hear?",
    ]
    assert [bool(t.score) for t in turns] == [True, False, False, True]
    assert export_csv(one, [made]).count(b"\n") == 7
    one.store.close()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.txt", b"\xff\xfe"), ("a.txt", b""), ("a.txt", b"Ana: hello\n"), ("a.csv", b"who,what\na,b\n"), ("a.jsonl", b"[1]"),
        ("a.jsonl", b'{"format": "repair-room/1", "partners": ["A", "B"], "turns": [{"speaker": "therapist", "text": "x"}]}'),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_and_nothing_is_kept(room: Room, tmp_path: Path, name: str, data: bytes) -> None:
    one = fresh(room, tmp_path, "one.sqlite3")
    with pytest.raises(InputError):
        import_transcripts(one, read_any(data, name), owner=None)
    assert one.store.count_sessions() == 0
    one.store.close()


def test_a_file_cannot_smuggle_in_another_couple_or_a_supervisors_name(room: Room, tmp_path: Path) -> None:
    one = fresh(room, tmp_path, "one.sqlite3")
    value = json.loads(export_many(one, [one.store.session(reviewed(one))], own=True))
    changed = {**value, "documents": [value["documents"][0] + "\n# changed", *value["documents"][1:]]}
    with pytest.raises(InputError):
        import_transcripts(one, read_any(json.dumps(changed).encode(), "x.jsonl"), owner=None)
    user = one.store.people.add("anna", "trainee", "x")
    (made,) = import_transcripts(one, read_any(json.dumps(value).encode(), "x.jsonl"), owner=user.id)
    assert [r.author for r in one.store.reviews.of([made.id])] == ["local profile (imported)"]
    one.store.close()


def test_a_real_persons_details_are_found_and_replaced() -> None:
    text = (
        "Call me on +44 20 7946 0958 or 020.7946.0958 or j.smith@example.org; NHS no. 485 777; 12 High Street, 4 Elm Grove, "
        "SW1A 2AA; Dr Okafor; born 3 May 1971."
    )
    known = names_in([text])
    assert len(looks_real(text, known)) == 9 and not looks_real(redacted(text, known), known)
    assert "Sandra" in looks_real("Ask Sandra.", known) and redacted("Ask Sandra.", known) == "Ask [name]."
    for fine in (
        "It was 2019, 3 times in 10 weeks.",
        "Renu, forty minutes and nothing said.",
        "We saw each other in May.",
    ):
        assert not looks_real(fine, frozenset(["We"]))


def test_an_import_is_searched_for_names_and_speakers_and_partners_are_renamed(room: Room, tmp_path: Path) -> None:
    talk = TALK.replace("Bo:", "Bo Adeyemi:").replace("falling", "falling, a@b.org, said Sandra")
    found = read_any(talk.encode(), "x.txt")
    assert look_for_details(found) == ["a@b.org", "Sandra", "Bo Adeyemi"]
    one = fresh(room, tmp_path, "one.sqlite3")
    (made,) = import_transcripts(one, found, owner=None, redact=True)
    said = " ".join(f"{t.speaker}: {t.text}" for t in one.store.turns(made.id))
    assert not any(name in said for name in ("Ana", "Bo", "Sandra", "a@b")) and "Partner B, what do you hear?" in said
    # The same search meets what another room exported; without scores that quote it, it is scored anew.
    (value,) = [json.loads(export_many(one, [one.store.session(reviewed(one))], own=True))]
    value["turns"][2]["text"] += ". Call Sandra on 020 7946 0958."
    found = read_any(json.dumps(value).encode(), "x.jsonl")
    assert look_for_details(found) == ["020 7946 0958", "Sandra"]
    (made,) = import_transcripts(one, found, owner=None, redact=True)
    turn = one.store.turns(made.id)[2]
    assert turn.text.endswith("Call [name] on [phone].") and turn.score and "Sandra" not in json.dumps(turn.score)
    one.store.close()


def edited(room: Room, edit: Callable[[dict[str, Any]], object]) -> bytes:
    value = json.loads(export_many(room, [room.store.session(reviewed(room))], own=True))
    edit(value)
    return json.dumps(value).encode()


def _five(score: dict[str, Any]) -> None:
    for skill in score["skills"].values():
        if skill["status"] == "scored":
            skill.update(level=5, score=5.0)


@pytest.mark.parametrize(
    "edit",
    [
        lambda v: v["turns"][2].update(score={"skills": {}}),
        lambda v: v["turns"][2]["score"]["skills"]["empathic_listening"].update(level=9),
        lambda v: v["turns"][2]["score"]["skills"]["empathic_listening"].pop("why"),
        lambda v: v["turns"][2].update(state={}),
        lambda v: v["turns"][0].update(state={"Renu": {"alliance": 1.0}, "Martin": {}}),
        lambda v: v["turns"][2].update(speaker="Renu"),
        lambda v: v["record"].update(id="../work"),
        lambda v: v["record"].update(difficulty="none"),
        lambda v: v["record"]["progress"].update(bids={}),
        lambda v: v["record"].update(drill="no-such-moment"),
        lambda v: v["record"].update(seconds=float("nan")),
        lambda v: v["scorings"][0].update(result={"skills": {}}),
        lambda v: v["reviews"][0]["judgements"][0].update(verdict="whatever"),
        lambda v: v["notes"][0].update(kind="whatever"),
        lambda v: v["notes"][0].update(turn=99),
    ],
)
def test_an_edited_file_is_refused_before_a_page_meets_it(
    room: Room, tmp_path: Path, edit: Callable[[dict[str, Any]], object]
) -> None:
    one, two = fresh(room, tmp_path, "one.sqlite3"), fresh(room, tmp_path, "two.sqlite3")
    with pytest.raises(InputError, match="line 1"):
        import_transcripts(two, read_any(edited(one, edit), "x.jsonl"), owner=None)
    assert two.store.count_sessions() == 0
    one.store.close()
    two.store.close()


def test_of_a_good_and_a_bad_session_neither_is_kept(room: Room, tmp_path: Path) -> None:
    one, two = fresh(room, tmp_path, "one.sqlite3"), fresh(room, tmp_path, "two.sqlite3")
    good, bad = edited(one, lambda v: None), edited(one, lambda v: v["turns"][2].update(score={"skills": {}}))
    with pytest.raises(InputError):
        import_transcripts(two, read_any(good + b"\n" + bad, "x.jsonl"), owner=None)
    with pytest.raises(InputError, match="twice"):
        read_any(good + b"\n" + good, "x.jsonl")
    assert two.store.count_sessions() == 0
    # Nor where the database itself refuses the second one.
    (a,), (b,) = read_any(good, "x.jsonl"), read_any(edited(one, lambda v: None), "x.jsonl")
    assert a.whole and b.whole
    broken = replace(b, whole=replace(b.whole, reviews=[*b.whole.reviews, *b.whole.reviews]))
    with pytest.raises(StaleSessionError):
        import_transcripts(two, [a, broken], owner=None)
    assert two.store.count_sessions() == 0
    one.store.close()
    two.store.close()


def test_with_accounts_a_files_scores_are_not_the_engines(room: Room, tmp_path: Path) -> None:
    one = fresh(room, tmp_path, "one.sqlite3")

    def forge(value: dict[str, Any]) -> None:
        for turn in value["turns"]:
            if turn["score"]:
                _five(turn["score"])
        for scoring in value["scorings"]:
            _five(scoring["result"])
        value["record"].update(submitted=value["record"]["created"], flags="")

    data = edited(one, forge)
    honest = {t.text: t.score for s in one.store.sessions() for t in one.store.turns(s.id) if t.score}
    anna = one.store.people.add("anna", "trainee", "x")
    (made,) = import_transcripts(one, read_any(data, "x.jsonl"), owner=anna.id)
    for turn in one.store.turns(made.id):
        assert not turn.score or (turn.score == honest[turn.text] and "imported" not in turn.rubric_version)
    assert made.imported and made.submitted is None and status_of(made).startswith("imported")
    assert [s.rubric_version.endswith("(imported)") for s in one.store.scorings(made.id)] == [True, False]
    one.store.submit(made.id, consent=True, flags=["walk-out"])
    assert one.store.session(made.id).flags == "imported, walk-out"
    one.store.submit(made.id, consent=False)
    assert one.store.session(made.id).imported
    (review,) = one.store.reviews.of([made.id])
    assert review.imported and not with_engine([review]) and not between([review, replace(review, author="x")])
    one.store.close()


def test_a_family_that_was_scored_again_comes_back_whole(room: Room, tmp_path: Path) -> None:
    one, two = fresh(room, tmp_path, "one.sqlite3"), fresh(room, tmp_path, "two.sqlite3")
    key = reviewed(one)
    branch = one.take_back(key, 2)
    one.store.reviews.begin(branch.id, None, "not signed", blind=True)
    for version in ("2", "3"):
        score = one.store.turns(key)[2].score
        assert score
        one.store.add_scores(key, {2: score}, {"rubric_version": version, "engine_version": "e"})
    one.store.submit(key, consent=True, flags=["walk-out"])
    family = [one.store.session(key), one.store.session(branch.id)]
    data = export_many(one, family, own=True)
    made = import_transcripts(two, read_any(data, "x.jsonl"), owner=None)
    assert whole(export_many(two, made, own=True)) == whole(data)
    assert [s.rubric_version for s in two.store.scorings(key)][1:] == ["2", "3"]
    # Beside the first one, it is a family of its own; and a circle is none.
    again = import_transcripts(two, read_any(data, "x.jsonl"), owner=None)
    assert again[1].parent_id == again[0].id != key
    lines = [json.loads(x) for x in data.splitlines()]
    lines[0]["record"]["parent_id"] = branch.id
    circle = "\n".join(json.dumps(x) for x in lines).encode()
    assert [r.parent_id for r in import_transcripts(two, read_any(circle, "x.jsonl"), owner=None)] == [None, None]
    one.store.close()
    two.store.close()


@pytest.mark.parametrize("key", ["html", "pdf", "markdown"])
def test_several_sessions_go_into_one_report(room: Room, tmp_path: Path, key: str) -> None:
    one = fresh(room, tmp_path, "one.sqlite3")
    records = [one.store.session(reviewed(one)) for _ in range(2)]
    body, _ = export_report(one, records, key, own=True)
    if key != "pdf":
        assert body.decode().count("frightening") >= 2 and body.decode().count("not for real clients") == 2
    with pytest.raises(InputError):
        export_report(one, [], key, own=True)
    one.store.close()


def test_a_computer_without_pango_says_so(room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str, *args: Any, **more: Any) -> Any:
        if name.startswith("weasyprint"):
            raise OSError("cannot load library 'pango'")
        return real(name, *args, **more)

    one, real = fresh(room, tmp_path, "one.sqlite3"), builtins.__import__
    record = one.store.session(reviewed(one))
    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(InputError, match="Pango"):
        export_one(one, record, "pdf", own=True)
    one.store.close()


@hypothesis(max_examples=200, deadline=None)
@given(
    st.binary(max_size=400) | st.text(alphabet=string.printable, max_size=400).map(str.encode),
    st.sampled_from(["txt", "csv", "vtt", "json", "jsonl"]),
)
def test_reading_arbitrary_bytes_is_a_transcript_or_a_named_error(data: bytes, ending: str) -> None:
    try:
        for brought in read_any(data, f"x.{ending}"):
            assert len(set(brought.transcript.partners)) == 2
            replace(brought)
    except InputError:
        pass


def test_a_name_that_nobody_in_the_story_has_is_held_back() -> None:
    known = names_in(["Renu is 52. Martin's brother Alan lives in Hexham."])
    assert strangers("Renu, when Martin rang from Hexham on Thursday, was Alan's wife there?", known) == []
    assert strangers("Renu, you remind me of Sandra, who lives near Leeds.", known) == ["Sandra", "Leeds"]
    assert (
        strangers("That is hard. Sandra would say so. “Where was he?”", known) == []
    )  # a sentence begins with a capital
