"""Sweeps on Dask, on MPI and as a Slurm job array; the command `paracrine sweep`."""

import os
import pathlib
import shutil
import subprocess
import sys
import time

import paracrine as pc
import pytest
from api import small
from paracrine.sweeping import plan, prepare
from test_api_sweep import LONGER, attempts

pytestmark = pytest.mark.filterwarnings("ignore::paracrine.errors.ScenarioWarning")
COMMAND = str(pathlib.Path(sys.executable).parent / "paracrine")
TITLE = "One million MSC into the portal vein (varied: therapy.0.cells)"
STUDY = """\
# How much does the dose matter?
scenario = "small.toml"
replicates = 2
[grid]
"therapy.0.cells" = [1e3, 2e3]
"""


@pytest.fixture
def study(place):
    (place / "small.toml").write_text(small().to_toml())
    (place / "study.toml").write_text(STUDY)
    return place


def sweep(*arguments, before=(), **options):
    return subprocess.run(
        [*before, COMMAND, "sweep", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=300,
        **options,
    )


def test_dask_loses_and_doubles_nothing_when_a_worker_is_killed(place):
    pytest.importorskip("distributed")
    (place / "longer.toml").write_text(small(LONGER).to_toml())
    code = """
import glob, os, signal, threading, time, distributed, paracrine as pc
if __name__ == "__main__":
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, distributed.Client(cluster) as client:
        def kill():
            while len(glob.glob("s.sweep/runs/*.h5.part")) < 2:
                time.sleep(0.01)
            os.kill(cluster.workers[0].pid, signal.SIGKILL)
        killer = threading.Thread(target=kill)
        killer.start()
        study = pc.sweep("longer.toml", {"therapy.0.cells": [2e5, 2.1e5, 2.2e5, 2.3e5]}, executor=client.get_executor(pure=False), output="s.sweep", progress=False)
        killer.join()
        print(study.complete)
"""
    (place / "dasked.py").write_text(code)
    answer = subprocess.run(
        [sys.executable, "-W", "ignore", "dasked.py"], capture_output=True, text=True, timeout=300
    )
    assert answer.stdout == "True\n", answer.stderr
    assert sorted(attempts("s.sweep").values()) == [1, 1, 1, 1]


def test_a_dask_cluster_of_this_machine_from_the_command_line(study):
    pytest.importorskip("distributed")
    answer = sweep("study.toml", "--engine", "dask")
    assert answer.returncode == 0, answer.stderr
    assert pc.open_study("study.sweep").complete


def test_mpi_ranks(study):
    pytest.importorskip("mpi4py")
    if shutil.which("mpirun") is None:
        pytest.skip("there is no mpirun")
    root = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    answer = sweep(
        "study.toml",
        "--engine",
        "mpi",
        before=("mpirun", "--oversubscribe", "-n", "3"),
        env={**os.environ, **root},
    )
    assert answer.returncode == 0, answer.stderr
    assert pc.open_study("study.sweep").complete and sorted(attempts("study.sweep").values()) == [1, 1, 1, 1]
    alone = sweep("study.toml", "--engine", "mpi")
    assert alone.returncode == 2 and "mpirun -n 3 paracrine sweep STUDY.toml --engine mpi" in alone.stderr


def test_the_tasks_of_a_job_array_do_one_run_each(study):
    (study / "bin").mkdir()  # a path without Slurm
    for name in ("sh", "readlink", "dirname", "env"):
        (study / "bin" / name).symlink_to(shutil.which(name))
    answer = sweep("study.toml", "--engine", "slurm-array", env={**os.environ, "PATH": str(study / "bin")})
    assert answer.returncode == 0 and "submit it where Slurm is: sbatch" in answer.stdout, answer.stderr
    job = study / "study.sweep/job.sh"
    assert "#SBATCH --array=0-3\n" in job.read_text() and "#SBATCH --signal=B:TERM@60\n" in job.read_text()
    for number in range(4):
        done = subprocess.run(
            ["sh", job],
            env={**os.environ, "SLURM_ARRAY_TASK_ID": str(number)},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        assert (pc.open_study("study.sweep").runs.status == "done").sum() == number + 1


def test_a_task_that_is_asked_to_end_leaves_a_checkpoint(place):
    made = plan(small(LONGER), {"therapy.0.cells": [2e5]}, output="s.sweep")
    prepare(made)
    process = subprocess.Popen(
        [sys.executable, "-m", "paracrine.task", "s.sweep", "0"], stdout=subprocess.PIPE, text=True
    )
    while not list(place.glob("s.sweep/runs/*.h5.part")):
        time.sleep(0.01)
    process.terminate()
    told, _ = process.communicate(timeout=60)
    assert process.returncode == 1 and ": stopped run" in told
    again = subprocess.run(
        [sys.executable, "-m", "paracrine.task", "s.sweep", "0"], capture_output=True, text=True, timeout=120
    )
    assert again.returncode == 0 and ": done resumed" in again.stdout and pc.open_study("s.sweep").complete


def slurm_works():
    if shutil.which("sbatch") is None:
        return False
    try:
        return (
            subprocess.run(
                ["sinfo", "--noheader", "--states=idle,mixed,allocated"], capture_output=True, timeout=10
            ).stdout
            != b""
        )
    except subprocess.TimeoutExpired:
        return False


def test_slurm_runs_the_array(study):
    if not slurm_works():
        pytest.skip("there is no Slurm with a node")
    answer = sweep("study.toml", "--engine", "slurm-array")
    assert answer.returncode == 0 and "submitted" in answer.stdout, answer.stderr
    for _ in range(240):
        if pc.open_study("study.sweep").complete:
            break
        time.sleep(0.5)
    assert set(attempts("study.sweep").values()) == {1} and pc.open_study("study.sweep").complete


def test_the_command_says_what_it_would_do_does_it_and_keeps_it(study):
    dry = sweep("study.toml", "--dry-run")
    assert (dry.returncode, dry.stdout) == (
        0,
        f"{TITLE}\n2 points x 2 replicates: 4 runs, 0 of them done, in {study}/study.sweep\n",
    )
    assert not (study / "study.sweep").exists()
    done = sweep("study.toml")
    assert (done.returncode, done.stdout) == (
        0,
        f"paracrine sweep: 4 of 4 runs are done; results in {study}/study.sweep/results.nc\n",
    )
    assert "4 runs, 4 of them done" in sweep("study.toml", "--dry-run").stdout
    (study / "mine.py").write_text(
        "import concurrent.futures\ndef make():\n    return concurrent.futures.ThreadPoolExecutor(1)\ndef wrong():\n    return 3\n"
    )
    refused = sweep("study.toml", "--engine", "mine:make")
    assert refused.returncode == 2 and refused.stderr == (
        "paracrine sweep: mine:make: No module named 'mine'; expected MODULE:FACTORY or FILE.py:FACTORY, a function without arguments that gives a "
        "concurrent.futures.Executor; to take it from the file in this folder: ./mine.py:make\n"
    )
    again = sweep("study.toml", "--engine", "./mine.py:make", "-q")
    assert (again.returncode, again.stdout) == (0, "") and set(attempts("study.sweep").values()) == {1}


def test_the_command_tells_of_a_failed_run(study):
    assert sweep("study.toml", "-q").returncode == 0
    victim = pathlib.Path(pc.open_study("study.sweep").runs.path[1])
    victim.unlink()
    victim.mkdir()
    answer = sweep("study.toml")
    assert (
        answer.returncode == 1
        and "paracrine sweep: point 0, replicate 1 failed: " in answer.stderr
        and "3 of 4 runs are done" in answer.stdout
    )


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ('scenario = "gone.toml"\n[grid]\n"seed" = [1]', 'there is no file "gone.toml"'),
        ('scenario = "small.toml"', "study.toml: needs exactly one of [grid], [[points]] and [sample]"),
        ('scenari = "small.toml"', 'study.toml: there is no key "scenari"; did you mean "scenario"?'),
        ("[grid]\na = [1]", "study.toml: says no scenario"),
        (
            'scenario = "small.toml"\nreplicates = "many"\n[grid]\n"therapy.0.cells" = [1e3]',
            "study.toml: replicates: expected a whole number, got 'many'",
        ),
        (
            'scenario = "small.toml"\n[sample]\nkind = "dice"\nsize = 3\n[sample.ranges]\n"therapy.0.cells" = [1, 2]',
            'there is no kind "dice"; there are latin_hypercube, sobol',
        ),
        ('scenario = "small.toml"\n[grid]\n"therapy.0.cels" = [1e3]', 'Did you mean "cells"?'),
        ("scenario = ", "study.toml: "),
    ],
)
def test_a_wrong_study_file_is_refused(study, said, message):
    (study / "study.toml").write_text(said)
    answer = sweep("study.toml")
    assert answer.returncode == 2 and message in answer.stderr and "Traceback" not in answer.stderr
    assert not (study / "study.sweep").exists()


@pytest.mark.parametrize(
    ("engine", "message"),
    [
        (
            "slrm",
            'there is no engine "slrm"; there are local[=N], dask[=ADDRESS], mpi, slurm-array, MODULE:FACTORY, FILE.py:FACTORY',
        ),
        ("local=none", 'local=none: "none" is not a number of processes, 1 or more'),
        ("nowhere:make", "nowhere:make: No module named 'nowhere'"),
        ("math:pi", "math:pi"),
    ],
)
def test_a_wrong_engine_is_refused(study, engine, message):
    answer = sweep("study.toml", "--engine", engine)
    assert answer.returncode == 2 and message in answer.stderr and "Traceback" not in answer.stderr
