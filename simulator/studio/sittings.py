"""The savings of a couple as its author remembers them: one sitting after the other, each saving with what it changed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from difflib import SequenceMatcher

from simulator.couple.lint import COUPLE
from simulator.store import EditionRecord
from simulator.studio.manuscript import in_order

PAUSE = timedelta(minutes=30)  # between two savings of one sitting, at most
_MOST = 400  # lines that are compared one by one; of more, only where they stand is told
_ITEM = re.compile(r" {1,4}- \{?id:\s*[\"']?([^\"',}\s]+)")
_KEY = re.compile(r"([a-z_]+):")
_OF_PARTNER = re.compile(r"    ([a-z_]+):\s*[\"']?([^\"'#\n]*)")


@dataclass(frozen=True)
class Saving:
    """One edition with its number, the first being 1, and what it changed."""

    number: int
    edition: EditionRecord
    changed: list[str]


@dataclass
class Sitting:
    """Savings of one person that followed each other closely, latest first."""

    savings: list[Saving] = field(default_factory=list)

    @property
    def times(self) -> tuple[datetime, datetime]:
        """When it began and when it ended."""
        return self.savings[-1].edition.created, self.savings[0].edition.created

    @property
    def changed(self) -> list[str]:
        """What was changed in all of it, each place once, the first first."""
        return list(dict.fromkeys(words for s in reversed(self.savings) for words in s.changed))


def sittings(editions: Sequence[EditionRecord], number: int) -> list[Sitting]:
    """Return editions (latest first, that one being number `number`) by sitting.

    The last of them is left out unless it is number 1: it says what the one above it changed.
    """
    found: list[Sitting] = []
    for at, edition in enumerate(editions):
        old = editions[at + 1] if at + 1 < len(editions) else None
        if old is None and number - at > 1:
            break
        saving = Saving(number - at, edition, briefly(old.files, edition.files) if old else ["begun"])
        last = found[-1].savings[-1].edition if found else None
        if last is None or last.author != edition.author or last.created - edition.created > PAUSE:
            found.append(Sitting())
        found[-1].savings.append(saving)
    return found


def briefly(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """Return where two versions of a couple differ, in a few words each, from their lines alone: nothing is parsed."""
    found: list[str] = []
    for file in in_order({*old, *new}):
        name = file.removeprefix("scenarios/").removesuffix(".yaml")
        if file not in old or file not in new:
            found.append(f"session '{name}' {'added' if file in new else 'taken out'}")
        elif old[file] != new[file]:
            where = "" if file == COUPLE else f" in '{name}'"
            found += [f"{words}{where}" for words in _places(old[file], new[file])] or [f"layout{where}"]
    return found


def _places(old: str, new: str) -> Iterator[str]:
    a, b = old.split("\n"), new.split("\n")
    start = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    ends = zip(reversed(a[start:]), reversed(b[start:]), strict=False)
    end = next((n for n, (x, y) in enumerate(ends) if x != y), min(len(a), len(b)) - start)
    came, gone = _differing(a[start : len(a) - end], b[start : len(b) - end])
    counts: dict[str, Counter[str]] = {}
    for rows, touched, kind in ((b, came, "new"), (a, gone, "gone")):
        labels = _labels(rows)
        for n in touched:
            row = rows[start + n].strip()
            if row and not row.startswith("#"):
                counts.setdefault(labels[start + n], Counter())[kind] += 1
    for label, count in counts.items():
        yield f"{label} ({', '.join(f'{n} {k}' for k, n in count.items())})" if label.startswith("lines of ") else label


def _differing(a: Sequence[str], b: Sequence[str]) -> tuple[list[int], list[int]]:
    """Return the numbers of the lines that only `b` has, and that only `a` has."""
    if len(a) > _MOST or len(b) > _MOST:
        return list(range(len(b))), list(range(len(a)))
    blocks = [x for x in SequenceMatcher(None, a, b, autojunk=False).get_opcodes() if x[0] != "equal"]
    return [n for x in blocks for n in range(x[3], x[4])], [n for x in blocks for n in range(x[1], x[2])]


def _labels(rows: Sequence[str]) -> list[str]:
    """Return for each line of a file what it belongs to: "summary", "need of Gail", "fact 'the-letters'"."""
    found: list[tuple[str, str, str]] = []
    names: dict[str, str] = {}
    top = item = key = ""
    for row in rows:
        if begins := _KEY.match(row):
            top, item, key = begins[1], "", ""
        elif top in ("partners", "facts", "bids") and (begun := _ITEM.match(row)):
            item, key = begun[1], "id"
        elif top == "partners" and (of := _OF_PARTNER.match(row)):
            key = of[1]
            if key == "name":
                names[item] = of[2].strip()
        found.append((top, item, key))
    return [_label(top, names.get(item, item), key) for top, item, key in found]


def _label(top: str, item: str, key: str) -> str:
    if not item:
        return top.replace("_", " ")
    return f"{key.replace('_', ' ')} of {item}" if top == "partners" else f"{top.rstrip('s')} '{item}'"
