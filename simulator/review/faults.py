"""What is wrong with a partner's line in a played session, found in the transcript and not by asking the critic again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from simulator.couple import Couple
from simulator.couple.wordlists import EXPLICIT
from simulator.embedding import embed
from simulator.language import another_language
from simulator.review.played import Played
from simulator.rubric import THERAPIST
from simulator.store import TurnRecord
from simulator.text import words

NEAR = 0.93  # cosine similarity of two lines of one session from which they count as a near repeat
# Who stands before a colon in a screenplay, besides the two: "Yes or no: ..." is a way to talk.
_ROLES = (
    "the therapist",
    "therapist",
    "counsellor",
    "counselor",
    "narrator",
    "both",
    "user",
    "assistant",
    "system",
    "client",
)
_LEAK = re.compile(
    r"system prompt|language model|as an ai\b|screenplay|from other sessions|\[inst|<\||\bassistant\b", re.IGNORECASE
)
_THERAPIST_TALK = re.compile(
    r"\b(?:how does that make you feel|(?<!when )i hear that you|as your therapist|let's explore|in this session we|my client|thank you for sharing)\b",
    re.IGNORECASE,
)
_OWNS = re.compile(
    r"\bI(?:'d| had| have|'ve)? (?:cheated|slept with|had an? affair|betrayed you)|\bmy affair\b", re.IGNORECASE
)
_BLAMES = re.compile(
    r"\byou(?:'d| had| have|'ve)? (?:cheated|slept with|had an? affair|betrayed me)|\byour affair\b", re.IGNORECASE
)


def breaks(p: Played, index: int, turn: TurnRecord, couple: Couple) -> Iterator[dict[str, str]]:
    """Yield what in a partner's line steps out of the role, or gives away what was not told."""

    def broken(what: str) -> dict[str, str]:
        return {"couple": couple.id, "trainee": p.plan.trainee, "what": what, "line": turn.text, "source": turn.source}

    if _speaks_for(tuple(q.name for q in couple.partners)).search(turn.text):
        yield broken("speaks for another")
    if _LEAK.search(turn.text):
        yield broken("leaks the prompt or steps out of the role")
    if re.search(rf"\b{re.escape(turn.speaker)}\b", turn.text):
        yield broken("names themselves")
    speaker = next(q for q in couple.partners if q.name == turn.speaker)
    other = couple.other(speaker.id)
    if re.search(rf"\b(?:I'm|I am|my name is) {re.escape(other.name)}\b", turn.text, re.IGNORECASE):
        yield broken("takes the other for themselves")
    if speaker.broke_the_agreement != other.broke_the_agreement:
        wrong = _BLAMES if speaker.broke_the_agreement else _OWNS
        if wrong.search(turn.text):
            yield broken("has done what the other did")
    if _THERAPIST_TALK.search(turn.text):
        yield broken("talks like a therapist")
    if len(words(turn.text)) > 3 and another_language(turn.text):
        yield broken("another language")
    flat = f" {' '.join(words(turn.text))} "
    if any(f" {x} " in flat for x in EXPLICIT):
        yield broken("sexual detail")
    # Secrets told so far are those whose disclosure this partner said or heard at or before this turn.
    heard = " ".join(t.text for t in p.turns[: index + 1] if t.move == "disclose" and turn.speaker not in t.absent)
    for fact in couple.facts:
        if len(fact.known_by) != 1 or any(d in heard for d in fact.disclosure):
            continue
        if any(f" {' '.join(words(g))} " in flat for g in fact.giveaways):
            yield broken(f"gives away {fact.id}")


@lru_cache(maxsize=64)
def _speaks_for(names: tuple[str, ...]) -> re.Pattern[str]:
    """Return what finds a line that is written as somebody's in a screenplay, as in "Daniel (quietly): ..."."""
    known = dict.fromkeys([*names, *(n.split()[0] for n in names if n.split()), *_ROLES])
    every = "|".join(re.escape(n) for n in sorted(known, key=len, reverse=True))
    return re.compile(rf"(?:^|\n)\s*(?:{every})\s*(?:\([^)]*\)|\[[^\]]*\])?\s*:|\btherapist:", re.IGNORECASE)


def repeats(p: Played) -> list[dict[str, str]]:
    """Return the lines of a session that were said before, or nearly."""
    said = [t for t in p.turns if t.speaker != THERAPIST and t.text != "..." and len(words(t.text)) >= 3]
    if len(said) < 2:
        return []
    vectors = embed([t.text for t in said])
    found = []
    for i in range(1, len(said)):
        near = vectors[:i] @ vectors[i]
        at = int(near.argmax())
        same = _shared_run(words(said[at].text), words(said[i].text))
        if float(near[at]) >= NEAR or same >= 7:
            found.append({"couple": p.plan.couple, "earlier": said[at].text, "line": said[i].text})
    return found


def _shared_run(a: Sequence[str], b: Sequence[str]) -> int:
    """Return the length of the longest run of words that both hold."""
    best = 0
    row = [0] * (len(b) + 1)
    for x in a:
        new = [0] * (len(b) + 1)
        for j, y in enumerate(b):
            if x == y:
                new[j + 1] = row[j] + 1
                best = max(best, new[j + 1])
        row = new
    return best


def rate(part: float, whole: int, per: int = 1) -> float | None:
    """Return `part` of `whole` (times `per`), rounded, or None of nothing."""
    return round(per * part / whole, 3) if whole else None
