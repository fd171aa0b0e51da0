"""The turn loop: a trainee's reply in, the partners' answers out, everything stored before it is shown.

A session can be taken up at any point: what is stored after each turn (progress, with the beats still to be
spoken) is all that is needed, so a reload or a crash loses nothing that was said.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from queue import SimpleQueue
from random import Random
from typing import Any

import structlog

from simulator.couple import Couple, Scenario
from simulator.errors import InputError, StaleSessionError
from simulator.rubric import THERAPIST, Engine, Question, ReplyScore, Said, asked
from simulator.session.acts import acts_of, brought
from simulator.session.cast import LEAD_WORDS, Player, forbidden
from simulator.session.director import HOLDS, Answer, ending, hold_back, plan, without_rest
from simulator.session.offers import model_reply, offered_by
from simulator.session.progress import DIFFICULTIES, Beat, Progress
from simulator.session.state import Act, taken_side, update
from simulator.store import Repository, SessionRecord, TurnRecord
from simulator.text import clean_reply
from simulator.voice import (
    ALWAYS_ASK,
    TO_PARTNER,
    Heard,
    Moment,
    Spoken,
    Voice,
    Wanted,
    choose_authored,
    screenplay,
    speak,
)

# Moves that answer the therapist's words, whoever spoke last.
TO_THERAPIST = frozenset(
    {"answer", "challenge_therapist", "ally_bid", "verdict_bid", "messenger_bid", "secret_bid", "soften"}
)

log = structlog.get_logger()


@dataclass(frozen=True)
class Begun:
    """The first sentence of a line that is still being worded; the turn that follows begins with it."""

    speaker: str
    words: str


class Session:
    """One practice session: couple, scenario, voice, rubric, and the record that all of it is written to."""

    def __init__(
        self,
        record: SessionRecord,
        couple: Couple,
        scenario: Scenario,
        *,
        store: Repository,
        engine: Engine,
        voice: Voice,
        cast: dict[str, Player],
        candidates: int = 3,
        context_tokens: int = 4096,
        authored_from: float = ALWAYS_ASK,
    ) -> None:
        self.record = record
        self.couple = couple
        self.scenario = scenario
        self.turns: list[TurnRecord] = store.turns(record.id)
        self.progress = Progress.from_json(record.progress)
        self._store = store
        self._engine = engine
        self._voice = voice
        self._cast = cast
        self._candidates = candidates
        self._context = context_tokens
        self._authored_from = authored_from
        self._names = {p.id: p.name for p in couple.partners}

    @property
    def over(self) -> bool:
        """Whether the session has ended."""
        return bool(self.progress.outcome)

    @property
    def pending(self) -> bool:
        """Whether partners still have something to say before the trainee answers."""
        return bool(self.progress.beats)

    @property
    def next_speaker(self) -> str:
        """Name of the partner who speaks next, or "" when it is the trainee's turn."""
        return self._names[self.progress.beats[0].speaker] if self.progress.beats else ""

    @property
    def partner_names(self) -> list[str]:
        """Names of the partners, in the couple's order."""
        return list(self._names.values())

    def warm(self) -> None:
        """Let the model read both partners' prompts ahead of time."""
        if not self._voice.scripted:
            for who in self._cast:
                self._voice.warm(self._screenplay(who))

    def reply(self, text: str, *, addressed: list[str] | None = None, seconds: float | None = None) -> TurnRecord:
        """Take a trainee's reply: score it, move the states, plan the answer, store all of it.

        `addressed` are names, None to guess from the words; `seconds` is the clock so far. The answer is then
        spoken by `answers`.

        Raises:
            InputError: the reply is empty or too long.
            StaleSessionError: the session is over, still answering, or was moved on elsewhere.
        """
        self._may_reply()
        said = clean_reply(text)
        started = time.monotonic()
        meant = model_reply(self.scenario, self.progress.pending_bid, absent=bool(self.progress.absent))
        if self.progress.absent:
            addressed = [self._names[self.couple.other(self.progress.absent).id]]
        question = Question(self._said(), self.partner_names, said, addressed, meant, offered_by(self.turns))
        score = self._engine.score(question)
        ids = {name: who for who, name in self._names.items()}
        acts = acts_of(score, ids)
        spoken_to = tuple(ids[n] for n in score.addressed if n in ids)
        patience = DIFFICULTIES[self.record.difficulty][0]
        progress = Progress.from_json(self.progress.to_json())
        progress.states = update(progress.states, acts, spoken_to, patience=patience, absent=progress.absent)
        progress.replies += 1
        one = brought(score, self.partner_names) or asked(said, self.partner_names)
        answer = self._answer(score, acts, spoken_to, progress, ids.get(one, ""))
        progress.beats = plan(
            self.couple,
            self.scenario,
            progress,
            answer,
            self._rng(len(self.turns)),
            difficulty=self.record.difficulty,
        )
        turn = TurnRecord(
            index=len(self.turns),
            speaker=THERAPIST,
            text=said,
            addressed=score.addressed,
            state=self._public(progress),
            score=score.to_json(),
            timings={"total": round((time.monotonic() - started) * 1000)},
            absent=self._absent(),
            before=self.progress.to_json(),
            rubric_version=self._engine.versions["rubric_version"],
            engine_version=self._engine.versions["engine_version"],
        )
        self._commit(turn, progress, seconds)
        return turn

    def answers(self, *, stopped: Callable[[], bool] = lambda: False) -> Iterator[TurnRecord]:
        """Speak the beats that are due, storing each turn before yielding it.

        After `stopped` turns true the beats still to come are dropped, an ending excepted.
        """
        return (said for said in self.speaking(stopped=stopped) if isinstance(said, TurnRecord))

    def speaking(self, *, stopped: Callable[[], bool] = lambda: False) -> Iterator[Begun | TurnRecord]:
        """Do as `answers` does, and yield the first sentence of a line too, where it is heard before the line is whole."""
        started = time.monotonic()
        ahead: Future[tuple[TurnRecord | None, Progress]] | None = None
        pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="voice")
        try:
            while self.progress.beats and not self.over:
                beat = self.progress.beats[0]
                if stopped() and not beat.ends:
                    self._save(without_rest(self.progress))
                    ahead = None
                    continue
                if ahead is None:
                    begun: SimpleQueue[str] = SimpleQueue()
                    ahead = pool.submit(self._speak, beat, begun.put)
                    ahead.add_done_callback(lambda _, over=begun: over.put(""))  # type: ignore[misc]
                    for words in iter(begun.get, ""):
                        yield Begun(self._names[beat.speaker], words)
                turn, progress = ahead.result()
                ahead = None
                if turn is None:
                    self._save(progress)
                    continue
                since = round((time.monotonic() - started) * 1000)
                turn = replace(turn, timings={**turn.timings, "since_reply": since})
                self._commit(turn, progress, None)
                if self.progress.beats and not self.over and not self._voice.scripted:
                    # The next line is worded while this one is read.
                    ahead = pool.submit(self._speak, self.progress.beats[0])
                yield turn
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def finish(self, *, seconds: float | None = None) -> None:
        """Close the session, because its time is up or the trainee ends it; `answers` then speaks the ending."""
        if self.over:
            return
        # For the ending both are in the room.
        progress = replace(self.progress, absent="", beats=ending(self.couple, self.scenario, self.progress))
        self._save(progress, seconds)

    def see(self, name: str | None) -> None:
        """See one partner (name) alone, or None: both again. What is said meanwhile stays between the two of you.

        Raises:
            InputError: there is no partner of this name.
            StaleSessionError: the session is over, still answering, or was moved on elsewhere.
        """
        self._may_reply()
        ids = {n: who for who, n in self._names.items()}
        if name is not None and name not in ids:
            raise InputError(f"There is no '{name}' in the room.", how=f"Choose: {', '.join(ids)}, or both.")
        absent = self.couple.other(ids[name]).id if name else ""
        if absent == self.progress.absent:
            return
        bids, waits, seen = dict(self.progress.bids), self.progress.pending_bid, list(self.progress.seen_alone)
        if name is not None and ids[name] not in seen:
            seen.append(ids[name])
            for bid in self.scenario.bids:
                # Fear at home is answered by stopping and asking the one who is afraid, alone; and then the other.
                if bid.kind == "safety" and bid.partner == ids[name] and bids[bid.id] in ("made", "passed", "bad"):
                    bids[bid.id] = "good"
                    waits = "" if waits == bid.id else waits
        self._save(replace(self.progress, absent=absent, bids=bids, pending_bid=waits, seen_alone=seen))

    @property
    def alone(self) -> str:
        """Name of the partner who is seen alone, or "" when both are in the room."""
        return self._names[self.couple.other(self.progress.absent).id] if self.progress.absent else ""

    def _may_reply(self) -> None:
        if self.over:
            raise StaleSessionError("This session has ended.", how="Open its debrief, or begin another one.")
        if self.pending:
            raise StaleSessionError(
                "They are still answering.", how="Wait for the last line; your words stay in the box."
            )

    def _speak(self, beat: Beat, begun: Callable[[str], None] | None = None) -> tuple[TurnRecord | None, Progress]:
        """Return the beat as a turn, None when it is better left unsaid, and the progress after it.

        `begun` is told the first sentence of a line that is still being worded.
        """
        player = self._cast[beat.speaker]
        progress = replace(self.progress, beats=self.progress.beats[1:])
        timings: dict[str, int] = {}
        trouble = ""
        verdicts: list[dict[str, Any]] = []
        lead = self._lead(beat, progress) if beat.lead else None
        if beat.lead and not lead and progress.held < HOLDS:
            beat = hold_back(beat, progress)
        elif beat.bid:
            progress.held = 0
        said, move = [beat.text], beat.move
        if beat.text:
            said = [lead, beat.text] if lead else said
            text, source = " ".join(said), "authored"
        else:
            moment = Moment(
                cast=player.cast,
                standard=player.standard,
                transcript=self._spoken(beat.speaker),
                mood=beat.mood,
                move=beat.move,
                heard=self._heard(beat.speaker, beat.move),
                forbidden=forbidden(self.couple, self._open_to(beat.speaker), beat.fact),
                used=frozenset(progress.used),
                openers=player.openers.get(beat.move, ()),
                optional=beat.optional,
                instead=Wanted(beat.instead, self._heard(beat.speaker, beat.instead)) if beat.instead else None,
                authored_from=self._authored_from,
            )
            seed = self._rng(len(self.turns)).randrange(2**31)
            line = speak(self._voice, moment, n=self._candidates, seed=seed, context_tokens=self._context, begun=begun)
            text, move, source, trouble = line.text, line.move, line.source, line.trouble
            timings["voice"] = line.milliseconds
            verdicts = [{"text": v.text, "reason": v.reason, "score": round(v.score, 3)} for v in line.verdicts]
            if not text:
                return None, progress
            if trouble:
                log.warning("the model did not answer; an authored line was spoken", reason=trouble)
        progress.used = [*progress.used, *(said if beat.text else [text])]
        progress.last_moves = [*progress.last_moves, move][-4:]
        if move == "challenge_therapist":
            progress.last_complainer = beat.speaker
        if beat.ends:
            progress.outcome = beat.ends
        turn = TurnRecord(
            index=len(self.turns),
            speaker=self._names[beat.speaker],
            text=text,
            move=move,
            mood=beat.mood,
            to=self._names[self.couple.other(beat.speaker).id] if move in TO_PARTNER else "",
            source=source,
            state=self._public(progress),
            timings=timings,
            trouble=trouble,
            verdicts=verdicts,
            absent=self._absent(),
        )
        return turn, progress

    def _lead(self, beat: Beat, progress: Progress) -> str | None:
        """Return a few authored words that answer what was just said, before a planted moment; None when none fit."""
        chosen = choose_authored(
            self._cast[beat.speaker].standard,
            wanted=[Wanted(beat.lead, self._heard(beat.speaker, beat.lead))],
            mood=beat.mood,
            used={*progress.used, beat.text},
            forbidden=forbidden(self.couple, self._open_to(beat.speaker)),
            optional=True,
            lead=LEAD_WORDS,
        )
        return chosen.say if chosen else None

    def _said(self) -> list[Said]:
        return [Said(t.speaker, t.text) for t in self.turns]

    def _spoken(self, who: str) -> list[Spoken]:
        """Return what this partner (id) has heard: nothing that was said while they were out of the room."""
        return [Spoken(t.speaker, t.text) for t in self.turns if self._names[who] not in t.absent]

    def _heard(self, who: str, move: str) -> list[Heard]:
        """Return what a line with this move may answer: the therapist's last words, or those of the other partner.

        When the therapist has just asked the two to talk, that is answered as well as what the other said before.
        """
        recent = [t for t in self._spoken(who)[-4:] if t.speaker != self._names[who]]
        other = self.couple.other(who).name
        if move in TO_PARTNER:
            last = [t for t in recent[-1:] if t.speaker == THERAPIST]
            wanted = [*last, *[t for t in recent if t.speaker == other][-1:]]
        elif move in TO_THERAPIST:
            wanted = [t for t in recent if t.speaker == THERAPIST][-1:]
        else:
            wanted = recent[-1:]
        return [Heard(t.text, t.speaker == THERAPIST) for t in wanted or recent[-1:]]

    def _open_to(self, who: str) -> list[str]:
        """Return the secrets (ids) that this partner may speak of now: told in the room, or told alone and still alone."""
        own = [f.id for f in self.couple.facts if f.id in self.progress.confided and who in f.known_by]
        return [*self.progress.told, *(own if self.progress.absent else ())]

    def _absent(self) -> list[str]:
        return [self._names[self.progress.absent]] if self.progress.absent else []

    def _screenplay(self, who: str) -> str:
        return screenplay(self._cast[who].cast, self._spoken(who), context_tokens=self._context)

    def _answer(
        self, score: ReplyScore, acts: list[Act], spoken_to: tuple[str, ...], progress: Progress, asked_one: str
    ) -> Answer:
        listening = score.skills["empathic_listening"]
        favoured = sidelined = ""
        if not progress.absent:
            favoured, sidelined = taken_side(acts, [p.id for p in self.couple.partners])
        return Answer(
            frozenset(a.code for a in acts),
            spoken_to,
            listening.level or 2,
            favoured,
            sidelined,
            listening.status != "not_scored",
            asked_one,
        )

    def _public(self, progress: Progress) -> dict[str, dict[str, float]]:
        return {self._names[who]: state.public() for who, state in progress.states.items()}

    def _rng(self, turn: int) -> Random:
        # Seeded by session and turn: taking a session up again makes the same choices.
        return Random(f"{self.record.seed}:{turn}")

    def _commit(self, turn: TurnRecord, progress: Progress, seconds: float | None) -> None:
        self._store.append_turn(self.record.id, turn, progress.to_json(), outcome=progress.outcome, seconds=seconds)
        self.turns.append(turn)
        self.progress = progress

    def _save(self, progress: Progress, seconds: float | None = None) -> None:
        self._store.save_progress(
            self.record.id, len(self.turns), progress.to_json(), outcome=progress.outcome, seconds=seconds
        )
        self.progress = progress
