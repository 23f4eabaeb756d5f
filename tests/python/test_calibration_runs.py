"""Whole calibrations: what they say, how they stop and continue, and their ensembles."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import paracrine as pc
import pytest
from paracrine.calibration_report import summary
from paracrine.ensembles import load_ensemble
from paracrine.experiments import read_experiments, shipped_experiments
from paracrine.targets import read_targets


def paracrine(*arguments):
    return subprocess.run(
        [f"{sys.prefix}/bin/paracrine", *map(str, arguments)], capture_output=True, text=True, timeout=600
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A calibration of a few rows with two parameters."""
    folder = tmp_path_factory.mktemp("calibration")
    known = read_experiments(shipped_experiments())
    rows = {one.id: one for one in read_targets(None, known)}
    (folder / "targets.toml").write_text(
        "\n".join(
            f'[[target]]\nid = "{name}"\nstage = "natural_history"\nspecies = "mouse"\nmeasured = "one dose"\nexperiment = "ccl4_one_dose"\nobservable = "{rows[name].observable}"\n'
            f'statistic = "{rows[name].statistic}"\nlow = {rows[name].low}\nhigh = {rows[name].high}\nunit = "{rows[name].unit}"\ngrade = "A"\nuse = "fit"\nsource = "x"\n'
            for name in ("alt_peak_time", "necrosis_peak")
        )
    )
    (folder / "parameters.toml").write_text(
        '[natural_history]\nlog = ["hepatocyte_injury.ccl4", "hepatocyte_death.injured_half_life"]\n[therapy]\nrow = "effect_of_one_dose"\nwanted = 0.8\nev = "macrophage_switch.half_signal"\n'
    )
    command = [
        "calibrate",
        "-o",
        str(folder / "c.json"),
        "--targets",
        str(folder / "targets.toml"),
        "--parameters",
        str(folder / "parameters.toml"),
        "--population",
        "6",
        "--generations",
        "2",
        "--samples",
        "2",
        "--seeds",
        "1",
        "--lobules",
        "2",
        "--confirmed",
        "1",
        "--jobs",
        "2",
    ]
    done = paracrine(*command)
    assert done.returncode == 0, done.stderr
    return folder, command, done


def test_a_calibration_says_what_it_found(made):
    folder, _, done = made
    found = json.loads((folder / "c.json").read_text())
    stage = found["stages"]["natural_history"]
    assert stage["rows"] == ["alt_peak_time", "necrosis_peak"]
    assert found["agent_runs"] <= 300
    assert min(one["loss"] for one in stage["members"]) <= stage["default_loss"]
    assert {"parameter", "value", "unit", "effect", "reached"} == set(found["carriers"]["ev"])
    assert "effective number of combinations identified" in done.stdout
    assert "potencies are not identified" in done.stdout
    assert ("fewer than 20 members" in done.stdout) == (len(stage["members"]) < 20)
    assert "\n  necrosis_peak               0.1 to 0.25 (A): agents 0." in done.stdout
    assert stage["measured"]["alt_peak_time"] == {"low": 16, "high": 24, "unit": "h", "grade": "A"}


def children(pid):
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True).stdout
    return [int(one) for one in listed.split()]


@pytest.mark.parametrize(
    ("how", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)]
)
def test_a_calibration_that_is_stopped_leaves_no_worker_and_goes_on_to_the_same_end(
    made, tmp_path, how, status
):
    folder, command, _ = made
    path = tmp_path / "c.json"
    command = [f"{sys.prefix}/bin/paracrine", *command[:2], str(path), *command[3:]]
    whole = len((folder / "c.json.journal").read_text().splitlines())
    # a shell may have started the tests with SIGINT ignored
    running = subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    journal = pathlib.Path(f"{path}.journal")
    until = time.monotonic() + 120
    while (not journal.exists() or len(journal.read_text().splitlines()) < 4) and time.monotonic() < until:
        time.sleep(0.01)
    workers = children(running.pid)
    assert workers
    running.send_signal(how)
    said = running.communicate(timeout=60)[1]
    assert running.returncode == status
    assert how == signal.SIGKILL or said.splitlines()[-1].startswith("paracrine calibrate: stopped; ")
    until = time.monotonic() + 20
    while any(os.path.exists(f"/proc/{pid}") for pid in workers) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(os.path.exists(f"/proc/{pid}") for pid in workers)
    assert not path.exists() and 4 <= len(journal.read_text().splitlines()) < whole
    again = subprocess.run(command, capture_output=True, text=True)
    assert again.returncode == 0, again.stderr
    assert path.read_text() == (folder / "c.json").read_text()


def test_a_calibration_overwrites_nothing_and_goes_on(made):
    folder, command, _ = made
    again = paracrine(*command)
    assert again.returncode == 2 and "exists; --force overwrites it" in again.stderr
    before = (folder / "c.json").read_text()
    entries = len((folder / "c.json.journal").read_text().splitlines())
    (folder / "c.json").unlink()
    assert paracrine(*command).returncode == 0
    assert (folder / "c.json").read_text() == before
    assert len((folder / "c.json.journal").read_text().splitlines()) == entries


def test_members_are_parameters_of_scenarios(made):
    folder, _, _ = made
    ensemble = load_ensemble(folder / "c.json")
    assert next(iter(ensemble)) == "centre"
    scenario = pc.Scenario.load("scenarios/cirrhosis/mouse_ccl4_untreated.toml", {"time.duration": "2 d"})
    found = pc.predict(lambda changes: float(pc.preview(scenario.with_(changes)).series.alt.max()), ensemble)
    assert found.low <= found.median <= found.high
    assert len(found.values) == len(ensemble) - 1
    assert found.share(1) == 1.0
    with pytest.raises(pc.InputError, match="is no calibration"):
        load_ensemble(folder / "targets.toml")


def ensemble_file(path, members):
    one = {
        name: {"members": [{"parameters": parameters} for parameters in stage]}
        for name, stage in members.items()
    }
    path.write_text(json.dumps({"centre": {"a": 0.0, "b": 0.0}, "stages": one}))


def test_members_take_one_of_each_stage(tmp_path):
    path = tmp_path / "c.json"
    ensemble_file(
        path, {"natural_history": [{"a": 1.0}, {"a": 2.0}, {"a": 3.0}], "delivery": [{"b": 4.0}, {"b": 5.0}]}
    )
    assert load_ensemble(path) == {
        "centre": {"a": 0.0, "b": 0.0},
        "member_0": {"a": 1.0, "b": 4.0},
        "member_1": {"a": 2.0, "b": 5.0},
        "member_2": {"a": 3.0, "b": 4.0},
    }
    for members in ({"natural_history": []}, {}):
        ensemble_file(path, members)
        with pytest.raises(pc.InputError, match="is no calibration"):
            load_ensemble(path)


def found_in_words(**changes):
    member = {"loss": 0.1, "twin": {"x": 2.0, "y": None}, "agents": {"x": 3.0, "y": None}}
    stage = {
        "rows": ["x", "y"],
        "measured": {name: {"low": 1, "high": 2, "unit": "h", "grade": "A"} for name in "xy"},
        "members": [member] * changes.pop("count", 20),
        "centre": {"member": 0, "at_end": changes.pop("at_end", [])},
        "shortfalls": {
            "centre": ["x"],
            "members": {"x": 1, "y": 0},
            "confirmed": 1,
            "not_run": changes.pop("not_run", []),
        },
        "default_loss": 3.0,
        "knowledge": {"parameters": [], "trade_offs": [], "effective_number": 0.0},
    }
    return summary({"looked_at": 1, "agent_runs": 2, "stages": {"natural_history": stage}, "carriers": {}})


def test_a_summary_hides_nothing():
    text = found_in_words()
    assert "  x                           1 to 2 h (A): agents 3, twin 2, members 2 to 2\n" in text
    assert "  y                           1 to 2 h (A): agents never, twin never, members never\n" in text
    assert "falls short on the agents, central member: x\n" in text
    assert "not run" not in text and "not run with the agents, since slow: y\n" in found_in_words(
        not_run=["y"]
    )
    assert "fewer than 20" not in text and "at an end" not in text
    assert "fewer than 20 members: no ensemble to predict with" in found_in_words(count=19)
    assert "at an end of its range, central member: recruitment.gain; " in found_in_words(
        at_end=["recruitment.gain"]
    )


def test_a_process_that_dies_is_told(made, tmp_path):
    _folder, command, _ = made
    path = tmp_path / "c.json"
    running = subprocess.Popen(
        [f"{sys.prefix}/bin/paracrine", *command[:2], str(path), *command[3:]],
        stderr=subprocess.PIPE,
        text=True,
    )
    journal = pathlib.Path(f"{path}.journal")
    until = time.monotonic() + 120
    while (not journal.exists() or len(journal.read_text().splitlines()) < 4) and time.monotonic() < until:
        time.sleep(0.01)
    os.kill(
        next(
            pid
            for pid in children(running.pid)
            if "spawn_main" in pathlib.Path(f"/proc/{pid}/cmdline").read_text()
        ),
        signal.SIGKILL,
    )
    said = running.communicate(timeout=60)[1]
    assert running.returncode == 1
    assert (
        said.splitlines()[-1]
        == "paracrine calibrate: a process of the search died; what was looked at is kept, and the same command goes on"
    )


def test_an_unknown_observable_is_refused(tmp_path):
    (tmp_path / "t.toml").write_text(
        '[[target]]\nid = "x"\nstage = "natural_history"\nspecies = "mouse"\nmeasured = "m"\nexperiment = "ccl4_one_dose"\nobservable = "albumen"\nstatistic = "value"\nat = "1 d"\nlow = 1\nhigh = 2\nunit = "g/L"\n'
        'grade = "A"\nuse = "fit"\nsource = "s"\n'
    )
    done = paracrine("calibrate", "--targets", str(tmp_path / "t.toml"), "-o", str(tmp_path / "c.json"))
    assert done.returncode == 2
    assert 'has no observable "albumen"; did you mean "albumin"?' in done.stderr
    assert not (tmp_path / "c.json.journal").exists()
