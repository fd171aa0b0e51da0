"""Export and import: what goes out comes back, and what comes in is checked."""

from __future__ import annotations

import csv
import io
import json
import string
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from simulator.errors import InputError
from simulator.review.details import details, names_in, redacted, strangers
from simulator.review.export import FORMATS, export_csv, export_many, export_one
from simulator.review.importing import import_transcripts, look_for_details, read_any
from simulator.session import Room
from simulator.store import JudgementRecord, Repository

TALK = "Therapist: What was it like, Ana?\nAna: Like falling.\nand then nothing.\nBo: She shouts.\nTherapist: Bo, what do you hear?\n"


def fresh(room: Room, folder: Path, name: str) -> Room:
    return Room(room.settings, room.library, Repository.open(f"sqlite:///{folder / name}"), room.engine, room.voice)


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
    room.store.reviews.summarise(key, "local profile", review.version, "Slower.", sign=True)
    return key


def test_jsonl_comes_back_without_loss_and_can_be_played_on(room: Room, tmp_path: Path) -> None:
    one, two = fresh(room, tmp_path, "one.sqlite3"), fresh(room, tmp_path, "two.sqlite3")
    key = reviewed(one)
    data = export_many(one, [one.store.session(key)], own=True)
    (made,) = import_transcripts(two, read_any(data, "x.jsonl"), owner=None)
    assert made.id == key
    assert export_many(two, [two.store.session(key)], own=True) == data
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
         "00:04.000 --> 00:05.000\n<v Ana>and then nothing.\n\n00:05.000 --> 00:06.000\nBo: She shouts.\n\n00:06.000 --> 00:07.000\n<v Therapist>Bo, what do you hear?\n"),
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
    text = "Call me on +44 20 7946 0958 or j.smith@example.org; NHS no. 485 777; 12 High Street; Dr Okafor; born 3 May 1971."
    assert len(details(text)) == 6 and not details(redacted(text))
    for fine in (
        "It was 2019, 3 times in 10 weeks.",
        "Renu, forty minutes and nothing said.",
        "We saw each other in May.",
    ):
        assert not details(fine)
    assert look_for_details(read_any(TALK.replace("falling", "falling, a@b.org").encode(), "x.txt")) == ["a@b.org"]


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
