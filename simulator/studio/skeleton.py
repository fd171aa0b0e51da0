"""What a new couple and a new session begin with: files that can already be played, filled with what belongs where."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence

from simulator.couple.lint import COUPLE
from simulator.errors import InputError
from simulator.text import checked_id

_COUPLE = """\
# yaml-language-server: $schema=../couple.schema.json
# What every key is for stands in the studio's forms and in docs/writing-couples.md. Only authors see comments.
format: 1
id: {id}
version: 0.1.0
title: "{a} and {b}: where they stand"
language: en
author: {author}
licence: Apache-2.0
# Trainees read these two before they begin: no secret stands in them.
summary: Who {a} and {b} are, how long they have been together, what happened, and what still holds.
content_note: What a trainee should know before they begin. No sexual detail.

partners:
{partners}
# What both lived through, in order.
history:
  - {{date: "2015", event: "They met."}}
  - {{date: "2026-01", event: "What happened, or came out."}}

# At least sixteen things that are so. What one of them alone knows is a secret; each of them needs one.
facts:
  - id: what-both-know
    text: Something that both of them know.
    known_by: [{ai}, {bi}]
  - id: a-secret
    text: Something that only {a} knows.
    known_by: [{ai}]
    suspected_by: [{bi}]
    # Until it is told, no line may hold these words.
    giveaways: [words that would betray it]
    # How much trust its telling needs, 0 to 1.
    opens: {{alliance: 0.5, openness: 0.5}}
    disclosure: ["The words in which {a} tells it."]
"""
_PARTNER = """\
  - id: {id}
    name: {name}
    age: 40
    pronouns: they/them
    broke_the_agreement: {broke}
    # The model and the brief have these two: no secret stands in them.
    work: what they do all day
    background: Where they come from, and what that taught them about closeness.
    # Write this before any line: length, words, what they notice, what they never say.
    speech: How one would know them with eyes shut.
    need: What they need from the other, beneath it all.
    fear: What they fear it means.
    protest: What they do when the need is not met.
    triggers: [what sets them off]
    softens: [what lets them come nearer]
    hardens: [what makes them colder]
    # Beginnings that a line of a move may take; the model goes on from there.
    openers:
      answer: ["Well,", "It's"]
      deflect: ["Anyway,"]
    # How they never talk: said to the model, and words that are refused from them. Without a mood it holds always.
    principles:
      - {{say: Never explains a feeling when ashamed., mood: ashamed, avoid: [words they would not use then]}}
    # At least seventy lines over all moves and moods; "after" is what somebody said just before, and
    # "also_after" other ways in which it may be said: [How are you today?, What's new?]. Some lines follow whatever
    # was said, also what nobody foresaw: {{move: deflect, mood: tired, anywhere: true, say: What would I say to that?}}.
    lines:
      - {{move: answer, mood: guarded, after: "How has the week been?", say: "Long."}}

"""
_SCENARIO = """\
# yaml-language-server: $schema=../../scenario.schema.json
format: 1
id: {id}
version: 0.1.0
couple: {couple}
title: What the session is about
aim: What this session lets a trainee practise.
# Numbers of techniques (docs/techniques.md); something in aim, practise or the bids calls for each.
techniques: [16]
# It covers everything that is said in this session.
content_note: What a trainee should know before this session.
brief: What has happened since the last session, and what each of them wants today.
practise:
  - What a skilled therapist would do here.
minutes: 20

# Each from 0 to 1: trust in the therapist, how wound up, how open, how much hope for the two of them.
start:
  {a}: {{alliance: 0.5, arousal: 0.5, openness: 0.4, hope: 0.4}}
  {b}: {{alliance: 0.5, arousal: 0.5, openness: 0.4, hope: 0.4}}

opening:
  - {{partner: {a}, move: answer, mood: guarded, say: "The first words of the session."}}

# At least four planted moments, of both of them. Kinds: challenge, ally_bid, verdict_bid, secret_bid, messenger_bid,
# third_party, minimising, safety.
bids:
  - id: take-my-side
    kind: ally_bid
    partner: {a}
    # The pressure at which it comes, 0 to 1: early .2, late .8.
    due: 0.3
    say:
      - "The words with which the therapist is asked to take a side."
    # Codes of rubrics/codebook.yaml, and how that reads in the debrief.
    good: {{codes: [hold_both, invite_direct], reads: "You hold both."}}
    bad: {{codes: [side_with, judge_partner], reads: "You take a side."}}
    after_bad:
      - {{partner: {b}, move: withdraw, say: "What the other one does then."}}
    after_good:
      - {{partner: {a}, move: answer, say: "What becomes possible."}}
    model_reply: "A reply that would do."

# Facts (ids) that can come out in this session.
{disclosures}

endings:
  well:
    - {{partner: {a}, move: soften, say: "Last words when it went well."}}
  unfinished:
    - {{partner: {a}, move: withdraw, say: "Last words when time is up."}}
  walk_out:
    {a}: ["What this one says when they leave."]
    {b}: ["What this one says when they leave."]
"""


def skeleton(couple_id: str, names: tuple[str, str], author: str) -> dict[str, str]:
    """Return the files of a new couple, filled with what belongs where (InputError for a bad id or name)."""
    checked_id(couple_id)
    # A name in letters that ids do not have (Вера) is a name all the same.
    ids = [_slug(n) or plain for n, plain in zip(names, ("first-partner", "second-partner"), strict=True)]
    if not all(n.strip() for n in names) or ids[0] == ids[1]:
        raise InputError("The two partners need different names.", how="Write both names.")
    a, b = (n.strip()[:40] for n in names)
    partners = "".join(
        _PARTNER.format(id=i, name=_quoted(n), broke=broke)
        for i, n, broke in zip(ids, (a, b), ("true", "false"), strict=True)
    )
    plain = {"a": _letters(a), "b": _letters(b), "ai": ids[0], "bi": ids[1]}
    couple = _COUPLE.format(id=couple_id, author=_quoted(author or "nobody"), partners=partners, **plain)
    session = new_scenario("first-session", couple_id, ids[0], ids[1], disclosures=["a-secret"])
    return {COUPLE: couple, "scenarios/first-session.yaml": session}


def id_of(names: Sequence[str]) -> str:
    """Return an id made from the names of the two, "" where their letters give none."""
    return "-and-".join(found) if len(found := [s for n in names if (s := _slug(n)[:25].strip("-"))]) == 2 else ""


def new_scenario(scenario_id: str, couple_id: str, a: str, b: str, *, disclosures: Sequence[str] = ()) -> str:
    """Return the file of a new scenario (InputError for a bad id)."""
    checked_id(scenario_id, like="the-empty-chair")
    told = f"disclosures: [{', '.join(disclosures)}]"
    return _SCENARIO.format(id=scenario_id, couple=couple_id, a=a, b=b, disclosures=told)


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60].strip("-")


def _letters(name: str) -> str:
    return re.sub(r"[^\w '-]", "", name).strip() or "one of them"


def _quoted(text: str) -> str:
    # A JSON string is a YAML one.
    return json.dumps(text, ensure_ascii=False)
