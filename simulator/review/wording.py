"""One better wording for a moment, sampled from the language model and shown only if the rubric itself thinks well of it."""

from __future__ import annotations

from dataclasses import replace

from simulator.errors import ModelError
from simulator.rubric import Engine, Question, Skill
from simulator.rubric.feedback import GOOD
from simulator.text import one_line
from simulator.voice import Sampling, Voice

_SAMPLED = 6
# How a good therapist sounds, for the model to go on from; written for this purpose.
_EXAMPLES = (
    ("It was the lunch box. He'd packed it for her, with a napkin.",
     "A napkin. So it wasn't only that he went, it was that he took care of somebody. Could you tell him what that did to you?"),
    ("You don't believe me either, I can see it. This is two against one.",
     "You've been sitting there alone with that. I may have looked away when you spoke, and I'm glad you said so. What did you see?"),
    ("Just say it, you know I'm right.",
     "You'd like somebody to stand next to you in this. If I became the judge, one of you would have lost. What do you most need heard?"),
)  # fmt: skip


def model_wording(voice: Voice, engine: Engine, question: Question, skill: Skill, *, seed: int = 0) -> str | None:
    """Return a wording that the engine scores at 4 or more and at least one level above the trainee's, or None."""
    before = engine.score(question).skills[skill].level
    if voice.scripted or before is None:
        return None
    lines = [
        "Couple therapy. The therapist says back what was felt, owns mistakes, takes no side, gives no advice.",
        "",
    ]
    for said, answer in _EXAMPLES:
        lines += [f"PARTNER: {said}", f"THERAPIST: {answer}", ""]
    lines += [f"{t.speaker.upper()}: {one_line(t.text)}" for t in question.turns[-4:]]
    try:
        sampled = voice.sample("\n".join([*lines, "THERAPIST:"]), Sampling(n=_SAMPLED, max_tokens=60, seed=seed))
    except ModelError:
        return None
    wordings = [w for s in sampled if (w := one_line(s)) and w[-1] in ".?!"]
    scores = engine.score_many(replace(question, reply=w, addressed=None) for w in wordings)
    best: tuple[float, str] | None = None
    for wording, score in zip(wordings, scores, strict=True):
        levels = [s.level for s in score.skills.values() if s.level is not None]
        result = score.skills[skill]
        # Better in this skill, and not at the cost of another one.
        if result.level and result.score and result.level >= max(GOOD, before + 1) and min(levels, default=0) >= 3:
            best = max(best or (0.0, ""), (result.score, wording))
    return best[1] if best else None
