"""Each partner's inner state, and how a reply moves it. Plain arithmetic: deterministic, bounded, symmetric."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from math import fsum

from simulator.session.effects import BAD, EFFECTS, NONE, REPAIRS, SIDES, Change

NEGLECT_AFTER = 2  # replies in a row that reach only the other
NEGLECT_COST: Change = (-0.035, +0.03, -0.02, -0.01)
MAX_STEP = 0.2  # no single reply moves anything further than this
YIELD_STEP = 0.06  # openness is earned over several turns
CALM = 0.4  # arousal drifts back to here
REPAIRED = 0.75  # so much of what a bad reply cost can be won back by owning it


@dataclass(frozen=True)
class PartnerState:
    """Alliance with the therapist, arousal, openness and hope for the couple, each 0 to 1.

    `neglected` counts replies in a row that passed this partner by; `warm` counts replies that reached them
    since the last bad one. `owed` is what repair can still win back of the alliance that bad replies cost, and `lost` what it
    cannot: after a fault, owning it brings back three quarters at most, and the rest has to be earned by listening.
    """

    alliance: float
    arousal: float
    openness: float
    hope: float
    neglected: int = 0
    warm: int = 0
    lost: float = 0.0
    owed: float = 0.0

    def public(self) -> dict[str, float]:
        """Return the four values, rounded, for records and pages."""
        return {k: round(v, 3) for k, v in asdict(self).items() if k in ("alliance", "arousal", "openness", "hope")}


@dataclass(frozen=True)
class Act:
    """One confident behaviour code of a reply and the partner (id) it is about."""

    code: str
    about: str


def update(
    states: Mapping[str, PartnerState],
    acts: Sequence[Act],
    addressed: Sequence[str],
    *,
    patience: float = 1.0,
    absent: str = "",
) -> dict[str, PartnerState]:
    """Return the states of both partners (ids) after one reply.

    Nothing reaches a partner who is `absent`. A repeated code counts once per partner. `patience` above 1 softens every cost, below 1 sharpens it.
    Swapping the two partners everywhere swaps the result and changes nothing else.
    """
    a, b = states
    moved: dict[str, list[Change]] = {a: [], b: []}
    repairs: dict[str, list[float]] = {a: [], b: []}
    for act in sorted(set(acts), key=lambda x: (x.code, x.about)):
        effect = EFFECTS.get(act.code)
        if effect is None or act.about not in moved:
            continue
        moved[act.about].append(effect.own)
        if act.code in REPAIRS:
            repairs[act.about].append(effect.own[0])
        if effect.other != NONE:
            moved[b if act.about == a else a].append(effect.other)
    after: dict[str, PartnerState] = {}
    bad = any(act.code in BAD for act in acts)
    for who in (a, b):
        state = states[who]
        if who == absent:
            after[who] = state
            continue
        changes = list(moved[who])
        reached = who in addressed or any(c[0] > 0 for c in moved[who])
        neglected = 0 if reached else state.neglected + 1
        if neglected > NEGLECT_AFTER:
            changes.append(NEGLECT_COST)
        after[who] = _apply(state, changes, fsum(repairs[who]), neglected, bad, patience)
    return after


def taken_side(acts: Sequence[Act], partners: Sequence[str]) -> tuple[str, str]:
    """Return (who was sided with, who was left standing) for one reply, or ("", "") when no side was taken."""
    lifted = dict.fromkeys(partners, 0.0)
    for act in set(acts):
        effect = EFFECTS.get(act.code)
        if effect is None or act.about not in lifted:
            continue
        other = next(p for p in partners if p != act.about)
        if act.code in SIDES:
            lifted[act.about] += effect.own[0]
            lifted[other] += effect.other[0]
    a, b = partners
    if lifted[a] > 0 > lifted[b]:
        return a, b
    return (b, a) if lifted[b] > 0 > lifted[a] else ("", "")


def _apply(
    state: PartnerState, changes: Sequence[Change], repair: float, neglected: int, bad: bool, patience: float
) -> PartnerState:
    whole = fsum(c[0] if c[0] > 0 else c[0] / patience for c in changes)
    # Owning a fault wins back what is owed for it and no more, however often it is owned.
    owing = state.lost > 0
    spent = min(repair, state.owed) if owing else repair
    alliance = _step(whole - repair + spent)
    arousal = _step(fsum(c[1] if c[1] < 0 else c[1] / patience for c in changes)) - 0.08 * (state.arousal - CALM)
    openness = min(YIELD_STEP, _step(fsum(c[2] for c in changes)))
    hope = _step(fsum(c[3] for c in changes))
    lost, owed = state.lost, state.owed - spent if owing else state.owed
    if alliance < 0:
        fall = state.alliance - _unit(state.alliance + alliance)
        lost += (1 - REPAIRED) * fall
        owed += REPAIRED * fall
    ceiling = 1.0 - min(lost, 0.6)
    if state.arousal > 0.7 and openness > 0:
        openness /= 2
    warm = 0 if bad else state.warm + (1 if alliance >= 0.04 else 0)
    return replace(
        state,
        alliance=_unit(min(state.alliance + alliance, max(ceiling, state.alliance))),
        arousal=_unit(state.arousal + arousal),
        openness=_unit(state.openness + openness),
        hope=_unit(state.hope + hope),
        neglected=neglected,
        warm=warm,
        lost=lost,
        owed=max(0.0, owed),
    )


def mood(state: PartnerState, *, broke_the_agreement: bool) -> str:
    """Return the mood in which this partner speaks now."""
    if state.arousal >= 0.75:
        return "contemptuous" if state.alliance < 0.15 and not broke_the_agreement else "angry"
    if state.openness >= 0.55 and state.alliance >= 0.5:
        return "open"
    if state.arousal >= 0.62:
        return "angry" if state.alliance < 0.45 else ("ashamed" if broke_the_agreement else "hurt")
    if state.openness >= 0.38:
        return "ashamed" if broke_the_agreement else "hurt"
    if state.hope < 0.25:
        return "tired"
    return "guarded"


def _step(change: float) -> float:
    return max(-MAX_STEP, min(MAX_STEP, change))


def _unit(value: float) -> float:
    return max(0.0, min(1.0, value))
