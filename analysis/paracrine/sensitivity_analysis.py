"""Which inputs matter: one at a time (a tornado), elementary effects (Morris), shares of variance (Sobol)."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas

from paracrine.designs import Design, Range, listed, scaled
from paracrine.errors import InputError
from paracrine.measures import Measure, interval, measure
from paracrine.scenario import Scenario, as_scenario
from paracrine.study import Study
from paracrine.sweeping import sweep

if TYPE_CHECKING:
    from matplotlib.figure import Figure

METHODS = ("one_at_a_time", "morris", "sobol")


@dataclasses.dataclass
class Sensitivity:
    """How much each input matters.

    Parameters
    ----------
    method : {"one_at_a_time", "morris", "sobol"}
        How it was found.
    table : pandas.DataFrame
        Index: measure, input. One at a time: base, low, high (mean change from the base when the input is at that end), each with its 95 % interval over paired
        seeds (low_from, low_to, high_from, high_to). Morris: mu, mu_star and its 95 % half width mu_star_conf, sigma, per whole range. Sobol: S1, ST and their
        95 % half widths S1_conf, ST_conf. All: noise, the standard deviation between replicates of one point, in the unit of the measure.
    study : Study
        The runs.
    """

    method: str
    table: pandas.DataFrame
    study: Study

    def plot(self, what: str | None = None) -> Figure:
        """Draw one measure, the first when absent: a tornado, or bars with intervals."""
        from paracrine.charts import draw_sensitivity

        return draw_sensitivity(self, what)

    def _repr_html_(self) -> str:
        return str(self.table.to_html(float_format="{:.4g}".format))


def sensitivity(
    scenario: Scenario | str | os.PathLike[str],
    ranges: Mapping[str, Range],
    measures: Sequence[Measure],
    *,
    method: str = "one_at_a_time",
    size: int = 8,
    replicates: int = 1,
    design_seed: int = 0,
    **options: Any,
) -> Sensitivity:
    """Find out which inputs matter.

    Parameters
    ----------
    scenario : Scenario or path
        The base.
    ranges : mapping of str to (low, high) or (low, high, "log")
        From scenario paths to ends, as in `latin_hypercube`.
    measures : sequence of str or callable
        As in `Study.measure`.
    method : {"one_at_a_time", "morris", "sobol"}
        The last two need SALib (``pip install paracrine[sensitivity]``).
    size : int
        Morris: trajectories, each of as many runs as there are inputs, and one. Sobol: points (a power of two), each of as many runs as inputs, and two.
    replicates : int
        Runs per point; their mean is analysed.
    design_seed : int
        Of the sample.
    **options
        As in `sweep`.

    Returns
    -------
    Sensitivity

    Raises
    ------
    InputError
        No such method, SALib is not installed, a run failed, or what `sweep` refuses.
    """
    if method not in METHODS:
        raise InputError(f'method: there is no method "{method}"; there are {", ".join(METHODS)}')
    if not ranges:
        raise InputError("ranges: there is none")
    if method == "one_at_a_time":
        return _one_at_a_time(as_scenario(scenario), ranges, measures, replicates, options)
    sample, analyse = _salib(method)
    problem = {"num_vars": len(ranges), "names": list(ranges), "bounds": [[0.0, 1.0]] * len(ranges)}
    cube = sample(problem, size, design_seed)
    study = sweep(scenario, scaled(cube, ranges, method), replicates=replicates, **options)
    rows = {}
    for what in measures:
        values = _all_there(study, what)
        found = analyse(problem, cube, values.mean(axis=1))
        for number, path in enumerate(ranges):
            rows[_name(what), path] = {
                **{key: float(column[number]) for key, column in found.items()},
                "noise": _noise(values),
            }
    return Sensitivity(method, _table(rows), study)


def _one_at_a_time(
    base: Scenario,
    ranges: Mapping[str, Range],
    measures: Sequence[Measure],
    replicates: int,
    options: dict[str, Any],
) -> Sensitivity:
    points: list[dict[str, Any]] = [{}]
    for path, ends in ranges.items():
        edges = scaled(np.array([[0.0], [1.0 - 1e-15]]), {path: ends}, "ends")
        points += edges.points
    study = sweep(base, Design(listed(points).points, {}, "one_at_a_time"), replicates=replicates, **options)
    rows = {}
    for what in measures:
        values = _all_there(study, what)
        for number, path in enumerate(ranges):
            row = {"base": float(values[0].mean())}
            for end, point in (("low", 1 + 2 * number), ("high", 2 + 2 * number)):
                mean, lower, upper = interval(values[point] - values[0])
                row.update({end: float(mean), f"{end}_from": float(lower), f"{end}_to": float(upper)})
            rows[_name(what), path] = {**row, "noise": _noise(values)}
    return Sensitivity("one_at_a_time", _table(rows), study)


def _salib(method: str) -> tuple[Callable[..., np.ndarray], Callable[..., dict[str, Any]]]:
    """Sampling and analysis of SALib, as functions of (problem, size, seed) and (problem, points, values)."""
    try:
        import SALib.analyze.morris
        import SALib.analyze.sobol
        import SALib.sample.morris
        import SALib.sample.sobol
    except ImportError:
        raise InputError(
            f'method: "{method}" needs SALib: pip install SALib, or pip install "paracrine[sensitivity]"; "one_at_a_time" does without'
        ) from None
    if method == "morris":

        def effects(problem: dict[str, Any], points: np.ndarray, values: np.ndarray) -> dict[str, Any]:
            found = SALib.analyze.morris.analyze(problem, points, values, seed=0)
            return {key: found[key] for key in ("mu", "mu_star", "mu_star_conf", "sigma")}

        return (lambda problem, size, seed: SALib.sample.morris.sample(problem, size, seed=seed)), effects

    def shares(problem: dict[str, Any], points: np.ndarray, values: np.ndarray) -> dict[str, Any]:
        found = SALib.analyze.sobol.analyze(problem, values, calc_second_order=False, seed=0)
        return {key: found[key] for key in ("S1", "S1_conf", "ST", "ST_conf")}

    return (
        lambda problem, size, seed: SALib.sample.sobol.sample(
            problem, size, calc_second_order=False, seed=seed
        )
    ), shares


def _all_there(study: Study, what: Measure) -> np.ndarray:
    """Values [point, replicate]; refused when one is missing."""
    values = np.asarray(measure(study, what).values)
    missing = np.flatnonzero(~np.isfinite(values).all(axis=1))
    if len(missing):
        raise InputError(
            f"{_name(what)}: has no value at {len(missing)} of {len(values)} points, the first of them {study.design.points[missing[0]]}; see the failures of the study in {study.folder}"
        )
    return values


def _noise(values: np.ndarray) -> float:
    return float(np.sqrt(values.var(axis=1, ddof=1).mean())) if values.shape[1] > 1 else float("nan")


def _name(what: Measure) -> str:
    return what if isinstance(what, str) else getattr(what, "__name__", "measure")


def _table(rows: dict[tuple[str, str], dict[str, float]]) -> pandas.DataFrame:
    table = pandas.DataFrame.from_dict(rows, orient="index")
    table.index = pandas.MultiIndex.from_tuples(list(rows), names=["measure", "input"])
    return table
