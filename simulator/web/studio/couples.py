"""The list of couples, one couple with its checks and editions, and what is done with a whole couple."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi.responses import Response

from simulator.couple.lint import COUPLE
from simulator.errors import InputError
from simulator.store import ManuscriptRecord
from simulator.studio.manuscript import check, copy_of, diff, new_scenario, raised, renamed, skeleton
from simulator.studio.packing import couple_id_in, pack, read_card, unpack, with_partner
from simulator.web.endpoints import MAX_UPLOAD, Asked, on, when

STATES = {"draft": "draft", "published": "published", "archived": "archived"}


def manuscript_of(r: Asked) -> ManuscriptRecord:
    """Return the couple in the path."""
    return r.store.manuscripts.get(r.request.path_params["couple_id"])


@on("GET", "/studio", "studio")
def studio(r: Asked) -> Response:
    """The couples that are being written, and those that ship."""
    written = r.store.manuscripts.all()
    mine = {m.id for m in written}
    rows = [
        {
            "id": m.id,
            "title": _title(m.files) or m.id,
            "state": STATES[m.state],
            "when": when(m.changed),
            "author": m.author,
        }
        for m in written
    ]
    shipped = [(c.id, c.title) for c in r.room.library.couples.values() if c.id not in mine]
    return r.page("studio.html", rows=rows, shipped=shipped, all=[*[(x["id"], x["title"]) for x in rows], *shipped])


@on("POST", "/studio/new", "studio")
def new(r: Asked) -> Response:
    """Begin a couple: from a skeleton, from another one under a new id, or an edition of one that ships."""
    source, couple_id = r.text("source", 80), r.text("id", 60).strip()
    if not source:
        files = skeleton(couple_id, (r.text("first", 40).strip(), r.text("second", 40).strip()), r.who.name)
    else:
        written = {m.id: m.files for m in r.store.manuscripts.all()}
        couple_id = couple_id or source
        files = renamed(written[source], couple_id) if source in written else copy_of(r.room.library, source, couple_id)
    made = r.store.manuscripts.create(couple_id, r.who.name, files)
    r.log("began a couple", made.id)
    return r.back(f"/studio/{made.id}", "It is a draft: nobody can practise with it yet.")


@on("POST", "/studio/import", "studio")
def bring(r: Asked) -> Response:
    """Begin a couple from a zip, a couple.yaml, or a Character Card as one partner."""
    if len(r.upload) > MAX_UPLOAD:
        raise InputError("The file is larger than 2 MB.", how="A couple is text; leave pictures out.")
    name, left = r.text("file", 200).lower(), list[str]()
    if name.endswith((".png", ".json")):
        who, partner, left = read_card(r.upload)
        couple_id = r.text("id", 60).strip()
        files = skeleton(couple_id, (who, r.text("second", 40).strip() or "Somebody"), r.who.name)
        files[COUPLE] = with_partner(files[COUPLE], partner)
    else:
        files = unpack(r.upload)
        couple_id = r.text("id", 60).strip() or couple_id_in(files)
        if not couple_id:
            raise InputError("The file has no id.", how="Write one beside it: ana-and-bo.")
        if couple_id != couple_id_in(files):
            files = renamed(files, couple_id)
    made = r.store.manuscripts.create(couple_id, r.who.name, files)
    r.log("imported a couple", made.id)
    done = f"Left behind: {'; '.join(left)}." if left else "It is a draft now."
    return r.back(f"/studio/{made.id}", done)


@on("GET", "/studio/{couple_id}", "studio")
def couple(r: Asked) -> Response:
    """One couple: its files, what is wrong or doubtful, what supervisors doubted, its editions."""
    m = manuscript_of(r)
    found = check(m.files)
    editions = r.store.manuscripts.editions(m.id)
    published = next((e for e in editions if e.published), None)
    doubts = [
        {"session": s, "turn": n.turn, "author": n.author, "text": n.text, "quote": n.quote or _line(r, s, n.turn)}
        for s, n in r.store.reviews.doubts(m.id)
    ]
    return r.page(
        "studio_couple.html", m=m, title=_title(m.files) or m.id, files=sorted(m.files, key=lambda n: (n != COUPLE, n)),
        problems=[(f, p) for f, ps in found.problems.items() for p in ps], findings=found.findings, playable=found.playable,
        editions=[{"id": e.id, "when": when(e.created), "author": e.author, "published": e.published} for e in editions],
        changed=published is not None and published.files != m.files, published=published, doubts=doubts,
    )  # fmt: skip


@on("POST", "/studio/{couple_id}/scenario", "studio")
def scenario(r: Asked) -> Response:
    """Begin another session for a couple."""
    m = manuscript_of(r)
    found = check(m.files).couple
    if found is None:
        raise InputError("couple.yaml cannot be read yet.", how="Mend it first; then its sessions can be written.")
    key = r.text("id", 60).strip()
    name = f"scenarios/{key}.yaml"
    if name in m.files:
        raise InputError(f"There is a session '{key}' already.", how="Choose another id.")
    files = {**m.files, name: new_scenario(key, m.id, found.partners[0].id, found.partners[1].id)}
    r.store.manuscripts.save(m.id, r.who.name, r.number("version"), files)
    return r.back(f"/studio/{m.id}/edit?file={name}", "A new session, filled with what belongs where.")


@on("POST", "/studio/{couple_id}/publish", "studio")
def publish(r: Asked) -> Response:
    """Let trainees practise with it; sessions that run keep the edition they began with."""
    m = manuscript_of(r)
    if not check(m.files).playable:
        raise InputError("It cannot be played yet.", how="Mend what its page lists as problems, then publish it.")
    before = next((e.files for e in r.store.manuscripts.editions(m.id) if e.published), None)
    r.store.manuscripts.publish(m.id, r.who.name, r.number("version"), raised(m.files, before))
    r.room.renew_library()
    r.log("published a couple", m.id)
    return r.back(f"/studio/{m.id}", "Published: new sessions begin with this edition.")


@on("POST", "/studio/{couple_id}/archive", "studio")
def archive(r: Asked) -> Response:
    """Put a couple away, or take it out again."""
    m = manuscript_of(r)
    r.store.manuscripts.archive(m.id, away=r.ticked("away"))
    r.room.renew_library()
    r.log("archived a couple" if r.ticked("away") else "took a couple out of the archive", m.id)
    return r.back(
        f"/studio/{m.id}", "Archived: no new session begins with it." if r.ticked("away") else "It is a draft again."
    )


@on("POST", "/studio/{couple_id}/delete", "studio")
def delete(r: Asked) -> Response:
    """Delete a couple and its editions; sessions keep the couple they were played with."""
    m = manuscript_of(r)
    if m.state == "published":
        raise InputError("It is published.", how="Archive it first; then it can be deleted.")
    played = r.store.manuscripts.delete(m.id)
    r.room.renew_library()
    r.log("deleted a couple", m.id)
    kept = f" {played} sessions were played with it; they stay, and can be read and gone on with." if played else ""
    return r.back("/studio", f"{m.id} is deleted.{kept}")


@on("POST", "/studio/{couple_id}/restore", "studio")
def restore(r: Asked) -> Response:
    """Make an earlier edition the draft again; what it replaces stays among the editions."""
    m = manuscript_of(r)
    wanted = r.number("edition")
    found = next((e for e in r.store.manuscripts.editions(m.id, limit=1000) if e.id == wanted), None)
    if found is None:
        raise InputError("There is no such edition.", how="Reload the page.")
    r.store.manuscripts.save(m.id, r.who.name, r.number("version"), found.files)
    return r.back(f"/studio/{m.id}", f"The edition of {when(found.created)} is the draft again.")


@on("GET", "/studio/{couple_id}/diff", "studio")
def difference(r: Asked) -> Response:
    """What changed between an edition and the draft."""
    m = manuscript_of(r)
    wanted = r.query.get("edition", "")
    found = next((e for e in r.store.manuscripts.editions(m.id, limit=1000) if str(e.id) == wanted), None)
    if found is None:
        raise InputError("There is no such edition.", how="Choose one from the couple's page.")
    return r.page("studio_diff.html", m=m, lines=diff(found.files, m.files), old=when(found.created))


@on("GET", "/studio/{couple_id}/export", "studio")
def export(r: Asked) -> Response:
    """The couple as a zip."""
    m = manuscript_of(r)
    return Response(
        pack(m.id, m.files), 200, {"Content-Disposition": f'attachment; filename="{m.id}.zip"'}, "application/zip"
    )  # fmt: skip


def _title(files: Mapping[str, str]) -> str:
    found: Any = check({COUPLE: files[COUPLE]}).couple if COUPLE in files else None
    return found.title if found else ""


def _line(r: Asked, session: str, turn: int) -> str:
    return next((t.text for t in r.store.turns(session) if t.index == turn), "")
