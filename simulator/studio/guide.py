"""The guide for authors as it ships, as a page of the room shows it: a part of a Markdown document, safe to be shown."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt

# Nothing that is written as HTML passes as HTML.
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


def part_of(document: str, heading: str) -> str:
    """Return what stands under a heading of the second level, "" where there is none."""
    found = re.search(rf"(?ms)^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", document)
    return found[1].strip() if found else ""


def headings(markdown: str) -> list[tuple[str, str]]:
    """Return (anchor, words) of the headings within a part."""
    return [(anchor(words), words) for words in re.findall(r"(?m)^### (.+)$", markdown)]


def anchor(words: str) -> str:
    """Return what a heading is linked by."""
    return "-".join(re.findall(r"[a-z0-9]+", words.lower()))


def shown(markdown: str) -> str:
    """Return Markdown as HTML, each heading with its anchor."""
    tokens = _MARKDOWN.parse(markdown)
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            token.attrSet("id", anchor(tokens[at + 1].content))
    return str(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))
