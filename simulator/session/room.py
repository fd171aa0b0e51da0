"""The room: everything a session needs, opened once and shared by all of them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from random import SystemRandom

import structlog

from simulator.couple import Couple, Library, Scenario, load_library, parse_couple, parse_scenario, with_couples
from simulator.errors import InputError
from simulator.rubric import Engine
from simulator.rubric.calibration import adopted
from simulator.session.casts import Casts
from simulator.session.loop import Session
from simulator.session.progress import DIFFICULTIES, Progress
from simulator.settings import Settings
from simulator.store import Repository, SessionRecord
from simulator.text import clean_reply
from simulator.voice import ALWAYS_ASK, AUTHORED_FROM, Voice, open_model, screenplay

_KEPT = 64
log = structlog.get_logger()


@dataclass
class Room:
    """Library, rubric, store and voice of one running program."""

    settings: Settings
    library: Library
    store: Repository
    engine: Engine
    voice: Voice
    _played: OrderedDict[tuple[str, str], tuple[Couple, Scenario]] = field(default_factory=OrderedDict)
    _casts: Casts = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    # The couples that ship, read once; and why a published one cannot be practised with.
    shipped: Library = field(init=False)
    unreadable: dict[str, str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Keep the library the room was opened with; no couple is ready yet."""
        self.shipped = self.library
        self._casts = Casts(self.settings.vectors)

    @classmethod
    def open(cls, settings: Settings, *, voice: Voice | None = None, store: Repository | None = None) -> Room:
        """Open everything the settings name; every failure is a RepairRoomError that says how to mend it."""
        library = load_library(settings.personas)
        engine = Engine.load(settings.rubrics, calibration=adopted(settings.data_dir))
        store = store or Repository.open(settings.database)
        room = cls(settings, library, store, engine, voice or open_model(settings))
        room.renew_library()
        return room

    def renew_library(self) -> None:
        """Take up what educators have published since; a running session keeps the couple it was begun with.

        A published couple that cannot be read is left out, logged and named in `unreadable`: the others stay.
        """
        library, unreadable = self.shipped, dict[str, str]()
        for couple_id, files in self.store.manuscripts.published().items():
            try:
                library = with_couples(library, {couple_id: files})
            except InputError as error:
                unreadable[couple_id] = str(error)
                log.warning("a published couple cannot be read", couple=couple_id, reason=str(error))
        self.library, self.unreadable = library, unreadable

    def renew_engine(self) -> None:
        """Score with the rubric that is in use now, from the next reply on."""
        self.engine = Engine.load(self.settings.rubrics, calibration=adopted(self.settings.data_dir))

    def prepare(self) -> None:
        """Make the partners of every couple ready to be voiced: the encoder loads, and their lines are embedded.

        Whoever wants one couple now goes first: the others wait until that one is ready.
        """
        self._casts.prepare(self.library, self.engine)

    def warm(self, couple_id: str, scenario_id: str) -> None:
        """Let the model read both partners' beginnings, before there is a session."""
        library = self.library
        library.scenario(couple_id, scenario_id)
        couple, couple_hash = library.couple(couple_id), library.source(couple_id)[1]
        scenarios = library.scenarios_of(couple_id)
        for player in self._casts.get(couple_hash, couple, scenarios, self.engine).values():
            self.voice.warm(screenplay(player.cast, [], context_tokens=self.settings.context))

    def begin(
        self,
        couple_id: str,
        scenario_id: str,
        *,
        seed: int | None = None,
        difficulty: str = "real",
        coached: bool = True,
        owner: int | None = None,
        drill: str = "",
    ) -> Session:
        """Start a session and store it; its opening lines are spoken by `answers`.

        With a `drill` (id of a planted bid) that moment comes at once, to be answered again and again by `try_again`.
        """
        couple = self.library.couple(couple_id)
        scenario = self.library.scenario(couple_id, scenario_id)
        if difficulty not in DIFFICULTIES:
            raise InputError(f"There is no difficulty '{difficulty}'.", how=f"Choose: {', '.join(DIFFICULTIES)}.")
        if drill and drill not in {b.id for b in scenario.bids}:
            raise InputError(f"There is no moment '{drill}' in this session.", how="Choose another one.")
        ids = (couple.partners[0].id, couple.partners[1].id)
        couple_text, couple_hash = self.library.source(couple_id)
        scenario_text, scenario_hash = self.library.source(couple_id, scenario_id)
        self.store.keep_document(couple_hash, "couple", couple.id, couple.version, couple_text)
        self.store.keep_document(scenario_hash, "scenario", scenario.id, scenario.version, scenario_text)
        record = self.store.create_session(
            couple_id=couple.id,
            couple_version=couple.version,
            couple_hash=couple_hash,
            scenario_id=scenario.id,
            scenario_version=scenario.version,
            scenario_hash=scenario_hash,
            rubric_version=self.engine.versions["rubric_version"],
            rubric_hash=self.engine.rubric.content_hash(),
            engine_version=self.engine.versions["engine_version"],
            model=self.voice.name,
            seed=SystemRandom().randrange(2**31) if seed is None else seed,
            difficulty=difficulty,
            coached=coached,
            owner_id=owner,
            drill=drill,
            progress=Progress.begin(scenario, ids, drill=drill).to_json(),
        )
        return self._session(record, couple, scenario)

    def resume(self, session_id: str) -> Session:
        """Take up a stored session with the couple and scenario it was begun with, whatever the files say now."""
        record = self.store.session(session_id)
        couple, scenario = self.played(record)
        return self._session(record, couple, scenario)

    def try_again(self, session_id: str, text: str) -> Session:
        """Answer the moment of a drill: a new session that goes on from it, with this reply and what came of it.

        Raises:
            InputError: it is no drill, or the reply is empty or too long.
        """
        record = self.store.session(session_id)
        if not record.drill or record.parent_id:
            raise InputError("This is no drill.", how="Begin one on the drill page.")
        text = clean_reply(text)
        session = self.resume(self.store.branch(record.id, record.length, record.progress).id)
        session.reply(text)
        list(session.answers())
        return session

    def take_back(self, session_id: str, turn: int) -> SessionRecord:
        """Return a new session that stands where this one stood before reply `turn`; the old one stays as it is.

        Raises:
            InputError: there is no such reply, or it is too old to be taken back.
        """
        found = next((t for t in self.store.turns(session_id) if t.index == turn), None)
        if found is None or not found.before:
            raise InputError(
                "This cannot be taken back.", how="Choose a reply of yours that was played in this version of the room."
            )
        return self.store.branch(session_id, turn, found.before)

    def played(self, record: SessionRecord) -> tuple[Couple, Scenario]:
        """Return the couple and scenario, as they were, of a stored session."""
        key = (record.couple_hash, record.scenario_hash)
        kept = self._played.get(key)
        if kept is not None:
            return kept
        couple = parse_couple(self.store.document(record.couple_hash), f"stored couple {record.couple_id}")
        scenario = parse_scenario(
            self.store.document(record.scenario_hash), f"stored scenario {record.scenario_id}", couple
        )
        with self._lock:
            # A kept document never changes under its hash, so what was read of it once stays true.
            self._played[key] = (couple, scenario)
            while len(self._played) > _KEPT:
                self._played.popitem(last=False)
        return couple, scenario

    def _session(self, record: SessionRecord, couple: Couple, scenario: Scenario) -> Session:
        engine = self.engine  # read once: it may be renewed meanwhile
        return Session(
            record,
            couple,
            scenario,
            store=self.store,
            engine=engine,
            voice=self.voice,
            cast=self._casts.get(record.couple_hash, couple, [scenario, *self.library.scenarios_of(couple.id)], engine),
            candidates=self.settings.candidates,
            context_tokens=self.settings.context,
            authored_from=self._authored_from(),
        )

    def _authored_from(self) -> float:
        """Return how likely an authored line must answer to be spoken without asking the model."""
        if self.settings.authored_from is not None:
            return self.settings.authored_from
        # A larger model behind `server` or `transformers` is asked in any case.
        return AUTHORED_FROM if self.settings.backend == "embedded" else ALWAYS_ASK

    def close(self) -> None:
        """Stop what is going on in the background and the model, and close the database."""
        self._casts.close()
        self.voice.close()
        self.store.close()
