"""Linting the labelled examples."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from simulator.rubric.book import SKILLS, OpportunityExample, ReplyExample, Rubric, SentenceExample
from simulator.text import words

MAX_LENGTH_CORRELATION = 0.2
SHORT = 4  # words: what is shorter may be said by anybody twice

# How many labelled examples there must be at least: sentences that show a code and near misses of it, client turns of
# each kind and of none, replies, their contexts, and the share of them in contrast sets.
SHOWS, NEAR_MISSES, OF_A_KIND, OF_NONE, REPLIES, CONTEXTS, CONTRASTED = 30, 10, 40, 300, 800, 150, 0.4


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
    turns_said: dict[str, OpportunityExample] = {}
    for o in offers:
        problems += [f"opportunity {o.id}: unknown kind {k}" for k in o.opportunities if k not in opportunities]
        text = _flat(o.text)
        first = turns_said.setdefault(text, o)
        if first is o or len(text.split()) < SHORT:
            continue
        if first.split != o.split:
            problems.append(f"opportunity {o.id}: the same words as {first.id} in another split")
        elif first.before == o.before:
            problems.append(f"opportunity {o.id}: the same words after the same words as {first.id}")
    contexts: dict[str, tuple[Any, ...]] = {}
    texts: dict[str, tuple[str, str]] = {}
    levels: dict[tuple[str, str], ReplyExample] = {}
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
        again = levels.setdefault((r.context, text), r)
        if again is not r:
            problems.append(
                f"reply {r.id}: the same words as {again.id} in the same context"
                + (", labelled otherwise" if again.levels != r.levels else "")
            )
    problems += _too_few(rubric, sentences, offers, replies)

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


def _too_few(
    rubric: Rubric, sentences: list[SentenceExample], offers: list[OpportunityExample], replies: list[ReplyExample]
) -> list[str]:
    shows = Counter(s.code for s in sentences if s.kind == "shows")
    misses = Counter(s.code for s in sentences if s.kind == "near_miss")
    kinds = Counter(k for o in offers for k in o.opportunities)
    counted = [(f"sentences that show {c}", shows[c], SHOWS) for c in rubric.book.code_ids]
    counted += [(f"near misses of {c}", misses[c], NEAR_MISSES) for c in rubric.book.code_ids]
    counted += [(f"client turns that offer {k}", kinds[k], OF_A_KIND) for k in rubric.book.opportunity_ids]
    counted.append(("client turns that offer nothing", sum(not o.opportunities for o in offers), OF_NONE))
    counted += [("replies", len(replies), REPLIES), ("contexts", len({r.context for r in replies}), CONTEXTS)]
    few = [f"{what}: {n} of at least {least}" for what, n, least in counted if n < least]
    if replies and sum(bool(r.contrast) for r in replies) < CONTRASTED * len(replies):
        few.append(f"less than {CONTRASTED:.0%} of the replies stand in contrast sets")
    return few


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
