"""The command ``paracrine sweep``."""

from __future__ import annotations

import argparse
import pathlib
import shlex
import signal
import sys
import warnings
from collections.abc import Callable, Sequence

from paracrine.command_parser import CommandParser
from paracrine.engines import NAMES, engine, write_array_job
from paracrine.errors import EngineError, FileError, InputError, ScenarioWarning
from paracrine.study_file import read_study_file
from paracrine.sweeping import Plan, carry_out, plan, prepare
from paracrine.texts import printable

EPILOG = """\
STUDY.toml names a scenario and what changes in it:

  scenario = "mouse.toml"            beside the study file
  replicates = 8                     the same seeds at all points
  [set]                              for all points
  "time.duration" = "14 d"
  [grid]                             every combination; or [[points]]; or [sample] with kind, size and [sample.ranges]
  "therapy.0.cells" = [3e5, 1e6]

Started again it computes only what is missing. Exit status: 0 all runs are done; 1 some failed or a worker died; 2 refused; 130 stopped.
"""


def parser() -> CommandParser:
    """Give the parser of the command."""
    made = CommandParser("sweep", "Run a scenario at many points.", EPILOG)
    made.add_argument("study", metavar="STUDY.toml")
    made.add_argument(
        "-o", "--output", metavar="DIR", help="folder of the runs (default: the study's name with .sweep)"
    )
    made.add_argument(
        "--engine",
        default="local",
        metavar="NAME",
        help=f"what carries out the runs: {NAMES} (default: local)",
    )
    made.add_argument("--dry-run", action="store_true", help="check everything and list what would be done")
    made.add_argument("--retry", action="store_true", help="run again what failed before")
    made.add_argument("-q", "--quiet", action="store_true", help="print errors only")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command ``paracrine sweep``.

    Parameters
    ----------
    arguments : sequence of str, optional
        The command line; that of the process when absent.

    Returns
    -------
    int
        Exit status: 0 all done, 1 some failed, 2 refused, 130 stopped.
    """
    options = parser().parse_args(arguments)
    return guarded("sweep", lambda: _sweep(options))


def guarded(command: str, work: Callable[[], int]) -> int:
    """Do what a command does; errors become texts and statuses."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always", ScenarioWarning)
            warnings.showwarning = lambda message, *_, **__: tell(f"warning: {message}")
            return work()
    except BrokenPipeError:  # of standard output; paracrine.command ends in silence
        raise
    except (InputError, FileError, ImportError) as problem:
        tell(f"paracrine {command}: {problem}")
        return 2
    except (EngineError, OSError) as problem:
        tell(f"paracrine {command}: {problem}")
        return 1
    except KeyboardInterrupt as stopped:
        tell(
            f"paracrine {command}: stopped; runs that had begun left a checkpoint, and the same command goes on"
        )
        return 128 + getattr(stopped, "number", signal.SIGINT)


def tell(text: str) -> None:
    """Print a message to standard error; control characters in names and titles are shown, not sent."""
    print(printable(text, lines=True), file=sys.stderr, flush=True)


def _sweep(options: argparse.Namespace) -> int:
    said = read_study_file(options.study)
    output = options.output or f"{pathlib.Path(options.study).stem}.sweep"
    made = plan(said.scenario, said.design, output=output, **said.options)
    if options.dry_run:
        return _tell_plan(made)
    if options.engine == "slurm-array":
        prepare(made)
        script, submitted = write_array_job(made.study)
        how = "submitted" if submitted else "wrote"
        hint = "" if submitted else f"; submit it where Slurm is: sbatch {shlex.quote(script)}"
        print(printable(f"paracrine sweep: {how} {script}{hint}"))
        return 0
    with engine(options.engine, made.study.description["threads"]) as executor:
        if executor is None:
            return 0
        prepare(made)
        carry_out(made.study, executor, retry=options.retry, progress=not options.quiet)
    return _tell_end(made, options.quiet)


def _tell_plan(made: Plan) -> int:
    study = made.study
    there = int((study.runs.status == "done").sum())
    print(printable(study.title))
    print(
        f"{len(study.design.points)} points x {len(study.seeds)} replicates: {len(made.texts)} runs, {there} of them done, in {printable(study.folder)}"
    )
    return 0


def _tell_end(made: Plan, quiet: bool) -> int:
    runs = made.study.runs
    for row in runs[runs.status == "failed"].itertuples():
        tell(f"paracrine sweep: point {row.point}, replicate {row.replicate} failed: {row.error}")
    done = int((runs.status == "done").sum())
    if done:
        made.study.save()
    if not quiet:
        print(
            f"paracrine sweep: {done} of {len(runs)} runs are done"
            + (f"; results in {printable(made.study.folder)}/results.nc" if done else "")
        )
    return 0 if done == len(runs) else 1


if __name__ == "__main__":
    sys.exit(main())
