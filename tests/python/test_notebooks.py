"""The notebooks run from the first cell to the last, are stored without output, and close with an answer."""

import json
import subprocess
import sys

import pytest
from api import ROOT

NOTEBOOKS = sorted((ROOT / "analysis/notebooks").glob("*.ipynb"))


def test_there_are_notebooks():
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_opens_with_its_question_and_ends_with_a_computed_answer(path):
    cells = json.loads(path.read_text())["cells"]
    assert "**Question.**" in "".join(cells[0]["source"])
    assert (
        "## Answer" in "".join(cells[-2]["source"])
        and cells[-1]["cell_type"] == "code"
        and "print(" in "".join(cells[-1]["source"])
    )
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code), (
        "stored without output: jupyter nbconvert --clear-output --inplace"
    )
    figures = sum("plt.subplots" in "".join(cell["source"]) for cell in code)
    captions = sum(
        f"*Figure {number}." in "".join(cell["source"]) for cell in cells for number in range(1, figures + 1)
    )
    assert captions == figures


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path):
    cells = json.loads(path.read_text())["cells"]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    done = subprocess.run(
        [sys.executable, "-c", "import matplotlib; matplotlib.use('Agg')\n" + code],
        cwd=path.parent,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1]
