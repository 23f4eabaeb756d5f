"""The command ``paracrine evidence``."""

from __future__ import annotations

import argparse
import os
import pathlib
import sys
from collections.abc import Callable, Sequence

from paracrine import evidence_report
from paracrine.command_parser import CommandParser
from paracrine.drafts import write_text
from paracrine.errors import InputError
from paracrine.evidence import LOBULES, SEEDS, Evidence, gather, read_ensemble
from paracrine.experiments import read_experiments, shipped_experiments
from paracrine.sweep_command import guarded
from paracrine.targets import CHOICES, Target, read_targets
from paracrine.texts import printable

WRITERS: dict[str, Callable[[Evidence], str]] = {
    ".html": evidence_report.page,
    ".json": evidence_report.as_json,
    ".md": evidence_report.markdown,
    ".txt": lambda found: evidence_report.text(found) + "\n",
}
EPILOG = """\
Each row is one number that was measured; the model runs the experiment with several seeds. Rows that fall short are shown, and so are those that
cannot be computed. Runs are kept in DIR; started again, the command computes only what is missing. docs/evidence_format.md says how to add rows and experiments.

Exit status: 0 the table is complete, whatever it says; 1 a run failed or a worker died; 2 refused; 130 stopped.
"""


def parser() -> CommandParser:
    """Give the parser of the command."""
    made = CommandParser("evidence", "The model against experiments.", EPILOG)
    made.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        action="append",
        default=[],
        help=f"write a report, by its ending ({', '.join(WRITERS)}); may be repeated",
    )
    made.add_argument(
        "--seeds", type=int, default=SEEDS, metavar="N", help=f"runs per arm (default: {SEEDS})"
    )
    made.add_argument(
        "--lobules",
        type=int,
        default=LOBULES,
        metavar="N",
        help=f"of experiments that do not set their own (default: {LOBULES})",
    )
    made.add_argument("--rows", nargs="+", metavar="ID", help="only these rows")
    made.add_argument("--stage", choices=CHOICES["stage"], help="only rows of this stage")
    made.add_argument("--slow", action="store_true", help="also experiments that are marked slow")
    made.add_argument("--targets", metavar="FILE", help="rows (default: those that come with the program)")
    made.add_argument(
        "--experiments", metavar="DIR", help="experiment files (default: those that come with the program)"
    )
    made.add_argument(
        "--ensemble", metavar="FILE", help="named parameter sets (TOML or JSON) whose range is shown beside"
    )
    made.add_argument(
        "--ensemble-seeds", type=int, metavar="N", help="runs per arm of each of them (default: as --seeds)"
    )
    made.add_argument(
        "--members",
        type=int,
        metavar="N",
        help="only the first N of them; those of a calibration lie far apart in this order (default: all)",
    )
    made.add_argument(
        "--runs", metavar="DIR", default="evidence.sweep", help="folder of the runs (default: evidence.sweep)"
    )
    made.add_argument("--threads", type=int, default=1, metavar="N", help="for each run (default: 1)")
    made.add_argument("--list", action="store_true", help="list the rows and what they need; run nothing")
    made.add_argument("--force", action="store_true", help="overwrite reports that are there")
    made.add_argument("-q", "--quiet", action="store_true", help="print errors only")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command ``paracrine evidence``.

    Parameters
    ----------
    arguments : sequence of str, optional
        The command line; that of the process when absent.

    Returns
    -------
    int
        Exit status: 0 done, 1 a run failed, 2 refused, 130 stopped.
    """
    options = parser().parse_args(arguments)
    return guarded("evidence", lambda: _evidence(options))


def _evidence(options: argparse.Namespace) -> int:
    for name in options.output:
        if pathlib.Path(name).suffix not in WRITERS:
            raise InputError(f"-o {name}: expected a name that ends in {', '.join(WRITERS)}")
        if os.path.exists(name) and not options.force:
            raise InputError(f"-o {name}: exists; --force overwrites it")
    experiments = read_experiments(options.experiments or shipped_experiments())
    targets = _chosen(read_targets(options.targets, experiments), options.rows, options.stage)
    if options.list:
        for target in targets:
            print(
                f"{target.id}: {evidence_report.what(target)} ({target.experiment or 'no experiment'})"
                + (f"; not computed: {target.not_computed}" if target.not_computed else "")
            )
        return 0
    if options.members is not None and options.members < 1:
        raise InputError(f"--members: expected 1 or more, got {options.members}")
    ensemble = (
        dict(list(read_ensemble(options.ensemble).items())[: options.members]) if options.ensemble else None
    )
    found = gather(
        targets,
        experiments,
        seeds=options.seeds,
        lobules=options.lobules,
        slow=options.slow,
        ensemble=ensemble,
        ensemble_seeds=options.ensemble_seeds,
        output=options.runs,
        threads=options.threads,
        progress=not options.quiet,
    )
    for name in options.output:
        write_text(name, WRITERS[pathlib.Path(name).suffix](found), force=options.force)
    if not options.quiet:
        print(printable(evidence_report.text(found), lines=True))
    return (
        1 if any(len(study.failures) for study in (*found.studies.values(), *found.members.values())) else 0
    )


def _chosen(targets: Sequence[Target], rows: Sequence[str] | None, stage: str | None) -> list[Target]:
    known = [target.id for target in targets]
    unknown = [row for row in rows or [] if row not in known]
    if unknown:
        raise InputError(
            f"--rows: there is no row {', '.join(unknown)}; `paracrine evidence --list` names all"
        )
    found = [
        target
        for target in targets
        if (rows is None or target.id in rows) and (stage is None or target.stage == stage)
    ]
    if not found:
        raise InputError("no row is left of --rows and --stage")
    return found


if __name__ == "__main__":
    sys.exit(main())
