"""The transformers backend: a local folder or checkpoint, in process, as a LangChain LLM."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models.llms import BaseLLM
from langchain_core.outputs import Generation, LLMResult
from pydantic import ConfigDict

from simulator.errors import ModelError


class TransformersLLM(BaseLLM):
    """A causal language model of transformers."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    network: Any
    tokenizer: Any

    @classmethod
    def load(cls, folder: str) -> TransformersLLM:
        """Load a folder with config.json, tokenizer and safetensors, on a GPU where there is one.

        Raises:
            ModelError: the folder is not a model.
        """
        from transformers import AutoModelForCausalLM, AutoTokenizer

        if not (Path(folder).expanduser() / "config.json").exists():
            raise ModelError(
                f"{folder} is not a folder with a transformers model (no config.json).",
                how="Set REPAIR_ROOM_MODEL to the folder of a checkpoint.",
            )
        path = str(Path(folder).expanduser())
        device = "cuda" if torch.cuda.is_available() else "cpu"
        dtype = torch.bfloat16 if device == "cuda" else torch.float32
        try:
            tokenizer = AutoTokenizer.from_pretrained(path)
            network = AutoModelForCausalLM.from_pretrained(path, dtype=dtype).to(device).eval()
        except (OSError, ValueError, RuntimeError) as error:
            raise ModelError(f"{folder} cannot be loaded: {str(error).splitlines()[0]}") from error
        return cls(network=network, tokenizer=tokenizer)

    @property
    def _llm_type(self) -> str:
        return "transformers"

    def _generate(
        self,
        prompts: list[str],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **how: Any,
    ) -> LLMResult:
        torch.manual_seed(int(how.get("seed", 0)))
        answers = []
        for prompt in prompts:
            tokens = self.tokenizer(prompt, return_tensors="pt").to(self.network.device)
            with torch.inference_mode():
                out = self.network.generate(
                    input_ids=tokens["input_ids"],
                    attention_mask=tokens["attention_mask"],
                    do_sample=True,
                    temperature=float(how.get("temperature", 0.8)),
                    min_p=float(how.get("min_p", 0.05)),
                    max_new_tokens=int(how.get("max_tokens", 40)),
                    num_return_sequences=int(how.get("n", 1)),
                    stopping_criteria=[self._stopping(tokens["input_ids"].shape[1], stop or [])],
                    pad_token_id=self.tokenizer.pad_token_id or self.tokenizer.eos_token_id,
                )
            length = tokens["input_ids"].shape[1]
            texts = self.tokenizer.batch_decode(out[:, length:], skip_special_tokens=True)
            answers.append([Generation(text=_until(text, stop or [])) for text in texts])
        return LLMResult(generations=answers)

    def _stopping(self, prompt_length: int, stop: list[str]) -> Callable[..., torch.Tensor]:
        """Return what ends each sequence at a stop mark; works with any tokenizer, unlike `stop_strings`."""

        def stopped(ids: torch.Tensor, _scores: torch.Tensor, **_: Any) -> torch.Tensor:
            texts = self.tokenizer.batch_decode(ids[:, prompt_length:])
            return torch.tensor([any(mark in text for mark in stop) for text in texts], device=ids.device)

        return stopped


def _until(text: str, stop: list[str]) -> str:
    for mark in stop:
        text = text.split(mark)[0]
    return text
