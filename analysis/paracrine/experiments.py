"""Experiments as files: what an experimenter did, in one or more arms, as scenarios."""

from __future__ import annotations

import dataclasses
import difflib
import math
import os
import pathlib
import re
from collections.abc import Mapping
from typing import Any

from paracrine.errors import InputError
from paracrine.files import read_toml
from paracrine.quantities import days
from paracrine.scenario import Scenario, toml_value

ABOUT = {"title": str, "source": str, "note": str, "slow": bool, "arms": dict}
SCENARIO_KEYS = {
    "model": str,
    "species": str,
    "time": dict,
    "subject": dict,
    "injury": list,
    "therapy": list,
    "intervention": list,
    "output": dict,
    "liver": dict,
}
LIVER_KEYS = ("lobules",)
TYPES = {str: "a text", bool: "true or false", dict: "a table", list: "a list of tables"}
ARM = re.compile(r"[A-Za-z0-9_]+")


@dataclasses.dataclass(frozen=True)
class Experiment:
    """What an experimenter did.

    Parameters
    ----------
    name : str
        That of the file, without ``.toml``.
    file : str
        The file.
    title, source, note : str
        What it is, who did it, what the model does otherwise.
    slow : bool
        Computed only when asked for.
    arms : mapping of str to Scenario
        Each checked in the usual way; one without ``[arms]`` is called ``all``.
    sets_lobules : bool
        It says by itself how many lobules are simulated.
    """

    name: str
    file: str
    title: str
    source: str
    note: str
    slow: bool
    arms: Mapping[str, Scenario]
    sets_lobules: bool = False

    def last_dose_d(self, arm: str) -> float:
        """Give the time of the last dose of the injury in an arm [d]; NaN where no injury comes in doses."""
        last = [_last_dose(injury) for injury in self.arms[arm].to_dict().get("injury", [])]
        return max((time for time in last if time == time), default=math.nan)

    def dose(self, arm: str) -> float:
        """Give the number of cells or particles that the only therapy of an arm gives; NaN where it is none or no plain number."""
        therapies = self.arms[arm].to_dict().get("therapy", [])
        if len(therapies) != 1:
            return math.nan
        amounts = [
            therapies[0][key]
            for key in ("cells", "particles", "count", "cell_equivalents")
            if key in therapies[0]
        ]
        return (
            float(amounts[0]) * therapies[0].get("repeats", 1)
            if amounts and isinstance(amounts[0], (int, float))
            else math.nan
        )

    @property
    def end_d(self) -> float:
        """The shortest duration of an arm [d]."""
        return min(days(arm.get("time.duration")) or 0.0 for arm in self.arms.values())


def read_experiment(path: str | os.PathLike[str]) -> Experiment:
    """Read an experiment file.

    Parameters
    ----------
    path : path
        TOML: ``title``, ``source``, ``note``, ``slow``; scenario keys that all arms share; ``[arms.NAME]`` with what each arm has otherwise. Tables are merged,
        lists replaced. Only what an experimenter sets may stand in it: no parameters, processes, mechanisms or numerics.

    Returns
    -------
    Experiment

    Raises
    ------
    InputError
        With every key that may not be there; or, when there is none, with what is wrong with the scenario of an arm.
    """
    name = os.fspath(path)
    said = read_toml(name)
    problems = _refused(name, said, {**ABOUT, **SCENARIO_KEYS})
    problems += [f"{name}: needs a {key}" for key in ("title", "source") if key not in said]
    arms = said.get("arms", {"all": {}}) if isinstance(said.get("arms", {}), dict) else {}
    if not arms:
        problems.append(f"{name}: [arms] has no arm")
    for arm, own in arms.items():
        if not ARM.fullmatch(arm) or not isinstance(own, dict):
            problems.append(f"{name}: arms.{arm}: expected a table with a name of letters, digits and _")
        else:
            problems += _refused(f"{name}: arms.{arm}", own, SCENARIO_KEYS)
    if problems:
        raise InputError("\n".join(problems))
    shared = {key: value for key, value in said.items() if key in SCENARIO_KEYS}
    scenarios = {arm: _scenario(name, said["title"], arm, _merged(shared, own)) for arm, own in arms.items()}
    return Experiment(
        pathlib.Path(name).stem,
        name,
        said["title"],
        said["source"],
        said.get("note", ""),
        said.get("slow", False),
        scenarios,
        "liver" in said,
    )


def read_experiments(folder: str | os.PathLike[str]) -> dict[str, Experiment]:
    """Read all experiment files of a folder.

    Returns
    -------
    dict of str to Experiment
        By name, in order of names.

    Raises
    ------
    InputError
        The folder has none, or with the problems of all files.
    """
    files = sorted(pathlib.Path(folder).glob("*.toml"))
    if not files:
        raise InputError(f"{folder}: has no experiment (*.toml)")
    found: dict[str, Experiment] = {}
    problems = []
    for file in files:
        try:
            found[file.stem] = read_experiment(file)
        except InputError as problem:
            problems.append(str(problem))
    if problems:
        raise InputError("\n".join(problems))
    return found


def shipped_experiments() -> pathlib.Path:
    """Give the folder of the experiments that come with the program: beside the installed package, or in the sources."""
    package = pathlib.Path(__file__).parent
    installed = package / "data" / "evidence"
    return installed if installed.is_dir() else package.parents[1] / "scenarios" / "evidence"


def _refused(where: str, said: Mapping[str, Any], allowed: Mapping[str, type]) -> list[str]:
    problems = []
    for key, value in said.items():
        if key not in allowed:
            near = difflib.get_close_matches(key, allowed, n=1)
            hint = f'did you mean "{near[0]}"?' if near else f"allowed are {', '.join(allowed)}"
            problems.append(
                f'{where}: "{key}" may not be set in an experiment, only what the experimenter set; {hint}'
            )
        elif not isinstance(value, allowed[key]):
            problems.append(f"{where}: {key}: expected {TYPES[allowed[key]]}, got {value!r}")
        elif isinstance(value, dict) and key == "liver":
            problems += [
                f'{where}: "liver.{own}" may not be set in an experiment; of [liver] allowed is {", ".join(LIVER_KEYS)}'
                for own in value
                if own not in LIVER_KEYS
            ]
    return problems


def _merged(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(base)
    for key, value in own.items():
        found[key] = (
            _merged(found[key], value)
            if isinstance(value, dict) and isinstance(found.get(key), dict)
            else value
        )
    return found


def _scenario(file: str, title: str, arm: str, content: Mapping[str, Any]) -> Scenario:
    text = f"title = {toml_value(f'{title}: {arm}')}\n" + "".join(
        f"{key} = {toml_value(value, key)}\n" for key, value in content.items()
    )
    return Scenario.parse(text, f"{file}: arms.{arm}")


def _last_dose(injury: Mapping[str, Any]) -> float:
    start, stop, every = (days(injury.get(key)) for key in ("start", "stop", "every"))
    if start is None or stop is None or not every:
        return math.nan
    return start + (max(1, math.ceil((stop - start) / every - 1e-9)) - 1) * every
