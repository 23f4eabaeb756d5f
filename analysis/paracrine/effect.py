"""What a treatment makes of one observable: the difference of two arms with its interval, said with what it comes from."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray

from paracrine.bundles import Bundle
from paracrine.comparison import LEVEL, differences
from paracrine.errors import FileError
from paracrine.field_map import show_time
from paracrine.measures import interval
from paracrine.results import Run
from paracrine.results import open as open_run


@dataclasses.dataclass
class Pairs:
    """Pairs of lobules or of runs, over time.

    Parameters
    ----------
    time_d : numpy.ndarray [row]
        Times that all have [d].
    arm, control : numpy.ndarray [pair, row]
        Values; means over the pairs are those of the arms.
    source : str
        What the pairs are.
    trouble : str
        Why there can be no interval; empty when there can.
    """

    time_d: np.ndarray
    arm: np.ndarray
    control: np.ndarray
    source: str
    trouble: str = ""

    def band(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Difference of the arms with its 95 % interval at each time."""
        return interval(self.arm - self.control, LEVEL, axis=0)


def lobule_table(run: Run, variable: str) -> xarray.DataArray | None:
    """A series per lobule [row, lobule]; None when the run has none."""
    try:
        found = run.lobules
    except FileError:
        return None
    return found[variable] if variable in found and found[variable].ndim == 2 else None


def lobule_weights(run: Run, pool: Sequence[Sequence[Any]]) -> np.ndarray:
    """What each lobule counts in the whole, of sum 1: a product of constants, each with its power."""
    found = run.lobules
    product = np.prod([found[name].values ** power for name, power in pool], axis=0)
    return np.asarray(product / product.sum())


def pairs_of(effect: Mapping[str, Any], bundles: Sequence[Bundle]) -> Pairs | None:
    """Find pairs in two bundles; None when there are not two.

    Of one pair of runs, lobules of one number are pairs, as the same seed gives them the same shape. Of many runs, those of one seed are.
    """
    if len(bundles) != 2:
        return None
    arms = [[open_run(run.path) for run in bundle.runs] for bundle in bundles]
    if len(arms[0]) == len(arms[1]) == 1:
        return _pairs_of_lobules(effect, arms[0][0], arms[1][0])
    return _pairs_of_runs(effect["variable"], arms[0], arms[1])


def sentence(effect: Mapping[str, Any], pairs: Pairs, names: Sequence[str]) -> str:
    """Say the effect at the end: both arms, their difference with its interval, from what; or that it cannot be told."""
    arm, control = (effect["scale"] * values[:, -1] for values in (pairs.arm, pairs.control))
    row = differences(arm, control)
    head = (
        f"{effect['name']} at {show_time(float(pairs.time_d[-1]))}: {arm.mean():.2f} {effect['unit']} in {names[0]}, "
        f"{control.mean():.2f} {effect['short']} in {names[1]}; "
    )
    if pairs.trouble or not np.isfinite([row["low"], row["high"]]).all():
        why = pairs.trouble or row["note"]
        same = row["verdict"] == "equal" and not pairs.trouble
        return head + (
            "no difference" if same else f"whether the difference is more than chance cannot be told: {why}"
        )
    from_what = f"95 % interval from {pairs.source}"
    if row["verdict"] == "cannot be told":
        return (
            head
            + f"difference {row['difference']:+.2f} ({row['low']:+.2f} to {row['high']:+.2f}) {effect['difference']}: "
            f"cannot be told from 0 ({from_what})"
        )
    low, high = sorted(abs(row[end]) for end in ("low", "high"))
    return head + (
        f"{abs(row['difference']):.2f} {effect['difference']} {row['verdict']} ({low:.2f} to {high:.2f}; {from_what})"
    )


def _pairs_of_lobules(effect: Mapping[str, Any], arm: Run, control: Run) -> Pairs:
    tables = [table for run in (arm, control) if (table := lobule_table(run, effect["variable"])) is not None]
    if len(tables) < 2:
        pooled = _pairs_of_runs(effect["variable"], [arm], [control])
        return dataclasses.replace(pooled, trouble="the runs keep no series of their lobules")
    times, rows = np.intersect1d(tables[0].time.values, tables[1].time.values), []
    for run, table in zip((arm, control), tables):
        kept = table.sel(time=times).transpose(..., "time").values
        share = lobule_weights(run, effect["pool"])
        mean = (share[:, None] * kept).sum(axis=0)
        rows.append(mean + len(share) * share[:, None] * (kept - mean))  # their mean is that of the whole
    count = len(rows[0])
    source = f"{count} lobules of one pair of runs"
    if len(rows[1]) != count or arm.attributes.get("seed") != control.attributes.get("seed"):
        which = "seeds" if len(rows[1]) == count else "numbers of lobules"
        means = [one.mean(axis=0, keepdims=True) for one in rows]
        return Pairs(
            times,
            means[0],
            means[1],
            source,
            f"the runs have different {which}, so that their lobules are no pairs",
        )
    return Pairs(times, rows[0], rows[1], source)


def _pairs_of_runs(variable: str, arm: Sequence[Run], control: Sequence[Run]) -> Pairs:
    by_seed = [{run.attributes.get("seed"): run.series[variable] for run in runs} for runs in (arm, control)]
    alone = len(arm) == len(control) == 1
    seeds = [] if alone else [seed for seed in by_seed[0] if seed in by_seed[1]]
    chosen = [[found[seed] for seed in seeds] if seeds else list(found.values()) for found in by_seed]
    times = chosen[0][0].time.values
    for series in (*chosen[0], *chosen[1]):
        times = np.intersect1d(times, series.time.values)
    rows = [np.array([series.sel(time=times).values for series in one]) for one in chosen]
    source = f"{len(seeds)} pairs of runs with a common seed"
    if seeds or alone:
        return Pairs(times, rows[0], rows[1], source)
    means = [one.mean(axis=0, keepdims=True) for one in rows]
    return Pairs(times, means[0], means[1], source, "no two runs of the arms have a common seed")


@dataclasses.dataclass
class Choice:
    """The lobule that is shown.

    Parameters
    ----------
    numbers : list of int
        Its number in each run.
    words : str
        How it was chosen.
    facts : list of str
        Of each run: its value at the end and that of the whole.
    """

    numbers: list[int]
    words: str
    facts: list[str]


def choose_lobule(effect: Mapping[str, Any], paths: Sequence[str | os.PathLike[str]], field: str) -> Choice:
    """Choose the lobule that stands for the whole: nearest to the mean over time, in all runs and in their difference.

    Parameters
    ----------
    effect : mapping
        Which observable, and what each lobule counts.
    paths : sequence of path
        Runs that recorded the field.
    field : str
        Lobules of which it was not recorded are not chosen.

    Returns
    -------
    Choice
    """
    runs = [open_run(path) for path in paths]
    recorded = [_numbers(run.fields[field]) for run in runs]
    tables = [lobule_table(run, effect["variable"]) for run in runs]
    if any(table is None for table in tables):
        return Choice(
            [int(numbers[0]) for numbers in recorded], "the first that was recorded", ["" for _ in runs]
        )
    known = [table for table in tables if table is not None]
    apart = [
        table.transpose(..., "time").values - _mean(run, table, effect) for run, table in zip(runs, known)
    ]
    alike = all(
        table.shape == known[0].shape and np.array_equal(_numbers(table), _numbers(known[0]))
        for table in known
    ) and all(np.array_equal(numbers, recorded[0]) for numbers in recorded)
    if alike:
        distance = sum((one**2).mean(axis=1) for one in apart)
        distance = distance + sum(((one - apart[0]) ** 2).mean(axis=1) for one in apart[1:])
        distances = [distance] * len(runs)
    else:
        distances = [(one**2).mean(axis=1) for one in apart]
    chosen, facts = [], []
    for run, table, numbers, distance in zip(runs, known, recorded, distances):
        own = _numbers(table)
        candidates = np.flatnonzero(np.isin(own, numbers))
        place = int(candidates[np.argmin(distance[candidates])])
        chosen.append(int(own[place]))
        here, whole = (
            effect["scale"] * float(values[-1])
            for values in (table.values[:, place], _mean(run, table, effect))
        )
        name = effect["name"].lower()
        facts.append(
            f"its {name} at the end is {here:.2f}, that of all {len(own)} is {whole:.2f} {effect['unit']}"
        )
    both = (
        " in both runs and in their difference" if len(runs) == 2 else " in all runs" if len(runs) > 2 else ""
    )
    return Choice(
        chosen,
        f"the nearest to the mean of all by its {effect['name'].lower()} over time{both if alike else ''}",
        facts,
    )


def _mean(run: Run, table: xarray.DataArray, effect: Mapping[str, Any]) -> np.ndarray:
    """Of the whole [row]."""
    return np.asarray(lobule_weights(run, effect["pool"]) @ table.transpose(..., "time").values)


def _numbers(table: xarray.DataArray) -> np.ndarray:
    """Numbers of the lobules: the coordinate of the dimension behind time."""
    dimension = next(name for name in table.dims if name != "time")
    return np.asarray(table[dimension].values)
