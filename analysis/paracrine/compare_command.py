"""The command ``paracrine compare``."""

from __future__ import annotations

import argparse
import json
import math
import os
import pathlib
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from paracrine.command_parser import CommandParser
from paracrine.comparison import LEAST_PAIRS, LEVEL, Comparison, compared
from paracrine.designs import listed
from paracrine.drafts import write_text
from paracrine.engines import NAMES, engine
from paracrine.errors import InputError
from paracrine.study_file import StudyFile, flat, read_study_file
from paracrine.sweep_command import guarded, tell
from paracrine.sweeping import carry_out, plan, prepare
from paracrine.texts import printable

KEYS = {"control": str, "measures": list}
REPLICATES = 8
EPILOG = """\
STUDY.toml names a scenario, the arms and what is measured:

  scenario = "mouse.toml"                         beside the study file
  replicates = 8                                  seeds, the same in all arms; 4 at least for an interval
  control = "untreated"                           the arm that the others are compared with (default: the first)
  measures = ["collagen_area@56 d", "alt:max"]    an observable, at the end or at a time; or :max, :min, :mean, :auc
  [arms.untreated]                                what the arm changes in the scenario
  therapy = []                                    nothing is given; "therapy.0.cells" = 0 does the same for one dose
  [arms.treated]                                  the scenario as it is

Differences are those of pairs of runs with a common seed, with 95 % intervals over the seeds. Runs are kept in DIR; started again, the command computes
only what is missing. Exit status: 0 all runs are done; 1 some failed or a worker died; 2 refused; 130, 143 stopped by a signal.
"""


def parser() -> CommandParser:
    """Give the parser of the command."""
    made = CommandParser(
        "compare", "Compare the arms of a study with a control, with the same seeds in all arms.", EPILOG
    )
    made.add_argument("study", metavar="STUDY.toml")
    made.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        action="append",
        default=[],
        help=f"write the table, by its ending ({', '.join(WRITERS)}); may be repeated",
    )
    made.add_argument(
        "--runs", metavar="DIR", help="folder of the runs (default: the study's name with .sweep)"
    )
    made.add_argument(
        "--engine",
        default="local",
        metavar="NAME",
        help=f"what carries out the runs: {NAMES.replace('slurm-array, ', '')} (default: local)",
    )
    made.add_argument("--retry", action="store_true", help="run again what failed before")
    made.add_argument("--force", action="store_true", help="overwrite the output")
    made.add_argument("-q", "--quiet", action="store_true", help="print errors only")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command ``paracrine compare``.

    Parameters
    ----------
    arguments : sequence of str, optional
        The command line; that of the process when absent.

    Returns
    -------
    int
        Exit status: 0 done, 1 some runs failed, 2 refused, 130 or 143 stopped by a signal.
    """
    options = parser().parse_args(arguments)
    return guarded("compare", lambda: _compare(options))


def _compare(options: argparse.Namespace) -> int:
    for name in options.output:
        if pathlib.Path(name).suffix not in WRITERS:
            raise InputError(f"-o {name}: expected a name that ends in {' or '.join(WRITERS)}")
        if os.path.exists(name) and not options.force:
            raise InputError(f"-o {name}: exists; --force overwrites it")
    said = read_study_file(options.study, extra="arms", more=KEYS)
    arms = _arms(said)
    if not said.more.get("measures") or not all(isinstance(one, str) for one in said.more["measures"]):
        raise InputError(f'{said.path}: needs measures, a list of texts such as "alt@14 d"')
    output = options.runs or f"{pathlib.Path(options.study).stem}.sweep"
    made = plan(
        said.scenario,
        listed(list(arms.values())),
        output=output,
        **{"replicates": REPLICATES, **said.options},
    )
    with engine(options.engine, made.study.description["threads"]) as executor:
        if executor is None:
            return 0
        prepare(made)
        carry_out(made.study, executor, retry=options.retry, progress=not options.quiet)
    runs = made.study.runs
    names = list(arms)
    for row in runs[runs.status == "failed"].itertuples():
        tell(f"paracrine compare: arm {names[row.point]}, replicate {row.replicate} failed: {row.error}")
    if not (runs.status == "done").any():
        return 1
    found = compared(made.study, names, said.more["measures"])
    for name in options.output:
        write_text(name, WRITERS[pathlib.Path(name).suffix](found, arms), force=options.force)
    if not options.quiet:
        print(printable(text(found), lines=True))
    return 0 if made.study.complete else 1


def _arms(said: StudyFile) -> dict[str, dict[str, Any]]:
    """Give the changes of each arm, the control first."""
    for name, changes in said.extra.items():
        if not isinstance(changes, dict):
            raise InputError(f"{said.path}: arms.{name}: expected a table of changes, got {changes!r}")
    names = list(said.extra)
    if len(names) < 2:
        raise InputError(f"{said.path}: [arms]: expected a control and one arm at least, got {len(names)}")
    control = said.more.get("control", names[0])
    if control not in names:
        raise InputError(f'{said.path}: control: there is no arm "{control}"; there are {", ".join(names)}')
    return {name: flat(said.extra[name]) for name in (control, *(one for one in names if one != control))}


def text(found: Comparison) -> str:
    """Write a comparison for a terminal.

    Returns
    -------
    str
        One line per measure and arm, with units.
    """
    lines = [["measure", "arm", "pairs", "mean", "difference", "95 % interval", "Hedges' g", "verdict"]]
    for (what, arm), row in found.table.iterrows():
        mean = [str(what), str(arm), str(row.n), _number(row["mean"])]
        if arm == found.arms[0]:
            lines.append([*mean, "", "", "", "control"])
            continue
        verdict = row.verdict + (f" ({row.note})" if row.note else "")
        effect = _number(row.effect_size) + _span(row.effect_low, row.effect_high)
        lines.append([*mean, _number(row.difference), _span(row.low, row.high).strip(), effect, verdict])
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    table = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines]
    return "\n".join(
        [
            found.study.title,
            *table,
            f"Differences to {found.arms[0]} over pairs of runs with a common seed; intervals are from seeds, none below {LEAST_PAIRS} pairs.",
        ]
    )


def as_csv(found: Comparison, arms: Mapping[str, Any]) -> str:
    """Write the table of a comparison for spreadsheets."""
    return str(found.table.to_csv())


def as_json(found: Comparison, arms: Mapping[str, Any]) -> str:
    """Write a comparison for programs; what is not known is null."""
    rows = [
        {"measure": str(what), "arm": str(arm), **{name: _known(value) for name, value in row.items()}}
        for (what, arm), row in found.table.iterrows()
    ]
    facts = {
        "title": found.study.title,
        "control": found.arms[0],
        "arms": arms,
        "seeds": found.study.seeds,
        "level": LEVEL,
        "rows": rows,
    }
    return json.dumps(facts, indent=1) + "\n"


WRITERS: dict[str, Callable[[Comparison, Mapping[str, Any]], str]] = {".csv": as_csv, ".json": as_json}


def _known(value: Any) -> Any:
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _number(value: float) -> str:
    return f"{value:.4g}" if math.isfinite(value) else "-"


def _span(low: float, high: float) -> str:
    return f" [{low:.4g}, {high:.4g}]" if math.isfinite(low) else ""


if __name__ == "__main__":
    sys.exit(main())
