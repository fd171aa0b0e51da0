"""HTML of what was said and what it was worth. Every word of a person or a model is escaped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Any

from simulator.couple import Couple, Scenario
from simulator.review import SIMULATION, Debrief, changes, gap, session_plot, took_it
from simulator.rubric import SKILLS, THERAPIST, Rubric
from simulator.session import Begun
from simulator.store import TurnRecord


def notice(text: str, *, kind: str = "error") -> str:
    """Return a message; an empty text gives nothing."""
    if not text:
        return ""
    lines = "".join(f"<p>{escape(line)}</p>" for line in text.splitlines())
    return f'<div class="notice {kind}" role="{"alert" if kind == "error" else "status"}">{lines}</div>'


def brief(couple: Couple, scenario: Scenario) -> str:
    """Return the brief: who they are, what to practise, the content note."""
    people = "".join(
        f'<li class="who {side}"><strong>{escape(p.name)}</strong>, {p.age}, {escape(p.work)}. {escape(p.background)}</li>'
        for side, p in zip("ab", couple.partners, strict=True)
    )
    practise = "".join(f"<li>{escape(x)}</li>" for x in scenario.practise)
    return (
        f'<section class="brief" aria-label="Brief"><h2>{escape(scenario.title)}</h2>'
        f"<p>{escape(couple.summary)}</p><ul class='people'>{people}</ul>"
        f"<p>{escape(scenario.brief)}</p><h3>What to practise</h3><p>{escape(scenario.aim)}</p><ul>{practise}</ul>"
        f'<p class="content-note"><strong>Content note.</strong> {escape(scenario.content_note)}</p>'
        f"<p>About {scenario.minutes} minutes. You can pause or end at any moment. {SIMULATION}</p></section>"
    )


def transcript(
    turns: Sequence[TurnRecord],
    names: Sequence[str],
    rubric: Rubric,
    *,
    coached: bool,
    answering: str = "",
    begun: Begun | None = None,
) -> str:
    """Return the transcript; coached, each reply carries its scores and how both took it.

    `begun` is the beginning of a line that is still being said.
    """
    parts = []
    absent: list[str] = []
    for i, turn in enumerate(turns):
        if turn.absent != absent:
            absent = turn.absent
            words = f"{absent[0]} waits outside" if absent else "Both are in the room again"
            parts.append(f'<p class="change" role="note">{escape(words)}</p>')
        parts.append(turn_card(turns, i, names, rubric, coached=coached))
    if begun:
        going_on = TurnRecord(len(turns), begun.speaker, begun.words, absent=absent)
        parts.append(turn_card([*turns, going_on], len(turns), names, rubric, coached=coached))
    if answering:
        parts.append(
            f'<p class="answering" role="status">{escape(answering)}<span class="dots" aria-hidden="true">…</span></p>'
        )
    body = "".join(parts) or '<p class="empty">They are coming in and sitting down.</p>'
    return f'<div class="transcript" role="log" aria-live="polite" aria-label="Transcript" tabindex="0">{body}</div>'


def turn_card(
    turns: Sequence[TurnRecord], i: int, names: Sequence[str], rubric: Rubric, *, coached: bool, me: str = "You"
) -> str:
    """Return one turn, with its scores if `coached`; `me` is what the trainee is called for this reader."""
    turn = turns[i]
    if turn.speaker == THERAPIST:
        score = turn.score if coached else None
        words = marked(turn.text, score, rubric) if score else _spoken(turn.text)
        to = f'<span class="to">to {escape(" and ".join(turn.addressed))}</span>' if turn.addressed else ""
        extra = _scores(score, rubric) + _taken(turns, i, names) if score else ""
        return (
            f'<article class="turn t" id="turn-{turn.index}"><header><strong>{escape(me)}</strong> {to}</header>'
            f"<p>{words}</p>{extra}</article>"
        )
    side = "ab"[list(names).index(turn.speaker)] if turn.speaker in names else "a"
    to = f'<span class="to">to {escape(turn.to)}</span>' if turn.to else ""
    trouble = (
        '<p class="trouble">The model did not answer; this line is one that the author of the couple wrote.</p>'
        if turn.trouble
        else ""
    )
    return (
        f'<article class="turn {side}" id="turn-{turn.index}"><header><strong>{escape(turn.speaker)}</strong> {to}</header>'
        f"<p>{_spoken(turn.text)}</p>{trouble}</article>"
    )


def _spoken(text: str) -> str:
    """Escape a line; stage business between square brackets becomes italic."""
    safe = escape(text)
    return re.sub(r"\[([^\[\]]{1,80})\]", r"<em>\1</em>", safe).replace("\n", "<br>")


def marked(text: str, score: dict[str, Any], rubric: Rubric) -> str:
    """Return a reply with the words that its scores rest on marked, helping and hurting apart."""
    spans: dict[tuple[int, int], set[str]] = {}
    for skill in score["skills"].values():
        for e in skill.get("codes", []):
            code = rubric.book.code.get(e["code"])
            effect = code.effect if code else "helps"
            spans.setdefault((e["start"], e["end"]), set()).add(effect)
    out, at = [], 0
    for (start, end), effects in sorted(spans.items()):
        if start < at:
            continue
        out.append(escape(text[at:start]))
        kind = "hurts" if effects == {"hurts"} else "helps" if effects == {"helps"} else "mixed"
        out.append(f'<mark class="{kind}">{escape(text[start:end])}</mark>')
        at = end
    out.append(escape(text[at:]))
    return "".join(out).replace("\n", "<br>")


def _scores(score: dict[str, Any], rubric: Rubric) -> str:
    rows, better = [], ""
    for skill in SKILLS:
        result, table = score["skills"][skill], rubric.levels.skills[skill]
        if result["status"] != "scored":
            label = "no opportunity" if result["status"] == "no_opportunity" else f"not scored. {result.get('why', '')}"
            rows.append(f'<li class="none"><span class="skill">{table.title}</span> <span>{escape(label)}</span></li>')
            continue
        level = result["level"]
        codes = "".join(
            f'<li><span class="effect {_effect(rubric, e["code"])}">{_effect_word(rubric, e["code"])}</span> '
            f"{escape(_say(rubric, e['code']))} <q>{escape(e['quote'])}</q> "
            f'<span class="sure">{round(100 * e["confidence"])} % sure</span></li>'
            for e in result["codes"]
        )
        evidence = f"<details><summary>the words it rests on</summary><ul>{codes}</ul></details>" if codes else ""
        rows.append(
            f'<li><span class="skill">{table.title}</span> <strong>{escape(table.levels[level - 1])}</strong> '
            f'<span class="number">{level} of 5</span><span class="why">{escape(result["why"])}</span>{evidence}</li>'
        )
        if result.get("better") and not better:
            better = f'<p class="better"><strong>One thing to try:</strong> {escape(result["better"])}</p>'
    worked = score.get("worked")
    first = (
        f'<p class="worked"><strong>What worked:</strong> {escape(_say(rubric, worked["code"]))} <q>{escape(worked["quote"])}</q></p>'
        if worked
        else ""
    )
    return f'<div class="scores" aria-label="Scores of this reply">{first}<ul>{"".join(rows)}</ul>{better}</div>'


def _effect(rubric: Rubric, code: str) -> str:
    return rubric.book.code[code].effect if code in rubric.book.code else "helps"


def _effect_word(rubric: Rubric, code: str) -> str:
    return "helped" if _effect(rubric, code) == "helps" else "got in the way"


def _say(rubric: Rubric, code: str) -> str:
    return rubric.book.code[code].say if code in rubric.book.code else code


def _taken(turns: Sequence[TurnRecord], i: int, names: Sequence[str]) -> str:
    sentences = [took_it(c, n) for n, c in changes(turns, i, names).items()]
    return f'<p class="taken">{escape(" ".join(sentences))}</p>' if sentences else ""


def state_panel(turns: Sequence[TurnRecord], names: Sequence[str]) -> str:
    """Return the side panel: two thin lines for each partner, and the gap in a sentence."""
    replies = [t for t in turns if t.speaker == THERAPIST]
    if not replies:
        return '<div class="state"><p>After your first reply you will see here how each of them is with you.</p></div>'
    start = next((t for t in turns if t.state), replies[0])
    series = [start, *replies]
    blocks = []
    for side, name in zip("ab", names, strict=True):
        lines = "".join(
            f"<dt>{key}</dt><dd>{_spark([t.state[name][key] for t in series], side, key)}"
            f"<span>{_words(series[-1].state[name][key])}</span></dd>"
            for key in ("alliance", "openness")
        )
        blocks.append(f'<div class="who {side}"><strong>{escape(name)}</strong><dl>{lines}</dl></div>')
    return f'<div class="state">{"".join(blocks)}<p class="gap">{escape(gap(replies[-1].state))}</p></div>'


def _words(value: float) -> str:
    return ("hardly any", "little", "some", "good", "strong")[min(4, int(value * 5))]


def _spark(values: Sequence[float], side: str, key: str) -> str:
    width, height = 120, 24
    step = width / max(1, len(values) - 1)
    points = " ".join(f"{i * step:.1f},{height - 2 - v * (height - 4):.1f}" for i, v in enumerate(values))
    return (
        f'<svg class="spark {side} {key}" viewBox="0 0 {width} {height}" role="img" aria-label="{key} from '
        f'{values[0]:.2f} to {values[-1]:.2f}"><polyline points="{points}" fill="none" stroke-width="1.5"/></svg>'
    )


def debrief_page(found: Debrief, turns: Sequence[TurnRecord], names: Sequence[str], rubric: Rubric, facts: str) -> str:
    """Return the debrief above its transcript."""
    parts = [
        f'<section class="debrief" aria-label="Debrief"><h2>What happened between you</h2><p>{escape(found.outcome)}</p>'
    ]
    if found.worked:
        parts.append(f'<p class="worked"><strong>What worked:</strong> {escape(found.worked)}</p>')
    parts.append(f'<p class="try"><strong>To try next:</strong> {escape(found.suggestion)}</p>')
    if found.moments:
        items = "".join(
            f'<li><a href="#turn-{m.turn}">“{escape(m.text[:120])}”</a> {escape(m.sentence)}</li>'
            for m in found.moments
        )
        parts.append(f"<h3>The moments that moved most</h3><ol>{items}</ol>")
    if found.points:
        parts.append("<h3>Over the session</h3>")
        parts.append(f'<figure class="plot">{session_plot(found.points, names)}</figure>')
        parts.append(_table(found, names, rubric))
    parts.append(_attention(found, names))
    parts.append(_skills(found, rubric))
    parts.append(f'<p class="facts">{escape(facts)} {SIMULATION}</p></section>')
    parts.append("<h3>The transcript</h3>")
    parts.append(transcript(turns, names, rubric, coached=True))
    return "".join(parts)


def _table(found: Debrief, names: Sequence[str], rubric: Rubric) -> str:
    head = "".join(f"<th scope='col'>{escape(n)}, {k}</th>" for n in names for k in ("alliance", "openness"))
    head += "".join(f"<th scope='col'>{rubric.levels.skills[s].title}</th>" for s in SKILLS)
    rows = "".join(
        f"<tr><th scope='row'>{p.reply}</th>"
        + "".join(f"<td>{p.state[n][k]:.2f}</td>" for n in names for k in ("alliance", "openness"))
        + "".join(f"<td>{p.levels[s] or 'no opportunity'}</td>" for s in SKILLS)
        + "</tr>"
        for p in found.points
    )
    return (
        f'<details class="table"><summary>The same as a table</summary><div tabindex="0" class="scroll"><table>'
        f"<thead><tr><th scope='col'>reply</th>{head}</tr></thead><tbody>{rows}</tbody></table></div></details>"
    )


def _attention(found: Debrief, names: Sequence[str]) -> str:
    balance = found.summary["balance"]
    rows = []
    for kind, label in (
        ("address", "your words went to"),
        ("validation", "was validated"),
        ("challenge", "was held to account"),
    ):
        cells = []
        for n in names:
            value = balance[kind][n]
            cells.append(f"<td>{'-' if value is None else f'{value:.1f}'}</td>")
        rows.append(f"<tr><th scope='row'>{label}</th>{''.join(cells)}</tr>")
    total = sum(balance["words"].values()) or 1
    talk = ", ".join(f"{escape(n)} {100 * balance['words'][n] // total} %" for n in names)
    head = "".join(f"<th scope='col'>{escape(n)}</th>" for n in names)
    return (
        f"<h3>How your attention was shared</h3><p>Of their words: {talk}. 1.0 means: as much as their share of the "
        f"talking; 2.0 twice as much.</p><div class='scroll' tabindex='0'><table><thead><tr><td></td>{head}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _skills(found: Debrief, rubric: Rubric) -> str:
    items = []
    for skill in SKILLS:
        s, table = found.summary["skills"][skill], rubric.levels.skills[skill]
        if s["mean"] is None:
            text = "no opportunity in this session"
        else:
            text = f"{s['mean']:.1f} on average, from {s['scored']} of {s['replies']} replies"
        items.append(f"<li><strong>{table.title}</strong>: {text}</li>")
    return f"<h3>The three skills</h3><ul>{''.join(items)}</ul>"
