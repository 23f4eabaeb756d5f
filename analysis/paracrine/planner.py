"""Which experiment tells apart variants of the model that agree in what was measured, and how many animals it takes."""

from __future__ import annotations

import dataclasses
import itertools
import json
import math
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from paracrine.carrier_proposals import AS_IT_WAS, KNOWN, Changes, Proposal, alone, carrier_experiments
from paracrine.errors import InputError
from paracrine.files import read_calibration, read_toml
from paracrine.previewing import preview
from paracrine.scenario import Scenario, as_scenario
from paracrine.target_statistics import BETWEEN_ANIMALS, mean
from paracrine.targets import read_targets

POWER, LEVEL = 0.8, 0.05
MOST_ANIMALS = 10000
FAR = 30.0  # a noncentrality beyond which every test finds the difference
WEEK = 7.0  # length of the window at the end over which the scar is averaged [d]
EQUAL = 0.02  # effects of variants that differ by less count as the same


@dataclasses.dataclass(frozen=True)
class Separation:
    """How far an experiment tells two variants apart.

    Parameters
    ----------
    variants : (str, str)
        Their names.
    difference : float
        Of the effects that they predict, in standard deviations between animals [1].
    animals : int
        In each arm, for the power that was asked for; 0 where more than 10000 would be needed.
    """

    variants: tuple[str, str]
    difference: float
    animals: int


@dataclasses.dataclass(frozen=True)
class Planned:
    """What variants predict for one experiment.

    Parameters
    ----------
    proposal : Proposal
        The experiment.
    effects : mapping of str to float
        Scar of treated animals relative to untreated ones of the same experiment, by variant [1].
    separations : list of Separation
        Of every pair of variants, the widest first.
    """

    proposal: Proposal
    effects: Mapping[str, float]
    separations: list[Separation]


@dataclasses.dataclass(frozen=True)
class Plan:
    """Experiments in the order in which they tell variants apart.

    Parameters
    ----------
    reference : Planned
        What the variants predict without anything else done; variants of equal effect agree here.
    experiments : list of Planned
        The most telling first.
    variation : float
        Standard deviation between animals relative to their mean [1].
    power, level : float
        Of the test (two-sided).
    """

    reference: Planned
    experiments: list[Planned]
    variation: float
    power: float = POWER
    level: float = LEVEL

    @property
    def equal(self) -> bool:
        """Whether the variants have the same effect to begin with, to 0.02."""
        return max(self.reference.effects.values()) - min(self.reference.effects.values()) <= EQUAL

    def text(self) -> str:
        """Write a table for a terminal.

        Returns
        -------
        str
            One line per experiment: the effects by variant, the pair that it tells apart best, animals per arm.
        """
        names = list(self.reference.effects)
        rows = [["experiment", *names, "tells apart best", "difference [SD]", "animals per arm"]]
        for one in (self.reference, *self.experiments):
            best = one.separations[0]
            rows.append(
                [
                    one.proposal.name,
                    *(f"{one.effects[name]:.3f}" for name in names),
                    " and ".join(best.variants),
                    f"{best.difference:.2f}",
                    _animals(best),
                ]
            )
        widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
        lines += [
            "",
            f"Scar of treated relative to untreated animals of the same experiment. Animals per arm: {self.power:.0%} power, two-sided {self.level:.0%}, {self.variation:.0%} between animals.",
        ]
        if not self.equal:
            lines.append(
                "The variants are not of equal effect to begin with: part of what tells them apart is how strong they are, not how they act."
            )
        return "\n".join(lines)

    def to_json(self) -> str:
        """Write everything for programs.

        Returns
        -------
        str
            JSON: variation, power, level, equal, reference and experiments, each with name, question, changes of both arms, effects, separations. Animals that no
            feasible experiment has are null.
        """
        facts = {"variation": self.variation, "power": self.power, "level": self.level, "equal": self.equal}
        return (
            json.dumps(
                {
                    **facts,
                    "reference": _as_data(self.reference),
                    "experiments": [_as_data(one) for one in self.experiments],
                },
                indent=1,
            )
            + "\n"
        )


def plan_experiments(
    scenario: Scenario | str | os.PathLike[str],
    variants: Mapping[str, Changes],
    *,
    proposals: Sequence[Proposal] | None = None,
    variation: float | None = None,
    power: float = POWER,
    level: float = LEVEL,
    scar: Callable[[Scenario], float] | None = None,
) -> Plan:
    """Find the experiments that tell variants of the model apart.

    With R the scar of treated relative to untreated animals of an experiment, and v the variation between animals, two variants differ by d = (R1 - R2) / v standard deviations; the animals per arm are those of a t-test of two groups with that difference.

    Parameters
    ----------
    scenario : Scenario or path
        Treated animals: one therapy with MSC, one injury in doses.
    variants : mapping of str to mapping
        Changes of the scenario for each, two or more: as `load_variants` gives them.
    proposals : sequence of Proposal, optional
        Experiments; those of `carrier_experiments` when absent.
    variation : float, optional
        Standard deviation between animals relative to their mean [1]; the middle of the calibration row about it when absent.
    power, level : float
        Of the test (two-sided).
    scar : callable
        From a scenario to its scar: by default the stained area averaged over the last 7 d, by the mean-field twin; a function that runs the agents does as well.

    Returns
    -------
    Plan

    Raises
    ------
    InputError
        Fewer than two variants, a scenario without its one therapy, a number out of range, a change that the scenario refuses.

    Examples
    --------
    >>> base = Scenario.load("scenarios/cirrhosis/mouse_ccl4_iv_msc.toml", {"time.duration": "35 d", "therapy.0.at": "14 d"})
    >>> again = Proposal("dead cells", "Must they live?", {"therapy.0.viability": 0.0}, {"therapy": []})
    >>> found = plan_experiments(base, {"weak": {"therapy.0.cells": 1e5}, "strong": {"therapy.0.cells": 2e6}}, proposals=[again])
    >>> found.reference.effects["strong"] < found.reference.effects["weak"] < 1.0
    True
    """
    base = as_scenario(scenario)
    if len(variants) < 2:
        raise InputError(f"variants: expected two or more, got {len(variants)}")
    known = between_animals() if variation is None else variation
    for name, value, most in (("variation", known, math.inf), ("power", power, 1.0), ("level", level, 1.0)):
        if not 0.0 < value < most:
            raise InputError(
                f"{name}: expected a number above 0"
                + (" and below 1" if most == 1.0 else "")
                + f", got {value!r}"
            )
    if len(base.get("therapy") or []) != 1:
        raise InputError("scenario: expected one therapy, whose carriers are told apart")
    measured = scar or twin_scar
    asked = carrier_experiments(base) if proposals is None else list(proposals)
    reference, *found = [
        _planned(base, variants, one, measured, known, power, level)
        for one in (Proposal(AS_IT_WAS, "What was measured.", {}, {"therapy": []}), *asked)
    ]
    return Plan(reference, sorted(found, key=lambda one: -one.separations[0].difference), known, power, level)


def animals_per_arm(difference: float, power: float = POWER, level: float = LEVEL) -> int:
    """Count the animals in each of two groups that a t-test needs.

    Parameters
    ----------
    difference : float
        Of the means, in standard deviations.
    power, level : float
        Probability of finding the difference on its right side; two-sided error.

    Returns
    -------
    int
        2 or more; 0 where more than 10000 would be needed.

    Examples
    --------
    >>> animals_per_arm(1.0), animals_per_arm(0.5), animals_per_arm(0.0)
    (17, 64, 0)
    """
    from scipy.stats import nct, t

    def enough(animals: int) -> bool:
        freedom = 2 * (animals - 1)
        with np.errstate(divide="ignore"):  # of a probability that is 1 to the last digit
            found = nct.sf(
                t.ppf(1 - level / 2, freedom), freedom, min(FAR, abs(difference) * math.sqrt(animals / 2))
            )
        return bool(found >= power)

    if not enough(MOST_ANIMALS):
        return 0
    few, many = 1, MOST_ANIMALS
    while many - few > 1:
        middle = (few + many) // 2
        few, many = (few, middle) if enough(middle) else (middle, many)
    return many


def load_variants(path: str | os.PathLike[str]) -> dict[str, dict[str, object]]:
    """Read the variants of a calibration: each carrier alone, as near to the common effect as its parameter's range allows.

    Parameters
    ----------
    path : path
        What `calibrate` wrote.

    Returns
    -------
    dict of str to dict
        By carrier, changes of a scenario; for `plan_experiments`.

    Raises
    ------
    InputError
        The file is no calibration, or has no carriers.
    """
    name = os.fspath(path)
    centre, carriers = read_calibration(name, "carriers")
    try:
        moved = {
            carrier: {
                one["parameter"]: one["value"] if one["unit"] == "1" else f"{one['value']!r} {one['unit']}"
            }
            for carrier, one in carriers.items()
        }
    except (KeyError, TypeError) as problem:
        raise InputError(f"{name}: is no calibration: {problem}") from None
    if not moved:
        raise InputError(f"{name}: has no carriers; its file of parameters has no [therapy]")
    return {carrier: alone(carrier, {**centre, **own}) for carrier, own in moved.items()}


def between_animals() -> float:
    """Give the variation between animals: the middle of the calibration row about it [1]."""
    row = next(one for one in read_targets() if one.statistic == BETWEEN_ANIMALS)
    return 0.5 * (row.low + row.high)


def twin_scar(scenario: Scenario) -> float:
    """Give the stained area averaged over the last 7 d (of a shorter run, over all of it), by the mean-field twin [1]."""
    series = preview(scenario).series
    time = series.time.values
    return mean(
        time,
        series[read_toml(KNOWN)["scar"]].values,
        max(float(time[0]), float(time[-1]) - WEEK),
        float(time[-1]),
    )


def _planned(
    base: Scenario,
    variants: Mapping[str, Changes],
    proposal: Proposal,
    scar: Callable[[Scenario], float],
    variation: float,
    power: float,
    level: float,
) -> Planned:
    effects = {}
    for name, changes in variants.items():
        own = base.with_(changes) if changes else base
        treated = own.with_(proposal.treated) if proposal.treated else own
        effects[name] = scar(treated) / scar(own.with_(proposal.control))
    separations = []
    for one, other in itertools.combinations(effects, 2):
        difference = abs(effects[one] - effects[other]) / variation
        separations.append(Separation((one, other), difference, animals_per_arm(difference, power, level)))
    return Planned(proposal, effects, sorted(separations, key=lambda pair: -pair.difference))


def _animals(pair: Separation) -> str:
    return str(pair.animals) if pair.animals else f"more than {MOST_ANIMALS}"


def _as_data(planned: Planned) -> dict[str, Any]:
    one = planned.proposal
    separations = [
        {"variants": list(pair.variants), "difference": pair.difference, "animals": pair.animals or None}
        for pair in planned.separations
    ]
    return {
        "name": one.name,
        "question": one.question,
        "treated": dict(one.treated),
        "control": dict(one.control),
        "effects": dict(planned.effects),
        "separations": separations,
    }
