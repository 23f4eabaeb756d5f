"""Sweeps: many runs of one scenario, each computed once, on any engine."""

from __future__ import annotations

import concurrent.futures
import contextlib
import dataclasses
import hashlib
import json
import os
import pathlib
import re
import secrets
import signal
import sys
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from paracrine.children import stop
from paracrine.core import core
from paracrine.designs import Design, as_design
from paracrine.drafts import write_text
from paracrine.errors import EngineError, InputError, ScenarioWarning
from paracrine.quantities import whole
from paracrine.run_file import key_of
from paracrine.scenario import Scenario, as_scenario
from paracrine.study import STUDY_FORMAT, Study, as_study_file
from paracrine.task import Outcome, perform

LINES_EVERY_S = 10.0
ROOT_SEED = re.compile(r"^seed = \d+$", re.MULTILINE)


@dataclasses.dataclass
class Plan:
    """What a sweep will do: the study, and the scenario of each key as text."""

    study: Study
    texts: dict[str, str]


def sweep(
    scenario: Scenario | str | os.PathLike[str],
    design: Design | Mapping[str, Sequence[Any]] | Sequence[Mapping[str, Any]],
    *,
    replicates: int = 1,
    seed: int | None = None,
    executor: concurrent.futures.Executor | None = None,
    output: str | os.PathLike[str] | None = None,
    threads: int = 1,
    retry: bool = False,
    progress: bool | None = None,
) -> Study:
    """Run a scenario at every point of a design, several times with different seeds.

    Called again with the same folder it computes only what is missing, so a sweep that was killed goes on, and one that got more points or replicates
    keeps what it has. A run that failed is recorded with its error and does not stop the others.

    Parameters
    ----------
    scenario : Scenario or path
        What all points share.
    design : mapping, list or Design
        From scenario paths to lists of values (every combination), a list of points, or what `latin_hypercube` and `sobol` give.
    replicates : int
        Runs per point. Their seeds are derived from `seed` and are the same for all points (common random numbers).
    seed : int, optional
        Without it the scenario's.
    executor : concurrent.futures.Executor, optional
        What carries out the runs: a ProcessPoolExecutor, Dask's ``client.get_executor()``, mpi4py's. Workers see the folder. Without it, as many processes of
        this machine as it has processors for.
    output : path, optional
        The folder; without it the scenario's name with ``.sweep`` in the current one.
    threads : int
        For each run.
    retry : bool
        Run again what failed before.
    progress : bool, optional
        True: a bar on a terminal and in a notebook, lines elsewhere; False: neither; without it, a bar where there can be one.

    Returns
    -------
    Study

    Raises
    ------
    InputError
        A point, an option or the folder was refused; nothing was run.
    EngineError
        A worker died or has another build; what was done is kept.

    Examples
    --------
    >>> base = Scenario.load("scenarios/delivery/mouse_beads_10um.toml", {"time.duration": "1 h", "liver.lobules": 2})
    >>> study = sweep(base, {"therapy.0.count": [1e3, 1e4]}, replicates=2, output="docstring.sweep", progress=False)
    >>> dict(study.dataset.particle_lung.isel(time=-1).sizes)
    {'therapy.0.count': 2, 'replicate': 2}
    """
    if executor is not None and not isinstance(executor, concurrent.futures.Executor):
        raise InputError(
            f"executor: expected a concurrent.futures.Executor, got {type(executor).__name__}; of a Dask client take client.get_executor()"
        )
    made = plan(scenario, design, replicates=replicates, seed=seed, output=output, threads=threads)
    prepare(made)
    with contextlib.ExitStack() as stack:
        if executor is None:
            workers = max(1, core().version()["processors"] // max(1, threads))
            executor = stack.enter_context(
                concurrent.futures.ThreadPoolExecutor(workers, thread_name_prefix="paracrine")
            )
        carry_out(made.study, executor, retry=retry, progress=progress)
    return made.study


def plan(
    scenario: Scenario | str | os.PathLike[str],
    design: Any,
    *,
    replicates: int = 1,
    seed: int | None = None,
    output: str | os.PathLike[str] | None = None,
    threads: int = 1,
) -> Plan:
    """Check every point of a sweep and name its runs; writes nothing. Parameters and errors as in `sweep`."""
    base, points = as_scenario(scenario), as_design(design)
    replicates, threads = whole("replicates", replicates, 1), whole("threads", threads, 1)
    if "seed" in points.paths:
        raise InputError(
            "seed: it does not belong into the design; give replicates, whose seeds are the same for all points"
        )
    if seed is not None:
        base = base.with_({"seed": whole("seed", seed)})
    seeds = [derived_seed(base.get("seed"), replicate) for replicate in range(replicates)]
    facts = core().version()
    texts: dict[str, str] = {}
    keys: list[list[str]] = []
    doubts: dict[str, None] = {}
    for point in points.points:
        changed = base.with_(point)
        doubts.update(dict.fromkeys(changed.warnings))
        text = changed.to_toml()
        row = []
        for one in seeds:
            own = ROOT_SEED.sub(f"seed = {one}", text, count=1)
            key = key_of(facts["version"], facts["build"], own)
            texts[key] = own
            row.append(key)
        keys.append(row)
    for doubt in doubts:
        warnings.warn(doubt, ScenarioWarning, stacklevel=3)
    folder = os.path.abspath(output if output is not None else f"{pathlib.Path(base.name).stem}.sweep")
    description = {
        "format": STUDY_FORMAT,
        "version": facts["version"],
        "build": facts["build"],
        "kind": points.kind,
        "axes": points.axes,
        "points": points.points,
        "seeds": seeds,
        "threads": threads,
        "keys": keys,
        "scenario": base.to_toml(),
        "overrides": base.overrides,
    }
    return Plan(Study(folder, json.loads(json.dumps(description, default=_as_json))), texts)


def _as_json(value: Any) -> Any:
    """Values of numpy inside lists and tables of a point."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise InputError(f"design: {value!r} is no value of a scenario")


def derived_seed(seed: int, replicate: int) -> int:
    """Give the seed of a replicate: 52 bits of a hash of both, the same for all points of a sweep.

    Examples
    --------
    >>> derived_seed(1, 0) == derived_seed(1, 0) != derived_seed(1, 1)
    True
    """
    return (
        int.from_bytes(hashlib.sha256(f"replicate {replicate} of seed {seed}".encode()).digest()[:8], "big")
        >> 12
    )


def prepare(made: Plan) -> None:
    """Make the folder and write the scenarios of all runs.

    Raises
    ------
    InputError
        The folder is something else, or cannot be made.
    """
    folder = pathlib.Path(made.study.folder)
    try:
        if folder.exists() and (
            not folder.is_dir() or (_foreign(folder) and not (folder / "study.json").exists())
        ):
            raise InputError(f"{folder}: exists and is not the folder of a study; choose another one")
        (folder / "runs").mkdir(parents=True, exist_ok=True)
        write_text(folder / "study.json", as_study_file(made.study.description))
        for key, text in made.texts.items():
            path = folder / "runs" / f"{key}.toml"
            if not _holds(path, text):
                write_text(path, text)
    except OSError as problem:
        raise InputError(f"{folder}: cannot be written: {problem.strerror}") from None


def _foreign(folder: pathlib.Path) -> list[str]:
    """What lies in a folder, but for what another sweep that is just beginning there has made."""
    return [name for name in os.listdir(folder) if name != "runs" and not name.startswith(".study.")]


def _holds(path: pathlib.Path, text: str) -> bool:
    try:
        return not path.is_symlink() and path.read_bytes() == text.encode()
    except FileNotFoundError:
        return False


def carry_out(
    study: Study, executor: concurrent.futures.Executor, *, retry: bool = False, progress: bool | None = None
) -> list[Outcome]:
    """Send every run of a study to an executor and wait for all.

    Returns
    -------
    list of Outcome
        Of each key once, in the order in which they ended.

    Raises
    ------
    EngineError
        A worker died or was refused; its text names it and the runs that were lost.
    """
    description = study.description
    keys = list(dict.fromkeys(key for row in study.keys for key in row))
    own = secrets.token_hex(8)  # by which the workers know the runs of this sweep
    futures = {
        executor.submit(
            perform, study.folder, key, description["threads"], description["build"], retry, own
        ): key
        for key in keys
    }
    workers = dict(getattr(executor, "_processes", None) or {})
    outcomes: list[Outcome] = []
    lost: dict[str, BaseException] = {}
    written = time.monotonic()
    try:
        with _bar(len(keys), progress) as step:
            for future in concurrent.futures.as_completed(futures):
                try:
                    outcomes.append(future.result())
                except (Exception, concurrent.futures.CancelledError) as problem:
                    lost[futures[future]] = problem
                step(sum(outcome.status == "failed" for outcome in outcomes), len(lost))
                if time.monotonic() - written > 2.0:
                    study.write_index()
                    written = time.monotonic()
    except KeyboardInterrupt:
        for future in futures:
            future.cancel()
        stop(own)
        if stop_elsewhere := getattr(executor, "stop_runs", None):
            stop_elsewhere(own)
        raise
    finally:
        study.write_index()
    if lost:
        raise EngineError(_obituary(lost, len(keys), study, workers))
    return outcomes


def _obituary(lost: Mapping[str, BaseException], count: int, study: Study, workers: Mapping[int, Any]) -> str:
    """Which workers died, what they said, and what was lost."""
    died = [f"process {pid} ended with status {status}" for pid, status in _deaths(lost, workers).items()]
    reasons = list(dict.fromkeys(f"{type(problem).__name__}: {problem}" for problem in lost.values()))
    points = {
        key: f"point {number}, replicate {replicate}"
        for number, row in enumerate(study.keys)
        for replicate, key in enumerate(row)
    }
    named = [points[key] for key in list(lost)[:5]] + ([f"{len(lost) - 5} more"] if len(lost) > 5 else [])
    return (
        f"{len(lost)} of {count} runs were lost by the executor ({'; '.join([*died, *reasons[:3]])}): {'; '.join(named)}. "
        f"What was done is kept in {study.folder}; sweep again to do the rest"
    )


def _deaths(lost: Mapping[str, BaseException], workers: Mapping[int, Any]) -> dict[int, int]:
    """Processes of a broken pool that died by themselves; the pool ends the others by SIGTERM."""
    if not any(isinstance(problem, concurrent.futures.BrokenExecutor) for problem in lost.values()):
        return {}
    found = {}
    for pid, worker in workers.items():
        status = _exit_status(worker)
        if status:
            found[pid] = status
    return {pid: status for pid, status in found.items() if status != -signal.SIGTERM} or found


def _exit_status(worker: Any, patience_s: float = 5.0) -> int | None:
    """Status of a process that ended; None when it has none by then. Another thread that waits for it may have taken the status but not stored it."""
    until = time.monotonic() + patience_s
    while worker.exitcode is None and time.monotonic() < until:
        worker.join(0.05)
        time.sleep(0.01)
    return worker.exitcode


@contextlib.contextmanager
def _bar(count: int, progress: bool | None) -> Iterator[Any]:
    if not (sys.stderr.isatty() or "ipykernel" in sys.modules) or progress is False:
        yield _lines(count) if progress else lambda failed, lost: None
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from tqdm.auto import tqdm
    with tqdm(total=count, unit="run", file=sys.stderr) as bar:

        def step(failed: int, lost: int) -> None:
            bar.update()
            if failed or lost:
                bar.set_postfix_str(f"{failed} failed, {lost} lost")

        yield step


def _lines(count: int) -> Any:
    """Give a function that prints a line when a run ends: the first, the last, and others LINES_EVERY_S apart."""
    begin, ended, told = time.monotonic(), 0, -LINES_EVERY_S

    def step(failed: int, lost: int) -> None:
        nonlocal ended, told
        ended += 1
        now = time.monotonic() - begin
        if ended == count or now - told >= LINES_EVERY_S:
            told = now
            wrong = "".join(
                f", {number} {what}" for number, what in ((failed, "failed"), (lost, "lost")) if number
            )
            print(f"{ended} of {count} runs ended{wrong}, {now:.0f} s", file=sys.stderr, flush=True)

    return step
