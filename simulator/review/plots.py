"""The plots: a session's alliance, openness and skills over its replies; a trainee's skills over the weeks."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from simulator.review.debrief import Point
from simulator.review.progress import Week
from simulator.rubric import SKILLS

# Apart for colour-blind eyes, at least 4.5:1 on white and on the dark page alike is not possible for one colour,
# so the plot brings its own light ground.
PARTNER_COLOURS = ("#0f766e", "#86198f")
MARKS = ("o", "s", "^")
_STYLE: Any = {"svg.fonttype": "none", "font.size": 11, "font.family": "sans-serif", "svg.hashsalt": "room"}
_ONE = threading.Lock()


def session_plot(points: Sequence[Point], names: Sequence[str]) -> str:
    """Return the plot as an SVG document; at least one point is needed."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    # A figure of its own, not pyplot: that keeps one for all threads, and pages are made in several.
    with _styled():
        figure = Figure(figsize=(7.2, 5.4), layout="constrained")
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
        x = [p.reply for p in points]
        ends: list[tuple[float, str, str]] = []
        for name, colour in zip(names, PARTNER_COLOURS, strict=True):
            for key, style in (("alliance", "-"), ("openness", "--")):
                y = [p.state[name][key] for p in points]
                upper.plot(x, y, style, color=colour, linewidth=1.6, marker="." if len(x) < 3 else None)
                ends.append((y[-1], f"{name}, {key}", colour))
        for at, text, colour in _spread(ends):
            upper.annotate(
                text,
                (x[-1], at),
                xytext=(6, 0),
                textcoords="offset points",
                color=colour,
                va="center",
                fontsize=9,
            )
        upper.set_ylim(0, 1)
        upper.set_yticks([0, 0.5, 1], ["none", "half", "full"])
        for number, skill in enumerate(SKILLS):
            seen = [(p.reply, p.levels[skill]) for p in points if p.levels[skill]]
            if seen:
                offset = (number - 1) * 0.08
                lower.plot(
                    [r for r, _ in seen], [(level or 0) + offset for _, level in seen], MARKS[number],
                    color="#334155", fillstyle=("full", "none", "left")[number], markersize=6,
                    label=skill.replace("_", " "),
                )  # fmt: skip
        lower.set_ylim(0.6, 5.4)
        lower.set_yticks(range(1, 6))
        lower.set_ylabel("level")
        lower.set_xlabel("your reply")
        lower.xaxis.set_major_locator(MaxNLocator(integer=True))
        if lower.get_legend_handles_labels()[0]:
            lower.legend(loc="upper center", bbox_to_anchor=(0.5, -0.28), ncols=3, frameon=False, fontsize=9)
        for axis in (upper, lower):
            _plain(axis)
        return _svg(figure, "Alliance, openness and skills over the session")


def progress_plot(weeks: Sequence[Week], titles: Sequence[str]) -> str:
    """Return each skill's mean level over the weeks as an SVG document; a dot is as large as its opportunities are many."""
    from matplotlib.figure import Figure

    order = sorted(weeks, key=lambda w: w.start)
    x = [(w.start - order[0].start).days // 7 for w in order]
    with _styled():
        figure = Figure(figsize=(7.2, 3.0), layout="constrained")
        axis = figure.subplots()
        for number, (title, style) in enumerate(zip(titles, ("-", "--", ":"), strict=True)):
            seen = [(at, w.points[number]) for at, w in zip(x, order, strict=True) if w.points[number].n]
            if not seen:
                continue
            y = [p.mean or 0.0 for _, p in seen]
            axis.plot([at for at, _ in seen], y, style, color="#334155", linewidth=1.4, label=title)
            sizes = [12 + 4 * min(30, p.n) for _, p in seen]
            axis.scatter([at for at, _ in seen], y, s=sizes, marker=MARKS[number], color="#334155")
        axis.set_ylim(0.8, 5.2)
        axis.set_yticks(range(1, 6))
        axis.set_ylabel("mean level")
        shown = range(0, len(x), max(1, len(x) // 6))
        axis.set_xticks([x[i] for i in shown], [f"{order[i].start:%d %b}" for i in shown])
        axis.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=3, frameon=False, fontsize=9)
        _plain(axis)
        return _svg(figure, "Each skill's mean level, week by week")


@contextmanager
def _styled() -> Iterator[None]:
    """Set matplotlib's style, which is one for the whole program: one plot at a time."""
    from matplotlib import rc_context

    with _ONE, rc_context(_STYLE):
        yield


def _plain(axis: Any) -> None:
    axis.spines[["top", "right"]].set_visible(False)
    axis.grid(axis="y", color="#e2e8f0", linewidth=0.6)


def _svg(figure: Any, title: str) -> str:
    out = io.StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None, "Title": title})
    svg = out.getvalue()
    return svg[svg.index("<svg") :]


def _spread(ends: list[tuple[float, str, str]], least: float = 0.075) -> list[tuple[float, str, str]]:
    """Move labels apart so that none covers another."""
    placed: list[tuple[float, str, str]] = []
    for at, text, colour in sorted(ends):
        floor = placed[-1][0] + least if placed else 0.02
        placed.append((max(at, floor), text, colour))
    return placed
