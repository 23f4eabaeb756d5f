"""Small scenarios for the tests of the Python package."""

import pathlib
import subprocess
import sys

import paracrine as pc

ROOT = pathlib.Path(__file__).resolve().parents[2]
SMALL = {"time.duration": "3 h", "time.record_every": "1 h", "liver.lobules": 2, "therapy.0.cells": 2e3}


def small(changes=None, name="delivery/mouse_portal_msc_delivery.toml"):
    """A scenario that takes a few hundredths of a second."""
    return pc.Scenario.load(ROOT / "scenarios" / name, {**SMALL, **(changes or {})})


def python(code, *arguments, **options):
    """Runs code in a new Python and returns what it printed and how it ended."""
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=300,
        **options,
    )
