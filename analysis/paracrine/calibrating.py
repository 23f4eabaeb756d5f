"""A whole calibration: natural history, then delivery, on the twin, corrected on the agents; then each carrier of a therapy alone at the same effect."""

from __future__ import annotations

import dataclasses
import json
import math
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from paracrine.calibration import (
    Anchor,
    Twin,
    changes_of,
    corrected,
    distance,
    equal_effect,
    fit_rows,
    misfit,
    offset,
)
from paracrine.calibration_agents import LEAST_SETS, MOST_RUNS, Agents, Effort
from paracrine.calibration_results import as_data, effective_number, knowledge, most_central, pick, trade_offs
from paracrine.calibration_search import Journal, Search, Values, Workers, digest, evolve
from paracrine.core import core
from paracrine.drafts import write_text
from paracrine.errors import InputError
from paracrine.experiments import read_experiments, shipped_experiments
from paracrine.free_parameters import CARRIERS, STAGES, Free, read_choice
from paracrine.targets import Target, read_targets

ROUNDING = 1e-9  # of half a range
LIKE = 0.5  # of the loss: sets that are no worse than the best by this are of like quality
END = 0.02  # of a range: nearer to it a parameter counts as at its end


def calibrate(
    output: str | os.PathLike[str],
    *,
    targets: str | os.PathLike[str] | None = None,
    choice: str | os.PathLike[str] | None = None,
    experiments: str | os.PathLike[str] | None = None,
    effort: Effort | None = None,
    seed: int = 1,
    jobs: int = 0,
    force: bool = False,
    told: Callable[[str], None] = lambda line: None,
) -> dict[str, Any]:
    """Calibrate the model, and write what was found.

    What was looked at lies in OUTPUT.journal, the agents' runs in OUTPUT.sweep: a calibration that was stopped or killed goes on, to the same result.

    Parameters
    ----------
    output : path
        JSON.
    targets, choice, experiments : path, optional
        Rows, parameters that may move, folder of experiments; those of the program when absent.
    effort : Effort, optional
        How much is done.
    seed : int
        Of the search.
    jobs : int
        Processes; 0 takes every processor.
    force : bool
        Overwrite `output`.
    told : callable
        Called with a line of progress.

    Returns
    -------
    dict
        As in the file; docs/calibration.md lists its keys.

    Raises
    ------
    InputError
        An unknown row, observable, unit or parameter; a parameter that was measured; `output` exists; a journal of another calibration; more than 300 runs of the agents.
    """
    effort = effort or Effort()
    path = os.fspath(output)
    if os.path.exists(path) and not force:
        raise InputError(f"{path}: exists; choose another output, or overwrite it with force=True")
    folder = os.fspath(experiments if experiments is not None else shipped_experiments())
    known = read_experiments(folder)
    rows, moving = read_targets(targets, known), read_choice(choice)
    measured = (
        rows if targets is None else [*rows, *read_targets(None, known)] if experiments is None else rows
    )
    if moving.effect and all(one.id != moving.effect.row for one in measured):
        raise InputError(f'[therapy]: there is no row "{moving.effect.row}" in the targets')
    fitted = {stage: fit_rows(rows, known, stage) for stage in STAGES if moving.stages.get(stage)}
    for stage, own in fitted.items():
        if not own:
            raise InputError(f"no row of the stage {stage} may be fitted to")
    agents = Agents(path + ".sweep", effort, known)
    needed = {stage: LEAST_SETS * agents.cost(own) for stage, own in fitted.items()}
    if sum(needed.values()) > MOST_RUNS:
        raise InputError(
            f"a calibration takes at most {MOST_RUNS} runs of the agents; with {effort.seeds} seeds this one takes at least {sum(needed.values())}"
        )
    facts = core().version()
    about = {
        "targets": digest(*(repr(one) for one in rows)),
        "parameters": digest(repr(moving)),
        "experiments": digest(
            *(scenario.to_toml() for one in known.values() for scenario in one.arms.values())
        ),
        "build": facts["build"],
        "seed": seed,
    }
    journal = Journal(path + ".journal", about)
    made: dict[str, Any] = {
        "version": 1,
        "program": f"{facts['version']}, build {facts['build']}",
        **about,
        "effort": dataclasses.asdict(effort),
        "stages": {},
    }
    settled: dict[str, object] = {}
    workers = jobs or int(facts["processors"])
    for stage, own in fitted.items():
        later = sum(needed[other] for other in list(fitted)[list(fitted).index(stage) + 1 :])
        made["stages"][stage] = _stage(
            stage,
            own,
            moving.stages[stage],
            settled,
            moving.apart,
            journal,
            agents,
            later,
            Workers(own, folder, workers),
            effort,
            seed,
            told,
        )
        settled |= made["stages"][stage]["centre"]["parameters"]
    made["carriers"] = {}
    if moving.effect:
        twin = Twin([one for one in measured if one.id == moving.effect.row], known)
        made["carriers"] = {
            carrier: equal_effect(carrier, moving.carriers[carrier], moving.effect, twin, settled)
            for carrier in CARRIERS
            if carrier in moving.carriers
        }
        made["effect"] = dataclasses.asdict(moving.effect)
    made["centre"] = settled
    made["agent_runs"] = agents.runs
    made["looked_at"] = len(journal)
    write_text(path, json.dumps(made, indent=1) + "\n", force=force)
    return made


def _stage(
    stage: str,
    rows: list[Target],
    free: list[Free],
    settled: dict[str, object],
    beside: Mapping[str, str],
    journal: Journal,
    agents: Agents,
    later: int,
    workers: Workers,
    effort: Effort,
    seed: int,
    told: Callable[[str], None],
) -> dict[str, Any]:
    """Search, correct on the agents, search again, sample, and say what is known."""
    try:
        start = [one.share(one.default) for one in free]
        search = Search(stage, rows, free, settled, journal, workers.compute)
        population: Sequence[Sequence[float]] = [start]
        centre = start
        anchors: list[Anchor] = []

        def run(name: str, shares: Sequence[float]) -> Values:
            """Run a set with the agents; it is an anchor from then on."""
            found = agents.values(f"{stage}_{name}", rows, {**settled, **changes_of(free, shares)})
            anchors.append(Anchor(tuple(shares), found, search.values([shares])[0]))
            return found

        for turn in range(2):
            told(f"{stage}: agents, turn {turn + 1}")
            run(f"turn_{turn + 1}", centre)
            search.anchors = anchors[-1:]
            members, losses = evolve(
                search,
                effort.population,
                effort.generations // (1 + turn),
                seed + turn,
                start=population,
                told=told,
            )
            population, centre = members.tolist(), members[int(np.argmin(losses))].tolist()
        members, losses = evolve(
            search, effort.population, effort.samples, seed + 2, sample=True, start=population, told=told
        )
        # members by what is known so far; the agents at some of them; members by all that is known then
        for when in ("first", "second"):
            looked_at, all_losses = search.looked_at()
            chosen = pick(looked_at, all_losses, effort.members, LIKE)
            ensemble, medoid = looked_at[chosen], most_central(looked_at[chosen])
            confirmed = _confirm(
                when, stage, rows, ensemble, medoid, agents, later, effort, anchors, run, told
            )
            search.anchors = anchors
        # what fits the agents best of all that was run is a member
        best = anchors[
            centre_of([(bool(_at_end(free, one.shares)), misfit(rows, one.agents)) for one in anchors])
        ]
        if best.shares not in map(tuple, ensemble.tolist()):
            chosen[-1] = [tuple(one) for one in looked_at.tolist()].index(best.shares)
            ensemble = looked_at[chosen]
            confirmed = {i: values for i, values in confirmed.items() if i < len(chosen) - 1} | {
                len(chosen) - 1: dict(best.agents)
            }
        run_members = list(confirmed)
        central = run_members[
            centre_of([(bool(_at_end(free, ensemble[i])), misfit(rows, confirmed[i])) for i in run_members])
        ]

        def offsets(shares: Sequence[float]) -> list[float]:
            found = corrected(search.values([shares])[0], anchors, shares)
            return [offset(one, found[one.id]) for one in rows]

        number, eigenvalues = effective_number(offsets, ensemble[central].tolist())
        return {
            "rows": [one.id for one in rows],
            "measured": {
                one.id: {"low": one.low, "high": one.high, "unit": one.unit, "grade": one.grade}
                for one in rows
            },
            "members": [
                {
                    "parameters": {
                        one.name: one.text(one.value(share)) for one, share in zip(free, ensemble[i])
                    },
                    "loss": float(all_losses[chosen[i]]),
                    "twin": _plain(corrected(search.values([ensemble[i].tolist()])[0], anchors, ensemble[i])),
                    "agents": _plain(confirmed.get(i, {})),
                    "apart": apart(
                        rows,
                        agents.experiments,
                        beside,
                        {**settled, **changes_of(free, ensemble[i].tolist())},
                    ),
                }
                for i in range(len(chosen))
            ],
            "centre": {
                "member": central,
                "medoid": medoid,
                "parameters": changes_of(free, ensemble[central].tolist()),
                "at_end": _at_end(free, ensemble[central]),
            },
            "shortfalls": shortfalls(rows, agents.runnable(rows), confirmed, central),
            "knowledge": as_data(
                knowledge(free, ensemble, looked_at, all_losses),
                trade_offs(free, ensemble),
                number,
                eigenvalues,
            ),
            "default_loss": float(search.losses([start])[0]),
        }
    finally:
        workers.close()


def apart(
    rows: Sequence[Target],
    experiments: Mapping[str, Any],
    beside: Mapping[str, str],
    changes: Mapping[str, object],
) -> dict[str, dict[str, float | None]]:
    """Report what a row measures and its counterpart apart, by the twin as it is: little made and little lost is another answer than much of both.

    Parameters
    ----------
    rows : sequence of Target
        Those about an observable of `beside` count.
    experiments : mapping
        By name.
    beside : mapping of str to str
        From observables to their counterparts.
    changes : mapping of str to value
        Parameters.

    Returns
    -------
    dict
        By row: value [target.unit] by observable.
    """
    own = [one for one in rows if one.observable in beside]
    if not own:
        return {}
    other = [
        dataclasses.replace(one, id=f"{one.id} beside", observable=beside[one.observable]) for one in own
    ]
    found = _plain(Twin([*own, *other], experiments).values(changes))
    return {
        one.id: {one.observable: found[one.id], beside[one.observable]: found[f"{one.id} beside"]}
        for one in own
    }


def shortfalls(
    rows: Sequence[Target], run: Sequence[Target], confirmed: Mapping[int, Values], central: int
) -> dict[str, Any]:
    """Say which rows lie outside their range on the agents.

    Parameters
    ----------
    rows, run : sequence of Target
        All rows, and those that the agents were run for.
    confirmed : mapping of int to mapping
        Rows' values by the agents, by member.
    central : int
        The central member.

    Returns
    -------
    dict
        ``centre``: ids; ``members``: by id, of how many members; ``confirmed``: how many members were run; ``not_run``: ids of slow experiments, of which the agents say nothing.
    """
    return {
        "centre": [
            one.id for one in run if distance(one, confirmed[central].get(one.id, math.nan)) > ROUNDING
        ],
        "members": {
            one.id: sum(
                distance(one, values.get(one.id, math.nan)) > ROUNDING for values in confirmed.values()
            )
            for one in run
        },
        "confirmed": len(confirmed),
        "not_run": [one.id for one in rows if one not in run],
    }


def centre_of(sets: Sequence[tuple[bool, float]]) -> int:
    """Choose the centre by what the agents gave: of the sets of like quality (within 0.5 of the least misfit) one without a parameter at an end of its range where there is one, and of these the best. Each set is (at an end, misfit)."""
    least = min(loss for _, loss in sets)
    return min((i for i, (_, loss) in enumerate(sets) if loss <= least + LIKE), key=lambda i: sets[i])


def _at_end(free: Sequence[Free], shares: Sequence[float]) -> list[str]:
    """Name the parameters that lie at an end of their range."""
    return [one.name for one, share in zip(free, shares) if not END <= share <= 1.0 - END]


def _confirm(
    turn: str,
    stage: str,
    rows: list[Target],
    ensemble: np.ndarray,
    medoid: int,
    agents: Agents,
    later: int,
    effort: Effort,
    anchors: Sequence[Anchor],
    run: Callable[[str, Sequence[float]], Values],
    told: Callable[[str], None],
) -> dict[int, Values]:
    """Give the agents' rows of the medoid and of further members, as far as the runs go: `later` are kept for the stages to come, a set or a quarter for the second ensemble."""
    known = {anchor.shares: anchor.agents for anchor in anchors}
    found: dict[int, Values] = {
        i: dict(known[tuple(one)]) for i, one in enumerate(ensemble.tolist()) if tuple(one) in known
    }
    cost = max(1, agents.cost(rows))
    most = (MOST_RUNS - agents.runs - later) // cost
    if turn == "first":
        most -= max(1, most // 4)
    order = [
        i
        for i in [medoid, *(i for i in range(len(ensemble)) if i != medoid)][: 1 + effort.confirmed]
        if i not in found
    ]
    for i in order[:most]:
        told(f"{stage}: agents, {turn} ensemble, member {i}")
        found[i] = run(f"{turn}_member_{i}", ensemble[i].tolist())
    return found


def _plain(values: Mapping[str, float]) -> dict[str, float | None]:
    return {name: value if math.isfinite(value) else None for name, value in values.items()}
