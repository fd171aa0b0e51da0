"""The order of a list's items, by hand or by a key: what the boxes and buttons of a form ask for."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.studio.boxes import PLACE, SORT, TO, Field, Group, Listed
from simulator.studio.values import whole


def number_of(item: Group) -> int:
    """Return the number that an item has in the file."""
    return int(item.path.rpartition(".")[2])


def place_of(item: Group, sent: Mapping[str, str]) -> int:
    """Return the place that an item, or a new one, shall have, from 1; a button goes before a box."""
    given = whole(sent.get(item.path + TO, sent.get(item.path + PLACE, "")).strip()) if item.place else 0
    return given if isinstance(given, int) and given > 0 else item.place


def arranged(each: Listed, sent: Mapping[str, str]) -> list[int]:
    """Return the numbers of a list's items in the order that they shall have."""
    order = sorted(number_of(g) for g in each.items)
    if each.sort and each.path + SORT in sent:
        keys = {
            number_of(g): sent.get(f.path, f.value).strip()
            for g in each.items
            for f in g.children
            if isinstance(f, Field) and f.key == each.sort
        }
        return sorted(order, key=lambda n: (not keys[n], keys[n]))
    wanted = [(place_of(g, sent), number_of(g)) for g in each.items]
    for place, number in sorted((p, n) for p, n in wanted if p and p != n + 1):
        order.remove(number)
        order.insert(place - 1, number)
    return order
