"""Long work on the rubric, one at a time: a process of its own at low priority, its state in a file, stopped on request."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, ValidationError

from simulator.errors import InputError
from simulator.settings import Settings

FOLDER = "rubric-training"
ASIDE = "aside-"  # begins the name of every folder that a job may leave behind when it is stopped
COMMAND = [sys.executable, "-m", "simulator.studio.training"]
_PATIENCE = 5.0  # seconds that a job has to end after it was asked to

Work = Literal["effect", "test"]
Status = Literal["running", "done", "failed", "stopped", "interrupted"]


class State(BaseModel):
    """What a job does, who began it, how far it is."""

    work: Work
    status: Status
    by: str
    pid: Annotated[int, Field(gt=1)] | None = None
    began: datetime
    changed: datetime
    said: str = ""
    part: Annotated[float, Field(ge=0, le=1)] = 0.0
    problem: str = ""


def folder(settings: Settings) -> Path:
    """Return the folder of the job's state, made if there is none."""
    made = settings.data_dir / FOLDER
    made.mkdir(parents=True, exist_ok=True)
    return made


@contextlib.contextmanager
def held(settings: Settings) -> Iterator[None]:
    """Hold the lock that a job has, so that none runs meanwhile (InputError when one does)."""
    lock = _take(settings)
    try:
        yield
    finally:
        os.close(lock)


def begin(settings: Settings, work: Work, by: str, *, pid: int | None) -> None:
    """Write the state of a job that begins; only who holds the lock may."""
    for left in folder(settings).glob(f"{ASIDE}*"):
        shutil.rmtree(left, ignore_errors=True)
    now = datetime.now(UTC)
    _write(settings, State(work=work, status="running", by=by, pid=pid, began=now, changed=now, said="starting"))


def tell(settings: Settings, **changes: Any) -> None:
    """Write how far the job is; only who holds the lock may."""
    found = _read(settings)
    if found is not None:
        _write(settings, found.model_copy(update={**changes, "changed": datetime.now(UTC)}))


def state(settings: Settings) -> State | None:
    """Return the state of the job that runs, or else of the last one; None when there was none.

    One whose process has gone without a word, as when the machine was switched off, is `interrupted`.
    """
    found = _read(settings)
    if found is None:
        return None
    if not _free(settings):
        # One that has said its last word runs until it has let go, so that what comes next can begin.
        return found.model_copy(update={"status": "running"})
    found = _read(settings)  # it may have ended between the two looks
    return found.model_copy(update={"status": "interrupted"}) if found and found.status == "running" else found


def start(settings: Settings, work: Work, by: str) -> None:
    """Begin a job in a process of its own, which outlives this one.

    The lock is taken here and handed over, so that of two who ask at once one is refused.

    Raises:
        InputError: a job runs already.
    """
    lock = _take(settings)
    try:
        begin(settings, work, by, pid=None)
        root = str(Path(__file__).resolve().parents[2])
        environment = {
            **os.environ,
            "REPAIR_ROOM_DATA_DIR": str(settings.data_dir.resolve()),
            "PYTHONPATH": os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")])),
        }
        if settings.rubrics_dir is not None:
            environment["REPAIR_ROOM_RUBRICS_DIR"] = str(settings.rubrics_dir.resolve())
        with (folder(settings) / "log.txt").open("wb") as log:
            process = subprocess.Popen(
                [*COMMAND, work, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=log,
                pass_fds=(lock,), start_new_session=True, env=environment,
            )  # fmt: skip
        tell(settings, pid=process.pid)
        # The process waits for this end before it writes to the state itself.
        if process.stdin is not None:
            process.stdin.close()
    finally:
        os.close(lock)
    # Waited for, so that it does not stay in the table of processes once it has ended.
    threading.Thread(target=process.wait, daemon=True).start()


def stop(settings: Settings) -> bool:
    """Stop the job that runs and clear what it leaves; return whether there was one."""
    found = state(settings)
    if found is None or found.status != "running":
        return False
    if found.pid is None:
        raise InputError("It is only just starting, or ending.", how="Try again in a moment.")
    for sent in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.kill(found.pid, sent)
        except ProcessLookupError:
            pass
        except PermissionError as error:
            raise InputError(
                f"It was begun by another user of this machine (process {found.pid}).", how="Stop it there."
            ) from error
        if _ended(settings):
            return True
    raise InputError(f"Process {found.pid} does not stop.", how="Look at it on the machine itself.")


def own_process(lock: int) -> None:
    """Make this process the one of a job: it waits until it is on record, and steps back behind all others."""
    os.set_inheritable(lock, False)
    sys.stdin.read()
    os.setpriority(os.PRIO_PROCESS, 0, 19)


def _ended(settings: Settings) -> bool:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        try:
            with held(settings):
                now = _read(settings)
                if now is not None and now.status == "interrupted":
                    tell(settings, status="stopped")
                for left in folder(settings).glob(f"{ASIDE}*"):
                    shutil.rmtree(left, ignore_errors=True)
                return True
        except InputError:
            time.sleep(0.05)
    return False


def _take(settings: Settings) -> int:
    import fcntl

    lock = os.open(folder(settings) / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    for attempt in range(5):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # A look by `_free` holds it for a moment too.
            if attempt < 4:
                time.sleep(0.02)
        else:
            left = _read(settings)
            if left is not None and left.status == "running":
                # Its process is gone, and its number may be another one's by now.
                _write(settings, left.model_copy(update={"status": "interrupted", "pid": None}))
            return lock
    os.close(lock)
    raise InputError("The rubric is being trained or counted already.", how="Wait until that is done, or stop it.")


def _free(settings: Settings) -> bool:
    import fcntl

    lock = os.open(folder(settings) / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    return True


def _read(settings: Settings) -> State | None:
    try:
        return State.model_validate_json((settings.data_dir / FOLDER / "state.json").read_bytes())
    except (OSError, ValidationError):
        return None


def _write(settings: Settings, value: State) -> None:
    path = folder(settings) / "state.json"
    aside = path.with_suffix(".new")
    aside.write_text(value.model_dump_json(indent=1) + "\n", encoding="utf-8")
    aside.replace(path)
