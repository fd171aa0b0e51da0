"""Whether a reply can be read at all: in English, and made of words."""

from __future__ import annotations

from collections.abc import Callable

from simulator.language import another_language
from simulator.text import words

# Words without which hardly an English sentence is said.
_COMMON = """
a about again all am an and are as at be because been both but by can could did do does don't even feel for
from had has have he hear her here him his how i i'm if in is it it's just know let like me mean more much my
need no not now of oh okay on one or our out please right say see she sit so some something sorry stay still
tell thank thanks that that's the their them then there they think this to too up us very want was we were
what when where which who why will with would yeah yes you you're your yours
"""
_FUNCTION = frozenset(_COMMON.split())

NOT_ENGLISH = "The reply does not look like English; only English can be scored."


def unreadable(text: str, pieces: Callable[[str], list[str]]) -> str:
    """Return why `text` cannot be scored, or "" when it can.

    Its letters and their order tell another language; `pieces` is the coder's own tokenizer: a text whose words fall apart into many pieces and that has hardly an
    English function word is not language.
    """
    found = words(text)
    letters = sum(c.isalpha() for c in text)
    if not found or letters < 2:
        return "There are no words to score."
    plain = sum(c.isascii() for c in text if c.isalpha())
    if plain < 0.6 * letters or another_language(" ".join(found[:200])):
        return NOT_ENGLISH
    share = sum(w.strip("'") in _FUNCTION for w in found) / len(found)
    split = len(pieces(" ".join(found[:120]))) / min(len(found), 120)
    if len(found) >= 4 and share < 0.12 and split > 1.75:
        return NOT_ENGLISH
    if len(found) < 4 and share == 0 and split > 2.5:
        return "The reply cannot be read as words."
    return ""
