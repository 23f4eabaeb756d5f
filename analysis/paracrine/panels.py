"""Which variables share a panel, what stands beside it, and its vertical scale. Nothing here knows a variable by name."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from paracrine.series import Variable

MOST_LETTERS = 40  # of a curve's name in a legend
MOST_CURVES = 8  # in one panel; as many as there are colours


@dataclasses.dataclass
class Panel:
    """Variables that are drawn together.

    Parameters
    ----------
    title : str
        ``prefix_*``, ``*_suffix``, or the variable's name.
    names : list of str
        Of the variables; at most `MOST_CURVES`.
    labels : list of str
        What tells each from the others.
    unit : str
        Of all of them.
    """

    title: str
    names: list[str]
    labels: list[str]
    unit: str


def make_panels(variables: Mapping[str, Variable]) -> list[Panel]:
    """Group variables of one unit.

    Those share a panel that have the longest beginning of their names in common (whole words) and the first word of their meanings; of what is left, those with
    the same last word, then those of the same unit other than 1.

    Parameters
    ----------
    variables : mapping of str to Variable
        In the order in which panels are wanted.

    Returns
    -------
    list of Panel

    Examples
    --------
    >>> some = {name: Variable(name, None, "1", "") for name in ("a_b_x", "a_b_y", "a_c", "d_e", "f_e")}
    >>> [panel.title for panel in make_panels(some)]
    ['a_b_*', 'a_c', '*_e']
    """
    place = {name: number for number, name in enumerate(variables)}
    unit = {name: variable.unit for name, variable in variables.items()}
    family = {name: (variable.meaning.split() or [""])[0] for name, variable in variables.items()}
    panels: list[Panel] = []
    left = list(variables)

    def group(
        key: Callable[[str], tuple | None], name_of: Callable[[tuple], tuple[str, Callable[[str], str]]]
    ) -> None:
        groups: dict[tuple, list[str]] = {}
        for name in left:
            if (own := key(name)) is not None:
                groups.setdefault(own, []).append(name)
        for found, names in groups.items():
            if len(names) > 1:
                title, label = name_of(found)
                panels.append(Panel(title, names, [label(name) for name in names], found[1]))
                left[:] = [name for name in left if name not in names]

    def group_by_start(words: int) -> None:
        group(
            lambda name: (
                ("_".join(name.split("_")[:words]), unit[name], family[name])
                if name.count("_") >= words
                else None
            ),
            lambda found: (f"{found[0]}_*", lambda name: name.removeprefix(found[0] + "_")),
        )

    for words in range(max((name.count("_") for name in variables), default=0), 0, -1):
        group_by_start(words)
    group(
        lambda name: (name.rpartition("_")[2], unit[name]) if "_" in name else None,
        lambda found: (f"*_{found[0]}", lambda name: name.removesuffix("_" + found[0])),
    )
    group(
        lambda name: ("", unit[name]) if unit[name] != "1" else None,
        lambda found: (f"in {found[1]}", lambda name: name),
    )
    panels += [Panel(name, [name], [name], unit[name]) for name in left]
    pieces = [
        Panel(p.title, p.names[i : i + MOST_CURVES], p.labels[i : i + MOST_CURVES], p.unit)
        for p in panels
        for i in range(0, len(p.names), MOST_CURVES)
    ]
    return sorted(pieces, key=lambda panel: place[panel.names[0]])


def common_words(meanings: Sequence[str]) -> str:
    """The words that all meanings begin with and end with; of a single one, all of it.

    Examples
    --------
    >>> common_words(["cells in the left half", "cells in the right half"])
    'cells in the ... half'
    """
    lists = [meaning.split() for meaning in meanings]
    if not lists or len(set(meanings)) == 1:
        return meanings[0] if meanings else ""

    def shared(rows: list[list[str]]) -> list[str]:
        words = []
        for column in zip(*rows):
            if len(set(column)) > 1:
                break
            words.append(column[0])
        return words

    head = shared(lists)
    rest = [words[len(head) :] for words in lists]
    tail = shared([words[::-1] for words in rest])[::-1]
    fillers = {"in", "of", "the", "by", "to", "at", "from", "a", "per", "and", "with", "that", "are"}
    if not tail:
        while head and head[-1].lower() in fillers:
            head.pop()
    return " ".join([*head, *(["..."] if tail else []), *tail]).rstrip(",;:")


def proper_names(meanings: Sequence[str], labels: Sequence[str]) -> list[str]:
    """Name curves of a panel by what their meanings do not share; by their labels where that says nothing, the same twice or too much.

    Examples
    --------
    >>> proper_names(["viable MSC in lung", "viable MSC in liver"], ["lung", "liver"])
    ['lung', 'liver']
    >>> proper_names(["tumour necrosis factor in tissue", "interleukin 10 in tissue"], ["tnf", "il10"])
    ['tumour necrosis factor', 'interleukin 10']
    """
    head, _, tail = common_words(meanings).partition("...")
    if len(meanings) == 1:
        return list(meanings) if meanings[0] else list(labels)
    names = [
        meaning.removeprefix(head.strip()).removesuffix(tail.strip()).strip(" ,;") for meaning in meanings
    ]
    fillers = r"^(in|of|the|by|to|at|from|with)\s+(the\s+)?"
    names = [re.sub(fillers, "", name) for name in names]
    good = all(0 < len(name) <= MOST_LETTERS for name in names) and len(set(names)) == len(names)
    return names if good else list(labels)


def choose_scale(values: Sequence[np.ndarray], forced: str | None = None) -> tuple[str, float]:
    """Choose a linear axis, or one that is logarithmic but for a linear part around 0.

    What falls from a peak of a thousand or more by more than three decades, and curves whose peaks lie more than two decades apart, are not readable on a linear axis. What only
    grows is, however small it was at first.

    Parameters
    ----------
    values : sequence of numpy.ndarray
        The curves of one panel.
    forced : {"linear", "log"}, optional
        What the user wants.

    Returns
    -------
    tuple of str and float
        "linear" or "symlog", and where the linear part ends.
    """
    curves = [np.abs(v[np.isfinite(v)]) for v in map(np.ravel, values)]
    curves = [curve for curve in curves if np.any(curve > 0)]
    if forced == "linear" or not curves:
        return "linear", 0.0
    peaks = [float(curve.max()) for curve in curves]
    after = np.concatenate([curve[int(np.argmax(curve)) :] for curve in curves])
    top, bottom = max(peaks), float(after[after > 0].min())
    falls = top >= 1e3 and bottom < 1e-3 * top
    apart = min(peaks) < 1e-2 * top
    if forced is None and not falls and not apart:
        return "linear", 0.0
    if falls or (forced == "log" and top >= 1e3):
        return "symlog", max(1.0, 1e-8 * top, 0.1 * bottom)
    if top >= 1e3:
        return "symlog", max(0.01 * min(peaks), 1e-8 * top)
    return "symlog", max(bottom, 0.1 * min(peaks), 1e-8 * top)
