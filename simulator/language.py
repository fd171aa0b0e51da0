"""Telling English from other languages that are written in the same letters."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

# What a text is compared with; of other scripts the letters tell.
_LANGUAGES = (
    "en", "af", "ca", "cs", "cy", "da", "de", "es", "et", "fi", "fr", "ga", "hr", "hu", "id", "it", "lt", "lv", "ms",
    "nl", "no", "pl", "pt", "ro", "sk", "sl", "sq", "sv", "sw", "tl", "tr", "vi",
)  # fmt: skip

# Of 4,600 labelled English replies and sentences none is as little like English as this.
_ENGLISH_AT_LEAST, _OTHER_AT_LEAST = 0.01, 0.5


def another_language(text: str) -> bool:
    """Return whether `text` is surely in another language, by byte n-grams (Lui and Baldwin 2012, langid.py)."""
    ranked = _identifier().rank(text)
    likely = {language: float(p) for language, p in ranked}
    top = ranked[0][0]
    return top != "en" and likely[top] >= _OTHER_AT_LEAST and likely["en"] < _ENGLISH_AT_LEAST


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(_LANGUAGES))
    return identifier
