"""Texts of users in pictures: titles, file names and labels stand there as they are."""

import doctest

import h5py
import matplotlib.pyplot as plt
import numpy as np
import paracrine as pc
import pytest
from api import small
from matplotlib.text import Text
from paracrine import evidence_report, lettering, plot, series
from test_field_map import write_run as write_fields
from test_plot import write_run

TEXTS = [
    r"cost in $ and \frac{$",
    r"$\nosuch{x}$ of $y$",
    r"a \$ and C:\new_folder",
    "_begins_with_an_underscore_^2",
    "<b>bold</b> & more",
    "a living cell \U0001f9eb",
    "1234567890 " * 27 + "end",
    "x" * 300,
]
NAMES = ["$a$_$b^$", "_$\\frac{$", "<i>&_", "\U0001f9eb", "y" * 200]


def texts_of(figure):
    return [text.get_text() for text in figure.findobj(Text)]


def stands(text, figure):
    """The text is drawn literally; only line breaks may be added."""
    shown = "".join(lettering.shown(text).split())
    holders = [one for one in figure.findobj(Text) if shown in "".join(one.get_text().split())]
    return bool(holders) and not any(one.get_parse_math() for one in holders)


def titled(path, title):
    with h5py.File(path, "r+") as file:
        file.attrs["title"] = title
    return str(path)


@pytest.mark.parametrize("title", [*TEXTS, "two\nlines\t\x1b[31mred"])
def test_a_title_stands_in_the_picture_as_it_is(tmp_path, title):
    run = titled(write_run(tmp_path / "RUN.h5"), title)
    figure = plot.draw([series.read_series(run)])
    assert stands(title, figure), texts_of(figure)
    plt.close("all")
    assert plot.main([run, "--variables", "tnf", "-o", str(tmp_path / "a.png")]) == 0
    fields = titled(write_fields(tmp_path / "FIELDS.h5"), title)
    assert plot.main([fields, "--lobule", "-o", str(tmp_path / "b.svg")]) == 0


@pytest.mark.parametrize("name", [*NAMES, "two\nlines"])
def test_a_file_name_stands_in_the_legend_as_it_is(tmp_path, name, capsys):
    paths = [write_run(tmp_path / f"{name}.h5"), write_run(tmp_path / "other.h5", scale=2.0)]
    figure = plot.draw([series.read_series(path) for path in paths])
    assert stands(f"{name}.h5", figure), texts_of(figure)
    plt.close("all")
    assert plot.main([*paths, "--variables", "tnf"]) == 0
    said = capsys.readouterr().out
    assert said == f"paracrine plot: wrote {lettering.shown(paths[0].removesuffix('.h5'))}.png\n"


def test_control_characters_in_a_refusal_do_not_drive_the_terminal(tmp_path, capsys):
    assert plot.main([str(tmp_path / "\x1b[31m.h5")]) == 2
    assert capsys.readouterr().err == f"paracrine plot: {tmp_path}/\\x1B[31m.h5: no such file\n"


def test_characters_that_the_font_lacks_are_named(tmp_path, capsys):
    run = titled(write_run(tmp_path / "RUN.h5"), "a cell \U0001f9eb")
    assert plot.main([run, "--variables", "tnf"]) == 0
    assert (
        capsys.readouterr().err
        == "paracrine plot: the font has no picture of U+1F9EB, which is drawn as a box\n"
    )


def test_labels_of_charts_stand_as_they_are(tmp_path):
    study = pc.sweep(small(), {"therapy.0.cells": [1e3, 2e3]}, replicates=2, output=tmp_path / "s.sweep")
    figure = pc.draw_courses(study, "ev_released", ["_$\\frac{$", "C:\\x_$y$"])
    assert stands("_$\\frac{$", figure) and stands("C:\\x_$y$", figure)
    assert lettering.save(figure, str(tmp_path / "a.png")) == ""


def test_names_of_targets_in_the_report_are_no_formulas():
    figure, axes = plt.subplots()
    axes.set_title(r"$\frac{$")
    assert evidence_report._picture(figure)


def test_units_and_meanings_of_a_file_are_no_formulas(tmp_path):
    path = write_run(tmp_path / "RUN.h5")
    with h5py.File(path, "r+") as file:
        file["tnf"].attrs.update(units="$\\frac{$", long_name="$x_$ \\q{$")
    assert plot.main([path, "--variables", "tnf", "-o", str(tmp_path / "a.svg")]) == 0


def test_names_of_categories_are_no_formulas_and_numbers_keep_their_powers(tmp_path):
    figure, axes = plt.subplots()
    axes.plot([0, 1], [1e-9, 1e9])
    axes.set_yscale("log")
    lettering.name_ticks(axes.xaxis, [0, 1], [r"$\frac{$", r"\$5$"])
    lettering.literal(figure)
    assert lettering.save(figure, str(tmp_path / "a.png")) == ""
    labels = [text._preprocess_math(text.get_text()) for text in axes.get_xticklabels()]
    assert [(text, bool(formula)) for text, formula in labels] == [(r"$\frac{$", False), (r"\$5$", False)]
    powers = [text for text in axes.get_yticklabels() if text.get_text()]
    assert powers and all(text.get_parse_math() for text in powers)
    assert np.isfinite(axes.get_ylim()).all()


def test_examples_in_docstrings_run():
    assert doctest.testmod(lettering).failed == 0
