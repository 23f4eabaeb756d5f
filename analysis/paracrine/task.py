"""One run of a sweep: the command line as a process of its own, so that a crash takes nothing along. Runs on whatever machine it is sent to.

``python -m paracrine.task FOLDER NUMBER`` does one of a sweep's runs, as a job of an array.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import functools
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import h5py
import numpy as np

from paracrine.errors import EngineError

STOPS = (-signal.SIGINT, -signal.SIGTERM, 128 + signal.SIGINT, 128 + signal.SIGTERM, 128 + signal.SIGHUP)
_running: set[subprocess.Popen[bytes]] = set()
_guard = threading.Lock()


@dataclasses.dataclass(frozen=True)
class Outcome:
    """How one run of a sweep ended.

    Parameters
    ----------
    key : str
        Name of its files.
    status : {"done", "failed", "stopped"}
        Stopped ones have a checkpoint, from which the next sweep goes on.
    how : {"run", "resumed", "kept", ""}
        "kept": it was there.
    error : str
        What went wrong.
    where : str
        Host and process of the worker.
    wall_s : float
        Wall time [s].
    killed : bool
        The run was ended by a signal that it could not answer; the next sweep tries it again.
    """

    key: str
    status: str
    how: str = ""
    error: str = ""
    where: str = ""
    wall_s: float = 0.0
    killed: bool = False


def perform(folder: str, key: str, threads: int, build: str, retry: bool = False) -> Outcome:
    """Do one run, unless its file is there and whole.

    A lock on its scenario file sees to it that a run is computed once even when a worker is believed dead and another one gets its task.

    Parameters
    ----------
    folder : str
        Of the sweep; the same for all workers.
    key : str
        Of the run: ``runs/KEY.toml`` is its scenario, ``runs/KEY.h5`` its file.
    threads : int
        For the run.
    build : str
        The program's build that began the sweep.
    retry : bool
        Run again what failed before.

    Returns
    -------
    Outcome

    Raises
    ------
    EngineError
        This worker has no program, or another build of it.
    """
    program = find_program()
    if (own := build_of(program)) != build:
        raise EngineError(
            f"{socket.gethostname()}: {program} is build {own}, the sweep was begun by build {build}; their values would not be the same"
        )
    place = pathlib.Path(folder) / "runs"
    where, begin = f"{socket.gethostname()}, process {os.getpid()}", time.monotonic()
    file, failure = place / f"{key}.h5", place / f"{key}.failed.json"
    with _held(place / f"{key}.toml") as lock:
        if is_whole(file):
            return Outcome(key, "done", "kept", where=where)
        if failure.exists() and not retry:
            before = Outcome(**{**json.loads(failure.read_text()), "how": "kept"})
            if not before.killed:
                return before
        status, how = _run(program, place, key, threads, lock)
        wall_s = time.monotonic() - begin
        if status == 0 and is_whole(file):
            failure.unlink(missing_ok=True)
            return Outcome(key, "done", how, where=where, wall_s=wall_s)
        if status in STOPS:
            failure.unlink(missing_ok=True)
            return Outcome(key, "stopped", how, "stopped by a signal", where, wall_s)
        outcome = Outcome(
            key, "failed", how, _explain(status, place / f"{key}.log", where), where, wall_s, status < 0
        )
        write_text(failure, json.dumps(dataclasses.asdict(outcome)))
        return outcome


def is_whole(path: pathlib.Path) -> bool:
    """Whether a file is a complete run that can be read: not cut, not damaged.

    Returns
    -------
    bool
    """
    try:
        with h5py.File(path, "r") as file:
            if file.attrs.get("status") not in ("complete", b"complete"):
                return False
            for item in file.values():
                if isinstance(item, h5py.Dataset):
                    item[()]
            return bool(np.isfinite(file["time"][:]).all())
    except (OSError, KeyError, RuntimeError):
        return False


def find_program() -> str:
    """Find the command ``paracrine``: what PARACRINE names, beside this Python, beside the package, or on the path.

    Raises
    ------
    EngineError
        It is nowhere.
    """
    beside = [
        pathlib.Path(sys.executable).parent,
        *(pathlib.Path(__file__).parents[i] / "bin" for i in (4, 1)),
    ]
    for candidate in (
        os.environ.get("PARACRINE"),
        *(folder / "paracrine" for folder in beside),
        shutil.which("paracrine"),
    ):
        if candidate and os.access(candidate, os.X_OK):
            return os.fspath(candidate)
    raise EngineError(
        f"{socket.gethostname()}: there is no program `paracrine` beside {sys.executable} or on the path; PARACRINE may name it"
    )


@functools.lru_cache
def build_of(program: str) -> str:
    """Ask a program for its build."""
    answer = subprocess.run(
        [program, "--version", "--json"], capture_output=True, text=True, check=True, timeout=60
    )
    return str(json.loads(answer.stdout)["build"])


def stop_all() -> None:
    """Ask every run that this process started to checkpoint and stop."""
    with _guard:
        for process in _running:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()


def write_text(path: pathlib.Path, text: str) -> None:
    """Write a file at once: it is never seen half."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}.new")
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, path)


@contextlib.contextmanager
def _held(path: pathlib.Path) -> Iterator[int]:
    with open(path, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file.fileno()


def _run(program: str, place: pathlib.Path, key: str, threads: int, lock: int) -> tuple[int, str]:
    """Start the program and wait for it: status (negative: ended by that signal), and whether it went on or began."""
    file, part, checkpoints = place / f"{key}.h5", place / f"{key}.h5.part", place / f"{key}.h5.ckpt"
    options = ["--force", "-q", "--threads", str(threads)]
    if part.exists() and checkpoints.is_dir():
        status = _call([program, "resume", str(part), *options], place / f"{key}.log", lock)
        if status != 2:  # refused: there is no whole checkpoint
            return status, "resumed"
    return _call(
        [program, "run", str(place / f"{key}.toml"), "-o", str(file), *options], place / f"{key}.log", lock
    ), "run"


def _call(command: list[str], log_file: pathlib.Path, lock: int) -> int:
    with open(log_file, "ab") as log:
        log.write(
            f"== {time.strftime('%F %T')} {socket.gethostname()} {os.getpid()}: {' '.join(command)}\n".encode()
        )
        log.flush()
        # The run inherits the lock: should the worker be killed, the run goes on to its end and nobody else begins it.
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=[lock])
        with _guard:
            _running.add(process)
        try:
            return process.wait()
        finally:
            with _guard:
                _running.discard(process)


def _explain(status: int, log: pathlib.Path, where: str) -> str:
    text = log.read_text(encoding="utf-8", errors="replace").rpartition("\n== ")[2].partition("\n")[2]
    lines = [line for line in text.splitlines() if line and not line.startswith("warning: ")]
    if status < 0:
        lines.append(
            f"the run was ended by {signal.Signals(-status).name} ({where})"
            + ("; was there enough memory?" if status == -signal.SIGKILL else "")
        )
    return (
        "\n".join(lines).removeprefix("paracrine: ") or f"the run ended with status {status} and said nothing"
    )


def main(arguments: list[str]) -> int:
    """Do run NUMBER (from 0) of the sweep in FOLDER. Returns 0 when it is done."""
    folder, number = arguments
    signal.signal(
        signal.SIGTERM, lambda *_: stop_all()
    )  # Slurm's, before the time is up: checkpoint and stop
    study = json.loads((pathlib.Path(folder) / "study.json").read_text(encoding="utf-8"))
    keys = list(dict.fromkeys(key for row in study["keys"] for key in row))
    outcome = perform(folder, keys[int(number)], study["threads"], study["build"])
    print(f"{outcome.key}: {outcome.status} {outcome.how} {outcome.error}".rstrip())
    return 0 if outcome.status == "done" else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
