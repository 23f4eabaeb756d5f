"""The standard picture of a model's runs: curves over time, and one patch at several times, for one run or several side by side. What is in it is data (data/pictures.toml)."""

from __future__ import annotations

import importlib.resources
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

import h5py
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D

from paracrine.field_map import show_time
from paracrine.frames import Frames, agents_beside, field_frames
from paracrine.palette import LINES
from paracrine.series import Series, _committed, _open, _text

MOST_TIMES = 5
QUIET = "injury"  # events that come so often that their lines are light


def standard_picture(runs: Sequence[Series]) -> Mapping[str, Any] | None:
    """Find the picture that fits all runs, or None.

    Examples
    --------
    >>> standard_picture([]) is None
    True
    """
    text = (importlib.resources.files("paracrine") / "data/pictures.toml").read_text(encoding="utf-8")
    for picture in tomllib.loads(text)["picture"]:
        if runs and all(picture["needs"] in run.variables for run in runs):
            return dict(picture)
    return None


def draw_standard(picture: Mapping[str, Any], runs: Sequence[Series], labels: Sequence[str]) -> Figure:
    """Draw the runs: curves over time on top, and below one patch at several times for each run that recorded the field.

    Parameters
    ----------
    picture : mapping
        From `standard_picture`.
    runs : sequence of Series
        At least one.
    labels : sequence of str
        What tells each run from the others.

    Returns
    -------
    matplotlib.figure.Figure
    """
    field = picture["map"]["field"]
    mapped = [(run, label) for run, label in zip(runs, labels) if _map_times(run.path, field).size]
    figure = plt.figure(figsize=(14.0, 10.2 + 3.0 * len(mapped)), layout="constrained")
    parts = np.atleast_1d(figure.subfigures(1 + len(mapped), 1, height_ratios=[9.8] + [3.2] * len(mapped)))
    _draw_curves(parts[0], picture["panel"], runs, labels)
    if mapped:
        top = max(_largest(run.path, field) for run, _ in mapped)
        for part, (run, label) in zip(parts[1:], mapped):
            _draw_maps(part, picture["map"], run, label, top)
    titles = list(dict.fromkeys(run.title for run in runs if run.title))
    figure.suptitle("   |   ".join(titles), fontsize=13)
    return figure


def _draw_curves(
    part: SubFigure, panels: Sequence[Mapping[str, Any]], runs: Sequence[Series], labels: Sequence[str]
) -> None:
    rows = -(-len(panels) // 3)
    grid = part.add_gridspec(rows + 1, 3, height_ratios=[1.0] * rows + [0.12])
    for place, panel in enumerate(panels):
        axes = part.add_subplot(grid[place // 3, place % 3])
        largest = 0.0
        for number, run in enumerate(runs):
            for name, label, colour in panel["curves"]:
                if name in run.variables:
                    values = run.variables[name].values
                    largest = max(largest, float(np.nanmax(np.abs(values), initial=0.0)))
                    axes.plot(
                        run.time_d,
                        values,
                        LINES[number % len(LINES)],
                        color=colour,
                        lw=1.3,
                        label=label if number == 0 else None,
                    )
            for event in run.events:
                quiet = event.meaning == QUIET
                axes.axvline(
                    event.time_d, color="0.85" if quiet else "0.4", lw=0.6 if quiet else 1.0, zorder=0
                )
        if largest == 0.0 and "empty" in panel:
            axes.text(
                0.5, 0.5, panel["empty"], ha="center", va="center", color="0.4", transform=axes.transAxes
            )
        axes.set_title(panel["title"], fontsize=10, loc="left", fontweight="bold")
        axes.set_ylabel(panel["unit"], fontsize=8)
        axes.set_xlabel("time [d]", fontsize=8)
        axes.set_xlim(0.0, max(float(run.time_d[-1]) for run in runs) or 1.0)
        axes.set_ylim(bottom=0.0)
        axes.tick_params(labelsize=8)
        if len(panel["curves"]) > 1:
            axes.legend(fontsize=7, framealpha=0.7, loc="upper right")
    handles = [
        Line2D([], [], color="0.2", linestyle=LINES[number % len(LINES)], label=label)
        for number, label in enumerate(labels)
    ]
    handles += [
        Line2D([], [], color="0.85", lw=1.5, label=QUIET),
        Line2D([], [], color="0.4", lw=1.0, label="other events"),
    ]
    _legend(part.add_subplot(grid[rows, :]), handles)


def _legend(axes: Axes, handles: list[Line2D]) -> None:
    axes.set_axis_off()
    axes.legend(handles=handles, loc="center", ncols=len(handles), fontsize=9, frameon=False)


def _map_times(path: str, field: str) -> np.ndarray:
    """Times [d] of the recorded frames of a field; none when it was not recorded."""
    with _open(path) as file:
        recorded = field_frames(file)
        return _committed(recorded[0].time) if recorded and field in recorded[0].group else np.empty(0)


def _largest(path: str, field: str) -> float:
    with _open(path) as file:
        return max(float(np.nanmax(field_frames(file)[0].group[field][:, 0], initial=0.0)), 1e-9)


def _draw_maps(part: SubFigure, what: Mapping[str, Any], run: Series, label: str, top: float) -> None:
    times = _map_times(run.path, what["field"])
    chosen = np.unique(np.linspace(0, len(times) - 1, min(MOST_TIMES, len(times))).round().astype(int))
    grid = part.add_gridspec(2, MOST_TIMES, height_ratios=[1.0, 0.08])
    row = [part.add_subplot(grid[0, place]) for place in range(MOST_TIMES)]
    part.suptitle(f"{label}: {what['title']}", fontsize=10, x=0.01, ha="left")
    with _open(run.path) as file:
        images = [
            _draw_map(axes, file, what, int(frame), float(times[frame]), top)
            for axes, frame in zip(row, chosen)
        ]
    for axes in row[len(chosen) :]:
        axes.set_axis_off()
    part.colorbar(images[-1], ax=row, shrink=0.8, pad=0.01).set_label(what["label"], fontsize=8)
    handles = [
        Line2D(
            [],
            [],
            color=colour,
            marker="X" if marker == "x" else marker,
            markeredgecolor="black" if marker == "x" else colour,
            ls="",
            ms=5,
            label=words,
        )
        for _, _, colour, marker, _, words in what["agents"]
        if words
    ]
    _legend(part.add_subplot(grid[1, :]), handles)


def _draw_map(
    axes: Axes, file: h5py.File, what: Mapping[str, Any], frame: int, time_d: float, top: float
) -> AxesImage:
    recorded = field_frames(file)[0]
    fields = recorded.group
    inside = fields["mask"][0, 0] != 0
    values = np.where(inside, fields[what["field"]][frame, 0, 0], np.nan)
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    values = values[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    spacing = float(fields["spacing"][0])
    half_x, half_y = 0.5 * values.shape[1] * spacing, 0.5 * values.shape[0] * spacing
    image = axes.imshow(
        values,
        origin="lower",
        extent=(-half_x, half_x, -half_y, half_y),
        cmap="cividis",
        vmin=0.0,
        vmax=top,
        interpolation="nearest",
    )
    for kind, state, colour, marker, size, _ in what["agents"]:
        places = _places(agents_beside(file, recorded), int(recorded.homes()[0]), time_d, kind, state)
        axes.plot(places[:, 0], places[:, 1], marker, color=colour, ms=size, mew=0.6)
    axes.set_title(show_time(time_d), fontsize=9)
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])
    return image


def _places(recorded: Frames | None, patch: int, time_d: float, kind: str, state: str) -> np.ndarray:
    """Places [um] of the recorded agents of a kind in a state, in one patch; none when they were not recorded at that time."""
    nothing = np.empty((0, 2))
    if recorded is None or "state" not in recorded.group:
        return nothing
    group = recorded.group
    times, kinds = _committed(recorded.time), _text(group["kind"].attrs["flag_meanings"]).split()
    frame = np.flatnonzero(np.abs(times - time_d) < 0.5 / 86400)
    attributes = group["state"].attrs
    states = _text(attributes.get(f"flag_meanings_{kind}", attributes.get("flag_meanings", ""))).split()
    if len(frame) == 0 or kind not in kinds or state not in states:
        return nothing
    sizes = group["row_size"][: len(times)]
    first = int(sizes[: frame[0]].sum())
    rows = slice(first, first + int(sizes[frame[0]]))
    here = (
        (group["patch"][rows] == patch)
        & (group["kind"][rows] == kinds.index(kind))
        & (group["state"][rows] == states.index(state))
    )
    return np.column_stack([group["x"][rows][here], group["y"][rows][here]])
