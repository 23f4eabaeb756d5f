"""The notebooks run from the first cell to the last, are stored without output, and close with an answer."""

import json
import re
import subprocess
import sys

import pytest
from api import ROOT

NOTEBOOKS = sorted((ROOT / "analysis/notebooks").glob("*.ipynb"))
COMPARES = ("pc.compare(", "pc.sensitivity(")
SEEDS = re.compile(r"replicates=(\d+)")
NUMBER = r"([+-][0-9.]+)"
INTERVAL = re.compile(rf"{NUMBER} \({NUMBER} to {NUMBER}\)[:,] ([^;\n.]+)")


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
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1]
    if any(word in code for word in COMPARES):
        answer = "".join(cells[-1]["source"])
        intervals = INTERVAL.findall(done.stdout)
        assert len(intervals) >= 4, done.stdout
        assert "95 % intervals over" in done.stdout and "cannot be told" in answer
        for middle, low, high, verdict in intervals:
            assert float(low) <= float(middle) <= float(high)
            apart = float(low) > 0 or float(high) < 0
            rounded = 0 in (float(low), float(high))
            assert rounded or apart != ("cannot be told" in verdict), (middle, low, high, verdict)


def test_notebooks_ask_for_enough_seeds():
    """Fewer than four pairs give no interval."""
    asked = {path.stem: SEEDS.findall(path.read_text()) for path in NOTEBOOKS}
    assert sum(map(bool, asked.values())) == 3
    assert all(int(number) >= 4 for numbers in asked.values() for number in numbers), asked
