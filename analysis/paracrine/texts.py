"""Texts of users and files: shown without driving the terminal, and read without trusting their depth."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from typing import Any

MOST_LEVELS = 32  # of tables and lists in one another, as in a scenario file
_TURNING = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))  # direction marks would turn the line around
_CODES = (*range(0x20), *range(0x7F, 0xA0), *_TURNING)
_SHOWN = {code: f"\\x{code:02X}" if code < 0x100 else f"\\u{code:04X}" for code in _CODES if code != 0x09}
_SHOWN |= dict.fromkeys(range(55296, 57344), "�")  # bytes that are no UTF-8
_SHOWN_IN_LINES = {code: shown for code, shown in _SHOWN.items() if code != 0x0A}


def printable(text: str, *, lines: bool = False) -> str:
    r"""Make control characters visible, as the command line does: they would drive the terminal.

    Parameters
    ----------
    text : str
        A title, a name, a message.
    lines : bool
        Keep line ends.

    Returns
    -------
    str

    Examples
    --------
    >>> printable("\x1b[31mred\n")
    '\\x1B[31mred\\x0A'
    """
    return text.translate(_SHOWN_IN_LINES if lines else _SHOWN)


def parse_toml(text: str) -> dict[str, Any]:
    """Read TOML.

    Raises
    ------
    ValueError
        It is no TOML, or has more than 32 levels.

    Examples
    --------
    >>> parse_toml("a = " + "[" * 3000 + "]" * 3000)
    Traceback (most recent call last):
        ...
    ValueError: it has more than 32 levels of tables and lists
    """
    try:
        return _with_few_levels(tomllib.loads(text))
    except RecursionError:
        raise _too_deep() from None


def parse_json(text: str) -> Any:
    """Read JSON. Raises ValueError as `parse_toml`."""
    try:
        return _with_few_levels(json.loads(text))
    except RecursionError:
        raise _too_deep() from None


def levels_of(value: Any, most: int = MOST_LEVELS) -> int:
    """Count levels of mappings and sequences in one another; of more than `most`, say `most` + 1.

    Examples
    --------
    >>> levels_of(3), levels_of([{"a": []}])
    (0, 3)
    """
    level, here = 0, [value]
    while level <= most:
        nests = {id(one): one for one in here if isinstance(one, (Mapping, list, tuple))}.values()
        if not nests:
            return level
        level += 1
        here = [item for one in nests for item in (one.values() if isinstance(one, Mapping) else one)]
    return level


def _with_few_levels(value: Any) -> Any:
    if levels_of(value) > MOST_LEVELS:
        raise _too_deep()
    return value


def _too_deep() -> ValueError:
    return ValueError(f"it has more than {MOST_LEVELS} levels of tables and lists")
