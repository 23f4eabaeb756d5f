"""Treatments against a control, with the same seeds in all arms."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas

from paracrine.designs import listed
from paracrine.errors import InputError
from paracrine.measures import Measure, measure
from paracrine.quantities import whole
from paracrine.scenario import Scenario
from paracrine.study import Study
from paracrine.sweeping import sweep

LEAST_PAIRS = 4  # for an interval: of fewer it would say more about chance than about the arms
SAME = 1e-9  # differences that vary by less than this share of the mean do not vary
LEVEL = 0.95
FAR = 15.0  # of t: beyond it an approximation errs by less than 0.001 of the level
NAN = float("nan")


@dataclasses.dataclass
class Comparison:
    """Arms compared with a control.

    Parameters
    ----------
    table : pandas.DataFrame
        Index: measure, arm. Columns: n (pairs of runs with a common seed), mean, difference to the control (mean of the pairs) with low and high (95 %
        interval of Student's t over the pairs), effect_size (Hedges' g: the difference in standard deviations between replicates, pooled over both arms and
        corrected for few replicates) with effect_low and effect_high (95 %, from the noncentral t distribution), correlation of the pairs (what the common
        seeds bring), interval_from ("seeds", or empty where there is no interval), verdict ("higher", "lower", "equal" or "cannot be told"), note.
    arms : list of str
        The first is the control.
    study : Study
        The runs; point i is arm i.
    """

    table: pandas.DataFrame
    arms: list[str]
    study: Study

    def _repr_html_(self) -> str:
        return str(self.table.to_html(float_format="{:.4g}".format))


def compare(
    scenario: Scenario | str | os.PathLike[str],
    arms: Mapping[str, Mapping[str, Any]],
    measures: Sequence[Measure],
    *,
    replicates: int = 8,
    **options: Any,
) -> Comparison:
    """Run arms that differ in some keys, with the same seeds, and estimate what the difference makes.

    Replicate i of every arm has the same seed, so that what the arms share varies together, and the interval of the differences is that of pairs. Fewer than
    4 pairs give no interval.

    Parameters
    ----------
    scenario : Scenario or path
        What the arms share.
    arms : mapping of str to mapping
        From names to changes (as in `Scenario.with_`); the first is the control.
    measures : sequence of str or callable
        As in `Study.measure`.
    replicates : int
        Pairs; 2 at least, 4 at least for an interval.
    **options
        As in `sweep`.

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        Fewer than two arms or replicates, or what `sweep` refuses.
    """
    if not isinstance(arms, Mapping) or len(arms) < 2:
        raise InputError("arms: expected a control and one arm at least, as a mapping from names to changes")
    if whole("replicates", replicates) < 2:
        raise InputError("replicates: a comparison needs two at least, and 4 for an interval")
    study = sweep(scenario, listed(list(arms.values())), replicates=replicates, **options)
    return compared(study, list(arms), measures)


def compared(study: Study, arms: Sequence[str], measures: Sequence[Measure]) -> Comparison:
    """Compare the points of a study, which are arms, with the first of them."""
    rows = {}
    for what in measures:
        values = measure(study, what)
        for number, name in enumerate(arms):
            rows[str(values.name), name] = differences(values.values[number], values.values[0])
    table = pandas.DataFrame.from_dict(rows, orient="index")
    table.index = pandas.MultiIndex.from_tuples(list(rows), names=["measure", "arm"])
    return Comparison(table, list(arms), study)


def effect_size(differences: np.ndarray, arm: np.ndarray, control: np.ndarray) -> float:
    """Give Hedges' g.

    Parameters
    ----------
    differences, arm, control : numpy.ndarray [pair]
        Of one unit.

    Returns
    -------
    float
        Mean difference in pooled standard deviations, times 1 - 3 / (4 (2 n - 2) - 1); NaN where nothing varies.

    Examples
    --------
    >>> a, b = np.array([3.0, 4.0, 5.0]), np.array([1.0, 2.0, 3.0])
    >>> effect_size(a - b, a, b)
    1.6
    """
    spread = np.sqrt((arm.var(ddof=1) + control.var(ddof=1)) / 2)
    correction = 1 - 3 / (4 * (2 * len(arm) - 2) - 1)
    return float(differences.mean() / spread * correction) if spread > 0 else NAN


def effect_interval(
    differences: np.ndarray, arm: np.ndarray, control: np.ndarray, level: float = LEVEL
) -> tuple[float, float]:
    """Give the confidence interval of the difference in pooled standard deviations, for pairs.

    The t of the pairs, t = mean(d) sqrt(n) / sd(d), follows the noncentral t distribution; the ends of the interval of its noncentrality become effect sizes
    by the factor sd(d) / (sqrt(n) pooled sd).

    Parameters
    ----------
    differences, arm, control : numpy.ndarray [pair]
        Of one unit; all three vary.
    level : float
        Of confidence.

    Returns
    -------
    (float, float)

    Notes
    -----
    Algina, Keselman 2003, Educ Psychol Meas 63:537, doi:10.1177/0013164403256358.
    """
    n = len(differences)
    spread = np.sqrt((arm.var(ddof=1) + control.var(ddof=1)) / 2)
    standard_error = differences.std(ddof=1) / np.sqrt(n)
    t = float(differences.mean() / standard_error)
    low, high = (_noncentrality(t, n - 1, share) for share in ((1 + level) / 2, (1 - level) / 2))
    return float(low * standard_error / spread), float(high * standard_error / spread)


def _noncentrality(t: float, freedom: int, share: float) -> float:
    """Find the noncentrality at which a share of the distribution lies below t."""
    from scipy.optimize import brentq
    from scipy.stats import chi2, nct, norm

    if t < 0:
        return -_noncentrality(-t, freedom, 1 - share)
    # t = (noncentrality + normal) / root of (chi square / freedom): the distances of both parts add as squares, well for a large t.
    by_spread = t * (float(np.sqrt(chi2.ppf(1 - share, freedom) / freedom)) - 1)
    guess = float(t + np.copysign(np.hypot(by_spread, norm.ppf(share)), 0.5 - share))
    if t > FAR:
        return guess
    with np.errstate(divide="ignore"):  # of a probability that is 0 to the last digit
        return float(brentq(lambda about: nct.cdf(t, freedom, about) - share, guess - 5, guess + 5))


def differences(arm: np.ndarray, control: np.ndarray) -> dict[str, Any]:
    """Compare an arm with its control.

    Parameters
    ----------
    arm, control : numpy.ndarray [pair]
        Values of runs with common seeds; pairs with NaN are left out.

    Returns
    -------
    dict
        A row of the table of `Comparison`.

    Examples
    --------
    >>> row = differences(np.array([2.0, 3.0, 5.0]), np.array([1.0, 3.0, 3.0]))
    >>> row["difference"], row["low"], row["verdict"], row["note"]
    (1.0, nan, 'cannot be told', '3 pairs: no interval below 4')
    """
    from scipy import stats

    both = np.isfinite(arm) & np.isfinite(control)
    arm, control = arm[both], control[both]
    apart, n = arm - control, len(arm)
    row: dict[str, Any] = {
        "n": n,
        "mean": float(arm.mean()) if n else NAN,
        "difference": float(apart.mean()) if n else NAN,
        **dict.fromkeys(("low", "high", "effect_size", "effect_low", "effect_high", "correlation"), NAN),
        "interval_from": "",
        "verdict": "cannot be told",
        "note": "",
    }
    scale = SAME * float(np.abs([*arm, *control]).max()) if n else 0.0
    if n and np.abs(apart).max() <= scale:
        return {**row, "difference": 0.0, "verdict": "equal", "note": "the same in every pair"}
    if n < LEAST_PAIRS:
        return {**row, "note": f"{n} pair{'' if n == 1 else 's'}: no interval below {LEAST_PAIRS}"}
    if np.ptp(apart) <= scale:
        verdict = "higher" if row["difference"] > 0 else "lower"
        return {**row, "verdict": verdict, "note": "the difference does not vary between seeds: no interval"}
    ends = stats.ttest_1samp(apart, 0.0).confidence_interval(LEVEL)
    row |= {"low": float(ends.low), "high": float(ends.high), "interval_from": "seeds"}
    if row["low"] > 0 or row["high"] < 0:
        row["verdict"] = "higher" if row["low"] > 0 else "lower"
    if np.ptp(arm) > scale and np.ptp(control) > scale:
        low, high = effect_interval(apart, arm, control)
        row |= {"effect_size": effect_size(apart, arm, control), "effect_low": low, "effect_high": high}
        row["correlation"] = float(np.corrcoef(arm, control)[0, 1])
    else:
        row["note"] = "one arm does not vary between seeds: no effect size"
    return row
