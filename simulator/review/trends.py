"""Figures over months as an SVG: one line each, its name beside its end. Small enough to be made for every request."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 260, 44, 210, 16, 32
_DASHES = ("", "7 4", "2 4")


def trend_plot(
    title: str, months: Sequence[str], lines: Sequence[tuple[str, Sequence[float | None]]], span: tuple[float, float]
) -> str:
    """Return the plot of lines over the same months, oldest first, between the two values of `span`.

    The lines keep dash and mark by their place, so that a skill looks the same everywhere; what is None is left out.
    """
    low, high = span
    step = (WIDTH - LEFT - RIGHT) / max(1, len(months) - 1)

    def across(i: int) -> float:
        return LEFT + i * step

    def up(value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (high - min(high, max(low, value))) / (high - low)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}" '
        f'font-family="sans-serif" font-size="13" fill="#334155"><title>{escape(title)}</title>'
    ]
    for part in range(5):
        value = low + (high - low) * part / 4
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{up(value):.1f}" y2="{up(value):.1f}" stroke="#e2e8f0"/>'
            f'<text x="{LEFT - 8}" y="{up(value) + 4:.1f}" text-anchor="end">{value:g}</text>'
        )
    shown = max(1, -(-len(months) // 5))
    for i, month in enumerate(months):
        if i % shown == 0:
            parts.append(f'<text x="{across(i):.1f}" y="{HEIGHT - 8}" text-anchor="middle">{escape(month)}</text>')
    ends: list[tuple[float, float, str]] = []
    for number, (name, values) in enumerate(lines):
        points = [(across(i), up(v)) for i, v in enumerate(values) if v is not None]
        if not points:
            continue
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        dash = f' stroke-dasharray="{_DASHES[number % 3]}"' if _DASHES[number % 3] else ""
        parts.append(f'<polyline points="{path}" fill="none" stroke="#334155" stroke-width="1.6"{dash}/>')
        parts += [_mark(number, x, y) for x, y in points]
        ends.append((points[-1][1], points[-1][0], name))
    floor = 0.0
    for y, x, name in sorted(ends):
        floor = max(y + 4, floor + 16)  # names that would cover each other move apart
        parts.append(f'<text x="{x + 10:.1f}" y="{floor:.1f}">{escape(name)}</text>')
    return "".join(parts) + "</svg>"


def _mark(number: int, x: float, y: float) -> str:
    if number % 3 == 1:
        return f'<rect x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8" fill="#fff" stroke="#334155"/>'
    if number % 3 == 2:
        return f'<path d="M{x:.1f} {y - 5:.1f} l5 9 h-10 z" fill="#334155"/>'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="#334155"/>'
