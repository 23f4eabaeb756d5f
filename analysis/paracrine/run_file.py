"""Whether the file of a run is what a sweep wants: whole, and of the scenario, seed and build that its name stands for."""

from __future__ import annotations

import hashlib
import os
import re

import h5py
import numpy as np

from paracrine.checking import check_file, program_for_checks
from paracrine.errors import FileError

KEY = re.compile(r"[0-9a-f]{20}")
COMPLETE = "complete"


def key_of(version: str, build: str, scenario: str) -> str:
    """Name a run: a hash of the program and of the scenario with all its values and its seed.

    Parameters
    ----------
    version, build : str
        Of the program.
    scenario : str
        The resolved scenario.

    Returns
    -------
    str
        20 hexadecimal digits.

    Examples
    --------
    >>> key_of("0.1.0", "abc", "seed = 1")
    'd8a4e1b0a3da5c5ee7a6'
    """
    return hashlib.sha256(f"{version} {build}\n{scenario}".encode()).hexdigest()[:20]


def problem_with(path: str | os.PathLike[str], key: str) -> str:
    """Say why a file is not the complete run of that key.

    Parameters
    ----------
    path : path
        The file.
    key : str
        As `key_of` gives it.

    Returns
    -------
    str
        Empty when the file may be used.
    """
    try:
        check_file(os.fspath(path), program_for_checks())
        with h5py.File(path, "r") as file:
            if _text(file.attrs.get("status")) != COMPLETE:
                return "it is not complete"
            if _key_in(file) != key:
                return "it is the run of another scenario, seed or build"
            for item in file.values():
                if isinstance(item, h5py.Dataset):
                    item[()]
            if not np.isfinite(file["time"][:]).all():
                return "it has rows without a time"
    except FileError as problem:
        return "it " + str(problem).removeprefix(f"{path}: ")
    except (OSError, KeyError, RuntimeError, ValueError, TypeError, MemoryError) as problem:
        return f"it cannot be read: {problem}"
    return ""


def began_as(path: str | os.PathLike[str], key: str) -> bool:
    """Whether the file of an unfinished run was begun by the scenario, seed and build of that key."""
    try:
        check_file(os.fspath(path), program_for_checks())
        with h5py.File(path, "r", libver="latest", swmr=True) as file:
            return _key_in(file) == key
    except (OSError, KeyError, RuntimeError, ValueError, TypeError, MemoryError):
        return False


def _key_in(file: h5py.File) -> str:
    scenario = file["provenance/scenario_resolved"][()]
    return key_of(_text(file.attrs.get("software_version")), _text(file.attrs.get("build")), _text(scenario))


def _text(value: object) -> str:
    if isinstance(value, np.ndarray):
        value = value.tobytes()
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    return value if isinstance(value, str) else ""
