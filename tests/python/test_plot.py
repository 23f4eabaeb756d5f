"""The command `paracrine plot`, on small files written here in the format of docs/output_format.md."""

import ast
import pathlib
import re
import subprocess
import sys

import h5py
import numpy as np
import pytest
from paracrine import panels, plot, series

ORGANS = ("lung", "liver", "spleen", "other")


def write_run(path, scale=1.0, set_rows=None, end_d=14.0, kind="paracrine run", version="1.0"):
    """A run with two groups of four organs, a single variable, a group in ng/mL, one of zeros, one that hardly changes, and three events."""
    with h5py.File(path, "w", libver=("v110", "v110")) as file:
        file.attrs.update(
            filetype=kind, schema_version=version, title="One dose into a vein", status="complete"
        )
        rows = int(4 * end_d) + 1
        t = np.linspace(0.0, end_d, rows)
        time = file.create_dataset(
            "time",
            data=np.where(np.arange(rows) < (set_rows or rows), t, np.nan),
            maxshape=(None,),
            chunks=(64,),
        )
        time.attrs["units"] = "d"
        time.make_scale("time")

        def add(name, values, unit, meaning):
            data = file.create_dataset(name, data=values, maxshape=(None,), chunks=(64,))
            data.attrs.update(units=unit, long_name=meaning)
            data.dims[0].attach_scale(time)

        for number, organ in enumerate(ORGANS):
            share = (0.9, 0.06, 0.01, 0.03)[number]
            add(f"msc_viable_{organ}", scale * 1e6 * share * 0.5 ** (t * 3), "1", f"viable MSC in {organ}")
            add(
                f"msc_label_{organ}",
                scale * 1e6 * (share + 0.1 * number * (1 - 0.5**t)),
                "1",
                f"label of MSC in {organ}, as cells",
            )
            add(f"particle_{organ}", np.zeros(rows), "1", f"particles in {organ}")
        add("msc_apoptotic_lung", scale * 1e5 * t * np.exp(-t), "1", "apoptotic MSC in lung")
        add("tnf", 0.2 + 0.1 * np.sin(t), "ng/mL", "tumour necrosis factor in tissue")
        add("il10", 0.1 + 0.05 * np.cos(t), "ng/mL", "interleukin 10 in tissue")
        add("perfusion", 0.9 + 0 * t, "mL/min/g", "blood flow per mass of tissue")
        file.create_dataset("not_over_time", data=np.arange(3.0))
        events = file.create_group("events")
        events.create_dataset("time", data=[0.0, 7.0, 3.0])
        code = events.create_dataset("code", data=np.array([0, 0, 1], dtype="u4"))
        code.attrs.update(flag_values=np.array([0, 1], dtype="u4"), flag_meanings="dose vasodilator_start")
        events.create_dataset("subject", data=np.array([0, 0, 0], dtype="u4"))
        events.create_dataset("value", data=[1e6, 1e6, 0.3])
    return str(path)


def test_a_run_is_read_with_units_meanings_and_events(tmp_path):
    run = series.read_series(write_run(tmp_path / "RUN.h5"))
    assert len(run.time_d) == 57 and run.time_d[-1] == 14.0
    assert run.variables["tnf"].unit == "ng/mL"
    assert run.variables["msc_viable_lung"].values[0] == 9e5
    assert "not_over_time" not in run.variables and "time" not in run.variables
    assert [(event.time_d, event.meaning) for event in run.events] == [
        (0.0, "dose"),
        (3.0, "vasodilator start"),
        (7.0, "dose"),
    ]


def test_rows_whose_time_is_not_set_are_cut_off(tmp_path):
    run = series.read_series(write_run(tmp_path / "RUN.h5", set_rows=10))
    assert len(run.time_d) == 10 and all(len(variable.values) == 10 for variable in run.variables.values())


def test_a_file_that_is_being_written_can_be_drawn(tmp_path):
    path = write_run(tmp_path / "RUN.h5.part")
    with h5py.File(path, "r+", libver=("v110", "v110")) as writer:
        writer.swmr_mode = True
        # Another process, as with a real run: within one process HDF5 shares the open file.
        done = subprocess.run([sys.executable, "-m", "paracrine.plot", path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "RUN.png").stat().st_size > 10_000


def variables(**meanings):
    """Variables by name: "unit: meaning"."""
    return {name: series.Variable(name, np.ones(2), *text.split(": ")) for name, text in meanings.items()}


def test_panels_are_groups_that_share_a_prefix_and_a_unit(tmp_path):
    run = series.read_series(write_run(tmp_path / "RUN.h5"))
    made = {panel.title: panel for panel in panels.make_panels(run.variables)}
    assert set(made) == {
        "msc_viable_*",
        "msc_label_*",
        "particle_*",
        "msc_apoptotic_lung",
        "in ng/mL",
        "perfusion",
    }
    assert made["msc_viable_*"].labels == sorted(ORGANS)


def test_variables_of_different_units_never_share_a_panel():
    made = panels.make_panels(variables(a_x="1: x", a_y="1/mL: x", a_z="1: x"))
    assert [(panel.title, panel.names) for panel in made] == [("a_*", ["a_x", "a_z"]), ("a_y", ["a_y"])]


def test_the_first_word_of_the_meaning_keeps_unlike_things_apart():
    made = panels.make_panels(
        variables(
            a_b_x="1: grains in x",
            a_b_y="1: grains in y",
            a_b_z_z="1: share in z",
            a_b_v="1: share in v",
            a_c="1: grains",
        )
    )
    assert [(panel.title, panel.labels) for panel in made] == [
        ("a_b_*", ["x", "y"]),
        ("a_b_*", ["z_z", "v"]),
        ("a_c", ["a_c"]),
    ]


def test_what_is_left_joins_by_its_last_word_and_then_by_its_unit():
    made = panels.make_panels(
        variables(a_plasma="g: of a", p="mm: p", b_plasma="g: of b", q="mm: q", r="1: r", s="1: s")
    )
    assert [(panel.title, panel.labels) for panel in made] == [
        ("*_plasma", ["a", "b"]),
        ("in mm", ["p", "q"]),
        ("r", ["r"]),
        ("s", ["s"]),
    ]


def test_a_group_larger_than_the_palette_is_split():
    made = panels.make_panels(variables(**{f"a_{number}": "1: x" for number in range(11)}))
    assert [len(panel.names) for panel in made] == [8, 3]
    assert len(plot.COLOURS) == panels.MOST_CURVES


def test_counts_over_decades_get_a_logarithmic_axis_and_shares_a_linear_one():
    decay = 1e6 * 0.5 ** np.arange(0.0, 60.0)
    assert panels.choose_scale([decay]) == ("symlog", 1.0)
    assert panels.choose_scale([np.array([0.1, 0.9])])[0] == "linear"
    assert panels.choose_scale([np.array([0.0, 1.0, 1e9])])[0] == "linear"  # what only grows
    assert panels.choose_scale([np.array([1e9, 1e5])]) == ("symlog", 1e4)
    assert panels.choose_scale([np.array([0.0, 1.0, 1e9]), np.array([0.0, 1.0, 1e6])]) == ("symlog", 1e4)
    assert panels.choose_scale([np.array([0.0, 5.0]), np.array([0.0, 0.01])])[0] == "symlog"
    assert panels.choose_scale([decay], "linear")[0] == "linear"
    assert panels.choose_scale([np.array([0.1, 0.9])], "log")[0] == "symlog"
    assert panels.choose_scale([np.zeros(3), np.full(3, np.nan)], "log")[0] == "linear"


def test_the_picture_shows_what_changes_and_names_the_rest(tmp_path):
    run = series.read_series(write_run(tmp_path / "RUN.h5"))
    figure = plot.draw([run])
    titles = {axes.get_title(loc="left") for axes in figure.axes}
    assert titles == {"Viable MSC", "Label of MSC in ... as cells", "Apoptotic MSC in lung", "... in tissue"}
    assert [text.get_text() for text in figure.texts if "not drawn" in text.get_text()] == [
        "changes by less than 1 %, not drawn: perfusion 0.9 mL/min/g\nzero throughout, not drawn: particle_*"
    ]
    viable = next(axes for axes in figure.axes if axes.get_title(loc="left") == "Viable MSC")
    assert (
        viable.get_yscale() == "symlog"
        and viable.get_ylabel() == "msc_viable_* [1]"
        and viable.get_xlabel() == "time [d]"
    )
    assert {text.get_text() for text in viable.get_legend().get_texts()} == set(ORGANS)
    colours = {line.get_color() for line in viable.get_lines() if len(line.get_xdata()) == 57}
    assert len(colours) == 4 and colours <= set(plot.COLOURS)
    figure.draw_without_rendering()
    for axes in figure.axes:
        if axes.get_legend():
            assert axes.get_legend().get_window_extent().y1 < axes.xaxis.label.get_window_extent().y0


def test_what_differs_between_runs_is_drawn_though_it_is_constant_in_each(tmp_path):
    paths = [write_run(tmp_path / "1.h5"), write_run(tmp_path / "2.h5")]
    with h5py.File(paths[1], "r+") as file:
        file["perfusion"][:] = 0.88
    figure = plot.draw([series.read_series(path) for path in paths])
    assert "Blood flow per mass of tissue" in {axes.get_title(loc="left") for axes in figure.axes}
    with h5py.File(paths[1], "r+") as file:
        file["perfusion"][:] = 0.8999
    figure = plot.draw([series.read_series(path) for path in paths])
    assert "Blood flow per mass of tissue" not in {axes.get_title(loc="left") for axes in figure.axes}


def test_a_run_in_which_nothing_changes_is_drawn_all_the_same(tmp_path):
    path = write_run(tmp_path / "RUN.h5")
    with h5py.File(path, "r+") as file:
        for name in [
            name
            for name, item in file.items()
            if isinstance(item, h5py.Dataset) and name not in ("time", "perfusion")
        ]:
            file[name][:] = 0.0
    assert [axes.get_title(loc="left") for axes in plot.draw([series.read_series(path)]).axes] == [
        "Blood flow per mass of tissue"
    ]


def test_a_group_is_named_by_its_pattern_only_when_all_of_it_is_zero(tmp_path):
    path = write_run(tmp_path / "RUN.h5")
    with h5py.File(path, "r+") as file:
        file["particle_liver"][5] = 1.0
    (note,) = [
        text.get_text()
        for text in plot.draw([series.read_series(path)]).texts
        if "not drawn" in text.get_text()
    ]
    assert note.endswith("zero throughout, not drawn: particle_lung, particle_other, particle_spleen")


def test_panels_stand_in_the_order_in_which_the_run_names_its_series(tmp_path):
    with h5py.File(tmp_path / "RUN.h5", "w", track_order=True) as file:
        file.attrs.update(filetype="paracrine run", schema_version="1.0")
        time = file.create_dataset("time", data=[0.0, 1.0])
        time.make_scale("time")
        for name in ("zeta", "alpha"):
            file.create_dataset(name, data=[1.0, 2.0]).dims[0].attach_scale(time)
    run = series.read_series(str(tmp_path / "RUN.h5"))
    assert list(run.variables) == ["zeta", "alpha"]
    assert [axes.get_title(loc="left") for axes in plot.draw([run]).axes] == ["Zeta", "Alpha"]


def test_a_short_run_is_drawn_in_hours(tmp_path):
    figure = plot.draw([series.read_series(write_run(tmp_path / "RUN.h5", end_d=1.0))])
    assert figure.axes[0].get_xlabel() == "time [h]"
    assert (
        max(line.get_xdata()[-1] for line in figure.axes[0].get_lines() if len(line.get_xdata()) > 2) == 24.0
    )


def test_several_runs_are_compared_by_line_style(tmp_path):
    runs = [series.read_series(write_run(tmp_path / f"RUN{number}.h5", scale=number)) for number in (1, 3)]
    figure = plot.draw(runs, ["msc_viable_*"])
    styles = {line.get_linestyle() for line in figure.axes[0].get_lines() if len(line.get_xdata()) > 2}
    assert styles == {"-", "--"}
    assert [text.get_text() for text in figure.legends[0].get_texts()][:2] == ["RUN1.h5", "RUN3.h5"]


def test_many_runs_are_drawn_as_a_median_and_a_band(tmp_path):
    paths = [write_run(tmp_path / f"RUN{number}.h5", scale=1 + number / 40) for number in range(40)]
    figure = plot.draw([series.read_series(path) for path in paths], ["msc_apoptotic_lung"])
    (axes,) = figure.axes
    assert len([line for line in axes.get_lines() if len(line.get_xdata()) > 3]) == 1
    assert len(axes.collections) == 1
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend[0] == "One dose into a vein: 40 runs, median and the middle 90 %"
    (line,) = [line for line in axes.get_lines() if len(line.get_xdata()) > 3]
    alone = series.read_series(paths[0]).variables["msc_apoptotic_lung"].values
    np.testing.assert_allclose(line.get_ydata(), alone * (1 + 19.5 / 40))


def test_alt_is_shown_in_units_per_litre(tmp_path):
    path = write_run(tmp_path / "RUN.h5")
    with h5py.File(path, "r+") as file:
        file.move("perfusion", "alt")
        file["alt"].attrs["units"] = "1/L"
    figure = plot.draw([series.read_series(path)], ["alt"])
    assert figure.axes[0].get_ylabel() == "alt [U/L]"


def test_the_command_draws_and_writes_over_nothing_unasked(tmp_path, capsys):
    path = write_run(tmp_path / "RUN.h5")
    assert plot.main([path]) == 0
    picture = tmp_path / "RUN.png"
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert plot.main([path]) == 2
    assert (
        capsys.readouterr().err
        == f"paracrine plot: {picture}: exists; choose another name with -o, or --force to write over it\n"
    )
    assert plot.main([path, "--force", "--variables", "tnf, msc_label_*", "--log"]) == 0
    assert plot.main([path, "-o", str(tmp_path / "two.svg"), "--linear"]) == 0


def test_caption_is_what_the_meanings_share():
    assert panels.common_words(["viable MSC in lung", "viable MSC in liver"]) == "viable MSC"
    assert (
        panels.common_words(["label in lung, as cells", "label in liver, as cells"])
        == "label in ... as cells"
    )
    assert panels.common_words(["factor in tissue", "interleukin in tissue"]) == "... in tissue"
    assert panels.common_words(["one", "two"]) == ""
    assert panels.common_words(["blood flow of the organ"]) == "blood flow of the organ"


def refused(arguments, capsys):
    assert plot.main(arguments) == 2
    return capsys.readouterr().err.removeprefix("paracrine plot: ").rstrip("\n")


def test_a_missing_file_is_refused_and_its_part_is_named(tmp_path, capsys):
    path = str(tmp_path / "RUN.h5")
    assert refused([path], capsys) == f"{path}: no such file"
    write_run(path + ".part")
    assert (
        refused([path], capsys)
        == f"{path}: no such file; the run is not complete, its rows so far are in {path}.part"
    )


def test_files_that_are_not_runs_are_refused(tmp_path, capsys):
    text, foreign = tmp_path / "text.h5", str(tmp_path / "foreign.h5")
    text.write_text("no HDF5")
    assert refused([str(text)], capsys) == f"{text}: is no HDF5 file, or a damaged one"
    with h5py.File(foreign, "w") as file:
        file["time"] = [0.0]
    assert (
        refused([foreign], capsys)
        == f"{foreign}: is not a run of Paracrine (it has no attribute filetype that says so)"
    )
    checkpoint = write_run(tmp_path / "ckpt.h5", kind="paracrine checkpoint")
    assert (
        refused([checkpoint], capsys)
        == f"{checkpoint}: is a checkpoint, which has no time series; plot the run's .h5 or .h5.part"
    )
    checkpoint = tmp_path / "ckpt-000001.ckpt"
    checkpoint.write_bytes(b"PRCKPT\r\n" + bytes(100))
    assert (
        refused([str(checkpoint)], capsys)
        == f"{checkpoint}: is a checkpoint, which has no time series; plot the run's .h5 or .h5.part"
    )
    newer = write_run(tmp_path / "newer.h5", version="3.0")
    assert (
        refused([newer], capsys)
        == f"{newer}: has format version 3, this program knows up to 2; use the version that wrote it"
    )
    folder = tmp_path / "run.h5"
    folder.mkdir()
    assert refused([str(folder)], capsys) == f"{folder}: is a folder; name the file in it"
    assert not list(tmp_path.glob("*.png"))


def test_an_unknown_variable_gets_the_nearest_names(tmp_path, capsys):
    path = write_run(tmp_path / "RUN.h5")
    message = refused([path, "--variables", "msc_viable_lng"], capsys)
    assert message.startswith('no variable "msc_viable_lng"; did you mean msc_viable_lung')
    assert refused([path, "--variables", ","], capsys) == "--variables: names no variable"


def test_a_wrong_picture_name_is_refused(tmp_path, capsys):
    path = write_run(tmp_path / "RUN.h5")
    assert (
        refused([path, "-o", str(tmp_path / "a.bmp")], capsys)
        == f"{tmp_path}/a.bmp: pictures end in .png, .svg, .pdf"
    )
    assert (
        refused([path, "-o", str(tmp_path / "no" / "a.png")], capsys)
        == f"{tmp_path}/no/a.png: there is no folder {tmp_path}/no"
    )


def test_runs_in_different_units_are_not_drawn_together(tmp_path, capsys):
    paths = [write_run(tmp_path / "1.h5"), write_run(tmp_path / "2.h5")]
    with h5py.File(paths[1], "r+") as file:
        file["tnf"].attrs["units"] = "pg/mL"
    assert (
        refused(paths, capsys)
        == f"{paths[1]}: tnf is in pg/mL, in {paths[0]} it is in ng/mL; they cannot share a picture"
    )


def code_of(text):
    """Source text without its comments, docstrings and the epilogs of commands, which may show examples."""
    tree = ast.parse(text)
    tree.body = [
        node
        for node in tree.body
        if not (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "EPILOG")
    ]
    for node in ast.walk(tree):
        if (
            isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
            and ast.get_docstring(node) is not None
        ):
            node.body[0] = ast.Pass()
    return ast.unparse(tree)


def test_the_package_knows_no_observable_by_name():
    folder = pathlib.Path(plot.__file__).parent
    words = ("msc", "lung", "liver", "macrophage", "collagen")  # "lobule" is a word of the file format
    assert "liver" in code_of('"""Of a liver."""\nx = "liver"\n') and "liver" not in code_of(
        '"""Of a liver."""\nx = 1  # liver\n'
    )
    for file in folder.glob("*.py"):
        code = code_of(file.read_text()).lower()
        if file.name == "experiments.py":  # "liver" is a section of scenario files
            code = re.sub(r"'liver'|liver\.|\[liver\]|liver_keys", "", code)
        assert not [word for word in words if re.search(rf"(?<![a-z]){word}", code)], file


@pytest.mark.parametrize("module", [plot, panels, series])
def test_examples_in_docstrings_run(module):
    import doctest

    assert doctest.testmod(module).failed == 0
