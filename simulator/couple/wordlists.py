"""Words that an author is asked to look at again. A list can be wrong: all but explicit words are thoughts to consider."""

from __future__ import annotations

# What partners in a first crisis seldom say of themselves.
CLICHES = (
    "toxic", "gaslight", "gaslighting", "boundaries", "safe space", "my truth", "trauma response", "attachment style",
    "love language", "communicate better", "open and honest", "hold space", "do the work", "on this journey", "closure",
    "codependent", "narcissist", "emotional labour", "emotionally available", "triggered me", "validate my feelings",
    "i feel unheard", "i hear you", "moving forward", "at the end of the day", "it takes two",
)  # fmt: skip

EXPLICIT = (
    "blowjob", "blow job", "penis", "vagina", "cock", "cum", "orgasm", "orgasmed", "masturbate", "masturbated",
    "masturbating", "penetrated", "penetration", "naked body", "clit", "erection", "ejaculate", "thrusting",
)  # fmt: skip

# Theme -> words that show it, words of a content note that cover it.
THEMES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "violence or fear at home": (
        ("hit me", "hit her", "hit him", "slapped", "punched", "shoved", "by the throat", "afraid of you", "locked me"),
        ("violence", "fear", "safety", "frighten", "control"),
    ),
    "suicide or self-harm": (
        ("kill myself", "killed himself", "killed herself", "suicide", "end my life", "cut myself", "overdose"),
        ("suicide", "self-harm", "self harm"),
    ),
    "sexual assault": (("raped", "rape", "assaulted", "forced himself", "forced me"), ("assault", "rape", "consent", "violation")),
    "losing a pregnancy or a child": (
        ("miscarriage", "miscarried", "stillborn", "abortion", "we lost the baby"),
        ("miscarriage", "pregnancy", "loss", "baby", "stillbirth", "abortion"),
    ),
    "drink or drugs": (("drunk every", "rehab", "cocaine", "heroin", "alcoholic", "relapsed"), ("drink", "drug", "alcohol", "addiction")),
    "a serious illness": (("chemo", "cancer", "terminal", "dialysis"), ("illness", "cancer", "health", "ill")),
}  # fmt: skip

# Pattern, and the thought it asks for.
STEREOTYPES: tuple[tuple[str, str], ...] = (
    (r"\b(?:wo)?men (?:are|always|never|can't|don't)\b", "a sentence about all men or all women"),
    (r"\b(?:typical|like all|just like every) (?:\w+ ){0,2}(?:man|men|woman|women|girl|guy|bloke|wife|husband)\b", "a type, not a person"),
    (r"\b(?:fiery|hot-blooded|exotic|submissive|inscrutable|sassy|bossy|hysterical|shrill)\b", "a word that often goes with a type"),
    (r"\b(?:in|of) (?:my|his|her|their|our) culture\b", "a culture made to speak for a person: what does this family do?"),
    (r"\b(?:gay|lesbian|bi|trans|queer) (?:men|women|people|couples|lifestyle)\b", "an orientation made to speak for a person"),
    (r"\b(?:working|lower|upper)[- ]class (?:men|women|people|families)\b", "a class made to speak for a person"),
    (r"\b(?:these|those|you) people\b", "a group spoken of as one"),
)  # fmt: skip

# Words that tell nothing of what a sentence is about.
SMALL = frozenset({
    "about", "after", "again", "also", "asked", "because", "been", "before", "both", "came", "come", "from", "have",
    "into", "just", "like", "more", "only", "over", "said", "that", "their", "them", "then", "there", "they",
    "this", "told", "very", "went", "were", "what", "when", "where", "which", "while", "will", "with", "without",
    "would", "year", "years",
})  # fmt: skip
