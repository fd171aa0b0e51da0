"""From the codes of a reply to acts: which of the partners each coded sentence is about."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from simulator.rubric import ReplyScore, Sentence, asked, mentioned, subject
from simulator.session.effects import AGAINST, SIDES
from simulator.session.state import Act

# What reaches one partner even when it is said to both without a name.
_TO_ONE = frozenset({"side_with", "private_alliance", "keep_secret", "carry_message"})


def acts_of(score: ReplyScore, ids: Mapping[str, str]) -> list[Act]:
    """Return what a scored reply did, code by code, and to whom; `ids` are the partners' ids by name."""
    names = list(ids)
    sided = {
        (sentence.start, subject(sentence.text, score.addressed, names, against=False))
        for sentence, code in score.held
        if code == "side_with"
    }
    acts: list[Act] = []
    for sentence, code in score.held:
        about = subject(sentence.text, score.addressed, names, against=code in AGAINST)
        if code in SIDES & AGAINST and _spared(sentence, about, sided):
            about = next(n for n in names if n != about)
        acts.append(Act(code, ids[about]))
        to_both = (
            len(score.addressed) == 2
            and about == score.addressed[0]
            and not any(mentioned(n, sentence.text) for n in names)
        )
        if to_both and code not in AGAINST | _TO_ONE:
            acts.append(Act(code, ids[score.addressed[1]]))
    return acts


def brought(score: ReplyScore, names: Sequence[str]) -> str:
    """Return the partner (name) who was called on to speak to the other one, or "".

    "Ana, could you tell him that? Bo, just listen" calls on Ana: the words to her speak of the other.
    """
    called = [(asked(s.text, names), s.text) for s, code in score.held if code == "invite_direct"]
    called = [(one, text) for one, text in called if one]
    for one, text in called:
        other = next(n for n in names if n != one)
        if mentioned(other, text) or re.search(r"\b(?:him|her|them)\b", text, re.IGNORECASE):
            return one
    return called[0][0] if called else ""


def _spared(sentence: Sentence, about: str, sided: set[tuple[int, str]]) -> bool:
    """Whether the partner a sentence seems to be against is the one whom this reply sides with.

    "You are right, Samuel, a wife should forgive", and "A wife should forgive" after it, are not against Samuel.
    """
    if (sentence.start, about) in sided:
        return True
    return any(name == about for _, name in sided) and not re.search(r"\byou\b", sentence.text, re.IGNORECASE)
