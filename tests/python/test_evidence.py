"""The command `paracrine evidence`, from outside."""

import json
import math
import re
import subprocess
import sys

import pytest
from api import ROOT
from paracrine.evidence import Finding, read_ensemble
from paracrine.targets import DATA, read_targets

ROWS = ["beads_4um", "beads_10_to_15", "human_one_dose", "residual_after_12_weeks"]


def evidence(place, *arguments):
    return subprocess.run(
        [f"{sys.prefix}/bin/paracrine", "evidence", *map(str, arguments)],
        cwd=place,
        capture_output=True,
        text=True,
        timeout=600,
    )


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    place = tmp_path_factory.mktemp("evidence")
    (place / "sets.toml").write_text(
        '[one]\n"lung_arrest.narrowest" = "4 um"\n["two"]\n"lung_arrest.narrowest" = "6 um"\n'
    )
    reports = [part for ending in ("html", "json", "md", "txt") for part in ("-o", f"report.{ending}")]
    return place, evidence(
        place,
        "--rows",
        *ROWS,
        "--seeds",
        2,
        "--lobules",
        2,
        "--ensemble",
        "sets.toml",
        "--ensemble-seeds",
        1,
        "--members",
        2,
        *reports,
    )


def test_passes_failures_and_what_is_not_computed_are_shown(done):
    place, answer = done
    assert answer.returncode == 0, answer.stderr
    rows = {row["id"]: row for row in json.loads((place / "report.json").read_text())["rows"]}
    assert [rows[name]["status"] for name in ROWS] == ["pass", "falls short", "not computed", "not computed"]
    assert rows["beads_10_to_15"]["verdict"] == "falls short: 0.3 (43%) above"
    assert (
        rows["human_one_dose"]["verdict"]
        == "not computed: a run cannot yet start in an established cirrhosis of man"
    )
    assert (
        rows["residual_after_12_weeks"]["verdict"]
        == "not computed: the experiment ccl4_twelve_weeks_and_a_year is slow; --slow computes it"
    )
    assert len(rows["beads_4um"]["values"]) == len(rows["beads_4um"]["ensemble"]) == 2
    assert rows["beads_4um"]["interval"][0] < rows["beads_4um"]["mean"] < rows["beads_4um"]["interval"][1]
    for ending in ("html", "md", "txt"):
        text = (place / f"report.{ending}").read_text()
        assert all(name in text for name in ROWS)
        assert "of 4 rows 1 pass, 1 fall short, 2 are not computed; 2 seeds per arm, 2 lobules" in text
    assert answer.stdout == (place / "report.txt").read_text()


def test_the_page_needs_no_other_file(done):
    text = (done[0] / "report.html").read_text()
    assert text.count("<img") == 2
    assert not re.search(r"(src|href)='(?!data:|#)", text)


def test_a_second_time_nothing_is_computed(done):
    place, _ = done
    before = {path: path.stat().st_mtime_ns for path in place.glob("evidence.sweep/*/runs/*.h5")}
    assert len(before) == 12
    again = evidence(
        place,
        "--rows",
        *ROWS,
        "--seeds",
        2,
        "--lobules",
        2,
        "--ensemble",
        "sets.toml",
        "--ensemble-seeds",
        1,
        "--members",
        2,
    )
    assert again.returncode == 0
    assert {path: path.stat().st_mtime_ns for path in place.glob("evidence.sweep/*/runs/*.h5")} == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--rows", "beads"], "--rows: there is no row beads; `paracrine evidence --list` names all"),
        (["-o", "x.pdf"], "-o x.pdf: expected a name that ends in .html, .json, .md, .txt"),
        (["-o", "report.md"], "-o report.md: exists; --force overwrites it"),
        (["--ensemble", "none.toml"], "none.toml: cannot be read: No such file or directory"),
        (
            ["--ensemble-seeds", "0", "--ensemble", "sets.toml", "--rows", "beads_4um"],
            "replicates: 0 is not a whole number, 1 or more",
        ),
        (["--members", "0", "--ensemble", "sets.toml"], "--members: expected 1 or more, got 0"),
        (["--seeds", "0", "--rows", "beads_4um"], "replicates: 0 is not a whole number, 1 or more"),
    ],
)
def test_what_is_wrong_is_refused(done, arguments, message):
    answer = evidence(done[0], *arguments)
    assert (answer.returncode, answer.stderr) == (2, f"paracrine evidence: {message}\n")


def test_an_ensemble_with_an_unknown_parameter_is_refused(done):
    (done[0] / "bad.json").write_text('{"one": {"lung_arrest.narowest": "4 um"}}')
    answer = evidence(done[0], "--ensemble", "bad.json")
    assert (answer.returncode, answer.stderr) == (
        2,
        "paracrine evidence: bad.json: one: there is no parameter lung_arrest.narowest\n",
    )


def test_a_seed_that_never_gets_there_is_no_pass():
    target = next(target for target in read_targets() if target.id == "lesion_closed")
    assert Finding(target, (5.0, 5.0), 5.0, 5.0, 5.0).verdict == "pass"
    assert Finding(target, (5.0, math.nan), 5.0).verdict == "falls short: never reached in 1 of 2 seeds"
    assert Finding(target, (4.5, 4.1), 4.3, 3.8, 4.8).verdict == "pass; the interval reaches outside"
    assert (
        Finding(target, (3.7, 3.9), 3.8, 3.4, 4.2).verdict
        == "falls short: 0.2 d (5%) below; the interval reaches inside"
    )
    assert Finding(target, (3.0, 3.0), 3.0, 3.0, 3.0).verdict == "falls short: 1 d (25%) below"


def test_the_committed_page_has_every_row():
    page = (ROOT / "docs/evidence.md").read_text()
    assert re.findall(r"^\| `(\w+)` \|", page, re.M) == [
        target.id
        for target in sorted(
            read_targets(), key=lambda one: ("natural_history", "delivery", "therapy").index(one.stage)
        )
    ]


@pytest.mark.nightly
def test_the_committed_page_shows_these_numbers(tmp_path):
    """The whole table anew, on a machine with the instruction set of the page."""
    answer = evidence(tmp_path, "-q", "-o", "now.md")
    assert answer.returncode == 0, answer.stderr

    def numbers(page):  # without the line on how it was made, and the ensemble's column
        return [
            cells[:-3] + cells[-2:] if len(cells := line.split("|")) > 10 else cells
            for line in page.splitlines()
            if not line.startswith("Made by")
        ]

    assert numbers((tmp_path / "now.md").read_text()) == numbers((ROOT / "docs/evidence.md").read_text())


def test_an_ensemble_may_be_a_calibration():
    sets = read_ensemble(DATA / "calibration_3.json")
    assert len(sets) >= 20 and next(iter(sets)) == "member_0"
    assert all("collagen_degradation.half_timp" in one for one in sets.values())
