"""The command ``paracrine calibrate``."""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
from collections.abc import Sequence

from paracrine.calibrating import calibrate
from paracrine.calibration_agents import Effort
from paracrine.calibration_report import summary
from paracrine.command_parser import CommandParser
from paracrine.errors import InputError
from paracrine.free_parameters import read_choice
from paracrine.sweep_command import guarded, tell

EPILOG = """\
Fits assumed parameters to the rows with use = fit, first of the natural history, then of delivery: on the mean-field twin, corrected by runs of the agents.
The result is an ensemble of fits of similar quality; it reports which parameters are identified and which trade off. Each carrier of a therapy alone is
then scaled to the same effect: its potency is a convention, not a finding. All evaluations are kept in OUTPUT.journal: started again, the command continues
and gives the same result.

Exit status: 0 done, whatever fits; 1 a run failed; 2 refused; 130, 143 stopped by a signal.
"""


def parser() -> CommandParser:
    """Give the parser of the command."""
    effort = Effort()
    made = CommandParser("calibrate", "Fit parameters of the model to measurements.", EPILOG)
    made.add_argument(
        "-o",
        "--output",
        metavar="FILE.json",
        default="calibration.json",
        help="where the ensemble goes (default: calibration.json)",
    )
    made.add_argument("--targets", metavar="FILE", help="rows (default: those that come with the program)")
    made.add_argument(
        "--parameters",
        metavar="FILE",
        help="parameters that may move (default: those that come with the program)",
    )
    made.add_argument(
        "--experiments", metavar="DIR", help="experiment files (default: those that come with the program)"
    )
    for name, meaning in (
        ("population", "parameter sets at a time"),
        ("generations", "rounds of the search"),
        ("samples", "rounds of the sampling"),
        ("members", "of the ensemble, at most"),
        ("seeds", "of the agents' runs"),
        ("lobules", "of the agents' runs"),
        ("confirmed", "members that are run with the agents"),
    ):
        made.add_argument(
            f"--{name}",
            type=int,
            default=getattr(effort, name),
            metavar="N",
            help=f"{meaning} (default: {getattr(effort, name)})",
        )
    made.add_argument("--seed", type=int, default=1, metavar="N", help="of the search (default: 1)")
    made.add_argument(
        "--jobs", type=int, default=0, metavar="N", help="processes (default: one per processor)"
    )
    made.add_argument("--list", action="store_true", help="list the parameters that may move; run nothing")
    made.add_argument("--force", action="store_true", help="overwrite the output")
    made.add_argument("-q", "--quiet", action="store_true", help="print errors only")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command ``paracrine calibrate``.

    Parameters
    ----------
    arguments : sequence of str, optional
        The command line; that of the process when absent.

    Returns
    -------
    int
        Exit status: 0 done, 1 a run failed, 2 refused, 130 or 143 stopped by a signal.
    """
    options = parser().parse_args(arguments)
    return guarded("calibrate", lambda: _calibrate(options))


def _calibrate(options: argparse.Namespace) -> int:
    effort = Effort(**{field.name: getattr(options, field.name) for field in dataclasses.fields(Effort)})
    if effort.population < 4:
        raise InputError(f"--population: expected 4 or more, got {effort.population}")
    if options.list:
        for stage, free in read_choice(options.parameters).stages.items():
            for one in free:
                print(
                    f"{stage}: {one.name} = {one.default:g} {one.unit}, {one.low:g} to {one.high:g}{', logarithmic' if one.log else ''}"
                )
        return 0
    if os.path.exists(options.output) and not options.force:
        raise InputError(f"{options.output}: exists; --force overwrites it")
    made = calibrate(
        options.output,
        targets=options.targets,
        choice=options.parameters,
        experiments=options.experiments,
        effort=effort,
        seed=options.seed,
        jobs=options.jobs,
        force=options.force,
        told=(lambda line: None) if options.quiet else tell,
    )
    if not options.quiet:
        print(summary(made))
    return 0


if __name__ == "__main__":
    sys.exit(main())
