"""The debrief's plot: both partners' alliance and openness over the replies, the three skills beneath."""

from __future__ import annotations

import io
from collections.abc import Sequence

from simulator.review.debrief import Point
from simulator.rubric import SKILLS

# Apart for colour-blind eyes, at least 4.5:1 on white and on the dark page alike is not possible for one colour,
# so the plot brings its own light ground.
PARTNER_COLOURS = ("#0f766e", "#86198f")
SKILL_MARKS = {"empathic_listening": "o", "non_defensiveness": "s", "avoiding_triangulation": "^"}


def session_plot(points: Sequence[Point], names: Sequence[str]) -> str:
    """Return the plot as an SVG document; at least one point is needed."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot as plt
    from matplotlib.ticker import MaxNLocator

    with plt.rc_context({"svg.fonttype": "none", "font.size": 11, "font.family": "sans-serif", "svg.hashsalt": "room"}):
        figure, (upper, lower) = plt.subplots(
            2, 1, figsize=(7.2, 5.4), sharex=True, height_ratios=(3, 2), layout="constrained"
        )
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
        for skill in SKILLS:
            seen = [(p.reply, p.levels[skill]) for p in points if p.levels[skill]]
            if seen:
                offset = (list(SKILLS).index(skill) - 1) * 0.08
                lower.plot(
                    [r for r, _ in seen], [(level or 0) + offset for _, level in seen], SKILL_MARKS[skill],
                    color="#334155", fillstyle=("full", "none", "left")[list(SKILLS).index(skill)], markersize=6,
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
            axis.spines[["top", "right"]].set_visible(False)
            axis.grid(axis="y", color="#e2e8f0", linewidth=0.6)
        out = io.StringIO()
        figure.savefig(
            out,
            format="svg",
            metadata={"Date": None, "Title": "Alliance, openness and skills over the session"},
        )
        plt.close(figure)
    svg = out.getvalue()
    return svg[svg.index("<svg") :]


def _spread(ends: list[tuple[float, str, str]], least: float = 0.075) -> list[tuple[float, str, str]]:
    """Move labels apart so that none covers another."""
    placed: list[tuple[float, str, str]] = []
    for at, text, colour in sorted(ends):
        floor = placed[-1][0] + least if placed else 0.02
        placed.append((max(at, floor), text, colour))
    return placed
