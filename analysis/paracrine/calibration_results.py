"""What a calibration found: an ensemble of fits of like quality, what is identified, what trades off."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from paracrine.free_parameters import Free

UNIFORM = 1.0 / math.sqrt(12.0)  # standard deviation of a share that is not known at all
TRADE_OFF = 0.6
BINS = 8
Values = Mapping[str, float]


@dataclasses.dataclass(frozen=True)
class Knowledge:
    """What the rows say of one parameter.

    Parameters
    ----------
    name, unit : str
        Of the parameter.
    low, median, high : float
        Over the ensemble [unit].
    width : float
        Standard deviation over the ensemble relative to that of the whole range: 1 where nothing was learnt.
    profile : list of (float, float)
        Value [unit], and the least loss that was found near it.
    """

    name: str
    unit: str
    low: float
    median: float
    high: float
    width: float
    profile: list[tuple[float, float]]

    @property
    def identified(self) -> bool:
        """Whether the ensemble is less than half as wide as the range."""
        return self.width < 0.5


def pick(members: np.ndarray, losses: np.ndarray, count: int, worse: float) -> np.ndarray:
    """Choose members of like quality that lie far from one another.

    Parameters
    ----------
    members : numpy.ndarray [set, parameter]
        Shares of the ranges.
    losses : numpy.ndarray [set]
        Theirs.
    count : int
        How many; fewer when fewer are good enough.
    worse : float
        By how much the loss may be above the least.

    Returns
    -------
    numpy.ndarray [member]
        Rows; the best first, then each time the one farthest from all chosen.

    Examples
    --------
    >>> pick(np.array([[0.0], [0.1], [1.0], [0.5]]), np.array([0.0, 0.1, 0.2, 9.0]), 2, 1.0)
    array([0, 2])
    """
    good = np.flatnonzero(losses <= losses.min() + worse)
    chosen = [int(good[np.argmin(losses[good])])]
    distance = np.linalg.norm(members[good] - members[chosen[0]], axis=1)
    while len(chosen) < min(count, len(good)) and distance.max() > 0:
        farthest = int(np.argmax(distance))
        chosen.append(int(good[farthest]))
        distance = np.minimum(distance, np.linalg.norm(members[good] - members[good[farthest]], axis=1))
    return np.array(chosen)


def most_central(members: np.ndarray) -> int:
    """Find the member with the least sum of distances to the others (the medoid).

    >>> most_central(np.array([[0.0], [0.4], [1.0]]))
    1
    """
    return int(np.argmin(np.linalg.norm(members[:, None, :] - members[None, :, :], axis=2).sum(axis=1)))


def knowledge(
    free: Sequence[Free], members: np.ndarray, looked_at: np.ndarray, losses: np.ndarray
) -> list[Knowledge]:
    """Say what is known of each parameter.

    Parameters
    ----------
    free : sequence of Free
        The parameters.
    members : numpy.ndarray [member, parameter]
        The ensemble, as shares.
    looked_at, losses : numpy.ndarray [set, parameter], [set]
        All sets that were looked at.
    """
    found = []
    for i, one in enumerate(free):
        low, median, high = np.quantile(members[:, i], [0.05, 0.5, 0.95])
        width = float(members[:, i].std(ddof=1) / UNIFORM) if len(members) > 1 else math.nan
        profile = []
        for k in range(BINS):
            inside = (looked_at[:, i] >= k / BINS) & (looked_at[:, i] <= (k + 1) / BINS)
            if inside.any():
                profile.append((one.value((k + 0.5) / BINS), float(losses[inside].min())))
        found.append(
            Knowledge(one.name, one.unit, one.value(low), one.value(median), one.value(high), width, profile)
        )
    return found


def trade_offs(free: Sequence[Free], members: np.ndarray) -> list[tuple[str, str, float]]:
    """Find pairs of parameters that go together over the ensemble.

    Returns
    -------
    list of (str, str, float)
        Names and rank correlation, the strongest first; below 0.6 none is named.
    """
    if len(members) < 4:
        return []
    ranks = np.argsort(np.argsort(members, axis=0), axis=0).astype(float)
    spread = ranks.std(axis=0) > 0
    found = []
    for i in range(len(free)):
        for j in range(i):
            if spread[i] and spread[j]:
                found.append((free[j].name, free[i].name, float(np.corrcoef(ranks[:, i], ranks[:, j])[0, 1])))
    return sorted((one for one in found if abs(one[2]) >= TRADE_OFF), key=lambda one: -abs(one[2]))


def effective_number(
    offsets: Callable[[Sequence[float]], Sequence[float]], centre: Sequence[float], step: float = 0.02
) -> tuple[float, list[float]]:
    """Count how many combinations of parameters the rows tell.

    With J the slopes of the rows' offsets (in half widths of their ranges) in the shares of the ranges, each row known to one half width and each share beforehand to that of a uniform one, the eigenvalues l of J^T J / 12 give

      n = sum of l / (l + 1)

    Parameters
    ----------
    offsets : callable
        From shares to the rows' offsets, NaN where there is none.
    centre : sequence of float
        Shares of the central member.
    step : float
        Of the differences.

    Returns
    -------
    n : float
    eigenvalues : list of float
        The largest first.

    Examples
    --------
    >>> n, _ = effective_number(lambda shares: [100.0 * shares[0], 0.0 * shares[1]], [0.5, 0.5])
    >>> round(n, 2)
    1.0
    """
    columns = []
    for i in range(len(centre)):
        up, down = list(centre), list(centre)
        up[i], down[i] = min(1.0, centre[i] + step), max(0.0, centre[i] - step)
        slope = (np.array(offsets(up)) - np.array(offsets(down))) / (up[i] - down[i])
        columns.append(np.where(np.isfinite(slope), slope, 0.0))
    slopes = np.array(columns).T
    eigenvalues = np.linalg.eigvalsh(slopes.T @ slopes * UNIFORM**2)[::-1]
    eigenvalues = np.maximum(eigenvalues, 0.0)
    return float((eigenvalues / (eigenvalues + 1.0)).sum()), [float(one) for one in eigenvalues]


def as_data(
    knowledge_of: Sequence[Knowledge],
    pairs: Sequence[tuple[str, str, float]],
    number: float,
    eigenvalues: Sequence[float],
) -> dict[str, Any]:
    """Give what is known as plain data for the file."""
    return {
        "parameters": [
            {
                "name": one.name,
                "unit": one.unit,
                "low": one.low,
                "median": one.median,
                "high": one.high,
                "width": one.width,
                "identified": one.identified,
                "profile": [[value, least] for value, least in one.profile],
            }
            for one in knowledge_of
        ],
        "trade_offs": [{"parameters": [a, b], "rank_correlation": r} for a, b, r in pairs],
        "effective_number": number,
        "eigenvalues": list(eigenvalues),
    }
