"""What the command line refuses: exact texts, status 2, nothing written."""

import json
import os
import re
import resource
import shutil
import subprocess

import h5py
import pytest
from command_line import SCENARIO, paracrine


def with_line(old, new):
    assert old in SCENARIO
    return SCENARIO.replace(old, new)


BAD_SCENARIOS = {
    "bad TOML": (
        "model = \n",
        "x.toml:1:9: not valid TOML (key-value pair): expected value, saw '\\n'\n  1 | model = \n    |         ^\n",
    ),
    "unknown key": (
        with_line('duration = "2 d"', 'duration = "2 d"\nrecord_evry = "6 h"'),
        'x.toml:6:1: time has no key "record_evry"\n  6 | record_evry = "6 h"\n    | ^^^^^^^^^^^\n    = Did you mean "record_every"?\n',
    ),
    "wrong unit": (
        with_line('"2 d"', '"2 minn"'),
        'x.toml:5:12: time.duration: expected time (such as "14 d"), got "2 minn": unknown unit "minn" (did you mean "min"?)\n'
        '  5 | duration = "2 minn"\n    |            ^^^^^^^^\n',
    ),
    "wrong dimension": (
        with_line('"2 d"', '"2 mL"'),
        'x.toml:5:12: time.duration: expected time (such as "14 d"), got "2 mL", which is volume\n  5 | duration = "2 mL"\n    |            ^^^^^^\n',
    ),
    "two names of one key": (
        SCENARIO + "\n[output]\npatches = true\nlobules = false\n",
        "x.toml:15:11: output.lobules: is another name of output.patches, and both are set\n  15 | lobules = false\n     |           ^^^^^\n     = Remove one of them.\n",
    ),
    "negative count": (
        with_line("2e4", "-1"),
        "x.toml:9:9: therapy.0.cells: expected 0 to 1e12, got -1\n  9 | cells = -1\n    |         ^^\n",
    ),
    "dose after the end": (
        with_line('"0 d"', '"5 d"'),
        'x.toml:11:6: therapy.0.at: the dose at 5 d comes after the end of the run at 2 d\n  11 | at = "5 d"\n     |      ^^^^^\n'
        "     = Make time.duration longer, or give the dose earlier.\n",
    ),
    "zero duration": (
        with_line('"2 d"', '"0 d"'),
        'x.toml:5:12: time.duration: expected more than 0 s and at most 36525 d, got "0 d"\n  5 | duration = "0 d"\n    |            ^^^^^\n',
    ),
    "NaN": (
        with_line("2e4", "nan"),
        'x.toml:9:9: therapy.0.cells: expected a plain number (such as 1) or 1/mass (such as "1 1/kg"), got nan, which is not a finite number\n'
        "  9 | cells = nan\n    |         ^^^\n",
    ),
    "overflow": (
        with_line("2e4", "1e400"),
        "x.toml:9:14: not valid TOML (floating-point): '1e400' could not be interpreted as a value\n  9 | cells = 1e400\n    |              ^\n"
        '    = A quantity with a unit, and any other text, stands in quotes: "1e400"\n',
    ),
}


@pytest.mark.parametrize("kind", BAD_SCENARIOS)
@pytest.mark.parametrize(
    "command", [["run", "x.toml", "-o", "x.h5"], ["validate", "x.toml"]], ids=["run", "validate"]
)
def test_a_bad_scenario_is_refused_with_its_place(place, kind, command):
    text, message = BAD_SCENARIOS[kind]
    (place / "x.toml").write_text(text)
    answer = paracrine(*command)
    assert answer.stderr == "paracrine: 1 problem in the input:\n" + message
    assert (answer.returncode, answer.stdout) == (2, "")
    assert sorted(p.name for p in place.iterdir()) == ["s.toml", "x.toml"]


def test_an_include_loop_is_refused(place):
    (place / "a.toml").write_text('include = ["b.toml"]\n' + SCENARIO)
    (place / "b.toml").write_text('include = ["a.toml"]\n')
    answer = paracrine("run", "a.toml")
    assert answer.stderr == (
        "paracrine: 1 problem in the input:\nb.toml:1:12: include: the files include each other in a loop: a.toml -> b.toml -> a.toml\n"
        '  1 | include = ["a.toml"]\n    |            ^^^^^^^^\n'
    )
    assert answer.returncode == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    {
        "missing file": (["run", "none.toml"], 'there is no file "none.toml"\n'),
        "no folder": (
            ["run", "s.toml", "-o", "nowhere/x.h5"],
            'the output folder "nowhere" does not exist\n   = Make it first: mkdir -p nowhere\n',
        ),
        "not ours": (["info", "s.toml"], '"s.toml" is no HDF5 file, so no output of paracrine\n'),
        "resume no run": (
            ["resume", "s.toml"],
            '"s.toml" is neither RUN.h5.part nor a checkpoint in RUN.h5.ckpt, so it cannot be resumed\n'
            "   = A run under its final name is complete; there is nothing left to do.\n",
        ),
        "no such file": (["info", "none.h5"], 'no such file: "none.h5"\n'),
        "no scenario": (
            ["run"],
            "SCENARIO is required\n   = Run `paracrine run --help` for usage.\n",
        ),
        "threads": (
            ["run", "s.toml", "--threads", "x"],
            "Could not convert: --threads = x\n   = Run `paracrine run --help` for usage.\n",
        ),
        "negative threads": (
            ["run", "s.toml", "--threads", "-3"],
            "--threads: -3 is not a number from 0 to 4096\n",
        ),
        "seed": (["run", "s.toml", "--seed", "-1"], '--seed: "-1" is not a whole number, 0 or more\n'),
        "until": (
            ["run", "s.toml", "--until", "3"],
            '--until "3": a plain number is not time\n'
            '   = Write a time with its unit, such as "14 d", "6 h" or "10 min".\n',
        ),
        "until a fraction": (
            ["run", "s.toml", "--until", "90.5 s"],
            '--until "90.5 s": not a whole number of seconds\n',
        ),
        "no output": (
            ["run", "s.toml", "-o", ""],
            '"" cannot be the name of the output\n'
            '   = Give the final name, such as "run.h5"; ".part" is added while the run goes on.\n',
        ),
        "standard output": (
            ["run", "s.toml", "-o", "-"],
            "-o -: the output is a file and cannot be written to standard output\n"
            "   = Give a name; a file that is called - is ./-\n",
        ),
        "standard output of a preview": (
            ["preview", "s.toml", "-o", "-"],
            "-o -: the output is a file and cannot be written to standard output\n"
            "   = Give a name; a file that is called - is ./-\n",
        ),
        "standard output of pack": (
            ["pack", "s.h5", "-o", "-"],
            "-o -: the output is a file and cannot be written to standard output\n"
            "   = Give a name; a file that is called - is ./-\n",
        ),
        "itself": (
            ["run", "s.toml", "-o", "s.toml", "--force"],
            'the output "s.toml" is the scenario itself\n   = Choose another name with -o.\n',
        ),
        "until never": (["run", "s.toml", "--until", "0 d"], '--until "0 d": a run cannot stop there\n'),
        "wall time": (
            ["run", "s.toml", "--checkpoint-every", "3 minn"],
            '--checkpoint-every "3 minn": unknown unit "minn" (did you mean "min"?)\n'
            '   = Write a time with its unit, such as "14 d", "6 h" or "10 min".\n',
        ),
        "progress": (
            ["run", "s.toml", "--progress", "x"],
            "--progress: x not in {auto,bar,line,none}\n   = Run `paracrine run --help` for usage.\n",
        ),
        "parameter": (
            ["params", "zzz"],
            'no parameter has "zzz" in its name\n   = `paracrine params` lists all.\n',
        ),
        "option": (
            ["--foo"],
            'unknown option "--foo"\n   = Options go after the command: paracrine COMMAND --help\n',
        ),
        "command": (
            ["rnu"],
            'there is no command "rnu"\n   = Did you mean "run"?\n'
            '   = Not a paracrine command, and no "paracrine-rnu" was found next to it or on PATH.\n'
            "   = `paracrine --help` lists the commands.\n",
        ),
        "override": (
            ["run", "s.toml", "--set", "time.duration=2"],
            '1 problem in the input:\n--set time.duration=2: time.duration: expected time (such as "14 d"), got 2, which has no unit\n'
            "   | time.duration=2\n   |               ^\n   = Units that would do: s, min, h, d, week, year.\n",
        ),
        "python command": (
            ["sweep"],
            'the command "sweep" is not installed\n'
            '   = It comes with the Python package, as "paracrine-sweep" next to this program or on PATH.\n',
        ),
    }.values(),
)
def test_usage_and_files_are_refused(place, arguments, message):
    answer = paracrine(*arguments, env={**os.environ, "PATH": "/usr/bin:/bin"})
    assert answer.stderr == "paracrine: " + message or answer.stderr.endswith("\nparacrine: " + message)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert [p.name for p in place.iterdir()] == ["s.toml"]


def test_what_is_no_regular_file_is_no_scenario(place):
    os.mkfifo("pipe.toml")
    answer = paracrine("run", "pipe.toml")
    assert (answer.returncode, answer.stderr) == (
        2,
        'paracrine: "pipe.toml" is no regular file, so no scenario\n',
    )
    os.symlink("loop.toml", "loop.toml")
    answer = paracrine("validate", "loop.toml")
    assert (answer.returncode, answer.stderr) == (
        2,
        'paracrine: "loop.toml" cannot be read: Too many levels of symbolic links\n',
    )


def test_an_included_file_is_not_overwritten(place):
    (place / "top.toml").write_text('include = ["s.toml"]\n')
    answer = paracrine("run", "top.toml", "-o", "./s.toml", "--force", "-q")
    assert (
        answer.stderr
        == 'paracrine: the output "./s.toml" is a file that the scenario includes\n   = Choose another name with -o.\n'
    )
    assert (answer.returncode, (place / "s.toml").read_text()) == (2, SCENARIO)


def test_hints_can_be_pasted_into_a_shell(place):
    assert paracrine("run", "s.toml", "-q", "-o", "r n.h5", "--until", "1 d").returncode == 0
    answer = paracrine("run", "s.toml", "-q", "-o", "r n.h5")
    assert "Go on with it: paracrine resume 'r n.h5.part'\n" in answer.stderr
    (place / "r n.h5.part").unlink()
    answer = paracrine("run", "s.toml", "-q", "-o", "r n.h5")
    assert answer.stderr == (
        'paracrine: "r n.h5.ckpt" exists: checkpoints of a run whose rows are missing\n   = Use --force to overwrite it, or choose another name with -o.\n'
    )
    assert answer.returncode == 2
    assert "mkdir -p 'no where'\n" in paracrine("run", "s.toml", "-o", "no where/x.h5").stderr


def test_a_name_too_long_for_a_file_is_refused(place):
    answer = paracrine("run", "s.toml", "-q", "-o", "x" * 248 + ".h5")
    assert answer.returncode == 2
    assert re.fullmatch(
        r'paracrine: the name "x+.*" is too long for a file, with "\.part" behind it while it is written\n   = Choose a shorter name with -o\.\n',
        answer.stderr,
    )
    assert [p.name for p in place.iterdir()] == ["s.toml"]
    assert paracrine("run", "s.toml", "-q", "-o", "x" * 243 + ".h5").returncode == 0
    answer = paracrine("pack", "x" * 243 + ".h5", "-o", "y" * 260)
    assert answer.returncode == 2
    assert re.fullmatch(
        r'paracrine: the name "y+.*" is too long for a file\n   = Choose a shorter name with -o\.\n',
        answer.stderr,
    )


def test_pack_refuses_an_output_that_cannot_be_written(place):
    assert paracrine("run", "s.toml", "-q").returncode == 0
    for output, message in {
        "": '"" cannot be the name of the output\n',
        "nowhere/x.h5": 'the output folder "nowhere" does not exist\n   = Make it first: mkdir -p nowhere\n',
        ".": '"." is a folder, so no run can be written there\n   = Choose another name with -o.\n',
        "/proc/x.h5": None
        if os.geteuid() == 0
        else 'the output folder "/proc" cannot be written to\n   = Choose another place with -o.\n',
    }.items():
        answer = paracrine("pack", "s.h5", "-o", output)
        assert answer.returncode == 2
        assert (
            answer.stderr == "paracrine: " + message
            if message
            else answer.stderr.startswith("paracrine: cannot write /proc/x.h5: ")
        )
        assert "H5" not in answer.stderr and "unable" not in answer.stderr


def test_an_output_that_exists_is_kept(place):
    (place / "s.h5").write_text("mine")
    answer = paracrine("run", "s.toml", "-q")
    assert (
        answer.stderr
        == 'paracrine: "s.h5" exists\n   = Use --force to overwrite it, or choose another name with -o.\n'
    )
    assert (answer.returncode, (place / "s.h5").read_text()) == (2, "mine")
    assert paracrine("run", "s.toml", "-q", "--force").returncode == 0
    assert paracrine("info", "s.h5").returncode == 0


def test_a_read_only_place_is_refused(place):
    folder = place / "ro"
    folder.mkdir()
    if os.geteuid() == 0:
        target = str(folder)
        if (
            shutil.which("mount") is None
            or subprocess.run(
                ["mount", "-t", "tmpfs", "-o", "ro,size=1m", "none", target], capture_output=True
            ).returncode
            != 0
        ):
            pytest.skip("cannot mount a read-only place here")
    else:
        folder.chmod(0o555)
    try:
        answer = paracrine("run", "s.toml", "-o", "ro/x.h5", "-q")
    finally:
        if os.geteuid() == 0:
            subprocess.run(["umount", str(folder)], check=True)
    assert (
        answer.stderr
        == 'paracrine: the output folder "ro" cannot be written to\n   = Choose another place with -o.\n'
    )
    assert answer.returncode == 2


def test_another_programs_file_and_a_newer_format_are_refused(place):
    with h5py.File("other.h5", "w") as file:
        file.attrs["filetype"] = "something else"
        file.attrs["schema_version"] = "1.0"
    answer = paracrine("info", "other.h5")
    assert answer.stderr.startswith('paracrine: "other.h5" is an HDF5 file, but no run of paracrine\n')
    assert answer.returncode == 2
    paracrine("run", "s.toml", "-q")
    with h5py.File("s.h5", "r+") as file:
        file.attrs["schema_version"] = "3.0"
    answer = paracrine("info", "s.h5")
    assert re.fullmatch(
        r'paracrine: "s\.h5" has the format version 3\.0, and this program \([0-9.]+\) reads versions up to 2\.x\n'
        r"   = Use the version of paracrine that wrote it, or a newer one\.\n",
        answer.stderr,
    )
    assert answer.returncode == 2


def with_limit(kind, value):
    return {"preexec_fn": lambda: resource.setrlimit(kind, (value, value))}


def test_too_few_open_files_are_named_as_the_reason(place):
    assert paracrine("run", "s.toml", "-q", "--until", "1 d").returncode == 0
    answer = paracrine("resume", "s.h5.part", "-q", **with_limit(resource.RLIMIT_NOFILE, 4))
    assert answer.stderr == 'paracrine: cannot check "s.h5.part": Too many open files\n'
    assert answer.returncode == 1
    assert paracrine("resume", "s.h5.part", "-q").returncode == 0


@pytest.mark.parametrize("megabytes", [42, 43, 44, 48, 52, 60, 80])
def test_too_little_memory_is_reported_without_a_crash(place, megabytes):
    limit = with_limit(resource.RLIMIT_AS, megabytes * 1_000_000)
    answer = paracrine("run", "s.toml", "-q", "--threads", "2", **limit)
    if answer.returncode == 127:
        pytest.skip("the program itself does not fit")
    assert answer.returncode == 1
    assert re.search(
        r"^paracrine: (there is not enough memory|cannot start 2 threads: Resource temporarily unavailable; "
        r"fewer may do: --threads 1)\n$",
        answer.stderr,
    ), answer.stderr


def test_info_names_the_run_of_a_file_and_of_its_checkpoint(place):
    assert paracrine("run", "s.toml", "-q", "--until", "1 d").returncode == 0
    run = json.loads(paracrine("info", "s.h5.part", "--json").stdout)
    checkpoint = json.loads(paracrine("info", "s.h5.ckpt/ckpt-000001.ckpt", "--json").stdout)
    assert re.fullmatch(r"[0-9a-f]{32}", run["run_id"])
    assert checkpoint["run_id"] == run["run_id"]
    assert f"run id      {run['run_id']}\n" in paracrine("info", "s.h5.part").stdout


def test_damaged_rows_are_named_when_a_run_is_resumed(place):
    assert paracrine("run", "s.toml", "-q", "--until", "1 d").returncode == 0
    with h5py.File("s.h5.part", "r") as file:
        where = file["msc_label_liver"].id.get_chunk_info(0)
    os.truncate("s.h5.part", where.byte_offset + 8)
    answer = paracrine("resume", "s.h5.part", "-q")
    assert answer.stderr.startswith('paracrine: "s.h5.part" is damaged: '), answer.stderr
    assert answer.returncode == 2
