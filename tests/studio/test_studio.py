"""The studio: forms and YAML in step, nothing lost, nothing hostile let in, and what is published can be played."""

from __future__ import annotations

import base64
import io
import json
import posixpath
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from typer.testing import CliRunner

from simulator.cli.main import app
from simulator.couple import Couple
from simulator.couple.lint import COUPLE
from simulator.couple.loader import read_yaml
from simulator.couple.schema import SCHEMAS
from simulator.errors import InputError, StaleSessionError
from simulator.session import Room
from simulator.store import Repository
from simulator.studio import forms
from simulator.studio.bench import TRAINEES, hear, rehearse
from simulator.studio.boxes import fields
from simulator.studio.cards import read_card, with_partner
from simulator.studio.changes import diff, in_words
from simulator.studio.choices import choices
from simulator.studio.filling import apply, write
from simulator.studio.manuscript import check, copy_of, load, model_of, raised
from simulator.studio.packing import pack, read_session, unpack
from simulator.studio.places import find
from simulator.studio.skeleton import skeleton
from simulator.text import clean
from simulator.voice import Voice
from simulator.voice.critic import judge_candidates
from simulator.voice.standard import AuthoredLine, make_standard

FILES = skeleton("ana-and-bo", ("Ana", "Bo"), "A. Writer")


def test_a_skeleton_can_be_played_and_is_told_what_it_lacks(room: Room) -> None:
    found = check(FILES)
    assert found.playable and found.couple is not None
    assert any("of at least 70" in str(f) for f in found.findings)
    heard = hear(
        room, found.couple, found.scenarios[0], "ana", mood="guarded", move="answer", said="How was the week?", seed=1
    )
    assert heard.line.text == "Long." and "ANA (guarded" in heard.prompt
    with pytest.raises(InputError, match="small letters"):
        skeleton("Ana & Bo", ("Ana", "Bo"), "")
    with pytest.raises(InputError, match="different"):
        skeleton("ana-and-ana", ("Ana", "Ana"), "")


@pytest.mark.parametrize("name", ["O'Brien: the 2nd", 'Jo "J" Li', "Zoë", "{x}", "- a", "yes"])
def test_a_skeleton_takes_any_name(name: str) -> None:
    assert check(skeleton("two-people", (name, "Bo"), "x: y")).couple is not None


def test_a_form_changes_what_it_says_and_nothing_else(room: Room) -> None:
    files = copy_of(room.library, "renu-and-martin", "renu-and-martin")
    text = files[COUPLE]
    sent = {f.path: f.value for f in fields(forms.form(Couple, load(text), "partners.0"))}
    unchanged = apply(Couple, text, "partners.0", sent)
    assert check({**files, COUPLE: unchanged}).couple == check(files).couple
    changed = apply(
        Couple, text, "partners.0", {**sent, "partners.0.age": "44", "partners.0.need": 'To be told: "all of it".'}
    )
    couple = check({**files, COUPLE: changed}).couple
    assert couple is not None and couple.partners[0].age == 44 and couple.partners[0].need == 'To be told: "all of it".'
    assert "# Beginnings a line of this move may take" in changed and "yaml-language-server" in changed
    touched = [line for kind, line in diff({COUPLE: unchanged}, {COUPLE: changed}) if kind in ("new", "gone")]
    assert len(touched) <= 6


def test_lines_are_added_taken_out_and_kept_in_order(room: Room) -> None:
    files = copy_of(room.library, "renu-and-martin", "renu-and-martin")
    part, before = "partners.0.lines", load(files[COUPLE])["partners"][0]["lines"]
    new = {f"{part}.new.move": "soften", f"{part}.new.mood": "open", f"{part}.new.say": "I kept the ticket: 14 March.", f"{part}.0-gone": "yes"}  # fmt: skip
    after = load(apply(Couple, files[COUPLE], part, new))["partners"][0]["lines"]
    assert [x["say"] for x in after] == [*[x["say"] for x in before[1:]], "I kept the ticket: 14 March."]
    only_choices = {f"{part}.new.move": "soften", f"{part}.new.mood": "open"}
    assert len(load(apply(Couple, files[COUPLE], part, only_choices))["partners"][0]["lines"]) == len(before)


def test_every_part_of_every_shipped_file_is_saved_unchanged_to_the_letter(room: Room) -> None:
    for couple_id in room.shipped.couples:
        files = copy_of(room.shipped, couple_id, couple_id)
        for name, text in files.items():
            assert write(read_yaml(text, name, quotes=True)) == text, (couple_id, name)
            model, known = model_of(name), choices(load(files[COUPLE]), room.engine.rubric)
            for part, _ in forms.parts_of(model, load(text)) if couple_id == "renu-and-martin" else []:
                shown = fields(forms.form(model, load(text), part, known))
                sent = {f.path: f.value for f in shown if ".new" not in f.path}
                assert apply(model, text, part, sent, known) == text, (couple_id, name, part)


@hypothesis(deadline=None, max_examples=80)
@given(text=st.text(st.characters(codec="utf-8"), min_size=1, max_size=80))
def test_whatever_is_written_into_a_box_comes_back(text: str) -> None:
    for path, part in (("summary", ""), ("author", ""), ("notes", ""), ("partners.0.work", "partners.0")):
        said = " ".join(clean(text).split())
        made = load(apply(Couple, FILES[COUPLE], part, {path: text}))
        for step in path.split("."):
            made = made[int(step)] if step.isdecimal() else made.get(step, "")
        assert isinstance(made, str) and " ".join(made.split()) == said


@pytest.mark.parametrize(
    "text", ["7", "42", "yes", "null", "1.5", "2019-03", "- x", "a: b", "#", "!x", "&a", "\x07bell"]
)
def test_a_text_box_holds_text_whatever_it_looks_like(text: str) -> None:
    made = apply(Couple, FILES[COUPLE], "partners.0", {"partners.0.work": text, "partners.0.triggers": f"{text}\nb"})
    couple = check({COUPLE: made}).couple
    assert couple is not None and couple.partners[0].work == clean(text)
    assert couple.partners[0].triggers == [clean(text), "b"]


@hypothesis(deadline=None, max_examples=60)
@given(
    path=st.lists(st.sampled_from(["partners", "0", "lines", "new", "say", "9", "facts", "x"]), max_size=5),
    value=st.text(max_size=20),
)
def test_no_form_breaks_the_file(path: list[str], value: str) -> None:
    key = ".".join(path)
    made = apply(Couple, FILES[COUPLE], "partners.0.lines", {key: value, f"{key}-gone": "yes"} if key else {})
    assert isinstance(check({COUPLE: made}).problems, dict)


def test_problems_point_at_their_line_and_name_what_is_allowed() -> None:
    text = FILES[COUPLE].replace("move: answer", "move: shout")
    problem, *_ = check({**FILES, COUPLE: text}).problems[COUPLE]
    assert "shout" in problem.message and "escalate" in problem.message
    assert "move: shout" in text.splitlines()[problem.line - 1]


@pytest.mark.parametrize(
    "text", ["a: &x 1\nb: *x", "!!python/object/apply:os.system ['true']", "a: [", "\t- x", "[" * 3000, ""]
)
def test_hostile_yaml_is_a_problem_with_a_line(text: str) -> None:
    found = check({COUPLE: text})
    assert not found.playable and found.problems[COUPLE][0].message


def test_a_couple_goes_out_as_a_zip_and_comes_back() -> None:
    packed = pack("ana-and-bo", FILES)
    assert unpack(packed) == FILES and pack("ana-and-bo", FILES) == packed
    with zipfile.ZipFile(io.BytesIO(packed)) as out:
        for name in FILES:
            # An editor finds the schema that the first line of a file names.
            first = out.read(f"ana-and-bo/{name}").decode().splitlines()[0]
            there = posixpath.normpath(
                posixpath.join("ana-and-bo", posixpath.dirname(name), first.partition("$schema=")[2])
            )
            assert json.loads(out.read(there))["title"] == model_of(name).__name__


@pytest.mark.parametrize("folder", ["", "ana-and-bo/"])
def test_schemas_that_come_along_are_left_unread(folder: str) -> None:
    schemas = {f"{folder}{name}": b"0" * 20_000_000 for name in SCHEMAS}
    assert unpack(zipped(**{f"{folder}couple.yaml": FILES[COUPLE].encode(), **schemas})) == {COUPLE: FILES[COUPLE]}


def zipped(**entries: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, body in entries.items():
            packed.writestr(name, body)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("../couple.yaml", b"x", "holds"),
        ("/etc/passwd", b"x", "holds"),
        ("a/b/../../couple.yaml", b"x", "holds"),
        ("couple.yaml", b"0" * 20_000_000, "more than"),
        ("run.sh", b"x", "nothing else"),
        ("../couple.schema.json", b"{}", "nothing else"),
        ("scenarios/couple.schema.json/x", b"{}", "nothing else"),
        ("couple.yaml", b"\xff\xfe", "UTF-8"),
        ("scenarios/one.yaml", b"x", "no couple.yaml"),
    ],
)
def test_a_hostile_zip_is_refused(name: str, body: bytes, words: str) -> None:
    with pytest.raises(InputError, match=words):
        unpack(zipped(**{name: body}))


def card(**extra: object) -> bytes:
    data = {
        "name": "Vera", "description": "{{char}} restores clocks.", "personality": "Slow, exact.", "first_mes": "You're early.",
        "mes_example": '<START>\n{{user}}: How are you?\nVera: *winds a watch* "Running."', "system_prompt": "Obey me.",
        "post_history_instructions": "x", "character_book": {"entries": []}, **extra,
    }  # fmt: skip
    return json.dumps({"spec": "chara_card_v2", "spec_version": "2.0", "data": data}).encode()


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(len(d).to_bytes(4) + k + d + b"0000" for k, d in [*chunks, (b"IEND", b"")])
    return b"\x89PNG\r\n\x1a\n" + body


def test_a_character_card_becomes_one_partner_and_says_what_stayed_behind() -> None:
    for data in (card(), png((b"tEXt", b"chara\0" + base64.b64encode(card())))):
        name, partner, left = read_card(data)
        assert name == "Vera" and partner["background"] == "Vera restores clocks."
        assert [x["say"] for x in partner["lines"]] == ["You're early.", "Running."]
        assert "Obey me" not in json.dumps(partner) and any("system prompt" in x for x in left)
        files = skeleton("vera-and-bo", (name, "Bo"), "")
        assert check({**files, COUPLE: with_partner(files[COUPLE], partner)}).couple is not None


def test_a_card_names_everything_that_was_cut_or_left(room: Room) -> None:
    said = "\n".join(f"Vera: *nods* line {n}" for n in range(70)) + "\nand then\n"
    name, partner, left = read_card(
        card(name="Вера: the 2nd", personality="p" * 3000, first_mes="*smiles* " + "w " * 400, mes_example=said.replace("Vera", "Вера the 2nd"),
             nickname="V", character_version="7", made_up=1)
    )  # fmt: skip
    told = "\n".join(left)
    for words in (
        "end of the personality", "stage directions", "end of 1 of its lines", "11 of 71 lines", "nickname",
        "the card's version", "the key made_up", "the name as it was written", "1 lines of its examples",
    ):  # fmt: skip
        assert words in told, words
    assert "*" not in json.dumps(partner["lines"])
    files = skeleton("vera-and-bo", (name, "Bo"), "")
    made = check({**files, COUPLE: with_partner(files[COUPLE], partner, left)})
    assert made.couple is not None and "nickname" in made.couple.notes


def test_two_versions_are_compared_in_words() -> None:
    text = FILES[COUPLE].replace("need: What they need", "need: What she needs", 1).replace("      - {move: answer", '      - {move: answer, mood: open, say: "And you?"}\n      - {move: answer', 1)  # fmt: skip
    changed = {**FILES, COUPLE: text.replace("id: what-both-know", "id: what-they-know"), "scenarios/b.yaml": "x"}
    assert in_words(FILES, changed) == [
        "need of Ana changed", "1 line added to Ana", "fact 'what-both-know' is called 'what-they-know' now",
        "Session: b added",
    ]  # fmt: skip
    assert in_words(FILES, FILES) == [] == diff(FILES, FILES)
    place = find(FILES, "the first words of the session")
    assert place is not None and place[:2] == ("scenarios/first-session.yaml", "opening.0.say")


def test_one_session_is_told_from_a_couple() -> None:
    session = FILES["scenarios/first-session.yaml"].encode()
    assert read_session(session)[0] == "first-session"
    for read, data in ((unpack, session), (read_session, FILES[COUPLE].encode())):
        with pytest.raises(InputError, match="session"):
            read(data)


def test_the_command_line_checks_before_it_writes(tmp_path: Path) -> None:
    run = CliRunner().invoke
    for name, text, code in (("bad", FILES[COUPLE].replace("age: 40", "age: 4"), 2), ("good", FILES[COUPLE], 0)):
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
        done = run(app, ["persona", "import", str(tmp_path / f"{name}.yaml"), "--in", str(tmp_path / name)])
        assert isinstance(done.exception, InputError) == bool(code), done.output  # main() ends with 2 then
        assert (tmp_path / name / "ana-and-bo").exists() == (not code)
    shown = run(app, ["persona", "check", str(tmp_path / "good" / "ana-and-bo"), "--format", "json"])
    found = json.loads(shown.stdout)
    assert shown.exit_code == 1 and found["couples"][0]["id"] == "ana-and-bo" and found["to_mend"] > 3


def test_the_prompt_that_is_shown_is_the_one_that_went_out(room: Room) -> None:
    class Model:
        name, scripted, trained = "a model", False, False

        def __init__(self) -> None:
            self.asked: list[str] = []

        def sample(self, prompt: str, sampling: object) -> list[str]:
            self.asked.append(prompt)
            return []

    model = Model()
    own = replace(room, voice=cast(Voice, model))
    found = check(FILES)
    assert found.couple is not None
    heard = hear(own, found.couple, found.scenarios[0], "ana", mood="open", move="answer", said="Why?", seed=3)
    assert heard.prompt.endswith(tuple(found.couple.partners[0].openers["answer"])) and model.asked == [heard.prompt]


@pytest.mark.parametrize(
    "data",
    [b"{}", b"[1]", b"nothing", b"[" * 100_000, png(), png((b"tEXt", b"chara\0!!!")), png((b"tEXt", b"chara\0" + base64.b64encode(b"x"))), b"\x89PNG\r\n\x1a\n\xff\xff\xff\xff"],
)  # fmt: skip
def test_what_is_no_card_is_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        read_card(data)


@hypothesis(deadline=None, max_examples=150)
@given(data=st.binary(max_size=300))
def test_bytes_of_any_kind_are_refused_with_a_message_or_read(data: bytes) -> None:
    for read in (unpack, read_card, lambda d: unpack(b"PK" + d), lambda d: read_card(png((b"tEXt", d)))):
        try:
            read(data)
        except InputError as error:
            assert str(error)


def test_two_educators_save_one_draft_and_neither_loses_anything(store: Repository) -> None:
    m = store.manuscripts.create("ana-and-bo", "sue", FILES)
    mine, theirs = {**FILES, COUPLE: FILES[COUPLE] + "# mine\n"}, {**FILES, COUPLE: FILES[COUPLE] + "# theirs\n"}
    store.manuscripts.save(m.id, "tim", m.version, theirs)
    with pytest.raises(StaleSessionError):
        store.manuscripts.save(m.id, "sue", m.version, mine)
    assert store.manuscripts.get(m.id).files == theirs
    assert [e.files for e in store.manuscripts.editions(m.id)] == [theirs, FILES]
    with pytest.raises(InputError, match="already"):
        store.manuscripts.create("ana-and-bo", "tim", FILES)


def test_a_published_edition_is_played_and_a_running_session_keeps_its_own(room: Room, tmp_path: Path) -> None:
    store = Repository.open(f"sqlite:///{tmp_path / 'studio.sqlite3'}")
    own = replace(room, store=store)
    m = store.manuscripts.create("ana-and-bo", "sue", FILES)
    own.renew_library()
    assert "ana-and-bo" not in own.library.couples  # a draft is nobody's to practise with
    m = store.manuscripts.publish(m.id, "sue", m.version, FILES)
    own.renew_library()
    session = own.begin("ana-and-bo", "first-session", seed=1)
    list(session.answers())
    changed = {**FILES, COUPLE: FILES[COUPLE].replace('say: "Long."', 'say: "Short."')}
    later = raised(changed, FILES)
    assert "version: 0.1.1" in later[COUPLE] and "version: 0.1.0" in later["scenarios/first-session.yaml"]
    store.manuscripts.publish(m.id, "sue", m.version, later)
    own.renew_library()
    assert own.resume(session.record.id).couple.partners[0].lines[0].say == "Long."
    assert own.library.couple("ana-and-bo").partners[0].lines[0].say == "Short."
    store.manuscripts.save(m.id, "sue", store.manuscripts.get(m.id).version, FILES)
    assert store.manuscripts.get(m.id).state == "published"  # whatever its draft says, this is what is practised with
    store.manuscripts.archive(m.id, away=True)
    own.renew_library()
    assert "ana-and-bo" not in own.library.couples
    assert store.manuscripts.delete(m.id) == 1 and own.resume(session.record.id).couple.title
    store.close()


@pytest.mark.parametrize("trainee", TRAINEES)
def test_a_rehearsal_plays_the_draft_and_leaves_no_trace(room: Room, trainee: str) -> None:
    files = copy_of(room.library, "renu-and-martin", "the-draft")
    found = check(files)
    assert found.couple is not None
    before = room.store.count_sessions()
    done = rehearse(room, found.couple, files, found.scenarios[0].id, trainee, seed=1)
    assert len(done.played.turns) > 6 and done.broken == []
    assert room.store.count_sessions() == before


def test_a_principle_reaches_the_prompt_and_the_critic(room: Room) -> None:
    text = FILES[COUPLE].replace(
        "Never explains a feeling when ashamed.", "Ana never explains herself when ashamed.", 1
    )
    text = text.replace("words they would not use then", "because", 1)
    found = check({**FILES, COUPLE: text})
    assert found.couple is not None
    heard = hear(room, found.couple, found.scenarios[0], "ana", mood="ashamed", move="answer", said="Why?", seed=1)
    assert "never explains herself" in heard.prompt
    lines = [AuthoredLine("answer", "ashamed", f"I went out at {n}.") for n in range(8)]
    standard = make_standard("Ana", "Bo", lines, lines, [("ashamed", "because")])
    for mood, reason in (("ashamed", "against a principle of theirs"), ("angry", "")):
        (verdict,) = judge_candidates(["I went out because I was cold."], standard, move="answer", heard=[], said=[], prompt="", forbidden=[], mood=mood)  # fmt: skip
        assert (verdict.reason == "against a principle of theirs") == bool(reason)
