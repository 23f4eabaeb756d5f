"""Calibration: how far a parameter set is from what was measured, and the model's values by the mean-field twin."""

from __future__ import annotations

import contextlib
import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

import xarray

from paracrine.errors import RunError
from paracrine.experiments import Experiment
from paracrine.free_parameters import (
    CARRIERS,
    Effect,
    Free,
)
from paracrine.previewing import as_twin, preview
from paracrine.target_statistics import BETWEEN_ANIMALS
from paracrine.targets import Target, evaluate

WEIGHTS = {"A": 1.0, "B": 0.7, "C": 0.4}
MISSED = 3.0  # half widths that a row counts which the series never gives
INSIDE, PRIOR = (
    0.1,
    0.3,
)  # pull to the middle of a row's range; to the default, over the whole range of a parameter


def distance(target: Target, value: float) -> float:
    """Say how far a value is from the range of a row, in half widths of the range; 0 inside, `MISSED` where there is none.

    Where range and value are positive and the range spans more than a factor of two, widths are those of logarithms.

    Examples
    --------
    >>> row = Target("x", "delivery", "mouse", "", "", "value", 1, 3, "1", "A", "fit")
    >>> distance(row, 2.0), round(distance(row, 27.0), 9), distance(row, float("nan"))
    (0.0, 4.0, 3.0)
    """
    found = offset(target, value)
    return MISSED if math.isnan(found) else max(0.0, abs(found) - 1.0)


def loss(
    targets: Sequence[Target], values: Mapping[str, float], free: Sequence[Free], shares: Sequence[float]
) -> float:
    """Add up what is wrong with a parameter set: squares of the rows' distances by grade, a weak pull to the middle of the ranges and to the defaults.

    Returns
    -------
    float
        0 is perfect. Each row of grade A that lies one half width outside adds 1.
    """
    total = 0.0
    for target in targets:
        found = offset(target, values[target.id])
        inside = INSIDE * min(1.0, found * found) if math.isfinite(found) else INSIDE
        total += WEIGHTS[target.grade] * (distance(target, values[target.id]) ** 2 + inside)
    return total + sum(PRIOR * (share - one.share(one.default)) ** 2 for one, share in zip(free, shares))


def misfit(targets: Sequence[Target], values: Mapping[str, float]) -> float:
    """Add up the squares of the rows' distances by grade, and nothing else: 0 where every row lies in its range."""
    return sum(
        WEIGHTS[target.grade] * distance(target, values.get(target.id, math.nan)) ** 2 for target in targets
    )


def fit_rows(targets: Sequence[Target], experiments: Mapping[str, Experiment], stage: str) -> list[Target]:
    """Choose the rows of a stage that parameters are fitted to: use = fit, computed, not about the spread between animals."""
    return [
        one
        for one in targets
        if one.stage == stage
        and one.use == "fit"
        and not one.not_computed
        and one.statistic != BETWEEN_ANIMALS
    ]


class Twin:
    """The model's values of rows by the mean-field twin, for any parameter set.

    Parameters
    ----------
    targets : sequence of Target
        The rows.
    experiments : mapping of str to Experiment
        By name.
    """

    def __init__(self, targets: Sequence[Target], experiments: Mapping[str, Experiment]) -> None:
        self.targets = list(targets)
        needed = dict.fromkeys((target.experiment, arm) for target in targets for arm in target.arms)
        self._scenarios = {key: as_twin(experiments[key[0]].arms[key[1]]) for key in needed}
        self._known = {key: set(scenario.parameters().index) for key, scenario in self._scenarios.items()}

    def values(
        self, changes: Mapping[str, object], keys: Mapping[str, object] | None = None
    ) -> dict[str, float]:
        """Give each row's value [target.unit] with parameters changed.

        Parameters
        ----------
        changes : mapping of str to value
            From full names of parameters to values; what a model does not have is left out.
        keys : mapping of str to value, optional
            Other keys of all scenarios.

        Returns
        -------
        dict of str to float
            By id; NaN where the series never does what is asked, or where the twin fails.
        """
        series: dict[tuple[str, str], xarray.Dataset] = {}
        for key, scenario in self._scenarios.items():
            own = {
                **{
                    f"parameters.{name}": value for name, value in changes.items() if name in self._known[key]
                },
                **(keys or {}),
            }
            changed = scenario.with_(own) if own else scenario
            with contextlib.suppress(RunError):  # of one corner of the ranges; the search goes on
                series[key] = preview(changed).series
        there = {
            one.id: {arm: series[one.experiment, arm] for arm in one.arms if (one.experiment, arm) in series}
            for one in self.targets
        }
        return {
            one.id: evaluate(one, there[one.id]) if len(there[one.id]) == len(set(one.arms)) else math.nan
            for one in self.targets
        }


@dataclasses.dataclass(frozen=True)
class Anchor:
    """A parameter set that both agents and twin were run at.

    Parameters
    ----------
    shares : tuple of float
        The set, as shares of the ranges.
    agents, twin : mapping of str to float
        Values of the rows.
    """

    shares: tuple[float, ...]
    agents: Mapping[str, float]
    twin: Mapping[str, float]


def corrected(
    values: Mapping[str, float], anchors: Sequence[Anchor], shares: Sequence[float]
) -> dict[str, float]:
    """Shift the twin's values by what agents and twin differ in where both were run: by their ratio where both are positive, else by their difference.

    Anchors count by the inverse of their squared distance; at an anchor the agents' value comes out.

    Parameters
    ----------
    values : mapping of str to float
        Of the twin at a parameter set.
    anchors : sequence of Anchor
        Where both were run. Rows without a number in any are left as they are.
    shares : sequence of float
        The set.

    Returns
    -------
    dict of str to float

    Examples
    --------
    >>> found = corrected({"a": 3.0, "b": 1.0}, [Anchor((0.5,), {"a": 4.0, "b": -1.0}, {"a": 2.0, "b": 0.5})], [0.1])
    >>> {name: round(value, 9) for name, value in found.items()}
    {'a': 6.0, 'b': -0.5}
    """
    weights = [1.0 / (1e-9 + sum((a - b) ** 2 for a, b in zip(anchor.shares, shares))) for anchor in anchors]
    found = {}
    for name, value in values.items():
        pairs = [
            (anchor.agents.get(name, math.nan), anchor.twin.get(name, math.nan), weight)
            for anchor, weight in zip(anchors, weights)
        ]
        known = [
            (there, here, weight)
            for there, here, weight in pairs
            if math.isfinite(there) and math.isfinite(here)
        ]
        total = sum(weight for _, _, weight in known)
        if not known:
            found[name] = value
        elif value > 0 and all(there > 0 and here > 0 for there, here, _ in known):
            found[name] = value * math.exp(
                sum(weight * math.log(there / here) for there, here, weight in known) / total
            )
        else:
            found[name] = value + sum(weight * (there - here) for there, here, weight in known) / total
    return found


def changes_of(free: Sequence[Free], shares: Sequence[float]) -> dict[str, object]:
    """Give the parameters of a set by name, as scenarios take them."""
    return {one.name: one.text(one.value(share)) for one, share in zip(free, shares)}


def equal_effect(
    carrier: str, free: Free, effect: Effect, twin: Twin, changes: Mapping[str, object]
) -> dict[str, Any]:
    """Bring one carrier alone, the others off, to an effect.

    Parameters
    ----------
    carrier : {"ev", "soluble", "efferocytosis"}
        Which.
    free : Free
        The parameter that moves, within its range.
    effect : Effect
        The row that measures it, and what is wanted: a convention, not a finding.
    twin : Twin
        Of that row.
    changes : mapping of str to value
        Of all other parameters.

    Returns
    -------
    dict
        ``parameter``, ``value`` [``unit``], ``effect`` at it, ``reached``: whether the effect is met to 0.005; else the nearest that the range allows.
    """
    alone = {f"mechanism.{one}": one == carrier for one in CARRIERS}

    def at(share: float) -> float:
        return twin.values({**changes, free.name: free.text(free.value(share))}, alone)[effect.row]

    ends = {share: at(share) for share in (0.0, 1.0)}
    low, high = sorted(ends, key=lambda share: ends[share])  # where the number is least, and most
    if not ends[low] <= effect.wanted <= ends[high]:
        share = min(ends, key=lambda one: abs(ends[one] - effect.wanted))
        return {
            "parameter": free.name,
            "value": free.value(share),
            "unit": free.unit,
            "effect": ends[share],
            "reached": False,
        }
    middle, found = low, ends[low]
    for _ in range(20):
        middle = 0.5 * (low + high)
        found = at(middle)
        low, high = (middle, high) if found < effect.wanted else (low, middle)
        if abs(found - effect.wanted) < 0.002:
            break
    return {
        "parameter": free.name,
        "value": free.value(middle),
        "unit": free.unit,
        "effect": found,
        "reached": bool(abs(found - effect.wanted) < 0.005),
    }


def offset(target: Target, value: float) -> float:
    """Say where a value lies: -1 and 1 at the ends of the range of a row, 0 in the middle; NaN for NaN."""
    low, high = target.low, target.high
    if not math.isfinite(value):
        return math.nan
    if low > 0 and high > 2 * low:
        if not value > 0:
            return -math.inf if value < 0 else -MISSED - 1.0
        low, high, value = math.log(low), math.log(high), math.log(value)
    half = 0.5 * (high - low) or 0.05 * abs(high) or 1.0
    return max(-50.0, min(50.0, (value - 0.5 * (low + high)) / half))
