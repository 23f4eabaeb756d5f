"""Convergence of the scar in the length of a visit and in the refinement of the fields: `pytest -m nightly`. An hour on two processors.

Runs with other steps draw other random numbers, so they are compared as pairs of samples: the mean relative difference over seeds, with its standard error.
"""

import math
import os

import pytest

import paracrine as pc
from command_line import ROOT

pytestmark = pytest.mark.nightly

SEEDS = int(os.environ.get("PARACRINE_CONVERGENCE_SEEDS", "12"))
LOBULES = int(os.environ.get("PARACRINE_CONVERGENCE_LOBULES", "64"))
SMALL_CHANGE = 0.03
SMALL_ERROR = 0.006


def areas(tmp_path, name, changes):
    """Stained area after eight weeks of CCl4, one number for each seed."""
    scenario = pc.Scenario.load(str(ROOT / "scenarios/cirrhosis/mouse_ccl4_untreated.toml")).with_(
        {"liver.lobules": LOBULES, "output.fields": [], "output.agents": [], "output.lobules": False, **changes}
    )
    found = []
    for seed in range(1, SEEDS + 1):
        run = pc.run(scenario, str(tmp_path / f"{name}_{seed}.h5"), seed=seed, progress=False)
        found.append(float(run.series.collagen_area[-1]))
    return found


def difference(some, others):
    """Mean relative difference of two lists of numbers, and its standard error."""
    relative = [a / b - 1.0 for a, b in zip(some, others)]
    mean = sum(relative) / len(relative)
    spread = math.sqrt(sum((x - mean) ** 2 for x in relative) / (len(relative) - 1))
    return mean, spread / math.sqrt(len(relative))


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    return areas(tmp_path_factory.mktemp("shipped"), "shipped", {})


def test_half_the_visit_and_twice_the_refinement_change_the_scar_little(tmp_path, shipped):
    mean = sum(shipped) / len(shipped)
    spread = math.sqrt(sum((x - mean) ** 2 for x in shipped) / (len(shipped) - 1)) / mean
    print(f"\nshipped: area {mean:.4f}, standard deviation between seeds at {LOBULES} lobules {100 * spread:.2f} %")
    for name, changes in {"half the visit": {"numerics.visit": "15 min"}, "refine 2": {"numerics.refine": 2}}.items():
        change, error = difference(areas(tmp_path, name.replace(" ", "_"), changes), shipped)
        print(f"{name}: {100 * change:+.2f} % (standard error {100 * error:.2f} %, {SEEDS} seeds)")
        assert error <= SMALL_ERROR or SEEDS < 12
        assert abs(change) < SMALL_CHANGE


def test_a_coarse_description_is_seen(tmp_path, shipped):
    """Damage that holds macrophages back half as much: the comparison must notice such a thing."""
    change, error = difference(areas(tmp_path, "coarse", {"parameters.macrophage_switch.half_damage": 0.09}), shipped)
    print(f"\nplanted: {100 * change:+.2f} % (standard error {100 * error:.2f} %)")
    assert abs(change) > SMALL_CHANGE
