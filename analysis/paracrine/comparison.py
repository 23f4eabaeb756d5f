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
from paracrine.measures import Measure, interval, measure
from paracrine.scenario import Scenario
from paracrine.study import Study
from paracrine.sweeping import sweep

RESAMPLES = 2000


@dataclasses.dataclass
class Comparison:
    """Arms compared with a control.

    Parameters
    ----------
    table : pandas.DataFrame
        Index: measure, arm. Columns: n (pairs), mean, difference to the control (mean of the pairs) with low and high (95 % interval of Student's t over
        the pairs), effect_size (Hedges' g: the difference in standard deviations between replicates, pooled over both arms and corrected for few replicates) with
        effect_low and effect_high (95 %, bootstrap over the pairs), correlation of the pairs (what the common seeds bring).
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

    Replicate i of every arm has the same seed, so that what the arms share varies together, and the interval of the differences is that of pairs.

    Parameters
    ----------
    scenario : Scenario or path
        What the arms share.
    arms : mapping of str to mapping
        From names to changes (as in `Scenario.with_`); the first is the control.
    measures : sequence of str or callable
        As in `Study.measure`.
    replicates : int
        Pairs; 2 at least.
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
    if isinstance(replicates, int) and replicates < 2:
        raise InputError("replicates: an interval needs two at least")
    study = sweep(scenario, listed(list(arms.values())), replicates=replicates, **options)
    names = list(arms)
    rows = {}
    for what in measures:
        values = measure(study, what)
        for number, name in enumerate(names):
            rows[str(values.name), name] = _against(
                values.values[number], values.values[0], np.random.default_rng(0)
            )
    table = pandas.DataFrame.from_dict(rows, orient="index")
    table.index = pandas.MultiIndex.from_tuples(list(rows), names=["measure", "arm"])
    return Comparison(table, names, study)


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
    return float(differences.mean() / spread * correction) if spread > 0 else float("nan")


def _against(arm: np.ndarray, control: np.ndarray, random: np.random.Generator) -> dict[str, float]:
    both = np.isfinite(arm) & np.isfinite(control)
    arm, control = arm[both], control[both]
    difference = arm - control
    mean, low, high = (float(value) for value in interval(difference))
    row = {
        "n": float(len(arm)),
        "mean": float(arm.mean()) if len(arm) else float("nan"),
        "difference": mean,
        "low": low,
        "high": high,
    }
    if len(arm) < 2:
        return {
            **row,
            "effect_size": float("nan"),
            "effect_low": float("nan"),
            "effect_high": float("nan"),
            "correlation": float("nan"),
        }
    picks = random.integers(0, len(arm), (RESAMPLES, len(arm)))
    sizes = np.array([effect_size(difference[pick], arm[pick], control[pick]) for pick in picks])
    sizes = sizes[np.isfinite(sizes)]
    ends = np.quantile(sizes, [0.025, 0.975]) if len(sizes) else (float("nan"), float("nan"))
    varies = arm.std() > 0 and control.std() > 0
    correlation = float(np.corrcoef(arm, control)[0, 1]) if varies else float("nan")
    return {
        **row,
        "effect_size": effect_size(difference, arm, control),
        "effect_low": float(ends[0]),
        "effect_high": float(ends[1]),
        "correlation": correlation,
    }
