"""Target files: what was measured, checked row by row, and the model's value of a row."""

from __future__ import annotations

import dataclasses
import difflib
import math
import os
import pathlib
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray

from paracrine import expressions
from paracrine.errors import InputError
from paracrine.experiments import Experiment, read_experiments, shipped_experiments
from paracrine.files import read_toml
from paracrine.quantities import SECONDS, days
from paracrine.target_statistics import BETWEEN_ANIMALS, STATISTICS, Asked, coefficient_of_variation

DATA = pathlib.Path(__file__).parent / "data"
REQUIRED = (
    "id",
    "stage",
    "species",
    "measured",
    "statistic",
    "low",
    "high",
    "unit",
    "grade",
    "use",
    "source",
)
OPTIONAL = ("experiment", "observable", "arm", "against", "at", "level", "total", "note", "not_computed")
NUMBERS = ("low", "high", "level")
CHOICES = {
    "stage": ("natural_history", "delivery", "therapy"),
    "grade": ("A", "B", "C"),
    "use": ("fit", "check", "bracket", "report"),
}
CLEARANCE = "mL/min per 100 mL plasma"
TIMES = tuple(SECONDS)
LAST = re.compile(r"t_last\s*\+\s*(.+)")


@dataclasses.dataclass(frozen=True)
class Target:
    """One row: one number that was measured.

    Parameters
    ----------
    id, stage, species, measured, source, note : str
        What it is, and who measured it in what.
    experiment, arm, against : str
        Which runs give the model's value: a file of the experiments, the arm, and the arm that it is compared with ("" for none).
    observable, statistic, total : str
        What is taken of them; expressions of series.
    when : tuple of float
        Time, or ends of the window [d].
    level, dose, last_dose : float
        Of the row; dose [1] and last dose of the injury [d] of the arm. NaN where there is none.
    low, high : float
        The measured range [unit].
    unit : str
        Of the range.
    grade, use : str
        How well it is known; what it is for.
    not_computed : str
        Why the model gives no value; "" when it does.
    """

    id: str
    stage: str
    species: str
    measured: str
    source: str
    statistic: str
    low: float
    high: float
    unit: str
    grade: str
    use: str
    note: str = ""
    experiment: str = ""
    arm: str = ""
    against: str = ""
    observable: str = ""
    total: str = ""
    when: tuple[float, ...] = ()
    level: float = math.nan
    dose: float = math.nan
    last_dose: float = math.nan
    not_computed: str = ""

    @property
    def arms(self) -> list[str]:
        """The arms whose runs it needs."""
        return [arm for arm in (self.arm, self.against) if arm]


def read_targets(
    path: str | os.PathLike[str] | None = None, experiments: Mapping[str, Experiment] | None = None
) -> list[Target]:
    """Read and check a target file.

    Parameters
    ----------
    path : path, optional
        TOML with ``[[target]]``; the calibration rows that come with the program when absent.
    experiments : mapping of str to Experiment, optional
        By name; those that come with the program when absent.

    Returns
    -------
    list of Target
        In the file's order.

    Raises
    ------
    InputError
        With every problem of every row: an unknown key, observable, unit, statistic or experiment, an id twice, low above high.
    """
    name = os.fspath(path if path is not None else DATA / "calibration.toml")
    known = read_experiments(shipped_experiments()) if experiments is None else experiments
    rows = read_toml(name).get("target", [])
    if not isinstance(rows, list) or not rows:
        raise InputError(f"{name}: has no [[target]]")
    problems: list[str] = []
    found, seen = [], set()
    for number, row in enumerate(rows):
        label = f"{name}: {row.get('id', f'row {number}')}"
        wrong = _problems(row, known)
        if row.get("id") in seen:
            wrong.append("stands twice; every id is of one row")
        seen.add(row.get("id"))
        problems += [f"{label}: {text}" for text in wrong]
        if not wrong:
            found.append(_target(row, known))
    if problems:
        raise InputError("\n".join(problems))
    return found


def evaluate(target: Target, series: Mapping[str, xarray.Dataset]) -> float:
    """Give the model's value of a row.

    Parameters
    ----------
    target : Target
        The row.
    series : mapping of str to xarray.Dataset
        For each arm of the experiment its series, with ``time`` [d]: of a run of the agents or of the mean-field twin. The coefficient of variation between
        animals needs a dimension ``replicate`` as well; other statistics must not have it.

    Returns
    -------
    float
        [target.unit]; NaN where the series never does what is asked.

    Raises
    ------
    InputError
        An arm or a series is missing.

    Examples
    --------
    >>> row = Target("x", "delivery", "mouse", "", "", "time of peak", 1, 2, "h", "A", "fit", experiment="e", arm="all", observable="alt")
    >>> evaluate(row, {"all": xarray.Dataset({"alt": ("time", [1.0, 3.0, 2.0])}, {"time": [0.0, 0.25, 0.5]})})
    6.0
    """
    for arm in target.arms:
        if arm not in series:
            raise InputError(f'{target.id}: there are no series of the arm "{arm}"')
    if target.statistic == BETWEEN_ANIMALS:
        runs = series[target.arm]
        return coefficient_of_variation(
            np.array(
                [
                    _number(target, {target.arm: runs.isel(replicate=i)})
                    for i in range(runs.sizes["replicate"])
                ]
            )
        )
    return _number(target, series)


def observables(model: str) -> dict[str, str]:
    """Give the series that a run of a model has, and their units.

    Returns
    -------
    dict of str to str
    """
    return dict(read_toml(DATA / "observables.toml")[model])


def _number(target: Target, series: Mapping[str, xarray.Dataset]) -> float:
    own = series[target.arm]
    other = series[target.against] if target.against else None
    tree = expressions.parse(target.observable)
    nothing = np.empty(0)
    asked = Asked(
        time=own.time.values,
        values=expressions.value(tree, own),
        other_time=nothing if other is None else other.time.values,
        other=nothing if other is None else expressions.value(tree, other),
        total=expressions.value(expressions.parse(target.total), own) if target.total else nothing,
        when=target.when,
        level=target.level,
        dose=target.dose,
        last_dose=target.last_dose,
    )
    statistic = STATISTICS[target.statistic]
    number = statistic.compute(asked)
    return number * 86400 / SECONDS[target.unit] if statistic.kind == "time" else number


def _problems(row: Mapping[str, Any], experiments: Mapping[str, Experiment]) -> list[str]:
    """Everything that is wrong with a row."""
    wrong = [f"needs {key}" for key in REQUIRED if key not in row]
    for key, value in row.items():
        if key not in REQUIRED + OPTIONAL:
            wrong.append(f'there is no key "{key}"{_near(key, REQUIRED + OPTIONAL)}')
        elif key in NUMBERS and (isinstance(value, bool) or not isinstance(value, (int, float))):
            wrong.append(f"{key}: expected a number, got {value!r}")
        elif key not in NUMBERS and not isinstance(value, str):
            wrong.append(f"{key}: expected a text, got {value!r}")
        elif key in CHOICES and value not in CHOICES[key]:
            wrong.append(f'{key}: expected {", ".join(CHOICES[key])}, got "{value}"')
    if wrong:
        return wrong
    if not row["low"] <= row["high"]:
        wrong.append(f"low ({row['low']:g}) is above high ({row['high']:g})")
    if row["statistic"] not in STATISTICS:
        wrong.append(f'there is no statistic "{row["statistic"]}"{_near(row["statistic"], STATISTICS)}')
    computed = "not_computed" not in row
    if computed:
        wrong += [
            f"needs {key}, or not_computed with the reason"
            for key in ("experiment", "observable")
            if key not in row
        ]
    experiment = experiments.get(row.get("experiment", ""))
    if "experiment" in row and experiment is None:
        wrong.append(f'there is no experiment "{row["experiment"]}"{_near(row["experiment"], experiments)}')
    elif experiment is not None:
        wrong += [
            f'{key}: the experiment {experiment.name} has no arm "{row[key]}"{_near(row[key], experiment.arms)}'
            for key in ("arm", "against")
            if key in row and row[key] not in experiment.arms
        ]
        if "arm" not in row and len(experiment.arms) > 1:
            wrong.append(f"needs arm, one of {', '.join(experiment.arms)}")
    if wrong:
        return wrong
    return _problems_of_meaning(row, experiment)


def _problems_of_meaning(row: Mapping[str, Any], experiment: Experiment | None) -> list[str]:
    """What is wrong with units, times and facts of a row that is well formed."""
    statistic = STATISTICS[row["statistic"]]
    wrong = [
        f'the statistic "{row["statistic"]}" needs {key}'
        for key in ("level", "against", "total")
        if key in statistic.needs and key not in row
    ]
    arm = _arm(row, experiment)
    last, end = (experiment.last_dose_d(arm), experiment.end_d) if experiment else (math.nan, math.inf)
    for key, fact in (("last_dose", last), ("dose", experiment.dose(arm) if experiment else math.nan)):
        if key in statistic.needs and fact != fact:
            wrong.append(
                f'the statistic "{row["statistic"]}" needs an experiment with one {key.replace("_", " ")}'
            )
    count = 1 if "at" in statistic.needs else 2 if "window" in statistic.needs else 0
    when = _times(row["at"], last, end) if "at" in row else ()
    if when is None or len(when) != count or (count == 2 and when[0] >= when[1]):
        form = ('no "at"', 'a time at = "24 h", "t_last + 96 h" or "end"', 'a window at = "7 d to 28 d"')[
            count
        ]
        wrong.append(f'the statistic "{row["statistic"]}" needs {form}, got {row.get("at", "none")!r}')
    elif any(time > end + 1e-9 for time in when):
        wrong.append(f"at: {row['at']} is after the end of the experiment at {end:g} d")
    unit = ""
    model = experiment.arms[arm].model if experiment else "cirrhosis"
    for key in ("observable", "total"):
        if key in row:
            text, found = _unit_of(row[key], model)
            wrong += text
            unit = found if key == "observable" else unit
    if unit and not _fits(row["unit"], statistic.kind, unit):
        expected = {
            "ratio": "1",
            "time": f"one of {', '.join(TIMES)}",
            "clearance": CLEARANCE,
            "rate": "1/d" if unit == "1" else f"{unit}/d",
            "observable": unit,
        }[statistic.kind]
        wrong.append(f'unit: expected {expected}, got "{row["unit"]}"')
    return wrong


def _unit_of(text: str, model: str) -> tuple[list[str], str]:
    units = observables(model)
    try:
        tree = expressions.parse(text)
        unknown = sorted(expressions.names(tree) - set(units))
        if unknown:
            return [
                f'the model {model} has no observable "{name}"{_near(name, units)}' for name in unknown
            ], ""
        return [], expressions.unit(tree, units)
    except InputError as problem:
        return [str(problem)], ""


def _fits(unit: str, kind: str, of_observable: str) -> bool:
    if kind == "time":
        return unit in TIMES
    expected = {
        "ratio": "1",
        "clearance": CLEARANCE,
        "rate": "1/d" if of_observable == "1" else f"{of_observable}/d",
    }
    return expressions.same_unit(unit) == expected.get(kind, of_observable)


def _times(text: str, last: float, end: float) -> tuple[float, ...] | None:
    """Times of ``at`` [d]; None when it is none.

    >>> _times("t_last + 96 h", 24.5, 30.0), _times("1 h to 2 h", 0.0, 1.0), _times("end", 0.0, 7.0), _times("soon", 0.0, 1.0)
    ((28.5,), (0.041666666666666664, 0.08333333333333333), (7.0,), None)
    """
    found = []
    for part in text.split(" to "):
        after = LAST.fullmatch(part.strip())
        time = end if part.strip() == "end" else days(after[1] if after else part)
        if time is None or (after and last != last):
            return None
        found.append(time + last if after else time)
    return tuple(found)


def _arm(row: Mapping[str, Any], experiment: Experiment | None) -> str:
    return str(row.get("arm") or (next(iter(experiment.arms)) if experiment else ""))


def _target(row: Mapping[str, Any], experiments: Mapping[str, Experiment]) -> Target:
    experiment = experiments.get(row.get("experiment", ""))
    arm = _arm(row, experiment)
    facts: dict[str, Any] = {"arm": arm}
    if experiment:
        facts |= {"dose": experiment.dose(arm), "last_dose": experiment.last_dose_d(arm)}
    if "at" in row:
        facts["when"] = _times(
            row["at"], facts.get("last_dose", math.nan), experiment.end_d if experiment else math.inf
        )
    return Target(**{**{key: value for key, value in row.items() if key != "at"}, **facts})


def _near(word: str, known: Any) -> str:
    near = difflib.get_close_matches(word, list(known), n=1)
    return f'; did you mean "{near[0]}"?' if near else ""
