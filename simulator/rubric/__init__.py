"""The rubric: codes per sentence, opportunities, levels with evidence, feedback."""

from simulator.rubric.address import addressed, asked, mentioned, subject
from simulator.rubric.book import SKILLS, Rubric, Skill, load_rubric
from simulator.rubric.canon import THERAPIST, Said
from simulator.rubric.engine import (
    ENGINE_VERSION,
    Engine,
    Evidence,
    Question,
    ReplyScore,
    SkillScore,
)
from simulator.rubric.sentences import Sentence
from simulator.rubric.session import session_summary

__all__ = [
    "ENGINE_VERSION",
    "SKILLS",
    "THERAPIST",
    "Engine",
    "Evidence",
    "Question",
    "ReplyScore",
    "Rubric",
    "Said",
    "Sentence",
    "Skill",
    "SkillScore",
    "addressed",
    "asked",
    "load_rubric",
    "mentioned",
    "session_summary",
    "subject",
]
