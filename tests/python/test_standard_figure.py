"""The standard picture of a model: what it says of two runs, which lobule it shows, and how it draws many."""

import dataclasses
import doctest
import itertools
import shutil

import h5py
import matplotlib.pyplot as plt
import numpy as np
import paracrine as pc
import pytest
from command_line import ROOT, paracrine
from matplotlib.text import Text
from paracrine import bundles, effect, happenings, lobule_maps, plot, series, standard_figure

LOBULES = 5


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    paths = []
    for name, treated in (("treated", True), ("untreated", False)):
        path = folder / f"{name}.h5"
        changes = [f"liver.lobules={LOBULES}", "time.duration=2 d", "injury.0.every=1 h"]
        changes += ["output.fields_every=1 d", "output.agents_every=1 d"]
        changes += ["therapy.0.at=1 d", "therapy.0.cells=2e4"] if treated else ["therapy=[]"]
        sets = [word for change in changes for word in ("--set", change)]
        done = paracrine("run", ROOT / "scenarios/cirrhosis/mouse_ccl4_iv_msc.toml", "-o", path, "-q", *sets)
        assert done.returncode == 0, done.stderr
        paths.append(str(path))
    return paths


@pytest.fixture(scope="module")
def both(runs):
    picture, figure = drawn(runs)
    yield picture, figure
    plt.close(figure)


def drawn(paths):
    read = [series.read_series(path) for path in paths]
    picture = standard_figure.standard_picture(read)
    figure = standard_figure.draw_standard(picture, read, bundles.labels_of(read))
    return picture, figure


def words_of(figure):
    """All texts, without line breaks."""
    return " ".join(" ".join(text.get_text().split()) for text in figure.findobj(Text))


@pytest.fixture(autouse=True)
def edited_files_are_read(monkeypatch):
    """These tests edit files of ours, whose checksums then do not fit any more."""
    monkeypatch.setattr("paracrine.checking.complaint_about", lambda path, program: "")


def copied(source, path, **attributes):
    """The same run under another name, with other attributes."""
    shutil.copyfile(source, path)
    with h5py.File(path, "r+") as file:
        file.attrs.update(attributes)
    return str(path)


def changed(source, path, change):
    """A copy whose stained area per lobule is changed, for the pooled one as well."""
    copied(source, path)
    with h5py.File(path, "r+") as file:
        table = file["lobules/collagen_area"]
        table[:] = change(table[:])
        share = file["lobules/weight"][:] * file["lobules/radius"][:] ** 2
        file["collagen_area"][:] = table[:] @ (share / share.sum())
    return str(path)


def test_two_runs_share_panels_and_have_a_row_of_maps_each(runs, both):
    picture, figure = both
    titles = [axes.get_title(loc="left") for part in figure.subfigs for axes in part.axes]
    assert [title for title in titles if title] == [
        *(panel["title"] for panel in picture["panel"]),
        "Difference in stained area",
    ]
    assert sum(bool(axes.images) for part in figure.subfigs for axes in part.axes) == 2 * 3
    curves = {name for panel in picture["panel"] for name, _, _ in panel["curves"]}
    assert curves <= set(series.read_series(runs[0]).variables)  # the data names what a run has
    agents = [line for part in figure.subfigs[1:3] for axes in part.axes for line in axes.get_lines()]
    assert sum(len(line.get_xdata()) for line in agents) > 20  # cells of both lobules


def test_the_dose_and_the_injuries_are_named_at_the_time_axis(both):
    _, figure = both
    panels = [axes for axes in figure.subfigs[0].axes if axes.get_title(loc="left")]
    for axes in panels:
        (label,) = [text for text in axes.texts if "dose" in text.get_text()]
        assert label.get_text() == "MSC dose, 2e4 cells" and label.xy == (1.0, 1.0)
    assert "injury by CCl4 (48 times)" in words_of(figure) and "other events" not in words_of(figure)


def test_legends_lie_outside_of_the_curves(both):
    _, figure = both
    figure.draw_without_rendering()
    for axes in figure.subfigs[0].axes:
        if axes.get_title(loc="left") and axes.get_legend():
            assert axes.get_legend().get_window_extent().y1 <= axes.get_window_extent().y0


def test_what_was_taken_up_so_far_never_falls_and_alt_is_in_units_per_litre(runs, both):
    picture, figure = both
    run = series.read_series(runs[0])
    so_far = [panel for panel in picture["panel"] if "so far" in panel["title"]]
    names = [name for panel in so_far for name, _, _ in panel["curves"]]
    assert names and all(run.variables[name].meaning.endswith("so far") for name in names)
    assert all((np.diff(run.variables[name].values) >= 0).all() for name in names)
    (alt,) = [axes for axes in figure.subfigs[0].axes if axes.get_title(loc="left") == "ALT in plasma"]
    assert alt.get_ylabel() == "U/L"


def test_the_picture_says_the_effect_with_its_interval_and_from_what(runs, tmp_path):
    base = pc.open(runs[1]).lobules["collagen_area"].values
    noise = 1 + 0.01 * np.arange(base.shape[1])
    lower = changed(runs[1], tmp_path / "lower.h5", lambda values: values * (1 - 0.2 * noise))
    _, figure = drawn([lower, runs[1]])
    said = words_of(figure)
    arm, control = (100 * float(pc.open(path).series["collagen_area"][-1]) for path in (lower, runs[1]))
    assert f"Stained area at 48 h: {arm:.2f} % of the tissue in lower.h5, {control:.2f} %" in said
    assert f"{control - arm:.2f} percentage points lower (" in said
    assert f"95 % interval from {LOBULES} lobules of one pair of runs" in said
    plt.close(figure)


def test_an_effect_that_may_be_chance_cannot_be_told(runs, tmp_path):
    signs = np.array([1.0, -1.0, 1.0, -1.0, 0.1])
    other = changed(runs[1], tmp_path / "other.h5", lambda values: values * (1 + 0.2 * signs))
    _, figure = drawn([other, runs[1]])
    assert "percentage points: cannot be told from 0 (95 % interval from 5 lobules" in words_of(figure)
    plt.close(figure)


def test_lobules_of_runs_with_other_seeds_are_no_pairs(runs, tmp_path):
    other = copied(runs[1], tmp_path / "seed.h5", seed=np.uint64(2))
    _, figure = drawn([runs[0], other])
    assert (
        "whether the difference is more than chance cannot be told: the runs have different seeds, so that their lobules are no pairs"
        in words_of(figure)
    )
    plt.close(figure)


def test_the_lobule_nearest_the_mean_is_shown_the_same_in_both_runs(runs, tmp_path):
    factors = np.array([3.0, 0.1, 2.0, 1.25, 0.2])  # 3 is the nearest in both runs
    flat = changed(runs[1], tmp_path / "flat.h5", lambda values: 0 * values + 0.05 * factors)
    low = changed(runs[1], tmp_path / "low.h5", lambda values: 0 * values + 0.04 * factors)
    picture, figure = drawn([low, flat])
    found = effect.choose_lobule(picture["effect"], [low, flat], "collagen")
    assert found.numbers == [3, 3]
    assert (
        "lobule 3, the nearest to the mean of all by its stained area over time in both runs and in their difference"
        in words_of(figure)
    )
    assert found.facts[1].startswith("its stained area at the end is 6.25, that of all 5 is ")
    plt.close(figure)


def test_the_lobule_shown_is_drawn_with_its_own_values(runs):
    figure = plt.figure()
    what = happenings.pictures()["picture"][0]["map"]
    images = {}
    for number in (0, 3):
        part = figure.subfigures(1, 1)
        lobule_maps.draw_maps(part, what, runs[0], number, 1.0)
        images[number] = np.ma.filled(part.axes[2].images[0].get_array(), np.nan)
    fields = pc.open(runs[0]).fields["collagen"].values[2]
    for number, image in images.items():
        assert np.nanmax(image) == np.nanmax(fields[number, 0])
    plt.close(figure)


def test_many_runs_are_drawn_as_median_and_band_and_paired_by_seed(runs, tmp_path):
    paths = []
    for seed, arm in itertools.product(range(20), (0, 1)):
        path = tmp_path / f"{arm}_{seed}.h5"
        title = ("treated", "untreated")[arm]
        factor = 1 + 0.01 * seed - (0.3 + 0.01 * (seed % 3)) * (arm == 0)
        paths.append(changed(runs[1], path, lambda values, factor=factor: factor * values))
        with h5py.File(path, "r+") as file:
            file.attrs.update(title=title, seed=np.uint64(seed))
    _, figure = drawn(paths)
    (scar,) = [axes for axes in figure.subfigs[0].axes if axes.get_title(loc="left") == "Scar"]
    assert (
        len(
            [line for line in scar.get_lines() if len(line.get_xdata()) > 2 and line.get_color() == "#000000"]
        )
        == 2
    )
    assert len(scar.collections) == 2
    assert "treated: 20 runs, median and the middle 90 %" in words_of(figure)
    said = words_of(figure)
    assert " in treated, " in said and " in untreated; " in said
    assert "percentage points lower (" in said and "20 pairs of runs with a common seed" in said
    plt.close(figure)


def test_runs_of_more_titles_than_line_styles_share_one_band():
    run = series.Series("a.h5", "", "complete", np.array([0.0, 1.0]), {}, [])
    many = [dataclasses.replace(run, path=f"{n}.h5", title=f"title {n}") for n in range(40)]
    (found,) = bundles.bundle_runs(many, [one.path for one in many])
    assert found.label == "all: 40 runs, median and the middle 90 %" and len(found.runs) == 40


def test_the_command_draws_it_unless_panels_are_asked_for(runs, tmp_path, capsys):
    assert plot.main([str(runs[0]), "-o", str(tmp_path / "standard.png")]) == 0
    assert plot.main([str(runs[0]), "--panels", "-o", str(tmp_path / "panels.png")]) == 0
    capsys.readouterr()
    assert (tmp_path / "standard.png").stat().st_size > 10000


def test_other_models_have_none():
    assert standard_figure.standard_picture([]) is None


@pytest.mark.parametrize("module", [bundles, happenings, standard_figure])
def test_examples_in_docstrings_run(module):
    assert doctest.testmod(module).failed == 0
