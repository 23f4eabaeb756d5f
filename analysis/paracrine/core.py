"""The compiled core, loaded when it is needed."""

from __future__ import annotations

import os
from types import ModuleType

_used = {"openmp": False, "forked": False}
os.register_at_fork(after_in_child=lambda: _used.update(forked=_used["openmp"]))


def core() -> ModuleType:
    """Give the compiled core.

    Returns
    -------
    module
        ``paracrine._core``.

    Raises
    ------
    ImportError
        It was not built for this Python; the text says how to get it.
    """
    # OpenMP and HDF5 read these when they are loaded. Threads that wait must sleep, or they cost many times the work on a busy machine.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    os.environ.setdefault("HDF5_USE_FILE_LOCKING", "BEST_EFFORT")
    try:
        from paracrine import _core
    except ImportError as problem:
        raise ImportError(
            f"the compiled core of paracrine cannot be loaded ({problem}); files can be read without it, but scenarios and runs need it: "
            "./run.sh builds it into .venv, `pip install .` into the present environment"
        ) from problem
    return _core


def core_for_a_run() -> ModuleType:
    """Give the compiled core to a caller that starts threads with it.

    Raises
    ------
    RuntimeError
        This process was forked from one that had run before: its threads are gone, and a run would wait for them for ever.
    """
    if _used["forked"]:
        raise RuntimeError(
            "this process was forked from one that had already run a simulation, and OpenMP does not survive that; "
            'start processes by "spawn": concurrent.futures.ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn"))'
        )
    found = core()
    _used["openmp"] = True
    return found
