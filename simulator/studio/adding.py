"""What a form adds to a list: one item written whole, or many at once from one line of text each; and what keeps it from that."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import get_args

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from simulator.couple.schema import Spoken
from simulator.studio.boxes import CARRIED, GONE, MOST, Field, Group, Listed, fields, lists
from simulator.studio.values import nested, same, scalar, value
from simulator.text import clean

Wrong = tuple[tuple[str, str], ...]
_LONGEST: int = get_args(Spoken)[1].max_length
_NAMED = 4  # lines that a message names
_BULLET = re.compile(r"^[•▪◦‣*-]\s+")  # of a list that was copied from a text program


def new_item(new: Group, sent: Mapping[str, str]) -> CommentedMap | None:
    """Return the item that is to be added: one in whose boxes something was written; a first choice does not count."""
    made, written = _item(new, sent)
    return made if written else None


def pasted(each: Listed, sent: Mapping[str, str]) -> tuple[list[CommentedMap], str]:
    """Return the items that were sent as lines of text, and what is to be said of those that are there already."""
    if each.several is None:
        return [], ""
    *choices, text = fields(each.several)
    chosen = {f.key: value(f, clean(sent.get(f.path, ""))) for f in choices}
    there = {_flat(sent.get(f.path, f.value)) for g in each.items if g.path + GONE not in sent for f in fields(g) if f.key == text.key}  # fmt: skip
    made, again = [], []
    for line in _lines(sent.get(text.path, "")):
        if _flat(line) in there:
            again.append(line)
            continue
        there.add(_flat(line))
        made.append(CommentedMap({**chosen, text.key: scalar(line)}))
    said = [f"{len(made)} added."] if made else []
    if again:
        said.append(f"Not added again, because it is there already: {_quoted(again)}.")
    return made, " ".join(said)


def check_sent(shown: Group, sent: Mapping[str, str]) -> tuple[Wrong, dict[str, str]]:
    """Return what keeps a form from being put into its file, and what its boxes shall hold then.

    Several lines that stand in the box of one are moved to where each becomes one of its own, and said to be.
    """
    held, wrong = dict(sent), []
    for each in lists(shown):
        if each.several:
            wrong += [*_apart(each, held), *_unfit(each.several, held)]
    for box in fields(shown):
        given = clean(held.get(box.path, ""))
        if box.spoken and "\n" in given and not same(box, given):
            wrong.append((box.path, f"There are breaks in it: {len(_lines(given))} lines. This is said in one go; take the breaks out."))  # fmt: skip
    return tuple(wrong), held


def first_box(group: Group) -> str:
    """Return the path of the box in which a new item is begun, after what the last one leaves chosen."""
    return next(f.path for f in fields(group) if f.key not in CARRIED)


def unsaid(shown: Group, sent: Mapping[str, str]) -> str:
    """Return the box whose words are missing where something was chosen for a new item and nothing written; "" for none."""
    for each in lists(shown):
        for group in (each.new, each.several):
            boxes = list(fields(group)) if group else []
            if any(f.kind == "choice" and sent.get(f.path) for f in boxes):
                return next((f.path for f in boxes if f.kind != "choice" and not sent.get(f.path)), "")
    return ""


def _item(group: Group, sent: Mapping[str, str]) -> tuple[CommentedMap, bool]:
    """Return what was sent for a new item or a group in it, and whether something was written and not only chosen."""
    made, written = CommentedMap(), False
    for child in group.children:
        key = child.path.rpartition(".")[2]
        if isinstance(child, Field):
            given = clean(sent.get(child.path, ""))
            held = nested([], value(child, given)) if given else None
            written |= bool(given) and child.kind != "choice"
        elif any(isinstance(c, Group) and c.item for c in child.children):
            rows = [_item(c, sent) for c in child.children if isinstance(c, Group)]
            held = CommentedSeq(row for row, _ in rows if row)
            for row in held:
                row.fa.set_flow_style()
            written |= any(said for _, said in rows)
        else:
            held, said = _item(child, sent)
            written |= said
        if held not in (None, [], {}):
            made[key] = held
    return made, written


def _apart(each: Listed, held: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Move the lines that stand in the box of a new item to where many are added at once, if nothing stands there."""
    assert each.several is not None
    *choices, text = fields(each.several)
    box = next(f for f in fields(each.new) if f.key == text.key)
    lines = _lines(held.get(box.path, ""))
    if len(lines) < 2 or _lines(held.get(text.path, "")):
        return
    held[text.path], held[box.path] = "\n".join(lines), ""
    for field in choices:
        held[field.path] = held.get(f"{each.new.path}.{field.key}", "")
    yield (
        text.path,
        f"{len(lines)} lines stood in the box for one: here, each becomes one of its own when you save. "
        "If it was meant as one, write it into One more without the breaks.",
    )


def _unfit(several: Group, sent: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    *choices, text = fields(several)
    lines = _lines(sent.get(text.path, ""))
    if len(lines) > MOST:
        more = len(lines) - MOST
        yield text.path, f"There are {len(lines)} lines, and at most {MOST} are added at once: take the last {more} out, and add them after these."  # fmt: skip
    long = [x for x in lines if len(x) > _LONGEST]
    if long:
        yield text.path, f"At most {_LONGEST} characters fit into one; longer: {_quoted(long)}."
    for field in choices if lines else []:
        if not sent.get(field.path):
            yield field.path, "Choose one: it holds for all of these lines."


def _lines(text: str) -> list[str]:
    flat = (" ".join(_BULLET.sub("", clean(x)).split()) for x in text.replace("\r", "\n").split("\n"))
    return [x for x in flat if x]


def _flat(text: str) -> str:
    return " ".join(text.replace("’", "'").casefold().split())


def _quoted(lines: list[str]) -> str:
    named = ", ".join(f"“{x[:60]}{'…' if len(x) > 60 else ''}”" for x in lines[:_NAMED])
    return named + (f" and {len(lines) - _NAMED} more" if len(lines) > _NAMED else "")
