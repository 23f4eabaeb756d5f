"""Experiments that could tell the carriers of an effect apart."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from paracrine.calibration import CARRIERS
from paracrine.files import read_toml
from paracrine.previewing import preview
from paracrine.quantities import days
from paracrine.scenario import Scenario
from paracrine.targets import DATA

AS_IT_WAS = "the same again"


KNOWN = DATA / "carrier_experiments.toml"
Changes = Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Proposal:
    """An experiment that might tell variants apart: treated and untreated animals, both with something else done as well.

    Parameters
    ----------
    name, question : str
        What is done, and what it asks.
    treated, control : mapping of str to value
        Changes of the scenario that was asked about, for either arm.
    """

    name: str
    question: str
    treated: Changes
    control: Changes


def carrier_experiments(scenario: Scenario) -> list[Proposal]:
    """List experiments that might tell by which carrier MSC act.

    Parameters
    ----------
    scenario : Scenario
        Treated animals.

    Returns
    -------
    list of Proposal
        Dead cells; vesicles alone, as many as the cells release; macrophages removed before or after the dose; into the portal vein; CCL2 blocked; without a spleen.
    """
    given = scenario.to_dict()["therapy"][0]
    at = days(given.get("at")) or 0.0
    others = list(scenario.to_dict().get("intervention", []))
    end = days(scenario.get("time.duration")) or at

    def both(said: Mapping[str, Any]) -> Proposal:
        """The same intervention in either arm."""
        start, stop = max(0.0, at + said["start_d"]), min(end, at + said["stop_d"])
        done = {
            "intervention": [
                *others,
                {**said["intervention"], "start": f"{start!r} d", "stop": f"{stop!r} d"},
            ]
        }
        return Proposal(said["name"], said["question"], done, {**done, "therapy": []})

    known = read_toml(KNOWN)
    untreated: Changes = {"therapy": []}
    found = [
        Proposal(
            "dead cells",
            "Must the cells live, or is it that they are eaten?",
            {"therapy.0.viability": 0.0},
            untreated,
        )
    ]
    released = float(preview(scenario).series[known["released"]].values[-1])
    if released > 0:
        kept = {
            key: given[key]
            for key in (
                "source",
                "culture",
                "passage",
                "priming",
                "route",
                "at",
                "duration",
                "repeats",
                "every",
            )
            if key in given
        }
        vesicles = {"product": "ev", "particles": released, **kept}
        found.append(
            Proposal(
                "vesicles, as many as the cells release",
                "Are vesicles enough at equal exposure?",
                {"therapy": [vesicles]},
                untreated,
            )
        )
    route = "peripheral_vein" if given.get("route") == "portal_vein" else "portal_vein"
    found.append(
        Proposal(
            f"into the {route.replace('_', ' ')}",
            "Does it matter which organ meets the cells first?",
            {"therapy.0.route": route},
            untreated,
        )
    )
    return [*found, *(both(said) for said in known["both"])]


def alone(carrier: str, parameters: Mapping[str, object] | None = None) -> dict[str, object]:
    """Let one carrier act alone.

    >>> alone("ev", {"x.y": 1.0})
    {'mechanism.ev': True, 'mechanism.soluble': False, 'mechanism.efferocytosis': False, 'parameters.x.y': 1.0}
    """
    return {
        **{f"mechanism.{one}": one == carrier for one in CARRIERS},
        **{f"parameters.{name}": value for name, value in (parameters or {}).items()},
    }
