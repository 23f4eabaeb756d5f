"""Code is never taken from the folder of the data: every command runs in a folder full of modules that must not be imported."""

import os
import pathlib
import subprocess
import sys

import paracrine as pc
import pytest
from api import small
from paracrine import engines
from paracrine.sweeping import plan, prepare

pytestmark = pytest.mark.filterwarnings("ignore::paracrine.errors.ScenarioWarning")
BIN = pathlib.Path(sys.executable).parent
TRAPS = [
    *("random", "json", "h5py", "numpy", "tomllib", "csv", "types", "dataclasses", "xarray", "scipy", "logging", "pandas"),
    *("paracrine", "runpy", "signal", "typing", "re", "os", "matplotlib", "tqdm", "sitecustomize", "usercustomize"),
    *("distributed", "mpi4py", "multiprocessing", "concurrent", "pickle", "__future__", "importlib", "encodings"),
]  # fmt: skip
PACKAGES = ("numpy", "scipy", "mpi4py", "concurrent", "importlib", "encodings")
STUDY = 'scenario = "small.toml"\n[grid]\n"therapy.0.cells" = [1e3, 2e3]\n'
SENSITIVITY = 'scenario = "small.toml"\n[sensitivity]\nmeasures = ["ev_released"]\n[sensitivity.ranges]\n"therapy.0.cells" = [1e3, 4e3]\n'
COMPARE = 'scenario = "small.toml"\nreplicates = 4\nmeasures = ["ev_released"]\n[arms.none]\ntherapy = []\n[arms.some]\n'


def set_traps(folder):
    mark = f"open({str(folder / 'MARK')!r}, 'a').write(__name__ + ' ')\nraise ImportError('a trap was imported')\n"
    for name in TRAPS:
        if name in PACKAGES:
            (folder / name).mkdir()
            (folder / name / "__init__.py").write_text(mark)
        else:
            (folder / f"{name}.py").write_text(mark)
    (folder / "matplotlibrc").write_text("backend: module://random\ntext.usetex: True\n")


@pytest.fixture
def trapped(place):
    (place / "small.toml").write_text(small().to_toml())
    for name, text in (("study", STUDY), ("sensitivity", SENSITIVITY), ("arms", COMPARE)):
        (place / f"{name}.toml").write_text(text)
    set_traps(place)
    return place


def ran(folder, *command, **variables):
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, **variables},
    )
    mark = folder / "MARK"
    assert not mark.exists(), f"{command} imported {mark.read_text()}\n{done.stderr}"
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done


COMMANDS = {
    "sweep": (["study.toml"], "study.sweep/results.nc"),
    "sensitivity": (["sensitivity.toml"], "sensitivity.sweep/sensitivity_0.png"),
    "compare": (["arms.toml", "-o", "arms.csv"], "arms.csv"),
    "evidence": (["--list"], None),
    "calibrate": (["--list"], None),
    "plot": (["run.h5", "-o", "run.png"], "run.png"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_no_command_imports_from_the_current_folder(trapped, name):
    arguments, written = COMMANDS[name]
    ran(trapped, BIN / "paracrine", "run", "small.toml", "-o", "run.h5", "-q")
    ran(trapped, BIN / "paracrine", name, *arguments)
    assert written is None or (trapped / written).stat().st_size > 0
    # As pip starts it, as a module, and with the accident of an empty entry.
    console = f"import sys\nfrom paracrine.command import {name}\nsys.exit({name}())\n"
    script = trapped / "bin" / f"paracrine-{name}"
    script.parent.mkdir()
    script.write_text(console)
    help_of = (script, "--help")
    ran(trapped, sys.executable, *help_of)
    module = f"paracrine.{'plot' if name == 'plot' else name + '_command'}"
    (trapped / "paracrine.py").unlink()  # by that name Python itself finds the package
    ran(trapped, sys.executable, "-m", module, "--help")
    ran(trapped, BIN / f"paracrine-{name}", "--help", PYTHONPATH=":/nowhere::/elsewhere:")
    ran(trapped, BIN / f"paracrine-{name}", "--help", PYTHONPATH=":")


def test_the_traps_work(trapped):
    with pytest.raises(AssertionError, match="imported"):
        ran(trapped, sys.executable, "-c", "import random")


def test_the_script_of_slurm_does_not(trapped):
    made = plan("small.toml", {"therapy.0.cells": [1e3]}, output="s.sweep")
    prepare(made)
    script = pathlib.Path(engines.write_array_job(made.study)[0])
    ran(trapped, "sh", script, SLURM_ARRAY_TASK_ID="0")
    assert pc.open_study(trapped / "s.sweep").complete


def test_dask_does_not(trapped):
    pytest.importorskip("distributed")
    ran(trapped, BIN / "paracrine", "sweep", "study.toml", "--engine", "dask")
    assert pc.open_study(trapped / "study.sweep").complete
    assert not [path for path in trapped.iterdir() if "dask" in path.name]


def test_a_program_in_the_current_folder_is_not_taken_for_ours(trapped):
    fake = trapped / "paracrine"
    fake.write_text("#!/bin/sh\ntouch MARK\n")
    fake.chmod(0o755)
    (trapped / "sbatch").write_text(fake.read_text())
    (trapped / "sbatch").chmod(0o755)
    for path in (f":{os.environ['PATH']}", f".:{os.environ['PATH']}"):
        ran(trapped, BIN / "paracrine", "sweep", "study.toml", PATH=path)
    done = ran(
        trapped, BIN / "paracrine", "sweep", "study.toml", "--engine", "slurm-array", PATH=".:/usr/bin:/bin"
    )
    assert "wrote" in done.stdout
