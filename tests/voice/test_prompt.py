from __future__ import annotations

from simulator.voice.prompt import Spoken, history


def test_the_history_keeps_its_beginning_for_many_turns_once_it_is_full() -> None:
    turns = [Spoken("Renu", f"That was on day number {n:03d} of the list.") for n in range(300)]
    starts = [history(turns[:n], characters=2000).splitlines()[0] for n in range(1, len(turns) + 1)]
    kept = [starts.count(s) for s in dict.fromkeys(starts)][:-1]
    assert len(kept) > 5 and min(kept) >= 20
    assert all(len(history(turns[:n], characters=2000)) <= 2000 for n in range(1, len(turns) + 1))
