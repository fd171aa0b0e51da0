"""What the pages do: every handler reads the session from the store, so a reload or a second tab is safe."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import structlog

from simulator.errors import RepairRoomError
from simulator.review import debrief, model_wording
from simulator.review.details import looks_real, redacted, story
from simulator.rubric import THERAPIST, Question, Said, addressed
from simulator.session import Begun, Room, Session
from simulator.web import render

log = structlog.get_logger()
BREATH = 1.2  # seconds between two partners' lines, at least


@dataclass
class View:
    """What the practise page shows now."""

    transcript: str = ""
    panel: str = ""
    clock: str = ""
    notice: str = ""
    reply: str | None = None
    busy: bool = False
    over: bool = False


@dataclass
class Desk:
    """The room, and what is going on in it: who is answering, who asked to stop, what is warm."""

    room: Room
    _stop: dict[str, threading.Event] = field(default_factory=dict)
    _answering: dict[str, threading.Lock] = field(default_factory=dict)
    _held: dict[str, frozenset[str]] = field(default_factory=dict)
    _warm: dict[tuple[str, str], str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    # --- before the session ---------------------------------------------------------------

    def prepare(self) -> None:
        """Load, in the background, what the first session would otherwise wait for."""
        threading.Thread(target=self.room.prepare, daemon=True).start()

    def warm(self, couple_id: str, scenario_id: str) -> None:
        """Begin to read the couple's prompts into the model, once, in the background."""
        key = (couple_id, scenario_id)
        with self._lock:
            if self._warm.get(key):
                return
            self._warm[key] = "warming"

        def work() -> None:
            try:
                self.room.warm(couple_id, scenario_id)
            except RepairRoomError as error:
                log.warning("warming up failed", reason=str(error))
            self._warm[key] = "ready"

        threading.Thread(target=work, daemon=True).start()

    def warmth(self, couple_id: str, scenario_id: str) -> str:
        """Return how ready the couple is, in words."""
        if self.room.voice.scripted:
            return "No language model is in use: the partners speak only lines that their author wrote (scripted)."
        if not self.warming(couple_id, scenario_id):
            return "They are ready."
        return "They are on their way up the stairs: the model is reading their story. You can begin; the first line may take a moment."

    def warming(self, couple_id: str, scenario_id: str) -> bool:
        """Return whether the model is still reading."""
        return not self.room.voice.scripted and self._warm.get((couple_id, scenario_id)) != "ready"

    # --- in the session -------------------------------------------------------------------

    def begin(self, couple_id: str, scenario_id: str, difficulty: str, coached: bool, owner: int | None = None) -> str:
        """Start a session of this person and return its id."""
        session = self.room.begin(couple_id, scenario_id, difficulty=difficulty, coached=coached, owner=owner)
        return session.record.id

    def view(self, session_id: str, clock: Clock, **extra: Any) -> View:
        """Return the practise page of a session as it stands in the store."""
        return self._view(self.room.resume(session_id), clock, **extra)

    def speak(self, session_id: str, clock: Clock) -> Iterator[View]:
        """Let the partners say what is due, a view after every line; nothing happens when nothing is due."""
        session = self.room.resume(session_id)
        yield from self._speak(session, clock)

    def reply(self, session_id: str, text: str, to: list[str] | None, clock: Clock) -> Iterator[View]:
        """Take a reply and let the partners answer; on an error the words stay in the box."""
        known = story(self.room.store, self.room.store.session(session_id))
        found = looks_real(text, known)
        if not self._held.get(session_id, frozenset()).issuperset(found):
            self._held[session_id] = frozenset(found)
            words = (
                f"This looks like a real person's details: {', '.join(found[:4])}.\nNothing was sent. They are replaced in "
                "the box now: send it so, or write them again if they are nobody's."
            )
            yield self.view(session_id, clock, notice=render.notice(words), reply=redacted(text, known))
            return
        self._held.pop(session_id, None)
        try:
            session = self.room.resume(session_id)
            session.reply(text, addressed=to, seconds=clock.seconds())
        except RepairRoomError as error:
            yield self.view(session_id, clock, notice=render.notice(str(error)), reply=text)
            return
        yield self._view(session, clock, reply="", busy=True, answering="They take that in")
        try:
            yield from self._speak(session, clock)
            minutes = session.scenario.minutes
            if not session.over and clock.seconds() >= 60 * minutes:
                session.finish(seconds=clock.seconds())
                yield from self._speak(session, clock)
        except RepairRoomError as error:
            yield self.view(session_id, clock, notice=render.notice(str(error)))

    def see(self, session_id: str, name: str | None, clock: Clock) -> View:
        """See one partner alone, or (None) both again."""
        try:
            self.room.resume(session_id).see(name)
        except RepairRoomError as error:
            return self.view(session_id, clock, notice=render.notice(str(error)))
        words = f"{name} stays with you; the other waits outside." if name else "Both are in the room again."
        return self.view(session_id, clock, notice=render.notice(words, kind="info"))

    def alone(self, session_id: str) -> str:
        """Return the name of the partner who is seen alone, or ""."""
        return self.room.resume(session_id).alone

    def stop(self, session_id: str) -> None:
        """Ask the partners to stop after the line that is being spoken."""
        self._stop.setdefault(session_id, threading.Event()).set()

    def end(self, session_id: str, clock: Clock) -> Iterator[View]:
        """Close the session with its ending."""
        try:
            # What is being said is said to its end first; the rest gives way to the ending.
            self.stop(session_id)
            with self._answering.setdefault(session_id, threading.Lock()):
                session = self.room.resume(session_id)
                session.finish(seconds=clock.seconds())
            yield from self._speak(session, clock)
        except RepairRoomError as error:
            yield self.view(session_id, clock, notice=render.notice(str(error)))

    def guess(self, session_id: str, text: str) -> list[str]:
        """Return whom these words would address."""
        if not session_id or not text.strip():
            return []
        record = self.room.store.session(session_id)
        couple, _ = self.room.played(record)
        names = [p.name for p in couple.partners]
        said = [Said(t.speaker, t.text) for t in self.room.store.turns(session_id)]
        return addressed(text[:2000], said, names)

    def debrief(self, session_id: str) -> str:
        """Return the debrief page of a session."""
        record = self.room.store.session(session_id)
        couple, scenario = self.room.played(record)
        turns = self.room.store.turns(session_id)
        names = [p.name for p in couple.partners]
        found = debrief(record, couple, turns, self.room.engine.rubric)
        lines = [t for t in turns if t.speaker != THERAPIST]
        authored = sum(t.source == "authored" for t in lines)
        facts = (
            f"{couple.title} (version {record.couple_version}), “{scenario.title}”, difficulty {record.difficulty}; "
            f"voiced by {record.model}, {authored} of {len(lines)} lines written by the couple's author; scored with "
            f"{record.rubric_version}, engine {record.engine_version}."
        )
        return render.debrief_page(found, turns, names, self.room.engine.rubric, facts)

    def wording(self, session_id: str) -> str:
        """Return, as HTML, what the model offers for the moment of the debrief's suggestion."""
        record = self.room.store.session(session_id)
        couple, _ = self.room.played(record)
        turns = self.room.store.turns(session_id)
        found = debrief(record, couple, turns, self.room.engine.rubric)
        if found.weakest is None:
            return render.notice("There is no moment that calls for another wording.", kind="info")
        index, skill = found.weakest
        said = [Said(t.speaker, t.text) for t in turns]
        names = [p.name for p in couple.partners]
        question = Question(said[:index], names, said[index].text, turns[index].addressed or None)
        offered = model_wording(self.room.voice, self.room.engine, question, skill, seed=index)
        if offered is None:
            words = "The model found nothing that the rubric would call better. The suggestion above stands."
            return render.notice(words, kind="info")
        return render.notice(f"The model offers, and the rubric agrees: “{offered}”", kind="info")

    def _speak(self, session: Session, clock: Clock) -> Iterator[View]:
        key = session.record.id
        lock = self._answering.setdefault(key, threading.Lock())
        if not lock.acquire(blocking=False):
            # Another tab lets them speak; this one shows what is stored.
            yield self._view(session, clock, notice=render.notice("They are answering in another tab.", kind="info"))
            return
        stop = self._stop.setdefault(key, threading.Event())
        stop.clear()
        try:
            if not session.pending:
                yield self._view(session, clock)
                return
            first = session.next_speaker
            yield self._view(session, clock, busy=True, answering=f"{first} is answering")
            shown = 0.0
            for said in session.speaking(stopped=stop.is_set):
                if isinstance(said, Begun):
                    goes_on = f"{said.speaker} goes on"
                    yield self._view(session, clock, busy=True, answering=goes_on, begun=said)
                    continue
                # Two people do not speak in the same instant; what was said is stored already.
                stop.wait(max(0.0, shown + BREATH - time.monotonic()))
                shown = time.monotonic()
                answering = f"{session.next_speaker} is answering" if session.pending else ""
                yield self._view(session, clock, busy=session.pending, answering=answering)
            yield self._view(session, clock)
        finally:
            lock.release()

    def _view(
        self,
        session: Session,
        clock: Clock,
        *,
        notice: str = "",
        reply: str | None = None,
        busy: bool = False,
        answering: str = "",
        begun: Begun | None = None,
    ) -> View:
        names = session.partner_names
        coached = session.record.coached
        minutes = session.scenario.minutes
        return View(
            transcript=render.transcript(
                session.turns, names, self.room.engine.rubric, coached=coached, answering=answering, begun=begun
            ),
            panel=render.state_panel(session.turns, names) if coached else "",
            clock=clock.words(minutes) if not session.over else "The session has ended.",
            notice=notice,
            reply=reply,
            busy=busy,
            over=session.over,
        )


@dataclass
class Clock:
    """The session's clock: seconds so far, pauses left out."""

    base: float = 0.0
    since: float | None = None

    def start(self) -> Clock:
        """Let it run, and return it."""
        if self.since is None:
            self.since = time.monotonic()
        return self

    def pause(self) -> None:
        """Stop it."""
        self.base, self.since = self.seconds(), None

    def seconds(self) -> float:
        """Return the seconds so far."""
        return self.base + (time.monotonic() - self.since if self.since is not None else 0.0)

    def words(self, minutes: int) -> str:
        """Return the time in words."""
        done = int(self.seconds() // 60)
        if done >= minutes:
            return f"{minutes} minutes are up; they will close after your next reply."
        return f"{done} of {minutes} minutes" + (" (paused)" if self.since is None else "")
