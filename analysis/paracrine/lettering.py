"""Texts of users in pictures: shown as they are, never read as formulas, never dropped."""

from __future__ import annotations

import re
import textwrap
import warnings
from collections.abc import Sequence

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure, FigureBase
from matplotlib.legend import Legend
from matplotlib.text import Text
from matplotlib.transforms import ScaledTranslation

from paracrine.texts import printable

BELOW_PT = 28  # points between an axis and the legend under it


def shown(text: str, width: int = 0) -> str:
    r"""Make control characters visible, and break lines longer than `width` characters (0: none is broken).

    Examples
    --------
    >>> shown("a\nb"), shown("one two three", 8)
    ('a\\x0Ab', 'one two\nthree')
    """
    line = printable(text)
    return "\n".join(textwrap.wrap(line, width)) if width else line


def literal(figure: Figure) -> Figure:
    """Have no text of a figure read as a formula, but the numbers that axes write themselves. Called last."""
    numbers = {id(text) for axes in figure.findobj(Axes) for text in _numbers(axes)}
    for text in figure.findobj(Text):
        if id(text) not in numbers:
            text.set_parse_math(False)
    return figure


def add_legend(owner: Axes | FigureBase, handles: Sequence[Artist], **options: object) -> Legend:
    """Add a legend of the handles with their labels, also of those that begin with "_", which matplotlib leaves out."""
    labels = [str(handle.get_label()) for handle in handles]
    legend = owner.legend(handles=list(handles), labels=[f" {label}" for label in labels], **options)
    for text, label in zip(legend.get_texts(), labels):
        text.set_text(label)
        text.set_parse_math(False)
    return legend


def legend_under(axes: Axes, handles: Sequence[Artist], columns: int, **options: object) -> Legend:
    """Add a legend below the axis and its label, outside of the curves, however high the panel is."""
    down = ScaledTranslation(0.0, -BELOW_PT / 72, axes.figure.dpi_scale_trans)
    place = {"loc": "upper center", "bbox_to_anchor": (0.5, 0.0), "bbox_transform": axes.transAxes + down}
    shape = {"frameon": False, "borderaxespad": 0.0, "handlelength": 1.2, "columnspacing": 1.0}
    return add_legend(axes, handles, ncols=columns, **place, **shape, **options)


def name_ticks(axis: Axis, places: Sequence[float], names: Sequence[str]) -> None:
    """Write names of users at an axis."""
    axis.set_ticks(places, [shown(name).replace("$", r"\$") for name in names])


def save(figure: Figure, path: str, **options: object) -> str:
    """Save a figure, and say which characters the font cannot draw; "" when it can draw all."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        figure.savefig(path, **options)
    codes = {int(code) for one in found for code in re.findall(r"^Glyph (\d+)", str(one.message))}
    return ", ".join(f"U+{code:04X}" for code in sorted(codes))


def _numbers(axes: Axes) -> list[Text]:
    found = []
    for axis in (axes.xaxis, axes.yaxis):
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
            found += [tick.label1, tick.label2]
        found.append(axis.get_offset_text())
    return found
