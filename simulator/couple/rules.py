"""Rules over a whole file: who is named exists, secrets have their parts, no id twice. All that break them, at once.

They go over the data as it was read or over checked models alike, so that a mistake elsewhere in the file hides none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from simulator.couple.keys import KEYS
from simulator.couple.raw import Path, get, items, text

Broken = tuple[Path, str]
_OF_A_SECRET = ("giveaways", "opens", "disclosure")


def of_couple(couple: Any) -> Iterator[Broken]:
    """Yield (path of the key, what is wrong) for each rule that a couple's file breaks."""
    partners = items(couple, "partners")
    for key in ("id", "name"):
        named = [text(p, key) for p in partners]
        if len(named) == 2 and named[0] and named[0] == named[1]:
            yield (
                ("partners", 1, key),
                f"the two partners need different ids and names; both have the {key} '{named[0]}'",
            )
    ids = ids_of(couple)
    seen: set[str] = set()
    for number, fact in enumerate(items(couple, "facts")):
        name = text(fact, "id") or f"number {number + 1}"
        for key in ("known_by", "suspected_by"):
            for at, who in enumerate(items(fact, key)):
                if ids and who not in ids:
                    yield ("facts", number, key, at), f"fact '{name}' names '{who}'; allowed: {_list(ids)}"
        for key in _OF_A_SECRET if len(items(fact, "known_by")) == 1 else ():
            if not get(fact, key):
                yield ("facts", number, key), f"only one of them knows it, and a secret needs this. {KEYS['Fact'][key]}"
        if text(fact, "id") in seen:
            yield ("facts", number, "id"), f"two facts have the id '{name}': give this one another"
        seen.add(text(fact, "id") or f"\n{number}")


def of_scenario(scenario: Any, couple: Any) -> Iterator[Broken]:
    """Yield (path of the key, what does not fit the couple) for a scenario's file."""
    ids = ids_of(couple)
    if len(ids) == 2:
        yield from _of_names(scenario, ids)
    gated = [text(f, "id") for f in items(couple, "facts") if get(f, "opens")]
    # Of a couple that cannot be read nothing is known.
    for at, fact in enumerate(items(scenario, "disclosures") if ids else []):
        if fact not in gated:
            yield ("disclosures", at), f"there is no fact '{fact}' that can open; those that can: {_list(gated)}"
    opens = items(scenario, "disclosures")
    for at, fact in enumerate(items(scenario, "alone")):
        if fact not in opens:
            yield ("alone", at), f"'{fact}' is not among the disclosures of this session: {_list(opens)}"
    seen: set[str] = set()
    for number, bid in enumerate(items(scenario, "bids")):
        own = text(bid, "id")
        if own in seen:
            yield ("bids", number, "id"), f"two bids have the id '{own}': give this one another"
        seen.add(own or f"\n{number}")


def _of_names(scenario: Any, ids: Collection[str]) -> Iterator[Broken]:
    for where in (("start",), ("endings", "walk_out")):
        there = _under(scenario, where)
        if hasattr(there, "keys") and set(there) != set(ids):
            yield where, f"it names {_list(map(str, there))}; both partners are needed: {_list(ids)}"
    spoken: list[Path] = [("opening",), ("endings", "well"), ("endings", "unfinished")]
    for number, bid in enumerate(items(scenario, "bids")):
        spoken += [("bids", number, "after_good"), ("bids", number, "after_bad")]
        who = text(bid, "partner")
        if who and who not in ids:
            yield ("bids", number, "partner"), f"bid '{text(bid, 'id')}' names '{who}'; allowed: {_list(ids)}"
    for path in spoken:
        for at, beat in enumerate(items(_under(scenario, path[:-1]), path[-1])):
            who = text(beat, "partner")
            if who and who not in ids:
                yield (*path, at, "partner"), f"a line of '{who}' stands here; allowed: {_list(ids)}"


def _under(node: Any, path: Path) -> Any:
    for step in path:
        node = get(node, step)
    return node


def ids_of(couple: Any) -> list[str]:
    """Return the ids of the partners, as far as the file has them."""
    return [i for p in items(couple, "partners") if (i := text(p, "id"))]


def _list(names: Any) -> str:
    return ", ".join(sorted(names)) or "none"
