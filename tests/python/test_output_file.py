"""The output file in the hands of its readers: plain xarray, h5py, netCDF4 and h5dump.

Needs the program write_example from the build: its path in PARACRINE_WRITE_EXAMPLE, or below build/.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

h5py = pytest.importorskip("h5py")
np = pytest.importorskip("numpy")
xr = pytest.importorskip("xarray")
pytest.importorskip("h5netcdf")

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Units that UDUNITS and pint both read: a product of names with integer powers, at most one slash at a time.
UNIT = re.compile(r"^(1|[A-Za-z]+(\^-?\d+)?)(/[A-Za-z]+(\^-?\d+)?)*$")


def write_example():
    named = os.environ.get("PARACRINE_WRITE_EXAMPLE")
    if named:
        return named
    found = sorted(ROOT.glob("build/**/write_example"), key=lambda path: path.stat().st_mtime)
    if not found:
        pytest.skip("write_example is not built")
    return str(found[-1])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("example")
    subprocess.run([write_example(), str(path)], check=True)
    return path


@pytest.fixture(params=["run.h5", "packed.h5"])
def path(request, folder):
    return folder / request.param


def datasets(path, **options):
    """All datasets of a file as (name, dataset)."""
    found = []
    with h5py.File(path, "r", **options) as file:
        file.visititems(lambda name, item: found.append(name) if isinstance(item, h5py.Dataset) else None)
        for name in found:
            yield name, file[name]


def test_xarray_opens_it_with_no_arguments(path):
    with xr.open_dataset(path) as data:
        assert dict(data.sizes) == {"time": 57}
        assert len(data.data_vars) == 30
        assert data.time.dtype == np.float64
        assert data.time.attrs["units"] == "d"
        assert np.array_equal(data.time, np.arange(57) / 4)
        assert np.array_equal(data.observable_0, np.arange(57))
        assert np.allclose(data.observable_3, np.sin(np.arange(57) + 0.1 * 3), rtol=1e-14)
        assert data.attrs["status"] == "complete"
        assert data.attrs["filetype"] == "paracrine run"
        assert data.attrs["schema_version"] == "1.0"
        assert data.attrs["seed"] == 2**64 - 1


def test_xarray_opens_every_group(path):
    with xr.open_dataset(path, group="blocks") as data:
        assert data.flow.dims == ("time", "block")
        assert dict(data.sizes) == {"time": 57, "block": 8}
        assert data.volume.dims == ("block",)
        assert data.volume.dtype == np.float64
        assert data.volume.attrs == {
            "units": "uL",
            "long_name": "volume of the block",
            "comment": "of its blood",
        }
        assert np.array_equal(data.volume, 1.5 + 0.1 * np.arange(8))
    with xr.open_dataset(path, group="fields") as data:
        assert data.signal.dims == ("time", "lobule", "z", "y", "x")
        assert data.signal.dtype == np.float32
        assert np.isnan(data.signal[3, 0, 0, 0, 0])
        assert data.signal[3, 1, 0, 5, 4] == 3 + 0.125 * 59
        assert data.spacing.attrs["units"] == "um"
        assert data.zone.dims == ("lobule", "z", "y", "x")
        assert data.zone.dtype == np.float32
        assert np.isnan(data.zone[0, 0, 0, 0])
        assert data.zone[1, 0, 5, 4] == np.float32(0.01) * np.float32(59)
    with xr.open_dataset(path, group="agents") as data:
        assert data.row_size.attrs["sample_dimension"] == "obs"
        assert int(data.row_size.sum()) == data.sizes["obs"]
        assert np.isnan(data.fate[1]) and data.fate[2] == 1
    with xr.open_dataset(path, group="events") as data:
        assert data.code.attrs["flag_meanings"] == "dose_given dose_ended"
        assert np.array_equal(data.code, np.arange(data.sizes["event"]) % 2)
    with xr.open_dataset(path, group="audit") as data:
        assert list(data.species.values) == ["msc", "label"]
        assert float(data.largest_relative_error.sel(species="msc").max()) == 1e-13 * 6
        assert np.isnan(data.decayed.sel(species="label")).all()
    with xr.open_dataset(path, group="parameters") as data:
        assert float(data.value.sel(name="fate.half_life")) == 20.0
        assert list(data.overridden.values) == [1, 0]
        assert str(data.source.values[0]) == "made up, µ"
    with xr.open_dataset(path, group="provenance") as data:
        assert str(data.scenario_resolved.values).endswith('title = "µm"\n')


def test_every_variable_has_a_meaning_and_numbers_have_a_unit(path):
    for name, data in datasets(path):
        if b"not a netCDF variable" in data.attrs.get("NAME", b""):
            continue
        assert data.attrs["long_name"], name
        if data.dtype.kind in "fiu":
            assert UNIT.match(data.attrs["units"]), name


def test_the_check_of_units_refuses_what_some_reader_does_not_know():
    for wrong in ("ng mL-1", "um2/s", "d-1", "%", "cell(s)", ""):
        assert not UNIT.match(wrong)


def test_no_enum_bool_or_compound(path):
    for name, data in datasets(path):
        assert data.id.get_type().get_class() in (h5py.h5t.INTEGER, h5py.h5t.FLOAT, h5py.h5t.STRING), name
        for attribute in data.attrs:
            if attribute not in ("REFERENCE_LIST", "DIMENSION_LIST"):
                kind = h5py.h5a.open(data.id, attribute.encode()).get_type().get_class()
                assert kind in (h5py.h5t.INTEGER, h5py.h5t.FLOAT, h5py.h5t.STRING), (name, attribute)


def test_no_object_keeps_its_times(path):
    for name, data in datasets(path):
        assert h5py.h5g.get_objinfo(data.id).mtime == 0, name


def test_h5dump_reads_it(path):
    h5dump = shutil.which("h5dump")
    if not h5dump:
        pytest.skip("no h5dump")
    assert subprocess.run([h5dump, str(path)], stdout=subprocess.DEVNULL).returncode == 0


NETCDF4 = """
import sys, netCDF4
data = netCDF4.Dataset(sys.argv[1])
assert data["time"].units == "d" and data["time"].shape == (57,)
assert data["observable_2"].dimensions == ("time",) and data["observable_2"][0] == __import__("math").sin(0.2)
assert data["fields/signal"].dimensions == ("time", "lobule", "z", "y", "x")
assert data["agents/id"].shape == (1605,) and data["agents/row_size"][:].sum() == 1605
assert list(data["audit/species"][:]) == ["msc", "label"]
assert data["events/code"].flag_meanings == "dose_given dose_ended"
assert data["provenance/scenario_file"][...] == "sample.toml"
"""


def test_netcdf4_reads_it_in_a_process_of_its_own(path):
    if subprocess.run([sys.executable, "-c", "import netCDF4"], stderr=subprocess.DEVNULL).returncode:
        pytest.skip("no netCDF4")
    subprocess.run([sys.executable, "-c", NETCDF4, str(path)], check=True)


def test_what_a_killed_run_left_is_read_in_swmr_mode(folder):
    part = folder / "killed.h5.part"
    with pytest.raises(OSError):
        h5py.File(part, "r")
    with h5py.File(part, "r", swmr=True) as file:
        assert file.attrs["status"] == "running"
        assert np.array_equal(file["time"][:], np.arange(40) / 4)
        assert np.array_equal(file["observable_0"][:40], np.arange(40))


def test_packed_file_is_in_the_older_format(folder):
    signature = slice(8, 9)  # version of the superblock
    assert (folder / "packed.h5").read_bytes()[signature][0] <= 2
    assert (folder / "run.h5").read_bytes()[signature][0] == 3
