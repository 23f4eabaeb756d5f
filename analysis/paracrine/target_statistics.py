"""Statistics of a series that experiments report: peaks, half-lives, what is left of a scar. Pure functions of times [d] and values."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

SECOND = 1 / 86400
NEVER = float("nan")


def at(time: np.ndarray, values: np.ndarray, when: float) -> float:
    """Read a series at a time, between rows on a line.

    Parameters
    ----------
    time, values : numpy.ndarray [time]
        Times [d] in order, and values.
    when : float
        Time [d].

    Returns
    -------
    float
        NaN outside the rows.

    Examples
    --------
    >>> at(np.array([0.0, 1.0]), np.array([2.0, 4.0]), 0.5)
    3.0
    """
    if not time[0] - SECOND <= when <= time[-1] + SECOND:
        return NEVER
    return float(np.interp(when, time, values))


def mean(time: np.ndarray, values: np.ndarray, start: float, stop: float) -> float:
    """Average over a window [d, d], each row by the time that it stands for (trapezoids); NaN where the window is not within the rows."""
    ends = at(time, values, start), at(time, values, stop)
    inside = (time > start) & (time < stop)
    rows = np.concatenate(([start], time[inside], [stop]))
    line = np.concatenate(([ends[0]], values[inside], [ends[1]]))
    return float(((line[1:] + line[:-1]) / 2 * np.diff(rows)).sum() / (stop - start))


def peak(time: np.ndarray, values: np.ndarray, after: float = 0.0) -> tuple[float, float]:
    """Find the largest value at or after a time [d]: its time [d] and itself. NaN where no row is that late."""
    late = np.flatnonzero(time >= after - SECOND)
    if not len(late):
        return NEVER, NEVER
    row = late[np.argmax(values[late])]
    return float(time[row]), float(values[row])


def excess_relative_to_peak(time: np.ndarray, values: np.ndarray, when: float) -> float:
    """Give what a series has above its first value, relative to the most that it had above it."""
    return ratio(at(time, values, when) - float(values[0]), peak(time, values)[1] - float(values[0]))


def crossing(time: np.ndarray, values: np.ndarray, level: float, after: float = 0.0) -> float:
    """Find when a series first rises to a level from below, at or after a time [d].

    Returns
    -------
    float
        Time [d], on the line between two rows; NaN if it never does.

    Examples
    --------
    >>> crossing(np.array([0.0, 1.0, 2.0]), np.array([5.0, 0.0, 4.0]), 2.0)
    1.5
    """
    late = time >= after - SECOND
    time, values = time[late], values[late] - level
    up = np.flatnonzero((values[:-1] < 0) & (values[1:] >= 0))
    if not len(up):
        return NEVER
    i = up[0]
    return float(time[i] - values[i] * (time[i + 1] - time[i]) / (values[i + 1] - values[i]))


def back_to_share_of_start(time: np.ndarray, values: np.ndarray, share: float) -> float:
    """Find when a series that fell is back to a share of its first value, after its lowest row: time [d], NaN if it never fell below or never comes back."""
    lowest = int(np.argmin(values))
    return crossing(time, values, share * float(values[0]), float(time[lowest]))


def to_share_of_loss(time: np.ndarray, values: np.ndarray, share: float) -> float:
    """Find when a series has got back a share of what it lost between its first and its lowest row: time [d]."""
    lowest = int(np.argmin(values))
    level = float(values[lowest]) + share * float(values[0] - values[lowest])
    return crossing(time, values, level, float(time[lowest])) if values[0] > values[lowest] else NEVER


def half_life(time: np.ndarray, values: np.ndarray, start: float, stop: float) -> float:
    """Fit a line to the logarithm between two times [d].

    Returns
    -------
    float
        Half-life [d]; NaN where it does not fall, or fewer than two rows are above 0.

    Examples
    --------
    >>> t = np.array([0.0, 1.0, 2.0])
    >>> round(half_life(t, 8 * 0.5**t, 0, 2), 6)
    1.0
    """
    rows = (time >= start - SECOND) & (time <= stop + SECOND) & (values > 0)
    if rows.sum() < 2:
        return NEVER
    slope = float(np.polyfit(time[rows], np.log(values[rows]), 1)[0])
    return float(np.log(2) / -slope) if slope < 0 else NEVER


def clearance(
    time: np.ndarray, values: np.ndarray, total: np.ndarray, dose: float, start: float, stop: float
) -> float:
    """Give an organ's clearance per 100 mL of plasma.

    What is not yet taken up falls at the rate k over the window; all organs together clear 100 k mL/min of 100 mL, and each its share of what all took up.

    Parameters
    ----------
    time, values, total : numpy.ndarray [time]
        Times [d]; taken up so far by the organ, and by all [1].
    dose : float
        What was given [1].
    start, stop : float
        Window of the fit [d, d].

    Returns
    -------
    float
        [mL/min per 100 mL plasma].
    """
    life_min = half_life(time, dose - total, start, stop) * 1440
    return 100 * float(np.log(2)) / life_min * ratio(float(values[-1]), float(total[-1]))


def coefficient_of_variation(values: np.ndarray) -> float:
    """Give the standard deviation between animals relative to their mean; NaN for fewer than two."""
    there = values[np.isfinite(values)]
    return ratio(float(there.std(ddof=1)), float(there.mean())) if len(there) > 1 else NEVER


def ratio(above: float, below: float) -> float:
    """Divide; NaN by 0."""
    return above / below if below != 0 else NEVER


@dataclasses.dataclass(frozen=True)
class Asked:
    """One series and what a row asks of it.

    Parameters
    ----------
    time, values : numpy.ndarray [time]
        Times [d] and values of the observable.
    other : numpy.ndarray [time]
        The same observable in the arm that it is compared with, at `other_time` [d]; empty without one.
    total : numpy.ndarray [time]
        What all organs took up; empty where not asked.
    when : tuple of float
        Time, or ends of the window [d]; empty where none is asked.
    level, dose, last_dose : float
        Of the row; dose [1] and last dose of the injury [d] of the experiment. NaN where there is none.
    """

    time: np.ndarray
    values: np.ndarray
    other_time: np.ndarray
    other: np.ndarray
    total: np.ndarray
    when: tuple[float, ...]
    level: float
    dose: float
    last_dose: float


@dataclasses.dataclass(frozen=True)
class Statistic:
    """A statistic that a target may name.

    Parameters
    ----------
    compute : callable
        From `Asked` to a number: times in d.
    kind : {"observable", "ratio", "time", "rate", "clearance"}
        What unit it has: that of the observable, 1, a time's, the observable's per d, mL/min per 100 mL plasma.
    needs : tuple of str
        Keys that the row must have (``at``, ``window`` for two times in ``at``, ``level``, ``against``, ``total``), and facts that the experiment must have
        (``dose``, ``last_dose``).
    """

    compute: Callable[[Asked], float]
    kind: str
    needs: tuple[str, ...] = ()


STATISTICS = {
    "value": Statistic(lambda a: at(a.time, a.values, *a.when), "observable", ("at",)),
    "change": Statistic(lambda a: at(a.time, a.values, *a.when) - float(a.values[0]), "observable", ("at",)),
    "mean": Statistic(lambda a: mean(a.time, a.values, *a.when), "observable", ("window",)),
    "mean relative to start": Statistic(
        lambda a: ratio(mean(a.time, a.values, *a.when), float(a.values[0])), "ratio", ("window",)
    ),
    "mean rate": Statistic(
        lambda a: (
            (at(a.time, a.values, a.when[1]) - at(a.time, a.values, a.when[0])) / (a.when[1] - a.when[0])
        ),
        "rate",
        ("window",),
    ),
    "peak": Statistic(lambda a: peak(a.time, a.values)[1], "observable"),
    "peak relative to start": Statistic(
        lambda a: ratio(peak(a.time, a.values)[1], float(a.values[0])), "ratio"
    ),
    "time of peak": Statistic(lambda a: peak(a.time, a.values)[0], "time"),
    "time of peak after last dose": Statistic(
        lambda a: peak(a.time, a.values, a.last_dose)[0] - a.last_dose, "time", ("last_dose",)
    ),
    "time of sign change after last dose": Statistic(
        lambda a: crossing(a.time, a.values, 0.0, a.last_dose) - a.last_dose, "time", ("last_dose",)
    ),
    "time back to share of start": Statistic(
        lambda a: back_to_share_of_start(a.time, a.values, a.level), "time", ("level",)
    ),
    "time to share of loss": Statistic(
        lambda a: to_share_of_loss(a.time, a.values, a.level), "time", ("level",)
    ),
    "relative to peak": Statistic(
        lambda a: ratio(at(a.time, a.values, *a.when), peak(a.time, a.values)[1]), "ratio", ("at",)
    ),
    "excess relative to peak": Statistic(
        lambda a: excess_relative_to_peak(a.time, a.values, *a.when), "ratio", ("at",)
    ),
    "relative to last dose": Statistic(
        lambda a: ratio(at(a.time, a.values, *a.when), at(a.time, a.values, a.last_dose)),
        "ratio",
        ("at", "last_dose"),
    ),
    "relative to arm": Statistic(
        lambda a: ratio(at(a.time, a.values, *a.when), at(a.other_time, a.other, *a.when)),
        "ratio",
        ("at", "against"),
    ),
    "mean relative to arm": Statistic(
        lambda a: ratio(mean(a.time, a.values, *a.when), mean(a.other_time, a.other, *a.when)),
        "ratio",
        ("window", "against"),
    ),
    "half-life": Statistic(lambda a: half_life(a.time, a.values, *a.when), "time", ("window",)),
    "share of dose": Statistic(
        lambda a: ratio(at(a.time, a.values, *a.when), a.dose), "ratio", ("at", "dose")
    ),
    "largest share of dose": Statistic(
        lambda a: ratio(peak(a.time, a.values)[1], a.dose), "ratio", ("dose",)
    ),
    "clearance per 100 mL plasma": Statistic(
        lambda a: clearance(a.time, a.values, a.total, a.dose, *a.when),
        "clearance",
        ("window", "total", "dose"),
    ),
    "coefficient of variation": Statistic(lambda a: at(a.time, a.values, *a.when), "ratio", ("at",)),
}
BETWEEN_ANIMALS = "coefficient of variation"
