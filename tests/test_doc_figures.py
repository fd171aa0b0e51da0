"""Figures that the docs quote are those of the files that ship: counted, or measured again with the engine."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator.couple import load_library
from simulator.rubric import SKILLS, Rubric, load_rubric
from simulator.rubric.evaluate import ADVERSARIAL, challenge_in_turns, figures
from simulator.settings import load_settings

ROOT = Path(__file__).parents[1]
CLOSE = 0.008  # what rounding to hundredths, and another processor, may make of a figure
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


@pytest.fixture(scope="module")
def rubric() -> Rubric:
    return load_rubric(load_settings().rubrics)


def flat(page: str) -> str:
    return " ".join((ROOT / page).read_text(encoding="utf-8").split())


def table(page: str, heading: str) -> dict[str, list[str]]:
    """The first table below a heading: what each row is of, and its cells without intervals."""
    rows = re.findall(r"(?m)^\| (.+) \|$", (ROOT / page).read_text(encoding="utf-8").partition(heading)[2])
    cells = [[re.sub(r" \(.*\)", "", c.strip()) for c in row.split("|")] for row in rows]
    return {label: values for label, *values in cells[:6]}


def test_the_datasheet_counts_the_examples(rubric: Rubric) -> None:
    told, sentences, replies = flat("rubrics/DATASHEET.md"), list(rubric.sentences()), list(rubric.replies())
    shown, near = (Counter(s.code for s in sentences if s.kind == kind) for kind in ("shows", "near_miss"))
    least = {c: (shown[c], near[c]) for c in rubric.book.code_ids}
    assert min(a for a, _ in least.values()) >= 30 and min(b for _, b in least.values()) >= 10, least
    assert f"{len(sentences):,} sentences of the code book (at least 30 that show each code and 10 near misses" in told
    turns, contexts = len(list(rubric.opportunities())), len({r.context for r in replies})
    assert f"{turns:,} client turns with what they offer, and {len(replies):,} replies in {contexts} contexts" in told
    judged = {
        "Of the client turns 6 to 9 all {} in": ("opportunities", range(6, 10)),
        "Of the client turns 10 to 13 all {} in": ("opportunities", range(10, 14)),
        "Of the replies 18 to 20 all {} in": ("replies", range(18, 21)),
    }
    for words, (kind, numbers) in judged.items():
        files = [ROOT / "rubrics" / "examples" / f"{kind}-{n}.jsonl" for n in numbers]
        rows = [json.loads(row) for f in files for row in f.read_text(encoding="utf-8").splitlines()]
        assert words.format(sum(r["split"] != "train" for r in rows)) in told
    pairs = {s: [(len(r.text.split()), r.levels[s]) for r in replies if r.levels.get(s)] for s in SKILLS}
    together = [
        f"{float(np.corrcoef(np.array(p, dtype=float).T)[0, 1]):+.2f}".replace("0.", ".") for p in pairs.values()
    ]
    assert f"Length and level correlate at {', '.join(together[:-1])} and {together[-1]}." in told


def test_the_report_beside_the_weights_is_of_the_examples_that_ship(rubric: Rubric) -> None:
    report = json.loads((ROOT / "rubrics" / "model" / "report.json").read_text(encoding="utf-8"))
    replies = [r for r in rubric.replies() if r.split == "development"]
    told = report["development"]
    assert (told["replies"], told["contexts"]) == (len(replies), len({r.context for r in replies}))
    assert set(report["codes"]["f1"]) == set(rubric.book.code_ids)
    assert set(report["offers"]["f1"]) == set(rubric.book.opportunity_ids)


def test_the_readme_counts_the_couples() -> None:
    library = load_library(load_settings().personas)
    each = {len(library.scenarios_of(c)) for c in library.couples}
    assert len(each) == 1
    assert f"{NUMBERS[len(library.couples)].capitalize()} couples, {NUMBERS[each.pop()]} sessions each" in flat("README.md")  # fmt: skip


def test_the_rubric_page_counts_the_test_split(rubric: Rubric) -> None:
    told, replies = flat("docs/rubric.md"), [r for r in rubric.replies() if r.split == "test"]
    contexts = len({r.context for r in replies})
    assert f"(test split: {len(replies)} replies in {contexts} contexts;" in told
    hostile = sum(bool(ADVERSARIAL.search(r.contrast)) for r in replies)
    assert f"Of {hostile} replies of words to the grader, filler or noise" in told
    assert f"for {NUMBERS[len(rubric.book.opportunities)]} opportunities" in told


@pytest.mark.slow
def test_the_rubric_page_says_what_the_engine_that_ships_reaches(rubric: Rubric) -> None:
    model = ROOT / "rubrics" / "model"
    found: dict[str, Any] = figures(rubric, model, "test")
    turns = challenge_in_turns(rubric, model, "test")
    rows = table("docs/rubric.md", "## How well it agrees")
    keys = {
        "quadratic weighted kappa": "kappa",
        "better reply first, pairs of a context": "pairs",
        "the same, two or more levels apart": "pairs_two_levels_apart",
        "the same, the good reply the shorter": "pairs_good_one_shorter",
        "share of the most used level": "most_used_share",
    }
    for label, key in keys.items():
        measured = [found["skills"][s][key] for s in SKILLS]
        assert [float(cell) for cell in rows[label]] == pytest.approx(measured, abs=CLOSE), label
    told = flat("docs/rubric.md")
    for words, one in (
        (r"With a reply it is found in (\.\d+) of the cases and claimed in (\.\d+) of those without one", found),
        (r"by the turns alone, over single ones written to be hard to tell, in (\.\d+) and (\.\d+) ", turns),
    ):
        said = re.search(words, told)
        assert said is not None, words
        measured = [one["challenge_found"], 1 - one["no_challenge_claimed"]]
        assert [float(figure) for figure in said.groups()] == pytest.approx(measured, abs=CLOSE), words
    assert ("Exchanging the partners' names changes no score." in told) == (max(found["name_swap"].values()) == 0)
    assert ("All quoted evidence is a span of the reply." in told) == (found["evidence_is_a_span"] == 1)
    assert ("none is above 2 for listening" in told) == (found["adversarial"]["listening_above_2"] == 0)
