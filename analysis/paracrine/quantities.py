"""Texts such as "14 d" taken apart."""

from __future__ import annotations

import numbers
import operator
import re
from typing import Any

import numpy as np

from paracrine.errors import InputError

SECONDS = {
    "s": 1,
    "min": 60,
    "h": 3600,
    "d": 86400,
    "day": 86400,
    "days": 86400,
    "week": 604800,
    "weeks": 604800,
}
QUANTITY = re.compile(r"\s*([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)\s*(\S.*?)?\s*")


def split(value: object) -> tuple[float, str] | None:
    """Take a quantity apart.

    Parameters
    ----------
    value : object
        A number, or a text that begins with one.

    Returns
    -------
    (float, str) or None
        Number and unit ("" for none); None when it is neither.

    Examples
    --------
    >>> split("0.5 mL/kg"), split(3), split("adipose"), split(True)
    ((0.5, 'mL/kg'), (3.0, ''), None, None)
    """
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        return float(value), ""
    found = QUANTITY.fullmatch(value) if isinstance(value, str) else None
    try:
        return (float(found[1]), found[2] or "") if found else None
    except ValueError:
        return None


def whole(name: str, value: Any, least: int = 0) -> int:
    """Take a whole number, of Python or numpy.

    Raises
    ------
    InputError
        It is none, or below `least`.

    Examples
    --------
    >>> whole("replicates", 2)
    2
    """
    if (
        not isinstance(value, bool | np.bool_)
        and hasattr(value, "__index__")
        and least <= operator.index(value) < 2**63
    ):
        return operator.index(value)
    raise InputError(f"{name}: {value!r} is not a whole number, {least} or more")


def days(value: object) -> float | None:
    """Read a time.

    Returns
    -------
    float or None
        Time [d]; None when `value` is no time with its unit.

    Examples
    --------
    >>> days("36 h"), days("1 week"), days("3 kg")
    (1.5, 7.0, None)
    """
    parts = split(value)
    return parts[0] * SECONDS[parts[1]] / 86400 if parts and parts[1] in SECONDS else None
