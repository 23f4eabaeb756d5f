"""The search of a calibration: every parameter set that was looked at is kept in a journal, so that a stopped search goes on to the same end."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import hashlib
import json
import math
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TextIO

import numpy as np

from paracrine.calibration import Anchor, Twin, changes_of, corrected, loss
from paracrine.drafts import open_to_append
from paracrine.errors import EngineError, InputError
from paracrine.experiments import Experiment
from paracrine.free_parameters import Free
from paracrine.targets import Target
from paracrine.texts import parse_json

Values = dict[str, float]
CROSSOVER, STRETCH = 0.8, (0.5, 0.9)
NEAR = 0.15  # standard deviation, of a range, in which half of the members begin around the first


class Journal:
    """What was looked at, one JSON line each, on disk as soon as it is known. A line that was cut by a kill is left out when it is read.

    Parameters
    ----------
    path : path
        The file; made when it is not there.
    about : mapping
        What the numbers belong to (targets, parameters, program). A journal of something else is refused.

    Raises
    ------
    InputError
        The file is no journal, or belongs to another calibration.
    """

    def __init__(self, path: str | os.PathLike[str], about: Mapping[str, Any]) -> None:
        self.path = os.fspath(path)
        self._known: dict[str, Values] = {}
        lines: list[str] = []
        if os.path.exists(self.path):
            with open(self.path, encoding="utf-8") as file:
                lines = file.read().split("\n")
        whole = lines[:-1]  # what follows the last end of a line was cut off
        try:
            entries = [_entry(line, number) for number, line in enumerate(whole)]
        except ValueError:
            raise InputError(f"{self.path}: is no journal of a calibration") from None
        if entries and entries[0]["about"] != dict(about):
            raise InputError(
                f"{self.path}: belongs to a calibration with other targets, parameters or another program; choose another output, or take the file away"
            )
        self._known = {
            entry["key"]: {
                name: math.nan if value is None else value for name, value in entry["values"].items()
            }
            for entry in entries[1:]
        }
        with self._opened() as file:
            file.truncate(sum(len(line.encode()) + 1 for line in whole))
            if not entries:
                file.write(json.dumps({"about": dict(about)}) + "\n")

    def __len__(self) -> int:
        return len(self._known)

    def get(self, key: str) -> Values | None:
        """Give what was found for a key, or None."""
        return self._known.get(key)

    def add(self, key: str, values: Values) -> None:
        """Keep what was found for a key."""
        self._known[key] = values
        line = json.dumps(
            {
                "key": key,
                "values": {name: value if math.isfinite(value) else None for name, value in values.items()},
            }
        )
        with self._opened() as file:
            file.write(line + "\n")
            file.flush()
            os.fsync(file.fileno())

    def _opened(self) -> TextIO:
        try:
            return open(open_to_append(self.path), "a", encoding="utf-8")
        except OSError as problem:
            raise InputError(f"{self.path}: cannot be written: {problem.strerror}") from None


def _entry(line: str, number: int) -> dict[str, Any]:
    """Read a line of a journal: the first says what it is about, the others hold values."""
    said = parse_json(line)
    if not isinstance(said, dict):
        raise ValueError
    if number == 0 and "about" in said:
        return said
    values = said.get("values")
    if number == 0 or not isinstance(said.get("key"), str) or not isinstance(values, dict):
        raise ValueError
    if not all(isinstance(one, float | int | None) for one in values.values()):
        raise ValueError
    return said


def key_of(stage: str, shares: Sequence[float], fixed: Mapping[str, object] | None = None) -> str:
    """Name a parameter set of a stage, exactly: what the stages before found (`fixed`) belongs to it."""
    held = f"@{digest(json.dumps(fixed, sort_keys=True))}" if fixed else ""
    return stage + held + " " + " ".join(float(share).hex() for share in shares)


def shares_of(key: str) -> tuple[str, list[float]]:
    """Read a name of `key_of` back.

    >>> shares_of(key_of("delivery", [0.5, 0.25]))
    ('delivery', [0.5, 0.25])
    """
    stage, *shares = key.split()
    return stage, [float.fromhex(share) for share in shares]


def digest(*parts: str) -> str:
    """Give a short fingerprint of texts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


@dataclasses.dataclass
class Search:
    """A search over one stage.

    Parameters
    ----------
    stage : str
        Of the rows.
    targets : list of Target
        The rows.
    free : list of Free
        What moves.
    fixed : dict of str to value
        Parameters of the stages before.
    journal : Journal
        What was looked at.
    compute : callable
        From a list of parameter sets (mappings from names to values) to the rows' values of each; what it yields is kept before the next is asked for.
    anchors : list of Anchor
        Where agents and twin were run, by which the twin's values are shifted; empty: not shifted.
    """

    stage: str
    targets: list[Target]
    free: list[Free]
    fixed: dict[str, object]
    journal: Journal
    compute: Callable[[list[dict[str, object]]], Iterable[Values]]
    anchors: list[Anchor] = dataclasses.field(default_factory=list)
    seen: dict[str, None] = dataclasses.field(
        default_factory=dict
    )  # keys of all sets that were asked for, in their order

    def values(self, sets: Sequence[Sequence[float]]) -> list[Values]:
        """Give the twin's values of the rows for parameter sets, as shares of the ranges; what the journal has is not computed again."""
        keys = [key_of(self.stage, shares, self.fixed) for shares in sets]
        self.seen.update(dict.fromkeys(keys))
        missing = {key: shares for key, shares in zip(keys, sets) if self.journal.get(key) is None}
        for key, found in zip(
            missing,
            self.compute([{**self.fixed, **changes_of(self.free, shares)} for shares in missing.values()]),
        ):
            self.journal.add(key, found)
        return [self.journal.get(key) or {} for key in keys]

    def looked_at(self) -> tuple[np.ndarray, np.ndarray]:
        """Give all sets that were asked for, as shares [set, parameter], and their losses [set]. What else a journal holds does not count: a search that was taken up gives what one that went through gives."""
        sets = [shares_of(key)[1] for key in self.seen]
        return np.array(sets), np.array(self.losses(sets))

    def losses(self, sets: Sequence[Sequence[float]]) -> list[float]:
        """Give what is wrong with each parameter set, the twin's values shifted to the agents."""
        return [
            loss(self.targets, corrected(found, self.anchors, shares), self.free, shares)
            for found, shares in zip(self.values(sets), sets)
        ]


def evolve(
    search: Search,
    size: int,
    generations: int,
    seed: int,
    *,
    sample: bool = False,
    start: Sequence[Sequence[float]] = (),
    told: Callable[[str], None] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Improve a population of parameter sets by differential evolution, or sample those of like quality.

    Each member is tried against itself plus a difference of two others (DE/rand/1/bin; Storn and Price 1997, doi 10.1023/A:1008202821328). With `sample`, the trial is accepted with probability
    exp((loss - loss of the trial) / 2) (differential evolution Markov chain; ter Braak 2006, doi 10.1007/s11222-006-8769-1): the population then spreads over what fits alike.

    Parameters
    ----------
    search : Search
        What is searched.
    size, generations : int
        Of the population.
    seed : int
        Of the random numbers; the same seed and journal give the same end.
    sample : bool
        Whether to sample.
    start : sequence of sequence of float, optional
        Members to begin with, absent: the defaults. Of the rest every second lies near the first, the others anywhere.
    told : callable, optional
        Called with a line after each generation.

    Returns
    -------
    members : numpy.ndarray [size, parameter]
        Shares of the ranges.
    losses : numpy.ndarray [size]
        Theirs.
    """
    random = np.random.default_rng(seed)
    count = len(search.free)
    members = random.random((size, count))
    first = list(start) or [[one.share(one.default) for one in search.free]]
    near = members[len(first) :: 2]
    near[:] = np.clip(np.array(first[0], dtype=float) + random.normal(0.0, NEAR, near.shape), 0.0, 1.0)
    members[: len(first)] = np.clip(np.array(first[:size], dtype=float), 0.0, 1.0)
    losses = np.array(search.losses(members.tolist()))
    for generation in range(generations):
        trials = members.copy()
        for i in range(size):
            a, b, c = random.choice([j for j in range(size) if j != i], 3, replace=False)
            if sample:
                stretch = 1.0 if random.random() < 0.1 else 2.38 / math.sqrt(2.0 * count)
                trial = members[i] + stretch * (members[a] - members[b]) + random.normal(0.0, 0.01, count)
                trial = np.abs(trial) % 2.0
                trials[i] = np.where(trial > 1.0, 2.0 - trial, trial)  # reflected at the ends
            else:
                best = members[int(np.argmin(losses))]
                stretch = random.uniform(*STRETCH)
                mutant = (
                    members[a]
                    + 0.5 * (best - members[a]) * (random.random() < 0.5)
                    + stretch * (members[b] - members[c])
                )
                crossed = random.random(count) < CROSSOVER
                crossed[random.integers(count)] = True
                trials[i] = np.clip(np.where(crossed, mutant, members[i]), 0.0, 1.0)
        found = np.array(search.losses(trials.tolist()))
        chance = np.log(random.random(size)) if sample else np.zeros(size)
        accepted = found <= losses if not sample else (losses - found) / 2.0 >= chance
        members[accepted], losses[accepted] = trials[accepted], found[accepted]
        if told:
            told(
                f"{search.stage}: {'sampling' if sample else 'searching'}, {generation + 1} of {generations}: best {losses.min():.3f}, median {np.median(losses):.3f}"
            )
    return members, losses


_twin: list[Twin] = []  # of a worker: one, made when it begins


def _begin(targets: list[Target], experiments: Mapping[str, Experiment]) -> None:
    _twin[:] = [Twin(targets, experiments)]


def _one(changes: dict[str, object]) -> Values:
    return _twin[0].values(changes)


class Workers:
    """Processes that compute rows with the twin, each with its scenarios read once.

    Parameters
    ----------
    targets : list of Target
        The rows.
    experiments : str
        Folder of the experiments.
    count : int
        Processes.
    """

    def __init__(self, targets: list[Target], experiments: str, count: int) -> None:
        self._pool = concurrent.futures.ProcessPoolExecutor(
            count,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_begin_from,
            initargs=(targets, experiments),
        )

    def compute(self, sets: list[dict[str, object]]) -> Iterator[Values]:
        """Give the rows' values of each parameter set, as they become known.

        Raises
        ------
        EngineError
            A process died.
        """
        try:
            yield from self._pool.map(_one, sets)
        except concurrent.futures.BrokenExecutor:
            raise EngineError(
                "a process of the search died; what was looked at is kept, and the same command goes on"
            ) from None

    def close(self) -> None:
        """Let the processes go."""
        self._pool.shutdown(cancel_futures=True)


def _begin_from(targets: list[Target], folder: str) -> None:
    from paracrine.experiments import read_experiments

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the calibration stops them
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _begin(targets, read_experiments(folder))


def _end_with_parent() -> None:
    """End this process when the calibration is gone, killed for instance."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
