"""`paracrine.Scenario`: loading, changing, showing; refusals say what the command line says."""

import doctest
import os
import pickle

import numpy as np
import paracrine as pc
import pytest
from api import ROOT, small
from command_line import SCENARIO, paracrine


def test_a_scenario_reads_back_to_itself_and_is_what_validate_prints(place):
    scenario = pc.Scenario.load("s.toml")
    printed = paracrine("validate", "s.toml", "--resolved").stdout
    assert printed.startswith(scenario.to_toml()) and "[parameters]" in printed.removeprefix(
        scenario.to_toml()
    )
    assert pc.Scenario.parse(scenario.to_toml()) == scenario and hash(
        pc.Scenario.parse(scenario.to_toml())
    ) == hash(scenario)
    assert scenario.to_dict()["therapy"][0]["cells"] == 2e4 and scenario.get("time.duration") == "2 d"
    with pytest.raises(KeyError, match=r"has no therapy.1.cells"):
        scenario.get("therapy.1.cells")


def test_a_change_makes_another_scenario(place):
    scenario = pc.Scenario.load("s.toml")
    other = scenario.with_(
        {
            "therapy.0.cells": np.float64(3e6),
            "therapy.0.at": "1 d",
            "liver.lobules": np.int64(3),
            "mechanism.ev": False,
        }
    )
    assert (other.get("therapy.0.cells"), other.get("liver.lobules"), other.get("mechanism.ev")) == (
        3e6,
        3,
        False,
    )
    assert scenario.get("therapy.0.cells") == 2e4 and scenario != other
    assert other.with_({"therapy.0.cells": 5.0}).get("therapy.0.cells") == 5.0
    (place / "s.toml").unlink()
    assert scenario.with_({"seed": 4}).get("seed") == 4


def test_a_parameter_is_changed_and_listed(place):
    scenario = pc.Scenario.load("s.toml").with_({"parameters.circulation.cardiac_output": "20 mL/min"})
    table = scenario.parameters()
    assert table.loc["circulation.cardiac_output", ["value", "unit", "overridden"]].tolist() == [
        20.0,
        "mL/min",
        True,
    ]
    assert scenario.get("parameters.circulation.cardiac_output") == "20 mL/min"
    assert set(table.index) <= set(pc.parameters().name)


def test_includes_are_found_and_survive_another_folder(place):
    (place / "base.toml").write_text(SCENARIO)
    (place / "top.toml").write_text('include = ["base.toml"]\n[liver]\nlobules = 3\n')
    scenario = pc.Scenario.load("top.toml")
    os.mkdir("elsewhere")
    os.chdir("elsewhere")
    assert pickle.loads(pickle.dumps(scenario)) == scenario.with_({"seed": 1})


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("therapy.0.cels", "3e6"),
        ("time.duration", "3"),
        ("time.duration", '"3 kg"'),
        ("liver.lobules", '"many"'),
        ("therapy.0.cells", "-1"),
        ("nowhere", "1"),
        ("parameters.lung_arest.segments", "3"),
    ],
)
def test_a_wrong_change_is_refused_in_the_words_of_the_command_line(place, path, value):
    changed = (
        value.strip('"')
        if value.startswith('"')
        else float(value)
        if "e" in value or "-" in value
        else int(value)
    )
    with pytest.raises(pc.InputError) as refused:
        pc.Scenario.load("s.toml").with_({path: changed})
    said = paracrine("validate", "s.toml", "--set", f"{path}={pc.scenario.toml_value(changed)}").stderr
    said = said.replace("--set ", "change ")
    assert "paracrine: " + str(refused.value).rstrip() == said.rstrip()
    assert isinstance(refused.value, ValueError) and refused.value.problems[0].message


def test_every_problem_of_a_file_is_told_with_its_place(place):
    (place / "bad.toml").write_text(SCENARIO.replace('"2 d"', '"2 kg"').replace("cells", "cels"))
    with pytest.raises(pc.InputError) as refused:
        pc.Scenario.load("bad.toml")
    assert "paracrine: " + str(refused.value).rstrip() == paracrine("validate", "bad.toml").stderr.rstrip()
    assert [(problem.file, problem.line) for problem in refused.value.problems] == [
        ("bad.toml", 5),
        ("bad.toml", 9),
    ]
    assert pickle.loads(pickle.dumps(refused.value)).problems == refused.value.problems
    with pytest.raises(pc.InputError, match=r'there is no file "gone.toml"'):
        pc.Scenario.load("gone.toml")


def test_a_value_that_toml_does_not_know_is_refused(place):
    with pytest.raises(
        pc.InputError,
        match=r"therapy.0.cells: expected a number, a text, a truth value, a list or a table, got object",
    ):
        pc.Scenario.load("s.toml").with_({"therapy.0.cells": object()})
    with pytest.raises(pc.InputError, match="changes: expected a mapping"):
        pc.Scenario.load("s.toml").with_(["therapy.0.cells"])
    with pytest.raises(pc.InputError, match="expected a Scenario or the path of a scenario file, got int"):
        pc.run(3)


def test_the_schedule_says_what_happens_when(place):
    scenario = pc.Scenario.load("s.toml", {"therapy.0.repeats": 3, "therapy.0.every": "12 h"})
    plan = scenario.schedule()
    assert plan.time_d.tolist() == [0.0, 0.5, 1.0, 2.0] and plan.what.iloc[-1] == "end"
    assert plan.what.iloc[1].startswith("therapy.0: msc, ") and plan.what.iloc[1].endswith("(2 of 3)")
    ccl4 = pc.Scenario.load(ROOT / "scenarios/cirrhosis/mouse_ccl4_untreated.toml").schedule()
    assert ccl4.time_d.tolist() == [3.5 * i for i in range(16)] + [56.0]
    assert ccl4.amount.tolist()[:16] == [0.5] * 16 and ccl4.unit.iloc[0] == "mL/kg"


@pytest.mark.filterwarnings("ignore::paracrine.ScenarioWarning")
def test_the_schedule_shows_what_is_given_and_not_what_is_asked_for(place):
    changes = {
        "time.duration": "1 d",
        "therapy.0.at": "65 min",
        "therapy.0.repeats": 3,
        "therapy.0.every": "1369 min",
        "parameters.infusion.duration": "20 min",
    }
    scenario = pc.Scenario.load("s.toml", changes)
    plan = scenario.schedule()
    moved = 70 / 1440  # 1434 min is moved to 24 h, the end of the run
    assert plan.time_d.tolist() == [moved, 1.0]
    assert plan.end_d.iloc[0] == 90 / 1440 and plan.what.iloc[0].endswith("(1 of 3)")
    assert plan.amount.iloc[0] == scenario.get("therapy.0.cells")
    late = scenario.with_({"therapy.0.every": "1360 min"}).schedule()
    assert late.time_d.tolist() == [moved, 1430 / 1440, 1.0]
    assert late.end_d.iloc[1] == 1.0
    assert late.amount.iloc[1] == pytest.approx(0.5 * scenario.get("therapy.0.cells"), rel=1e-12)


def test_the_display_of_a_notebook_is_safe_and_short(place):
    page = pc.Scenario.load(
        "s.toml",
        {"title": "<script>", "time.duration": "100 d", "therapy.0.repeats": 90, "therapy.0.every": "1 d"},
    )._repr_html_()
    assert "<script>" not in page and "&lt;script&gt;" in page and "... and 61 more" in page
    assert repr(small()) == '<Scenario "One million MSC into the portal vein" (delivery, 3 h, 4 changes)>'


def test_warnings_are_there_and_told_by_a_run(place):
    scenario = pc.Scenario.load(
        "s.toml", {"therapy.0.passage": 12, "time.duration": "1 h", "liver.lobules": 2}
    )
    if not scenario.warnings:
        scenario = scenario.with_({"parameters.circulation.cardiac_output": "60 mL/min"})
    assert scenario.warnings
    with pytest.warns(pc.ScenarioWarning) as told:
        pc.run(scenario, "w.h5", progress=False)
    assert scenario.warnings[0] in [str(warning.message) for warning in told]


@pytest.mark.parametrize("name", ["quantities", "scenario", "results", "running"])
def test_examples_in_docstrings_run(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scenarios").symlink_to(ROOT / "scenarios")
    module = __import__(f"paracrine.{name}", fromlist=["x"])
    if name == "results":
        pc.run(
            pc.Scenario.load(
                "scenarios/delivery/mouse_beads_10um.toml", {"time.duration": "1 h", "liver.lobules": 2}
            ),
            "docstring_run.h5",
            progress=False,
        )
    assert doctest.testmod(module, optionflags=doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL).failed == 0
