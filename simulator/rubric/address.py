"""Whom a reply speaks to, and whom a sentence is about: names, vocatives, and who spoke last."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from simulator.rubric.canon import Said

_BOTH = re.compile(
    r"\b(?:both of you|you both|you two|the two of you|you guys|each of you|between you|you(?:'re| are) both|one another|each other)\b",
    re.IGNORECASE,
)


def addressed(reply: str, turns: Sequence[Said], partners: Sequence[str]) -> list[str]:
    """Return the partners (names, in the order of `partners`) whom the reply speaks to.

    A name at an edge of a sentence or set off by commas is a vocative; "both of you" is both; with
    neither, the reply speaks to whoever spoke last.
    """
    named = [p for p in partners if _vocative(p, reply)]
    if _BOTH.search(reply.replace("’", "'")) or len(named) == 2:
        return list(partners)
    if named:
        return named
    named_at_all = [p for p in partners if mentioned(p, reply)]
    last = next((t.speaker for t in reversed(turns) if t.speaker in partners), None)
    if last is None:
        return named_at_all or list(partners)
    # "What did you hear Daniel say?" names one partner and speaks to the other.
    if named_at_all == [last] and len(partners) == 2 and re.search(r"\byou\b", reply, re.IGNORECASE):
        return [p for p in partners if p != last]
    return [last]


def asked(reply: str, partners: Sequence[str]) -> str:
    """Return the one partner who was asked something, or "" when it was both, or nobody by name.

    Whoever was called by name last is asked the questions that follow: "Martin, the two of you stop talking then. What
    would you want her to hear?" asks Martin, and so does "Martin, could you tell her? Renu, only listen." Questions
    before any name count for nobody, and the last one to both for both; where there is no question, the only one who was
    called by name was asked.
    """
    now: str | None = None  # nobody yet; "" is both
    questioned: list[str] = []
    called: set[str] = set()
    for sentence in re.split(r"(?<=[.!?…])\s+", reply.replace("’", "'").strip()):
        named = [p for p in partners if _vocative(p, sentence)]
        called |= set(named)
        if len(named) == 1:
            now = named[0]
        elif named or _BOTH.search(sentence):
            now = ""
        if now is not None and re.search(r"\?[\"')]*$", sentence):
            questioned.append(now)
    if questioned:
        return questioned[-1] if len(set(filter(None, questioned))) == 1 else ""
    return (now or "") if len(called) == 1 else ""


def subject(sentence: str, spoken_to: Sequence[str], partners: Sequence[str], *, against: bool) -> str:
    """Return the partner a coded sentence is about.

    `against` is true for codes whose subject is the one who loses by it: then a partner who is named but
    not spoken to comes first ("he is a narcissist, Maya" is about him).
    """
    vocative = [p for p in partners if _vocative(p, sentence)]
    others = [p for p in partners if mentioned(p, sentence) and p not in vocative]
    if against:
        if len(others) == 1:
            return others[0]
        third = re.search(r"\b(?:he|she|him|her|his|hers)\b", sentence, re.IGNORECASE)
        second = re.search(r"\byou(?:r|rs|'re)?\b", sentence, re.IGNORECASE)
        to = vocative[0] if len(vocative) == 1 else (spoken_to[0] if len(spoken_to) == 1 else partners[0])
        if third and not second:
            return next((p for p in partners if p != to), to)
        return to
    if len(vocative) == 1:
        return vocative[0]
    if len(spoken_to) == 1:
        return spoken_to[0]
    return others[0] if len(others) == 1 else (spoken_to[0] if spoken_to else partners[0])


def mentioned(name: str, text: str) -> bool:
    """Whether the name stands in the text as a word of its own."""
    return bool(_patterns(name)[-1].search(text))


def _vocative(name: str, text: str) -> bool:
    return any(pattern.search(text) for pattern in _patterns(name)[:-1])


@lru_cache(maxsize=4096)
def _patterns(name: str) -> tuple[re.Pattern[str], ...]:
    """Return the forms in which a name is called out, and last the bare name."""
    n = re.escape(name)
    leading = r"\b(?:and|so|okay|ok|well|hey|oh|yes|no|but)\s+"
    return (
        re.compile(rf"(?:^|[.!?…;:]\s+|{leading}|[\"'(]){n}\s*[,—–\-:]", re.IGNORECASE),
        re.compile(rf"[,—–\-]\s*{n}\s*(?:[,.!?…;:—–]|$)"),
        re.compile(rf"\byou(?:'re|’re| are)?(?:\s+\w+)?\s+{n}\s*[,.!?]", re.IGNORECASE),
        re.compile(rf"^{n}\s+and\s+\w+\s*,|,\s*\w+\s+and\s+{n}\b"),
        re.compile(rf"\b{n}\b"),
    )
