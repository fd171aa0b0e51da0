"""Scoring whole transcripts: the contract in, the contract out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from simulator.errors import InputError
from simulator.rubric import THERAPIST, Engine, Question, Said, session_summary

MAX_TURNS = 5000


class _Turn(BaseModel):
    model_config = ConfigDict(extra="ignore")
    speaker: Annotated[str, Field(min_length=1, max_length=80)]
    text: Annotated[str, Field(max_length=200_000)]


class _Transcript(BaseModel):
    model_config = ConfigDict(extra="ignore")
    id: str | int = ""
    partners: Annotated[list[Annotated[str, Field(min_length=1, max_length=80)]], Field(min_length=2, max_length=2)]
    turns: Annotated[list[_Turn], Field(min_length=1, max_length=MAX_TURNS)]


@dataclass(frozen=True)
class Transcript:
    """A checked transcript: two partners, turns by them and by "therapist"."""

    id: str | int
    partners: tuple[str, str]
    turns: list[Said]


def read_transcript(value: dict[str, Any], where: str) -> Transcript:
    """Return the transcript in `value`.

    Raises:
        InputError: a field is missing or wrong, a speaker is unknown, or no turn is the therapist's.
    """
    try:
        read = _Transcript.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        path = ".".join(str(p) for p in first["loc"]) or "the transcript"
        raise InputError(
            f"{where}: {path}: {first['msg']}.",
            how='A transcript is {"id", "partners": [two names], "turns": [{"speaker", "text"}]}.',
        ) from error
    a, b = read.partners
    if a == b or THERAPIST in (a, b):
        raise InputError(f"{where}: partners: two different names are needed, and neither is '{THERAPIST}'.")
    for number, turn in enumerate(read.turns):
        if turn.speaker not in (a, b, THERAPIST):
            raise InputError(
                f"{where}: turns.{number}.speaker: '{turn.speaker}' is not known here.",
                how=f"Speakers: {a}, {b}, {THERAPIST}.",
            )
    if not any(t.speaker == THERAPIST for t in read.turns):
        raise InputError(f"{where}: there is no therapist turn to score.", how=f"Its speaker is '{THERAPIST}'.")
    return Transcript(read.id, (a, b), [Said(t.speaker, t.text) for t in read.turns])


def score_transcripts(engine: Engine, transcripts: Sequence[Transcript]) -> Iterator[dict[str, Any]]:
    """Yield one result per transcript, in order; the replies of all of them are coded in shared batches."""
    questions, owners = [], []
    for number, transcript in enumerate(transcripts):
        for index, turn in enumerate(transcript.turns):
            if turn.speaker == THERAPIST:
                # What is quoted must be a span of the text as it was given, so it is not cleaned here.
                questions.append(Question(transcript.turns[:index], transcript.partners, turn.text))
                owners.append((number, index))
    scored: list[list[dict[str, Any]]] = [[] for _ in transcripts]
    for (number, index), score in zip(owners, engine.score_many(questions), strict=True):
        scored[number].append({"turn": index, **score.to_json()})
    for transcript, turns in zip(transcripts, scored, strict=True):
        yield {
            "id": transcript.id,
            **engine.versions,
            "turns": turns,
            "session": session_summary(engine.rubric.book, transcript.turns, transcript.partners, turns),
        }
