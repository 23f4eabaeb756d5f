#!/usr/bin/env python3
"""What Python costs: `paracrine.run` against the command line, and opening the series of a run in a new process. Usage: bench_python.py [REPEATS]"""

from __future__ import annotations

import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
import warnings

os.environ["OMP_WAIT_POLICY"] = "passive"  # as the command line has it

import paracrine as pc
from paracrine.task import find_program

OPENING = """
import sys, time
import paracrine.results
begin = time.perf_counter()
paracrine.results.open(sys.argv[1]).series
print(1e3 * (time.perf_counter() - begin))
"""


def seconds_of(work) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def main(repeats: int) -> None:
    root = pathlib.Path(__file__).resolve().parent.parent
    scenario = pc.Scenario.load(root / "scenarios/delivery/mouse_iv_msc_delivery.toml", {"liver.lobules": 16})
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        file, ours, theirs = (os.path.join(folder, name) for name in ("s.toml", "python.h5", "command.h5"))
        pathlib.Path(file).write_text(scenario.to_toml())
        command = [find_program(), "run", file, "-o", theirs, "--force", "-q", "--threads", "1"]
        pairs = [
            (
                seconds_of(lambda: subprocess.run(command, check=True)),
                seconds_of(lambda: pc.run(file, ours, threads=1, force=True, progress=False)),
            )
            for _ in range(repeats)
        ]
        by_command, by_python = (statistics.median(column) for column in zip(*pairs))
        print(
            f"run: command line {by_command:.2f} s, paracrine.run {by_python:.2f} s, medians of {repeats}; ratio of pairs {statistics.median(b / a for a, b in pairs):.3f} (goal: below 1.02)"
        )
        opened = [
            float(
                subprocess.run(
                    [sys.executable, "-c", OPENING, ours], capture_output=True, text=True, check=True
                ).stdout
            )
            for _ in range(repeats)
        ]
        print(
            f"open: series in a new process, import aside: median {statistics.median(opened):.0f} ms, worst {max(opened):.0f} ms of {repeats} (goal: below 50 ms)"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
