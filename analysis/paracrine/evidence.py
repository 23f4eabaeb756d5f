"""The model against experiments: every row computed over seeds, and what comes out, pass or fall short."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import math
import os
import pathlib
from collections.abc import Mapping, Sequence

import numpy as np
import xarray

from paracrine.core import core
from paracrine.designs import listed
from paracrine.errors import InputError
from paracrine.experiments import Experiment
from paracrine.measures import interval
from paracrine.scenario import Scenario, parameters
from paracrine.study import Study
from paracrine.study_file import flat
from paracrine.sweeping import carry_out, plan, prepare
from paracrine.target_statistics import BETWEEN_ANIMALS
from paracrine.targets import Target, evaluate
from paracrine.texts import parse_json, parse_toml

SEEDS = 5
LOBULES = 16
NAN = float("nan")


@dataclasses.dataclass(frozen=True)
class Finding:
    """What the model gives for one row.

    Parameters
    ----------
    target : Target
        The row.
    values : tuple of float
        One per seed [target.unit]; NaN where the series never does what is asked. Empty when not computed.
    mean, low, high : float
        Mean over the seeds with its 95 % interval (Student's t) [target.unit].
    ensemble : tuple of float
        One value per parameter set of the ensemble, the mean over its seeds [target.unit].
    why : str
        Why it is not computed; "" when it is.
    """

    target: Target
    values: tuple[float, ...] = ()
    mean: float = NAN
    low: float = NAN
    high: float = NAN
    ensemble: tuple[float, ...] = ()
    why: str = ""

    @property
    def status(self) -> str:
        """``"pass"``, ``"falls short"`` or ``"not computed"``: whether the mean lies in the measured range, and every seed has a value."""
        if self.why:
            return "not computed"
        rounding = 1e-12 * max(abs(self.target.low), abs(self.target.high))
        inside = self.target.low - rounding <= self.mean <= self.target.high + rounding
        return "pass" if inside and all(math.isfinite(value) for value in self.values) else "falls short"

    @property
    def verdict(self) -> str:
        """The status, with the distance to the range or the reason, and a word where the interval over seeds reaches across an end of the range."""
        if self.status == "not computed":
            return f"not computed: {self.why}"
        inside, outside = (
            self.low <= self.target.high and self.high >= self.target.low,
            self.low < self.target.low or self.high > self.target.high,
        )
        if self.status == "pass":
            return "pass; the interval reaches outside" if outside else "pass"
        never = sum(not math.isfinite(value) for value in self.values)
        if never:
            return f"falls short: never reached in {never} of {len(self.values)} seeds"
        bound, side = (
            (self.target.low, "below") if self.mean < self.target.low else (self.target.high, "above")
        )
        share = f" ({abs(self.mean / bound - 1):.0%})" if bound else ""
        unit = "" if self.target.unit == "1" else f" {self.target.unit}"
        return f"falls short: {abs(self.mean - bound):.3g}{unit}{share} {side}" + (
            "; the interval reaches inside" if inside else ""
        )


@dataclasses.dataclass(frozen=True)
class Evidence:
    """All findings, and how they came about.

    Parameters
    ----------
    findings : list of Finding
        In the order of the rows.
    experiments : mapping of str to Experiment
        By name.
    studies : mapping of (str, str) to Study
        The runs, by experiment and arm.
    members : mapping of (str, str) to Study
        Those of the ensemble.
    seeds, lobules : int
        Runs per arm; lobules of an experiment that does not set its own.
    version : str
        Of the program, with its build.
    """

    findings: list[Finding]
    experiments: Mapping[str, Experiment]
    studies: Mapping[tuple[str, str], Study]
    members: Mapping[tuple[str, str], Study]
    seeds: int
    lobules: int
    version: str

    def count(self, status: str) -> int:
        """Say how many rows have a status."""
        return sum(finding.status == status for finding in self.findings)


def gather(
    targets: Sequence[Target],
    experiments: Mapping[str, Experiment],
    *,
    seeds: int = SEEDS,
    lobules: int = LOBULES,
    slow: bool = False,
    ensemble: Mapping[str, Mapping[str, object]] | None = None,
    ensemble_seeds: int | None = None,
    defaults: bool = True,
    output: str | os.PathLike[str] = "evidence.sweep",
    threads: int = 1,
    progress: bool | None = None,
) -> Evidence:
    """Run the experiments that the rows need, and evaluate the rows.

    Runs lie in `output`, one folder for each arm; called again, only what is missing is computed.

    Parameters
    ----------
    targets : sequence of Target
        The rows.
    experiments : mapping of str to Experiment
        By name.
    seeds : int
        Runs per arm, with common seeds in all arms.
    lobules : int
        Of experiments that do not set their own.
    slow : bool
        Also those that are marked slow.
    ensemble : mapping of str to mapping, optional
        Named parameter sets.
    ensemble_seeds : int, optional
        Runs per arm of each of them; absent: `seeds`. Few leave the noise of the agents in the ensemble's range.
    defaults : bool
        Whether the parameters of the program are run as well; without them the first set stands in their place.
    output : path
        Folder of the runs.
    threads : int
        For each run.
    progress : bool, optional
        A bar or none; without it, on a terminal.

    Returns
    -------
    Evidence

    Raises
    ------
    InputError
        An option or a parameter set was refused; nothing was run.
    EngineError
        A worker died; what was done is kept.
    """
    sets = [dict(one) for one in (ensemble or {}).values()]
    wanted = dict.fromkeys(
        (target.experiment, arm)
        for target in targets
        if not _reason(target, experiments, slow)
        for arm in target.arms
    )
    plans, members = {}, {}
    for name, arm in wanted:
        scenario = _sized(experiments[name], arm, lobules)
        points, folder = [_of_model(one, scenario) for one in sets], os.path.join(output, f"{name}.{arm}")
        plans[name, arm] = plan(
            scenario, listed([{}] if defaults else points), replicates=seeds, output=folder, threads=threads
        )
        if defaults and points:
            members[name, arm] = plan(
                scenario,
                listed(points),
                replicates=seeds if ensemble_seeds is None else ensemble_seeds,
                output=folder + ".ensemble",
                threads=threads,
            )
    workers = max(1, core().version()["processors"] // max(1, threads))
    with concurrent.futures.ThreadPoolExecutor(workers, thread_name_prefix="paracrine") as pool:
        for made in (*plans.values(), *members.values()):
            prepare(made)
            carry_out(made.study, pool, progress=progress)
    studies, others = (
        {key: made.study for key, made in plans.items()},
        {key: made.study for key, made in members.items()},
    )
    findings = [
        _finding(target, _reason(target, experiments, slow), studies, others, len(sets)) for target in targets
    ]
    facts = core().version()
    return Evidence(
        findings, experiments, studies, others, seeds, lobules, f"{facts['version']}, build {facts['build']}"
    )


def read_ensemble(path: str | os.PathLike[str]) -> dict[str, dict[str, object]]:
    """Read named parameter sets.

    Parameters
    ----------
    path : path
        TOML or JSON: a table for each set, with values of parameters by their full names: ``[good_1]``, ``"macrophage_switch.half_time" = "36 h"``; or what
        `paracrine calibrate` wrote.

    Returns
    -------
    dict of str to dict
        From names of sets to parameters.

    Raises
    ------
    InputError
        The file cannot be read, a set is no table, or a parameter is not known.
    """
    file = pathlib.Path(path)
    try:
        text = file.read_text(encoding="utf-8")
        said = parse_json(text) if file.suffix == ".json" else parse_toml(text)
    except (OSError, UnicodeDecodeError) as problem:
        raise InputError(f"{path}: cannot be read: {getattr(problem, 'strerror', None) or problem}") from None
    except ValueError as problem:
        raise InputError(f"{path}: {problem}") from None
    if isinstance(said, dict) and "stages" in said:
        from paracrine.ensembles import load_ensemble

        return {
            name: values for name, values in load_ensemble(path).items() if name != "centre"
        }  # which is one of the members
    if not isinstance(said, dict) or not said or not all(isinstance(one, dict) for one in said.values()):
        raise InputError(f"{path}: expected a table of parameters for each set")
    known = set(parameters().name)
    sets = {name: flat(one) for name, one in said.items()}
    unknown = [
        f"{path}: {name}: there is no parameter {one}"
        for name, values in sets.items()
        for one in values
        if one not in known
    ]
    if unknown:
        raise InputError("\n".join(unknown))
    return sets


def _reason(target: Target, experiments: Mapping[str, Experiment], slow: bool) -> str:
    if target.not_computed:
        return target.not_computed
    return (
        f"the experiment {target.experiment} is slow; --slow computes it"
        if experiments[target.experiment].slow and not slow
        else ""
    )


def _sized(experiment: Experiment, arm: str, lobules: int) -> Scenario:
    scenario = experiment.arms[arm]
    if experiment.sets_lobules:
        return scenario
    # the section whose `lobules` is a number; that of the output is a truth value
    sections = [
        name
        for name, table in scenario._resolved.items()
        if isinstance(table, dict) and type(table.get("lobules")) is int
    ]
    return scenario.with_({f"{name}.lobules": lobules for name in sections})


def _of_model(values: Mapping[str, object], scenario: Scenario) -> dict[str, object]:
    """Those of a parameter set that the scenario's model has."""
    known = set(scenario.parameters().index)
    return {f"parameters.{name}": value for name, value in values.items() if name in known}


def _finding(
    target: Target,
    why: str,
    studies: Mapping[tuple[str, str], Study],
    members: Mapping[tuple[str, str], Study],
    sets: int,
) -> Finding:
    if why:
        return Finding(target, why=why)
    own = {arm: studies[target.experiment, arm] for arm in target.arms}
    others = {arm: members[target.experiment, arm] for arm in target.arms if members}
    for arm, table in [
        *((arm, study.failures) for arm, study in own.items()),
        *((f"{arm} of the ensemble", study.failures) for arm, study in others.items()),
    ]:
        if len(table):
            return Finding(target, why=f"{len(table)} runs of the arm {arm} failed: {table.error[0]}")
    values = _values(target, own, 0)
    mean, low, high = (float(end) for end in interval(np.array(values)))
    ensemble = (
        tuple(float(interval(np.array(_values(target, others, point)))[0]) for point in range(sets))
        if others
        else ()
    )
    return Finding(target, tuple(values), mean, low, high, ensemble)


def _values(target: Target, studies: Mapping[str, Study], point: int) -> list[float]:
    """The row's value for each seed; one for all of them where it is about the spread between animals."""
    count = len(next(iter(studies.values())).seeds)
    runs = [{arm: study.open(point, seed).series for arm, study in studies.items()} for seed in range(count)]
    if target.statistic == BETWEEN_ANIMALS:
        return [
            evaluate(target, {arm: xarray.concat([run[arm] for run in runs], "replicate") for arm in studies})
        ]
    return [evaluate(target, run) for run in runs]
