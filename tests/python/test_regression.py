"""Small runs against the numbers they gave when they were last looked at; each folder of tests/regression says why they may change."""

import csv
import pathlib
import sys
import tempfile

import h5py
import numpy as np
import pytest
from command_line import ROOT, run_scenario

FOLDERS = sorted(path.parent for path in (ROOT / "tests/regression").glob("*/scenario.toml"))


def series(path):
    """Names and rows (time in h first) of the root series."""
    with h5py.File(path) as file:
        names = sorted(
            name
            for name, data in file.items()
            if getattr(data, "shape", None) == file["time"].shape and name != "time"
        )
        return ["time_h", *names], np.column_stack([file["time"][:] * 24, *(file[name][:] for name in names)])


def assert_alike(rows, expected):
    """Every value within a thousandth of itself or of the largest of its series."""
    np.testing.assert_array_less(
        np.abs(rows - expected), 1e-3 * np.abs(rows) + 1e-3 * np.abs(rows).max(axis=0) + 1e-300
    )


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_run_gives_what_it_gave(folder, tmp_path):
    names, rows = series(run_scenario(folder / "scenario.toml", tmp_path))
    with open(folder / "expected.csv", newline="") as file:
        expected = list(csv.reader(file))
    assert names == expected[0]
    assert_alike(rows, np.array(expected[1:], dtype=float))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_half_life_a_twentieth_longer_is_noticed(folder, tmp_path):
    with pytest.raises(AssertionError):
        _names, rows = series(
            run_scenario(folder / "scenario.toml", tmp_path, "parameters.msc_fate.viable_half_life=8.4 h")
        )
        with open(folder / "expected.csv", newline="") as file:
            expected = np.array(list(csv.reader(file))[1:], dtype=float)
        assert_alike(rows, expected)


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as scratch:
            header, values = series(run_scenario(pathlib.Path(argument) / "scenario.toml", scratch))
        with open(pathlib.Path(argument) / "expected.csv", "w", newline="") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(header)
            writer.writerows([[f"{value:.10g}" for value in row] for row in values])
