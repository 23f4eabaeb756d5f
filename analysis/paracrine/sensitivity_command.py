"""The command ``paracrine sensitivity``."""

from __future__ import annotations

import argparse
import os
import pathlib
import sys
from collections.abc import Sequence

from paracrine.command_parser import CommandParser
from paracrine.drafts import draft, write_text
from paracrine.engines import NAMES, engine
from paracrine.errors import InputError
from paracrine.sensitivity_analysis import METHODS, sensitivity
from paracrine.study_file import check_keys, flat, read_study_file
from paracrine.sweep_command import guarded
from paracrine.texts import printable

KEYS = {"method": str, "size": int, "seed": int, "measures": list, "ranges": dict}
EPILOG = """\
STUDY.toml names a scenario, what is measured and what is varied:

  scenario = "mouse.toml"            beside the study file
  replicates = 4
  [sensitivity]
  method = "one_at_a_time"           or "morris", "sobol", which need SALib
  size = 8                           of their samples
  measures = ["ev_released", "ev_plasma:max", "ev_plasma@2 d"]
  [sensitivity.ranges]
  "therapy.0.cells" = [1e5, 1e6, "log"]

DIR/sensitivity.csv and one picture per measure are written. Exit status: 0 done; 1 a run failed or a worker died; 2 refused; 130 stopped.
"""


def parser() -> CommandParser:
    """Give the parser of the command."""
    made = CommandParser("sensitivity", "Rank inputs by their influence.", EPILOG)
    made.add_argument("study", metavar="STUDY.toml")
    made.add_argument(
        "-o", "--output", metavar="DIR", help="folder of the runs (default: the study's name with .sweep)"
    )
    made.add_argument(
        "--engine",
        default="local",
        metavar="NAME",
        help=f"what carries out the runs: {NAMES.replace('slurm-array, ', '')} (default: local)",
    )
    made.add_argument("-q", "--quiet", action="store_true", help="print errors only")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command ``paracrine sensitivity``.

    Returns
    -------
    int
        Exit status: 0 done, 1 an engine failed, 2 refused, 130 stopped.
    """
    options = parser().parse_args(arguments)
    return guarded("sensitivity", lambda: _analyse(options))


def _analyse(options: argparse.Namespace) -> int:
    said = read_study_file(options.study, extra="sensitivity")
    table = said.extra
    check_keys(f"{options.study}: [sensitivity]", table, KEYS)
    for key in ("measures", "ranges"):
        if not table.get(key):
            raise InputError(f"{options.study}: [sensitivity]: says no {key}")
    method = table.get("method", METHODS[0])
    output = options.output or f"{pathlib.Path(options.study).stem}.sweep"
    with engine(options.engine, said.options.get("threads", 1)) as executor:
        if executor is None:
            return 0
        found = sensitivity(
            said.scenario,
            flat(table["ranges"]),
            table["measures"],
            method=method,
            size=table.get("size", 8),
            design_seed=table.get("seed", 0),
            executor=executor,
            output=output,
            progress=not options.quiet,
            **said.options,
        )
    write_text(os.path.join(output, "sensitivity.csv"), found.table.to_csv())
    for number, what in enumerate(table["measures"]):
        with draft(os.path.join(output, f"sensitivity_{number}.png")) as picture:
            found.plot(what).savefig(picture, dpi=120)
    if not options.quiet:
        print(found.table.to_string(float_format="{:.4g}".format))
        print(
            f"paracrine sensitivity: wrote {printable(output)}/sensitivity.csv and {len(table['measures'])} pictures"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
