"""The list of couples, how one is begun, and the page of one with its checks, doubts and editions."""

from __future__ import annotations

from collections import Counter

from fastapi.responses import Response

from simulator.couple.lint import COUPLE
from simulator.errors import InputError
from simulator.studio.cards import read_card, with_partner
from simulator.studio.manuscript import apart, copy_of, couple_id_in, renamed, title_of, titled
from simulator.studio.packing import unpack
from simulator.studio.places import find
from simulator.studio.sittings import Sitting, sittings
from simulator.studio.skeleton import id_of, skeleton
from simulator.web.endpoints import Asked, on, when
from simulator.web.studio.common import called, checked, crumbs, manuscript_of, place

_SHOWN = 30  # editions on a page
_TOLD = 6  # things that a saving changed


@on("GET", "/studio", "studio")
def studio(r: Asked) -> Response:
    """The couples that are being written, those that ship, and what supervisors doubt in them."""
    return _studio(r)


def _studio(r: Asked, status: int = 200, **more: object) -> Response:
    written = r.store.manuscripts.all()
    mine = {m.id for m in written}
    doubts = Counter(d.couple_id for d in r.store.reviews.doubts() if d.done is None)
    rows = [
        {
            "id": m.id, "title": title_of(m.files) or m.id, "state": m.state, "when": when(m.changed), "author": m.author,
            "doubts": doubts[m.id], "unreadable": r.room.unreadable.get(m.id, ""),
        }
        for m in written
    ]  # fmt: skip
    shipped = [(c.id, c.title) for c in r.room.shipped.couples.values() if c.id not in mine]
    doubted = [(key, title, doubts[key]) for key, title in shipped if doubts[key]]
    every = [*[(str(x["id"]), str(x["title"])) for x in rows], *shipped]
    titles = Counter(title for _, title in every)
    every = [(key, title if titles[title] == 1 else f"{title} ({key})") for key, title in every]
    shown = {"asked": {}, "rows": rows, "shipped": shipped, "doubted": doubted, "all": every, **more}
    return r.page("studio.html", status, **shown)


@on("POST", "/studio/new", "studio")
def new(r: Asked) -> Response:
    """Begin a couple: from a skeleton, from another one under a new id, or an edition of one that ships."""
    try:
        return _new(r)
    except InputError as error:
        # It is said at the form, with what was written in it.
        asked = {key: r.text(key, 80) for key in ("source", "id", "first", "second")}
        return _studio(r, 409, problem=str(error), asked=asked)


def _new(r: Asked) -> Response:
    source, couple_id = r.text("source", 80), r.text("id", 80).strip()
    if not source:
        names = r.text("first", 40).strip(), r.text("second", 40).strip()
        couple_id = couple_id or id_of(names)
        files = skeleton(couple_id, names, r.who.name)
    else:
        written = {m.id: m.files for m in r.store.manuscripts.all()}
        couple_id = couple_id or source
        files = renamed(written[source], couple_id) if source in written else copy_of(r.room.library, source, couple_id)
    return _begin(r, couple_id, files, "began a couple", edition=source == couple_id)


@on("POST", "/studio/import", "studio")
def bring(r: Asked) -> Response:
    """Begin a couple from a zip, a couple.yaml, or a Character Card as one partner."""
    name, done = r.text("file", 200).lower(), ""
    couple_id = r.text("id", 80).strip()
    if name.endswith((".png", ".json")):
        who, partner, left = read_card(r.upload)
        files = skeleton(couple_id, (who, r.text("second", 40).strip() or "Somebody"), r.who.name)
        files[COUPLE] = with_partner(files[COUPLE], partner, left)
        done = "What could not be taken over is listed in the couple's notes."
    else:
        files = unpack(r.upload)
        couple_id = couple_id or couple_id_in(files)
        if not couple_id:
            raise InputError("The file has no id.", how="Write one beside it: ana-and-bo.")
        if couple_id != couple_id_in(files):
            files = renamed(files, couple_id)
    return _begin(r, couple_id, files, "imported a couple", edition=r.ticked("edition"), done=done)


def _begin(r: Asked, couple_id: str, files: dict[str, str], action: str, *, edition: bool, done: str = "") -> Response:
    if couple_id in r.room.shipped.couples and not edition:
        raise InputError(
            f"'{couple_id}' is a couple that ships, and publishing this would put it in that couple's place.",
            how="Choose another id; or say that you want to make an edition of that couple.",
        )
    title = title_of(files)
    other = apart(title, _titles(r, but=couple_id))
    if title and other != title:
        files, done = titled(files, other), f"There is a couple '{title}' already: this one is called '{other}'. {done}"
    made = r.store.manuscripts.create(couple_id, r.who.name, files)
    r.log(action, made.id)
    return r.back(f"/studio/{made.id}", f"It is a draft: nobody can practise with it yet. {done}".strip())


def _titles(r: Asked, *, but: str) -> set[str]:
    """Return what the couples are called that are written or ship, without the one of an id."""
    written = {m.id: title_of(m.files) for m in r.store.manuscripts.all()}
    every = {**{c.id: c.title for c in r.room.shipped.couples.values()}, **written}
    return {title for key, title in every.items() if key != but}


@on("GET", "/studio/{couple_id}", "studio")
def couple(r: Asked) -> Response:
    """One couple: its files, what is wrong or doubtful, what supervisors doubted, its editions."""
    m = manuscript_of(r)
    found = checked(r, m)
    before = r.query.get("before", "")
    editions = r.store.manuscripts.editions(m.id, limit=_SHOWN + 1, before=int(before) if before.isdecimal() and len(before) < 10 else 0)  # fmt: skip
    first = r.store.manuscripts.number_of(m.id, editions[0].id) if editions else 0
    published = r.store.manuscripts.last_published(m.id)
    dates = {e.id: when(e.created) for e in editions}
    return r.page(
        "studio_couple.html", m=m, way=crumbs(r, m)[:1], title=title_of(m.files) or m.id, files=called(m.files), when=when(m.changed),
        problems=[(f, p, place(m.id, f, p.path, p.line)) for f, ps in found.problems.items() for p in ps],
        findings=[(f, place(m.id, f.file, f.path)) for f in found.findings], playable=found.playable,
        unwritten=len(found.unwritten), sittings=[_sitting(s) for s in sittings(editions, first)],
        older=editions[-2].id if len(editions) > _SHOWN else 0, before=bool(before),
        changed=published is not None and published.files != m.files, published=published, doubts=_doubts(r, m.files, dates),
        ships=m.id in r.room.shipped.couples, unreadable=r.room.unreadable.get(m.id, ""),
    )  # fmt: skip


def _sitting(sitting: Sitting) -> dict[str, object]:
    """Return the savings of one sitting as the page shows them."""
    begun, ended = (at.astimezone() for at in sitting.times)
    same = f"{begun:%d %b %Y %H:%M}" == f"{ended:%d %b %Y %H:%M}"
    until = "" if same else f"-{ended:%H:%M}" if begun.date() == ended.date() else f" - {when(ended)}"
    return {
        "when": f"{when(begun)}{until}", "author": sitting.savings[0].edition.author, "changed": _few(sitting.changed),
        "published": any(s.edition.published for s in sitting.savings),
        "savings": [
            {
                "id": s.edition.id, "number": s.number, "published": s.edition.published, "changed": _few(s.changed),
                "when": f"{s.edition.created.astimezone():%d %b %Y %H:%M:%S}",
            }
            for s in sitting.savings
        ],
    }  # fmt: skip


def _few(words: list[str]) -> str:
    more = len(words) - _TOLD
    return ", ".join(words[:_TOLD]) + (f", and {more} more" if more > 0 else "") if words else "nothing"


def _doubts(r: Asked, files: dict[str, str], dates: dict[int, str]) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    couple_id = r.request.path_params["couple_id"]
    for doubt in r.store.reviews.doubts(couple_id):
        said, note = _line(r, doubt.session_id, doubt.note.turn), doubt.note
        quote = note.quote or said
        there = find(files, said) or find(files, quote)
        # A line that nobody wrote came from the model: a principle says how this partner never talks.
        where = place(couple_id, there.file, there.path, there.line, quote=quote) if there else place(couple_id, COUPLE, "partners.0.principles", quote=quote)  # fmt: skip
        done = dates.get(doubt.done, "an earlier one") if doubt.done is not None else ""
        found.append({"id": doubt.id, "quote": quote, "author": note.author, "text": note.text, "where": where, "written": there is not None, "done": done})  # fmt: skip
    return sorted(found, key=lambda d: bool(d["done"]))


@on("POST", "/studio/{couple_id}/doubt", "studio")
def answer(r: Asked) -> Response:
    """Say of a doubted line that it is mended in the couple as it stands now."""
    m = manuscript_of(r)
    wanted = r.number("doubt")
    doubt = next((d for d in r.store.reviews.doubts(m.id) if d.id == wanted and d.done is None), None)
    if doubt is None:
        raise InputError("There is no such doubt, or it is mended already.", how="Reload the page.")
    edition = r.store.manuscripts.edition_of(m.id, m.version)
    r.store.reviews.answer_doubt(doubt, r.who.id, r.who.name, edition.id)
    return r.back(f"/studio/{m.id}", f"Mended in the edition of {when(edition.created)}.")


def _line(r: Asked, session: str, turn: int) -> str:
    return next((t.text for t in r.store.turns(session) if t.index == turn), "")
