"""Calibration: on problems whose answers are known, and whole on a few rows."""

import doctest
import importlib
import json
import math
import os
import pathlib
import signal
import subprocess
import sys
import time

import numpy as np
import paracrine as pc
import pytest
from paracrine.calibrating import load_ensemble, shortfalls
from paracrine.calibration import Anchor, Free, Twin, corrected, distance, fit_rows, loss, read_choice
from paracrine.calibration_report import summary
from paracrine.calibration_results import effective_number, knowledge, most_central, pick, trade_offs
from paracrine.calibration_search import Journal, Search, evolve, key_of, shares_of
from paracrine.experiments import read_experiments, shipped_experiments
from paracrine.targets import Target, read_targets

FREE = [Free("a", 1.0, 100.0, 10.0, "1", True), Free("b", 0.0, 2.0, 1.0, "h", False)]


def paracrine(*arguments):
    return subprocess.run(
        [f"{sys.prefix}/bin/paracrine", *map(str, arguments)], capture_output=True, text=True, timeout=600
    )


def row(name, low, high, grade="A"):
    return Target(name, "natural_history", "mouse", "", "", "value", low, high, "1", grade, "fit")


def search(tmp_path, compute, rows, free=FREE):
    return Search("natural_history", rows, free, {}, Journal(tmp_path / "j", {"about": 1}), compute)


def linear(sets):
    """Two rows of two parameters: their logarithm and a sum."""
    return [
        {"x": math.log10(one["a"]), "y": math.log10(one["a"]) + float(str(one["b"]).split()[0])}
        for one in sets
    ]


def test_values_and_shares_of_a_range():
    assert FREE[0].value(0.5) == pytest.approx(10.0)
    assert FREE[0].share(10.0) == pytest.approx(0.5)
    assert FREE[1].text(0.5) == "0.5 h"
    assert FREE[1].value(1.7) == 2.0


def test_the_search_finds_the_answer(tmp_path):
    rows = [row("x", 1.5, 1.51), row("y", 2.0, 2.01)]
    members, losses = evolve(search(tmp_path, linear, rows), 16, 40, 1)
    best = members[np.argmin(losses)]
    assert FREE[0].value(best[0]) == pytest.approx(10**1.505, rel=0.05)
    assert FREE[1].value(best[1]) == pytest.approx(0.5, abs=0.05)


def test_sampling_spreads_over_what_fits_alike(tmp_path):
    """Only the sum of logarithms is told: one combination of two is identified, and they trade off."""
    rows = [row("y", 1.4, 1.6)]
    found = search(tmp_path, linear, rows)
    start, _ = evolve(found, 24, 15, 1)
    members, losses = evolve(found, 24, 60, 2, sample=True, start=start.tolist())
    chosen = members[pick(members, losses, 20, 2.0)]
    assert len(chosen) >= 15
    assert trade_offs(FREE, chosen)[0][2] < -0.6
    number, _ = effective_number(lambda shares: [10.0 * (2.0 * shares[0] + 2.0 * shares[1])], [0.5, 0.5])
    assert number == pytest.approx(1.0, abs=0.05)
    known = knowledge(FREE, chosen, members, losses)
    assert not known[0].identified
    assert len(known[0].profile) > 3


def test_a_stopped_search_ends_as_one_that_was_not(tmp_path):
    rows = [row("x", 1.5, 1.51), row("y", 2.0, 2.01)]
    whole, _ = evolve(search(tmp_path, linear, rows), 8, 6, 3)
    (tmp_path / "again").mkdir()
    calls = []

    def stops(sets):
        calls.append(len(sets))
        if len(calls) == 4:
            raise KeyboardInterrupt
        return linear(sets)

    with pytest.raises(KeyboardInterrupt):
        evolve(search(tmp_path / "again", stops, rows), 8, 6, 3)
    path = tmp_path / "again" / "j"
    path.write_text(path.read_text() + '{"key": "natural_hist')  # killed in the middle of a line
    calls.clear()
    counted = []
    again, _ = evolve(
        search(tmp_path / "again", lambda sets: counted.append(len(sets)) or linear(sets), rows), 8, 6, 3
    )
    np.testing.assert_array_equal(again, whole)
    assert sum(counted) < 8 * 7  # what was known was not computed again
    for line in path.read_text().splitlines():
        json.loads(line)


def test_a_journal_of_something_else_is_refused(tmp_path):
    Journal(tmp_path / "j", {"build": "x"})
    with pytest.raises(pc.InputError, match="belongs to a calibration with other targets"):
        Journal(tmp_path / "j", {"build": "y"})
    (tmp_path / "k").write_text("nothing of the kind\n")
    with pytest.raises(pc.InputError, match="is no journal"):
        Journal(tmp_path / "k", {})


def test_what_earlier_stages_found_belongs_to_a_key():
    assert key_of("delivery", [0.5], {"a": 1.0}) != key_of("delivery", [0.5], {"a": 2.0})
    assert shares_of(key_of("delivery", [0.5], {"a": 1.0}))[1] == [0.5]


def test_keys_are_exact():
    shares = [0.1, 1 / 3]
    assert shares_of(key_of("delivery", shares)) == ("delivery", shares)


def test_distances_and_losses():
    assert distance(row("x", 10, 20), 15) == 0.0
    assert distance(row("x", 10, 20), 25) == pytest.approx(1.0)
    assert distance(row("x", 1, 100), 1000.0) == pytest.approx(1.0)  # a wide range by logarithms
    assert distance(row("x", 0, 1), math.nan) == 3.0
    good = loss([row("x", 10, 20)], {"x": 15.0}, FREE, [0.5, 0.5])
    assert good == 0.0
    assert loss([row("x", 10, 20)], {"x": 30.0}, FREE, [0.5, 0.5]) == pytest.approx(4.1)
    assert loss([row("x", 10, 20, "C")], {"x": 30.0}, FREE, [0.5, 0.5]) == pytest.approx(0.4 * 4.1)


def test_a_shift_by_the_agents_leaves_what_is_not_known():
    assert corrected({"a": 2.0, "b": 2.0}, [Anchor((0.0,), {"a": math.nan}, {"a": 1.0})], [0.0]) == {
        "a": 2.0,
        "b": 2.0,
    }
    near = [Anchor((0.0,), {"a": 4.0}, {"a": 2.0}), Anchor((1.0,), {"a": 1.0}, {"a": 2.0})]
    assert corrected({"a": 1.0}, near, [0.0]) == pytest.approx({"a": 2.0})
    assert corrected({"a": 1.0}, near, [0.5]) == pytest.approx({"a": 1.0})


def test_members_are_far_from_each_other_and_good():
    members = np.array([[0.0], [0.02], [0.9], [0.5], [1.0]])
    assert pick(members, np.array([0.0, 0.1, 0.2, 5.0, 0.3]), 3, 1.0).tolist()[:2] == [0, 4]
    assert most_central(members) == 3


def test_only_what_is_assumed_may_move(tmp_path):
    path = tmp_path / "p.toml"
    path.write_text(
        '[natural_history]\nlog = ["stellate_fate.reverting_share", "no.such", "recruitment.gain", "recruitment.gain"]\n[delivery]\nlinear = []\n[therapy]\nwanted = 0.8\nmagic = "recruitment.pull"\n[other]\n'
    )
    with pytest.raises(pc.InputError) as refused:
        read_choice(path)
    text = str(refused.value)
    for part in (
        "stellate_fate.reverting_share is measured; only parameters that are assumed or fitted may move",
        "there is no parameter no.such",
        "recruitment.gain stands twice",
        "[therapy] needs row, the id of the row that measures the effect, and wanted, a number",
        'there is no carrier "magic"; there are ev, soluble, efferocytosis',
        'there is no section "other"',
    ):
        assert part in text


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (
            '[natural_history]\nlgo = ["recruitment.gain"]',
            'natural_history: there is no key "lgo"; there are log, linear',
        ),
        ("natural_history = 3", "natural_history: expected a table, got 3"),
        (
            '[natural_history]\nlog = "recruitment.gain"',
            "natural_history: log: expected a list of names, got 'recruitment.gain'",
        ),
        ("[delivery]\nlinear = [3]", "delivery: linear: expected a list of names, got [3]"),
        (
            '[natural_history]\nlog = ["regeneration.rate"]\n[therapy]\nev = ["x"]',
            "therapy: ev: expected the name of a parameter, got ['x']",
        ),
        ('[natural_history]\nlog = ["regeneration.rate"]\n[therapy]\nev = "x"', "there is no parameter x"),
        ("[therapy]\n", "no parameter may move"),
        ("log = [", "Invalid value (at end of document)"),
    ],
)
def test_a_file_of_parameters_that_makes_no_sense_is_refused(tmp_path, content, text):
    path = tmp_path / "p.toml"
    path.write_text(content)
    with pytest.raises(pc.InputError) as refused:
        read_choice(path)
    assert f"{path}: {text}" in str(refused.value).splitlines()


def test_the_parameters_of_the_program_may_all_move():
    choice = read_choice()
    assert len(choice.stages["natural_history"]) >= 10
    assert set(choice.carriers) == {"ev", "soluble", "efferocytosis"}
    for free in (one for stage in choice.stages.values() for one in stage):
        assert 0.0 <= free.share(free.default) <= 1.0


def test_a_wrong_model_fails_a_row():
    """Macrophages without collagenase: on the twin the scar of four weeks must not go as it was measured to go."""
    known = read_experiments(shipped_experiments())
    rows = [
        one
        for one in fit_rows(read_targets(None, known), known, "natural_history")
        if one.id in ("area_28d", "scar_left_256h")
    ]
    assert all(distance(one, value) < 0.5 for one, value in zip(rows, Twin(rows, known).values({}).values()))
    wrong = Twin(rows, known).values(
        {"collagen_degradation.restorative": 0.0, "collagen_degradation.inflammatory": 0.0}
    )
    assert any(distance(one, wrong[one.id]) > 0.5 for one in rows)


def test_a_parameter_set_at_which_the_twin_fails_has_no_values(monkeypatch):
    """The search goes on; the row counts as one that the series never gives."""
    known = read_experiments(shipped_experiments())
    rows = [
        one
        for one in fit_rows(read_targets(None, known), known, "natural_history")
        if one.id in ("alt_peak_time", "area_28d")
    ]
    whole = pc.preview

    def fails(scenario):
        if scenario.get("time.duration") == known["ccl4_one_dose"].arms["all"].get("time.duration"):
            raise pc.RunError("not finite")
        return whole(scenario)

    monkeypatch.setattr("paracrine.calibration.preview", fails)
    found = Twin(rows, known).values({})
    assert math.isnan(found["alt_peak_time"]) and math.isfinite(found["area_28d"])


def test_what_is_known_is_on_disk_before_the_next_is_computed(tmp_path):
    rows = [row("y", 1.4, 1.6)]
    lines = []

    def one_by_one(sets):
        for found in linear(sets):
            lines.append(len((tmp_path / "j").read_text().splitlines()))
            yield found

    search(tmp_path, one_by_one, rows).values([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]])
    assert lines == [1, 2, 3]


@pytest.mark.parametrize(
    "name", ["calibration", "calibration_search", "calibration_results", "calibrating", "calibration_report"]
)
def test_examples_in_docstrings_run(name, place):
    assert doctest.testmod(importlib.import_module(f"paracrine.{name}")).failed == 0


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


def test_a_row_that_was_not_run_does_not_fall_short():
    """One outside, one inside, one never reached, one of a slow experiment."""
    rows = [row(name, 1, 2) for name in "abcd"]
    found = shortfalls(
        rows, rows[:3], {4: {"a": 3.0, "b": 1.5, "c": math.nan}, 7: {"a": 1.0, "b": 1.5, "c": 1.0}}, 4
    )
    assert found == {
        "centre": ["a", "c"],
        "members": {"a": 1, "b": 0, "c": 1},
        "confirmed": 2,
        "not_run": ["d"],
    }


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
