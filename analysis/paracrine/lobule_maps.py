"""One lobule of a run at several times: a recorded field in colours, and the agents that were recorded at the same times."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray
from matplotlib.axes import Axes
from matplotlib.figure import SubFigure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D

from paracrine.errors import FileError
from paracrine.field_map import show_time
from paracrine.results import Run
from paracrine.results import open as open_run

MOST_TIMES = 9
SAME_TIME_D = 0.5 / 86400


def map_times(path: str, field: str) -> np.ndarray:
    """Times [d] of the recorded frames of a field; none when it was not recorded."""
    found = _fields(open_run(path))
    return found.time.values if found is not None and field in found else np.empty(0)


def largest(path: str, field: str) -> float:
    """Find the largest value of a field in the lowest layer of all lobules, without the highest thousandth."""
    values = open_run(path).fields[field].values[:, :, 0]
    there = values[np.isfinite(values)]
    return max(float(np.quantile(there, 0.999)) if there.size else 0.0, 1e-9)


def draw_maps(part: SubFigure, what: Mapping[str, Any], path: str, number: int, top: float) -> None:
    """Draw a lobule at several times side by side.

    Parameters
    ----------
    part : SubFigure
        Where.
    what : mapping
        Table `map` of a picture: field, label, agents.
    path : str
        Of the run.
    number : int
        Of the lobule.
    top : float
        Value at the end of the colours.
    """
    run = open_run(path)
    fields = run.fields
    dimension = fields[what["field"]].dims[1]
    row = int(np.flatnonzero(fields[dimension].values == number)[0])
    lobule = fields.isel({dimension: row})
    times = fields.time.values
    chosen = np.unique(np.linspace(0, len(times) - 1, min(MOST_TIMES, len(times))).round().astype(int))
    cells = list(part.subplots(1, MOST_TIMES))
    agents = _agents(run, int(fields["patch"].values[row]))
    for axes, frame in zip(cells, chosen):
        image = _draw_map(axes, lobule, what, int(frame), top)
        _draw_agents(axes, agents, what, float(times[frame]))
    for axes in cells[len(chosen) :]:
        axes.set_axis_off()
    part.colorbar(image, ax=cells, shrink=0.9, pad=0.01, extend="max").set_label(what["label"], fontsize=8)


def agent_handles(what: Mapping[str, Any]) -> list[Line2D]:
    """What stands in a legend of the agents."""
    return [_handle(one[2], one[3], one[5]) for one in what["agents"] if one[5]]


def _fields(run: Run) -> xarray.Dataset | None:
    try:
        return run.fields
    except FileError:
        return None


def _draw_map(
    axes: Axes, lobule: xarray.Dataset, what: Mapping[str, Any], frame: int, top: float
) -> AxesImage:
    inside = lobule["mask"].values[0] != 0
    values = np.where(inside, lobule[what["field"]].values[frame, 0], np.nan)
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    values = values[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    spacing = float(lobule["spacing"])
    half_x, half_y = 0.5 * values.shape[1] * spacing, 0.5 * values.shape[0] * spacing
    axes.set_title(show_time(float(lobule.time.values[frame])), fontsize=9)
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])
    return axes.imshow(
        values,
        origin="lower",
        extent=(-half_x, half_x, -half_y, half_y),
        cmap="cividis",
        vmin=0.0,
        vmax=top,
        interpolation="nearest",
    )


def _agents(run: Run, patch: int) -> xarray.Dataset | None:
    """The recorded agents of a patch; None when there are none, or they have no states or places."""
    try:
        found = run.agents
    except FileError:
        return None
    if not {"patch", "kind", "state", "x", "y"} <= set(found):
        return None
    kept = found[["patch", "kind", "state", "x", "y"]]
    return kept.isel(obs=np.flatnonzero(kept["patch"].values == patch))


def _draw_agents(axes: Axes, agents: xarray.Dataset | None, what: Mapping[str, Any], time_d: float) -> None:
    if agents is None:
        return
    now = np.abs(agents.obs_time.values - time_d) < SAME_TIME_D
    kinds = agents.kind.attrs.get("flag_meanings", "").split()
    for kind, state, colour, marker, size, _ in what["agents"]:
        notes = agents.state.attrs
        states = notes.get(f"flag_meanings_{kind}", notes.get("flag_meanings", "")).split()
        if kind not in kinds or state not in states:
            continue
        here = now & (agents.kind.values == kinds.index(kind)) & (agents.state.values == states.index(state))
        axes.plot(agents.x.values[here], agents.y.values[here], marker, color=colour, ms=size, mew=0.6)


def _handle(colour: str, marker: str, words: str) -> Line2D:
    cross = marker == "x"
    return Line2D(
        [],
        [],
        color=colour,
        marker="X" if cross else marker,
        markeredgecolor="black" if cross else colour,
        ls="",
        ms=5,
        label=words,
    )
