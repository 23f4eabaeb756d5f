"""The commands ``paracrine X`` that are written in Python all start here, so that all start safely.

``python -P -m paracrine.command NAME [ARGUMENTS]`` runs one of them.
"""

from __future__ import annotations

import functools
import importlib
import os
import signal
import sys
from collections.abc import Callable, Sequence

MODULES = {
    "calibrate": "calibrate_command",
    "compare": "compare_command",
    "evidence": "evidence_command",
    "plot": "plot",
    "sensitivity": "sensitivity_command",
    "sweep": "sweep_command",
}
DRAWING = ("plot", "sensitivity")


def run(name: str, arguments: Sequence[str] | None = None) -> int:
    """Run a command: signals are answered first, and neither it nor what it starts takes code from the current folder.

    Parameters
    ----------
    name : str
        One of ``MODULES``.
    arguments : sequence of str, optional
        The command line; that of the process when absent.

    Returns
    -------
    int
        Exit status.
    """
    from paracrine.children import listen

    listen()
    leave_current_folder()
    if name in DRAWING:
        forget_matplotlibrc()
    try:
        return _until_nobody_reads(importlib.import_module(f"paracrine.{MODULES[name]}").main, arguments)
    except KeyboardInterrupt as stopped:
        return 128 + getattr(stopped, "number", signal.SIGINT)


def _until_nobody_reads(main: Callable[[Sequence[str] | None], int], arguments: Sequence[str] | None) -> int:
    """Run a command and write out what it printed; where the reader has left (``| head -1``), end in silence as shell tools do."""
    try:
        try:
            status = main(arguments)
        except SystemExit as ended:  # argparse, after help or a refusal
            status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what Python writes at its end
        return 128 + signal.SIGPIPE
    return status


def leave_current_folder() -> None:
    """Take the current folder off the module path, of this process and of those that it starts (pools, Dask).

    An entry of PYTHONPATH that is empty means the current folder, and is there by accident.
    """
    given = os.environ.get("PYTHONPATH")
    if given is not None:
        entries = given.split(os.pathsep)
        if "" in entries:
            sys.path[:] = [entry for entry in sys.path if entry not in ("", os.getcwd())]
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, entries))
    os.environ["PYTHONSAFEPATH"] = "1"


def forget_matplotlibrc() -> None:
    """Draw as the package does: a matplotlibrc in the current folder may name programs and modules to run."""
    import matplotlib

    matplotlib.rcdefaults()
    matplotlib.use("Agg")


def main(words: Sequence[str]) -> int:
    """Run the command that the first word names with the others."""
    if not words or words[0] not in MODULES:
        print(f"paracrine.command: expected one of {', '.join(MODULES)}, then its arguments", file=sys.stderr)
        return 2
    return run(words[0], list(words[1:]))


calibrate = functools.partial(run, "calibrate")
compare = functools.partial(run, "compare")
evidence = functools.partial(run, "evidence")
plot = functools.partial(run, "plot")
sensitivity = functools.partial(run, "sensitivity")
sweep = functools.partial(run, "sweep")

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
