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


def text(value):
    """A text attribute as h5py gives it: of a fixed length, so bytes."""
    return value.decode() if isinstance(value, bytes) else value


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
        assert data.attrs["schema_version"] == "2.0"
        assert data.attrs["seed"] == 2**64 - 1


def test_xarray_opens_every_group(path):
    with xr.open_dataset(path, group="blocks") as data:
        assert data.flow.dims == ("time", "patch")
        assert dict(data.sizes) == {"time": 57, "patch": 8}
        assert data.volume.dims == ("patch",)
        assert data.volume.dtype == np.float64
        assert data.volume.attrs == {
            "units": "uL",
            "long_name": "volume of the block",
            "comment": "of its blood",
        }
        assert np.array_equal(data.volume, 1.5 + 0.1 * np.arange(8))
    with xr.open_dataset(path, group="fields/near") as data:
        assert data.signal.dims == ("fields_time", "patch", "z", "y", "x")
        assert data.signal.dtype == np.float32
        assert np.isnan(data.signal[3, 0, 0, 0, 0])
        assert data.signal[3, 1, 0, 5, 4] == 3 + 0.125 * 59
        assert data.spacing.attrs["units"] == "um"
        assert data.zone.dims == ("patch", "z", "y", "x")
        assert data.zone.dtype == np.float32
        assert np.isnan(data.zone[0, 0, 0, 0])
        assert data.zone[1, 0, 5, 4] == np.float32(0.01) * np.float32(59)
    with xr.open_dataset(path, group="agents/near") as data:
        assert data.row_size.attrs["sample_dimension"] == "obs"
        assert int(data.row_size.sum()) == data.sizes["obs"]
        assert np.isnan(data.fate[1]) and data.fate[2] == 1
        assert data.attrs["patch_name"] == "block" and data.attrs["first_patch"] == 0
    with xr.open_dataset(path, group="events") as data:
        assert data.code.attrs["flag_meanings"] == "dose_given dose_ended"
        assert np.array_equal(data.code, np.arange(data.sizes["event"]) % 2)
    with xr.open_dataset(path, group="audit") as data:
        assert list(data.species_name.values) == ["msc", "label"]
        assert float(data.largest_relative_error.isel(species=0).max()) == 1e-13 * 6
        assert np.isnan(data.decayed.isel(species=1)).all()
    with xr.open_dataset(path, group="parameters") as data:
        assert list(data.name.values) == ["fate.half_life", "fate.delay"]
        assert float(data.value[0]) == 20.0
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
            assert UNIT.match(text(data.attrs["units"])), name


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


def test_no_text_has_a_variable_length(path):
    """HDF5's dimension scales keep lists of references in two attributes; nothing else has a length of its own."""
    with h5py.File(path) as file:
        objects = [file]
        file.visititems(lambda _name, item: objects.append(item))
        for item in objects:
            assert isinstance(item, h5py.Group) or item.id.get_type().get_class() != h5py.h5t.VLEN
            if isinstance(item, h5py.Dataset) and item.dtype.kind == "S":
                assert item.dtype.itemsize == 1 and item.attrs["_Encoding"] in ("utf-8", b"utf-8"), item.name
            for name in item.attrs:
                kind = h5py.h5a.open(item.id, name.encode()).get_type()
                if name not in ("DIMENSION_LIST", "REFERENCE_LIST"):
                    assert kind.get_class() != h5py.h5t.VLEN, (item.name, name)
                    assert kind.get_class() != h5py.h5t.STRING or not kind.is_variable_str(), (
                        item.name,
                        name,
                    )


def tree_conflicts(path):
    """What keeps xarray.open_datatree from opening a file: a dimension that has another length, or another coordinate, in a group above."""
    conflicts = []

    def look(group, above, coordinates):
        own, values = {}, {}
        for name, item in group.items():
            if isinstance(item, h5py.Dataset):
                for i in range(item.ndim):
                    scale = item.dims[i][0].name if len(item.dims[i]) else item.name
                    own[scale.rpartition("/")[2]] = item.shape[i]
                if (
                    item.ndim == 1
                    and h5py.h5ds.is_scale(item.id)
                    and b"not a netCDF variable" not in item.attrs["NAME"]
                ):
                    values[name] = item[:]
        conflicts.extend(f"{group.name}: {d}" for d, length in own.items() if above.get(d, length) != length)
        conflicts.extend(
            f"{group.name}: values of {name}"
            for name, array in values.items()
            if name in coordinates and not np.array_equal(coordinates[name], array)
        )
        conflicts.extend(
            f"{group.name}: variable {name}" for name in group if name in coordinates and name not in values
        )
        for item in group.values():
            if isinstance(item, h5py.Group):
                look(item, {**above, **own}, {**coordinates, **values})

    with h5py.File(path) as file:
        look(file, {}, {})
    return conflicts


def test_a_complete_run_opens_as_a_tree(path):
    assert tree_conflicts(path) == []
    if hasattr(xr, "open_datatree"):
        with xr.open_datatree(path, engine="h5netcdf") as tree:
            assert tree["fields/near"].sizes["fields_time"] == 15 and tree.sizes["time"] == 57


def test_the_check_of_trees_finds_a_time_of_another_length(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for name, length in (("", 3), ("fields/", 2)):
            file[f"{name}time"] = np.arange(float(length))
            file[f"{name}time"].make_scale("time")
    assert tree_conflicts(tmp_path / "a.h5") == ["/fields: time", "/fields: values of time"]


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
assert data["fields/near/signal"].dimensions == ("fields_time", "patch", "z", "y", "x")
assert data["agents/near/id"].shape[0] + data["agents/far/id"].shape[0] == 1605
assert list(data["audit/species_name"][:]) == ["msc", "label"]
assert data["events/code"].flag_meanings == "dose_given dose_ended"
assert str(data["provenance/scenario_file"][...]) == "sample.toml"
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
        assert text(file.attrs["status"]) == "running"
        assert np.array_equal(file["time"][:], np.arange(40) / 4)
        assert np.array_equal(file["observable_0"][:40], np.arange(40))


def test_packed_file_is_in_the_older_format(folder):
    signature = slice(8, 9)  # version of the superblock
    assert (folder / "packed.h5").read_bytes()[signature][0] <= 2
    assert (folder / "run.h5").read_bytes()[signature][0] == 3
