"""A healthy liver stays healthy for 24 weeks: `pytest -m nightly`. Minutes for each seed.

Recruited leukocytes of health are a hundred agents in 64 lobules, so their number at one time varies by a tenth by chance: their mean over time is looked at.
"""

import paracrine as pc
import pytest
from command_line import ROOT

pytestmark = pytest.mark.nightly

STEADY = [
    "hepatocyte_viable",
    "kupffer",
    "hsc_quiescent",
    "collagen_area",
    "hydroxyproline",
    "hydroxyproline_structural",
    "albumin",
    "bilirubin",
    "perfusion",
]
RARE = ["macrophage_inflammatory", "macrophage_restorative"]


def deviations(tmp_path, seed, changes):
    """Largest relative deviation from the start of what is steady, and that of the mean over time of what is rare."""
    scenario = pc.Scenario.load(str(ROOT / "scenarios/cirrhosis/mouse_ccl4_untreated.toml")).with_(
        {
            "injury": [],
            "time.duration": "24 week",
            "time.record_every": "1 d",
            "output.fields": [],
            "output.agents": [],
            "output.lobules": False,
            **changes,
        }
    )
    series = pc.run(scenario, str(tmp_path / f"health_{seed}.h5"), seed=seed, progress=False).series
    found = {}
    for name in STEADY:
        values = getattr(series, name).values
        found[name] = float(max(abs(values / values[0] - 1.0)))
    for name in RARE:
        values = getattr(series, name).values
        found[name] = float(abs(values.mean() / values[0] - 1.0))
    found["turnover"] = float(series.collagen_synthesis.values[1:].min())
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_nothing_leaves_its_start_by_a_twentieth_while_collagen_turns_over(tmp_path, seed):
    found = deviations(tmp_path, seed, {"liver.lobules": 64})
    print(f"\nseed {seed}: " + ", ".join(f"{name} {value:.4f}" for name, value in found.items()))
    assert found.pop("turnover") > 0.006
    rare = [found.pop(name) for name in RARE]
    assert max(found.values()) < 0.05
    assert max(rare) < 0.1


def test_collagen_that_is_lost_a_tenth_faster_is_seen(tmp_path):
    found = deviations(
        tmp_path, 1, {"liver.lobules": 4, "parameters.collagen_degradation.basal": "0.033 d^-1"}
    )
    assert found["collagen_area"] > 0.05
