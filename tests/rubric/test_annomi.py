from __future__ import annotations

from pathlib import Path

import pytest

from simulator.errors import InputError
from simulator.rubric.annomi import agreement
from simulator.session import Room

HEAD = "transcript_id,mi_quality,utterance_id,interlocutor,utterance_text,main_therapist_behaviour,client_talk_type\n"
ROWS = [
    ("client", "I know I drink too much, my wife says so every day.", "n/a"),
    ("therapist", "What is it like for you when she says that?", "question"),
    ("client", "I get angry, and then I'm ashamed.", "n/a"),
    ("therapist", "You're angry, and ashamed right after.", "reflection"),
    ("client", "Yes.", "n/a"),
    ("therapist", "You should see your doctor and stop buying it, that helps most people.", "therapist_input"),
    ("client", "Maybe.", "n/a"),
    ("therapist", "Mm-hm.", "other"),
]


def test_the_four_behaviours_are_told_apart(room: Room, tmp_path: Path) -> None:
    path = tmp_path / "annomi.csv"
    path.write_text(HEAD + "".join(f'0,high,{i},{who},"{text}",{b},n/a\n' for i, (who, text, b) in enumerate(ROWS)))
    value = agreement(room.engine, path)
    assert value["utterances"] == 4 and value["kappa"] >= 0.5
    assert set(value["f1"]) == {"reflection", "question", "therapist_input", "other"}


@pytest.mark.parametrize(
    "bad", ["", "a,b\n1,2\n", HEAD, HEAD.replace("utterance_id", "n") + "x", HEAD + "0,h,x,a,b,c,d\n"]
)
def test_another_file_is_refused(room: Room, tmp_path: Path, bad: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(bad)
    with pytest.raises(InputError, match=r"x\.csv"):
        agreement(room.engine, path)
