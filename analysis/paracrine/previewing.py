"""Previews: the mean-field twin of a scenario, in memory."""

from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING, Any

from paracrine.core import core
from paracrine.scenario import Scenario, as_scenario

if TYPE_CHECKING:
    import xarray


@dataclasses.dataclass
class Preview:
    """What `preview` gives: a run in memory.

    Attributes
    ----------
    scenario : Scenario
        What ran: the twin of what was asked for.
    series : xarray.Dataset
        The observables as in a run: dimension time [d]; float64, units in attribute ``units``. Bridging is NaN: without space nothing bridges it.
    notes : list of str
        What the model said at the end.
    status : str
        ``complete``.
    """

    scenario: Scenario
    series: xarray.Dataset
    notes: list[str]
    status: str = "complete"


def as_twin(scenario: Scenario | str | os.PathLike[str]) -> Scenario:
    """Make the mean-field twin of a scenario, for `run` and `sweep`: one well-mixed lobule in numbers of cells; time series are recorded, frames are not.

    Parameters
    ----------
    scenario : Scenario or path
        Any scenario of a model with lobules.

    Returns
    -------
    Scenario

    Raises
    ------
    InputError
        The scenario was refused.

    Examples
    --------
    >>> as_twin("scenarios/cirrhosis/mouse_ccl4_untreated.toml").get("numerics.method")
    'mean_field'
    """
    overrides = dict(item.split("=", 1) for item in core().preview_overrides())
    return as_scenario(scenario).with_(
        {path: [] if value == "[]" else value for path, value in overrides.items()}
    )


def preview(scenario: Scenario | str | os.PathLike[str]) -> Preview:
    """Follow the mean-field twin of a scenario in this process, without a file.

    Twelve weeks take about a tenth of a second. Where space matters (cells that gather, gradients, bridging) the lobules of a run differ from it; docs/models/cirrhosis.md says where.

    Parameters
    ----------
    scenario : Scenario or path
        What to preview.

    Returns
    -------
    Preview

    Raises
    ------
    InputError
        The scenario was refused.
    RunError
        A number was not finite, or a balance did not close.

    Examples
    --------
    >>> result = preview(Scenario.load("scenarios/cirrhosis/mouse_ccl4_untreated.toml", {"time.duration": "2 d"}))
    >>> bool(result.series.alt.max() > 1000)
    True
    """
    twin = as_twin(scenario)
    facts = core().rows_of(twin._core)
    return Preview(twin, _dataset(facts), [text for text, _ in facts["notes"]])


def _dataset(facts: dict[str, Any]) -> xarray.Dataset:
    import xarray

    variables = {
        name: (
            "time",
            values,
            {"units": unit, "long_name": meaning, **({"comment": comment} if comment else {})},
        )
        for name, unit, meaning, comment, values in facts["variables"]
    }
    return xarray.Dataset(
        variables, coords={"time": ("time", facts["time_d"], {"units": "d", "long_name": "time"})}
    )
