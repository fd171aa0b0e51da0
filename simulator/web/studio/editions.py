"""What is done with a whole couple: published, put away, deleted, brought back, compared, taken out as files."""

from __future__ import annotations

from fastapi.responses import Response

from simulator.errors import InputError
from simulator.store.records import EditionRecord
from simulator.studio.changes import diff, in_words
from simulator.studio.manuscript import copy_of, raised
from simulator.studio.packing import pack
from simulator.web.endpoints import Asked, attached, on, when
from simulator.web.studio.common import checked, crumbs, manuscript_of

SHIPPED = "shipped"  # in the place of an edition's number: the couple as it ships


@on("POST", "/studio/{couple_id}/publish", "studio")
def publish(r: Asked) -> Response:
    """Let trainees practise with it; sessions that run keep the edition they began with."""
    m = manuscript_of(r)
    if m.state == "archived":
        raise InputError("It is archived.", how="Take it out of the archive first.")
    found = checked(r, m)
    if not found.playable:
        raise InputError("It cannot be played yet.", how="Mend what its page lists as problems, then publish it.")
    if found.unwritten and not r.ticked("sure"):
        raise InputError(
            "Some of it is still the words of the skeleton, and trainees would read and hear them.",
            how="Its page says which. Write them, or tick beside Publish that it shall be published all the same.",
        )
    before = r.store.manuscripts.last_published(m.id)
    files = raised(m.files, before.files if before else None)
    r.store.manuscripts.publish(m.id, r.who.name, r.number("version"), files)
    r.room.renew_library()
    r.log("published a couple", m.id)
    return r.back(f"/studio/{m.id}", "Published: new sessions begin with this edition.")


@on("POST", "/studio/{couple_id}/archive", "studio")
def archive(r: Asked) -> Response:
    """Put a couple away, or take it out again."""
    m = manuscript_of(r)
    away = r.ticked("away")
    now = r.store.manuscripts.archive(m.id, away=away)
    r.room.renew_library()
    r.log("archived a couple" if away else "took a couple out of the archive", m.id)
    live = r.store.manuscripts.last_published(m.id)
    if away:
        ships = m.id in r.room.shipped.couples
        done = f"Archived: {'new sessions begin with the couple as it ships' if ships else 'no new session begins with it'}."
    elif now.state == "published" and live is not None:
        done = f"It is back: new sessions begin with the edition published on {when(live.created)}."
    else:
        done = "It is a draft again."
    return r.back(f"/studio/{m.id}", done)


@on("POST", "/studio/{couple_id}/delete", "studio")
def delete(r: Asked) -> Response:
    """Delete a couple and its editions; sessions keep the couple they were played with."""
    m = manuscript_of(r)
    if m.state == "published":
        raise InputError("Trainees practise with it.", how="Archive it first; then it can be deleted.")
    if not r.ticked("sure"):
        # Nothing brings it back: it is asked a second time, with what would be gone.
        count = r.store.manuscripts.number_of(m.id, r.store.manuscripts.editions(m.id, limit=1)[0].id)
        return r.page("studio_delete.html", 409, m=m, way=crumbs(r, m), count=count)
    played = r.store.manuscripts.delete(m.id)
    r.room.renew_library()
    r.log("deleted a couple", m.id)
    kept = f" {played} sessions were played with it; they stay, and can be read and gone on with." if played else ""
    return r.back("/studio", f"{m.id} is deleted.{kept}")


@on("POST", "/studio/{couple_id}/restore", "studio")
def restore(r: Asked) -> Response:
    """Make an earlier edition the draft again; what it replaces stays among the editions."""
    m = manuscript_of(r)
    found = r.store.manuscripts.edition(m.id, r.number("edition"))
    r.store.manuscripts.save(m.id, r.who.name, r.number("version"), found.files)
    return r.back(f"/studio/{m.id}", f"{_called(r, found)} is the draft again.")


@on("GET", "/studio/{couple_id}/diff", "studio")
def difference(r: Asked) -> Response:
    """What changed between two editions, from the couple as it ships, or up to the draft."""
    m = manuscript_of(r)
    old, before = _version(r, r.query.get("edition", ""))
    new, after = _version(r, r.query.get("to", ""))
    lines = diff(old, new, names=(before, after))
    return r.page(
        "studio_diff.html", way=crumbs(r, m), lines=lines, said=in_words(old, new), before=before, after=after
    )


def _version(r: Asked, wanted: str) -> tuple[dict[str, str], str]:
    """Return (files, what to call them) of an edition by its number, of the couple as it ships, or of the draft."""
    m = manuscript_of(r)
    if not wanted:
        return m.files, "the draft"
    if wanted == SHIPPED and m.id in r.room.shipped.couples:
        return copy_of(r.room.shipped, m.id, m.id), "the couple as it ships"
    found = r.store.manuscripts.edition(m.id, int(wanted) if wanted.isdecimal() and len(wanted) < 10 else 0)
    return found.files, _called(r, found)


def _called(r: Asked, edition: EditionRecord) -> str:
    return f"Edition {r.store.manuscripts.number_of(edition.couple_id, edition.id)} of {when(edition.created)}"


@on("GET", "/studio/{couple_id}/export", "studio")
def export(r: Asked) -> Response:
    """The couple as a zip, or one of its files."""
    m = manuscript_of(r)
    wanted = r.query.get("file", "")
    if not wanted:
        return attached(pack(m.id, m.files), "application/zip", f"{m.id}.zip")
    if wanted not in m.files:
        raise InputError("This couple has no such file.", how="Choose one from its page.")
    return attached(m.files[wanted].encode(), "application/yaml", f"{m.id}-{wanted.rpartition('/')[2]}")
