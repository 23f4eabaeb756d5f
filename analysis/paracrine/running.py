"""Runs in this process."""

from __future__ import annotations

import contextlib
import functools
import os
import pathlib
import shlex
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from paracrine.checking import complaint_about, program_for_checks
from paracrine.core import core_for_a_run
from paracrine.errors import InputError, RunInterrupted, ScenarioWarning
from paracrine.quantities import whole
from paracrine.results import Run
from paracrine.results import open as open_run
from paracrine.scenario import Scenario, as_scenario

BAR = "{desc}: {percentage:3.0f} %|{bar}| {n:.4g} of {total:.4g} d [{elapsed}, {remaining} left{postfix}]"
Progress = bool | Callable[[dict[str, Any]], None] | None


def run(
    scenario: Scenario | str | os.PathLike[str],
    output: str | os.PathLike[str] | None = None,
    *,
    seed: int | None = None,
    threads: int = 0,
    until: str | None = None,
    checkpoint_every: str = "10 min",
    progress: Progress = None,
    force: bool = False,
) -> Run:
    """Run a scenario in this process.

    Other Python threads go on meanwhile. Ctrl-C finishes the step, writes a checkpoint and raises `RunInterrupted`.

    Parameters
    ----------
    scenario : Scenario or path
        What to run.
    output : path, optional
        RUN.h5. Without it the scenario's name with ``.h5`` in the current folder, with a number when that exists.
    seed : int, optional
        Of all random numbers, 0 or more; without it the scenario's.
    threads : int
        0 takes every processor. The result does not depend on it.
    until : str, optional
        Stop at the first end of a visit at or after this simulated time, such as ``"14 d"``; `resume` goes on.
    checkpoint_every : str
        Wall time between checkpoints; ``"none"`` for none.
    progress : bool or callable, optional
        A bar or none; without it, a bar on a terminal and in a notebook. A callable is called with a dictionary: time_s, start_s, end_s [s of simulated
        time], wall_s, seconds_left [s], numbers (pairs of a name and a value).
    force : bool
        Overwrite the output.

    Returns
    -------
    Run

    Raises
    ------
    InputError
        The scenario, an option or the output was refused; nothing was written.
    RunError
        The run failed; ``RUN.h5.part`` and its last checkpoint stay.
    RunInterrupted
        Ctrl-C; `resume` goes on from its `path`.

    Examples
    --------
    >>> scenario = Scenario.load("scenarios/delivery/mouse_beads_10um.toml", {"time.duration": "1 h", "liver.lobules": 2})
    >>> result = run(scenario, "docstring_run.h5", threads=1, progress=False)
    >>> result.status, float(result.series.time[-1]) * 24
    ('complete', 1.0)
    """
    chosen = as_scenario(scenario)
    if seed is not None:
        chosen = chosen.with_({"seed": whole("seed", seed)})
    path = _free_name(chosen) if output is None else os.fspath(output)
    core = core_for_a_run()
    for text in chosen.warnings:
        warnings.warn(text, ScenarioWarning, stacklevel=2)
    options = _options(
        core, threads, until, checkpoint_every, force, f"paracrine.run({chosen.name!r}, {path!r})"
    )
    with _shown(progress, pathlib.Path(path).name) as on_progress:
        facts = core.run(chosen._core, path, on_progress=on_progress, on_checkpoint=None, **options)
    return _result(facts)


def resume(
    path: str | os.PathLike[str],
    *,
    threads: int = 0,
    until: str | None = None,
    checkpoint_every: str = "10 min",
    progress: Progress = None,
    force: bool = False,
) -> Run:
    """Go on with a run that was stopped or killed, to the same values as if it had run through.

    Parameters
    ----------
    path : path
        RUN.h5.part, or one of the checkpoints in RUN.h5.ckpt/.
    threads, until, checkpoint_every, progress, force
        As in `run`.

    Returns
    -------
    Run

    Raises
    ------
    InputError
        No such file, no whole checkpoint, or another build began the run.
    RunError, RunInterrupted
        As in `run`.
    """
    name = os.fspath(path)
    core = core_for_a_run()
    options = _options(core, threads, until, checkpoint_every, force, f"paracrine.resume({name!r})")
    program = program_for_checks()
    check = None if program is None else functools.partial(complaint_about, program=program)
    with _shown(progress, pathlib.Path(name).name) as on_progress:
        facts = core.resume(
            name, complaint_about=check, on_progress=on_progress, on_checkpoint=None, **options
        )
    return _result(facts)


def _options(
    core: Any, threads: int, until: str | None, checkpoint_every: str, force: bool, command_line: str
) -> dict[str, Any]:
    threads = whole("threads", threads)
    for option, value in (("until", until), ("checkpoint_every", checkpoint_every)):
        if value is not None and not isinstance(value, str):
            raise InputError(f'{option}: expected a time with its unit, such as "14 d", got {value!r}')
    if warning := core.thread_warning(threads):
        warnings.warn(warning.rstrip().replace("--threads ", "threads="), ScenarioWarning, stacklevel=3)
    return {
        "threads": threads,
        "until": until or "",
        "checkpoint_every": checkpoint_every,
        "force": bool(force),
        "command_line": command_line,
    }


def _free_name(scenario: Scenario) -> str:
    stem = pathlib.Path(scenario.name).stem or "run"
    number = 1
    while True:
        path = f"{stem}.h5" if number == 1 else f"{stem}_{number}.h5"
        if not any(os.path.exists(path + ending) for ending in ("", ".part", ".ckpt")):
            return path
        number += 1


def _result(facts: dict[str, Any]) -> Run:
    raised = facts.get("raised")
    if isinstance(raised, KeyboardInterrupt):
        text = f"stopped at {facts['time_s'] / 86400:.6g} d of {facts['end_s'] / 86400:.6g} d; to go on: paracrine.resume({facts['path']!r}), or paracrine resume {shlex.quote(facts['path'])}"
        raise RunInterrupted(text, facts["path"]) from raised
    if raised is not None:
        raise raised
    for text, warns in facts["notes"]:
        if warns:
            warnings.warn(text, ScenarioWarning, stacklevel=3)
    found = open_run(facts["path"])
    found.notes = [text for text, _ in facts["notes"]]
    return found


@contextlib.contextmanager
def _shown(progress: Progress, name: str) -> Iterator[Callable[[dict[str, Any]], None] | None]:
    """Give what is called with the progress, or None."""
    if progress is not None and not isinstance(progress, bool):
        if not callable(progress):
            raise InputError(f"progress: expected True, False or a function, got {progress!r}")
        yield progress
        return
    if progress is False or (progress is None and not _is_watched()):
        yield None
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a notebook without widgets gets a bar of text, which is good enough
        from tqdm.auto import tqdm
    bars: list[Any] = []  # made at the first progress, which knows the whole way

    def show(now: dict[str, Any]) -> None:
        if not bars:
            bars.append(
                tqdm(
                    total=now["end_s"] / 86400,
                    initial=now["time_s"] / 86400,
                    desc=name,
                    bar_format=BAR,
                    file=sys.stderr,
                )
            )
        bar = bars[0]
        bar.n = now["time_s"] / 86400
        bar.set_postfix({label: f"{value:.3g}" for label, value in now["numbers"]}, refresh=False)
        bar.refresh()

    try:
        yield show
    finally:
        for bar in bars:
            bar.close()


def _is_watched() -> bool:
    """Whether somebody sees a bar: on a terminal, or in a notebook."""
    return sys.stderr.isatty() or "ipykernel" in sys.modules
