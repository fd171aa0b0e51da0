"""What no partner's line may be or say, decided by rule; each function says why not, or ""."""

from __future__ import annotations

import re
from collections.abc import Sequence

from simulator.language import another_language
from simulator.text import words
from simulator.voice.standard import Standard

MAX_WORDS = 45
MIN_WORDS = 3
SHORT_MOVES = frozenset({"withdraw", "interrupt", "deflect"})

# Capitals that anybody may use.
_EVERYBODYS = frozenset(
    [
        "i",
        "i'm",
        "i've",
        "i'd",
        "i'll",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "christmas",
        "easter",
        "eid",
        "diwali",
        "god",
        "jesus",
        "christ",
        "lord",
        "english",
        "british",
        "mum",
        "mam",
        "dad",
        "mama",
        "mother",
        "father",
        "gran",
        "nan",
        "okay",
        "ok",
        "tv",
    ]
)
# What only the one who broke the agreement can say of themselves, and what only the other one can say to them.
_CONFESSES = re.compile(
    r"\bI(?:'ve| have|'d| had)? (?:cheated|betrayed you|lied to you|slept with|been (?:unfaithful|seeing)|broken? (?:the|our) agreement"
    r"|had an? affair)|\bmy affair\b|\bI was (?:seeing|sleeping with|with (?:her|him|another|someone))",
    re.IGNORECASE,
)
_ACCUSES = re.compile(
    r"\b(?:you|she|he|they)(?:'ve|'s| have| has|'d| had)? (?:cheated|betrayed me|slept with|been (?:unfaithful|seeing)|had an? affair)"
    r"|\byour affair\b|\byou lied to me\b|\byou were (?:seeing|sleeping with|with (?:her|him|another|someone))",
    re.IGNORECASE,
)

_SPEAKER = re.compile(r"\b[A-Z]{2,}\s*(?:\([^)]*\))?\s*:|\btherapist\b\s*:|^\w+\s*\([^)]*\)\s*:", re.IGNORECASE)
_MARKUP = re.compile(
    r"[<>{}\[\]#*_`|\\]|https?:|\b(?:transcript|screenplay|prompt|character|dialogue)\b", re.IGNORECASE
)


def form(text: str, standard: Standard, move: str) -> str:
    """Return what is wrong with the shape of a line, whoever says it."""
    said = words(text)
    if not said:
        return "says nothing, or does not finish"
    if len(said) < (1 if move in SHORT_MOVES else MIN_WORDS):
        return "too short"
    if len(said) > MAX_WORDS:
        return "too long"
    if _SPEAKER.search(text):
        return "speaks for another"
    if _MARKUP.search(text):
        return "markup"
    if "(" in text or ")" in text:
        return "stage direction"
    if re.search(rf"\b{re.escape(standard.speaker)}\b", text):
        return "speaks of themselves by name"
    if re.search(rf"\b(?:I am|I'm|my name is) {re.escape(standard.other)}\b", text, re.IGNORECASE):
        return "takes the other for themselves"
    if any(ord(c) > 0x24F and c not in "…'‘’“”–—" for c in text) or (len(said) > 3 and another_language(text)):
        return "another language"
    if len(said) >= 8 and len(set(said)) / len(said) < 0.5:
        return "stutters"
    return ""


def leaks(text: str, prompt: str, forbidden: Sequence[str]) -> str:
    """Return why a line gives away what is not open or reads the prompt out, or ""."""
    said = words(text)
    flat = f" {' '.join(said)}"
    for giveaway in forbidden:
        # From the beginning of a word: "deposit on it" holds no "sit on it".
        if f" {' '.join(words(giveaway))}" in flat:
            return "tells what is not open"
    if prompt and len(said) >= 5:
        read = " ".join(words(prompt))
        size = min(6, len(said))
        for i in range(len(said) - size + 1):
            if " ".join(said[i : i + size]) in read:
                return "copies the prompt"
    return ""


def against_principles(text: str, mood: str, standard: Standard) -> str:
    """Return why this partner never talks like this (in this mood)."""
    flat = f" {' '.join(words(text))} "
    for when, avoided in standard.avoided:
        if when in ("", mood) and f" {' '.join(words(avoided))} " in flat:
            return "against a principle of theirs"
    return ""


def repeats(text: str, said: Sequence[str]) -> str:
    """Return why a line is one that was said before, or ""."""
    own = words(text)
    for earlier in said:
        theirs = words(earlier)
        if own == theirs:
            return "repeats an earlier line"
        size = 5  # so many words in a row are the same line said again
        if len(own) >= size:
            grams = {tuple(theirs[i : i + size]) for i in range(len(theirs) - size + 1)}
            if any(tuple(own[i : i + size]) in grams for i in range(len(own) - size + 1)):
                return "repeats an earlier line"
    return ""


def out_of_the_story(text: str, standard: Standard, told: Sequence[str]) -> str:
    """Return what a line says that is not so: somebody else's deed, or a name or year that nobody has heard of.

    `told` is what has been said and what is known; the couple's own lines may always be drawn on.
    """
    if standard.broke_it is not None and (_ACCUSES if standard.broke_it else _CONFESSES).search(text):
        return "the other one's deed"
    known = standard.vocabulary.union(*(words(t) for t in told))
    for name in re.findall(r"(?<=[a-z,;] )[A-Z][\w'’]+|\b(?:1[89]|20)\d\d\b", text):
        own = words(name)
        if not own or own[0] in _EVERYBODYS or own[0] in known or own[0].removesuffix("'s") in known:
            continue
        return f"nobody knows of {name}"
    return ""
