"""The rubric engine: one reply and its context in, three skills with levels and quoted evidence out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from simulator.rubric.address import addressed
from simulator.rubric.answered import answers_it
from simulator.rubric.book import SKILLS, Rubric, Skill, load_rubric
from simulator.rubric.calibration import Calibration
from simulator.rubric.canon import LAST, Said, client_context, names_at, offer_pairs
from simulator.rubric.encoder import Coder, Heads, Read, load_coder
from simulator.rubric.feedback import better_wording, explain, one_thing, what_worked
from simulator.rubric.levels import level_of
from simulator.rubric.readable import unreadable
from simulator.rubric.sentences import Sentence, split_sentences
from simulator.rubric.windows import Passage

ENGINE_VERSION = "1.3.0"
MAX_SENTENCES = 60  # of a longer reply the first 40 and the last 20 are coded
_FLOOR = 0.02  # what is less likely than this adds nothing to a rule

# Words said to nobody in particular are read as if they followed this: defence shows only where something was said.
_TENSE = f"{LAST}: I don't think you understand us."

Status = Literal["scored", "no_opportunity", "not_scored"]


@dataclass(frozen=True)
class Evidence:
    """One code and the words it rests on: `quote == reply[start:end]`."""

    code: str
    quote: str
    start: int
    end: int
    confidence: float


@dataclass(frozen=True)
class SkillScore:
    """What one skill came to for one reply."""

    status: Status
    level: int | None = None
    score: float | None = None
    codes: list[Evidence] = field(default_factory=list)
    possible: list[Evidence] = field(default_factory=list)
    why: str = ""
    better: str | None = None
    # What the engine itself gave, where an adopted calibration changed the score: level, score, calibration.
    engine: dict[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the shape of the `score` contract."""
        if self.status == "no_opportunity":
            return {"status": self.status}
        if self.status == "not_scored":
            return {"status": self.status, "why": self.why}
        return {
            "status": self.status,
            "level": self.level,
            "score": self.score,
            "codes": [vars(e) for e in self.codes],
            "possible": [vars(e) for e in self.possible],
            "why": self.why,
            "better": self.better,
            **({"engine": self.engine} if self.engine else {}),
        }


@dataclass(frozen=True)
class ReplyScore:
    """One therapist turn, scored; `worked` is the words that helped most, said before anything else is."""

    opportunities: list[str]
    addressed: list[str]
    skills: dict[Skill, SkillScore]
    worked: Evidence | None = None
    sentences: list[tuple[Sentence, dict[str, float]]] = field(default_factory=list, repr=False)
    held: list[tuple[Sentence, str]] = field(default_factory=list, repr=False)

    def to_json(self) -> dict[str, Any]:
        """Return the shape of the `score` contract, without `turn`."""
        return {
            "opportunities": self.opportunities,
            "addressed": self.addressed,
            "worked": vars(self.worked) if self.worked else None,
            "skills": {name: skill.to_json() for name, skill in self.skills.items()},
        }


@dataclass(frozen=True)
class Question:
    """One reply to score: the turns before it, the partners' names, the reply, and what the session knows.

    `offered` names opportunities that a played session planted itself, so that they need not be guessed.
    """

    turns: Sequence[Said]
    partners: Sequence[str]
    reply: str
    addressed: Sequence[str] | None = None
    model_reply: str | None = None
    offered: frozenset[str] = frozenset()


class Engine:
    """Scores replies with one rubric and its trained coder."""

    def __init__(self, rubric: Rubric, coder: Coder, calibration: Calibration | None = None) -> None:
        self.rubric = rubric
        self.coder = coder
        # One that was learned on another version of the rubric corrects nothing in this one.
        fits = calibration is not None and calibration.rubric_version == rubric.version
        self.calibration = calibration if fits else None

    @classmethod
    def load(cls, folder: Path, *, calibration: Calibration | None = None) -> Engine:
        """Load the rubric in `folder` and the coder in its `model` folder (InputError when it cannot)."""
        return cls(load_rubric(folder), load_coder(folder / "model"), calibration)

    @property
    def versions(self) -> dict[str, str]:
        """The versions that every score carries; the engine's names the weights of its coder too."""
        by = f"+{self.calibration.id}" if self.calibration else ""
        engine = f"{ENGINE_VERSION}+{self.coder.fingerprint[:8]}" if self.coder.fingerprint else ENGINE_VERSION
        return {"rubric_version": self.rubric.version + by, "engine_version": engine}

    def score(self, question: Question) -> ReplyScore:
        """Score one reply."""
        return next(self.score_many([question]))

    def acts(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return what each text does, whatever it answers: codes as confidences, shape (len(texts), codes)."""
        passages = [Passage(_TENSE, tuple(s.text for s in _bounded(split_sentences(t)))) for t in texts]
        empty = np.zeros(len(self.coder.heads.codes), dtype=np.float32)
        rows = [r.codes.max(0) if len(r.codes) else empty for r in self.coder.read(passages)]
        return np.stack(rows) if rows else np.zeros((0, len(empty)), dtype=np.float32)

    def score_many(self, questions: Iterable[Question], *, batch: int = 128) -> Iterator[ReplyScore]:
        """Score replies in order, coding `batch` of them at a time; memory does not grow with their number."""
        waiting = iter(questions)
        while chunk := list(islice(waiting, batch)):
            yield from self._chunk(chunk)

    def _chunk(self, questions: Sequence[Question]) -> Iterator[ReplyScore]:
        split = [_bounded(split_sentences(q.reply)) for q in questions]
        reasons = [unreadable(q.reply, self.coder.tokenizer.tokenize) for q in questions]
        likely = self.offers(questions)
        offers = [self.offered(q, row) for q, row in zip(questions, likely, strict=True)]
        readable = [i for i, reason in enumerate(reasons) if not reason]
        passages = {i: passage_of(questions[i], split[i], offers[i]) for i in readable}
        reads = dict(zip(readable, self.coder.read(list(passages.values())), strict=True))
        again: dict[int, Passage] = {}
        for i in readable:
            offered = self.offered(questions[i], likely[i], reads[i])
            if offered != offers[i]:
                offers[i], again[i] = offered, replace(passages[i], offered=offered)
        # The levels are read in the light of what was offered: where the reply tells otherwise, once more.
        reads |= dict(zip(again, self.coder.read(list(again.values())), strict=True))
        for i, question in enumerate(questions):
            if reasons[i]:
                nothing = SkillScore("not_scored", why=reasons[i])
                yield ReplyScore(sorted(offers[i]), _to(question), dict.fromkeys(SKILLS, nothing))
            else:
                yield self._judge(question, split[i], reads[i], offers[i])

    def offers(self, questions: Sequence[Question]) -> list[dict[str, float]]:
        """Return how likely the client turns since the therapist's last one offer each opportunity; {} without any."""
        pairs = [offer_pairs(q.turns, q.partners, names_at(q.turns, q.partners)) for q in questions]
        asked = sorted({p for each in pairs for p in each})
        rows = dict(zip(asked, self.coder.opportunities([Passage(b, (t,)) for b, t in asked]), strict=True))
        return [
            dict(zip(self.coder.heads.opportunities, np.max([rows[p] for p in each], axis=0).tolist(), strict=True))
            if each
            else {}
            for each in pairs
        ]

    def offered(self, question: Question, likely: Mapping[str, float], read: Read | None = None) -> frozenset[str]:
        """Return what was offered, by how `likely` the client turns have it; with `read`, by what the reply answers too.

        A complaint in half a clause is known by the reply that owns it or defends; where the turns are in doubt, a reply
        that does neither speaks against it.
        """
        heads = self.coder.heads
        cuts = dict(zip(heads.opportunities, heads.opportunity_cuts, strict=True))
        found = {name for name, p in likely.items() if p >= cuts[name]}
        if read is not None and likely:
            does = most_of(read, heads)
            for name, weights in heads.answered.items():
                found = found | {name} if answers_it(likely[name], does, weights) else found - {name}
        return question.offered | found

    def _judge(
        self, question: Question, sentences: Sequence[Sentence], read: Read, offered: frozenset[str]
    ) -> ReplyScore:
        ids = self.coder.heads.codes
        coded = [
            (s, {c: p for c, p in zip(ids, row, strict=True) if p >= _FLOOR})
            for s, row in zip(sentences, read.codes.tolist(), strict=True)
        ]
        rules, book = self.rubric.levels, self.rubric.book
        skills: dict[Skill, SkillScore] = {}
        for number, skill in enumerate(SKILLS):
            table = rules.skills[skill]
            if table.needs and not offered & set(table.needs):
                skills[skill] = SkillScore("no_opportunity")
                continue
            found = level_of(table, [codes for _, codes in coded], set(offered), rules, read.levels[number].tolist())
            used = {c.id for c in book.codes if c.skill == skill}
            mine = {o.id for o in book.opportunities if o.skill == skill} | set(table.better)
            used |= set(found.rule.codes) if found.rule else set()
            evidence = [
                Evidence(code, s.text, s.start, s.end, round(p, 3))
                for s, codes in coded
                for code, p in sorted(codes.items(), key=lambda item: -item[1])
                if code in used
            ]
            sure = [e for e in evidence if e.confidence >= rules.confident]
            possible = [e for e in evidence if rules.possible <= e.confidence < rules.confident]
            skills[skill] = SkillScore(
                "scored",
                found.level,
                found.score,
                sure,
                possible,
                explain(table, found, sure, possible, book),
                better_wording(table, found.level, offered & mine, question.model_reply),
            )
        skills = one_thing({name: self._corrected(name, score) for name, score in skills.items()})
        return ReplyScore(sorted(offered), _to(question), skills, what_worked(skills, book), coded, self._held(coded))

    def _corrected(self, skill: Skill, found: SkillScore) -> SkillScore:
        """Return a score as the adopted calibration corrects it, with what it was."""
        correction = self.calibration.skills.get(skill) if self.calibration else None
        if correction is None or self.calibration is None or found.score is None:
            return found
        score = correction.score(found.score, [e.code for e in found.codes])
        if score == found.score:
            return found
        level = 1 + sum(score >= cut for cut in self.rubric.levels.skills[skill].cuts)
        why = found.why
        if level != found.level:
            why += f" The supervisors of this room would more often say level {level}; the engine alone said {found.level}."
        own = {"level": found.level, "score": found.score, "calibration": self.calibration.id}
        return replace(found, level=level, score=score, why=why, engine=own)

    def _held(self, coded: list[tuple[Sentence, dict[str, float]]]) -> list[tuple[Sentence, str]]:
        """Return the codes that count in each sentence.

        Every code held with confidence; and, where the codes of one skill that help (or hurt) add up to it, the
        likeliest of them: the sentence surely does one of these things.
        """
        found: list[tuple[Sentence, str]] = []
        cut = self.rubric.levels.confident
        for sentence, codes in coded:
            families: dict[tuple[str, str], list[str]] = {}
            for code in sorted(codes, key=lambda c: -codes[c]):
                about = self.rubric.book.code[code]
                families.setdefault((about.skill, about.effect), []).append(code)
            for members in families.values():
                sure = [c for c in members if codes[c] >= cut]
                if not sure and sum(codes[c] for c in members) >= cut:
                    sure = members[:1]
                found.extend((sentence, c) for c in sure)
        return found


def most_of(read: Read, heads: Heads) -> dict[str, float]:
    """Return how surely each code is seen anywhere in a reply."""
    return dict(zip(heads.codes, read.codes.max(0, initial=0.0).tolist(), strict=True))


def passage_of(question: Question, sentences: Sequence[Sentence], offered: frozenset[str]) -> Passage:
    """Return a reply as the coder reads it: with neutral names, after the client turns, in the light of what was offered."""
    names = names_at(question.turns, question.partners)
    context = client_context(question.turns, question.partners, names)
    return Passage(context, tuple(names(s.text) for s in sentences), offered)


def _to(question: Question) -> list[str]:
    if question.addressed is not None:
        return list(question.addressed)
    return addressed(question.reply, question.turns, question.partners)


def _bounded(sentences: list[Sentence]) -> list[Sentence]:
    if len(sentences) <= MAX_SENTENCES:
        return sentences
    return [*sentences[:40], *sentences[-20:]]
