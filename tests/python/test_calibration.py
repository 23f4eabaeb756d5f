"""Calibration: on problems whose answers are known, and whole on a few rows."""

import json
import math
import subprocess
import sys

import numpy as np
import pytest

import paracrine as pc
from paracrine.calibrating import Agents, Effort, load_ensemble
from paracrine.calibration import Free, Twin, corrected, distance, fit_rows, loss, read_choice
from paracrine.calibration_results import effective_number, knowledge, most_central, pick, trade_offs
from paracrine.calibration_search import Journal, Search, evolve, key_of, shares_of
from paracrine.experiments import read_experiments, shipped_experiments
from paracrine.targets import Target, read_targets

FREE = [Free("a", 1.0, 100.0, 10.0, "1", True), Free("b", 0.0, 2.0, 1.0, "h", False)]


def paracrine(*arguments):
    return subprocess.run([f"{sys.prefix}/bin/paracrine", *map(str, arguments)], capture_output=True, text=True, timeout=600)


def row(name, low, high, grade="A"):
    return Target(name, "natural_history", "mouse", "", "", "value", low, high, "1", grade, "fit")


def search(tmp_path, compute, rows, free=FREE):
    return Search("natural_history", rows, free, {}, Journal(tmp_path / "j", {"about": 1}), compute)


def linear(sets):
    """Two rows of two parameters: their logarithm and a sum."""
    return [{"x": math.log10(one["a"]), "y": math.log10(one["a"]) + float(str(one["b"]).split()[0])} for one in sets]


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
    again, _ = evolve(search(tmp_path / "again", lambda sets: counted.append(len(sets)) or linear(sets), rows), 8, 6, 3)
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
    assert corrected({"a": 2.0, "b": 2.0}, {"a": math.nan}, {"a": 1.0}) == {"a": 2.0, "b": 2.0}


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
        "stellate_fate.reverting_share is measured; only parameters that are assumed or fitted may move", "there is no parameter no.such", "recruitment.gain stands twice",
        "[therapy] needs row, the id of the row that measures the effect, and wanted, a number", 'there is no carrier "magic"; there are ev, soluble, efferocytosis', 'there is no section "other"',
    ):
        assert part in text


def test_the_parameters_of_the_program_may_all_move():
    choice = read_choice()
    assert len(choice.stages["natural_history"]) >= 10
    assert set(choice.carriers) == {"ev", "soluble", "efferocytosis"}
    for free in (one for stage in choice.stages.values() for one in stage):
        assert 0.0 <= free.share(free.default) <= 1.0


def test_a_wrong_model_fails_a_row():
    """Macrophages without collagenase: on the twin the scar of four weeks must not go as it was measured to go."""
    known = read_experiments(shipped_experiments())
    rows = [one for one in fit_rows(read_targets(None, known), known, "natural_history") if one.id in ("area_28d", "scar_left_256h")]
    wrong = Twin(rows, known).values({"collagen_degradation.restorative": 0.0, "collagen_degradation.inflammatory": 0.0})
    assert any(distance(one, wrong[one.id]) > 0.5 for one in rows)


def test_agents_beyond_three_hundred_runs_are_refused(tmp_path):
    known = read_experiments(shipped_experiments())
    rows = fit_rows(read_targets(None, known), known, "natural_history")
    agents = Agents(str(tmp_path), Effort(seeds=200), known)
    with pytest.raises(pc.InputError, match="at most 300 runs of the agents"):
        agents.values("x", rows, {})


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A calibration of a few rows with two parameters."""
    folder = tmp_path_factory.mktemp("calibration")
    known = read_experiments(shipped_experiments())
    rows = {one.id: one for one in read_targets(None, known)}
    (folder / "targets.toml").write_text("\n".join(
        f'[[target]]\nid = "{name}"\nstage = "natural_history"\nspecies = "mouse"\nmeasured = "one dose"\nexperiment = "ccl4_one_dose"\nobservable = "{rows[name].observable}"\n'
        f'statistic = "{rows[name].statistic}"\nlow = {rows[name].low}\nhigh = {rows[name].high}\nunit = "{rows[name].unit}"\ngrade = "A"\nuse = "fit"\nsource = "x"\n'
        for name in ("alt_peak_time", "necrosis_peak")
    ))
    (folder / "parameters.toml").write_text('[natural_history]\nlog = ["hepatocyte_injury.ccl4", "hepatocyte_death.injured_half_life"]\n[therapy]\nrow = "effect_of_one_dose"\nwanted = 0.8\nev = "macrophage_switch.half_signal"\n')
    command = ["calibrate", "-o", str(folder / "c.json"), "--targets", str(folder / "targets.toml"), "--parameters", str(folder / "parameters.toml"), "--population", "6", "--generations", "2",
               "--samples", "2", "--seeds", "1", "--lobules", "2", "--confirmed", "1", "--jobs", "2"]
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
    assert list(ensemble)[0] == "centre"
    scenario = pc.Scenario.load("scenarios/cirrhosis/mouse_ccl4_untreated.toml", {"time.duration": "2 d"})
    found = pc.predict(lambda changes: float(pc.preview(scenario.with_(changes)).series.alt.max()), ensemble)
    assert found.low <= found.median <= found.high
    assert len(found.values) == len(ensemble) - 1
    assert found.share(1) == 1.0
    with pytest.raises(pc.InputError, match="is no calibration"):
        load_ensemble(folder / "targets.toml")


def test_an_unknown_observable_is_refused(tmp_path):
    (tmp_path / "t.toml").write_text(
        '[[target]]\nid = "x"\nstage = "natural_history"\nspecies = "mouse"\nmeasured = "m"\nexperiment = "ccl4_one_dose"\nobservable = "albumen"\nstatistic = "value"\nat = "1 d"\nlow = 1\nhigh = 2\nunit = "g/L"\n'
        'grade = "A"\nuse = "fit"\nsource = "s"\n'
    )
    done = paracrine("calibrate", "--targets", str(tmp_path / "t.toml"), "-o", str(tmp_path / "c.json"))
    assert done.returncode == 2
    assert 'has no observable "albumen"; did you mean "albumin"?' in done.stderr
    assert not (tmp_path / "c.json.journal").exists()
