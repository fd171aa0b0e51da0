"""Realism: what scripted trainees meet in played sessions, counted; and whether the partners yield to bad replies.

The figures are made from the finished transcripts, by checks of their own, and not by asking the critic again.
"Over-compliance" is the share of partner lines that soften or agree in the turn after a bad reply; simulated clients
are known for it ("from resistance to compliance after only a few turns") and it is rarely published.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from itertools import takewhile
from random import Random
from typing import Any

import numpy as np

from simulator.couple import Library
from simulator.embedding import embed
from simulator.review.faults import breaks, rate, repeats
from simulator.review.played import Played, trainees
from simulator.rubric import THERAPIST
from simulator.store import TurnRecord
from simulator.text import words
from simulator.voice import Verdict


def report(played: Sequence[Played], library: Library) -> dict[str, Any]:
    """Return the figures over all sessions, with what they were counted on."""
    lines = [(p, i, t) for p in played for i, t in enumerate(p.turns) if t.speaker != THERAPIST]
    broken = [b for p, i, t in lines for b in breaks(p, i, t, library.couple(p.plan.couple))]
    again = [r for p in played for r in repeats(p)]
    free = [t for _, _, t in lines if t.verdicts]
    return {
        "sessions": len(played),
        "lines": len(lines),
        "replies": sum(t.speaker == THERAPIST for p in played for t in p.turns),
        "outcomes": _count(f"{p.plan.trainee}: {p.outcome}" for p in played),
        "breaks_in_1000": rate(len(broken), len(lines), 1000),
        "breaks": broken[:40],
        "repeats_share": rate(len(again), len(lines)),
        "repeats": again[:40],
        "authored_share": rate(sum(t.source == "authored" for _, _, t in lines), len(lines)),
        "planted_share": rate(
            sum(t.source == "authored" and not t.verdicts and not t.trouble for _, _, t in lines), len(lines)
        ),
        "authored_share_of_lines_asked_of_the_model": rate(sum(t.source == "authored" for t in free), len(free)),
        "candidates_refused_share": rate(
            sum(bool(v["reason"]) for t in free for v in t.verdicts), sum(len(t.verdicts) for t in free)
        ),
        "first_candidate": first_candidate(played),
        "enactments": enactments(played),
        "over_compliance": over_compliance(played, library),
        "sidelined_alliance_lower": _sidelined(played),
        "skilled_apart_from_poor": _apart(played),
        "who_said_it": who_said_it(played),
    }


def enactments(played: Sequence[Played]) -> dict[str, Any]:
    """Return how often the partners talk to each other when they are brought to it.

    Of the replies with both in the room that invite it and in which nothing was poor: the share after which the first
    line is spoken to the other partner, and the share after which both speak to each other.
    """
    after: list[list[bool]] = []
    for p in played:
        for i, turn in enumerate(p.turns):
            if turn.speaker == THERAPIST and not turn.absent and _invites(turn) and not _is_bad(turn):
                lines = list(takewhile(lambda t: t.speaker != THERAPIST, p.turns[i + 1 :]))
                if lines:
                    after.append([bool(t.to) for t in lines])
    return {
        "invited": len(after),
        "begun": rate(sum(to[0] for to in after), len(after)),
        "both_speak": rate(sum(to[:2] == [True, True] for to in after), len(after)),
    }


def _invites(turn: TurnRecord) -> bool:
    skills = (turn.score or {}).get("skills", {})
    return any(c["code"] == "invite_direct" for s in skills.values() for c in s.get("codes", []))


def over_compliance(played: Sequence[Played], library: Library) -> dict[str, Any]:
    """Return the share of lines that soften or agree in the turn after a bad reply.

    A line yields when its move is one that yields. Of an authored line the author's own move says so; a line that the
    model worded is also read by a classifier over sentence embeddings, which learned from the softenings of the couples
    other than the one it judges and from lines that agree, promise or forgive, against all the other authored lines of
    those couples. `share_by_words_alone` lets that classifier judge every line; it takes gloating and shutting down for
    yielding, so it is an upper bound.
    """
    after: list[tuple[Played, TurnRecord, str]] = []
    for p in played:
        bad = ""
        for turn in p.turns:
            if turn.speaker == THERAPIST:
                bad = turn.text if _is_bad(turn) else ""
            elif bad:
                after.append((p, turn, bad))
    judged: list[float] = [0.0] * len(after)
    for couple_id, judge in _yield_judges(library, {p.plan.couple for p, _, _ in after}):
        rows = [i for i, (p, _, _) in enumerate(after) if p.plan.couple == couple_id]
        chances = judge.predict_proba(embed([after[i][1].text for i in rows]))[:, 1].tolist()
        for row, chance in zip(rows, chances, strict=True):
            judged[row] = chance
    yields = [
        (p, t, bad)
        for (p, t, bad), chance in zip(after, judged, strict=True)
        if t.move in ("soften", "disclose") or (t.source == "model" and chance > 0.5)
    ]
    return {
        "lines_after_a_bad_reply": len(after),
        "share": rate(len(yields), len(after)),
        "share_by_words_alone": rate(sum(chance > 0.5 for chance in judged), len(after)),
        "share_of_model_lines": rate(
            sum(t.source == "model" for _, t, _ in yields), sum(t.source == "model" for _, t, _ in after)
        ),
        "examples": [
            {"couple": p.plan.couple, "reply": bad, "line": t.text, "move": t.move, "source": t.source}
            for p, t, bad in yields[:30]
        ],
    }


def _is_bad(turn: TurnRecord) -> bool:
    """Whether any skill of this reply was scored at 2 or lower."""
    skills = (turn.score or {}).get("skills", {})
    return any(s.get("status") == "scored" and s["level"] <= 2 for s in skills.values())


def _yield_judges(library: Library, judged: Set[str]) -> Iterator[tuple[str, Any]]:
    """Yield for each of these couples a classifier that learned from the other couples' lines, each embedded once."""
    from sklearn.linear_model import LogisticRegression

    from simulator.voice.standard import yielding_lines

    unearned = yielding_lines()
    lines = [(c.id, x.move == "soften", x.say) for c in library.couples.values() for p in c.partners for x in p.lines]
    vectors = embed([*unearned, *(say for _, _, say in lines)])
    soft = np.array([True] * len(unearned) + [yields for _, yields, _ in lines])
    for couple_id in sorted(judged):
        others = [couple != couple_id or len(library.couples) == 1 for couple, _, _ in lines]
        learned = np.array([True] * len(unearned) + others)
        model = LogisticRegression(C=4.0, max_iter=500, class_weight="balanced")
        model.fit(vectors[learned], soft[learned])
        yield couple_id, model


def who_said_it(played: Sequence[Played]) -> dict[str, Any]:
    """Return how often a classifier that never met the session names the speaker from the words alone.

    Per couple, each session in turn is the test and the others train it; a line whose very words stand in a training
    session is left out, so that authored lines heard before prove nothing. Names of the two are taken out.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline, make_union

    right = total = 0
    by_couple: dict[str, float | None] = {}
    groups: dict[str, list[Played]] = defaultdict(list)
    for p in played:
        groups[p.plan.couple].append(p)
    for couple_id, sessions in sorted(groups.items()):
        hits = seen = 0
        for held in sessions:
            train = [(t.text, t.speaker) for p in sessions if p is not held for t in _partner_turns(p)]
            known = {text for text, _ in train}
            test = [(t.text, t.speaker) for t in _partner_turns(held) if t.text not in known]
            if len({s for _, s in train}) < 2 or not test:
                continue
            model = make_pipeline(
                make_union(
                    TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True),
                    TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
                ),
                LogisticRegression(C=20.0, max_iter=1000, class_weight="balanced"),
            )
            hide = re.compile("|".join(map(re.escape, held.names)))
            model.fit([hide.sub("X", text) for text, _ in train], [s for _, s in train])
            guessed = model.predict([hide.sub("X", text) for text, _ in test])
            hits += sum(g == s for g, (_, s) in zip(guessed, test, strict=True))
            seen += len(test)
        by_couple[couple_id] = rate(hits, seen)
        right, total = right + hits, total + seen
    return {"accuracy": rate(right, total), "lines": total, "by_couple": by_couple}


def first_candidate(played: Sequence[Played]) -> dict[str, Any]:
    """Return how often the first line that the model wrote for a moment could have been spoken, over all and by couple."""
    could: dict[str, list[bool]] = defaultdict(list)
    for p in played:
        for turn in p.turns:
            if turn.verdicts:
                could[p.plan.couple].append(Verdict(**turn.verdicts[0]).passes)
    every = [passed for own in could.values() for passed in own]
    return {
        "passes": rate(sum(every), len(every)),
        "lines": len(every),
        "by_couple": {couple: rate(sum(own), len(own)) for couple, own in sorted(could.items())},
    }


def reading_sample(played: Sequence[Played], count: int, *, seed: int) -> list[dict[str, Any]]:
    """Return `count` partner lines with the turns before them, to be read by a person: does it take something up?"""
    spots = [
        (p, i) for p in played for i, t in enumerate(p.turns) if i >= 3 and t.speaker != THERAPIST and t.text != "..."
    ]
    Random(seed).shuffle(spots)
    return [
        {
            "couple": p.plan.couple,
            "trainee": p.plan.trainee,
            "before": [f"{t.speaker}: {t.text}" for t in p.turns[i - 3 : i]],
            "line": f"{p.turns[i].speaker}: {p.turns[i].text}",
            "move": p.turns[i].move,
            "source": p.turns[i].source,
            "takes_up": None,
        }
        for p, i in spots[:count]
    ]


def _partner_turns(p: Played) -> Iterator[TurnRecord]:
    return (t for t in p.turns if t.speaker in p.names and len(words(t.text)) >= 3)


def _sidelined(played: Sequence[Played]) -> dict[str, Any]:
    """Return in how many siding sessions the one left standing trusts the therapist less after the siding."""
    sessions = [p for p in played if p.plan.trainee == "siding"]
    lower = [p.ended[p.left]["alliance"] < p.started[p.left]["alliance"] for p in sessions]
    return {"sessions": len(sessions), "share": rate(sum(lower), len(lower))}


def _apart(played: Sequence[Played]) -> dict[str, Any]:
    """Return how often a skilled session ends with more alliance and openness than the poor ones of couple x seed."""
    kinds = trainees()
    mean: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for p in played:
        kind = "skilled" if p.plan.trainee == "skilled" else "poor" if kinds[p.plan.trainee].poor else ""
        if kind:
            mean[p.plan.couple, kind].append(
                (
                    float(np.mean([s["alliance"] for s in p.ended.values()])),
                    float(np.mean([s["openness"] for s in p.ended.values()])),
                )
            )
    pairs = [
        skilled[0] > poor[0] and skilled[1] > poor[1]
        for couple in {c for c, _ in mean}
        for skilled in mean[couple, "skilled"]
        for poor in mean[couple, "poor"]
    ]
    return {"pairs": len(pairs), "share": rate(sum(pairs), len(pairs))}


def _count(items: Iterator[str]) -> dict[str, int]:
    counted: dict[str, int] = defaultdict(int)
    for item in items:
        counted[item] += 1
    return dict(sorted(counted.items()))
