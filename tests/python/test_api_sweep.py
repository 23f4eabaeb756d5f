"""`paracrine.sweep`: each run once, the same seeds in all arms, failures and kills survived."""

import concurrent.futures
import doctest
import importlib
import multiprocessing
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import paracrine as pc
import pytest
import xarray
from api import ROOT, small
from paracrine import children, task

pytestmark = pytest.mark.filterwarnings("ignore::paracrine.errors.ScenarioWarning")
CELLS = {"therapy.0.cells": [1e3, 2e3]}


def attempts(folder):
    """How often each run was begun or resumed, from the logs."""
    return {
        log.stem: log.read_text().count("\n== ") + log.read_text().startswith("== ")
        for log in pathlib.Path(folder).glob("runs/*.log")
    }


def stamps(folder):
    return {file.name: file.stat().st_mtime_ns for file in pathlib.Path(folder).glob("runs/*.h5")}


def test_a_grid_becomes_a_dataset_with_its_axes_and_the_same_seeds_in_all_arms(place):
    study = pc.sweep(
        small(), {**CELLS, "therapy.0.at": ["0 h", "1 h"]}, replicates=2, output="s.sweep", progress=False
    )
    data = study.dataset
    assert data.msc_dna_liver.dims == ("therapy.0.cells", "therapy.0.at", "replicate", "time")
    assert data["therapy.0.at"].values.tolist() == [0.0, 1.0] and data["therapy.0.at"].attrs["units"] == "h"
    assert (
        data.time.attrs["units"] == "d"
        and data.msc_dna_liver.attrs["units"] == "1"
        and not np.isnan(data.msc_dna_liver.values).any()
    )
    one = pc.run(
        small({"therapy.0.cells": 2e3, "therapy.0.at": "1 h"}),
        "one.h5",
        seed=int(data.seed[1]),
        progress=False,
    )
    np.testing.assert_array_equal(
        data.msc_dna_liver.sel({"therapy.0.cells": 2e3, "therapy.0.at": 1.0, "replicate": 1}),
        one.series.msc_dna_liver,
    )
    assert study.open(3, 1).digest() == one.digest()
    assert (
        sorted(study.runs.groupby("point").seed.apply(tuple).unique()) == [tuple(study.seeds)]
        and len(set(study.seeds)) == 2
    )
    assert study.complete and pc.open_study("s.sweep").dataset.equals(data)
    assert xarray.open_dataset(study.save(), engine="h5netcdf", decode_times=False).ev_released.equals(
        data.ev_released
    )
    assert (place / "s.sweep/index.csv").read_text().count("done") == 8


def test_nothing_is_computed_twice_and_more_replicates_keep_what_is_there(place):
    pc.sweep(small(), CELLS, output="s.sweep", progress=False)
    before = stamps("s.sweep")
    pc.sweep(small(), CELLS, output="s.sweep", progress=False)
    assert stamps("s.sweep") == before and set(attempts("s.sweep").values()) == {1}
    more = pc.sweep(
        small(), {"therapy.0.cells": [1e3, 2e3, 4e3]}, replicates=2, output="s.sweep", progress=False
    )
    assert {name: stamp for name, stamp in stamps("s.sweep").items() if name in before} == before
    assert more.complete and set(attempts("s.sweep").values()) == {1} and len(attempts("s.sweep")) == 6


def test_the_same_point_twice_is_one_run(place):
    study = pc.sweep(
        small(),
        [{"therapy.0.cells": np.float64(1e3)}, {"therapy.0.cells": 1000}],
        output="s.sweep",
        progress=False,
    )
    assert len(attempts("s.sweep")) == 1 and study.dataset.sizes["point"] == 2


def test_a_truncated_file_is_computed_again(place):
    study = pc.sweep(small(), CELLS, output="s.sweep", progress=False)
    victim = pathlib.Path(study.runs.path[1])
    before, digest = stamps("s.sweep"), study.open(1).digest()
    os.truncate(victim, victim.stat().st_size // 2)
    assert pc.open_study("s.sweep").runs.status.tolist() == ["done", "missing"]
    again = pc.sweep(small(), CELLS, output="s.sweep", progress=False)
    assert again.complete and again.open(1).digest() == digest
    assert [name for name, stamp in stamps("s.sweep").items() if stamp != before[name]] == [victim.name]


def test_a_failed_run_is_recorded_and_does_not_stop_the_others(place):
    study = pc.sweep(small(), {"therapy.0.cells": [1e3, 2e3, 4e3]}, output="s.sweep", progress=False)
    victim = pathlib.Path(study.runs.path[1])
    victim.unlink()
    victim.mkdir()
    (place / "s.sweep/runs" / study.runs.path[0]).unlink()
    study = pc.sweep(small(), {"therapy.0.cells": [1e3, 2e3, 4e3]}, output="s.sweep", progress=False)
    assert study.runs.status.tolist() == ["done", "failed", "done"]
    assert "is a folder, so no run can be written there" in study.failures.error[0]
    assert np.isnan(study.dataset.ev_released.isel({"therapy.0.cells": 1})).all()
    with pytest.raises(pc.FileError, match=r"run 0 of point 1 is failed: .*is a folder"):
        study.open(1)
    victim.rmdir()
    count = attempts("s.sweep")[victim.stem]
    pc.sweep(small(), {"therapy.0.cells": [1e3, 2e3, 4e3]}, output="s.sweep", progress=False)
    assert attempts("s.sweep")[victim.stem] == count
    assert pc.sweep(
        small(), {"therapy.0.cells": [1e3, 2e3, 4e3]}, output="s.sweep", retry=True, progress=False
    ).complete


SWEEP = """
import sys, warnings, paracrine as pc
warnings.simplefilter("ignore")
base = pc.Scenario.load(sys.argv[1])
pc.sweep(base, {"therapy.0.cells": [2e5, 2.1e5, 2.2e5]}, output="s.sweep", progress=False)
"""
LONGER = {"time.duration": "40 d", "liver.lobules": 8, "time.record_every": "1 d"}


def begin_sweep(place):
    """A sweep in a process group of its own, when its first two runs are on their way."""
    (place / "longer.toml").write_text(small({**LONGER}).to_toml())
    # a shell that starts its job in the background lets it ignore SIGINT
    process = subprocess.Popen(
        [sys.executable, "-c", SWEEP, "longer.toml"],
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    for _ in range(1200):
        if list(place.glob("s.sweep/runs/*.h5.part")):
            return process
        time.sleep(0.01)
    raise AssertionError("no run began")


@pytest.mark.parametrize("whole_group", [True, False])
def test_a_killed_sweep_goes_on_where_it_was(place, whole_group):
    process = begin_sweep(place)
    (os.killpg if whole_group else os.kill)(process.pid, signal.SIGKILL)
    process.wait()
    assert not pc.open_study("s.sweep").complete
    study = pc.sweep(
        pc.Scenario.load("longer.toml"),
        {"therapy.0.cells": [2e5, 2.1e5, 2.2e5]},
        output="s.sweep",
        progress=False,
    )
    assert study.complete
    if not whole_group:  # what had begun went on by itself, and was waited for
        assert set(attempts("s.sweep").values()) == {1}
    assert not list(place.glob("s.sweep/runs/*.part"))


def test_ctrl_c_leaves_checkpoints_from_which_the_next_sweep_goes_on(place):
    process = begin_sweep(place)
    os.kill(process.pid, signal.SIGINT)
    assert process.wait(60) != 0
    parts = list(place.glob("s.sweep/runs/*.h5.part"))
    assert parts and all(pc.open(part).status == "interrupted" for part in parts)
    study = pc.sweep(
        pc.Scenario.load("longer.toml"),
        {"therapy.0.cells": [2e5, 2.1e5, 2.2e5]},
        output="s.sweep",
        progress=False,
    )
    assert (
        study.complete
        and "resume" in (place / "s.sweep/runs" / parts[0].name.replace(".h5.part", ".log")).read_text()
    )
    through = pc.run(
        pc.Scenario.load(parts[0].with_name(parts[0].name.replace(".h5.part", ".toml"))),
        "through.h5",
        progress=False,
    )
    assert pc.open(str(parts[0]).removesuffix(".part")).digest() == through.digest()


def test_processes_started_by_spawn(place):
    with concurrent.futures.ProcessPoolExecutor(
        2, mp_context=multiprocessing.get_context("spawn")
    ) as executor:
        study = pc.sweep(small(), CELLS, replicates=2, executor=executor, output="s.sweep", progress=False)
    assert study.complete and set(attempts("s.sweep").values()) == {1}


def test_a_worker_that_dies_is_named_and_the_sweep_can_go_on(place):
    base = small(LONGER)
    with concurrent.futures.ProcessPoolExecutor(
        1, mp_context=multiprocessing.get_context("spawn")
    ) as executor:
        worker = executor.submit(os.getpid).result()

        def kill_when_it_runs():
            while not list(place.glob("s.sweep/runs/*.h5.part")):
                time.sleep(0.01)
            os.kill(worker, signal.SIGKILL)

        killer = threading.Thread(target=kill_when_it_runs)
        killer.start()
        with pytest.raises(pc.EngineError) as told:
            pc.sweep(
                base, {"therapy.0.cells": [2e5, 2.1e5]}, executor=executor, output="s.sweep", progress=False
            )
        killer.join()
    assert (
        f"process {worker} ended with status -9" in str(told.value)
        and "2 of 2 runs were lost" in str(told.value)
        and "point 1, replicate 0" in str(told.value)
    )
    assert pc.sweep(base, {"therapy.0.cells": [2e5, 2.1e5]}, output="s.sweep", progress=False).complete


def test_a_simulation_that_is_killed_is_a_failure_with_its_signal(place):
    executor = concurrent.futures.ThreadPoolExecutor(1)
    base = small(LONGER)
    future = executor.submit(pc.sweep, base, {"therapy.0.cells": [2e5]}, output="s.sweep", progress=False)
    while not children._running or not list(place.glob("s.sweep/runs/*.h5.part")):
        time.sleep(0.01)
    next(iter(children._running)).kill()
    study = future.result()
    assert study.runs.status.tolist() == ["failed"]
    assert re.fullmatch(
        r"the run was ended by SIGKILL \(\S+, process \d+\); was there enough memory\?",
        study.failures.error[0],
    )
    assert pc.sweep(base, {"therapy.0.cells": [2e5]}, output="s.sweep", progress=False).complete


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"design": {"therapy.0.cels": [1.0]}}, 'Did you mean "cells"'),
        ({"design": {"therapy.0.at": ["0 h", "1 kg"]}}, "1 kg"),
        ({"design": {"therapy.0.cells": []}}, r"therapy.0.cells: expected a list of values, got \[\]"),
        ({"design": {"therapy.0.cells": [1.0, 1.0]}}, "a value stands there twice"),
        ({"design": {"therapy.0.cells": 3.0}}, "expected a list of values, got 3.0"),
        ({"design": 3}, "design: expected a mapping"),
        ({"design": []}, "points: the list is empty"),
        ({"design": {"seed": [1, 2]}}, "seed: it does not belong into the design"),
        ({"replicates": 0}, "replicates: 0 is not a whole number, 1 or more"),
        ({"executor": "dask"}, r"executor: expected a concurrent.futures.Executor, got str"),
        ({"output": "."}, "exists and is not the folder of a study"),
        ({"output": "s.toml"}, "exists and is not the folder of a study"),
    ],
)
def test_a_wrong_sweep_is_refused_at_once(place, arguments, message):
    with pytest.raises(pc.InputError, match=message):
        pc.sweep(small(), **{"design": CELLS, "output": "s.sweep", "progress": False, **arguments})
    assert not (place / "s.sweep").exists()


def test_a_worker_with_another_build_is_refused(place):
    study = pc.sweep(small(), CELLS, output="s.sweep", progress=False)
    with pytest.raises(pc.EngineError, match="the sweep was begun by build 0123"):
        task.perform(study.folder, study.keys[0][0], 1, "0123")


def test_samples_lie_in_their_ranges(place):
    design = pc.latin_hypercube(
        {
            "therapy.0.cells": (1e3, 1e5, "log"),
            "therapy.0.at": ("0 h", "2 h"),
            "liver.lobules": (2, 3, "integer"),
        },
        4,
        seed=3,
    )
    study = pc.sweep(small(), design, output="s.sweep", progress=False)
    assert (
        study.dataset.msc_dna_liver.dims == ("point", "replicate", "time")
        and study.dataset["therapy.0.at"].attrs["units"] == "h"
    )
    cells = study.dataset["therapy.0.cells"].values
    assert ((cells > 1e3) & (cells < 1e5)).all() and len(set(cells)) == 4
    assert sorted(study.dataset["liver.lobules"].values) == [2, 2, 3, 3]
    for ranges in ({"a": (2, 1)}, {"a": (1,)}, {"a": ("1 h", "2 kg")}, {"a": (0, 1, "log")}, {}):
        with pytest.raises(pc.InputError):
            pc.sobol(ranges, 4)


@pytest.mark.parametrize("name", ["designs", "sweeping", "study_file", "task"])
def test_examples_in_docstrings_run(name, place):
    (place / "scenarios").symlink_to(ROOT / "scenarios")
    assert doctest.testmod(importlib.import_module(f"paracrine.{name}")).failed == 0
