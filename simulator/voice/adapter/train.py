"""Training the adapter on two cores: the lower layers read every scene once, the upper ones learn.

The lower layers do not change, so what they make of the scenes is worked out once and kept on disk; only the upper
layers, with LoRA (Hu et al. 2021) on all their projections, are run again in every epoch. The loss is on the partners'
lines alone.
"""

from __future__ import annotations

import json
import math
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from simulator.voice.adapter.base import PROJECTIONS, Base
from simulator.voice.adapter.packing import Pack, packed, tree_of
from simulator.voice.adapter.scenes import Scene, by_couple, with_examples
from simulator.voice.prompt import Cast

SEED = 20
SCENES_A_PACK = 4

Say = Callable[[str], None]
Casts = Mapping[str, tuple[Cast, Cast]]


@dataclass(frozen=True)
class Recipe:
    """What is trained, and how: the upper `layers`, of rank `rank`, for so many epochs."""

    layers: int = 6
    rank: int = 16
    alpha: int = 32
    epochs: int = 2
    learning_rate: float = 3e-4
    dropout: float = 0.05


class Upper(nn.Module):
    """The upper layers, the last norm and the output, named as in transformers."""

    output: Tensor
    rotary: Any

    def __init__(self, base: Base, layers: int) -> None:
        super().__init__()
        count = int(base.config.num_hidden_layers)
        self.model = nn.Module()
        self.model.layers = nn.ModuleDict({str(i): base.layer(i) for i in range(count - layers, count)})
        self.rotary = base.rotary()
        self.config = base.config.to_dict()
        norm = nn.RMSNorm(base.config.hidden_size, eps=base.config.rms_norm_eps)
        norm.weight.data = base.tensor("output_norm.weight")
        self.norm = norm.requires_grad_(False)
        self.register_buffer("output", base.tensor("output.weight"), persistent=False)

    def forward(self, hidden: Tensor, pack: Pack) -> Tensor:
        """Return the mean loss of the pack's targets, in nats a token, from what the lower layers made of it."""
        layers: Any = self.model.layers
        hidden = run(layers.values(), self.rotary, hidden, pack)
        logits = self.norm(hidden[0, pack.where]) @ self.output.T
        return nn.functional.cross_entropy(logits, pack.targets)


def run(layers: Any, rotary: nn.Module, hidden: Tensor, pack: Pack) -> Tensor:
    """Return what the layers make of `hidden`, (1, n, width)."""
    places = rotary(hidden, pack.positions[None])
    for layer in layers:
        out = layer(hidden, attention_mask=pack.seen[None, None], position_embeddings=places)
        hidden = out if isinstance(out, Tensor) else out[0]
    return hidden


def packs_of(
    scenes: Sequence[Scene],
    casts: Casts,
    tokenize: Callable[[str], list[int]],
    *,
    together: int = SCENES_A_PACK,
    shown: Sequence[Scene] = (),
) -> list[Pack]:
    """Return the scenes of each couple in packs of `together`, below the one partner's prompt and the other's in turn.

    The exchanges that a prompt begins with are those of the couple's scenes in `shown`, and where it has none there, of
    its other scenes.
    """
    packs: list[Pack] = []
    models = by_couple(shown)
    for couple, own in by_couple(scenes).items():
        for start in range(0, len(own), together):
            chosen = own[start : start + together]
            both = with_examples(casts[couple], models.get(couple) or [s for s in own if s not in chosen])
            packs.append(packed(both[len(packs) % 2], [tree_of(s, both, tokenize) for s in chosen], tokenize))
    return packs


def train_adapter(
    base: Base,
    train: Sequence[Pack],
    held: Mapping[str, Sequence[Pack]],
    folder: Path,
    *,
    recipe: Recipe,
    work: Path,
    say: Say,
) -> dict[str, Any]:
    """Train an adapter on `train`, write it to `folder`, and return the report.

    What the lower layers make of the packs is kept in `work`, and read from there, or gone on from, when training is run
    again with the same packs and as many layers or fewer. The report has the perplexity a token of each set of `held`,
    before the training and after each epoch.
    """
    from peft import LoraConfig, get_peft_model

    started = time.monotonic()
    torch.manual_seed(SEED)
    known = lower_states(base, [*train, *(p for packs in held.values() for p in packs)], recipe.layers, work, say)
    upper, count = Upper(base, recipe.layers), int(base.config.num_hidden_layers)
    config = LoraConfig(
        r=recipe.rank,
        lora_alpha=recipe.alpha,
        lora_dropout=recipe.dropout,
        target_modules=sorted(PROJECTIONS),
        # In the whole model the lower layers stay as they are.
        layers_to_transform=list(range(count - recipe.layers, count)),
        bias="none",
    )
    model = get_peft_model(upper, config)
    learned = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(learned, lr=recipe.learning_rate, weight_decay=0.01)
    order = random.Random(SEED)
    steps = len(train) * recipe.epochs
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, recipe.learning_rate, total_steps=steps + 1, pct_start=0.1
    )
    report: dict[str, Any] = {
        "recipe": asdict(recipe),
        "lines": sum(p.lines for p in train),
        "held_out_lines": {name: sum(p.lines for p in packs) for name, packs in held.items()},
        "parameters": sum(p.numel() for p in learned),
        "perplexity": [_perplexities(model, held, known)],
    }
    say(f"before training: perplexity {report['perplexity'][0]}")
    for epoch in range(1, recipe.epochs + 1):
        model.train()
        total = 0.0
        shuffled = list(train)
        order.shuffle(shuffled)
        for done, pack in enumerate(shuffled, 1):
            loss = model(_states(known, pack), pack)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(learned, 1.0)
            optimiser.step()
            schedule.step()
            total += float(loss.detach())
            say(f"epoch {epoch}/{recipe.epochs}, pack {done}/{len(train)}: loss {total / done:.3f}")
        report["perplexity"].append(_perplexities(model, held, known))
        say(f"after epoch {epoch}: perplexity {report['perplexity'][-1]}")
        # After every epoch, so that a training that is broken off has not been for nothing.
        model.save_pretrained(str(folder))
        report["seconds"] = round(time.monotonic() - started)
        (folder / "report.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return report


def lower_states(base: Base, packs: Sequence[Pack], layers: int, work: Path, say: Say) -> dict[str, Path]:
    """Return, by the key of each pack, a file with what the layers below the upper `layers` make of it.

    Each holds a tensor (1, n, width) in half precision; those that are in `work` already are not worked out again, and
    what fewer layers made of a pack is gone on from.
    """
    work.mkdir(parents=True, exist_ok=True)
    paths = {p.key: work / f"{layers}-{p.key}.pt" for p in packs}
    missing = [p for p in packs if not paths[p.key].is_file()]
    if not missing:
        return paths
    say(f"reading {len(missing)} packs with the layers that are not trained")
    all_layers = int(base.config.num_hidden_layers)
    count = all_layers - layers
    stack, rotary, words = [base.layer(i) for i in range(count)], base.rotary(), base.tensor("token_embd.weight")
    with torch.inference_mode():
        for done, pack in enumerate(missing, 1):
            hidden, start = words[pack.ids][None], 0
            for more in range(layers + 1, all_layers):
                if (sooner := work / f"{more}-{pack.key}.pt").is_file():
                    hidden, start = torch.load(sooner).float(), all_layers - more
                    break
            hidden = run(stack[start:], rotary, hidden, pack)
            part = paths[pack.key].with_suffix(".part")
            torch.save(hidden.half(), part)
            part.rename(paths[pack.key])
            say(f"{done} of {len(missing)} packs read")
    return paths


def _states(known: Mapping[str, Path], pack: Pack) -> Tensor:
    states: Tensor = torch.load(known[pack.key])
    return states.float()


def _perplexities(model: nn.Module, held: Mapping[str, Sequence[Pack]], known: Mapping[str, Path]) -> dict[str, float]:
    model.eval()
    found = {}
    with torch.inference_mode():
        for name, packs in held.items():
            losses = [(float(model(_states(known, p), p)), len(p.targets)) for p in packs]
            count = sum(n for _, n in losses)
            found[name] = round(math.exp(sum(loss * n for loss, n in losses) / count), 3) if count else 0.0
    return found
