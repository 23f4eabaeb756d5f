"""The standard picture of a fibrotic liver: from dose to scar over time, and one lobule at several times, for one run or several side by side."""

from __future__ import annotations

from collections.abc import Sequence

import h5py
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D

from paracrine.field_map import show_time
from paracrine.series import Series, _committed, _open, _text

# Okabe and Ito's colours.
BLUE, RED, GREEN, PINK, ORANGE, SKY, BLACK = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"
STYLES = ("-", "--", ":", "-.")

# Panels of the upper part: title, unit of the axis, and curves (variable, label, colour).
PANELS = (
    ("MSC products reach the liver", "vesicles per macrophage", (("ev_per_macrophage", "taken up so far", BLUE), ("macrophage_signal", "signal left", RED))),
    ("hepatocytes", "share of sites", (("hepatocyte_viable", "viable", GREEN), ("hepatocyte_necrotic", "necrotic", BLACK), ("hepatocyte_empty", "empty", SKY))),
    (
        "macrophages and neutrophils",
        "per hepatocyte site",
        (("macrophage_inflammatory", "inflammatory", RED), ("macrophage_restorative", "restorative", GREEN), ("neutrophil", "neutrophils", ORANGE)),
    ),
    (
        "stellate cells",
        "per hepatocyte site",
        (("hsc_quiescent", "quiescent", GREEN), ("hsc_activated", "activated", ORANGE), ("myofibroblast", "myofibroblasts", RED), ("hsc_inactivated", "inactivated", SKY)),
    ),
    ("cytokines in the tissue", "ng/mL", (("tgf_beta", "TGF-beta", RED), ("tnf", "TNF", ORANGE), ("pdgf", "PDGF", PINK), ("il10", "IL-10", GREEN), ("ccl2", "CCL2", BLUE))),
    ("collagenase and its inhibitor", "relative to health", (("mmp_activity", "MMP activity", GREEN), ("timp", "TIMP", RED))),
    ("scar", "share of tissue stained", (("collagen_area", "collagen area", BLACK),)),
    ("hydroxyproline", "ug/g", (("hydroxyproline", "all collagen", BLACK),)),
    ("ALT", "U/L", (("alt", "ALT", ORANGE),)),
)
MOST_TIMES = 5


def shows_liver(runs: Sequence[Series]) -> bool:
    """Whether all runs have a liver with tissue in it.

    Examples
    --------
    >>> shows_liver([])
    False
    """
    return bool(runs) and all("collagen_area" in run.variables for run in runs)


def draw_liver(runs: Sequence[Series], labels: Sequence[str]) -> Figure:
    """Draw the runs: curves over time on top, and below a row of one lobule for each run that recorded collagen.

    Parameters
    ----------
    runs : sequence of Series
        Each with `collagen_area`.
    labels : sequence of str
        What tells each run from the others.

    Returns
    -------
    matplotlib.figure.Figure
    """
    with_maps = [(run, label) for run, label in zip(runs, labels) if _map_times(run.path).size]
    figure = plt.figure(figsize=(14.0, 10.2 + 3.0 * len(with_maps)), layout="constrained")
    parts = figure.subfigures(1 + len(with_maps), 1, height_ratios=[9.8] + [3.2] * len(with_maps))
    parts = np.atleast_1d(parts)
    _draw_curves(parts[0], runs, labels)
    if with_maps:
        top = max(_largest(run.path) for run, _ in with_maps)
        for part, (run, label) in zip(parts[1:], with_maps):
            _draw_lobules(part, run, label, top)
    titles = list(dict.fromkeys(run.title for run in runs if run.title))
    figure.suptitle("   |   ".join(titles) or "liver", fontsize=13)
    return figure


def _draw_curves(part: SubFigure, runs: Sequence[Series], labels: Sequence[str]) -> None:
    grid = part.add_gridspec(4, 3, height_ratios=[1.0, 1.0, 1.0, 0.12])
    for place, (title, unit, curves) in enumerate(PANELS):
        axes = part.add_subplot(grid[place // 3, place % 3])
        largest = []
        for number, run in enumerate(runs):
            for name, label, colour in curves:
                if name not in run.variables:
                    continue
                values = run.variables[name].values
                largest.append(float(np.nanmax(np.abs(values), initial=0.0)))
                axes.plot(run.time_d, values, STYLES[number % len(STYLES)], color=colour, lw=1.3, label=label if number == 0 else None)
        if largest and max(largest) == 0.0:
            axes.text(0.5, 0.5, "none given", ha="center", va="center", color="0.4", transform=axes.transAxes)
        for run in runs:
            for event in run.events:
                axes.axvline(event.time_d, color="0.85" if event.meaning == "injury" else "0.4", lw=0.6 if event.meaning == "injury" else 1.0, zorder=0)
        axes.set_title(title, fontsize=10, loc="left", fontweight="bold")
        axes.set_ylabel(unit, fontsize=8)
        axes.set_xlabel("time [d]", fontsize=8)
        axes.set_xlim(0.0, max(run.time_d[-1] for run in runs))
        axes.set_ylim(bottom=0.0)
        axes.tick_params(labelsize=8)
        if len(curves) > 1:
            axes.legend(fontsize=7, framealpha=0.7, loc="upper right")
    handles = [Line2D([], [], color="0.2", linestyle=STYLES[number % len(STYLES)], label=label) for number, label in enumerate(labels)]
    handles += [Line2D([], [], color="0.85", lw=1.5, label="injury"), Line2D([], [], color="0.4", lw=1.0, label="dose or intervention")]
    _legend(part.add_subplot(grid[3, :]), handles)


def _legend(axes: Axes, handles: list[Line2D]) -> None:
    axes.set_axis_off()
    axes.legend(handles=handles, loc="center", ncols=len(handles), fontsize=9, frameon=False)


def _map_times(path: str) -> np.ndarray:
    """Times [d] of the recorded frames of collagen; none when it was not recorded."""
    with _open(path) as file:
        fields = file.get("fields")
        return _committed(fields["time"])[:] if fields is not None and "collagen" in fields else np.empty(0)


def _largest(path: str) -> float:
    with _open(path) as file:
        return max(float(np.nanmax(file["fields/collagen"][:, 0], initial=0.0)), 1e-9)


def _draw_lobules(part: SubFigure, run: Series, label: str, top: float) -> None:
    times = _map_times(run.path)
    chosen = np.unique(np.linspace(0, len(times) - 1, min(MOST_TIMES, len(times))).round().astype(int))
    grid = part.add_gridspec(2, MOST_TIMES, height_ratios=[1.0, 0.08])
    axes_row = [part.add_subplot(grid[0, place]) for place in range(MOST_TIMES)]
    part.suptitle(f"{label}: one lobule, collagen in colour, macrophages as dots, empty and necrotic sites as crosses", fontsize=10, x=0.01, ha="left")
    image = None
    with _open(run.path) as file:
        for axes, frame in zip(axes_row, chosen):
            image = _draw_lobule(axes, file, int(frame), float(times[frame]), top)
    for axes in axes_row[len(chosen) :]:
        axes.set_axis_off()
    if image is not None:
        part.colorbar(image, ax=list(axes_row), shrink=0.8, pad=0.01).set_label("collagen [mg/mL]", fontsize=8)
    handles = [
        Line2D([], [], color=RED, marker="o", ls="", ms=4, label="inflammatory"),
        Line2D([], [], color=GREEN, marker="o", ls="", ms=4, label="restorative"),
        Line2D([], [], color="0.6", marker=".", ls="", ms=4, label="Kupffer cell"),
        Line2D([], [], color="white", markeredgecolor="black", marker="X", ls="", ms=5, label="no hepatocyte"),
    ]
    _legend(part.add_subplot(grid[1, :]), handles)


def _draw_lobule(axes: Axes, file: h5py.File, frame: int, time_d: float, top: float):
    fields = file["fields"]
    inside = fields["mask"][0, 0] != 0
    values = np.where(inside, fields["collagen"][frame, 0, 0], np.nan)
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    values = values[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    spacing = float(fields["spacing"][0])
    half_x, half_y = 0.5 * values.shape[1] * spacing, 0.5 * values.shape[0] * spacing
    image = axes.imshow(values, origin="lower", extent=(-half_x, half_x, -half_y, half_y), cmap="cividis", vmin=0.0, vmax=top, interpolation="nearest")
    for kind, state, colour, marker, size in (
        ("macrophage", "kupffer", "0.6", ".", 1.5),
        ("macrophage", "inflammatory", RED, "o", 3.0),
        ("macrophage", "restorative", GREEN, "o", 3.0),
        ("hepatocyte", "empty", "white", "x", 3.0),
        ("hepatocyte", "necrotic", "white", "x", 3.0),
    ):
        places = _places(file, int(fields["patch"][0]), time_d, kind, state)
        axes.plot(places[:, 0], places[:, 1], marker, color=colour, ms=size, mew=0.6)
    axes.set_title(show_time(time_d), fontsize=9)
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])
    return image


def _places(file: h5py.File, patch: int, time_d: float, kind: str, state: str) -> np.ndarray:
    """Places [um] of the recorded agents of a kind in a state, in one patch; none when they were not recorded at that time."""
    nothing = np.empty((0, 2))
    group = file.get("agents")
    if group is None or "state" not in group:
        return nothing
    times, kinds = _committed(group["time"]), _text(group["kind"].attrs["flag_meanings"]).split()
    frame = np.flatnonzero(np.abs(times - time_d) < 0.5 / 86400)
    attributes = group["state"].attrs
    states = _text(attributes.get(f"flag_meanings_{kind}", attributes.get("flag_meanings", ""))).split()
    if len(frame) == 0 or kind not in kinds or state not in states:
        return nothing
    sizes = group["row_size"][: len(times)]
    first = int(sizes[: frame[0]].sum())
    rows = slice(first, first + int(sizes[frame[0]]))
    here = (group["patch"][rows] == patch) & (group["kind"][rows] == kinds.index(kind)) & (group["state"][rows] == states.index(state))
    return np.column_stack([group["x"][rows][here], group["y"][rows][here]])



