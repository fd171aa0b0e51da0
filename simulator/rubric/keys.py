"""What every key of the rubric's files is for: one text for the JSON schemas and the docs."""

from __future__ import annotations

_LABELLED = {
    "id": "Unlike any other id in the folder.",
    "context": "The situation that it belongs to; all examples of one context are in one split.",
    "split": "train, development or test.",
    "partners": "Their two names.",
}

# Model -> key -> what somebody who changes it needs to know.
KEYS: dict[str, dict[str, str]] = {
    "CodeBook": {
        "format": "The version of this file's shape: 1.",
        "id": "Whose code book it is; every score carries it with the version.",
        "version": "Three numbers; raise the last one when you change anything.",
        "language": "The language of the replies that it is for: en.",
        "author": "Who wrote it.",
        "licence": "Under which licence others may use it.",
        "codes": "Behaviours that can be pointed at in a sentence of a reply.",
        "opportunities": "What a client turn can offer; a skill is scored when there was something to answer.",
    },
    "Code": {
        "id": "A short name in small letters with underscores; rules, bids and examples name it.",
        "skill": "The skill that it mostly belongs to; the rules of any skill may use it.",
        "effect": "Whether it helps that skill or hurts it.",
        "definition": "What a sentence does that shows it, so that two raters would agree.",
        "why": "Why it matters, with the source.",
        "say": "How a supervisor would put it to the trainee.",
    },
    "Opportunity": {
        "id": "A short name in small letters with underscores; rules and examples name it.",
        "definition": "What a client turn does that offers it.",
        "skill": "The skill that it gives a chance to show.",
        "say": "How it is put to the trainee.",
    },
    "LevelRules": {
        "format": "The version of this file's shape: 1.",
        "confident": "The confidence, 0 to 1, from which a code counts.",
        "possible": "The confidence from which a code is shown as possible.",
        "skills": "The table of each skill.",
    },
    "SkillRules": {
        "title": "What the skill is called.",
        "levels": "Five short names, for level 1 to 5.",
        "whole": "The share of the score that the trained reading of the whole reply has, 0 to 1; the rules have the rest.",
        "cuts": "The four scores from which the next level is given.",
        "needs": "Opportunities of which one must have been offered; without any the skill has no opportunity.",
        "rules": "Rows that are read from the top: the first one whose conditions all hold gives the level.",
        "principle": "What to do, in a sentence, when nothing closer to the moment is known.",
        "meaning": "What a reply of each level does, for level 1 to 5.",
        "better": "For an opportunity, a way to answer it.",
    },
    "Rule": {
        "level": "The level that this row gives, 1 to 5.",
        "any_of": "Codes of which the reply shows at least one; empty means any reply.",
        "and_any_of": "More codes of which it shows at least one too.",
        "all_of": "Codes that it shows all of.",
        "none_of": "Codes of which it shows not one.",
        "offered": "Opportunities of which one stands before the reply.",
        "ends_with": "Codes of which the last coded sentence shows one.",
        "why": "The sentence that tells the trainee why it is this level.",
    },
    "Turn": {"speaker": "A partner's name, or therapist.", "text": "What was said."},
    "SentenceExample": {
        **_LABELLED,
        "code": "The code that the sentence was written for.",
        "kind": "Whether it shows the code or only nearly.",
        "client": "The client turns that it answers.",
        "sentence": "The sentence of the reply.",
        "codes": "Every code that it shows.",
    },
    "OpportunityExample": {
        **_LABELLED,
        "before": "The turns before it.",
        "speaker": "Who says it.",
        "text": "The client turn.",
        "opportunities": "Every opportunity that it offers.",
    },
    "ReplyExample": {
        **_LABELLED,
        "turns": "The turns before the reply.",
        "opportunities": "What these turns offer.",
        "reply": "Its sentences, each with its codes.",
        "levels": "The level of each skill, 1 to 5; empty where there was no opportunity.",
        "contrast": "What sets it apart from the other replies of its context.",
        "reason": "Why these levels.",
    },
}
