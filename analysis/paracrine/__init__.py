"""Paracrine from Python: scenarios, runs, sweeps, and what they left in files.

    import paracrine as pc

    scenario = pc.Scenario.load("scenarios/delivery/mouse_iv_msc_delivery.toml")
    run = pc.run(scenario, seed=3)
    run.series.msc_viable_lung

Reading files (`open`, `open_study`) needs h5py, xarray and pandas alone. Running needs the compiled core, which `./run.sh` and ``pip install .`` bring.
"""

import sys

_asked = " ".join(sys.orig_argv).partition(" -m")[2].lstrip()
if sys.argv[:1] == ["-m"] and _asked.startswith("paracrine.") and not sys.flags.safe_path:
    # `python -m paracrine.X` puts the current folder, where the data lie, before the standard library.
    del sys.path[0]

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from paracrine.calibrating import calibrate
    from paracrine.carrier_proposals import Proposal, carrier_experiments
    from paracrine.charts import draw_comparison, draw_courses, draw_map, draw_response, draw_sensitivity
    from paracrine.comparison import Comparison, compare
    from paracrine.designs import Design, grid, latin_hypercube, sobol
    from paracrine.ensembles import Prediction, load_ensemble, predict
    from paracrine.errors import (
        EngineError,
        FileError,
        InputError,
        ParacrineError,
        RunError,
        RunInterrupted,
        ScenarioWarning,
    )
    from paracrine.planner import (
        Plan,
        Planned,
        Separation,
        animals_per_arm,
        load_variants,
        plan_experiments,
    )
    from paracrine.previewing import Preview, as_twin, preview
    from paracrine.results import Run, open
    from paracrine.running import resume, run
    from paracrine.scenario import Scenario, parameters, schema, version
    from paracrine.sensitivity_analysis import Sensitivity, sensitivity
    from paracrine.study import Study, open_study
    from paracrine.sweeping import sweep
    from paracrine.targets import Target, evaluate, read_targets

_HOMES = {
    "calibrating": ("calibrate",),
    "ensembles": ("Prediction", "load_ensemble", "predict"),
    "charts": ("draw_comparison", "draw_courses", "draw_map", "draw_response", "draw_sensitivity"),
    "comparison": ("Comparison", "compare"),
    "designs": ("Design", "grid", "latin_hypercube", "sobol"),
    "errors": (
        "EngineError",
        "FileError",
        "InputError",
        "ParacrineError",
        "RunError",
        "RunInterrupted",
        "ScenarioWarning",
    ),
    "carrier_proposals": ("Proposal", "carrier_experiments"),
    "planner": (
        "Plan",
        "Planned",
        "Separation",
        "animals_per_arm",
        "load_variants",
        "plan_experiments",
    ),
    "previewing": ("Preview", "as_twin", "preview"),
    "results": ("Run", "open"),
    "running": ("resume", "run"),
    "scenario": ("Scenario", "parameters", "schema", "version"),
    "sensitivity_analysis": ("Sensitivity", "sensitivity"),
    "study": ("Study", "open_study"),
    "sweeping": ("sweep",),
    "targets": ("Target", "evaluate", "read_targets"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}
__version__ = "0.1.0"
__all__ = [
    "Comparison",
    "Design",
    "EngineError",
    "FileError",
    "InputError",
    "ParacrineError",
    "Plan",
    "Planned",
    "Prediction",
    "Preview",
    "Proposal",
    "Run",
    "RunError",
    "RunInterrupted",
    "Scenario",
    "ScenarioWarning",
    "Sensitivity",
    "Separation",
    "Study",
    "Target",
    "animals_per_arm",
    "as_twin",
    "calibrate",
    "carrier_experiments",
    "compare",
    "draw_comparison",
    "draw_courses",
    "draw_map",
    "draw_response",
    "draw_sensitivity",
    "evaluate",
    "grid",
    "latin_hypercube",
    "load_ensemble",
    "load_variants",
    "open",
    "open_study",
    "parameters",
    "plan_experiments",
    "predict",
    "preview",
    "read_targets",
    "resume",
    "run",
    "schema",
    "sensitivity",
    "sobol",
    "sweep",
    "version",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: a picture needs no compiled core, a scenario no xarray."""
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOME_OF[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
