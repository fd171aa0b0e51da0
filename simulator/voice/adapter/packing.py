"""Scenes as token trees: the prompt's beginning once, each transcript once, and every line to learn as a branch.

In the prompt that is used in a session the transcript carries no moods and moves; only the line to be written has them.
So each line to learn branches off the transcript where it was said: it sees the beginning, what was said before, and
itself, and nothing that follows sees it. One pass over such a tree trains on exactly the prompts of all its lines.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from simulator.text import one_line
from simulator.voice.adapter.scenes import Scene
from simulator.voice.prompt import Cast, beginning, cue

Tokenize = Callable[[str], list[int]]


@dataclass(frozen=True)
class Branch:
    """One line to learn: where in the trunk it begins, the tokens of its cue, the tokens that are learned."""

    at: int
    cue: list[int]
    line: list[int]


@dataclass(frozen=True)
class Tree:
    """A transcript's tokens and the branches off it."""

    trunk: list[int]
    branches: list[Branch]

    @property
    def size(self) -> int:
        """Tokens in all."""
        return len(self.trunk) + sum(len(b.cue) + len(b.line) for b in self.branches)


@dataclass(frozen=True)
class Pack:
    """Trees that share a beginning, as one sequence of n tokens.

    `positions` (n,) are those of the prompts, `seen` (n, n) is true where a row's token sees a column's; the token
    `targets[i]` is to be foretold at `where[i]`.
    """

    ids: Tensor
    positions: Tensor
    seen: Tensor
    where: Tensor
    targets: Tensor
    lines: int

    @property
    def key(self) -> str:
        """What tells this pack from every other."""
        return hashlib.sha256(self.ids.numpy().tobytes() + self.positions.numpy().tobytes()).hexdigest()[:16]


def tree_of(scene: Scene, casts: tuple[Cast, Cast], tokenize: Tokenize) -> Tree:
    """Return the scene as a tree; the lines of both partners are learned."""
    cast_of = {c.speaker.name: c for c in casts}
    trunk: list[int] = []
    branches: list[Branch] = []
    for turn in scene.turns:
        if turn.speaker in cast_of and turn.move:
            head = cue(cast_of[turn.speaker], turn.mood, turn.move)
            branches.append(Branch(len(trunk), tokenize(head), tokenize(f" {one_line(turn.text)}\n")))
        trunk += tokenize(f"{turn.speaker.upper()}: {one_line(turn.text)}\n")
    return Tree(trunk, branches)


def packed(cast: Cast, trees: Sequence[Tree], tokenize: Tokenize) -> Pack:
    """Return the trees below the beginning of this partner's prompt."""
    ids = tokenize(beginning(cast))
    head = len(ids)
    n = head + sum(t.size for t in trees)
    positions = list(range(head))
    seen = torch.zeros(n, n, dtype=torch.bool)
    seen[:head, :head] = torch.ones(head, head, dtype=torch.bool).tril()
    seen[head:, :head] = True
    where: list[int] = []
    targets: list[int] = []
    for tree in trees:
        trunk = len(ids)
        size = len(tree.trunk)
        seen[trunk : trunk + size, trunk : trunk + size] = torch.ones(size, size, dtype=torch.bool).tril()
        ids += tree.trunk
        positions += range(head, head + size)
        for branch in tree.branches:
            start, own = len(ids), [*branch.cue, *branch.line]
            seen[start : start + len(own), start : start + len(own)] = torch.ones(len(own), len(own)).tril().bool()
            seen[start : start + len(own), trunk : trunk + branch.at] = True
            ids += own
            positions += range(head + branch.at, head + branch.at + len(own))
            first = start + len(branch.cue)
            where += range(first - 1, first - 1 + len(branch.line))
            targets += branch.line
    return Pack(
        torch.tensor(ids),
        torch.tensor(positions),
        seen,
        torch.tensor(where),
        torch.tensor(targets),
        sum(len(t.branches) for t in trees),
    )
