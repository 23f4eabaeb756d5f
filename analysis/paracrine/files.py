"""Files that users write."""

from __future__ import annotations

import os
import pathlib
import tomllib
from typing import Any

from paracrine.errors import InputError


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
        return tomllib.loads(pathlib.Path(name).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as problem:
        raise InputError(f"{name}: cannot be read: {getattr(problem, 'strerror', None) or problem}") from None
    except tomllib.TOMLDecodeError as problem:
        raise InputError(f"{name}: {problem}") from None
