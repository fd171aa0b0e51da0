"""Language models behind one small interface; every call goes through LangChain.

`open_model` gives a `Voice`: `sample` writes n continuations of a prompt, `warm` makes the next call with
the same beginning quick, `close` lets go of what was started.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from simulator.errors import InputError, ModelError
from simulator.settings import Settings
from simulator.voice.scripted import ScriptedLLM
from simulator.voice.weights import manifest, ready


@dataclass(frozen=True)
class Sampling:
    """How lines are sampled."""

    n: int = 3
    max_tokens: int = 40
    temperature: float = 0.8
    min_p: float = 0.08
    seed: int = 0
    stop: tuple[str, ...] = ("\n",)
    constraint: Mapping[str, Any] | None = None  # extra fields of the request that limit what may be written


class Voice(Protocol):
    """What the session needs of a language model."""

    name: str
    scripted: bool
    trained: bool  # on scenes of this room: most of its lines may be spoken

    def sample(self, prompt: str, how: Sampling) -> list[str]:
        """Return `how.n` continuations of `prompt`, or raise ModelError."""

    def stream(self, prompt: str, how: Sampling) -> Iterator[str]:
        """Yield one continuation of `prompt`, piece by piece as it is written, or raise ModelError."""

    def warm(self, prompt: str) -> None:
        """Let the model read `prompt` ahead of the next call; never raises."""

    def close(self) -> None:
        """Let go of servers and memory."""


class CompletionVoice:
    """A model behind an OpenAI-compatible completions endpoint, reached through LangChain."""

    scripted = False

    def __init__(
        self,
        name: str,
        url: str,
        *,
        api_key: str = "none",
        timeout: float = 60,
        llama: bool = False,
        server: Any = None,
        trained: bool = False,
    ) -> None:
        from langchain_openai import OpenAI

        self.name = name
        self.url = url
        self.trained = trained
        self._server = server
        self._llama = llama
        self._busy = threading.Lock()
        self._client = OpenAI(
            base_url=url,
            api_key=api_key,
            model=name,
            timeout=timeout,
            max_retries=0,
            max_tokens=40,
        )

    @property
    def local(self) -> bool:
        """Whether it is the llama.cpp of this process."""
        return self._llama

    def sample(self, prompt: str, how: Sampling) -> list[str]:
        """Return `how.n` continuations of `prompt`."""
        # One question at a time keeps the prompt cache of each partner in its own slot.
        with self._asking():
            result = self._client.generate([prompt], n=how.n, best_of=how.n, **self._asked(how))
        return [g.text for g in result.generations[0]]

    def stream(self, prompt: str, how: Sampling) -> Iterator[str]:
        """Yield one continuation of `prompt`, piece by piece as it is written."""
        with self._asking():
            yield from self._client.stream(prompt, **self._asked(how))

    def _asked(self, how: Sampling) -> dict[str, Any]:
        extra: dict[str, Any] = {"cache_prompt": True, "min_p": how.min_p, "top_p": 1.0} if self._llama else {}
        return {
            "stop": list(how.stop),
            "max_tokens": how.max_tokens,
            "temperature": how.temperature,
            "seed": how.seed,
            "extra_body": {**extra, **(how.constraint or {})},
        }

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Hold the model for one question; what goes wrong is said as a ModelError."""
        import openai

        try:
            with self._busy:
                yield
        except openai.APITimeoutError as error:
            raise ModelError(
                f"The model at {self.url} did not answer in time.", how="A smaller model is quicker."
            ) from error
        except openai.APIConnectionError as error:
            raise ModelError(
                f"No model answers at {self.url}.", how="Start the server, or change REPAIR_ROOM_MODEL_URL."
            ) from error
        except (openai.OpenAIError, ValueError, TypeError, KeyError) as error:
            raise ModelError(f"The model at {self.url} answered with an error: {_short(error)}") from error

    def warm(self, prompt: str) -> None:
        """Let the server read `prompt` into its cache."""
        if self._llama:
            try:
                self.sample(prompt, Sampling(n=1, max_tokens=1))
            except ModelError:
                return  # the next real call says it

    def close(self) -> None:
        """Stop the embedded server, if this voice started one."""
        self._server = None


class LangChainVoice:
    """Any in-process LangChain LLM: the scripted model and the transformers backend."""

    trained = False

    def __init__(self, name: str, llm: Any, *, scripted: bool = False) -> None:
        self.name = name
        self.scripted = scripted
        self._llm = llm
        self._busy = threading.Lock()

    def sample(self, prompt: str, how: Sampling) -> list[str]:
        """Return `how.n` continuations of `prompt`."""
        try:
            with self._busy:
                result = self._llm.generate(
                    [prompt], stop=list(how.stop), n=how.n, max_tokens=how.max_tokens,
                    temperature=how.temperature, min_p=how.min_p, seed=how.seed,
                )  # fmt: skip
        except (RuntimeError, ValueError, MemoryError, IndexError) as error:
            raise ModelError(f"The model {self.name} failed: {_short(error)}") from error
        return [g.text for g in result.generations[0]]

    def stream(self, prompt: str, how: Sampling) -> Iterator[str]:
        """Yield one continuation of `prompt`, in one piece."""
        yield from self.sample(prompt, replace(how, n=1))

    def warm(self, prompt: str) -> None:
        """Nothing to do: there is no cache to fill."""

    def close(self) -> None:
        """Let go of the model."""
        self._llm = None


def open_model(settings: Settings) -> Voice:
    """Return the voice that the settings ask for, ready to speak.

    Raises:
        ModelError: weights are missing or damaged, or the server cannot start.
        InputError: the model is not known.
    """
    if settings.backend == "scripted":
        return LangChainVoice("scripted", ScriptedLLM(), scripted=True)
    if settings.backend == "server":
        return CompletionVoice(
            settings.model,
            settings.model_url,
            api_key=settings.model_api_key.get_secret_value(),
            timeout=settings.model_timeout,
        )
    if settings.backend == "transformers":
        from simulator.voice.local import TransformersLLM

        return LangChainVoice(settings.model, TransformersLLM.load(settings.model))
    path, adapted = gguf_path(settings), adapter_of(settings)
    from simulator.voice.embedded import start_server

    server, url = start_server(
        path, threads=settings.threads, context=settings.context, slots=2 + settings.candidates, adapter=adapted
    )
    name = f"{settings.model}+{adapted.stem}" if adapted else settings.model
    return CompletionVoice(
        name, url, timeout=settings.model_timeout, llama=True, server=server, trained=adapted is not None
    )


def adapter_of(settings: Settings) -> Path | None:
    """Return the adapter (GGUF) that the embedded model is used with, if the settings name one.

    Raises:
        InputError: the file named is no adapter.
    """
    if not settings.adapter:
        return None
    path = Path(settings.adapter).expanduser()
    try:
        with path.open("rb") as handle:
            if handle.read(4) == b"GGUF":
                return path
    except OSError as error:
        raise InputError(
            f"{path}: {error.strerror or error}.", how="Name an adapter in REPAIR_ROOM_ADAPTER."
        ) from error
    raise InputError(f"{path} is not a GGUF file.", how="Name an adapter in REPAIR_ROOM_ADAPTER, or leave it empty.")


def gguf_path(settings: Settings) -> Path:
    """Return the weight file of the embedded model: a name of the manifest, or a path to a GGUF file."""
    if settings.model in manifest():
        return ready(settings.model, settings.cache_dir)
    path = Path(settings.model).expanduser()
    if path.suffix != ".gguf":
        raise InputError(
            f"There is no model '{settings.model}'.",
            how=f"Models: {', '.join(manifest())}; or the path of a .gguf file.",
        )
    try:
        with path.open("rb") as handle:
            if handle.read(4) != b"GGUF":
                raise ModelError(f"{path} is not a GGUF file.", how="Fetch it again, or choose another model.")
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror or error}.", how="Check the path.") from error
    return path


def model_names() -> Sequence[str]:
    """Return the names that can be asked for, the scripted model among them."""
    return [*manifest(), "scripted"]


def _short(error: BaseException) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0][:200]
