"""Linting the labelled examples."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from simulator.rubric.book import SKILLS, Rubric
from simulator.text import words

MAX_LENGTH_CORRELATION = 0.2


def lint(rubric: Rubric) -> dict[str, Any]:
    """Return counts, the correlation of reply length with each level, and a list of problems."""
    problems: list[str] = []
    sentences, offers, replies = (
        list(rubric.sentences()),
        list(rubric.opportunities()),
        list(rubric.replies()),
    )
    codes, opportunities = set(rubric.book.code_ids), set(rubric.book.opportunity_ids)

    for kind, items in (("sentence", sentences), ("opportunity", offers), ("reply", replies)):
        ids = Counter(x.id for x in items)
        problems += [f"{kind} {i}: this id is used {n} times" for i, n in ids.items() if n > 1]
    splits: dict[str, set[str]] = defaultdict(set)
    for item in [*sentences, *offers, *replies]:
        splits[item.context].add(item.split)  # type: ignore[attr-defined]
    problems += [f"context {c} is in several splits: {', '.join(sorted(s))}" for c, s in splits.items() if len(s) > 1]

    seen: dict[tuple[str, ...], tuple[str, str, tuple[str, ...]]] = {}
    for s in sentences:
        problems += [f"sentence {s.id}: unknown code {c}" for c in [s.code, *s.codes] if c not in codes]
        if (s.kind == "shows") != (s.code in s.codes):
            problems.append(f"sentence {s.id}: kind '{s.kind}' does not fit its codes")
        key = (s.context, _flat(s.sentence))
        if key in seen and seen[key][2] != tuple(sorted(s.codes)):
            problems.append(f"sentence {s.id}: the same words as {seen[key][0]}, coded otherwise")
        seen[key] = (s.id, s.split, tuple(sorted(s.codes)))
    across: dict[str, tuple[str, str]] = {}
    for s in sentences:
        text = _flat(s.sentence)
        if text in across and across[text][1] != s.split:
            problems.append(f"sentence {s.id}: the same words as {across[text][0]} in another split")
        across[text] = (s.id, s.split)
    for o in offers:
        problems += [f"opportunity {o.id}: unknown kind {k}" for k in o.opportunities if k not in opportunities]
    contexts: dict[str, tuple[Any, ...]] = {}
    texts: dict[str, tuple[str, str]] = {}
    for r in replies:
        problems += [f"reply {r.id}: unknown code {c}" for _, cs in r.reply for c in cs if c not in codes]
        problems += [f"reply {r.id}: unknown kind {k}" for k in r.opportunities if k not in opportunities]
        challenged = "challenge" in r.opportunities
        if challenged != (r.levels.get("non_defensiveness") is not None):
            problems.append(f"reply {r.id}: non_defensiveness is labelled when and only when there is a challenge")
        turns = (tuple(r.turns), tuple(r.opportunities))
        if contexts.setdefault(r.context, turns) != turns:
            problems.append(f"reply {r.id}: its turns differ from those of its context {r.context}")
        text = _flat(r.text)
        if text in texts and texts[text][1] != r.split:
            problems.append(f"reply {r.id}: the same words as {texts[text][0]} in another split")
        texts[text] = (r.id, r.split)

    lengths = {}
    for skill in SKILLS:
        rows = [(float(len(words(r.text))), float(level)) for r in replies if (level := r.levels.get(skill))]
        lengths[skill] = round(_correlation(rows), 3)
        if abs(lengths[skill]) > MAX_LENGTH_CORRELATION:
            problems.append(f"length predicts the level of {skill}: correlation {lengths[skill]}")
    counts = {
        "sentences": len(sentences),
        "client turns": len(offers),
        "replies": len(replies),
        "contexts of replies": len(contexts),
        "replies in contrast sets": sum(bool(r.contrast) for r in replies),
    }
    return {"counts": counts, "length_correlation": lengths, "problems": problems}


def _flat(text: str) -> str:
    return " ".join(words(text))


def _correlation(rows: list[tuple[float, float]]) -> float:
    """Return Pearson's r."""
    n = len(rows)
    if n < 2:
        return 0.0
    mx, my = sum(x for x, _ in rows) / n, sum(y for _, y in rows) / n
    sxy = sum((x - mx) * (y - my) for x, y in rows)
    sxx, syy = sum((x - mx) ** 2 for x, _ in rows), sum((y - my) ** 2 for _, y in rows)
    return sxy / (sxx * syy) ** 0.5 if sxx and syy else 0.0
