"""What holds for every command, those of the program and those of the Python package alike."""

import functools
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest
from command_line import ROOT, SCENARIO
from paracrine.command import MODULES

INSTALLED = f"{sys.prefix}/bin/paracrine"
OWN = ("run", "preview", "resume", "validate", "info", "params", "schema", "pack", "completion")
ALL = (*OWN, *MODULES)
# Words that follow the program's name in a sentence or in code.
PROSE = {
    *(
        "and",
        "as",
        "cannot",
        "checkpoint",
        "checkpoints",
        "command",
        "commands",
        "has",
        "import",
        "is",
        "itself",
    ),
    *("paracrine", "simulates", "study", "task", "that", "this", "build", "on", "from", "package"),
}


def run(*words, **options):
    return subprocess.run([INSTALLED, *words], capture_output=True, text=True, timeout=120, **options)


def named_commands(text):
    """Every word that stands where a command does: behind `paracrine` or `paracrine-`."""
    return set(re.findall(r"\bparacrine[ -]([a-z][a-z_]+)\b", text)) - PROSE


def places():
    """Every text that a user or developer reads."""
    for pattern in (
        *(
            "*.md",
            "*.sh",
            "*.toml",
            "docs/**/*.md",
            "scenarios/**/*.toml",
            "analysis/**/*.py",
            "analysis/**/*.ipynb",
        ),
        *(
            "analysis/bin/*",
            "bindings/**/*.[ch]pp",
            "bindings/**/*.inc",
            "sim/**/*.[ch]pp",
            "models/**/*.[ch]pp",
        ),
        *("tools/*", "bench/**/*", ".ci/*"),
    ):
        for file in ROOT.glob(pattern):
            if file.is_file() and file.suffix != ".pyc":
                yield str(file.relative_to(ROOT)), file.read_text(encoding="utf-8")


def test_only_commands_that_exist_are_named():
    wrong = {place: extra for place, text in places() if (extra := named_commands(text) - set(ALL))}
    assert wrong == {}
    helps = {name: named_commands(run(name, "--help").stdout) - set(ALL) for name in ALL}
    assert {name: extra for name, extra in helps.items() if extra} == {}


def test_a_command_that_does_not_exist_is_found():
    assert named_commands("`paracrine movie run.h5`, paracrine-live, paracrine run x.toml") == {
        "movie",
        "live",
        "run",
    }


def test_the_commands_are_those_that_the_help_lists():
    listed = re.findall(r"^  ([a-z]+)  +\S", run("--help").stdout, re.M)
    assert sorted(listed) == sorted(ALL)


def test_the_table_of_python_commands_is_made_from_their_parsers():
    made = subprocess.run(
        [sys.executable, "-P", ROOT / "tools/python_commands.py"], capture_output=True, text=True, check=True
    ).stdout
    assert (ROOT / "bindings/cli/python_commands.inc").read_text() == made, (
        "make it anew: tools/python_commands.py > bindings/cli/python_commands.inc"
    )


def options_in(text):
    return set(re.findall(r"(?<![\w-])--?[a-zA-Z][\w-]*", text))


@functools.cache
def own_options(name):
    """The options that the help of a command declares: those at the start of a line."""
    lines = re.findall(r"^  (-.*)$", run(name, "--help").stdout, re.M)
    return {one for line in lines for one in options_in(re.split(r"\s{2,}", line.split(" Excludes:")[0])[0])}


def completed_options(shell, name, script):
    """The options that a completion script knows for a command."""
    if shell == "bash":
        block = re.search(rf'^    {name}\)\n      options="(.*?)"', script, re.M)
        return set(block[1].split())
    if shell == "zsh":
        block = re.search(rf"^    {name}\)\n(.*?);;", script, re.M | re.S)
        return set(re.findall(r"'\*(--?[\w-]+)\[", block[1]))
    lines = re.findall(rf"^complete -c paracrine -n '__fish_seen_subcommand_from {name}' (.*)$", script, re.M)
    heads = [line.split(" -d ")[0] for line in lines]
    long = {f"--{word}" for head in heads for word in re.findall(r"-l ([\w-]+)", head)}
    return long | {f"-{word}" for head in heads for word in re.findall(r"-s (\w)", head)}


@pytest.fixture(scope="module", params=["bash", "zsh", "fish"])
def completion(request):
    return request.param, run("completion", request.param).stdout


@pytest.mark.parametrize("name", ALL)
def test_completion_knows_the_options_of_a_command(completion, name):
    shell, script = completion
    assert completed_options(shell, name, script) == own_options(name)
    assert "--help" in own_options(name)


def test_completion_offers_what_is_installed_only(tmp_path):
    shutil.copy(INSTALLED, tmp_path / "paracrine")
    script = subprocess.run(
        [tmp_path / "paracrine", "completion", "bash"],
        capture_output=True,
        text=True,
        env={**os.environ, "PATH": "/usr/bin:/bin"},
    ).stdout
    assert "\n    run)\n" in script and "\n    sweep)\n" not in script


@pytest.mark.parametrize("width", [60, 100])
@pytest.mark.parametrize("name", ["", *ALL])
def test_help_is_as_wide_as_the_terminal(name, width):
    words = [name, "--help"] if name else ["--help"]
    lines = run(*words, env={**os.environ, "COLUMNS": str(width)}).stdout.splitlines()
    assert [line for line in lines if len(line) > width and len(line.split()) > 1 + (line[0] == " ")] == []
    assert name != "run" or max(map(len, lines)) > 0.9 * width


def test_help_is_eighty_columns_wide_where_nothing_is_known():
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    for name in ("run", "compare"):
        widths = [len(line) for line in run(name, "--help", env=environment).stdout.splitlines()]
        assert 70 <= max(widths) <= 80
        assert (
            run(name, "--help", env={**environment, "COLUMNS": "wide"}).stdout
            == run(name, "--help", env=environment).stdout
        )


@pytest.mark.parametrize(
    "words",
    [
        ["compare", "s.toml"],
        ["evidence"],
        ["calibrate"],
        ["plot", "s.h5"],
        ["sweep", "s.toml"],
        ["sensitivity", "s.toml"],
    ],
)
def test_a_file_called_minus_is_refused_by_python_commands(place, words):
    answer = run(*words, "-o", "-")
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr == (
        f"paracrine {words[0]}: -o -: the output is a file and cannot be written to standard output\n"
        "   = Give a name; a file that is called - is ./-\n"
    )
    assert [file.name for file in place.iterdir()] == ["s.toml"]


def to_a_closed_pipe(*words, restore_signals=True):
    """Runs a command whose reader has left already."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        return subprocess.run(
            [INSTALLED, *words],
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
            timeout=120,
            restore_signals=restore_signals,
        )
    finally:
        os.close(writing)


@pytest.mark.parametrize("restore_signals", [True, False], ids=["signal", "signal ignored"])
@pytest.mark.parametrize(
    "words",
    [["params"], ["--help"], ["schema"], ["plot", "--help"], ["calibrate", "--list"], ["evidence", "--list"]],
    ids=" ".join,
)
def test_a_reader_that_leaves_is_no_fault(words, restore_signals):
    answer = to_a_closed_pipe(*words, restore_signals=restore_signals)
    assert answer.stderr == ""
    assert answer.returncode in (0, -13, 141)


def test_a_run_goes_on_without_the_reader_of_its_progress(place):
    answer = to_a_closed_pipe("run", "s.toml", "--json", "-o", "x.h5")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert json.loads(run("info", "x.h5", "--json").stdout)["status"] == "complete"


EXPERIMENT = """\
paracrine: 1 problem in the input:
{}: this is an experiment, not a scenario
   = `paracrine evidence` runs experiments; --experiments DIR names their folder, --list lists the rows.
"""


@pytest.mark.parametrize("command", ["validate", "run", "preview"])
def test_an_experiment_is_no_scenario(place, command):
    experiment = ROOT / "scenarios/evidence/beads.toml"
    answer = run(command, experiment)
    assert (answer.returncode, answer.stderr) == (2, EXPERIMENT.format(experiment))


def test_every_experiment_that_comes_along_is_recognised():
    files = sorted((ROOT / "scenarios/evidence").glob("*.toml"))
    assert files
    for file in files:
        answer = run("validate", file)
        assert answer.returncode == 2
        assert f"{file}: this is an experiment, not a scenario\n" in answer.stderr


def test_a_study_is_no_scenario(place):
    pathlib.Path("study.toml").write_text('scenario = "s.toml"\n[grid]\n"therapy.0.cells" = [1e3]\n')
    assert run("validate", "study.toml").stderr == (
        "paracrine: 1 problem in the input:\nstudy.toml: this is a study, not a scenario\n"
        "   = `paracrine sweep`, `paracrine sensitivity` and `paracrine compare` read studies.\n"
    )


def test_a_scenario_with_a_wrong_key_is_still_a_scenario(place):
    pathlib.Path("s.toml").write_text(SCENARIO + 'scenario = "x"\narms = 2\n')
    assert 'therapy.0 has no key "arms"' in run("validate", "s.toml").stderr
