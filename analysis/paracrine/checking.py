"""Files are checked in a child process before this one opens them: libhdf5 can crash or hang on a damaged file."""

from __future__ import annotations

import os
import subprocess

from paracrine.errors import EngineError, FileError

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_whole: set[tuple[int, int, int, int]] = (
    set()
)  # files that were found whole, by device, inode, size and time of change


def program_for_checks() -> str | None:
    """Give the command ``paracrine`` where there is one."""
    from paracrine.task import find_program

    try:
        return find_program()
    except EngineError:
        return None


def complaint_about(path: str | os.PathLike[str], program: str) -> str:
    """Let the program look at a file, once for each state of it.

    Parameters
    ----------
    path : path
        The file.
    program : str
        The command ``paracrine``.

    Returns
    -------
    str
        Why it refuses the file; empty when that is whole, or no file of HDF5 at all.
    """
    try:
        facts = os.stat(path)
        with open(path, "rb") as file:
            if file.read(len(_SIGNATURE)) != _SIGNATURE:
                return ""
    except OSError:
        return ""
    identity = (facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns)
    if identity in _whole:
        return ""
    answer = subprocess.run(
        [program, "info", "--check", "--", os.fspath(path)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if answer.returncode != 0:
        return answer.stderr.strip().removeprefix("paracrine: ") or "nothing was said"
    _whole.add(identity)
    return ""


def check_file(path: str, program: str | None) -> None:
    """Let the program ``paracrine`` look at a file.

    Parameters
    ----------
    path : str
        The file, which exists.
    program : str or None
        The program; without it nothing is checked.

    Raises
    ------
    FileError
        The file is damaged; the text says how.
    """
    complaint = "" if program is None else complaint_about(path, program)
    _, damaged, reason = complaint.partition(" is damaged: ")
    if damaged:
        raise FileError(f"{path}: is damaged: {reason.strip()}")
    if "but no run of paracrine" in complaint:
        raise FileError(f"{path}: is not a run of Paracrine (it has no attribute filetype that says so)")
