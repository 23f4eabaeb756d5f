"""How much a calibration may run, and its runs of the agents."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from typing import Any

from paracrine.calibration_search import Values
from paracrine.errors import InputError
from paracrine.evidence import gather
from paracrine.targets import Target

MOST_RUNS = 300  # of the agents
LEAST_SETS = 4  # that a stage runs: two turns of the search, the medoids of two ensembles


@dataclasses.dataclass(frozen=True)
class Effort:
    """How much is done.

    Parameters
    ----------
    population, generations, samples : int
        Parameter sets at a time; rounds of the search; rounds of the sampling.
    members : int
        Of the ensemble, at most; 20 or more for a result.
    seeds, lobules : int
        Of the agents' runs.
    confirmed : int
        Members, besides the central one, that are run with the agents, as far as 300 runs go.
    """

    population: int = 32
    generations: int = 30
    samples: int = 30
    members: int = 24
    seeds: int = 2
    lobules: int = 16
    confirmed: int = 10


class Agents:
    """Rows by the agents, counted.

    Parameters
    ----------
    folder : str
        Of the runs.
    effort : Effort
        Seeds and lobules.
    experiments : mapping
        By name.
    threads : int
        For each run.
    """

    def __init__(self, folder: str, effort: Effort, experiments: Mapping[str, Any], threads: int = 1) -> None:
        self.folder, self.effort, self.experiments, self.threads = folder, effort, experiments, threads
        self.runs = 0

    def cost(self, targets: Sequence[Target]) -> int:
        """Count the runs that one parameter set needs."""
        arms = {
            (one.experiment, arm)
            for one in targets
            if not self.experiments[one.experiment].slow
            for arm in one.arms
        }
        return len(arms) * self.effort.seeds

    def runnable(self, targets: Sequence[Target]) -> list[Target]:
        """Give the rows that are run: those of experiments that are not slow."""
        return [one for one in targets if not self.experiments[one.experiment].slow]

    def values(self, name: str, targets: Sequence[Target], changes: Mapping[str, object]) -> Values:
        """Run a parameter set; the mean of each row over the seeds. Refuses more than 300 runs in all."""
        self.runs += self.cost(targets)
        if self.runs > MOST_RUNS:
            raise InputError(
                f"a calibration takes at most {MOST_RUNS} runs of the agents; this one would take {self.runs}"
            )
        found = gather(
            targets,
            self.experiments,
            seeds=self.effort.seeds,
            lobules=self.effort.lobules,
            ensemble={name: changes},
            defaults=False,
            output=os.path.join(self.folder, name),
            threads=self.threads,
            progress=False,
        )
        return {one.target.id: one.mean for one in found.findings}
