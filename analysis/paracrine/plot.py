"""Draws the time series of one or several runs as one picture of small panels: the command ``paracrine plot``."""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
from collections.abc import Sequence

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402
from matplotlib.axes import Axes  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402
from matplotlib.lines import Line2D  # noqa: E402

from paracrine.series import FileError, Series, Variable, read_series, select  # noqa: E402

# Okabe and Ito's colours, which people with any common colour vision tell apart.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442")
LINES = ("-", "--", ":", "-.")
MARKERS = ("v", "s", "D", "o", "^", "P", "X", "*")
FORMATS = (".png", ".svg", ".pdf")


@dataclasses.dataclass
class Panel:
    """Variables that are drawn together.

    Parameters
    ----------
    title : str
        ``prefix_*``, or the variable's name.
    names : list of str
        Of the variables; at most as many as there are colours.
    labels : list of str
        What tells each from the others.
    unit : str
        Of all of them.
    """

    title: str
    names: list[str]
    labels: list[str]
    unit: str


def group_by_prefix(units: dict[str, str]) -> list[Panel]:
    """Group variables that share all words of their names but the last, and the unit; what is left over joins by first word, then by unit.

    Parameters
    ----------
    units : dict of str to str
        Unit of each variable, in the order in which panels are wanted.

    Returns
    -------
    list of Panel

    Examples
    --------
    >>> [panel.title for panel in group_by_prefix({"a_b_x": "1", "a_b_y": "1", "c": "d"})]
    ['a_b_*', 'c']
    """
    place = {name: number for number, name in enumerate(units)}
    panels: list[Panel] = []
    left = dict(units)
    for key in (lambda name: name.rpartition("_")[0], lambda name: name.partition("_")[0]):
        groups: dict[tuple[str, str], list[str]] = {}
        for name, unit in left.items():
            groups.setdefault((key(name), unit), []).append(name)
        for (prefix, unit), names in groups.items():
            if prefix and len(names) > 1:
                labels = [name.removeprefix(prefix).lstrip("_") or name for name in names]
                panels.append(Panel(f"{prefix}_*", names, labels, unit))
                for name in names:
                    del left[name]
    by_unit: dict[str, list[str]] = {}
    for name, unit in left.items():
        by_unit.setdefault(unit if unit != "1" else name, []).append(name)
    panels += [Panel(", ".join(names) if len(names) < 4 else f"in {units[names[0]]}", names, names, units[names[0]]) for names in by_unit.values()]
    size = len(COLOURS)
    pieces = [Panel(p.title, p.names[i : i + size], p.labels[i : i + size], p.unit) for p in panels for i in range(0, len(p.names), size)]
    return sorted(pieces, key=lambda panel: place[panel.names[0]])


def common_words(meanings: Sequence[str]) -> str:
    """The words that all meanings begin with and end with; of a single one, all of it.

    Examples
    --------
    >>> common_words(["cells in the left half", "cells in the right half"])
    'cells in the ... half'
    """
    lists = [meaning.split() for meaning in meanings]
    if not lists or len(set(meanings)) == 1:
        return meanings[0] if meanings else ""

    def shared(rows: list[list[str]]) -> list[str]:
        words = []
        for column in zip(*rows):
            if len(set(column)) > 1:
                break
            words.append(column[0])
        return words

    head = shared(lists)
    rest = [words[len(head) :] for words in lists]
    tail = shared([words[::-1] for words in rest])[::-1]
    fillers = {"in", "of", "the", "by", "to", "at", "from", "a", "per", "and", "with", "that", "are"}
    if not tail:
        while head and head[-1].lower() in fillers:
            head.pop()
    return " ".join([*head, *(["..."] if tail else []), *tail]).rstrip(",;:")


def choose_scale(values: Sequence[np.ndarray], forced: str | None = None) -> tuple[str, float]:
    """Choose a linear axis, or one that is logarithmic but for a linear part around 0.

    Counts that run over more than three decades, and curves whose peaks lie more than two decades apart, are not readable on a linear axis.

    Parameters
    ----------
    values : sequence of numpy.ndarray
        The curves of one panel.
    forced : {"linear", "log"}, optional
        What the user wants.

    Returns
    -------
    tuple of str and float
        "linear" or "symlog", and where the linear part ends.
    """
    size = np.abs(np.concatenate([np.ravel(v) for v in values])) if values else np.empty(0)
    size = size[np.isfinite(size) & (size > 0)]
    if forced == "linear" or len(size) == 0:
        return "linear", 0.0
    top, bottom = float(size.max()), float(size.min())
    peaks = [float(np.nanmax(np.abs(v))) for v in values if np.isfinite(v).any() and np.nanmax(np.abs(v)) > 0]
    counts = top >= 1e3 and bottom < 1e-3 * top
    apart = min(peaks) < 1e-2 * max(peaks)
    if forced is None and not counts and not apart:
        return "linear", 0.0
    if top >= 1e3:
        return "symlog", max(1.0, 1e-8 * top)
    return "symlog", max(bottom, 0.1 * min(peaks), 1e-8 * top)


def draw(runs: Sequence[Series], names: Sequence[str] | None = None, scale: str | None = None) -> Figure:
    """Draw runs into one figure: a panel for each group of variables, a line style for each run.

    Parameters
    ----------
    runs : sequence of Series
        At least one.
    names : sequence of str, optional
        Variables or patterns; all that are not zero throughout when absent.
    scale : {"linear", "log"}, optional
        Of all vertical axes; chosen for each panel when absent.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    FileError
        A name fits nothing, a variable has another unit in another file, or there is nothing to draw.
    """
    known = _all_variables(runs)
    chosen = select(list(known), names) if names else [name for name in known if not _all_zero(runs, name)]
    if not chosen:
        raise FileError(f"{runs[0].path}: has no time series that differs from zero")
    silent = [] if names else [name for name in known if name not in chosen]
    panels = group_by_prefix({name: known[name].unit for name in chosen})
    columns = 2 if len(panels) == 4 else min(len(panels), 3 if len(panels) <= 9 else 4)
    rows = -(-len(panels) // columns)
    end_d = max(run.time_d[-1] for run in runs)
    factor, time_unit = (24.0, "h") if end_d <= 3.0 else (1.0, "d")
    figure, grid = plt.subplots(rows, columns, figsize=(max(4.6 * columns, 7.0), 3.1 * rows + 1.2), squeeze=False, layout="constrained")
    kinds = list(dict.fromkeys(event.meaning for run in runs for event in run.events))
    for axes, panel in zip(grid.flat, panels):
        _draw_panel(axes, panel, runs, known, scale, factor)
        _mark_events(axes, runs, kinds, factor)
        axes.set_xlim(0.0 if runs[0].time_d[0] >= 0 else None, end_d * factor if end_d > 0 else None)
        axes.set_xlabel(f"time [{time_unit}]", fontsize=8)
    for axes in list(grid.flat)[len(panels) :]:
        axes.set_axis_off()
    figure.suptitle(_title(runs), fontsize=12)
    _legend_below(figure, runs, kinds, silent)
    return figure


def _all_variables(runs: Sequence[Series]) -> dict[str, Variable]:
    known: dict[str, Variable] = {}
    for run in runs:
        for name, variable in run.variables.items():
            first = known.setdefault(name, variable)
            if first.unit != variable.unit:
                raise FileError(f"{run.path}: {name} is in {variable.unit}, in {runs[0].path} it is in {first.unit}; they cannot share a picture")
    return known


def _all_zero(runs: Sequence[Series], name: str) -> bool:
    return not any(np.any(np.nan_to_num(run.variables[name].values) != 0.0) for run in runs if name in run.variables)


def _draw_panel(axes: Axes, panel: Panel, runs: Sequence[Series], known: dict[str, Variable], scale: str | None, factor: float) -> None:
    curves = []
    for colour, name, label in zip(COLOURS, panel.names, panel.labels):
        for number, run in enumerate(runs):
            if name in run.variables:
                values = run.variables[name].values
                curves.append(values)
                style = LINES[number % len(LINES)]
                axes.plot(run.time_d * factor, values, style, color=colour, lw=1.5, label=label if number == 0 or name not in runs[0].variables else None)
    kind, linear_to = choose_scale(curves, scale)
    if kind == "symlog":
        axes.set_yscale("symlog", linthresh=linear_to, linscale=0.4)
        axes.locator_params(axis="y", numticks=7)
    else:
        axes.ticklabel_format(axis="y", scilimits=(-3, 4), useMathText=True)
    finite = np.concatenate([values[np.isfinite(values)] for values in curves])
    if len(finite) and finite.min() >= 0.0 and (kind == "symlog" or finite.min() < 0.5 * finite.max()):
        axes.set_ylim(bottom=0.0)
    caption = common_words([known[name].meaning for name in panel.names])
    axes.set_title(panel.title, fontsize=10, loc="left", fontweight="bold", pad=14)
    axes.set_ylabel(_shorten(f"{caption} [{panel.unit}]" if caption else f"[{panel.unit}]", 44), fontsize=8)
    axes.tick_params(labelsize=8)
    axes.grid(alpha=0.25)
    if len(panel.names) > 1:
        axes.legend(fontsize=7, framealpha=0.7, ncols=2 if len(panel.names) > 4 else 1)


def _mark_events(axes: Axes, runs: Sequence[Series], kinds: list[str], factor: float) -> None:
    for place in sorted({(kinds.index(event.meaning), event.time_d) for run in runs for event in run.events}):
        marker, x = MARKERS[place[0] % len(MARKERS)], place[1] * factor
        axes.axvline(x, color="0.6", lw=0.7, zorder=0)
        axes.plot([x], [1.0], marker, color="0.25", ms=6, transform=axes.get_xaxis_transform(), clip_on=False, zorder=5)


def _legend_below(figure: Figure, runs: Sequence[Series], kinds: list[str], silent: list[str]) -> None:
    handles = []
    if len(runs) > 1:
        for number, label in enumerate(_labels(runs)):
            handles.append(Line2D([], [], color="0.2", linestyle=LINES[number % len(LINES)], label=label))
    for number, kind in enumerate(kinds):
        times = max(sum(event.meaning == kind for event in run.events) for run in runs)
        label = kind if times == 1 else f"{kind} ({times} times)"
        handles.append(Line2D([], [], color="0.25", marker=MARKERS[number % len(MARKERS)], linestyle="", label=label))
    columns = max(1, min(len(handles), 3))
    line = 0.24 / figure.get_figheight()  # height of a line of small text, as a share of the figure
    note, legend = line * bool(silent), line * -(-len(handles) // columns)
    if silent:
        words = ", ".join(panel.title for panel in group_by_prefix(dict.fromkeys(silent, "1")))
        figure.text(0.01, 0.3 * line, _shorten(f"zero throughout, not drawn: {words}", 150), fontsize=8, color="0.35")
    if handles:
        figure.legend(handles=handles, loc="lower center", bbox_to_anchor=(0.5, note), ncols=columns, fontsize=9, frameon=False)
    figure.get_layout_engine().set(rect=(0.0, note + legend + 0.3 * line, 1.0, 1.0 - note - legend - 0.3 * line))


def _labels(runs: Sequence[Series]) -> list[str]:
    """Shortest ends of the paths that differ."""
    parts = [os.path.abspath(run.path).split(os.sep) for run in runs]
    for depth in range(1, max(len(part) for part in parts) + 1):
        labels = [os.sep.join(part[-depth:]) for part in parts]
        if len(set(labels)) == len(labels):
            return labels
    return [run.path for run in runs]


def _title(runs: Sequence[Series]) -> str:
    titles = list(dict.fromkeys(run.title for run in runs if run.title))
    if len(titles) != 1:
        return f"{len(runs)} runs" if len(runs) > 1 else os.path.basename(runs[0].path)
    unfinished = "" if all(run.status in ("complete", "") for run in runs) else "  (not complete)"
    return _shorten(titles[0], 110) + unfinished


def _shorten(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 4].rstrip() + " ..."


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="paracrine plot",
        description="Draws the time series of runs as one picture; several runs are compared, each in its own line style.",
        epilog="Exit status: 0 drawn; 2 refused (no such file, not a run, no such variable, the picture exists).",
    )
    parser.add_argument("runs", nargs="+", metavar="RUN.h5", help="complete, going on (.part) or killed")
    parser.add_argument("-o", "--output", metavar="OUT.png", help="the picture: .png, .svg or .pdf (default: the first run's name with .png)")
    parser.add_argument("--variables", metavar="A,B", help="only these; patterns with * are allowed, as in 'cells_*'")
    axis = parser.add_mutually_exclusive_group()
    axis.add_argument("--log", dest="scale", action="store_const", const="log", help="logarithmic axes (linear around 0) everywhere")
    axis.add_argument("--linear", dest="scale", action="store_const", const="linear", help="linear axes everywhere")
    parser.add_argument("--force", action="store_true", help="write over a picture that exists")
    return parser.parse_args(arguments)


def _picture_path(options: argparse.Namespace) -> str:
    output = options.output or options.runs[0].removesuffix(".part").removesuffix(".h5") + ".png"
    if os.path.splitext(output)[1].lower() not in FORMATS:
        raise FileError(f"{output}: pictures end in {', '.join(FORMATS)}")
    folder = os.path.dirname(output) or "."
    if not os.path.isdir(folder):
        raise FileError(f"{output}: there is no folder {folder}")
    if os.path.exists(output) and not options.force:
        raise FileError(f"{output}: exists; choose another name with -o, or --force to write over it")
    return output


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command ``paracrine plot``.

    Parameters
    ----------
    arguments : sequence of str, optional
        The command line; that of the process when absent.

    Returns
    -------
    int
        Exit status: 0 drawn, 2 refused.
    """
    options = _parse(arguments)
    try:
        output = _picture_path(options)
        names = [name.strip() for name in options.variables.split(",") if name.strip()] if options.variables is not None else None
        if names == []:
            raise FileError("--variables: names no variable")
        figure = draw([read_series(path) for path in options.runs], names, options.scale)
        figure.savefig(output, dpi=120)
        plt.close(figure)
    except (FileError, OSError) as problem:
        print(f"paracrine plot: {problem}", file=sys.stderr)
        return 2
    print(f"paracrine plot: wrote {output}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
