"""The standard picture of a model, on two short runs."""

import matplotlib.pyplot as plt
import pytest
from command_line import ROOT, paracrine
from paracrine import plot, series, standard_figure


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    paths = []
    for name, more in (("treated", []), ("untreated", ["--set", "therapy=[]"])):
        path = folder / f"{name}.h5"
        changes = [
            "liver.lobules=2",
            "time.duration=2 d",
            "therapy.0.at=1 d",
            "therapy.0.cells=1000",
            "output.fields_every=1 d",
            "output.agents_every=1 d",
        ]
        sets = [
            word
            for change in (changes if not more else [c for c in changes if "therapy" not in c])
            for word in ("--set", change)
        ]
        done = paracrine(
            "run", ROOT / "scenarios/cirrhosis/mouse_ccl4_iv_msc.toml", "-o", path, "-q", *sets, *more
        )
        assert done.returncode == 0, done.stderr
        paths.append(path)
    return paths


def test_two_runs_share_panels_and_have_a_row_of_maps_each(runs):
    read = [series.read_series(str(path)) for path in runs]
    picture = standard_figure.standard_picture(read)
    figure = standard_figure.draw_standard(picture, read, ["one", "other"])
    titles = [axes.get_title(loc="left") for part in figure.subfigs for axes in part.axes]
    assert [title for title in titles if title] == [panel["title"] for panel in picture["panel"]]
    assert len(figure.subfigs) == 3
    assert sum(bool(axes.images) for part in figure.subfigs for axes in part.axes) >= 2 * 3
    curves = {name for panel in picture["panel"] for name, _, _ in panel["curves"]}
    assert curves <= set(read[0].variables)  # the data names what a run has
    plt.close(figure)


def test_the_command_draws_it_unless_panels_are_asked_for(runs, tmp_path, capsys):
    assert plot.main([str(runs[0]), "-o", str(tmp_path / "standard.png")]) == 0
    assert plot.main([str(runs[0]), "--panels", "-o", str(tmp_path / "panels.png")]) == 0
    capsys.readouterr()
    assert (tmp_path / "standard.png").stat().st_size > 10000


def test_other_models_have_none():
    assert standard_figure.standard_picture([]) is None
