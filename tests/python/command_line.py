"""The program under test, and small scenarios for it."""

import json
import os
import pathlib
import re
import signal
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
PARACRINE = os.environ.get("PARACRINE", str(ROOT / "build/release/bindings/paracrine"))

SCENARIO = """\
model = "delivery"
species = "mouse"

[time]
duration = "2 d"

[[therapy]]
product = "msc"
cells = 2e4
route = "peripheral_vein"
at = "0 d"
"""


def paracrine(*arguments, **options):
    return subprocess.run(
        [PARACRINE, *map(str, arguments)], capture_output=True, text=True, timeout=300, **options
    )


def digest(file):
    answer = paracrine("info", file, "--digest")
    assert answer.returncode == 0, answer.stderr
    assert re.fullmatch(r"[0-9a-f]{32}\n", answer.stdout)
    return answer.stdout


def events(answer):
    return [json.loads(line) for line in answer.stdout.splitlines()]


def _as_from_a_terminal():
    """Whoever runs the tests in the background of a shell has them, and what they start, ignore SIGINT."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1):
        signal.signal(number, signal.SIG_DFL)


def long_run(*arguments, duration="600 d", cells="3e5"):
    """A run that takes long enough to be met by a signal, after its first progress."""
    process = subprocess.Popen(
        [
            PARACRINE,
            "run",
            "s.toml",
            "--set",
            f"time.duration={duration}",
            "--set",
            f"therapy.0.cells={cells}",
            "--json",
            *arguments,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_as_from_a_terminal,
    )
    for line in process.stdout:
        event = json.loads(line)
        if event["event"] == "progress" and event["time_s"] > 0:
            return process
    raise AssertionError("the run ended before it told of progress: " + process.stderr.read())


def run_scenario(scenario, folder, *overrides):
    """Runs a scenario file with overrides ("path=value") into a new file in `folder` and returns its path."""
    number = len(list(pathlib.Path(folder).glob("*.h5")))
    output = pathlib.Path(folder) / f"{number:03d}_{pathlib.Path(scenario).stem}.h5"
    sets = [part for override in overrides for part in ("--set", override)]
    subprocess.run([PARACRINE, "run", str(scenario), "-o", str(output), "-q", *sets], check=True, timeout=600)
    return output
