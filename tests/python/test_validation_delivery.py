"""Model against experiments on delivery: every row is measured from runs and shown; rows with use = "fit" must lie inside, the others are only reported."""

import re

import paracrine as pc
import pytest
from api import ROOT
from paracrine.evidence import gather
from paracrine.evidence_report import text
from paracrine.experiments import read_experiments, shipped_experiments
from paracrine.targets import evaluate, read_targets

TARGETS = [target for target in read_targets() if target.stage == "delivery"]


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return gather(
        TARGETS,
        read_experiments(shipped_experiments()),
        seeds=1,
        lobules=64,
        output=tmp_path_factory.mktemp("validation"),
        progress=False,
    )


@pytest.fixture(scope="module")
def measured(found):
    return {finding.target.id: finding.mean for finding in found.findings}


@pytest.mark.validation
def test_the_rows_are_shown(found, measured, capsys):
    with capsys.disabled():
        print("\n" + text(found))
    assert set(measured) == {target.id for target in TARGETS}


@pytest.mark.validation
@pytest.mark.parametrize("target", [t for t in TARGETS if t.use == "fit"], ids=lambda t: t.id)
def test_a_row_lies_inside(measured, target):
    assert target.low <= measured[target.id] <= target.high, target.source


@pytest.mark.validation
def test_the_row_in_conflict_is_still_in_conflict(measured):
    """Under one law the lung holds all beads of 10 and of 15 um. When this changes, the pages that say so must change too."""
    assert measured["beads_10_to_15"] > 0.99


def shown_on_the_page():
    """Rows of docs/evidence/delivery.md: what the model gives, as written there."""
    page = (ROOT / "docs/evidence/delivery.md").read_text()
    return dict(re.findall(r"^\| `(\w+)`[^|]*\|[^|]*\| ([\d.]+)[^|]*\|", page, re.M))


@pytest.mark.validation
def test_the_page_of_evidence_shows_these_numbers(measured):
    shown = shown_on_the_page()
    assert set(shown) == set(measured)
    for name, number in shown.items():
        last_digit = 10.0 ** -len(number.partition(".")[2])
        assert abs(measured[name] - float(number)) <= last_digit, (
            f"{name}: docs/evidence/delivery.md says {number}, measured {measured[name]:.4g}"
        )


@pytest.mark.validation
def test_a_wrong_law_falls_out(tmp_path):
    """Two segments in series instead of four leave too many cells outside the lung: the check can fail."""
    target = next(target for target in TARGETS if target.id == "outside_lung")
    scenario = read_experiments(shipped_experiments())["msc_two_million"].arms["all"]
    wrong = scenario.with_({"time.duration": "6 h", "parameters.lung_arrest.lung_segments": 2})
    run = pc.run(wrong, str(tmp_path / "wrong.h5"), seed=1, progress=False)
    assert evaluate(target, {"all": run.series}) > 1000
