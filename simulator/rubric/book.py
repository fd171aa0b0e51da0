"""The code book, the level rules and the labelled examples: data under rubrics/, checked on the way in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from simulator.described import describing
from simulator.errors import InputError
from simulator.jsonl import read_jsonl
from simulator.rubric.keys import KEYS

Skill = Literal["empathic_listening", "non_defensiveness", "avoiding_triangulation"]
SKILLS: tuple[Skill, ...] = ("empathic_listening", "non_defensiveness", "avoiding_triangulation")
Split = Literal["train", "development", "test"]
M = TypeVar("M", bound=BaseModel)


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra=describing(KEYS))


class Code(_Model):
    """One behaviour that can be pointed at in the words."""

    id: str
    skill: Skill
    effect: Literal["helps", "hurts"]
    definition: str
    why: str
    say: str


class Opportunity(_Model):
    """One thing that a client turn can offer."""

    id: str
    definition: str
    skill: Skill
    say: str


class CodeBook(_Model):
    """Codes and opportunities, with the version that every score carries."""

    format: Literal[1]
    id: str
    version: str
    language: str
    author: str
    licence: str
    codes: list[Code]
    opportunities: list[Opportunity]

    @cached_property
    def code_ids(self) -> list[str]:
        """Ids of the codes, in the order of the book."""
        return [c.id for c in self.codes]

    @cached_property
    def opportunity_ids(self) -> list[str]:
        """Ids of the opportunities, in the order of the book."""
        return [o.id for o in self.opportunities]

    @cached_property
    def code(self) -> dict[str, Code]:
        """Codes by id."""
        return {c.id: c for c in self.codes}

    @cached_property
    def opportunity(self) -> dict[str, Opportunity]:
        """Opportunities by id."""
        return {o.id: o for o in self.opportunities}


class Rule(_Model):
    """One row of a skill's level table: the first row whose conditions all hold gives the level."""

    level: Annotated[int, Field(ge=1, le=5)]
    any_of: list[str] = []
    and_any_of: list[str] = []
    all_of: list[str] = []
    none_of: list[str] = []
    offered: list[str] = []
    ends_with: list[str] = []
    why: str

    @property
    def codes(self) -> list[str]:
        """The codes that speak for this row."""
        return [*self.any_of, *self.and_any_of, *self.all_of, *self.ends_with]


class SkillRules(_Model):
    """How one skill is scored: names of the levels, rows of the table, and the principle behind it."""

    title: str
    levels: Annotated[list[str], Field(min_length=5, max_length=5)]
    whole: Annotated[float, Field(ge=0, le=1)] = 0.5
    cuts: Annotated[list[float], Field(min_length=4, max_length=4)] = [1.5, 2.5, 3.5, 4.5]
    needs: list[str] = []
    rules: Annotated[list[Rule], Field(min_length=1)]
    principle: str
    meaning: Annotated[list[str], Field(min_length=5, max_length=5)]
    better: dict[str, str] = {}


class LevelRules(_Model):
    """The level tables of all skills and the confidence from which a code counts."""

    format: Literal[1]
    confident: Annotated[float, Field(gt=0, lt=1)]
    possible: Annotated[float, Field(gt=0, lt=1)]
    skills: dict[Skill, SkillRules]


class Turn(_Model):
    """One turn of a labelled context."""

    speaker: str
    text: str


class SentenceExample(_Model):
    """One labelled sentence of the code book, with the client turns it answers."""

    id: str
    context: str
    split: Split
    code: str
    kind: Literal["shows", "near_miss"]
    partners: Annotated[list[str], Field(min_length=2, max_length=2)]
    client: Annotated[list[Turn], Field(min_length=1)]
    sentence: str
    codes: list[str]


class OpportunityExample(_Model):
    """One labelled client turn."""

    id: str
    context: str
    split: Split
    partners: Annotated[list[str], Field(min_length=2, max_length=2)]
    before: list[Turn]
    speaker: str
    text: str
    opportunities: list[str]


class ReplyExample(_Model):
    """One labelled reply: its turns before, its sentences with codes, and the level of each skill."""

    id: str
    context: str
    split: Split
    partners: Annotated[list[str], Field(min_length=2, max_length=2)]
    turns: Annotated[list[Turn], Field(min_length=1)]
    opportunities: list[str]
    reply: Annotated[list[tuple[str, list[str]]], Field(min_length=1)]
    levels: dict[Skill, Annotated[int, Field(ge=1, le=5)] | None]
    contrast: str
    reason: str

    @property
    def text(self) -> str:
        """The reply as it was said."""
        return " ".join(sentence for sentence, _ in self.reply)


# The files beside the rubric that an editor completes its keys from.
SCHEMAS: dict[str, type[BaseModel]] = {
    "codebook.schema.json": CodeBook,
    "levels.schema.json": LevelRules,
    "examples/sentences.schema.json": SentenceExample,
    "examples/opportunities.schema.json": OpportunityExample,
    "examples/replies.schema.json": ReplyExample,
}


@dataclass(frozen=True)
class Rubric:
    """Everything that decides a score, read from one folder."""

    folder: Path
    book: CodeBook
    levels: LevelRules

    @property
    def version(self) -> str:
        """Id and version, as carried by every score."""
        return f"{self.book.id}-{self.book.version}"

    def content_hash(self) -> str:
        """Return the sha256 over the code book and the level rules."""
        digest = hashlib.sha256()
        for name in ("codebook.yaml", "levels.yaml"):
            digest.update((self.folder / name).read_bytes())
        return digest.hexdigest()

    def sentences(self) -> Iterator[SentenceExample]:
        """Yield the labelled sentences of the code book."""
        return _examples(self.folder, "sentences-*.jsonl", SentenceExample)

    def opportunities(self) -> Iterator[OpportunityExample]:
        """Yield the labelled client turns."""
        return _examples(self.folder, "opportunities*.jsonl", OpportunityExample)

    def replies(self) -> Iterator[ReplyExample]:
        """Yield the labelled replies."""
        return _examples(self.folder, "replies-*.jsonl", ReplyExample)


def load_rubric(folder: Path) -> Rubric:
    """Return the rubric in `folder`.

    Raises:
        InputError: a file is missing or breaks a rule; the message says where.
    """
    book = _yaml(folder / "codebook.yaml", CodeBook)
    levels = _yaml(folder / "levels.yaml", LevelRules)
    for skill, number, unknown in unknown_names(book, levels):
        raise InputError(
            f"{folder / 'levels.yaml'}: {skill}, rule {number} names {', '.join(unknown)}.",
            how="The codes and opportunities are those of codebook.yaml.",
        )
    return Rubric(folder, book, levels)


def unknown_names(book: CodeBook, levels: LevelRules) -> list[tuple[Skill, int, list[str]]]:
    """Return (skill, number of the rule, names) of every rule that names a code or opportunity which the book has not."""
    codes, offers = set(book.code_ids), set(book.opportunity_ids)
    found: list[tuple[Skill, int, list[str]]] = []
    for skill, table in levels.skills.items():
        for number, rule in enumerate(table.rules, start=1):
            named = {*rule.any_of, *rule.and_any_of, *rule.all_of, *rule.none_of, *rule.ends_with}
            unknown = sorted(named - codes) + sorted({*rule.offered, *table.needs} - offers)
            if unknown:
                found.append((skill, number, unknown))
    return found


def _yaml(path: Path, model: type[M]) -> M:
    try:
        return model.model_validate(YAML(typ="safe").load(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}.", how="Check the rubric folder.") from error
    except (YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not valid YAML ({error}).") from error
    except ValidationError as error:
        raise InputError(f"{path}: {_first(error)}") from error


def _examples(folder: Path, pattern: str, model: type[M]) -> Iterator[M]:
    for path in sorted((folder / "examples").glob(pattern)):
        for number, value in read_jsonl(path):
            try:
                yield model.model_validate(value)
            except ValidationError as error:
                raise InputError(f"{path}, line {number}: {_first(error)}") from error


def _first(error: ValidationError) -> str:
    first: dict[str, Any] = dict(error.errors()[0])
    return f"{'.'.join(str(p) for p in first['loc'])}: {first['msg']}."
