"""Every setting, in one typed class: environment (REPAIR_ROOM_*), .env and command-line flags."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import platformdirs
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from simulator.errors import InputError

_PACKAGE = Path(__file__).resolve().parent

Backend = Literal["embedded", "server", "transformers", "scripted"]


class Settings(BaseSettings):
    """The settings of one run; `load_settings()` reads them."""

    model_config = SettingsConfigDict(env_prefix="REPAIR_ROOM_", env_file=".env", extra="ignore")

    data_dir: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("repair-room", appauthor=False)),
        description="Folder of the database, and of this installation's own rubrics and calibrations.",
    )
    cache_dir: Path = Field(
        default_factory=lambda: Path(platformdirs.user_cache_dir("repair-room", appauthor=False)),
        description="Folder of downloaded weights; safe to delete.",
    )
    database_url: str = Field("", description="SQLAlchemy URL; empty means SQLite in the data folder.")
    host: str = Field("127.0.0.1", description="Address the app listens on.")
    port: int = Field(7860, ge=0, le=65535, description="Port the app listens on; 0 takes a free one.")
    backend: Backend = Field("embedded", description="Who voices the partners.")
    model: str = Field(
        "qwen2.5-coder-1.5b",
        description="A name from `model list`, a GGUF file, a folder, or the server's name.",
    )
    adapter: str = Field(
        "", description="A LoRA adapter's GGUF file, laid over the embedded model it was trained for; empty: none."
    )
    model_url: str = Field("http://127.0.0.1:8000/v1", description="OpenAI-compatible URL of the `server` backend.")
    model_api_key: SecretStr = Field(SecretStr("none"), description="API key of the `server` backend.")
    model_timeout: float = Field(60.0, gt=0, description="Seconds to wait for one answer of the model.")
    threads: int = Field(0, ge=0, description="Threads of the embedded model; 0 takes every core.")
    context: int = Field(4096, ge=1024, description="Tokens of context for one partner.")
    candidates: int = Field(3, ge=1, le=8, description="Lines sampled for the critic to choose from.")
    authored_from: float | None = Field(
        None,
        ge=0,
        description="An authored line that is so likely an answer (0 to 1) is spoken without asking the model; empty: "
        "what reads best with the default model, and never with a larger one behind `server` or `transformers`.",
    )
    personas_dir: Path | None = Field(None, description="Folder of couples; empty means the shipped ones.")
    rubrics_dir: Path | None = Field(None, description="Folder of the rubric; empty means the shipped one.")
    retention_days: int = Field(0, ge=0, description="Days after which an untouched session is deleted; 0 keeps all.")
    calibration_share: float = Field(
        0.1, ge=0, le=1, description="Share of submitted sessions drawn for supervisors to judge blind."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("warning", description="What is logged.")

    @property
    def personas(self) -> Path:
        """Folder of the couples in use."""
        return self.personas_dir or _shipped("personas")

    @property
    def rubrics(self) -> Path:
        """Folder of the rubric in use: the one named, this installation's own if it has adopted one, or the shipped one."""
        own = self.data_dir / "rubric"
        # Resolved, so that a room that runs keeps the rubric it was opened with when another one is adopted.
        return self.rubrics_dir or (own.resolve() if own.is_symlink() else _shipped("rubrics"))

    @property
    def docs(self) -> Path:
        """Folder of the documents that pages of the room show."""
        return _shipped("docs")

    @property
    def vectors(self) -> Path:
        """File in which the vectors of authored lines are remembered."""
        return self.cache_dir / "vectors.sqlite3"

    @property
    def database(self) -> str:
        """SQLAlchemy URL of the database in use."""
        return self.database_url or f"sqlite:///{self.data_dir / 'repair-room.sqlite3'}"


def _shipped(name: str) -> Path:
    """Folder of shipped data: beside the package in a checkout, inside it once installed."""
    inside = _PACKAGE / "_data" / name
    return inside if inside.is_dir() else _PACKAGE.parent / name


def load_settings(**flags: object) -> Settings:
    """Return the settings, `flags` that are not None winning over environment and .env.

    Raises:
        InputError: a value is not allowed; the message names the variable and the allowed values.
    """
    try:
        return Settings(**{k: v for k, v in flags.items() if v is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else "settings"
        raise InputError(
            f"The setting {name} (REPAIR_ROOM_{name.upper()}) cannot be {first['input']!r}: {first['msg']}.",
            how="Change the environment variable, the .env file or the flag.",
        ) from error
