"""`paracrine.open`: what is in a file, complete or not, and without the compiled core."""

import gzip
import pathlib
import shutil
import time

import numpy as np
import paracrine as pc
import pytest
import xarray
from api import ROOT, python, small
from command_line import long_run


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("open")
    scenario = pc.Scenario.load(
        ROOT / "scenarios/delivery/mouse_ev_1e9.toml",
        {
            "time.duration": "3 h",
            "time.record": [],
            "liver.lobules": 2,
            "output.fields_every": "1 h",
            "output.agents_every": "1 h",
        },
    )
    with pytest.warns(pc.ScenarioWarning):
        return pc.run(scenario, folder / "run.h5", threads=1, progress=False)


def test_the_series_are_what_plain_xarray_reads(run):
    plain = xarray.open_dataset(run.path, engine="h5netcdf", decode_times=False)
    assert run.series.equals(plain)
    assert (
        run.series.time.attrs["units"] == "d"
        and run.series.ev_plasma.attrs["units"] == "1/mL"
        and run.series.attrs["status"] == "complete"
    )
    for place, own, names in (
        ("lobules", run.lobules, {"patch": "lobule"}),
        ("fields/liver", run.fields.drop_vars("patch"), {"patch": "lobule", "fields_time": "time"}),
    ):
        read = xarray.open_dataset(run.path, group=place, engine="h5netcdf", decode_times=False)
        assert {names.get(str(name), name) for name in read.variables} == set(own.variables), place
        read = read.rename(names)
        for name in own.data_vars:
            assert own[name].dims == read[name].dims, name
            if own[name].dtype.kind != "O":
                np.testing.assert_array_equal(own[name].values, read[name].values)


def test_format_1_is_read_as_before(tmp_path):
    path = tmp_path / "format_1.h5"
    path.write_bytes(gzip.decompress((ROOT / "tests/data/format_1.h5.gz").read_bytes()))
    old = pc.open(path)
    assert old.attributes["schema_version"] == "1.0" and len(old.series.time) == 4
    assert dict(old.lobules.sizes) == {"time": 4, "lobule": 2}
    assert old.fields.ev_uptake.dims == ("time", "lobule", "z", "y", "x") and old.fields.patch.dims == (
        "lobule",
    )
    assert old.agents.sizes["obs"] == int(old.agents.row_size.sum()) > 0
    assert next(iter(old.audit.species.values)) == "msc" and "cells" in old.provenance["scenario_resolved"]
    assert (
        old.events.what.tolist() == ["dose"]
        and old.parameters.loc["circulation.cardiac_output", "unit"] == "mL/min"
    )
    packed = old.pack(tmp_path / "packed.h5")
    assert (
        packed.digest() == old.digest()
        and packed.fields.equals(old.fields)
        and packed.agents.equals(old.agents)
    )
    new = pc.run(
        pc.Scenario.load(ROOT / "tests/data/format_1.toml"),
        tmp_path / "format_2.h5",
        threads=1,
        progress=False,
    )
    for name in ("series", "lobules", "fields", "agents", "audit"):
        before, now = getattr(old, name), getattr(new, name)
        assert set(before.variables) == set(now.variables), name
        for variable in before.variables:
            assert before[variable].dims == now[variable].dims, (name, variable)


def test_agents_know_their_time_and_fields_their_lobule(run):
    agents = run.agents
    assert agents.sizes["obs"] == int(agents.row_size.sum()) > 0
    last = agents.isel(obs=agents.obs_time.values == float(agents.time[-1]))
    assert last.sizes["obs"] == int(agents.row_size[-1])
    assert run.fields.ev_uptake.dims == ("time", "lobule", "z", "y", "x") and run.fields.sizes["lobule"] == 2


def test_events_parameters_and_provenance(run):
    assert run.events.what.tolist() == ["dose"] and run.events.value.tolist() == [1e9]
    assert run.parameters.loc["circulation.cardiac_output", "unit"] == "mL/min"
    assert (
        run.provenance["overrides"][0] == 'time.duration="3 h"'
        and "paracrine.run(" in run.provenance["command_line"]
    )
    assert "(complete)" in repr(run) and "<b>" in run._repr_html_()


def test_what_a_user_changes_in_a_dataset_stays_with_that_user(run):
    mine = run.series
    mine["ev_plasma"] = mine.ev_plasma * 0
    assert float(run.series.ev_plasma.max()) > 0


def rows_once_more_than(run, count):
    """The series of a run that goes on, when more than so many rows are committed."""
    for _ in range(600):
        try:
            if len(run.series.time) > count:
                return run.series
        except pc.FileError as early:
            assert "no row is committed yet; try again" in str(early)
        time.sleep(0.05)
    raise AssertionError(f"no more than {count} rows were committed in half a minute")


def test_a_run_is_read_while_it_goes_on_and_after_it_was_killed(place):
    process = long_run("-o", "run.h5")
    try:
        live = pc.open("run.h5.part")
        first = rows_once_more_than(live, 0)
        assert live.status == "running" and np.isfinite(first.to_array().values).all()
        rows_once_more_than(live, len(first.time))
    finally:
        process.kill()
        process.communicate()
    rows = live.series
    assert len(rows.time) > len(first.time) and np.isfinite(rows.to_array().values).all()
    assert len(live.lobules.time) == len(rows.time) == len(live.audit.time)
    packed = live.pack("packed.h5")
    assert packed.series.equals(rows)
    with pytest.raises(pc.InputError, match=r'"packed.h5" exists'):
        live.pack("packed.h5")


@pytest.mark.parametrize(
    ("name", "message"),
    [("gone.h5", "gone.h5: no such file"), ("s.toml", "s.toml: is no HDF5 file"), (".", "is a folder")],
)
def test_a_wrong_file_is_refused(place, name, message):
    with pytest.raises(pc.FileError, match=message):
        pc.open(name)


def test_a_group_that_was_not_recorded_is_said(place):
    with pytest.warns(pc.ScenarioWarning):
        run = pc.run(small(), "run.h5", progress=False)
    with pytest.raises(
        pc.FileError,
        match=r"run.h5: has no group fields; whether it is recorded is chosen by the scenario's \[output\]",
    ):
        run.fields


def test_files_are_read_without_the_compiled_core(run, tmp_path):
    package = pathlib.Path(pc.__file__).parent
    shutil.copytree(package, tmp_path / "paracrine", ignore=shutil.ignore_patterns("_core*", "__pycache__"))
    code = """
import sys
sys.path.insert(0, sys.argv[2])
import paracrine as pc
print(pc.__file__, len(pc.open(sys.argv[1]).series.time))
try:
    pc.Scenario.load("s.toml")
except ImportError as missing:
    print(missing)
"""
    answer = python(code, run.path, tmp_path, cwd="/")
    first, second = answer.stdout.splitlines()
    assert first == f"{tmp_path}/paracrine/__init__.py 4"
    assert second.startswith("the compiled core of paracrine cannot be loaded") and "pip install ." in second


def test_both_faces_of_hdf5_write_scales_in_either_order(place):
    for order in ("h5py, paracrine._core", "paracrine._core, h5py"):
        code = f"""
import paracrine, {order}
import h5py, numpy, paracrine as pc
with h5py.File("a.h5", "w") as file:
    file["x"] = numpy.arange(3.0)
    file["x"].make_scale("x")
    file["y"] = numpy.arange(3.0)
    file["y"].dims[0].attach_scale(file["x"])
run = pc.run("s.toml", "b.h5", until="1 h", progress=False, force=True)
import xarray
print(xarray.open_dataset("a.h5", engine="h5netcdf").sizes["x"], run.series.sizes["time"] > 0)
"""
        answer = python(code)
        assert answer.stdout == "3 True\n", answer.stderr
