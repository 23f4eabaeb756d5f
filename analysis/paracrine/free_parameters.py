"""Which parameters a calibration may move, from a TOML file."""

from __future__ import annotations

import dataclasses
import math
import os
from collections.abc import Mapping
from typing import Any

from paracrine.errors import InputError
from paracrine.files import read_toml
from paracrine.scenario import parameters
from paracrine.targets import DATA

MOVABLE = ("assumed", "fitted")
STAGES = ("natural_history", "delivery")
CARRIERS = ("ev", "soluble", "efferocytosis")


@dataclasses.dataclass(frozen=True)
class Free:
    """One parameter that may move.

    Parameters
    ----------
    name : str
        Its full name.
    low, high, default : float
        Of its published range, and its default [unit].
    unit : str
        Of all three.
    log : bool
        Whether it moves on a logarithmic scale.
    """

    name: str
    low: float
    high: float
    default: float
    unit: str
    log: bool

    def value(self, share: float) -> float:
        """Give the value at a share of the range, 0 to 1.

        >>> round(Free("x", 1.0, 100.0, 10.0, "1", True).value(0.5), 9)
        10.0
        """
        share = min(1.0, max(0.0, share))
        return float(
            self.low * (self.high / self.low) ** share
            if self.log
            else self.low + (self.high - self.low) * share
        )

    def share(self, value: float) -> float:
        """Give the share of the range at which a value lies."""
        return (
            math.log(value / self.low) / math.log(self.high / self.low)
            if self.log
            else (value - self.low) / (self.high - self.low)
        )

    def text(self, value: float) -> object:
        """Write a value as a scenario takes it."""
        return value if self.unit == "1" else f"{value!r} {self.unit}"


@dataclasses.dataclass(frozen=True)
class Effect:
    """What each carrier alone is brought to.

    Parameters
    ----------
    row : str
        Id of the row that measures the effect.
    wanted : float
        Its value [unit of the row].
    """

    row: str
    wanted: float


@dataclasses.dataclass(frozen=True)
class Choice:
    """What a calibration may move.

    Parameters
    ----------
    stages : mapping of str to list of Free
        By stage, in order.
    carriers : mapping of str to Free
        The parameter by which each carrier is brought to the common effect.
    effect : Effect, optional
        That effect.
    apart : mapping of str to str
        Rows about an observable are reported with another one beside.
    """

    stages: Mapping[str, list[Free]]
    carriers: Mapping[str, Free]
    effect: Effect | None = None
    apart: Mapping[str, str] = dataclasses.field(default_factory=dict)


def read_choice(path: str | os.PathLike[str] | None = None) -> Choice:
    """Read and check which parameters may move.

    Parameters
    ----------
    path : path, optional
        TOML with ``[natural_history]``, ``[delivery]`` (each with lists ``log`` and ``linear``) and ``[therapy]`` (``row`` and ``wanted``, and a parameter per carrier); that of the program when absent.

    Returns
    -------
    Choice

    Raises
    ------
    InputError
        With every problem: an unknown parameter, one that was measured or derived, one that stands twice, a range that begins at 0 on a logarithmic scale.
    """
    name = os.fspath(path if path is not None else DATA / "calibration_parameters.toml")
    said = read_toml(name)
    table = parameters()
    known = {row["name"]: row for row in table[table.variant != "human"].to_dict("records")}
    problems = _malformed(name, said)
    sections = {key: section for key, section in said.items() if isinstance(section, dict)}
    seen: set[str] = set()

    def free(parameter: str, log: bool) -> Free | None:
        row = known.get(parameter)
        if row is None:
            problems.append(f"{name}: there is no parameter {parameter}")
        elif row["kind"] not in MOVABLE:
            problems.append(
                f"{name}: {parameter} is {row['kind']}; only parameters that are assumed or fitted may move"
            )
        elif parameter in seen:
            problems.append(f"{name}: {parameter} stands twice")
        elif log and not row["published"][0] > 0:
            problems.append(
                f"{name}: {parameter} has a range from 0, which has no logarithm; put it under linear"
            )
        else:
            seen.add(parameter)
            low, high = map(float, row["published"])
            return Free(parameter, low, high, float(row["value"]), row["unit"], log)
        return None

    stages = {
        stage: [
            free(one, log)
            for log in (True, False)
            for one in _names(sections.get(stage, {}), "log" if log else "linear")
        ]
        for stage in STAGES
    }
    therapy = dict(sections.get("therapy", {}))
    row, wanted = therapy.pop("row", ""), therapy.pop("wanted", math.nan)
    carriers = {
        carrier: free(one, bool(known.get(one, {"published": (0,)})["published"][0] > 0))
        for carrier, one in therapy.items()
        if isinstance(one, str)
    }
    if not any(stages.values()):
        problems.append(f"{name}: no parameter may move")
    if problems:
        raise InputError("\n".join(problems))
    return Choice(
        {stage: [one for one in found if one] for stage, found in stages.items()},
        {carrier: one for carrier, one in carriers.items() if one},
        Effect(row, float(wanted)) if carriers else None,
        dict(sections.get("apart", {})),
    )


def _malformed(name: str, said: Mapping[str, Any]) -> list[str]:
    """What is wrong with the form of a file of parameters: sections, keys and types."""
    wrong = []
    for section, table in said.items():
        if section not in (*STAGES, "therapy", "apart"):
            wrong.append(f'there is no section "{section}"; there are {", ".join(STAGES)}, therapy, apart')
        elif not isinstance(table, dict):
            wrong.append(f"{section}: expected a table, got {table!r}")
        elif section == "apart":
            wrong += [
                f"apart: {key}: expected the name of an observable, got {value!r}"
                for key, value in table.items()
                if not isinstance(value, str)
            ]
        elif section == "therapy":
            row, wanted = table.get("row"), table.get("wanted")
            carriers = {key: value for key, value in table.items() if key not in ("row", "wanted")}
            wrong += [
                f'there is no carrier "{key}"; there are {", ".join(CARRIERS)}'
                for key in carriers
                if key not in CARRIERS
            ]
            wrong += [
                f"therapy: {key}: expected the name of a parameter, got {value!r}"
                for key, value in carriers.items()
                if not isinstance(value, str)
            ]
            if carriers and (
                not isinstance(row, str)
                or not row
                or isinstance(wanted, bool)
                or not isinstance(wanted, (int, float))
            ):
                wrong.append(
                    "[therapy] needs row, the id of the row that measures the effect, and wanted, a number"
                )
        else:
            wrong += [
                f'{section}: there is no key "{key}"; there are log, linear'
                for key in table
                if key not in ("log", "linear")
            ]
            wrong += [
                f"{section}: {key}: expected a list of names, got {table[key]!r}"
                for key in ("log", "linear")
                if table.get(key, []) != _names(table, key)
            ]
    return [f"{name}: {text}" for text in wrong]


def _names(table: Mapping[str, Any], key: str) -> list[str]:
    listed = table.get(key, [])
    return [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
