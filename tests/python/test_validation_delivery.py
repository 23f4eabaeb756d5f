"""Model against experiments on delivery: every row is measured from RUN.h5 and shown; rows with use = "fit" must lie inside, the others are only reported."""

import re
import tomllib
from pathlib import Path

import h5py
import numpy as np
import pytest

from command_line import run_scenario

ROOT = Path(__file__).resolve().parents[2]
TARGETS = tomllib.loads((ROOT / "analysis/paracrine/data/calibration_delivery.toml").read_text())["target"]
SCENARIOS = ROOT / "scenarios/delivery"


class Series:
    """The root series of a run: time in hours, values by name."""

    def __init__(self, path):
        with h5py.File(path) as file:
            self.hours = file["time"][:] * 24
            self.values = {name: data[:] for name, data in file.items() if getattr(data, "shape", None) == self.hours.shape}

    def at(self, name, hours):
        return float(self.values[name][np.flatnonzero(np.isclose(self.hours, hours))[0]])

    def sum(self, *names):
        return sum(self.values[name] for name in names)


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    folder = tmp_path_factory.mktemp("validation")

    def run(scenario, *overrides):
        return Series(run_scenario(SCENARIOS / f"{scenario}.toml", folder, *overrides))

    two_million = run("mouse_iv_msc_delivery", "therapy.0.cells=2e6", "time.duration=5 d")
    half_million = run("mouse_iv_msc_delivery", "therapy.0.cells=5e5", "time.duration=5 d")
    beads = {}
    for size in (4, 10, 15):
        for state in ("", "_vasodilator"):
            beads[size, state] = run(f"mouse_beads_{size}um{state}", "time.duration=1 h").at("particle_lung", 1) / 1e5
    fit = (two_million.hours >= 1) & (two_million.hours <= 96)
    slope = np.polyfit(two_million.hours[fit], np.log(two_million.values["msc_dna_lung"][fit]), 1)[0]
    dose = 5e5
    vesicles = run("mouse_ev_1e9")
    first = vesicles.hours <= 10 / 60
    ev_slope = np.polyfit(vesicles.hours[first][1:] * 60, np.log(vesicles.values["ev_plasma"][first][1:]), 1)[0]
    colloid = run("human_colloid")
    exposure = 1e9 / colloid_clearance(colloid)  # time integral of the concentration, per 100 mL of plasma
    return {
        "outside_lung": two_million.sum("msc_dna_liver", "msc_dna_spleen", "msc_dna_other").max(),
        "lung_dna_half_life": np.log(2) / -slope,
        "viable_24h": half_million.at("msc_viable_lung", 24) / dose,
        "viable_72h": half_million.at("msc_viable_lung", 72) / dose,
        "viable_elsewhere": half_million.sum("msc_viable_liver", "msc_viable_spleen", "msc_viable_other").max() / dose,
        "label_lung_1h": half_million.at("msc_label_lung", 1) / dose,
        "label_liver_leads": half_million.at("msc_label_liver", 24) / half_million.at("msc_label_lung", 24),
        "beads_4um": beads[4, ""],
        "beads_10um_dilated": beads[10, "_vasodilator"] / beads[10, ""],
        "beads_15um_dilated": beads[15, "_vasodilator"] / beads[15, ""],
        "beads_10_to_15": beads[10, ""] / beads[15, ""],
        "ev_half_life": np.log(2) / -ev_slope,
        **{f"ev_{organ}_4h": vesicles.at(f"ev_uptake_{organ}", 4) / 1e9 for organ in ("liver", "spleen", "lung")},
        **{f"colloid_{organ}": colloid.values[f"colloid_uptake_{organ}"][-1] / exposure for organ in ("liver", "spleen", "other")},
    }


def colloid_clearance(run):
    """Total clearance in mL/min per 100 mL of plasma: 100 x the rate of loss per min, from what is not yet taken up over the first ten minutes."""
    left = 1e9 - run.sum(*(f"colloid_uptake_{organ}" for organ in ("liver", "spleen", "other")))
    first = run.hours <= 10 / 60
    return -100 * np.polyfit(run.hours[first] * 60, np.log(left[first]), 1)[0]


def table(measured):
    """The rows as text: what was measured, what the model gives, pass or not."""
    lines = [f"{'row':20} {'measured range':>18} {'model':>10}  verdict"]
    for target in TARGETS:
        value = measured[target["id"]]
        inside = target["low"] <= value <= target["high"]
        verdict = "inside" if inside else "OUTSIDE" if target["use"] == "fit" else "outside (reported, not fitted)"
        bounds = f"{target['low']:g} - {target['high']:g} {target['unit'] if target['unit'] != '1' else ''}"
        lines.append(f"{target['id']:20} {bounds:>18} {value:10.4g}  {verdict}")
    return "\n".join(lines)


@pytest.mark.validation
def test_the_rows_are_shown(measured, capsys):
    with capsys.disabled():
        print("\n" + table(measured))
    assert set(measured) == {target["id"] for target in TARGETS}


@pytest.mark.validation
@pytest.mark.parametrize("target", [t for t in TARGETS if t["use"] == "fit"], ids=lambda t: t["id"])
def test_a_row_lies_inside(measured, target):
    assert target["low"] <= measured[target["id"]] <= target["high"], target["source"]


@pytest.mark.validation
def test_the_row_in_conflict_is_still_in_conflict(measured):
    """Under one law the lung holds all beads of 10 and of 15 um. When this changes, the pages that say so must change too."""
    assert measured["beads_10_to_15"] > 0.99


def shown_on_the_page():
    """Rows of docs/evidence/delivery.md: what the model gives, as written there."""
    page = (ROOT / "docs/evidence/delivery.md").read_text()
    return {name: value for name, value in re.findall(r"^\| `(\w+)`[^|]*\|[^|]*\| ([\d.]+)[^|]*\|", page, re.M)}


@pytest.mark.validation
def test_the_page_of_evidence_shows_these_numbers(measured):
    shown = shown_on_the_page()
    assert set(shown) == set(measured)
    for name, text in shown.items():
        last_digit = 10.0 ** -len(text.partition(".")[2])
        assert abs(measured[name] - float(text)) <= last_digit, f"{name}: docs/evidence/delivery.md says {text}, measured {measured[name]:.4g}"


@pytest.mark.validation
def test_a_wrong_law_falls_out(tmp_path):
    """Two segments in series instead of four leave too many cells outside the lung: the check can fail."""
    series = Series(run_scenario(SCENARIOS / "mouse_iv_msc_delivery.toml", tmp_path, "therapy.0.cells=2e6", "time.duration=6 h", "parameters.lung_arrest.lung_segments=2"))
    assert series.sum("msc_dna_liver", "msc_dna_spleen", "msc_dna_other").max() > 1000
