"""Study files: which scenario, what changes, how often."""

from __future__ import annotations

import dataclasses
import difflib
import os
from collections.abc import Mapping
from typing import Any

from paracrine.designs import Design, grid, latin_hypercube, listed, sobol
from paracrine.errors import InputError
from paracrine.files import read_toml
from paracrine.scenario import Scenario

SAMPLES = {"latin_hypercube": latin_hypercube, "sobol": sobol}
KEYS = {
    "title": str,
    "scenario": str,
    "replicates": int,
    "seed": int,
    "threads": int,
    "set": dict,
    "grid": dict,
    "points": list,
    "sample": dict,
}


@dataclasses.dataclass
class StudyFile:
    """What a study file says.

    Parameters
    ----------
    path : str
        The file.
    scenario : Scenario
        With the changes of ``[set]``.
    design : Design or None
        Of ``[grid]``, ``[[points]]`` or ``[sample]``.
    options : dict
        Of replicates, seed and threads those that are given.
    extra : dict
        The table that belongs to another command (``[sensitivity]``, ``[arms]``).
    more : dict
        Other keys of that command.
    """

    path: str
    scenario: Scenario
    design: Design | None
    options: dict[str, int]
    extra: dict[str, Any]
    more: dict[str, Any]


def read_study_file(
    path: str | os.PathLike[str], extra: str = "", more: Mapping[str, Any] | None = None
) -> StudyFile:
    """Read a study file.

    Parameters
    ----------
    path : path
        TOML: ``scenario`` (beside the file), ``replicates``, ``seed``, ``threads``, ``[set]`` for all points, and one of ``[grid]``, ``[[points]]``,
        ``[sample]`` (kind, size, seed, ``[sample.ranges]``).
    extra : str
        A table that is allowed as well, and then needed instead of a design.
    more : mapping of str to type, optional
        Other keys that are allowed.

    Returns
    -------
    StudyFile

    Raises
    ------
    InputError
        The file, or what it says, is wrong; the text says where.
    """
    name = os.fspath(path)
    said = read_toml(name)
    known = {**KEYS, **(more or {}), **({extra: dict} if extra else {})}
    check_keys(name, said, known)
    if "scenario" not in said:
        raise InputError(
            f'{name}: says no scenario, such as scenario = "mouse.toml" (its path is relative to this file)'
        )
    options: dict[str, int] = {key: said[key] for key in ("replicates", "seed", "threads") if key in said}
    base = Scenario.load(os.path.join(os.path.dirname(name), said["scenario"]), said.get("set", {}))
    given = [key for key in ("grid", "points", "sample") if key in said]
    if len(given) > 1 or (not given and not extra):
        raise InputError(
            f"{name}: needs exactly one of [grid], [[points]] and [sample]"
            + (f", has {' and '.join(given)}" if given else "")
        )
    if extra and extra not in said:
        raise InputError(f"{name}: needs the table [{extra}]")
    if extra and given:
        raise InputError(f"{name}: has {given[0]}, which does not belong beside [{extra}]")
    try:
        design = _design(said, given[0]) if given else None
    except InputError as problem:
        raise InputError(f"{name}: {problem}") from None
    own = {key: said[key] for key in more or {} if key in said}
    return StudyFile(name, base, design, options, said.get(extra, {}), own)


def check_keys(where: str, said: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    """Refuse keys that are not known, with the nearest one, and values of another type.

    Raises
    ------
    InputError
    """
    for key, value in said.items():
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            raise InputError(
                f'{where}: there is no key "{key}"; '
                + (f'did you mean "{near[0]}"?' if near else f"there are {', '.join(known)}")
            )
        if not isinstance(value, known[key]) or (known[key] is int and isinstance(value, bool)):
            words = {
                str: "a text",
                int: "a whole number",
                dict: "a table",
                list: "a list",
                (int, float): "a number",
            }
            raise InputError(f"{where}: {key}: expected {words[known[key]]}, got {value!r}")


def _design(said: Mapping[str, Any], kind: str) -> Design:
    if kind == "grid":
        return grid(flat(said["grid"]))
    if kind == "points":
        return listed([flat(point) for point in said["points"]])
    sample = said["sample"]
    check_keys("[sample]", sample, {"kind": str, "size": int, "seed": int, "ranges": dict})
    for key in ("kind", "size", "ranges"):
        if key not in sample:
            raise InputError(f"[sample]: says no {key}")
    if sample["kind"] not in SAMPLES:
        raise InputError(f'[sample]: there is no kind "{sample["kind"]}"; there are {", ".join(SAMPLES)}')
    return SAMPLES[sample["kind"]](flat(sample["ranges"]), sample["size"], sample.get("seed", 0))


def flat(table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Paths of a table, whether they were written "therapy.0.cells" or therapy.0.cells.

    >>> flat({"a.b": 1, "c": {"0": {"d": 2}}})
    {'a.b': 1, 'c.0.d': 2}
    """
    found: dict[str, Any] = {}
    for key, value in table.items():
        found.update(flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value})
    return found
