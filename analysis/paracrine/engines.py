"""What carries out the runs of a sweep, by name: each is an executor of the standard library's interface, or writes jobs for one."""

from __future__ import annotations

import concurrent.futures
import contextlib
import importlib
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator

from paracrine.core import core
from paracrine.errors import EngineError, InputError
from paracrine.study import Study
from paracrine.task import write_text

NAMES = "local[=N], dask[=ADDRESS], mpi, slurm-array, MODULE:FACTORY"


@contextlib.contextmanager
def engine(name: str, threads: int) -> Iterator[concurrent.futures.Executor | None]:
    """Give the executor of that name, and close it at the end.

    Parameters
    ----------
    name : str
        ``local``, ``local=8``: processes of this machine. ``dask``: a cluster on this machine; ``dask=tcp://host:8786``: one that is there. ``mpi``: the
        ranks of ``mpirun -n N paracrine sweep``. ``module:factory``: what a function of yours gives.
    threads : int
        For each run.

    Yields
    ------
    concurrent.futures.Executor or None
        None on the ranks of MPI that have served as workers.

    Raises
    ------
    InputError
        There is no such engine, it is not installed, or what it gives is no executor.
    """
    kind, _, option = name.partition("=")
    with contextlib.ExitStack() as stack:
        if kind == "local":
            executor: concurrent.futures.Executor | None = _local(option, threads)
        elif kind == "dask":
            executor = _dask(option, stack)
        elif name == "mpi":
            executor = _mpi(stack)
        elif ":" in name:
            executor = _of_factory(name)
        else:
            raise InputError(f'there is no engine "{name}"; there are {NAMES}')
        if executor is not None and kind != "mpi":
            stack.enter_context(executor)
        yield executor


def write_array_job(study: Study) -> tuple[str, bool]:
    """Write a Slurm job array with one task per run, and submit it where Slurm is.

    Returns
    -------
    (str, bool)
        The script, and whether it was submitted.

    Raises
    ------
    EngineError
        Slurm refused it.
    """
    count = len({key for row in study.keys for key in row})
    script = pathlib.Path(study.folder) / "job.sh"
    lines = [
        "#!/bin/sh",
        f"#SBATCH --job-name={pathlib.Path(study.folder).name}",
        f"#SBATCH --array=0-{count - 1}",
        f"#SBATCH --cpus-per-task={study.description['threads']}",
        f"#SBATCH --output={study.folder}/slurm-%a.log",
        "#SBATCH --requeue",
        "#SBATCH --signal=B:TERM@60",
        f'exec {shlex.quote(sys.executable)} -m paracrine.task {shlex.quote(study.folder)} "$SLURM_ARRAY_TASK_ID"',
    ]
    write_text(script, "\n".join(lines) + "\n")
    if shutil.which("sbatch") is None:
        return str(script), False
    answer = subprocess.run(["sbatch", str(script)], capture_output=True, text=True)
    if answer.returncode:
        raise EngineError(f"sbatch refused {script}: {answer.stderr.strip()}")
    return str(script), True


def _local(option: str, threads: int) -> concurrent.futures.Executor:
    if option and not (option.isdigit() and int(option) > 0):
        raise InputError(f'local={option}: "{option}" is not a number of processes, 1 or more')
    workers = int(option) if option else max(1, core().version()["processors"] // threads)
    return concurrent.futures.ThreadPoolExecutor(workers)  # each thread waits for a process that runs


def _dask(address: str, stack: contextlib.ExitStack) -> concurrent.futures.Executor:
    try:
        import distributed
    except ImportError:
        raise InputError(
            "the engine dask needs the package distributed: apt install python3-distributed, or pip install distributed"
        ) from None
    try:
        if address:
            client = stack.enter_context(distributed.Client(address, timeout="10s"))
        else:
            cluster = stack.enter_context(
                distributed.LocalCluster(
                    n_workers=core().version()["processors"], threads_per_worker=1, dashboard_address=None
                )
            )
            client = stack.enter_context(distributed.Client(cluster))
    except (OSError, ValueError, TimeoutError) as problem:
        raise InputError(f"dask={address}: there is no scheduler: {problem}") from None
    executor: concurrent.futures.Executor = client.get_executor(pure=False)
    return executor


def _mpi(stack: contextlib.ExitStack) -> concurrent.futures.Executor | None:
    try:
        from mpi4py import MPI
        from mpi4py.futures import MPICommExecutor
    except ImportError:
        raise InputError(
            "the engine mpi needs the package mpi4py: apt install python3-mpi4py, or pip install mpi4py"
        ) from None
    if MPI.COMM_WORLD.size < 2:
        raise InputError(
            "the engine mpi needs two ranks at least, one of them to send out the runs: mpirun -n 3 paracrine sweep STUDY.toml --engine mpi"
        )
    executor: concurrent.futures.Executor | None = stack.enter_context(
        MPICommExecutor(MPI.COMM_WORLD, root=0)
    )
    return executor


def _of_factory(name: str) -> concurrent.futures.Executor:
    module, _, function = name.partition(":")
    sys.path.insert(0, os.getcwd())
    try:
        executor = getattr(importlib.import_module(module), function)()
    except (ImportError, AttributeError, TypeError) as problem:
        raise InputError(
            f"{name}: {problem}; expected MODULE:FACTORY, a function without arguments that gives a concurrent.futures.Executor"
        ) from None
    finally:
        sys.path.pop(0)
    if not isinstance(executor, concurrent.futures.Executor):
        raise InputError(f"{name}: gives {type(executor).__name__}, expected a concurrent.futures.Executor")
    return executor
