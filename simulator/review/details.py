"""What looks like a real person's details: in a reply, or in a transcript that is brought in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from simulator.store import Repository, SessionRecord

# What real people's records hold and a made-up couple does not need.
_DETAILS = {
    "e-mail": re.compile(r"\b[\w.+-]+@[\w-]+\.[\w.-]*\w"),
    "phone": re.compile(r"(?<![\w.])\+?\d[\d ()/.-]{7,}\d(?!\w)"),
    "record number": re.compile(r"\b(?:NHS|MRN|SSN|record|case|file|patient|policy)\s*(?:no\.?|number|#)\s*:?\s*[\w-]*\d[\w-]*", re.I),
    "date of birth": re.compile(r"\b(?:born|dob|date of birth)\b\W*(?:on\s+)?\d[\w ./-]{4,}\d", re.I),
    "address": re.compile(
        r"\b\d{1,4}[a-z]?\s+(?:[A-Z][\w'-]+\s+){1,3}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Drive|Close|Court|Way|Square|Place|Terrace"
        r"|Crescent|Gardens|Grove|Hill|Park|Row|Walk|Mews|Boulevard|Blvd|Green|View|Rise|Parade|Buildings|House)\b"
    ),
    "postcode": re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2}\b"),
    "full name": re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof)\.?\s+[A-Z][a-z'-]+(?:\s+[A-Z][a-z'-]+)?|\b[A-Z][a-z]+\s+[A-Z][a-z]{2,}(?=[,.;]? (?:is|was|who|lives|said|works)\b)"),
}  # fmt: skip
_FULL = re.compile(r"[^\W\d_]{2,}[.]?(?:\s+[^\W\d_][\w'’-]+)+")


def looks_real(text: str, known: frozenset[str] = frozenset()) -> list[str]:
    """Return the spans of `text` that look like a real person's details, and the names in it that are not `known`.

    It is a search by form and can miss some.
    """
    found = [m.group(0).strip() for pattern in _DETAILS.values() for m in pattern.finditer(text)]
    return list(dict.fromkeys([*found, *strangers(text, known)]))


def full_name(name: str) -> bool:
    """Return whether what a speaker is called is a first name and a surname."""
    return bool(_FULL.fullmatch(name.strip())) and all(w[0].isupper() for w in name.split())


def redacted(text: str, known: frozenset[str] = frozenset()) -> str:
    """Return `text` with such spans replaced by what they were."""
    for kind, pattern in _DETAILS.items():
        text = pattern.sub(f"[{kind}]", text)
    for name in strangers(text, known):
        text = re.sub(rf"\b{re.escape(name)}\b", "[name]", text)
    return text


def renamed(text: str, names: Mapping[str, str]) -> str:
    """Return `text` with people called otherwise, by their whole name or a part of it."""
    for name, new in names.items():
        for part in (name, *(w for w in name.split() if len(w) > 1)):
            text = re.sub(rf"\b{re.escape(part)}\b", new, text)
    return text


def story(store: Repository, record: SessionRecord) -> frozenset[str]:
    """Return the names that a session brings up: the couple's story, and what was said in it."""
    told = [store.document(h) for h in {record.couple_hash, record.scenario_hash}]
    return names_in([*told, *(w for t in store.turns(record.id) for w in (t.speaker, t.text))])


# Capitalised in the middle of a sentence without naming anybody.
_COMMON = """
I I'm I've I'd I'll Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April
May June July August September October November December Christmas Easter Eid Diwali Ramadan Lent Advent
Passover God Lord Christian Muslim Jewish Hindu Sikh Buddhist Catholic Protestant English British Irish
Scottish Welsh American African Asian European Indian Chinese French German Spanish Polish Portuguese OK TV
Mum Dad Mummy Daddy Mom Gran Grandma Grandpa WhatsApp Facebook Instagram Google Zoom Skype Tinder Grindr
AIDS HIV PTSD ADHD IVF GP NHS
"""
_NOBODY = frozenset(_COMMON.split())
_WORD = re.compile(r"[^\W\d_][\w'’-]*")


def names_in(texts: Iterable[str]) -> frozenset[str]:
    """Return every capitalised word of texts, possessives bare: the names of a couple's story among them."""
    return frozenset(_bare(w) for text in texts for w in _WORD.findall(text) if w[0].isupper())


def strangers(text: str, known: frozenset[str]) -> list[str]:
    """Return the names in a reply that nobody in the couple's story has: capitalised inside a sentence, and unknown."""
    found = []
    for match in _WORD.finditer(text):
        word = _bare(match.group())
        before = text[: match.start()].rstrip(" \"'“‘(")
        if (
            word[0].isupper()
            and before
            and before[-1] not in ".!?…:;-–—\n"
            and word not in _NOBODY
            and word not in known
        ):
            found.append(word)
    return list(dict.fromkeys(found))


def _bare(word: str) -> str:
    return re.sub(r"['’]s?$", "", word)
