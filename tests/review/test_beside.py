"""Two voices word the same moments; each is judged, and neither can be told from the lines that are read."""

from __future__ import annotations

from dataclasses import replace

from simulator.review.beside import Beside, compared, to_read
from simulator.review.played import plans, play
from simulator.session import Room
from simulator.store import Repository
from simulator.voice import ALWAYS_ASK, Sampling
from tests.voice.test_speak import Writing

NAMES = ("without", "with")


class Telling(Writing):
    """A voice that always has the same kind of line."""

    def sample(self, prompt: str, how: Sampling) -> list[str]:
        self.asked += how.n
        return [f" {self.more} That is number {how.seed % 97}."] * how.n


def test_both_word_every_moment_and_are_judged_alike(room: Room) -> None:
    bad, good = Telling("", "THERAPIST: I hear you."), Telling("", "I counted the bins on Tuesday, all four of them.")
    settings = room.settings.model_copy(update={"candidates": 2, "authored_from": ALWAYS_ASK})
    other = Room(settings, room.library, Repository.open("sqlite://"), room.engine, Beside(bad, good))
    plan = replace(plans(room.library, 1, seed=3)[0], couple="renu-and-martin", scenario="fifth-session")
    played = [play(other, plan, replies=4)]
    figures = compared(played, NAMES)
    assert figures["moments"] == bad.asked == good.asked > 2
    assert figures["passes"]["without"] == 0 < figures["passes"]["with"]
    assert set(figures["by_couple"]) == {"renu-and-martin"}
    rows, key = to_read(played, NAMES, seed=1)
    assert len(rows) == len(key) == 2 * figures["moments"] and {r["id"] for r in rows} == set(range(len(rows)))
    assert not any(name in str(row) for row in rows for name in ("without", "'with'"))
    assert all(("hear you" in row["line"]) == (name == "without") for row, name in zip(rows, key, strict=True))
