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
import time
from collections.abc import Iterator
from typing import IO

from paracrine.children import call, is_stopped, listen
from paracrine.drafts import open_to_append, write_text
from paracrine.errors import EngineError, FileError
from paracrine.run_file import began_as, key_of, problem_with
from paracrine.texts import printable

STOPS = (-signal.SIGINT, -signal.SIGTERM, 128 + signal.SIGINT, 128 + signal.SIGTERM, 128 + signal.SIGHUP)
LOCK_WAIT_S = 0.2


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


def perform(
    folder: str, key: str, threads: int, build: str, retry: bool = False, sweep: str = "task"
) -> Outcome:
    """Do one run, unless its file is there and whole.

    A lock on its log sees to it that a run is computed once even when a worker is believed dead and another one gets its task. Nothing in the folder is
    trusted: the scenario must be the one that the key stands for, and so must the file of a run, complete or begun; a file that is not is computed anew.

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
    sweep : str
        By what `paracrine.children.stop` knows the runs of one sweep.

    Returns
    -------
    Outcome

    Raises
    ------
    EngineError
        This worker has no program, or another build of it; or the folder cannot be written.
    """
    program = find_program()
    version, own = version_of(program)
    if own != build:
        raise EngineError(
            f"{socket.gethostname()}: {program} is build {own}, the sweep was begun by build {build}; their values would not be the same"
        )
    place = pathlib.Path(folder) / "runs"
    where, begin = f"{socket.gethostname()}, process {os.getpid()}", time.monotonic()
    file, failure = place / f"{key}.h5", place / f"{key}.failed.json"
    try:
        with _held(place / f"{key}.log", sweep) as log:
            if log is None:
                return Outcome(key, "stopped", "", "stopped by a signal", where)
            if file.is_file() and not problem_with(file, key):
                failure.unlink(missing_ok=True)
                return Outcome(key, "done", "kept", where=where)
            before = read_failure(failure, key)
            if before is not None and not retry and not before.killed:
                return dataclasses.replace(before, how="kept")
            if wrong := _problem_with_scenario(place / f"{key}.toml", version, build, key):
                return Outcome(key, "failed", "", wrong, where)
            status, how = _run(program, place, key, threads, log, sweep)
            outcome = _outcome(status, how, file, where, time.monotonic() - begin)
            if outcome.status == "failed":
                write_text(failure, json.dumps(dataclasses.asdict(outcome)))
            else:
                failure.unlink(missing_ok=True)
            return outcome
    except OSError as problem:
        raise EngineError(
            f"{socket.gethostname()}: {problem.filename or place}: {problem.strerror}; no run of {folder} can be kept there"
        ) from None


def read_failure(path: pathlib.Path, key: str) -> Outcome | None:
    """Read how a run failed before.

    Returns
    -------
    Outcome or None
        None where the file is missing, damaged, or that of another run: the run is then tried again.
    """
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        found = Outcome(**said)
    except (OSError, ValueError, TypeError, RecursionError):
        return None
    types = {field.name: type(getattr(Outcome("", ""), field.name)) for field in dataclasses.fields(Outcome)}
    if any(not isinstance(getattr(found, name), kind) for name, kind in types.items()):
        return None
    return found if found.key == key and found.status == "failed" else None


def _problem_with_scenario(path: pathlib.Path, version: str, build: str, key: str) -> str:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with open(descriptor, encoding="utf-8", newline="") as file:
            text = file.read()
    except (OSError, UnicodeDecodeError) as problem:
        text = str(problem)
    if key_of(version, build, text) == key:
        return ""
    return f"{path}: is not the scenario that the sweep wrote; the same sweep command writes it anew"


def _outcome(status: int, how: str, file: pathlib.Path, where: str, wall_s: float) -> Outcome:
    key = file.stem
    if status in STOPS:
        return Outcome(key, "stopped", how, "stopped by a signal", where, wall_s)
    if status == 0:
        wrong = problem_with(file, key)
        if not wrong:
            return Outcome(key, "done", how, where=where, wall_s=wall_s)
        return Outcome(key, "failed", how, f"{file}: {wrong}", where, wall_s)
    error = _explain(status, file.with_suffix(".log"), where)
    return Outcome(key, "failed", how, error, where, wall_s, status < 0)


def absolute_path() -> str:
    """Give PATH without entries that mean the current folder."""
    entries = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join(entry for entry in entries if os.path.isabs(entry))


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
        shutil.which("paracrine", path=absolute_path()),
    ):
        if candidate and os.access(candidate, os.X_OK):
            return os.path.abspath(candidate)
    raise EngineError(
        f"{socket.gethostname()}: there is no program `paracrine` beside {sys.executable} or on the path; PARACRINE may name it"
    )


@functools.lru_cache
def version_of(program: str) -> tuple[str, str]:
    """Ask a program for its version and build."""
    answer = subprocess.run(
        [program, "--version", "--json"], capture_output=True, text=True, check=True, timeout=60
    )
    said = json.loads(answer.stdout)
    return str(said["version"]), str(said["build"])


@contextlib.contextmanager
def _held(path: pathlib.Path, sweep: str) -> Iterator[IO[bytes] | None]:
    """Open a run's log and hold the lock on it; None when the sweep is stopped meanwhile."""
    with open(open_to_append(path), "ab") as log:
        while not is_stopped(sweep):
            try:
                fcntl.flock(log, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(LOCK_WAIT_S)
            else:
                yield log
                return
        yield None


def _run(
    program: str, place: pathlib.Path, key: str, threads: int, log: IO[bytes], sweep: str
) -> tuple[int, str]:
    """Start the program and wait for it: status (negative: ended by that signal), and whether it went on or began."""
    file, part, checkpoints = place / f"{key}.h5", place / f"{key}.h5.part", place / f"{key}.h5.ckpt"
    options = ["--force", "-q", "--threads", str(threads)]
    if part.exists() and checkpoints.is_dir() and began_as(part, key):
        status = _call([program, "resume", str(part), *options], log, sweep)
        # Refused: there is no whole checkpoint. Ended with another run's values: the checkpoint was not this run's.
        if status != 2 and not (status == 0 and problem_with(file, key)):
            return status, "resumed"
    return _call([program, "run", str(place / f"{key}.toml"), "-o", str(file), *options], log, sweep), "run"


def _call(command: list[str], log: IO[bytes], sweep: str) -> int:
    words = printable(" ".join(command))
    log.write(f"== {time.strftime('%F %T')} {socket.gethostname()} {os.getpid()}: {words}\n".encode())
    log.flush()
    # The run inherits the lock with its log: should the worker be killed, the run goes on to its end and nobody else begins it.
    return call(command, log, sweep)


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
    from paracrine.study import open_study

    listen(raises=False)  # Slurm's signal, before the time is up: checkpoint and stop
    folder, number = arguments
    try:
        study = open_study(folder)
        keys = list(dict.fromkeys(key for row in study.keys for key in row))
        description = study.description
        outcome = perform(folder, keys[int(number)], description["threads"], description["build"])
    except (EngineError, FileError) as problem:
        print(f"paracrine task: {printable(str(problem))}", file=sys.stderr)
        return 1
    print(f"{outcome.key}: {outcome.status} {outcome.how} {printable(outcome.error)}".rstrip())
    return 0 if outcome.status == "done" else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
