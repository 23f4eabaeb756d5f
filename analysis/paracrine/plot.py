"""Draws the time series of one or several runs as one picture of small panels, or a map of a field: the command ``paracrine plot``."""

from __future__ import annotations

import argparse
import fnmatch
import os
import sys
import textwrap
from collections.abc import Sequence

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from paracrine.bundles import Bundle, bundle_runs, draw_bundle, labels_of
from paracrine.command_parser import CommandParser
from paracrine.errors import FileError
from paracrine.field_map import draw_map, read_map
from paracrine.happenings import Happening, all_happenings, pictures
from paracrine.lettering import add_legend, legend_under, literal, save, shown
from paracrine.palette import COLOURS, LINES, MARKERS
from paracrine.panels import Panel, choose_scale, common_words, make_panels, proper_names
from paracrine.series import Series, Variable, read_series, select
from paracrine.standard_figure import draw_standard, standard_picture
from paracrine.texts import printable

FORMATS = (".png", ".svg", ".pdf")
HARDLY = 0.01  # of its largest value: groups of series that change by less are named, not drawn


def draw(runs: Sequence[Series], names: Sequence[str] | None = None, scale: str | None = None) -> Figure:
    """Draw runs into one figure: a panel for each group of variables, a line style for each run.

    Parameters
    ----------
    runs : sequence of Series
        At least one.
    names : sequence of str, optional
        Variables or patterns; when absent, the groups in which one changes by a hundredth or more, or else all that are not zero throughout.
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
    chosen = select(list(known), names) if names else [name for name in known if _largest(runs, name) > 0.0]
    if not chosen:
        raise FileError(f"{runs[0].path}: has no time series that differs from zero")
    panels = make_panels({name: known[name] for name in chosen})
    notes = []
    if not names:
        moving = [
            panel
            for panel in panels
            if any(_span(runs, name) > HARDLY * _largest(runs, name) for name in panel.names)
        ] or panels
        still = [name for panel in panels if panel not in moving for name in panel.names]
        notes = _notes(runs, known, still, silent=[name for name in known if name not in chosen])
        panels = moving
    columns = 2 if len(panels) == 4 else min(len(panels), 3 if len(panels) <= 9 else 4)
    rows = -(-len(panels) // columns)
    end_d = max(run.time_d[-1] for run in runs)
    factor, time_unit = (24.0, "h") if end_d <= 3.0 else (1.0, "d")
    figure, grid = plt.subplots(
        rows,
        columns,
        figsize=(max(4.6 * columns, 7.0), 3.1 * rows + 1.2),
        squeeze=False,
        layout="constrained",
    )
    bundles, happened = bundle_runs(runs, labels_of(runs)), all_happenings(runs)
    for axes, panel in zip(grid.flat, panels):
        _draw_panel(axes, panel, bundles, known, scale, factor)
        _mark(axes, happened, factor)
        axes.set_xlim(0.0 if runs[0].time_d[0] >= 0 else None, end_d * factor if end_d > 0 else None)
        axes.set_xlabel(f"time [{time_unit}]", fontsize=8)
    for axes in list(grid.flat)[len(panels) :]:
        axes.set_axis_off()
    figure.suptitle(shown(_title(runs), int(9 * figure.get_figwidth())), fontsize=12)
    _legend_below(figure, bundles, happened, notes)
    return literal(figure)


def _all_variables(runs: Sequence[Series]) -> dict[str, Variable]:
    known: dict[str, Variable] = {}
    for run in runs:
        for name, variable in run.variables.items():
            first = known.setdefault(name, variable)
            if first.unit != variable.unit:
                raise FileError(
                    f"{run.path}: {name} is in {variable.unit}, in {runs[0].path} it is in {first.unit}; they cannot share a picture"
                )
    return known


def _finite(runs: Sequence[Series], name: str) -> np.ndarray:
    values = np.concatenate([run.variables[name].values for run in runs if name in run.variables])
    return values[np.isfinite(values)]


def _largest(runs: Sequence[Series], name: str) -> float:
    return float(np.abs(_finite(runs, name)).max(initial=0.0))


def _span(runs: Sequence[Series], name: str) -> float:
    values = _finite(runs, name)
    return float(np.ptp(values)) if len(values) else 0.0


def _notes(
    runs: Sequence[Series], known: dict[str, Variable], still: list[str], silent: list[str]
) -> list[str]:
    """What is not drawn, and why."""
    values = [
        f"{name} {np.median(_finite(runs, name)):.3g}{'' if known[name].unit == '1' else ' ' + known[name].unit}"
        for name in still
    ]
    zeros: list[str] = []
    for panel in make_panels({name: known[name] for name in silent}):
        zeros += [panel.title] if set(fnmatch.filter(known, panel.title)) <= set(silent) else panel.names
    zeros = list(dict.fromkeys(zeros))
    notes = [f"changes by less than 1 %, not drawn: {', '.join(values)}"] if values else []
    return notes + ([f"zero throughout, not drawn: {', '.join(zeros)}"] if zeros else [])


def _draw_panel(
    axes: Axes,
    panel: Panel,
    bundles: Sequence[Bundle],
    known: dict[str, Variable],
    scale: str | None,
    factor: float,
) -> None:
    names = proper_names([known[name].meaning for name in panel.names], panel.labels)
    curves, handles = [], []
    for colour, name, label in zip(COLOURS, panel.names, names):
        for bundle in bundles:
            curves += draw_bundle(axes, bundle, name, colour, factor)
        handles.append(Line2D([], [], color=colour, lw=2.0, label=shown(label, 40)))
    kind, linear_to = choose_scale(curves, scale)
    if kind == "symlog":
        decades = np.log10(
            max(1.0, max(float(np.nanmax(np.abs(values), initial=0.0)) for values in curves) / linear_to)
        )
        axes.set_yscale("symlog", linthresh=linear_to, linscale=max(0.4, 0.08 * decades))
        axes.locator_params(axis="y", numticks=7)
    else:
        axes.ticklabel_format(axis="y", scilimits=(-3, 4), useMathText=True)
    finite = np.concatenate([values[np.isfinite(values)] for values in curves])
    if len(finite) and finite.min() >= 0.0 and (kind == "symlog" or finite.min() < 0.5 * finite.max()):
        axes.set_ylim(bottom=0.0)
    caption = common_words([known[name].meaning for name in panel.names])
    if " " not in caption and len(names) > 1:  # too little to tell what it is
        caption = f"{panel.title.strip('*_').replace('_', ' ')}: {', '.join(names)}"
    elif not caption:
        caption = panel.title
    unit = pictures()["units"].get(panel.names[0], panel.unit) if len(panel.names) == 1 else panel.unit
    axes.set_title(
        _two_lines(printable(caption[:1].upper() + caption[1:]), 46),
        fontsize=10,
        loc="left",
        fontweight="bold",
        pad=14,
    )
    axes.set_ylabel(_two_lines(printable(f"{panel.title} [{unit}]"), 42), fontsize=8)
    axes.tick_params(labelsize=8)
    axes.grid(alpha=0.25)
    if len(panel.names) > 1:
        legend_under(axes, handles, 1 if max(map(len, names)) > 24 else 3, fontsize=7)


def _mark(axes: Axes, happened: Sequence[Happening], factor: float) -> None:
    for number, one in enumerate(happened):
        for time in one.times_d:
            axes.axvline(time * factor, color="0.9" if one.often else "0.6", lw=0.7, zorder=0)
        axes.plot(
            [time * factor for time in one.times_d],
            [1.0] * len(one.times_d),
            MARKERS[number % len(MARKERS)],
            color="0.25",
            ms=3 if one.often else 6,
            transform=axes.get_xaxis_transform(),
            clip_on=False,
            zorder=5,
        )


def _legend_below(
    figure: Figure, bundles: Sequence[Bundle], happened: Sequence[Happening], notes: list[str]
) -> None:
    handles = [bundle.handle() for bundle in bundles] if len(bundles) > 1 or len(bundles[0].runs) > 1 else []
    for number, one in enumerate(happened):
        marker = MARKERS[number % len(MARKERS)]
        handles.append(Line2D([], [], color="0.25", marker=marker, linestyle="", label=shown(one.label, 60)))
    columns = max(1, min(len(handles), 3))
    line = 0.24 / figure.get_figheight()  # height of a line of small text, as a share of the figure
    rows = [row for note in notes for row in textwrap.wrap(printable(note), int(14 * figure.get_figwidth()))]
    lines = sum(1 + handle.get_label().count("\n") for handle in handles)
    note, legend = 0.8 * line * len(rows), line * -(-lines // columns)
    if rows:
        figure.text(0.01, 0.3 * line, "\n".join(rows), fontsize=8, color="0.35", linespacing=1.3)
    if handles:
        add_legend(
            figure,
            handles,
            loc="lower center",
            bbox_to_anchor=(0.5, note),
            ncols=columns,
            fontsize=9,
            frameon=False,
        )
    figure.get_layout_engine().set(
        rect=(0.0, note + legend + 0.3 * line, 1.0, 1.0 - note - legend - 0.3 * line)
    )


def _title(runs: Sequence[Series]) -> str:
    titles = list(dict.fromkeys(run.title for run in runs if run.title))
    if not 1 <= len(titles) <= len(LINES):
        return f"{len(runs)} runs" if len(runs) > 1 else os.path.basename(runs[0].path)
    unfinished = "" if all(run.status in ("complete", "") for run in runs) else "  (not complete)"
    return "   |   ".join(titles) + unfinished


def _shorten(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 4].rpartition(" ")[0].rstrip() + " ..."


def _two_lines(text: str, most: int) -> str:
    """The text in at most two lines; the unit at its end is kept."""
    lines = textwrap.wrap(text, most)
    if len(lines) <= 2:
        return "\n".join(lines)
    words, bracket, unit = text.rpartition(" [")
    if not bracket or len(unit) > most // 2:
        return "\n".join(lines)
    lines = textwrap.wrap(words, most)
    return lines[0] + "\n" + _shorten(" ".join(lines[1:]), most - len(unit) - 2) + " [" + unit


def parser() -> CommandParser:
    """Give the parser of the command ``paracrine plot``."""
    made = CommandParser(
        "plot",
        description="Draws the time series of runs as one picture; several runs are compared, each in its own line style; a model may have a standard picture. With --lobule: a map of a recorded field.",
        epilog="Exit status: 0 drawn; 2 refused (no such file, not a run, no such variable, field or time, the picture exists).",
    )
    made.add_argument("runs", nargs="+", metavar="RUN.h5", help="complete, going on (.part) or killed")
    made.add_argument(
        "-o",
        "--output",
        metavar="OUT.png",
        help="the picture: .png, .svg or .pdf (default: the first run's name with .png)",
    )
    made.add_argument(
        "--variables", metavar="A,B", help="only these; patterns with * are allowed, as in 'cells_*'"
    )
    made.add_argument(
        "--panels",
        action="store_true",
        help="all that changes in small panels, where a model has a standard picture",
    )
    axis = made.add_mutually_exclusive_group()
    axis.add_argument(
        "--log",
        dest="scale",
        action="store_const",
        const="log",
        help="logarithmic axes (linear around 0) everywhere",
    )
    axis.add_argument(
        "--linear", dest="scale", action="store_const", const="linear", help="linear axes everywhere"
    )
    maps = made.add_argument_group("map of a field over one lobule")
    maps.add_argument(
        "--lobule", nargs="?", const=0, type=int, metavar="N", help="draw the map, of lobule N (default: 0)"
    )
    maps.add_argument("--field", metavar="NAME", help="which field (default: the first that was recorded)")
    maps.add_argument(
        "--at", metavar="TIME", help="when, such as '6 h' (default: the last time that was recorded)"
    )
    made.add_argument("--force", action="store_true", help="write over a picture that exists")
    return made


def _picture_path(options: argparse.Namespace) -> str:
    ending = ".png" if options.lobule is None else f"_lobule_{options.lobule}.png"
    output = options.output or options.runs[0].removesuffix(".part").removesuffix(".h5") + ending
    if os.path.splitext(output)[1].lower() not in FORMATS:
        raise FileError(f"{output}: pictures end in {', '.join(FORMATS)}")
    folder = os.path.dirname(output) or "."
    if not os.path.isdir(folder):
        raise FileError(f"{output}: there is no folder {folder}")
    if os.path.exists(output) and not options.force:
        raise FileError(f"{output}: exists; choose another name with -o, or --force to write over it")
    return output


def _figure(options: argparse.Namespace) -> Figure:
    if options.lobule is not None:
        if len(options.runs) > 1:
            raise FileError(f"--lobule: draws one run, got {len(options.runs)}")
        if options.variables is not None:
            raise FileError("--variables: names time series; with --lobule write --field")
        return draw_map(read_map(options.runs[0], options.lobule, options.field, options.at), options.scale)
    for name in ("field", "at"):
        if getattr(options, name) is not None:
            raise FileError(f"--{name}: needs --lobule as well")
    names = (
        [name.strip() for name in options.variables.split(",") if name.strip()]
        if options.variables is not None
        else None
    )
    if names == []:
        raise FileError("--variables: names no variable")
    runs = [read_series(path) for path in options.runs]
    picture = (
        standard_picture(runs) if names is None and options.scale is None and not options.panels else None
    )
    if picture is not None:
        return draw_standard(picture, runs, labels_of(runs))
    return draw(runs, names, options.scale)


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
    options = parser().parse_args(arguments)
    try:
        output = _picture_path(options)
        figure = _figure(options)
        missing = save(figure, output, dpi=120)
        plt.close(figure)
    except (FileError, OSError) as problem:
        print(f"paracrine plot: {printable(str(problem))}", file=sys.stderr)
        return 2
    if missing:
        which = "which is" if "," not in missing else "which are"
        print(
            f"paracrine plot: the font has no picture of {missing}, {which} drawn as a box", file=sys.stderr
        )
    print(f"paracrine plot: wrote {printable(output)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
