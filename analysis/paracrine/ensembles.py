"""Read a calibration and predict with its members."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Mapping

import numpy as np

from paracrine.errors import InputError
from paracrine.files import read_calibration
from paracrine.targets import DATA


def load_ensemble(path: str | os.PathLike[str] | None = None) -> dict[str, dict[str, object]]:
    """Read the parameter sets of a calibration, for `paracrine evidence --ensemble`, `sweep` and `predict`.

    Parameters
    ----------
    path : path, optional
        What `calibrate` wrote; the calibration that the defaults come from when absent.

    Returns
    -------
    dict of str to dict
        ``centre``, then ``member_0`` and so on: values by full names of parameters. Stages are fitted one after the other, so a member takes one of each: where a stage has fewer, they come round again.

    Raises
    ------
    InputError
        The file is no calibration.
    """
    name = os.fspath(path if path is not None else DATA / "calibration_3.json")
    centre, stages = read_calibration(name, "stages")
    try:
        members = [[one["parameters"] for one in stage["members"]] for stage in stages.values()]
        if not all(members):
            raise ValueError("a stage has no members")
        count = max(len(stage) for stage in members)
        joined = [
            {name: value for stage in members for name, value in stage[i % len(stage)].items()}
            for i in range(count)
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise InputError(f"{name}: is no calibration: {problem}") from None
    return {"centre": centre, **{f"member_{i}": {**centre, **one} for i, one in enumerate(joined)}}


@dataclasses.dataclass(frozen=True)
class Prediction:
    """What an ensemble says of one number.

    Parameters
    ----------
    centre, low, median, high : float
        Of the central member; 5 %, 50 % and 95 % of the members.
    values : tuple of float
        Of each member.
    """

    centre: float
    low: float
    median: float
    high: float
    values: tuple[float, ...]

    def share(self, sign: int) -> float:
        """Give the share of the members whose value has a sign, 1 or -1: of a difference between two arms, the share with the right direction."""
        return float(np.mean(np.sign(self.values) == sign))


def predict(
    measure: Callable[[Mapping[str, object]], float], ensemble: Mapping[str, Mapping[str, object]]
) -> Prediction:
    """Compute a number for every member of an ensemble.

    Parameters
    ----------
    measure : callable
        From changes of a scenario (``"parameters.NAME"`` to value) to a number: from a preview, say, or from a run.
    ensemble : mapping of str to mapping
        As `load_ensemble` gives it.

    Returns
    -------
    Prediction

    Examples
    --------
    >>> predict(lambda changes: changes["parameters.x"] - 2.0, {"centre": {"x": 3.0}, "member_0": {"x": 1.0}, "member_1": {"x": 4.0}}).share(1)
    0.5
    """
    found = {
        name: float(measure({f"parameters.{one}": value for one, value in changes.items()}))
        for name, changes in ensemble.items()
    }
    members = [value for name, value in found.items() if name != "centre"]
    low, median, high = (float(one) for one in np.quantile(members, [0.05, 0.5, 0.95]))
    return Prediction(found.get("centre", median), low, median, high, tuple(members))
