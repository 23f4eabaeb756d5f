"""Calibration: on problems whose answers are known, and whole on a few rows."""

import doctest
import importlib
import json
import math
import subprocess
import sys

import numpy as np
import paracrine as pc
import pytest
from paracrine.calibrating import shortfalls
from paracrine.calibration import Anchor, Twin, corrected, distance, fit_rows, loss
from paracrine.calibration_results import effective_number, knowledge, most_central, pick, trade_offs
from paracrine.calibration_search import Journal, Search, evolve, key_of, shares_of
from paracrine.experiments import read_experiments, shipped_experiments
from paracrine.free_parameters import Free, read_choice
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
