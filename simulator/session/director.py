"""The director: who speaks next and with which move. Plain code, deterministic for a seed; no model here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from simulator.couple import Bid, Couple, OpeningBeat, Scenario
from simulator.couple.schema import BID_MOVES
from simulator.session.effects import BAD, DEFENSIVE, REPAIRS
from simulator.session.progress import DIFFICULTIES, RESTS, Beat, Outcome, Progress
from simulator.session.state import PartnerState, mood

PRESSURE_PER_REPLY = 0.08
PRESSURE_PER_BAD_REPLY = 0.10
RELIEF = 0.12
MIN_REPLIES_TO_END_WELL = 8
RETURNS = 2  # so often a complaint that was met with defence comes back by itself
HOLDS = 2  # so often a planted moment waits for words that lead over to it, and so often it is put off for others
SECRET_RETURNS_AFTER = 3  # replies until the other partner brings up a secret that was kept


@dataclass(frozen=True)
class Answer:
    """What the director needs to know of a reply.

    Its confident codes, whom it addressed (ids), its listening level; whose side it took and against whom, if it
    did; whether it could be read at all; and who was asked, where it spoke to both and asked one.
    """

    codes: frozenset[str]
    addressed: tuple[str, ...]
    listening: int
    favoured: str = ""
    sidelined: str = ""
    readable: bool = True
    asked: str = ""

    @property
    def bad(self) -> bool:
        """Whether nobody could soften after it."""
        return bool(self.codes & BAD) or self.listening <= 1

    @property
    def defends(self) -> bool:
        """Whether it meets a complaint with defence and takes nothing of it in."""
        return bool(self.codes & DEFENSIVE) and not self.codes & REPAIRS


def judge_bid(bid: Bid, answer: Answer) -> str:
    """Return "good", "bad" or "passed": how a reply answered a planted bid."""
    if answer.codes & set(bid.bad.codes):
        return "bad"
    return "good" if answer.codes & set(bid.good.codes) else "passed"


def plan(
    couple: Couple,
    scenario: Scenario,
    progress: Progress,
    answer: Answer,
    rng: Random,
    *,
    difficulty: str = "real",
) -> list[Beat]:
    """Return one to three beats that answer a reply, and note in `progress` what became of planted bids."""
    _, gate, haste = DIFFICULTIES[difficulty]
    progress.since_told += 1
    leaving = _walk_out(scenario, progress, rng)
    if leaving:
        return leaving
    if progress.absent:
        return _alone(couple, scenario, progress, answer, rng, gate)
    consequence = _settle(couple, scenario, progress, answer)
    _remember(progress, answer, consequence)
    progress.since_bid += 1
    progress.pressure += haste * (PRESSURE_PER_REPLY + (PRESSURE_PER_BAD_REPLY if answer.bad else 0.0))
    first = _first_speaker(progress, answer, rng)
    other = couple.other(first).id
    enacts = "invite_direct" in answer.codes and not answer.bad
    if consequence:
        # Who was brought to the other speaks first, also where the author has the other one answer.
        waits = enacts and consequence[0].speaker != first
        return [_beat(couple, progress, first, "respond_to_partner"), *consequence] if waits else consequence
    echo = _echo(couple, progress, answer, rng)
    if echo:
        return echo
    disclosure = None if answer.bad else _disclosure(couple, scenario, progress, answer, gate)
    if disclosure:
        progress.told.append(disclosure.fact)
        progress.since_told = 0
        reaction = _beat(couple, progress, couple.other(disclosure.speaker).id, "respond_to_partner")
        return [disclosure, reaction]
    beats = [_beat(couple, progress, first, *_move(progress, first, answer, rng))]
    due = _due_bid(scenario, progress)
    if due and (enacts or "keep_secret" in answer.codes) and due.kind != "safety" and progress.put_off < HOLDS:
        # The two were just brought to each other, or offered secrecy: what else is wanted of the therapist waits a little.
        progress.put_off += 1
        due = None
    if due:
        progress.put_off = 0
        progress.bids[due.id] = "made"
        progress.pending_bid = due.id
        progress.since_bid = 0
        said = next((s for s in due.say if s not in progress.used), due.say[-1])
        beat = replace(_beat(couple, progress, due.partner, BID_MOVES[due.kind]), text=said, bid=due.id)
        if due.partner == first:
            # Who was spoken to answers before they want something; fear at home stands alone.
            return [beat if due.kind == "safety" else replace(beat, lead="deflect" if answer.bad else "answer")]
        return [beats[0], beat if due.kind == "safety" else replace(beat, lead="respond_to_partner")]
    if enacts:
        beats = [
            _beat(couple, progress, first, "respond_to_partner"),
            _beat(couple, progress, other, "respond_to_partner"),
        ]
        if progress.states[first].openness >= 0.45:
            beats.append(_beat(couple, progress, first, "respond_to_partner"))
        return beats
    if _other_speaks(progress, other, answer, rng):
        second = _beat(couple, progress, other, *_second_move(progress.states[other], answer, rng))
        beats.append(replace(second, optional=True))
    return beats


def hold_back(beat: Beat, progress: Progress) -> Beat:
    """Return what is said instead of a planted moment that nothing leads over to; it comes with a later reply."""
    progress.bids = {**progress.bids, beat.bid: "waiting"}
    progress.pending_bid = ""
    progress.since_bid = 2
    progress.held += 1
    # The one who was spoken to answers; the other one speaks only if there is something to say.
    return replace(beat, move=beat.lead, text="", bid="", lead="", optional=beat.lead == "respond_to_partner")


def without_rest(progress: Progress) -> Progress:
    """Return the progress after what was still to be said is dropped, an ending excepted.

    A planted moment that was not reached is not waiting for an answer: it comes with a later reply.
    """
    unsaid = {b.bid for b in progress.beats if b.bid and not b.ends}
    return replace(
        progress,
        beats=[b for b in progress.beats if b.ends],
        bids={bid: "waiting" if bid in unsaid else status for bid, status in progress.bids.items()},
        pending_bid="" if progress.pending_bid in unsaid else progress.pending_bid,
    )


def ending(couple: Couple, scenario: Scenario, progress: Progress) -> list[Beat]:
    """Return the beats with which a session closes when its time is up or the trainee ends it."""
    states = progress.states.values()
    well = (
        progress.replies >= MIN_REPLIES_TO_END_WELL
        and all(s.alliance >= 0.6 and s.openness >= 0.5 for s in states)
        and all(status != "bad" for status in progress.bids.values())
        and _seen_to(scenario, progress)
    )
    name: Outcome = "well" if well else "unfinished"
    lines: Sequence[OpeningBeat] = scenario.endings.well if well else scenario.endings.unfinished
    beats = [_authored(couple, progress, line) for line in lines]
    last = beats[-1]
    return [*beats[:-1], replace(last, ends=name)]


def _seen_to(scenario: Scenario, progress: Progress) -> bool:
    """Whether fear at home, if it was shown, was answered by seeing each of them alone."""
    shown = any(b.kind == "safety" and progress.bids[b.id] != "waiting" for b in scenario.bids)
    return not shown or set(progress.seen_alone) == set(progress.states)


def _walk_out(scenario: Scenario, progress: Progress, rng: Random) -> list[Beat]:
    """Somebody leaves when little holds them and they are far out of their window of tolerance."""
    going = [who for who, s in progress.states.items() if (s.alliance < 0.12 and s.arousal > 0.7) or s.alliance < 0.04]
    if not going or progress.replies < 3:
        return []
    who = min(going, key=lambda w: (progress.states[w].alliance, w))
    lines = scenario.endings.walk_out[who]
    return [Beat(who, "withdraw", "angry", lines[rng.randrange(len(lines))], ends="walk_out")]


def _settle(couple: Couple, scenario: Scenario, progress: Progress, answer: Answer) -> list[Beat]:
    """Judge the bid that waits for an answer; return its authored consequence, if it has one."""
    if not progress.pending_bid:
        return []
    bid = next(b for b in scenario.bids if b.id == progress.pending_bid)
    result = judge_bid(bid, answer)
    progress.pending_bid = ""
    if result == "passed":
        # Stepping past a bid does not make it go away; it comes back, once, under more pressure.
        tried = progress.bids[bid.id] == "made" and all(s in progress.used for s in bid.say)
        progress.bids[bid.id] = "passed" if tried else "waiting"
        progress.pressure += PRESSURE_PER_BAD_REPLY / 2
        return []
    progress.bids[bid.id] = "good" if result == "good" else "bad"
    progress.pressure = max(0.0, progress.pressure + (PRESSURE_PER_BAD_REPLY if result == "bad" else -RELIEF))
    lines = bid.after_good if result == "good" else bid.after_bad
    return [_authored(couple, progress, line) for line in lines if line.say not in progress.used]


def _remember(progress: Progress, answer: Answer, consequence: list[Beat]) -> None:
    """Note a complaint that was met with defence, one that was repaired, and a secret that was kept."""
    if answer.codes & REPAIRS and not answer.defends:
        progress.complaint, progress.returned = "", 0
    elif answer.defends and "challenge_therapist" in progress.last_moves[-2:] and not progress.complaint:
        progress.complaint = progress.last_complainer
        # A planted complaint has its own sharper answer, which is the first return.
        progress.returned = 1 if consequence else 0
    if "keep_secret" in answer.codes and len(answer.addressed) == 1 and not progress.kept_for:
        progress.kept_for, progress.kept_since = answer.addressed[0], 0
    elif progress.kept_for:
        progress.kept_since += 1


def _echo(couple: Couple, progress: Progress, answer: Answer, rng: Random) -> list[Beat]:
    """Return what an earlier or present fault of the therapist brings on, if anything: it is taken up, not passed over.

    A complaint that was met with defence returns sharper; a secret that was kept comes back from the other; the one
    who was sided with asks for more, while the other goes cold or attacks.
    """
    if progress.complaint and progress.returned < RETURNS and (answer.bad or answer.defends):
        progress.returned += 1
        who = progress.complaint
        return [replace(_beat(couple, progress, who, "challenge_therapist"), mood="angry")]
    if progress.kept_for and progress.kept_since >= SECRET_RETURNS_AFTER:
        other = couple.other(progress.kept_for).id
        progress.kept_for, progress.kept_since = "", 0
        return [_beat(couple, progress, other, "challenge_therapist")]
    if answer.favoured and answer.sidelined:
        gloat = _beat(couple, progress, answer.favoured, *_pick(rng, {"ally_bid": 3, "blame_partner": 2}))
        hurt = _pick(rng, {"challenge_therapist": 3, "withdraw": 2, "escalate": 2})
        cold = _beat(couple, progress, answer.sidelined, *hurt)
        return [gloat, cold] if rng.random() < 0.6 else [cold]
    if not answer.readable:
        who = _first_speaker(progress, answer, rng)
        moves: dict[str, float] = {"challenge_therapist": 3, "deflect": 3, "withdraw": 1}
        if "challenge_therapist" in progress.last_moves[-2:]:
            moves = {"deflect": 3, "withdraw": 3, "challenge_therapist": 1}
        return [_beat(couple, progress, who, *_pick(rng, moves))]
    return []


def _alone(
    couple: Couple, scenario: Scenario, progress: Progress, answer: Answer, rng: Random, gate: float
) -> list[Beat]:
    """Return the answer of the partner who is in the room alone: nobody to attack, and more may be told."""
    who = couple.other(progress.absent).id
    disclosure = None if answer.bad else _disclosure(couple, scenario, progress, answer, gate)
    if disclosure:
        progress.confided.append(disclosure.fact)
        progress.since_told = 0
        return [disclosure]
    if answer.bad:
        move = _pick(rng, {"withdraw": 3, "deflect": 3, "challenge_therapist": 2})
    elif progress.states[who].openness >= 0.4 and answer.listening >= 3:
        move = _pick(rng, {"soften": 3, "answer": 5})
    else:
        move = _pick(rng, {"answer": 6, "deflect": 1, "minimise": 1})
    return [_beat(couple, progress, who, *move)]


def _first_speaker(progress: Progress, answer: Answer, rng: Random) -> str:
    if len(answer.addressed) == 1:
        return answer.addressed[0]
    if answer.asked:
        return answer.asked
    # With both addressed the one who was passed by longer speaks first, else the more aroused one.
    a, b = progress.states.items()
    key_a, key_b = (a[1].neglected, round(a[1].arousal, 2)), (b[1].neglected, round(b[1].arousal, 2))
    if key_a == key_b:
        return rng.choice(sorted([a[0], b[0]]))
    return a[0] if key_a > key_b else b[0]


def _move(progress: Progress, who: str, answer: Answer, rng: Random) -> tuple[str, str]:
    state = progress.states[who]
    if answer.bad:
        if state.alliance < 0.3 or "challenge_therapist" in progress.last_moves[-2:]:
            return _pick(rng, {"challenge_therapist": 4, "withdraw": 2, "escalate": 2})
        return _pick(rng, {"challenge_therapist": 2.5, "deflect": 3, "withdraw": 2, "blame_partner": 1.5})
    if state.arousal > 0.7:
        return _pick(rng, {"escalate": 4, "blame_partner": 4, "answer": 2})
    if state.openness >= 0.45 and state.warm >= 2 and answer.listening >= 4:
        return _pick(rng, {"soften": 4, "answer": 4, "respond_to_partner": 2})
    if answer.listening >= 3:
        return _pick(rng, {"answer": 6, "blame_partner": 1.5, "deflect": 1, "minimise": 0.7})
    return _pick(rng, {"answer": 3, "deflect": 3, "blame_partner": 2, "minimise": 1, "withdraw": 1})


def _second_move(state: PartnerState, answer: Answer, rng: Random) -> tuple[str, str]:
    if answer.bad and state.alliance < 0.35:
        return _pick(rng, {"challenge_therapist": 3, "interrupt": 2, "withdraw": 2})
    if state.arousal > 0.6:
        return _pick(rng, {"interrupt": 3, "respond_to_partner": 4, "escalate": 2})
    if state.neglected >= 2:
        return _pick(rng, {"withdraw": 3, "interrupt": 2, "respond_to_partner": 2})
    return _pick(rng, {"respond_to_partner": 6, "minimise": 0.5, "deflect": 1})


def _other_speaks(progress: Progress, other: str, answer: Answer, rng: Random) -> bool:
    state = progress.states[other]
    chance = 0.35 + 0.5 * max(0.0, state.arousal - 0.5) + 0.1 * state.neglected
    if len(answer.addressed) == 2:
        chance += 0.4
    return rng.random() < chance


def _due_bid(scenario: Scenario, progress: Progress) -> Bid | None:
    if progress.since_bid < 2 or progress.replies < 1:
        return None
    due = [b for b in scenario.bids if progress.bids[b.id] == "waiting" and progress.pressure >= b.due]
    if not due:
        return None
    # A partner who was passed by complains sooner than one who is being heard.
    return max(due, key=lambda b: (progress.states[b.partner].neglected, -b.due))


def _disclosure(couple: Couple, scenario: Scenario, progress: Progress, answer: Answer, gate: float) -> Beat | None:
    """A secret opens when its gate has been passed by somebody who has been met several times since the last bad reply."""
    if answer.listening < 4 or progress.since_bid < 1 or progress.since_told < RESTS:
        return None
    # What was told to the therapist alone waits for the room; in the room it is told anew.
    known = progress.confided if progress.absent else ()
    for fact in couple.facts:
        if fact.id not in scenario.disclosures or fact.id in (*progress.told, *known) or fact.opens is None:
            continue
        who = fact.known_by[0]
        if who == progress.absent or (fact.id in scenario.alone and not progress.absent):
            continue
        state = progress.states[who]
        open_enough = state.openness >= fact.opens.openness + gate and state.alliance >= fact.opens.alliance + gate
        # Where both are spoken to and one is asked, that one tells.
        may_tell = (answer.asked,) if answer.asked in answer.addressed else answer.addressed
        if open_enough and state.warm >= 2 and who in may_tell:
            # What was told to the therapist alone is told in other words in the room, if the author wrote them.
            said = next((d for d in fact.disclosure if d not in progress.used), fact.disclosure[-1])
            return replace(_beat(couple, progress, who, "disclose"), text=said, fact=fact.id)
    return None


def _beat(couple: Couple, progress: Progress, who: str, move: str, instead: str = "") -> Beat:
    mood_now = mood(progress.states[who], broke_the_agreement=couple.partner(who).broke_the_agreement)
    return Beat(who, move, mood_now, instead=instead)


def _authored(couple: Couple, progress: Progress, line: OpeningBeat) -> Beat:
    plain = _beat(couple, progress, line.partner, line.move)
    return Beat(line.partner, line.move, line.mood or plain.mood, line.say)


def _pick(rng: Random, weights: dict[str, float]) -> tuple[str, str]:
    """Return a move by its weight, and by theirs one of the others, which would do as well."""
    move = rng.choices(list(weights), list(weights.values()))[0]
    others = {m: w for m, w in weights.items() if m != move}
    return move, rng.choices(list(others), list(others.values()))[0]
