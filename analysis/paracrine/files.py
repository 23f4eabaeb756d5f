"""Files that users write."""

from __future__ import annotations

import os
import pathlib
from typing import Any

from paracrine.errors import InputError
from paracrine.texts import parse_json, parse_toml


def read_toml(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read a TOML file.

    Parameters
    ----------
    path : path
        The file.

    Returns
    -------
    dict
        What it says.

    Raises
    ------
    InputError
        It cannot be read, or is no TOML; the text names the file and says why.
    """
    name = os.fspath(path)
    try:
        return parse_toml(pathlib.Path(name).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as problem:
        raise InputError(f"{name}: cannot be read: {getattr(problem, 'strerror', None) or problem}") from None
    except ValueError as problem:
        raise InputError(f"{name}: {problem}") from None


def read_calibration(path: str | os.PathLike[str], section: str) -> tuple[dict[str, object], dict[str, Any]]:
    """Read what `paracrine calibrate` wrote.

    Parameters
    ----------
    path : path
        The file.
    section : str
        Of what is wanted beside the centre: ``stages`` or ``carriers``.

    Returns
    -------
    centre : dict of str to value
        Parameters of the central member, by full name.
    section : dict

    Raises
    ------
    InputError
        The file cannot be read, or is no calibration.
    """
    name = os.fspath(path)
    try:
        said = parse_json(pathlib.Path(name).read_text(encoding="utf-8"))
        return dict(said["centre"]), dict(said[section])
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise InputError(f"{name}: is no calibration: {problem}") from None
