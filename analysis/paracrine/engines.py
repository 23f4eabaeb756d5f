"""What carries out the runs of a sweep, by name: each is an executor of the standard library's interface, or writes jobs for one."""

from __future__ import annotations

import concurrent.futures
import contextlib
import functools
import importlib
import importlib.util
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from paracrine.children import stop
from paracrine.core import core
from paracrine.drafts import write_text
from paracrine.errors import EngineError, InputError
from paracrine.study import Study
from paracrine.task import absolute_path

NAMES = "local[=N], dask[=ADDRESS], mpi, slurm-array, MODULE:FACTORY, FILE.py:FACTORY"
PLAIN = re.compile(r"[A-Za-z0-9_/.,:@=+-]+")  # names in which neither a shell nor Slurm sees anything else


@contextlib.contextmanager
def engine(name: str, threads: int) -> Iterator[concurrent.futures.Executor | None]:
    """Give the executor of that name, and close it at the end.

    Parameters
    ----------
    name : str
        ``local``, ``local=8``: processes of this machine. ``dask``: a cluster on this machine; ``dask=tcp://host:8786``: one that is there. ``mpi``: the
        ranks of ``mpirun -n N paracrine sweep``. ``module:factory``: what a function of yours gives; the module is taken from the environment, never from
        the current folder. ``./file.py:factory``: from the file of that path.
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
    script = pathlib.Path(study.folder) / "job.sh"
    write_text(script, array_job(study))
    submit = shutil.which("sbatch", path=absolute_path())
    if submit is None:
        return str(script), False
    answer = subprocess.run([submit, str(script)], capture_output=True, text=True)
    if answer.returncode:
        raise EngineError(f"sbatch refused {script}: {answer.stderr.strip()}")
    return str(script), True


def array_job(study: Study) -> str:
    """Write the script of a Slurm job array; whatever the folder is called, its name stays a word of the shell."""
    count = len({key for row in study.keys for key in row})
    folder = os.path.abspath(study.folder)
    lines = [
        "#!/bin/sh",
        f"#SBATCH --job-name={re.sub('[^A-Za-z0-9._-]', '_', pathlib.Path(folder).name)}",
        f"#SBATCH --array=0-{count - 1}",
        f"#SBATCH --cpus-per-task={study.description['threads']}",
        "#SBATCH --requeue",
        "#SBATCH --signal=B:TERM@60",
        f"#SBATCH --output={folder}/slurm-%a.log"
        if PLAIN.fullmatch(folder)
        else "#SBATCH --output=/dev/null",
        f"folder={shlex.quote(folder)}",
    ]
    if not PLAIN.fullmatch(folder):  # Slurm would read more than a name in it
        lines.append('exec >>"$folder/slurm-$SLURM_ARRAY_TASK_ID.log" 2>&1')
    # -P: never with modules from the folder where the job begins
    lines.append(f'exec {shlex.quote(sys.executable)} -P -m paracrine.task "$folder" "$SLURM_ARRAY_TASK_ID"')
    return "\n".join(lines) + "\n"


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
                    n_workers=core().version()["processors"],
                    threads_per_worker=1,
                    dashboard_address=None,
                    local_directory=stack.enter_context(tempfile.TemporaryDirectory()),
                )
            )
            client = stack.enter_context(distributed.Client(cluster))
    except (OSError, ValueError, TimeoutError) as problem:
        raise InputError(f"dask={address}: there is no scheduler: {problem}") from None
    executor: Any = client.get_executor(pure=False)
    executor.stop_runs = functools.partial(client.run, stop)
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
    home, _, function = name.rpartition(":")
    try:
        executor = getattr(
            _from_file(home) if home.endswith(".py") else importlib.import_module(home), function
        )()
    except Exception as problem:  # whatever code of the user raises
        beside = f"{home}.py"
        hint = (
            f"; to take it from the file in this folder: ./{beside}:{function}"
            if os.path.isfile(beside)
            else ""
        )
        raise InputError(
            f"{name}: {problem}; expected MODULE:FACTORY or FILE.py:FACTORY, a function without arguments that gives a concurrent.futures.Executor{hint}"
        ) from None
    if not isinstance(executor, concurrent.futures.Executor):
        raise InputError(f"{name}: gives {type(executor).__name__}, expected a concurrent.futures.Executor")
    return executor


def _from_file(path: str) -> ModuleType:
    """Load the module in a file that the user named; its folder does not come onto the module path."""
    spec = importlib.util.spec_from_file_location(pathlib.Path(path).stem, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no module of Python")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
