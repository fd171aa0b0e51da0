"""What a browser would send of a page's form."""

from __future__ import annotations

from html.parser import HTMLParser


class Boxes(HTMLParser):
    """What a browser would send of one of the forms on a page."""

    def __init__(self, text: str, label: str) -> None:
        super().__init__()
        self.sent: dict[str, list[str]] = {}
        self.label, self.inside, self.name, self.written = label, False, "", ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {k: v or "" for k, v in attrs}
        if tag == "form":
            self.inside = has.get("aria-label") == self.label
        if not self.inside:
            return
        if tag == "input" and "name" in has and (has.get("type") != "checkbox" or "checked" in has):
            self.sent.setdefault(has["name"], []).append(has["value"])
        elif tag in ("textarea", "select"):
            self.name, self.written = has["name"], ""
            self.sent.setdefault(self.name, [""])
        elif tag == "option" and "selected" in has:
            self.sent[self.name] = [has["value"]]

    def handle_data(self, data: str) -> None:
        self.written += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        if tag == "textarea" and self.inside:
            self.sent[self.name] = [self.written.removeprefix("\n").replace("\n", "\r\n")]


def boxes(text: str, label: str = "Form") -> dict[str, list[str]]:
    return Boxes(text, label).sent
