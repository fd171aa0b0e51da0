"""What a behaviour code does to the partners: one table, read by state.py.

Each row: what it does to the partner it is about (`own`) and to the other one (`other`), as changes of
(alliance, arousal, openness, hope), each on a scale from 0 to 1. Siding lifts one and drops the other more;
repair recovers part of what a bad reply cost, never all; openness moves slowly, so yielding is earned.
"""

from __future__ import annotations

from dataclasses import dataclass

Change = tuple[float, float, float, float]
NONE: Change = (0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Effect:
    """One row of the table."""

    own: Change
    other: Change = NONE


#                                  alliance arousal openness hope
EFFECTS: dict[str, Effect] = {
    "reflect_content":       Effect((+0.02, -0.02, +0.01, 0.00)),
    "reflect_feeling":       Effect((+0.05, -0.05, +0.04, +0.01)),
    "reflect_meaning":       Effect((+0.07, -0.05, +0.06, +0.02)),
    "validate":              Effect((+0.06, -0.05, +0.04, +0.01)),
    "open_question":         Effect((+0.01, 0.00, +0.02, 0.00)),
    "check_understanding":   Effect((+0.02, -0.01, +0.01, 0.00)),
    "slow_down":             Effect((+0.02, -0.07, +0.02, 0.00)),
    "parrot":                Effect((-0.02, +0.02, -0.01, 0.00)),
    "generic_sympathy":      Effect((-0.01, +0.01, -0.01, 0.00)),
    "reassure":              Effect((-0.03, +0.03, -0.02, -0.01)),
    "advise":                Effect((-0.04, +0.04, -0.03, -0.01)),
    "lecture":               Effect((-0.06, +0.04, -0.04, -0.01)),
    "label":                 Effect((-0.07, +0.06, -0.05, -0.01)),
    "closed_question":       Effect((-0.01, +0.02, -0.01, 0.00)),
    "minimise":              Effect((-0.11, +0.12, -0.08, -0.04)),
    "judge_feeling":         Effect((-0.11, +0.11, -0.09, -0.04)),
    "topic_shift":           Effect((-0.06, +0.05, -0.04, -0.02)),
    "acknowledge_complaint": Effect((+0.08, -0.09, +0.04, +0.01)),
    "own_part":              Effect((+0.06, -0.05, +0.04, +0.01)),
    "apologise":             Effect((+0.03, -0.03, +0.01, 0.00)),
    "invite_feedback":       Effect((+0.04, -0.03, +0.03, +0.01)),
    "offer_repair":          Effect((+0.05, -0.04, +0.03, +0.02)),
    "thank_candour":         Effect((+0.03, -0.02, +0.02, 0.00)),
    "justify":               Effect((-0.07, +0.08, -0.04, -0.01)),
    "pull_rank":             Effect((-0.11, +0.11, -0.07, -0.02)),
    "non_apology":           Effect((-0.08, +0.09, -0.05, -0.01)),
    "correct_client":        Effect((-0.10, +0.11, -0.06, -0.02)),
    "counter_blame":         Effect((-0.15, +0.16, -0.10, -0.03)),
    "pathologise":           Effect((-0.14, +0.13, -0.10, -0.03)),
    "deflect":               Effect((-0.05, +0.06, -0.03, -0.01)),
    "hold_both":             Effect((+0.04, -0.04, +0.03, +0.02), (+0.04, -0.04, +0.03, +0.02)),
    "invite_direct":         Effect((+0.01, +0.01, +0.03, +0.02), (+0.01, +0.01, +0.02, +0.02)),
    "decline_verdict":       Effect((+0.00, 0.00, +0.01, 0.00), (+0.03, -0.02, +0.01, 0.00)),
    "no_secrets":            Effect((+0.00, +0.01, +0.01, +0.01), (+0.03, -0.01, +0.01, 0.00)),
    "name_pull":             Effect((+0.02, -0.02, +0.02, 0.00), (+0.03, -0.03, +0.01, 0.00)),
    "circular_frame":        Effect((+0.02, -0.03, +0.02, +0.03), (+0.02, -0.03, +0.02, +0.03)),
    "name_boundary":         Effect((+0.04, -0.03, +0.03, +0.01), (-0.01, +0.02, 0.00, 0.00)),
    "side_with":             Effect((+0.06, 0.00, -0.01, -0.01), (-0.16, +0.15, -0.10, -0.04)),
    "judge_partner":         Effect((-0.17, +0.16, -0.11, -0.04), (+0.04, +0.02, -0.01, -0.02)),
    "private_alliance":      Effect((+0.06, 0.00, -0.01, -0.01), (-0.15, +0.12, -0.09, -0.03)),
    "keep_secret":           Effect((+0.05, -0.02, -0.01, -0.02), (-0.12, +0.12, -0.08, -0.03)),
    "carry_message":         Effect((+0.02, -0.01, -0.02, 0.00), (-0.06, +0.05, -0.04, -0.01)),
    "recruit_third_party":   Effect((-0.03, +0.04, -0.03, -0.01), (-0.04, +0.05, -0.03, -0.01)),
    "label_absent":          Effect((-0.15, +0.13, -0.10, -0.03), (+0.03, +0.02, -0.01, -0.02)),
    "press_to_yield":        Effect((-0.13, +0.11, -0.09, -0.03), (+0.02, 0.00, 0.00, 0.00)),
    "false_balance":         Effect((-0.10, +0.10, -0.06, -0.03), (-0.02, +0.02, -0.02, -0.01)),
    "one_sided_demand":      Effect((-0.08, +0.07, -0.05, -0.02), (+0.01, 0.00, 0.00, 0.00)),
}  # fmt: skip

# For these the partner the sentence is about is the one who loses by it, and not the one it courts.
AGAINST = frozenset({"judge_partner", "label_absent", "press_to_yield", "one_sided_demand"})

# Codes that take a side: one is lifted, the other drops.
SIDES = frozenset({"side_with", "judge_partner", "private_alliance", "label_absent", "press_to_yield"})

# Codes that answer a complaint with defence, and codes that take it in.
DEFENSIVE = frozenset(
    {"justify", "pull_rank", "non_apology", "correct_client", "counter_blame", "pathologise", "deflect"}
)
REPAIRS = frozenset({"acknowledge_complaint", "own_part", "apologise", "invite_feedback", "offer_repair"})

# A reply with one of these is a bad one: nobody softens after it.
BAD = frozenset(code for code, effect in EFFECTS.items() if effect.own[0] <= -0.04 or effect.other[0] <= -0.06)
