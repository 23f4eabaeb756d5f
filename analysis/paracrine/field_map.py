"""A recorded field over one lobule, seen along its vein, with the agents that were recorded there at the same time."""

from __future__ import annotations

import dataclasses
import re

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure

from paracrine.errors import FileError
from paracrine.frames import Frames, agents_beside, field_frames
from paracrine.lettering import add_legend, literal, shown
from paracrine.series import _check_kind, _committed, _open, _text

SECONDS = {
    "s": 1,
    "min": 60,
    "h": 3600,
    "d": 86400,
    "day": 86400,
    "days": 86400,
    "week": 604800,
    "weeks": 604800,
}


@dataclasses.dataclass
class FieldMap:
    """One field over one lobule at one time.

    Parameters
    ----------
    path, title : str
        The file, and the run's title.
    field, unit, meaning : str
        As in the file.
    lobule : int
        Its number.
    time_d : float
        When [d].
    values : numpy.ndarray [y, x]
        In `unit`, means over the layers, NaN outside the tissue.
    zone : numpy.ndarray [y, x]
        0 where blood enters, 1 where it leaves; empty when the file has none.
    spacing_um : float
        Edge of a voxel [um].
    layers : int
        Of voxels, over which means were taken.
    agents : dict of str to numpy.ndarray [agent, 2]
        Places of the recorded agents by kind, x and y from the middle of the lobule [um].
    """

    path: str
    title: str
    field: str
    unit: str
    meaning: str
    lobule: int
    time_d: float
    values: np.ndarray
    zone: np.ndarray
    spacing_um: float
    layers: int
    agents: dict[str, np.ndarray]


def parse_time(text: str) -> float:
    """Read a time such as ``6 h``.

    Parameters
    ----------
    text : str
        A number and a unit.

    Returns
    -------
    float
        Time [d].

    Raises
    ------
    FileError
        It is none.

    Examples
    --------
    >>> parse_time("36 h")
    1.5
    """
    found = re.fullmatch(r"\s*([0-9.]+(?:[eE][+-]?[0-9]+)?)\s*([a-z]+)\s*", text)
    try:
        if found and found[2] in SECONDS:
            return float(found[1]) * SECONDS[found[2]] / 86400
    except ValueError:
        pass
    raise FileError(f'--at: expected a time with its unit (such as "6 h"), got "{text}"')


def show_time(time_d: float) -> str:
    """Write a time for people.

    Examples
    --------
    >>> show_time(0.25), show_time(14.0)
    ('6 h', '14 d')
    """
    return f"{time_d * 24:.6g} h" if time_d <= 3.0 else f"{time_d:.6g} d"


def read_map(path: str, lobule: int, field: str | None = None, at: str | None = None) -> FieldMap:
    """Read one frame of one field over one lobule.

    Parameters
    ----------
    path : str
        RUN.h5, or RUN.h5.part of a run that is going on, was stopped or was killed.
    lobule : int
        Its number in the file.
    field : str, optional
        Its name; the first in the file when absent.
    at : str, optional
        A time with its unit; the last recorded one when absent.

    Returns
    -------
    FieldMap

    Raises
    ------
    FileError
        No such file, no fields in it, no such field, lobule or time.
    """
    with _open(path) as file:
        _check_kind(path, file)
        recorded = field_frames(file)
        times = _committed(recorded[0].time) if recorded else np.empty(0)
        if len(times) == 0:
            raise FileError(
                f"{path}: has no map of any field; record one by output.fields and output.fields_every"
            )
        fields = recorded[0].group
        names = [name for name, item in fields.items() if item.ndim == 5]
        field = names[0] if field is None else field
        if field not in names:
            raise FileError(f'{path}: expected one of the recorded fields {", ".join(names)}, got "{field}"')
        numbers = [int(number) for number in recorded[0].numbers()]
        if lobule not in numbers:
            raise FileError(f"{path}: expected a lobule from {numbers[0]} to {numbers[-1]}, got {lobule}")
        row, frame = numbers.index(lobule), _frame(path, times, at)
        inside = fields["mask"][row] != 0
        values = np.where(inside, fields[field][frame, row], np.nan)
        keep = np.ix_(inside.any(axis=(0, 2)), inside.any(axis=(0, 1)))
        zone = fields["zone"][row][0][keep] if "zone" in fields else np.empty((0, 0))
        layers = int(inside.any(axis=(1, 2)).sum())
        attributes = fields[field].attrs
        return FieldMap(
            path=path,
            title=_text(file.attrs.get("title", "")),
            field=field,
            unit=_text(attributes.get("units", "1")),
            meaning=_text(attributes.get("long_name", "")),
            lobule=lobule,
            time_d=float(times[frame]),
            values=_mean_of_layers(values)[keep],
            zone=zone,
            spacing_um=float(fields["spacing"][row]),
            layers=layers,
            agents=_agents(
                agents_beside(file, recorded[0]), int(recorded[0].homes()[row]), float(times[frame])
            ),
        )


def draw_map(field_map: FieldMap, scale: str | None = None) -> Figure:
    """Draw a map: the hexagon in colours, the agents as dots, and thin lines where blood has gone a third and two thirds of its way.

    Parameters
    ----------
    field_map : FieldMap
        What to draw.
    scale : {"linear", "log"}, optional
        Of the colours; linear when absent.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(figsize=(7.6, 6.8), layout="constrained")
    rows, columns = field_map.values.shape
    half_x, half_y = 0.5 * columns * field_map.spacing_um, 0.5 * rows * field_map.spacing_um
    positive = field_map.values[field_map.values > 0]
    top = float(np.nanmax(field_map.values, initial=0.0))
    norm = (
        LogNorm(float(positive.min()), float(positive.max()) * 1.0001)
        if scale == "log" and len(positive)
        else Normalize(min(0.0, float(np.nanmin(field_map.values))), top or 1.0)
    )
    colours = plt.get_cmap("cividis").copy()
    colours.set_bad("white")
    image = axes.imshow(
        field_map.values,
        origin="lower",
        extent=(-half_x, half_x, -half_y, half_y),
        cmap=colours,
        norm=norm,
        interpolation="nearest",
    )
    bar = figure.colorbar(image, ax=axes, shrink=0.85)
    bar.set_label(shown(f"{field_map.field} [{field_map.unit}]", 60), fontsize=9)
    if scale != "log":
        bar.formatter.set_powerlimits((-2, 4))
        bar.formatter.set_useMathText(True)
    _draw_thirds(axes, field_map)
    for number, (kind, places) in enumerate(field_map.agents.items()):
        axes.plot(
            places[:, 0],
            places[:, 1],
            "os^D"[number % 4],
            ms=4,
            mfc="white",
            mec="black",
            mew=0.7,
            label=shown(f"{kind} ({len(places)})"),
        )
    axes.set_aspect("equal")
    axes.set_xlabel("x [um]", fontsize=9)
    axes.set_ylabel("y [um]", fontsize=9)
    axes.tick_params(labelsize=8)
    layers = f", mean of {field_map.layers} layers" if field_map.layers > 1 else ""
    axes.set_title(
        f"lobule {field_map.lobule} at {show_time(field_map.time_d)}{layers}\n{shown(field_map.meaning, 90)}",
        fontsize=9,
        loc="left",
    )
    figure.suptitle(shown(field_map.title, 70), fontsize=11)
    if handles := axes.get_legend_handles_labels()[0]:
        add_legend(figure, handles, loc="lower center", ncols=3, fontsize=8, frameon=False)
        figure.get_layout_engine().set(rect=(0.0, 0.05, 1.0, 0.95))
    return literal(figure)


def _draw_thirds(axes: Axes, field_map: FieldMap) -> None:
    if not np.isfinite(field_map.zone).any():
        return
    rows, columns = field_map.zone.shape
    x = (np.arange(columns) + 0.5 - 0.5 * columns) * field_map.spacing_um
    y = (np.arange(rows) + 0.5 - 0.5 * rows) * field_map.spacing_um
    axes.contour(
        x, y, field_map.zone, levels=[1 / 3, 2 / 3], colors="white", linewidths=0.9, linestyles=[":", "--"]
    )
    axes.plot([], [], ":", color="0.5", lw=0.9, label="a third of the blood's way")
    axes.plot([], [], "--", color="0.5", lw=0.9, label="two thirds")


def _frame(path: str, times: np.ndarray, at: str | None) -> int:
    if at is None:
        return len(times) - 1
    near = np.flatnonzero(np.abs(times - parse_time(at)) < 0.5 / 86400)
    if len(near) == 0:
        known = [show_time(time) for time in times]
        listed = ", ".join(known) if len(known) <= 8 else ", ".join([*known[:4], "...", known[-1]])
        raise FileError(f'{path}: has no map at "{at}"; there are maps at {listed}')
    return int(near[0])


def _mean_of_layers(values: np.ndarray) -> np.ndarray:
    there = np.isfinite(values)
    count = there.sum(axis=0)
    return np.where(count > 0, np.where(there, values, 0.0).sum(axis=0) / np.maximum(count, 1), np.nan)


def _agents(recorded: Frames | None, patch: int, time_d: float) -> dict[str, np.ndarray]:
    """Places of the agents of a patch, by kind; none when no frame of agents was written at that time, or agents have no places."""
    if recorded is None or not {"row_size", "patch", "kind", "x", "y"} <= set(recorded.group):
        return {}
    group, times = recorded.group, _committed(recorded.time)
    frame = np.flatnonzero(np.abs(times - time_d) < 0.5 / 86400)
    if len(frame) == 0:
        return {}
    sizes = group["row_size"][: len(times)]
    first = int(sizes[: frame[0]].sum())
    rows = slice(first, first + int(sizes[frame[0]]))
    x, y, kind, home = (group[name][rows] for name in ("x", "y", "kind", "patch"))
    words = _text(group["kind"].attrs.get("flag_meanings", "")).split()
    here = (home == patch) & np.isfinite(x) & np.isfinite(y)
    return {
        word: np.column_stack([x[here & (kind == code)], y[here & (kind == code)]])
        for code, word in enumerate(words)
        if np.any(here & (kind == code))
    }
