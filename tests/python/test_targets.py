"""Statistics on series with known answers, target files and experiment files that must be refused, with their exact words."""

import doctest
import importlib

import numpy as np
import paracrine as pc
import pytest
import xarray
from api import ROOT
from paracrine import expressions
from paracrine.experiments import read_experiment, read_experiments
from paracrine.target_statistics import STATISTICS
from paracrine.targets import Target, evaluate, observables, read_targets

TIME = np.arange(0.0, 11.0)
TRIANGLE = 1.0 + np.where(
    TIME <= 4, TIME, np.maximum(0.0, 8 - TIME)
)  # 1 at day 0, 5 at day 4, 1 from day 8 on
LOSS = np.array([10.0, 2.0, 4.0, 6.0, 8.0, 9.0, 9.5, 10.0, 10.0, 10.0, 10.0])
DECAY = 800 * 0.5 ** (TIME / 2)
KNOWN = [  # statistic, series, facts of the row, answer
    ("value", TRIANGLE, {"when": (2.5,)}, 3.5),
    ("change", TRIANGLE, {"when": (3.0,)}, 3.0),
    ("mean", TRIANGLE, {"when": (0.0, 4.0)}, 3.0),
    ("mean relative to start", 2 * TRIANGLE, {"when": (0.0, 4.0)}, 3.0),
    ("mean rate", TIME * 7, {"when": (2.0, 5.0)}, 7.0),
    ("peak", TRIANGLE, {}, 5.0),
    ("peak relative to start", 2 * TRIANGLE, {}, 5.0),
    ("time of peak", TRIANGLE, {}, 4.0),
    ("time of peak after last dose", TRIANGLE, {"last_dose": 3.0}, 1.0),
    ("time of sign change after last dose", TIME - 6.5, {"last_dose": 2.0}, 4.5),
    ("time back to share of start", LOSS, {"level": 0.95}, 6.0),
    ("time to share of loss", LOSS, {"level": 0.5}, 3.0),
    ("relative to peak", TRIANGLE, {"when": (6.0,)}, 0.6),
    ("excess relative to peak", TRIANGLE, {"when": (6.0,)}, 0.5),
    ("relative to last dose", TRIANGLE, {"when": (6.0,), "last_dose": 4.0}, 0.6),
    ("relative to arm", TRIANGLE, {"when": (4.0,), "against": "control"}, 2.5),
    ("mean relative to arm", TRIANGLE, {"when": (0.0, 4.0), "against": "control"}, 1.5),
    ("half-life", DECAY, {"when": (1.0, 9.0)}, 2.0),
    ("share of dose", DECAY, {"when": (2.0,), "dose": 1600.0}, 0.25),
    ("largest share of dose", DECAY, {"dose": 1600.0}, 0.5),
]


def row(statistic, **facts):
    kind = STATISTICS[statistic].kind
    return Target(
        **{
            "id": "x",
            "stage": "delivery",
            "species": "mouse",
            "measured": "",
            "source": "",
            "statistic": statistic,
            "low": 0,
            "high": 1,
            "unit": "d" if kind == "time" else "1",
            "grade": "A",
            "use": "fit",
            "experiment": "e",
            "arm": "all",
            "observable": "alt",
            **facts,
        }
    )


def series(values, time=TIME):
    return xarray.Dataset({"alt": (("time"), values)}, {"time": time})


def value(statistic, values, facts):
    return evaluate(
        row(statistic, **facts), {"all": series(values), "control": series(np.full(len(TIME), 2.0))}
    )


@pytest.mark.parametrize(("statistic", "values", "facts", "answer"), KNOWN, ids=[known[0] for known in KNOWN])
def test_a_statistic_of_a_series_by_hand(statistic, values, facts, answer):
    assert value(statistic, values, facts) == pytest.approx(answer, rel=1e-9)


@pytest.mark.parametrize(("statistic", "values", "facts", "answer"), KNOWN, ids=[known[0] for known in KNOWN])
def test_a_planted_wrong_series_is_seen(statistic, values, facts, answer):
    """The series two days late, and growing: no statistic gives the same."""
    wrong = np.interp(TIME - 2.0, TIME, values) * (1 + 0.05 * TIME) + 0.3 * TIME
    assert value(statistic, wrong, facts) != pytest.approx(answer, rel=1e-3)


def test_every_statistic_is_tested_by_hand():
    assert {known[0] for known in KNOWN} | {"clearance per 100 mL plasma", "coefficient of variation"} == set(
        STATISTICS
    )


def test_times_have_the_unit_of_the_row():
    assert evaluate(row("time of peak", unit="h"), {"all": series(TRIANGLE)}) == 96.0


def test_what_never_happens_is_nan():
    assert np.isnan(value("time back to share of start", DECAY, {"level": 0.9}))
    assert np.isnan(value("half-life", TIME + 1, {"when": (0.0, 9.0)}))
    assert np.isnan(value("value", TRIANGLE, {"when": (11.5,)}))


@pytest.mark.parametrize(("rate", "expected"), [(0.2, 15.0), (0.1, 7.5)])
def test_clearance_of_an_organ_that_takes_three_quarters(rate, expected):
    """100 mL of plasma lose 20 % per minute: 20 mL/min, 15 of them to the organ."""
    minutes = np.arange(0.0, 61.0)
    gone = 1000 * (1 - np.exp(-rate * minutes))
    data = xarray.Dataset(
        {"organ": ("time", 0.75 * gone), "rest": ("time", 0.25 * gone)}, {"time": minutes / 1440}
    )
    target = row(
        "clearance per 100 mL plasma",
        observable="organ",
        total="organ + rest",
        dose=1000.0,
        when=(0.0, 10 / 1440),
    )
    assert evaluate(target, {"all": data}) == pytest.approx(expected, rel=1e-6)


def test_the_spread_between_animals():
    runs = xarray.concat([series(np.full(len(TIME), level)) for level in (8.0, 10.0, 12.0)], "replicate")
    assert evaluate(row("coefficient of variation", when=(3.0,)), {"all": runs}) == pytest.approx(0.2)
    assert evaluate(row("coefficient of variation", when=(3.0,)), {"all": 1.0 + runs}) != pytest.approx(
        0.2, rel=1e-3
    )


def test_expressions_of_observables():
    data = xarray.Dataset({"a": ("time", [1.0, 2.0]), "b": ("time", [4.0, 8.0])}, {"time": [0.0, 1.0]})
    assert expressions.value(expressions.parse("(a + b) / a - b"), data).tolist() == [1.0, -3.0]
    with pytest.raises(pc.InputError, match="^ug/g and d\\^-1 cannot be added$".replace("d\\^-1", "1/d")):
        expressions.unit(expressions.parse("a + b"), {"a": "ug/g", "b": "d^-1"})


@pytest.mark.parametrize(
    "text", ["__import__('os')", "a.b", "a ** 2", "a[0]", "2 * a", "-a", "a if b else c"]
)
def test_nothing_else_is_an_expression(text):
    with pytest.raises(pc.InputError) as refused:
        expressions.parse(text)
    assert (
        str(refused.value)
        == f'"{text}": only names of observables, + - * / and parentheses may stand in an expression'
    )


def test_an_arm_that_is_missing_is_named():
    with pytest.raises(pc.InputError) as refused:
        evaluate(row("relative to arm", when=(1.0,), against="control"), {"all": series(TRIANGLE)})
    assert str(refused.value) == 'x: there are no series of the arm "control"'


EXPERIMENT = 'title = "t"\nsource = "s"\nmodel = "delivery"\nspecies = "mouse"\ntime = { duration = "1 h", record_every = "10 min" }\n'
BEADS = '{ product = "particle", count = 1e3, diameter = "4 um", at = "0 d" }'
ROW = {
    "id": "a",
    "stage": "delivery",
    "species": "mouse",
    "measured": "beads",
    "experiment": "beads",
    "observable": "particle_lung",
    "statistic": "share of dose",
    "at": "1 h",
    "low": 0.0,
    "high": 1.0,
    "unit": "1",
    "grade": "A",
    "use": "fit",
    "source": "s",
}


@pytest.fixture
def experiments(tmp_path):
    folder = tmp_path / "experiments"
    folder.mkdir()
    (folder / "beads.toml").write_text(EXPERIMENT + f"therapy = [{BEADS}]\n")
    return read_experiments(folder)


def targets(tmp_path, experiments, *rows):
    path = tmp_path / "t.toml"
    path.write_text(
        "\n".join(
            "[[target]]\n" + "\n".join(f"{key} = {value!r}" for key, value in row.items()) for row in rows
        )
    )
    return path, lambda: read_targets(path, experiments)


def test_all_problems_of_a_target_file_are_said_at_once(tmp_path, experiments):
    path, read = targets(
        tmp_path,
        experiments,
        ROW,
        {**ROW, "low": 2.0},
        {**ROW, "id": "b", "observable": "particle_lungs"},
        {**ROW, "id": "c", "unit": "h"},
        {**ROW, "id": "d", "statistic": "share of doses"},
        {**ROW, "id": "e", "experiment": "bead"},
        {**ROW, "id": "f", "at": "2 h"},
        {**ROW, "id": "g", "use": "show"},
        {**ROW, "id": "h", "att": "1 h"},
        {**ROW, "id": "i", "statistic": "time of peak after last dose", "unit": "h"},
        {**ROW, "id": "j", "at": "soon"},
        {**ROW, "id": "k", "statistic": "relative to arm"},
        {key: value for key, value in ROW.items() if key not in ("id", "source")},
    )
    with pytest.raises(pc.InputError) as refused:
        read()
    assert str(refused.value).splitlines() == [
        f"{path}: a: low (2) is above high (1)",
        f"{path}: a: stands twice; every id is of one row",
        f'{path}: b: the model delivery has no observable "particle_lungs"; did you mean "particle_lung"?',
        f'{path}: c: unit: expected 1, got "h"',
        f'{path}: d: there is no statistic "share of doses"; did you mean "share of dose"?',
        f'{path}: e: there is no experiment "bead"; did you mean "beads"?',
        f"{path}: f: at: 2 h is after the end of the experiment at 0.0416667 d",
        f'{path}: g: use: expected fit, check, bracket, report, got "show"',
        f'{path}: h: there is no key "att"; did you mean "at"?',
        f'{path}: i: the statistic "time of peak after last dose" needs an experiment with one last dose',
        f'{path}: i: the statistic "time of peak after last dose" needs no "at", got \'1 h\'',
        f'{path}: j: the statistic "share of dose" needs a time at = "24 h", "t_last + 96 h" or "end", got \'soon\'',
        f'{path}: k: the statistic "relative to arm" needs against',
        f"{path}: row 12: needs id",
        f"{path}: row 12: needs source",
    ]


def test_a_row_that_is_in_order_is_read(tmp_path, experiments):
    (found,) = targets(tmp_path, experiments, ROW)[1]()
    assert (found.arm, found.when, found.dose) == ("all", (1 / 24,), 1000.0)


@pytest.mark.parametrize(
    ("added", "message"),
    [
        (
            '[parameters]\n"lung_arrest.narrowest" = "5 um"',
            '"parameters" may not be set in an experiment, only what the experimenter set; allowed are '
            "title, source, note, slow, arms, model, species, time, subject, injury, therapy, intervention, output, liver",
        ),
        ("[processes]\nchemotaxis = false", None),
        ("[mechanism]\nev = false", None),
        ('[numerics]\nvisit = "1 h"', None),
        ("seed = 2", None),
        ('include = ["x.toml"]', None),
        (
            "[liver]\nthickness = 2",
            '"liver.thickness" may not be set in an experiment; of [liver] allowed is lobules',
        ),
        (
            "injry = []",
            '"injry" may not be set in an experiment, only what the experimenter set; did you mean "injury"?',
        ),
        ("therapy = 3", "therapy: expected a list of tables, got 3"),
    ],
)
def test_an_experiment_sets_only_what_the_experimenter_set(tmp_path, added, message):
    path = tmp_path / "e.toml"
    path.write_text(EXPERIMENT + added)
    with pytest.raises(pc.InputError) as refused:
        read_experiment(path)
    key = added.strip("[").split("]")[0].split(" ")[0]
    start = f"{path}: " + (
        message or f'"{key}" may not be set in an experiment, only what the experimenter set; '
    )
    assert str(refused.value).startswith(start)
    path.write_text(EXPERIMENT + "[arms.one.parameters]\nx = 1")
    with pytest.raises(
        pc.InputError, match=r'e.toml: arms.one: "parameters" may not be set in an experiment'
    ):
        read_experiment(path)


def test_an_arm_is_checked_as_a_scenario(tmp_path):
    path = tmp_path / "e.toml"
    path.write_text(EXPERIMENT + f"[arms.one]\ntherapy = [{BEADS.replace('4 um', '4 h')}]\n")
    with pytest.raises(pc.InputError, match=r"e.toml: arms.one:\d+:\d+: therapy.0.diameter: expected length"):
        read_experiment(path)


def test_the_shipped_rows_and_experiments_are_in_order():
    found = read_targets()
    assert len(found) == 65
    assert {target.experiment for target in found if target.experiment} == {
        file.stem for file in (ROOT / "scenarios/evidence").glob("*.toml")
    }
    assert (found[8].id, found[9].last_dose) == ("monocyte_supply", 24.5)


def test_the_list_of_observables_is_that_of_the_page():
    page = (ROOT / "docs/output_format.md").read_text()
    for model in ("delivery", "cirrhosis"):
        part = page.split(f"## Observables of the model `{model}`")[1].split("\n## ")[0]
        lines = [
            line.strip("| ").split(" | ")
            for line in part.splitlines()
            if line.startswith("| `/") and "/" not in line.split("`")[1][1:]
        ]
        assert observables(model) == {cells[0].strip("`/"): cells[1] for cells in lines}


@pytest.mark.parametrize("name", ["expressions", "target_statistics", "targets"])
def test_the_examples_of_docstrings_hold(name):
    found = doctest.testmod(importlib.import_module(f"paracrine.{name}"))
    assert found.failed == 0 and found.attempted > 0
