"""The map of a field that `paracrine plot --lobule` draws, on small files written here in the format of docs/output_format.md."""

import doctest
import subprocess

import h5py
import numpy as np
import pytest
from command_line import ROOT, paracrine
from paracrine import field_map, plot


def write_run(path, layers=1, agents=True, fields=True):
    """Two lobules, the second with a smaller box; two fields at 0, 6 and 24 h; agents of two kinds at 24 h, one kind without a place."""
    with h5py.File(path, "w", libver=("v110", "v110")) as file:
        file.attrs.update(filetype="paracrine run", schema_version="1.0", title="A run", status="complete")
        file["time"] = [0.0, 1.0]
        if fields:
            group = file.create_group("fields", track_order=True)
            group["time"] = np.array([0.0, 0.25, 1.0])
            mask = np.zeros((2, layers, 5, 4), dtype="u1")
            mask[0] = 1
            mask[0, :, 0, 0] = 0
            mask[1, :, 1:4, 0:2] = 1
            group["mask"] = mask
            values = np.where(
                mask, np.arange(20).reshape(5, 4) + 100 * np.arange(layers)[:, None, None], np.nan
            )
            for name, factor in (("uptake", 1.0), ("density", 10.0)):
                data = group.create_dataset(
                    name, data=np.stack([factor * k * values for k in (0, 1, 2)]).astype("f4")
                )
                data.attrs.update(units="um^-3", long_name=f"{name} so far")
            group["zone"] = np.where(mask, np.linspace(0, 1, 20).reshape(5, 4), np.nan).astype("f4")
            group["spacing"], group["lobule"], group["patch"] = (
                [20.0, 10.0],
                np.array([0, 1], "i4"),
                np.array([7, 9], "u4"),
            )
        if agents:
            group = file.create_group("agents")
            group["time"], group["row_size"] = [0.0, 1.0], np.array([1, 4])
            group["x"], group["y"] = (
                np.array([0, 1, 2, 3, np.nan], "f4"),
                np.array([0, -1, -2, -3, np.nan], "f4"),
            )
            group["patch"], group["kind"] = np.array([9, 9, 7, 9, 9], "u4"), np.array([0, 0, 0, 1, 1], "u1")
            group["kind"].attrs["flag_meanings"] = "grazer wanderer"
    return str(path)


def test_a_map_is_of_one_lobule_field_and_time(tmp_path):
    path = write_run(tmp_path / "RUN.h5")
    found = field_map.read_map(path, 1, "density", "6 h")
    assert (found.field, found.unit, found.meaning, found.time_d, found.spacing_um) == (
        "density",
        "um^-3",
        "density so far",
        0.25,
        10.0,
    )
    np.testing.assert_array_equal(found.values, 10.0 * np.array([[4, 5], [8, 9], [12, 13]]))
    assert found.zone.shape == (3, 2) and found.agents == {}
    last = field_map.read_map(path, 0)
    assert (last.field, last.time_d) == ("uptake", 1.0)
    assert np.isnan(last.values[0, 0]) and last.values[4, 3] == 38.0


def test_agents_are_those_of_the_lobule_at_that_time(tmp_path):
    found = field_map.read_map(write_run(tmp_path / "RUN.h5"), 1)
    assert list(found.agents) == ["grazer", "wanderer"]
    np.testing.assert_array_equal(found.agents["grazer"], [[1, -1]])
    np.testing.assert_array_equal(found.agents["wanderer"], [[3, -3]])
    assert field_map.read_map(write_run(tmp_path / "NONE.h5", agents=False), 1).agents == {}


def test_layers_are_averaged_and_said(tmp_path):
    found = field_map.read_map(write_run(tmp_path / "RUN.h5", layers=3), 1, at="6 h")
    np.testing.assert_array_equal(found.values[0], [104, 105])
    assert "mean of 3 layers" in field_map.draw_map(found).axes[0].get_title(loc="left")


def test_the_picture_has_units_white_outside_and_places_true_to_scale(tmp_path):
    figure = field_map.draw_map(field_map.read_map(write_run(tmp_path / "RUN.h5"), 0))
    axes, bar = figure.axes
    (image,) = axes.get_images()
    assert bar.get_ylabel() == "uptake [um^-3]"
    assert image.get_cmap().name == "cividis" and tuple(image.get_cmap().get_bad()) == (1.0, 1.0, 1.0, 1.0)
    assert image.get_extent() == (-40.0, 40.0, -50.0, 50.0) and image.origin == "lower"
    assert axes.get_xlabel() == "x [um]" and axes.get_title(loc="left") == "lobule 0 at 24 h\nuptake so far"
    (dots,) = [line for line in axes.get_lines() if line.get_label().startswith("grazer")]
    assert (
        dots.get_label() == "grazer (1)"
        and list(dots.get_xdata()) == [2.0]
        and list(dots.get_ydata()) == [-2.0]
    )
    assert (image.norm.vmin, image.norm.vmax) == (0.0, 38.0)
    logarithmic = (
        field_map.draw_map(field_map.read_map(write_run(tmp_path / "LOG.h5"), 0), "log")
        .axes[0]
        .get_images()[0]
        .norm
    )
    assert type(logarithmic).__name__ == "LogNorm" and logarithmic.vmin == 2.0


@pytest.mark.parametrize("scale", [None, "log"])
def test_a_field_of_zeros_is_drawn(tmp_path, scale):
    figure = field_map.draw_map(field_map.read_map(write_run(tmp_path / "RUN.h5"), 0, at="0 s"), scale)
    figure.savefig(tmp_path / "zeros.png")


def refused(arguments, capsys):
    assert plot.main(arguments) == 2
    return capsys.readouterr().err.removeprefix("paracrine plot: ").rstrip("\n")


def test_the_command_draws_a_map(tmp_path, capsys):
    path = write_run(tmp_path / "RUN.h5")
    assert plot.main([path, "--lobule"]) == 0
    assert (
        plot.main(
            [path, "--lobule", "1", "--field", "density", "--at", "360 min", "-o", str(tmp_path / "map.svg")]
        )
        == 0
    )
    assert (tmp_path / "RUN_lobule_0.png").read_bytes().startswith(b"\x89PNG") and (
        tmp_path / "map.svg"
    ).exists()
    assert refused([path, "--lobule"], capsys).endswith(
        "RUN_lobule_0.png: exists; choose another name with -o, or --force to write over it"
    )


def test_what_is_not_there_is_refused(tmp_path, capsys):
    path, bare = write_run(tmp_path / "RUN.h5"), write_run(tmp_path / "BARE.h5", fields=False)
    assert (
        refused([bare, "--lobule"], capsys)
        == f"{bare}: has no map of any field; record one by output.fields and output.fields_every"
    )
    assert (
        refused([path, "--lobule", "--field", "upteak"], capsys)
        == f'{path}: expected one of the recorded fields uptake, density, got "upteak"'
    )
    assert refused([path, "--lobule", "2"], capsys) == f"{path}: expected a lobule from 0 to 1, got 2"
    assert refused([path, "--lobule", "-1"], capsys) == f"{path}: expected a lobule from 0 to 1, got -1"
    assert (
        refused([path, "--lobule", "--at", "7 h"], capsys)
        == f'{path}: has no map at "7 h"; there are maps at 0 h, 6 h, 24 h'
    )
    for wrong in ("7", "h", "6 hours", "1.2.3 h"):
        assert (
            refused([path, "--lobule", "--at", wrong], capsys)
            == f'--at: expected a time with its unit (such as "6 h"), got "{wrong}"'
        )
    missing = str(tmp_path / "none.h5")
    assert refused([missing, "--lobule"], capsys) == f"{missing}: no such file"
    assert not list(tmp_path.glob("*.png"))


def test_options_that_do_not_go_together_are_refused(tmp_path, capsys):
    path = write_run(tmp_path / "RUN.h5")
    assert refused([path, path, "--lobule"], capsys) == "--lobule: draws one run, got 2"
    assert (
        refused([path, "--lobule", "--variables", "a"], capsys)
        == "--variables: names time series; with --lobule write --field"
    )
    assert refused([path, "--field", "uptake"], capsys) == "--field: needs --lobule as well"
    assert refused([path, "--at", "6 h"], capsys) == "--at: needs --lobule as well"
    with pytest.raises(SystemExit) as status:
        plot.main([path, "--lobule", "one"])
    assert status.value.code == 2
    assert capsys.readouterr().err.endswith(
        "paracrine plot: error: argument --lobule: invalid int value: 'one'\n"
    )


def its_cells_lie_where_much_was_taken_up(values, rows, columns):
    """Each voxel with a cell has more than any without; the outermost two share their sites with cut voxels and are left out."""
    whole = np.isfinite(values)
    for _ in range(2):
        padded = np.pad(whole, 1)
        whole = np.logical_and.reduce(
            [
                padded[1 + i : 1 + i + whole.shape[0], 1 + j : 1 + j + whole.shape[1]]
                for i in (-1, 0, 1)
                for j in (-1, 0, 1)
            ]
        )
    with_cell = np.zeros(values.shape, dtype=bool)
    with_cell[rows, columns] = True
    return values[whole & with_cell].min() > values[whole & ~with_cell].max()


def test_a_run_of_ours_gives_a_map_with_every_macrophage_inside_the_tissue(tmp_path):
    output = tmp_path / "RUN.h5"
    scenario = ROOT / "scenarios/delivery/mouse_ev_1e9.toml"
    done = paracrine(
        "run",
        scenario,
        "-o",
        output,
        "-q",
        "--set",
        "liver.lobules=3",
        "--set",
        "time.duration=6 h",
        "--set",
        "output.agents_every=6 h",
    )
    assert done.returncode == 0, done.stderr
    for lobule in range(3):
        found = field_map.read_map(str(output), lobule, "ev_uptake", "6 h")
        places = found.agents["macrophage"]
        half = 0.5 * np.array(found.values.shape[::-1]) * found.spacing_um
        columns, rows = np.floor((places + half) / found.spacing_um).astype(int).T
        inside = np.isfinite(found.values[rows, columns])
        assert len(places) > 20 and np.count_nonzero(~inside) <= 0.02 * len(
            places
        )  # slivers at the edge belong to the next voxel
        assert its_cells_lie_where_much_was_taken_up(found.values, rows[inside], columns[inside])
        assert not its_cells_lie_where_much_was_taken_up(found.values[::-1], rows[inside], columns[inside])
    assert (
        subprocess.run(
            [str(ROOT / ".venv/bin/python"), "-m", "paracrine.plot", str(output), "--lobule", "2"],
            capture_output=True,
        ).returncode
        == 0
    )


def test_examples_in_docstrings_run():
    assert doctest.testmod(field_map).failed == 0
