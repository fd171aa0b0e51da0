"""Lists and keys of a YAML file changed in place: comments and blank lines between them stay where they stood."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import CommentMark
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, FoldedScalarString, LiteralScalarString
from ruamel.yaml.tokens import CommentToken

# An item of a list as it shall be: the number that it had, None for a new one, and what it is.
Item = tuple[int | None, Any]


def put(holder: Any, key: Any, value: Any) -> None:
    """Give a key its value; what stands after the old value, or after the last key, stands after this one."""
    if isinstance(holder, CommentedMap) and key not in holder:
        if not holder:
            holder.fa.set_block_style()
        before = next(reversed(holder), None)
        below = "" if before is None else lift(holder, before)
        holder[key] = value
        lay(holder, key, below)
        return
    below, note = lift(holder, key), getattr(holder[key], "comment", "")
    token = _token(holder, key)
    if _is_block(value) and token is not None:
        if token.value.strip():
            value = DoubleQuotedScalarString(value)  # a comment beside it has no place beside a block
        else:
            holder.ca.items[key][_slot(holder)] = None
    holder[key] = value
    value = holder[key]  # a text in place of a block is made one too
    if note and _is_block(value):
        value.comment = note
    elif note:
        below = f"{note.strip()}\n{below}"
    lay(holder, key, below)


def drop(parent: Any, name: Any, holder: Any, key: Any) -> None:
    """Take a key out of a mapping (which is `parent[name]`, if it has a parent); what stands after it stays."""
    names = list(holder)
    over = (holder.ca.items.get(key) or [None] * 4)[1] or []
    below, at = "".join(map(_lines, over)) + lift(holder, key), names.index(key)
    del holder[key]
    holder.ca.items.pop(key, None)
    if at or len(names) > 1:
        lay(holder, names[at - 1] if at else names[1], below)
    else:
        holder.fa.set_flow_style()
        if parent is not None:
            lay(parent, name, _unhead(parent, name) + below)


def arrange(parent: Any, key: Any, items: Sequence[Item]) -> None:
    """Give the list at a key these items; a comment goes with the item under it, and stays when that is taken out."""
    old = parent[key]
    flow, count = bool(old.fa.flow_style()), len(old)
    above = ["", *("" if flow else lift(old, n) for n in range(count))]
    beside = [old.ca.items.pop(n, None) for n in range(count)]
    for n, entry in enumerate(beside):
        if entry and entry[1] and not flow:
            above[n] += "".join(map(_lines, entry[1]))
            entry[1] = None
    last = above.pop() if count else lift(parent, key)
    there = {n for n, _ in items if n is not None}
    # What stood over an item that goes stands over the next one that stays.
    carried = ""
    for n in range(count):
        if n in there:
            above[n], carried = carried + above[n], ""
        elif "#" in above[n]:
            carried += above[n]
    last = carried + last
    old.clear()
    if not items or (flow and not count):
        # An empty list is written as [], and one that was empty item by item.
        last = _unhead(parent, key) + last
        (old.fa.set_block_style if items else old.fa.set_flow_style)()
        flow = not items
    for place, (number, value) in enumerate(items):
        old.append(value)
        # An entry that holds nothing any more would be taken for a comment, and the item written into one line.
        if number is not None and any(beside[number] or ()):
            old.ca.items[place] = beside[number]
    # Only then: what stands after an item is kept with the last word of it.
    for place, (number, _) in enumerate(items):
        text = "" if number is None else above[number]
        if place:
            lay(old, place - 1, text)
        else:
            _head(parent, key, text)
    if items:
        lay(old, len(items) - 1, last)
    else:
        lay(parent, key, last)


def lift(holder: Any, key: Any) -> str:
    """Take off the comment lines and blank lines that stand after a value, and return them."""
    holder, key, ends = _end(holder, key)
    found, token = "", _token(holder, key)
    if token is not None and _is_block(holder[key]):
        found, holder.ca.items[key][_slot(holder)] = _lines(token), None
    elif token is not None:
        own, end, found = token.value.partition("\n")
        token.value = own + end
    for tokens in reversed(ends):
        found += "".join(map(_lines, tokens))
        tokens.clear()
    return found


def lay(holder: Any, key: Any, text: str) -> None:
    """Put comment lines and blank lines after a value."""
    if not text:
        return
    holder, key, _ = _end(holder, key)
    token, block = _token(holder, key), _is_block(holder[key])
    if token is None:
        entry = holder.ca.items.setdefault(key, [None, None, None, None])
        entry[_slot(holder)] = _made(text if block else f"\n{text}")
    else:
        token.value = (token.value if token.value.endswith("\n") else f"{token.value}\n") + text


def _head(parent: Any, key: Any, text: str) -> None:
    """Put comment lines over the first item of the list at a key."""
    if not text:
        return
    entry = parent.ca.items.setdefault(key, [None, None, None, None])
    if entry[2] is None and entry[3]:
        entry[3][-1].value += text
        return
    if entry[2] is None:
        entry[2] = _made("\n")
        parent[key].ca.comment = [entry[2], None]
    entry[2].value += text


def _unhead(parent: Any, key: Any) -> str:
    """Take off the comment lines over the first item of what stands at a key, and return them."""
    entry = parent.ca.items.get(key) or [None] * 4
    over, parent[key].ca.comment = entry[3] or [], None
    if over:
        entry[3] = None
    return "".join(map(_lines, over))


def _end(holder: Any, key: Any) -> tuple[Any, Any, list[list[Any]]]:
    """Return where the last word of a value stands, and the lists of what stands at the end of all it is in."""
    ends = []
    while isinstance(value := holder[key], CommentedMap | CommentedSeq) and value and not value.fa.flow_style():
        if value.ca.end:
            ends.append(value.ca.end)
        holder, key = value, next(reversed(value)) if isinstance(value, CommentedMap) else len(value) - 1
    return holder, key, ends


def _is_block(value: Any) -> bool:
    return isinstance(value, LiteralScalarString | FoldedScalarString)


def _slot(holder: Any) -> int:
    return 2 if isinstance(holder, CommentedMap) else 0


def _token(holder: Any, key: Any) -> Any:
    entry = holder.ca.items.get(key)
    return entry[_slot(holder)] if entry else None


def _lines(token: Any) -> str:
    """Return a comment with the blanks before it: the first line of one that stands alone comes without them."""
    text: str = token.value
    return f"{' ' * token.start_mark.column}{text}" if text.startswith("#") else text


def _made(text: str) -> CommentToken:
    return CommentToken(text, CommentMark(0), None)
