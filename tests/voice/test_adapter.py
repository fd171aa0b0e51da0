"""The training of a voice adapter: the trees say what plain prompts say, and the lines are learned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from simulator.errors import InputError
from simulator.voice.adapter.packing import packed, tree_of
from simulator.voice.adapter.scenes import (
    EXAMPLES,
    Scene,
    Style,
    Turn,
    by_couple,
    invented_casts,
    load_scenes,
    spread,
    with_examples,
)
from simulator.voice.prompt import Cast, Person, beginning, cue

gguf = pytest.importorskip("gguf", reason="the adapter's own packages are not installed")
pytest.importorskip("peft")

CASTS = (
    Cast(Person("Ada", "50, a baker."), Person("Bo", "51, a clerk."), ("He hid a debt.",), ()),
    Cast(Person("Bo", "51, a clerk."), Person("Ada", "50, a baker."), ("He hid a debt.",), ()),
)
SCENE = Scene(
    id="x",
    couple="c",
    therapist="skilled",
    turns=[
        Turn(speaker="therapist", text="What was it like?"),
        Turn(speaker="Ada", text="Cold.", move="answer", mood="hurt"),
        Turn(speaker="Bo", text="I know, Ada.", move="respond_to_partner", mood="ashamed"),
        Turn(speaker="therapist", text="Go on."),
        Turn(speaker="Ada", text="He hid it in the flour.", move="answer", mood="angry"),
    ],
)


def letters(text: str) -> list[int]:
    """Return one token a letter, so that nothing hangs on a tokenizer."""
    return [ord(c) % 97 for c in text]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the weight file of a Qwen2 with three small layers of noise."""
    path = tmp_path_factory.mktemp("tiny") / "tiny.gguf"
    rng = np.random.default_rng(3)
    width, inner, heads, kv, vocabulary = 32, 48, 4, 2, 97
    writer = gguf.GGUFWriter(path, "qwen2")
    writer.add_block_count(3)
    writer.add_embedding_length(width)
    writer.add_feed_forward_length(inner)
    writer.add_head_count(heads)
    writer.add_head_count_kv(kv)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(10000.0)

    def tensor(name: str, *shape: int) -> None:
        value = np.ones(shape) if "norm" in name else rng.normal(0, 0.15, shape)
        writer.add_tensor(name, value.astype(np.float32))

    small = width // heads * kv
    for i in range(3):
        for name, out in (("attn_q", width), ("attn_k", small), ("attn_v", small)):
            tensor(f"blk.{i}.{name}.weight", out, width)
            tensor(f"blk.{i}.{name}.bias", out)
        tensor(f"blk.{i}.attn_output.weight", width, width)
        tensor(f"blk.{i}.attn_norm.weight", width)
        tensor(f"blk.{i}.ffn_norm.weight", width)
        tensor(f"blk.{i}.ffn_gate.weight", inner, width)
        tensor(f"blk.{i}.ffn_up.weight", inner, width)
        tensor(f"blk.{i}.ffn_down.weight", width, inner)
    tensor("token_embd.weight", vocabulary, width)
    tensor("output.weight", vocabulary, width)
    tensor("output_norm.weight", width)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def losses(upper: Any, base: Any, pack: Any) -> torch.Tensor:
    """Return the loss of each target of a pack, all layers run."""
    from simulator.voice.adapter.train import run

    with torch.inference_mode():
        hidden = run(upper.model.layers.values(), upper.rotary, base.tensor("token_embd.weight")[pack.ids][None], pack)
        logits = upper.norm(hidden[0, pack.where]) @ upper.output.T
        return torch.nn.functional.cross_entropy(logits, pack.targets, reduction="none")


def plain_loss(base: Any, adapter: Path) -> float:
    """Return the loss a token of the lines of `SCENE` in transformers' own model with the adapter, each in its prompt."""
    from peft import PeftModel
    from transformers import Qwen2ForCausalLM

    whole = Qwen2ForCausalLM(base.config)
    weights = {f"model.layers.{i}.{k}": v for i in range(3) for k, v in base.layer(i).state_dict().items()}
    weights["model.embed_tokens.weight"] = base.tensor("token_embd.weight")
    weights["model.norm.weight"] = base.tensor("output_norm.weight")
    weights["lm_head.weight"] = base.tensor("output.weight")
    whole.load_state_dict(weights)
    model = PeftModel.from_pretrained(whole, str(adapter)).eval()
    total = count = 0.0
    for number, turn in enumerate(SCENE.turns):
        if turn.move:
            before = "".join(f"{t.speaker.upper()}: {t.text}\n" for t in SCENE.turns[:number])
            head = cue(next(c for c in CASTS if c.speaker.name == turn.speaker), turn.mood, turn.move)
            ids = torch.tensor(letters(f"{beginning(CASTS[0])}{before}{head} {turn.text}\n"))
            size = len(turn.text) + 2
            with torch.inference_mode():
                logits = model(input_ids=ids[None]).logits[0, -size - 1 : -1]
            total += float(torch.nn.functional.cross_entropy(logits, ids[-size:], reduction="sum"))
            count += size
    return total / count


def test_each_line_in_a_tree_is_as_likely_as_at_the_end_of_its_own_prompt(tiny: Path) -> None:
    from simulator.voice.adapter.base import Base
    from simulator.voice.adapter.train import Upper

    base = Base(tiny)
    upper = Upper(base, 3).eval()
    other = SCENE.model_copy(update={"turns": SCENE.turns[2:]})
    found = losses(upper, base, packed(CASTS[0], [tree_of(s, CASTS, letters) for s in (other, SCENE)], letters))
    alone = []
    for scene in (other, SCENE):
        for number, turn in enumerate(scene.turns):
            if not turn.move:
                continue
            before = "".join(f"{t.speaker.upper()}: {t.text}\n" for t in scene.turns[:number])
            head = cue(next(c for c in CASTS if c.speaker.name == turn.speaker), turn.mood, turn.move)
            ids = torch.tensor(letters(f"{beginning(CASTS[0])}{before}{head} {turn.text}\n"))
            size, n = len(turn.text) + 2, len(ids)
            plain = packed(CASTS[0], [], letters)
            plain = type(plain)(
                ids, torch.arange(n), torch.ones(n, n).tril().bool(), torch.arange(n - size - 1, n - 1), ids[-size:], 1
            )
            alone.append(losses(upper, base, plain))
    assert torch.allclose(found, torch.cat(alone), atol=1e-4)


def test_training_makes_the_lines_likelier_and_what_was_read_is_kept(tiny: Path, tmp_path: Path) -> None:
    from simulator.voice.adapter.base import Base
    from simulator.voice.adapter.export import to_gguf, to_peft
    from simulator.voice.adapter.train import Recipe, lower_states, packs_of, train_adapter

    base, told = Base(tiny), []
    packs = packs_of([SCENE], {"c": CASTS}, letters)
    recipe = Recipe(layers=2, rank=4, alpha=8, epochs=8, learning_rate=0.01)
    report = train_adapter(
        base, packs, {"same": packs}, tmp_path / "out", recipe=recipe, work=tmp_path / "work", say=told.append
    )
    before, *_, after = (row["same"] for row in report["perplexity"])
    assert after < 0.7 * before
    assert report["lines"] == 3
    kept = {p: p.stat().st_mtime_ns for p in (tmp_path / "work").glob("*.pt")}
    train_adapter(base, packs, {}, tmp_path / "again", recipe=recipe, work=tmp_path / "work", say=told.append)
    assert kept and kept == {p: p.stat().st_mtime_ns for p in (tmp_path / "work").glob("*.pt")}
    again = (tmp_path / "again" / "adapter_model.safetensors").read_bytes()
    assert again == (tmp_path / "out" / "adapter_model.safetensors").read_bytes()

    # What one layer fewer made of a pack is gone on from, and comes to the same.
    (near,) = lower_states(base, packs, 1, tmp_path / "work", told.append).values()
    (fresh,) = lower_states(base, packs, 1, tmp_path / "fresh", told.append).values()
    assert torch.allclose(torch.load(near), torch.load(fresh), atol=0.02)
    # It is what was kept that is gone on from: with other states below, others come out.
    for kept_states in (tmp_path / "work").glob("2-*.pt"):
        torch.save(torch.zeros_like(torch.load(kept_states)), kept_states)
    near.unlink()
    lower_states(base, packs, 1, tmp_path / "work", told.append)
    assert not torch.allclose(torch.load(near), torch.load(fresh), atol=0.02)

    # transformers takes the same folder on top of the whole model.
    found = float(np.exp(plain_loss(base, tmp_path / "out")))
    assert found == pytest.approx(after, rel=0.02)

    out = tmp_path / "adapter.gguf"
    assert to_gguf(tmp_path / "out", out) == out.stat().st_size
    shapes = {t.name: tuple(int(d) for d in t.shape) for t in gguf.GGUFReader(out).tensors}
    assert shapes["blk.2.ffn_down.weight.lora_a"] == (48, 4) and shapes["blk.2.ffn_down.weight.lora_b"] == (4, 32)
    assert {name.split(".")[1] for name in shapes} == {"1", "2"}

    # And back: peft reads what was made of the GGUF file as it reads what it wrote itself.
    to_peft(out, tmp_path / "back", "somebody/base")
    assert plain_loss(base, tmp_path / "back") == pytest.approx(np.log(found), rel=0.01)
    with pytest.raises(InputError, match="adapter"):
        to_peft(tiny, tmp_path / "none", "somebody/base")


def test_scenes_are_shared_out_evenly_and_examples_come_from_other_scenes() -> None:
    scenes = load_scenes(Style.vivid)
    chosen = spread(scenes, 96)
    sizes = [len(own) for own in by_couple(chosen).values()]
    assert len(chosen) == 96 and len({s.id for s in chosen}) == 96 and max(sizes) - min(sizes) <= 1
    kinds = [s.therapist for s in chosen]
    assert max(kinds.count(k) for k in set(kinds)) <= 2 * min(kinds.count(k) for k in set(kinds))
    casts = invented_casts()
    own = [s for s in scenes if s.couple == "nuala-and-fintan"]
    shown = with_examples(casts["nuala-and-fintan"], own[1:])[0].examples
    here = {t.text for t in own[0].turns}
    assert len(shown) == EXAMPLES and not here & {e.say for e in shown}
