"""The agents' part in a calibration: how many runs it takes, and what the stored one says of the defaults."""

import numpy as np
import paracrine as pc
import pytest
from paracrine import calibrating
from paracrine.calibrating import apart, calibrate, centre_of
from paracrine.calibration import fit_rows
from paracrine.calibration_agents import Agents, Effort
from paracrine.ensembles import load_ensemble
from paracrine.experiments import read_experiments, shipped_experiments
from paracrine.free_parameters import read_choice
from paracrine.targets import read_targets


def test_agents_beyond_three_hundred_runs_are_refused(tmp_path):
    known = read_experiments(shipped_experiments())
    rows = fit_rows(read_targets(None, known), known, "natural_history")
    agents = Agents(str(tmp_path), Effort(seeds=200), known)
    with pytest.raises(pc.InputError, match="at most 300 runs of the agents"):
        agents.values("x", rows, {})


def test_a_calibration_that_cannot_keep_to_three_hundred_runs_is_refused_before_any(tmp_path):
    with pytest.raises(pc.InputError, match="with 4 seeds this one takes at least"):
        calibrate(tmp_path / "c.json", effort=Effort(seeds=4))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("confirmed", [0, 2, 10, 24])
def test_however_many_members_are_asked_for_every_stage_gets_its_runs(tmp_path, monkeypatch, confirmed):
    known = read_experiments(shipped_experiments())
    rows = {
        stage: fit_rows(read_targets(None, known), known, stage) for stage in ("natural_history", "delivery")
    }
    effort = Effort(confirmed=confirmed)
    agents = Agents(str(tmp_path), effort, known)
    ensemble = np.random.default_rng(1).random((24, 3))
    for stage, later in (("natural_history", 4 * agents.cost(rows["delivery"])), ("delivery", 0)):
        ran = []

        def run(name, shares, stage=stage, ran=ran):
            agents.runs += agents.cost(rows[stage])
            ran.append(name)
            return {}

        for turn in ("turn_1", "turn_2"):
            run(turn, [0.0])
        for turn in ("first", "second"):
            found = calibrating._confirm(
                turn, stage, rows[stage], ensemble, 5, agents, later, effort, [], run, lambda line: None
            )
            assert 5 in found and len(found) <= 1 + confirmed
    assert agents.runs <= 300


def test_synthesis_and_degradation_are_told_apart():
    experiments = read_experiments(shipped_experiments())
    rows = [
        one
        for one in read_targets(None, experiments)
        if one.id in ("turnover_health", "turnover_injury", "area_week_4")
    ]
    beside = read_choice().apart
    found = apart(rows, experiments, beside, {})
    assert set(found) == {"turnover_health", "turnover_injury"}
    assert found["turnover_health"]["collagen_degradation"] == pytest.approx(
        found["turnover_health"]["collagen_synthesis"], rel=0.05
    )  # a healthy matrix stays
    assert (
        found["turnover_injury"]["collagen_degradation"]
        < 0.8 * found["turnover_injury"]["collagen_synthesis"]
    )  # scar grows
    idle = apart(
        rows,
        experiments,
        beside,
        {"collagen_degradation.basal": "0.006 d^-1", "collagen_degradation.structural": "0.006 d^-1"},
    )
    assert idle["turnover_injury"]["collagen_degradation"] < found["turnover_injury"]["collagen_degradation"]


def test_the_centre_is_of_like_quality_first_and_within_the_ranges_then():
    assert centre_of([(True, 2.0), (False, 2.3), (False, 9.0), (True, 1.9)]) == 1
    assert (
        centre_of([(True, 2.0), (False, 9.0)]) == 0
    )  # a set within the ranges that fits much worse is no centre
    assert centre_of([(False, 2.4), (False, 2.1), (True, 2.0)]) == 1


def test_the_defaults_are_the_centre_of_the_stored_calibration():
    ensemble = load_ensemble()
    assert len(ensemble) - 1 >= 20
    table = pc.parameters()
    rows = {row["name"]: row for row in table[table.variant != "human"].to_dict("records")}
    for name, value in ensemble["centre"].items():
        expected = float(str(value).split()[0])
        assert rows[name]["value"] == pytest.approx(expected, rel=5e-3), name  # three digits
        assert rows[name]["kind"] == "fitted" and "calibration 3" in rows[name]["source"], name
        assert all(
            rows[name]["published"][0] <= float(str(member[name]).split()[0]) <= rows[name]["published"][1]
            for member in ensemble.values()
        ), name
