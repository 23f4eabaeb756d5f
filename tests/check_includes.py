#!/usr/bin/env python3
"""Refuses includes that point the wrong way, and libraries outside the folders that own them.

    core <- agents, fields, compartments, scenario <- engine <- io
    sim <- models/{agents, fields, compartments, processes, readouts, ...} <- models/body <- models/diseases, models/catalogue <- bindings, bench, tests

A process includes no other process, a disease no other disease. Usage: check_includes.py [ROOT]; status 1 when something is refused.
"""

from __future__ import annotations

import pathlib
import re
import sys

SIM = {
    "core": set(),
    "agents": {"core"},
    "fields": {"core"},
    "compartments": {"core"},
    "scenario": {"core"},
    "engine": {"core", "agents", "fields", "compartments", "scenario"},
    "io": {"core", "agents", "fields", "compartments", "scenario", "engine"},
}
MACHINERY = {"sim/io", "sim/core/parallel.hpp"}  # what the models must not know of
# Libraries of others: pattern of the header, folders or files that may include it.
LIBRARIES = {
    r"hdf5(_hl)?\.h|H5.*\.h": ("sim/io/", "tests/sim/test_io_", "tests/fuzz/"),
    r"xxhash\.h": ("sim/io/",),
    r"toml\+\+/.*": ("sim/scenario/",),
    r"omp\.h": ("sim/core/parallel.cpp",),
    r"CLI/.*": ("bindings/cli/",),
    r"pybind11/.*|Python\.h": ("bindings/python/",),
    r"nlohmann/.*": ("sim/scenario/", "sim/io/", "bindings/", "tests/"),
    r"Eigen/.*|unsupported/.*": ("sim/", "bench/", "tests/"),
    r"catch2/.*": ("tests/support/",),
}
TOPS = ("sim", "models", "bindings", "bench", "tests")
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')


def may_include(source: str, target: str) -> str | None:
    """Why the file `source` may not include the file `target` (both relative to the root), or None when it may.

    >>> may_include("sim/core/units.cpp", "sim/engine/world.hpp")
    'sim/core may include of sim only itself'
    >>> may_include("sim/engine/world.cpp", "sim/core/units.hpp")
    """
    top, other = source.split("/")[0], target.split("/")[0]
    if top in ("tests", "bench"):
        return (
            None
            if other != "bindings" or target.startswith(("bindings/cli/", "bindings/driver/"))
            else "tests and benchmarks look at the libraries"
        )
    if other in ("tests", "bench"):
        return f"{top} does not know of tests and benchmarks"
    if top == "sim":
        return _sim_may(source, target)
    if top == "models":
        return _models_may(source, target)
    if top == "bindings" and other == "models" and not target.startswith("models/catalogue."):
        return "bindings know the models through models/catalogue.hpp only"
    return None


def _sim_may(source: str, target: str) -> str | None:
    if not target.startswith("sim/"):
        return "the engine knows neither models nor bindings"
    folder, other = source.split("/")[1], target.split("/")[1]
    allowed = SIM.get(folder)
    if allowed is None:
        return f"sim/{folder} has no place in the order of folders (SIM in tests/check_includes.py)"
    if other != folder and other not in allowed:
        return f"sim/{folder} may include of sim only {', '.join(sorted(allowed)) or 'itself'}"
    return None


def _models_may(source: str, target: str) -> str | None:
    if target.startswith("bindings/"):
        return "models do not know of bindings"
    if any(target == part or target.startswith(part + "/") for part in MACHINERY):
        return "models hold no files and no threads"
    if not target.startswith("models/"):
        return None
    if source.startswith("models/catalogue."):
        return None
    if target.startswith("models/catalogue."):
        return "only bindings and tests include the catalogue"
    if source.startswith("models/diseases/"):
        disease = source.split("/")[2]
        if target.startswith("models/diseases/") and target.split("/")[2] != disease:
            return "a disease does not include another disease"
        return None
    if target.startswith("models/diseases/"):
        return "the parts of a model do not know the diseases"
    if target.startswith("models/body/") and not source.startswith("models/body/"):
        return "only diseases put a body together"
    if (
        source.startswith("models/processes/")
        and target.startswith("models/processes/")
        and _stem(source) != _stem(target)
    ):
        return "a process does not include another process; they meet in columns, fields and compartments"
    return None


def _stem(path: str) -> str:
    return path.rsplit("/", 1)[1].split(".")[0]


def check_file(root: pathlib.Path, source: str) -> list[str]:
    """Problems of one file, as "file:line: message"."""
    problems = []
    for number, line in enumerate((root / source).read_text(encoding="utf-8").splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        quote, target = match.groups()
        reason = None
        if target.split("/")[0] in TOPS:
            reason = (
                may_include(source, target) if quote == '"' else 'our own headers are included with "..."'
            )
            if (root / target).exists() is False and reason is None:
                reason = "there is no such file"
        elif quote == '"' and not target.endswith("_generated.hpp"):
            reason = 'headers of ours are named from the root ("sim/core/units.hpp"), those of others stand in <...>'
        for pattern, owners in LIBRARIES.items():
            if re.fullmatch(pattern, target) and not source.startswith(owners):
                reason = f"only {', '.join(owners)} may include it"
        if reason:
            problems.append(f"{source}:{number}: {target}: {reason}")
    return problems


def check_tree(root: pathlib.Path) -> list[str]:
    """Problems of all C++ files under `root`."""
    files = sorted(
        path for top in TOPS for suffix in ("hpp", "cpp") for path in (root / top).rglob(f"*.{suffix}")
    )
    return [problem for path in files for problem in check_file(root, path.relative_to(root).as_posix())]


def main(arguments: list[str]) -> int:
    root = pathlib.Path(arguments[0]) if arguments else pathlib.Path(__file__).resolve().parent.parent
    problems = check_tree(root)
    print("\n".join(problems) if problems else "includes: all point the right way")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
