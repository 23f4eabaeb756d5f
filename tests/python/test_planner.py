"""The planner of experiments: sample sizes that are known, a toy model whose answers are known, and the twin."""

import doctest
import json
import math
import warnings

import numpy as np
import paracrine as pc
import pytest
from api import ROOT
from paracrine.carrier_proposals import alone
from paracrine.planner import animals_per_arm, between_animals, twin_scar

BASE = ROOT / "scenarios/cirrhosis/mouse_ccl4_iv_msc.toml"


def treated(**changes):
    return pc.Scenario.load(
        BASE,
        {
            "time.duration": "35 d",
            "therapy.0.at": "14 d",
            "output.fields": [],
            "output.agents": [],
            **changes,
        },
    )


def toy(scenario):
    """A scar of 1, which cells lower by what their viability brings, or by half where one variant's cells need not live."""
    therapies = scenario.to_dict().get("therapy", [])
    if not therapies:
        return 1.0
    viability = therapies[0].get("viability", 0.9)
    return 1.0 - (0.2 if scenario.get("mechanism.efferocytosis") else 0.2 * viability / 0.9)


def test_numbers_of_animals_are_those_of_the_tables():
    """Cohen 1988, two-sided 5 %, power 80 %."""
    assert [animals_per_arm(d) for d in (0.2, 0.5, 0.8, 1.0)] == [394, 64, 26, 17]
    assert animals_per_arm(1.0, power=0.9) == 23
    assert animals_per_arm(1.0, level=0.01) == 26
    assert animals_per_arm(-1.0) == 17
    assert animals_per_arm(0.0) == 0 and animals_per_arm(0.001) == 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert animals_per_arm(1000.0) == 2


@pytest.mark.parametrize("planted", [0.0, -5, 8])
def test_as_many_animals_as_planned_find_the_difference_in_80_of_100_trials(planted):
    """Four thousand trials by numpy alone; five animals fewer or eight more are noticed."""
    from scipy.stats import ttest_ind

    random = np.random.default_rng(5)
    n = animals_per_arm(0.8) + int(planted)
    found = np.mean(ttest_ind(random.normal(0.8, 1, (n, 4000)), random.normal(0, 1, (n, 4000))).pvalue < 0.05)
    near = abs(found - 0.8) < 0.007 + 5 * math.sqrt(0.16 / 4000)
    assert near == (planted == 0.0)


def test_a_toy_whose_variants_differ_only_in_dead_cells():
    variants = {"living": alone("ev"), "eaten": alone("efferocytosis")}
    found = pc.plan_experiments(treated(), variants, variation=0.25, scar=toy)
    assert found.equal
    best, *_others = found.experiments
    assert best.proposal.name == "dead cells"
    assert best.effects == pytest.approx({"living": 1.0, "eaten": 0.8})
    (pair,) = best.separations
    assert pair.variants == ("living", "eaten")
    assert pair.difference == pytest.approx(0.2 / 0.25)
    assert pair.animals == 26
    assert found.reference.separations[0].animals == 0
    assert "not of equal effect" not in found.text()
    assert found.text().splitlines()[2].split()[-1] == "26"


def test_more_variation_takes_more_animals():
    variants = {"living": alone("ev"), "eaten": alone("efferocytosis")}
    animals = [
        pc.plan_experiments(treated(), variants, variation=v, scar=toy).experiments[0].separations[0].animals
        for v in (0.1, 0.2, 0.4)
    ]
    assert animals == sorted(animals) and len(set(animals)) == 3


def test_variants_of_unequal_effect_are_named_as_such():
    found = pc.plan_experiments(
        treated(),
        {"a": {**alone("ev"), "therapy.0.viability": 0.3}, "b": alone("ev")},
        proposals=[
            pc.Proposal("twice", "?", {"therapy.0.repeats": 2, "therapy.0.every": "7 d"}, {"therapy": []})
        ],
        scar=toy,
    )
    assert not found.equal
    assert "The variants are not of equal effect to begin with" in found.text()


def test_a_plan_is_data():
    said = json.loads(
        pc.plan_experiments(
            treated(), {"living": alone("ev"), "eaten": alone("efferocytosis")}, variation=0.25, scar=toy
        ).to_json()
    )
    assert said["equal"] and said["variation"] == 0.25
    assert said["experiments"][0]["separations"] == [
        {"variants": ["living", "eaten"], "difference": pytest.approx(0.8), "animals": 26}
    ]
    assert said["reference"]["separations"][0]["animals"] is None
    assert said["experiments"][0]["treated"] == {"therapy.0.viability": 0.0}


def test_every_experiment_of_the_list_is_a_scenario_that_runs():
    base = treated()
    names = []
    for proposal in pc.carrier_experiments(base):
        names.append(proposal.name)
        for changes in (proposal.treated, proposal.control):
            assert 0.0 < twin_scar(base.with_(changes)) < 1.0
        assert base.with_(proposal.control).get("therapy") == []
    assert names == [
        "dead cells",
        "vesicles, as many as the cells release",
        "into the portal vein",
        "macrophages removed before the dose",
        "macrophages removed after the dose",
        "CCL2 blocked",
        "without a spleen",
    ]


def test_the_vesicles_are_as_many_as_the_cells_release():
    base = treated()
    vesicles = next(one for one in pc.carrier_experiments(base) if one.name.startswith("vesicles")).treated
    released = pc.preview(base).series.ev_released.values[-1]
    given = pc.preview(base.with_(vesicles)).series
    taken = sum(
        given[f"ev_uptake_{organ}"].values[-1] for organ in ("liver", "spleen", "lung", "kidney", "other")
    )
    assert taken == pytest.approx(released, rel=0.02)


def test_on_the_twin_dead_cells_bring_no_vesicles():
    variants = {"ev": alone("ev"), "soluble": alone("soluble")}
    dead = next(one for one in pc.carrier_experiments(treated()) if one.name == "dead cells")
    found = pc.plan_experiments(treated(), variants, proposals=[dead])
    assert found.experiments[0].effects["ev"] == pytest.approx(1.0, abs=1e-3)
    assert found.reference.effects["ev"] < 0.999


def test_the_variation_is_that_of_the_calibration_row():
    assert between_animals() == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("variants", "options", "text"),
    [
        ({"a": {}}, {}, "variants: expected two or more, got 1"),
        ({"a": {}, "b": {}}, {"variation": 0.0}, "variation: expected a number above 0, got 0.0"),
        ({"a": {}, "b": {}}, {"power": 1.0}, "power: expected a number above 0 and below 1, got 1.0"),
        ({"a": {}, "b": {}}, {"level": -1}, "level: expected a number above 0 and below 1, got -1"),
    ],
)
def test_what_makes_no_sense_is_refused(variants, options, text):
    with pytest.raises(pc.InputError) as refused:
        pc.plan_experiments(treated(), variants, scar=toy, **options)
    assert str(refused.value) == text


def test_a_scenario_without_a_therapy_is_refused():
    with pytest.raises(pc.InputError, match="expected one therapy, whose carriers are told apart"):
        pc.plan_experiments(treated(therapy=[]), {"a": {}, "b": {}}, scar=toy)


def test_variants_of_a_calibration(tmp_path):
    path = tmp_path / "c.json"
    carriers = {
        "ev": {"parameter": "macrophage_switch.half_signal", "value": 2.0, "unit": "1"},
        "soluble": {"parameter": "ev_uptake.soluble_signal", "value": 1.5, "unit": "h^-1"},
    }
    path.write_text(json.dumps({"centre": {"recruitment.gain": 2.0}, "carriers": carriers}))
    assert pc.load_variants(path) == {
        "ev": alone("ev", {"recruitment.gain": 2.0, "macrophage_switch.half_signal": 2.0}),
        "soluble": alone("soluble", {"recruitment.gain": 2.0, "ev_uptake.soluble_signal": "1.5 h^-1"}),
    }
    path.write_text('{"centre": {}, "carriers": {}}')
    with pytest.raises(pc.InputError, match=r"has no carriers; its file of parameters has no \[therapy\]"):
        pc.load_variants(path)
    path.write_text('{"centre": {}}')
    with pytest.raises(pc.InputError, match="is no calibration"):
        pc.load_variants(path)


def test_examples_in_docstrings_run(place):
    import paracrine.planner

    (place / "scenarios").symlink_to(ROOT / "scenarios")
    found = doctest.testmod(paracrine.planner)
    assert found.failed == 0 and found.attempted
