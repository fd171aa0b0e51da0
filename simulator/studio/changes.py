"""How two versions of a couple differ: in words for its author, and line by line."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from simulator.couple.lint import COUPLE
from simulator.couple.naming import file_of
from simulator.studio.manuscript import in_order, load


def diff(
    old: Mapping[str, str], new: Mapping[str, str], *, names: tuple[str, str] = ("before", "after")
) -> list[tuple[str, str]]:
    """Return (kind, line) of a readable difference: file, same, gone and new lines, a few around each change."""
    found = []
    for file in in_order({*old, *new}):
        a, b = old.get(file, "").splitlines(), new.get(file, "").splitlines()
        if a == b:
            continue
        found.append(
            ("file", file if file in old and file in new else f"{file} ({names[1] if file in new else names[0]} only)")
        )
        for line in list(difflib.unified_diff(a, b, lineterm="", n=2))[2:]:
            kind = {"+": "new", "-": "gone", "@": "place"}.get(line[:1], "same")
            found.append((kind, line if kind == "place" else line[1:]))
    return found


def in_words(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """Return what changed, a sentence each: "need of Ana changed", "2 lines added to Bo"."""
    found: list[str] = []
    for file in in_order({*old, *new}):
        title = file_of(file, load(new.get(file, "")) or load(old.get(file, "")))
        if file not in old or file not in new:
            found.append(f"{title} {'added' if file in new else 'taken out'}")
        elif old[file] != new[file]:
            a, b = load(old[file]), load(new[file])
            said = list(_couple(a, b) if file == COUPLE else _scenario(a, b)) if a and b else []
            where = "" if file == COUPLE else f" in {title}"
            found += [f"{words}{where}" for words in said] or [f"{title}: only the layout or comments changed"]
            if not (a and b):
                found[-1] = f"{title} changed, and cannot be read {'any more' if a else 'as it was before'}"
    return found


def _couple(a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"{key} changed" for key in _keys(a, b, ("partners", "facts")))
    before = {str(p.get("id")): p for p in _maps(a.get("partners"))}
    now = {str(p.get("id")) for p in _maps(b.get("partners"))}
    for partner in _maps(b.get("partners")):
        name, own = str(partner.get("name") or partner.get("id")), str(partner.get("id"))
        # One of the same name is the same one under another id.
        other = (key for key, p in before.items() if key not in now and p.get("name") == partner.get("name"))
        was = before.pop(own if own in before else next(other, own), None)
        if was is None:
            yield f"{name} is a new partner"
            continue
        yield from (f"{_plain(key)} of {name} changed" for key in _keys(was, partner, ("lines",)))
        yield from _lines(was, partner, name)
    yield from (f"{gone.get('name') or key} is gone" for key, gone in before.items())
    yield from _by_id(a, b, "facts", "fact")


def _scenario(a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"{_plain(key)} changed" for key in _keys(a, b, ("bids",)))
    yield from _by_id(a, b, "bids", "bid")


def _lines(a: Mapping[str, Any], b: Mapping[str, Any], name: str) -> Iterator[str]:
    old, new = (Counter(str(x.get("say")) for x in _maps(p.get("lines"))) for p in (a, b))
    for count, words in (((new - old).total(), f"added to {name}"), ((old - new).total(), f"taken from {name}")):
        if count:
            yield f"{count} line{'s' if count > 1 else ''} {words}"
    was = {str(x.get("say")): x for x in _maps(a.get("lines"))}
    marked = sum(x != was[str(x.get("say"))] for x in _maps(b.get("lines")) if str(x.get("say")) in was)
    if marked:
        yield f"move, mood or cue of {marked} line{'s' if marked > 1 else ''} of {name} changed"


def _by_id(a: Mapping[str, Any], b: Mapping[str, Any], key: str, what: str) -> Iterator[str]:
    before = {str(x.get("id")): x for x in _maps(a.get(key))}
    now = {str(x.get("id")) for x in _maps(b.get(key))}
    for item in _maps(b.get(key)):
        was = before.pop(str(item.get("id")), None)
        same = (i for i, x in before.items() if i not in now and {**x, "id": item.get("id")} == dict(item))
        if was is None and (old := next(same, None)):
            before.pop(old)
            yield f"{what} '{old}' is called '{item.get('id')}' now"
        elif was is None:
            yield f"{what} '{item.get('id')}' added"
        elif was != item:
            yield f"{', '.join(map(_plain, _keys(was, item)))} of {what} '{item.get('id')}' changed"
    yield from (f"{what} '{gone}' taken out" for gone in before)


def _keys(a: Mapping[str, Any], b: Mapping[str, Any], left_out: tuple[str, ...] = ()) -> list[str]:
    return [str(k) for k in dict.fromkeys([*b, *a]) if k not in left_out and a.get(k) != b.get(k)]


def _maps(value: Any) -> list[Mapping[str, Any]]:
    return [x for x in value if isinstance(x, Mapping)] if isinstance(value, list) else []


def _plain(key: str) -> str:
    return key.replace("_", " ")


def merged(base: str, mine: str, theirs: str) -> str | None:
    """Return the text with both changes of `base`, None where they touch the same or neighbouring lines."""
    lines = base.splitlines(keepends=True)
    edits = []
    for text in (mine, theirs):
        other = text.splitlines(keepends=True)
        found = difflib.SequenceMatcher(None, lines, other, autojunk=False).get_opcodes()
        edits.append([(a, b, other[c:d]) for tag, a, b, c, d in found if tag != "equal"])
    for a, b, _ in edits[0]:
        if any(a <= d and c <= b for c, d, _ in edits[1]):
            return None
    for a, b, new in sorted([*edits[0], *edits[1]], key=lambda e: e[0], reverse=True):
        lines[a:b] = new
    return "".join(lines)
