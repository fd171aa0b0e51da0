"""What every key of a couple and a scenario is for, and every mood: one text for the studio, the JSON schemas and the docs."""

from __future__ import annotations

from simulator.described import keys_table

# Model -> key -> what an author needs to know of it.
KEYS: dict[str, dict[str, str]] = {
    "Couple": {
        "format": "The version of this file's shape: 1.",
        "id": "A short name in small letters with hyphens; sessions refer to it, so it stays.",
        "version": "Three numbers; publishing raises the last one when you have not.",
        "title": "What a trainee sees in the list: their names, and where they stand.",
        "language": "The language they speak: en.",
        "author": "Who wrote them.",
        "licence": "Under which licence others may use them.",
        "summary": "Two to four sentences for the brief: who they are, what happened, what still holds.",
        "content_note": "What a trainee should know before they begin, and what is left out.",
        "partners": "The two of them.",
        "history": "Dated events that both lived through, in order.",
        "facts": "Things that are so: who knows each, who suspects it, and what opens it.",
        "notes": "For other authors; no trainee and no model sees it.",
    },
    "Partner": {
        "id": "A short name in small letters; scenarios refer to it.",
        "name": "What they are called in the room.",
        "age": "In years.",
        "pronouns": "For other authors and the brief.",
        "broke_the_agreement": "Whether it was this one who did.",
        "work": "What they do all day, in a few words.",
        "background": "Where they come from and what that taught them; the model reads it.",
        "speech": "How one would know them with eyes shut: length, words, what they never say.",
        "need": "The attachment need beneath it all.",
        "fear": "What they fear it means.",
        "protest": "What they do when the need is not met.",
        "triggers": "What sets them off in the room.",
        "softens": "What lets them come nearer.",
        "hardens": "What makes them colder or louder.",
        "openers": "Beginnings that a line of a move may take; the model goes on from there.",
        "principles": "How they never talk; they reach the prompt and the critic.",
        "lines": "What they say, by move and mood. At least seventy, spoken aloud before they are kept.",
    },
    "Principle": {
        "say": "In words, for the prompt: she never explains herself when ashamed.",
        "mood": "The mood it holds in; empty means always.",
        "avoid": "Words that the critic refuses from them then: because, the reason.",
    },
    "Line": {
        "move": "What the line does.",
        "mood": "The mood it is said in.",
        "say": "The very words, as they are spoken.",
        "after": "What somebody said just before; the line is chosen by it.",
        "also_after": "Other words that it answers just as truly; a line with several is found more often.",
        "anywhere": "Whether it follows any words, also those that nobody foresaw; then leave out after and also_after.",
    },
    "HistoryEvent": {"date": "A year, month or day: 2019, 2019-03, 2019-03-14.", "event": "What happened."},
    "Gate": {
        "alliance": "The trust in the therapist that it needs, from 0 to 1.",
        "openness": "The openness that it needs, from 0 to 1.",
    },
    "Fact": {
        "id": "A short name in small letters; scenarios refer to it.",
        "text": "What is so, in a sentence.",
        "known_by": "Who knows it: one partner makes it a secret, two make it shared.",
        "suspected_by": "Who has a feeling about it.",
        "giveaways": "Words that would betray it; until it is told, no line may hold them.",
        "opens": "How much trust its telling needs.",
        "disclosure": "The words in which it is told.",
    },
    "Scenario": {
        "format": "The version of this file's shape: 1.",
        "id": "A short name in small letters with hyphens.",
        "version": "Three numbers.",
        "couple": "The couple's id.",
        "title": "What a trainee sees in the list.",
        "aim": "What this session lets a trainee practise, in a sentence.",
        "techniques": "Numbers of the techniques that it calls for (docs/techniques.md).",
        "content_note": "What a trainee should know before this session.",
        "brief": "What has happened since the last session, and what each of them wants today.",
        "practise": "What a skilled therapist would do here, one thing a line.",
        "minutes": "How long it takes.",
        "start": "The inner state in which each begins.",
        "opening": "The first lines, before the trainee says anything.",
        "bids": "The planted moments: who wants what of the therapist, and what follows.",
        "disclosures": "Facts (ids) that can come out in this session.",
        "alone": "Of these, what is told to the therapist alone and never with the other in the room.",
        "endings": "What is said when it ends.",
        "notes": "For other authors; no trainee and no model sees it.",
    },
    "Start": {
        "alliance": "Trust in the therapist, 0 to 1.",
        "arousal": "How wound up, 0 to 1.",
        "openness": "How far they let something show, 0 to 1.",
        "hope": "Hope for the couple, 0 to 1.",
    },
    "OpeningBeat": {
        "partner": "Who says it (id).",
        "move": "What it does.",
        "say": "The very words.",
        "mood": "The mood; empty means guarded.",
    },
    "Bid": {
        "id": "A short name in small letters with hyphens.",
        "kind": "What is wanted of the therapist, or held against them.",
        "partner": "Who makes it (id).",
        "due": "The pressure at which it comes, 0 to 1: early bids .2, late ones .8.",
        "say": "Ways to make it, the first one first.",
        "good": "Behaviour codes that answer it well, and how that reads.",
        "bad": "Behaviour codes that answer it badly, and how that reads.",
        "after_good": "What follows a good answer.",
        "after_bad": "What follows a bad one; both should be felt.",
        "model_reply": "A reply that would do, for the debrief.",
    },
    "Reading": {"codes": "Ids from the code book.", "reads": "What the trainee did then, in a sentence."},
    "Endings": {
        "well": "Lines when both are still there and more open.",
        "unfinished": "Lines when time is up.",
        "walk_out": "For each of them, what they say when they leave.",
    },
}

# What each mood is: in the forms, and in the docs.
MOODS: dict[str, str] = {
    "guarded": "gives little away",
    "angry": "wound up, with little trust",
    "hurt": "the one who was wronged, when it shows",
    "ashamed": "the one who broke the agreement, when it comes near",
    "anxious": "afraid of what comes next",
    "tired": "with hardly any hope left",
    "contemptuous": "wound up, and past trusting",
    "open": "trusting, and lets something be seen",
}


def keys_page() -> str:
    """Return, as Markdown, every key with what it is for."""
    return keys_table(KEYS)
