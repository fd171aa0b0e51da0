"""How hard a text is to read: a school grade from the length of its sentences and words."""

from __future__ import annotations

import re

from simulator.text import words

_SILENT = re.compile(r"(?:[^laeiouycghsxz]es|[^laeiouydt]ed|[^laeiouy]e)$")
_VOWELS = re.compile(r"[aeiouy]+")


def grade(text: str) -> float:
    """Return the Flesch-Kincaid grade of an English text: the years of school that it asks for.

    .39 words a sentence + 11.8 syllables a word - 15.59, from Kincaid, Fishburne, Rogers and Chissom 1975, Derivation of
    new readability formulas for Navy enlisted personnel, Research Branch Report 8-75. Syllables are counted as groups of
    vowels less silent endings, so that it is good for a comparison and not to the decimal.
    """
    sentences = [said for s in re.split(r"[.!?…:;]+(?=\s|$)", text) if (said := words(s))]
    every = [word for said in sentences for word in said]
    if not every:
        return 0.0
    return 0.39 * len(every) / len(sentences) + 11.8 * sum(map(syllables, every)) / len(every) - 15.59


def syllables(word: str) -> int:
    """Return about how many syllables a word has; at least one."""
    plain = word.lower().split("'")[0]
    return max(1, len(_VOWELS.findall(_SILENT.sub("", plain) if len(plain) > 3 else plain)))
