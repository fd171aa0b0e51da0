"""A scripted model: no weights, the same answer to the same prompt; for logic tests and for looking around.

It says nothing of its own, so that every line a person hears with it is one that the couple's author wrote:
an empty continuation never passes the critic, and the authored line is spoken.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models.llms import BaseLLM
from langchain_core.outputs import Generation, LLMResult
from pydantic import Field


class ScriptedLLM(BaseLLM):
    """A LangChain LLM whose continuations are given by a function of the prompt."""

    answer: Callable[[str, int], list[str]] = Field(default=lambda prompt, n: [""] * n)

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _generate(
        self,
        prompts: list[str],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **how: Any,
    ) -> LLMResult:
        n = int(how.get("n", 1))
        return LLMResult(generations=[[Generation(text=t) for t in self.answer(p, n)] for p in prompts])
