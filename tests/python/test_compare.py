"""`paracrine compare`: arms and a control from a study file."""

import json
import pathlib
import subprocess
import sys

import pandas
import paracrine as pc
import pytest
from api import small
from test_api_sweep import stamps

COMMAND = str(pathlib.Path(sys.executable).parent / "paracrine")
ARMS = """\
scenario = "small.toml"
replicates = 4
control = "nothing"
measures = ["ev_released", "msc_viable_liver@2 h"]
[arms.low]
[arms.nothing]
therapy = []
[arms.high]
therapy.0.cells = 4e3
"""


@pytest.fixture
def arms(place):
    (place / "small.toml").write_text(small().to_toml())
    (place / "arms.toml").write_text(ARMS)
    return place


def compare(*arguments):
    return subprocess.run([COMMAND, "compare", *arguments], capture_output=True, text=True, timeout=300)


def test_arms_are_compared_with_the_control_in_a_table_and_files(arms):
    done = compare("arms.toml", "-o", "arms.csv", "-o", "arms.json")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "One million MSC into the portal vein (varied: therapy, therapy.0.cells)"
    assert lines[1].split() == [
        "measure",
        "arm",
        "pairs",
        "mean",
        "difference",
        "95",
        "%",
        "interval",
        "Hedges'",
        "g",
        "verdict",
    ]
    assert lines[2].split() == ["ev_released", "nothing", "4", "0", "control"] and lines[3].endswith(
        "higher (one arm does not vary between seeds: no effect size)"
    )
    assert (
        lines[-1]
        == "Differences to nothing over pairs of runs with a common seed; intervals are from seeds, none below 4 pairs."
    )
    table = pandas.read_csv("arms.csv").set_index(["measure", "arm"])
    row = table.loc["ev_released", "high"]
    assert row.n == 4 and 0 < row.low < row.difference < row.high and row.interval_from == "seeds"
    said = json.loads(pathlib.Path("arms.json").read_text())
    assert (
        said["control"] == "nothing"
        and said["arms"]["high"] == {"therapy.0.cells": 4e3}
        and len(said["seeds"]) == 4
    )
    assert (
        said["rows"][2]["difference"] == pytest.approx(row.difference)
        and said["rows"][0]["effect_size"] is None
    )
    before = stamps("arms.sweep")
    assert len(before) == 12
    again = compare("arms.toml", "-q", "-o", "arms.csv")
    assert (again.returncode, again.stderr) == (
        2,
        "paracrine compare: -o arms.csv: exists; --force overwrites it\n",
    )
    again = compare("arms.toml", "-q", "-o", "arms.csv", "--force")
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "") and stamps("arms.sweep") == before


def test_a_control_arm_of_zero_cells_is_a_dose_of_nothing(arms):
    (arms / "arms.toml").write_text(ARMS.replace("therapy = []", "therapy.0.cells = 0"))
    done = compare("arms.toml", "-o", "arms.json")
    assert done.returncode == 0, done.stderr
    rows = json.loads(pathlib.Path("arms.json").read_text())["rows"]
    assert rows[0]["mean"] == 0.0 and rows[2]["verdict"] == "higher"


def test_too_few_pairs_give_no_interval_and_a_failed_run_is_told(arms):
    (arms / "arms.toml").write_text(ARMS.replace("replicates = 4", "replicates = 2"))
    done = compare("arms.toml")
    assert done.returncode == 0 and "cannot be told (2 pairs: no interval below 4)" in done.stdout
    victim = pathlib.Path(pc.open_study("arms.sweep").runs.path[2])
    victim.unlink()
    victim.mkdir()
    done = compare("arms.toml")
    assert done.returncode == 1 and "paracrine compare: arm low, replicate 0 failed: " in done.stderr
    assert "1 pair: no interval below 4" in done.stdout


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"nothing"\n', '"nobody"\n', 'arms.toml: control: there is no arm "nobody"; there are low, nothing, high'),
        ("[arms.low]\n[arms.nothing]\ntherapy = []\n", "", "arms.toml: [arms]: expected a control and one arm at least, got 1"),
        ('["ev_released", "msc_viable_liver@2 h"]', "[]", 'arms.toml: needs measures, a list of texts such as "alt@14 d"'),
        ("[arms.low]", "[grid]\na = [1]\n[arms.low]", "arms.toml: has grid, which does not belong beside [arms]"),
        ("[arms.low]", "[arms]\nlow = 3", "arms.toml: arms.low: expected a table of changes, got 3"),
        ("control =", "contrl =", 'arms.toml: there is no key "contrl"; did you mean "control"?'),
        ("[arms.low]\n", "[arms.low]\nseed = 3\n", "seed: it does not belong into the design"),
    ],
)  # fmt: skip
def test_a_wrong_file_of_arms_is_refused(arms, old, new, message):
    (arms / "arms.toml").write_text(ARMS.replace(old, new))
    done = compare("arms.toml")
    assert done.returncode == 2 and done.stderr.startswith("paracrine compare: ") and message in done.stderr
    assert not (arms / "arms.sweep").exists()
    assert "expected a name that ends in .csv or .json" in compare("arms.toml", "-o", "arms.xlsx").stderr
