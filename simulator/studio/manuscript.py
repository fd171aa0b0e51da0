"""A couple being written: its files, a skeleton to begin with, what is wrong with it, and how two versions differ."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML

from simulator.couple import Couple, Library, Problem, Scenario, parse_couple, parse_scenario, problems
from simulator.couple.lint import COUPLE, Finding, findings
from simulator.errors import InputError

ID = re.compile(r"^[a-z0-9]+(?:-[a-z0-9]+)*$")
FILE = re.compile(r"^(?:couple\.yaml|scenarios/[a-z0-9]+(?:-[a-z0-9]+)*\.yaml)$")
MAX_FILES = 40

_COUPLE = """\
# yaml-language-server: $schema=../couple.schema.json
format: 1
id: {id}
version: 0.1.0
title: "{a} and {b}: where they stand"
language: en
author: {author}
licence: Apache-2.0
summary: Who {a} and {b} are, how long they have been together, what happened, and what still holds.
content_note: What a trainee should know before they begin. No sexual detail.

partners:
{partners}
history:
  - {{date: "2015", event: "They met."}}
  - {{date: "2026-01", event: "What happened, or came out."}}

facts:
  - id: what-both-know
    text: Something that both of them know.
    known_by: [{ai}, {bi}]
  - id: a-secret
    text: Something that only {a} knows.
    known_by: [{ai}]
    suspected_by: [{bi}]
    giveaways: [words that would betray it]
    opens: {{alliance: 0.5, openness: 0.5}}
    disclosure: ["The words in which {a} tells it."]
"""
_PARTNER = """\
  - id: {id}
    name: {name}
    age: 40
    pronouns: they/them
    broke_the_agreement: {broke}
    work: what they do all day
    background: Where they come from, and what that taught them about closeness.
    speech: How one would know them with eyes shut.
    need: What they need from the other, beneath it all.
    fear: What they fear it means.
    protest: What they do when the need is not met.
    triggers: [what sets them off]
    softens: [what lets them come nearer]
    hardens: [what makes them colder]
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
techniques: [16]
content_note: What a trainee should know before this session.
brief: What has happened since the last session, and what each of them wants today.
practise:
  - What a skilled therapist would do here.
minutes: 20

start:
  {a}: {{alliance: 0.5, arousal: 0.5, openness: 0.4, hope: 0.4}}
  {b}: {{alliance: 0.5, arousal: 0.5, openness: 0.4, hope: 0.4}}

opening:
  - {{partner: {a}, move: answer, mood: guarded, say: "The first words of the session."}}

bids:
  - id: take-my-side
    kind: ally_bid
    partner: {a}
    due: 0.3
    say:
      - "The words with which the therapist is asked to take a side."
    good: {{codes: [hold_both, invite_direct], reads: "You hold both."}}
    bad: {{codes: [side_with, judge_partner], reads: "You take a side."}}
    after_bad:
      - {{partner: {b}, move: withdraw, say: "What the other one does then."}}
    after_good:
      - {{partner: {a}, move: answer, say: "What becomes possible."}}
    model_reply: "A reply that would do."

endings:
  well:
    - {{partner: {a}, move: soften, say: "Last words when it went well."}}
  unfinished:
    - {{partner: {a}, move: withdraw, say: "Last words when time is up."}}
  walk_out:
    {a}: ["What this one says when they leave."]
    {b}: ["What this one says when they leave."]
"""


@dataclass(frozen=True)
class Checked:
    """What a check found: what keeps files from being used, and what a colleague would say once they can be."""

    problems: dict[str, list[Problem]]
    findings: list[Finding]
    couple: Couple | None
    scenarios: list[Scenario]

    @property
    def playable(self) -> bool:
        """Whether it can be played: every file can be read, and there is a session."""
        return self.couple is not None and bool(self.scenarios) and not any(self.problems.values())


def skeleton(couple_id: str, names: tuple[str, str], author: str) -> dict[str, str]:
    """Return the files of a new couple, filled with what belongs where (InputError for a bad id or name)."""
    if not ID.match(couple_id) or len(couple_id) > 60:
        raise InputError(f"'{couple_id}' is no id.", how="Use small letters, digits and hyphens: ana-and-bo.")
    ids = [re.sub(r"[^a-z0-9]+", "-", n.lower()).strip("-") for n in names]
    if not all(ids) or ids[0] == ids[1]:
        raise InputError("The two partners need different names.", how="Write both names, in letters.")
    a, b = (n.strip()[:40] for n in names)
    partners = "".join(
        _PARTNER.format(id=i, name=_quoted(n), broke=broke)
        for i, n, broke in zip(ids, (a, b), ("true", "false"), strict=True)
    )
    plain = {"a": _letters(a), "b": _letters(b), "ai": ids[0], "bi": ids[1]}
    couple = _COUPLE.format(id=couple_id, author=_quoted(author or "nobody"), partners=partners, **plain)
    return {COUPLE: couple, "scenarios/first-session.yaml": new_scenario("first-session", couple_id, ids[0], ids[1])}


def new_scenario(scenario_id: str, couple_id: str, a: str, b: str) -> str:
    """Return the file of a new scenario (InputError for a bad id)."""
    if not ID.match(scenario_id) or len(scenario_id) > 60:
        raise InputError(f"'{scenario_id}' is no id.", how="Use small letters, digits and hyphens: the-empty-chair.")
    return _SCENARIO.format(id=scenario_id, couple=couple_id, a=a, b=b)


def copy_of(library: Library, couple_id: str, new_id: str) -> dict[str, str]:
    """Return the files of a couple of the library, under another id where that is wanted."""
    library.couple(couple_id)
    files = {COUPLE: library.source(couple_id)[0]}
    for scenario in library.scenarios_of(couple_id):
        files[f"scenarios/{scenario.id}.yaml"] = library.source(couple_id, scenario.id)[0]
    if new_id == couple_id:
        return files
    if not ID.match(new_id) or len(new_id) > 60:
        raise InputError(f"'{new_id}' is no id.", how="Use small letters, digits and hyphens: ana-and-bo.")
    return renamed(files, new_id)


def renamed(files: Mapping[str, str], new_id: str) -> dict[str, str]:
    """Return files with the couple's id changed in all of them."""
    key = {COUPLE: "id"}
    return {name: _set(text, key.get(name, "couple"), new_id) for name, text in files.items()}


def check(files: Mapping[str, str]) -> Checked:
    """Read all files and say what is wrong, what is missing and what is doubtful, each with its place."""
    found: dict[str, list[Problem]] = {}
    couple: Couple | None = None
    scenarios: list[Scenario] = []
    for name in sorted(files, key=lambda n: (n != COUPLE, n)):
        model = Couple if name == COUPLE else Scenario
        found[name] = problems(files[name], name, model)
        if found[name]:
            continue
        try:
            if name == COUPLE:
                couple = parse_couple(files[name], name)
            elif couple is not None:
                scenarios.append(parse_scenario(files[name], name, couple))
                if f"scenarios/{scenarios[-1].id}.yaml" != name:
                    found[name].append(
                        Problem(1, "id", f"the file is called {name}, and its id is '{scenarios[-1].id}'.")
                    )
        except InputError as error:
            found[name].append(Problem(1, "", str(error).removeprefix(f"{name}: ")))
    if COUPLE not in files:
        found[COUPLE] = [Problem(1, "", "there is no couple.yaml.")]
    return Checked(found, findings(couple, scenarios) if couple else [], couple, scenarios)


def raised(files: Mapping[str, str], published: Mapping[str, str] | None) -> dict[str, str]:
    """Return files with the last number of the version raised in each that was changed since it was published."""
    made = dict(files)
    for name, text in files.items():
        old = (published or {}).get(name)
        if old is not None and old != text and _version(old) == _version(text):
            head, _, last = _version(text).rpartition(".")
            made[name] = _set(text, "version", f"{head}.{int(last) + 1 if last.isdecimal() else 1}")
    return made


def diff(
    old: Mapping[str, str], new: Mapping[str, str], *, names: tuple[str, str] = ("before", "after")
) -> list[tuple[str, str]]:
    """Return (kind, line) of a readable difference: file, same, gone and new lines, a few around each change."""
    found = []
    for file in sorted({*old, *new}, key=lambda n: (n != COUPLE, n)):
        a, b = old.get(file, "").splitlines(), new.get(file, "").splitlines()
        if a == b:
            continue
        found.append(
            ("file", file if file in old and file in new else f"{file} ({names[1] if file in new else names[0]} only)")
        )
        for line in list(difflib.unified_diff(a, b, lineterm="", n=2))[2:]:
            kind = {"+": "new", "-": "gone", "@": "place"}.get(line[:1], "same")
            found.append((kind, line if kind == "place" else line[1:]))
    return found


def _set(text: str, key: str, value: str) -> str:
    return re.sub(rf"(?m)^{key}:[^\n]*$", f"{key}: {value}", text, count=1)


def _version(text: str) -> str:
    found = re.search(r"(?m)^version:\s*[\"']?([\d.]+)", text)
    return found[1] if found else ""


def _letters(name: str) -> str:
    return re.sub(r"[^\w '-]", "", name).strip()


def _quoted(text: str) -> str:
    # A JSON string is a YAML one.
    return json.dumps(text, ensure_ascii=False)


def load(text: str) -> Any:
    """Return the data of a file for its forms, with its comments; {} when it cannot be read at all."""
    if problems(text, "file", Couple)[:1] and "not valid YAML" in problems(text, "file", Couple)[0].message:
        return {}
    try:
        return YAML(typ="rt").load(text) or {}
    except Exception:
        return {}
