"""Texts of users and files: never shell, HTML or terminal; never too deep; errors that survive a pickle."""

import importlib
import pathlib
import pickle
import pkgutil
import subprocess
import sys

import numpy as np
import paracrine as pc
import pytest
from api import small
from command_line import paracrine
from paracrine import engines, errors, expressions, files, texts
from paracrine.study import Study
from paracrine.sweeping import plan, prepare

NASTY = [
    "a\n#SBATCH --evil",
    "%a",
    "$(touch MARK)",
    "it's",
    '"; touch MARK; "',
    "`touch MARK`",
    "-x",
    "<script>",
]


@pytest.mark.parametrize("name", NASTY)
@pytest.mark.filterwarnings("ignore::paracrine.errors.ScenarioWarning")
def test_a_job_script_is_safe_against_the_name_of_its_folder(place, name):
    made = plan(small(), {"therapy.0.cells": [1e3]}, output=place / name)
    prepare(made)
    script = engines.array_job(made.study)
    directives = [line for line in script.splitlines() if line.startswith("#SBATCH")]
    before = script[: script.index("folder=")]
    assert before.count("#SBATCH") == 6 and "%a" not in before.replace("slurm-%a.log", "")
    assert directives[0].removeprefix("#SBATCH --job-name=").replace("_", "").replace("-", "").isalnum()
    (place / "job.sh").write_text(script)
    done = subprocess.run(
        ["sh", "job.sh"],
        env={"SLURM_ARRAY_TASK_ID": "0", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    assert pc.open_study(place / name).complete and not (place / "MARK").exists()


def test_html_of_a_study_is_escaped(place):
    made = plan(small(), {"therapy.0.cells": [1e3]}, output=place / "<script>alert(1)<")
    assert "<script>" not in Study(made.study.folder, made.study.description)._repr_html_()


SHOWN = [
    ("plain ä µ 肝", "plain ä µ 肝"),
    ("\x1b[31mred\x07", "\\x1B[31mred\\x07"),
    ("a\nb\tc\x7f", "a\\x0Ab\tc\\x7F"),
    ("\x9b2J\u202egnp.exe\u2066", "\\x9B2J\\u202Egnp.exe\\u2066"),
]


@pytest.mark.parametrize(("text", "shown"), SHOWN)
def test_control_characters_reach_no_terminal_from_python_or_the_program(place, text, shown):
    assert texts.printable(text) == shown
    scenario = small()
    title = "".join(f"\\u{ord(c):04X}" if ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 else c for c in text)
    first, _, rest = scenario.to_toml().partition("\n")
    (place / "t.toml").write_text(f'title = "{title}"\n{rest}')
    assert first.startswith("title")
    done = paracrine("run", "t.toml", "-o", "t.h5")
    assert done.returncode == 0 and done.stderr.splitlines()[0] == shown
    assert f"title       {shown}\n" in paracrine("info", "t.h5").stdout


def test_control_characters_of_a_file_name_are_shown_in_errors(place):
    done = paracrine("run", "\x1b[2J.toml")
    assert done.returncode == 2 and "\x1b" not in done.stderr and "\\x1B[2J" in done.stderr
    command = pathlib.Path(sys.executable).parent / "paracrine-sweep"
    done = subprocess.run([command, "\x1b[2J.toml"], capture_output=True, text=True)
    assert done.returncode == 2 and "\x1b" not in done.stderr and "\\x1B[2J" in done.stderr


DEEP = 3000


def test_deep_files_are_refused_with_a_message(place):
    for text in (f"a = {'[' * DEEP}{']' * DEEP}", ".".join("a" * DEEP) + " = 1", f"[{'.'.join('a' * 40)}]"):
        (place / "deep.toml").write_text(text)
        with pytest.raises(pc.InputError, match=r"deep.toml: it has more than 32 levels of tables and lists"):
            files.read_toml("deep.toml")
    (place / "deep.json").write_text("[" * DEEP + "]" * DEEP)
    for read in (pc.load_ensemble, pc.load_variants):
        with pytest.raises(pc.InputError, match=r"deep.json: .*more than 32 levels"):
            read("deep.json")
    value = []
    for _ in range(DEEP):
        value = [value]
    with pytest.raises(pc.InputError, match="therapy: has more than 32 levels of tables and lists"):
        small().with_({"therapy": value})


@pytest.mark.parametrize(
    "text", ["(" * DEEP + "a" + ")" * DEEP, "+".join("a" * DEEP), "(" * 50 + "a" + ")" * 50]
)
def test_a_long_expression_is_refused(text):
    with pytest.raises(pc.InputError, match="at most 400 characters and 40 pairs of parentheses"):
        expressions.parse(text)


def test_an_expression_at_its_limits_is_computed():
    longest = "+".join("a" * 200)
    assert expressions.value(expressions.parse(longest), {"a": np.ones(1).view(Values)})[0] == 200
    assert expressions.names(expressions.parse("(" * 40 + "a" + ")" * 40)) == {"a"}


class Values(np.ndarray):
    """Like a variable of xarray."""

    @property
    def values(self):
        return np.asarray(self)


EXAMPLES = {
    "InputError": ("text", [{"message": "m", "file": "f", "line": 1, "column": 2, "hints": ["h"]}]),
    "RunInterrupted": ("stopped", "run.h5.part"),
    "Stopped": (15,),
}


def exception_classes():
    found = {}
    for module in pkgutil.iter_modules(pc.__path__):
        for one in vars(importlib.import_module(f"paracrine.{module.name}")).values():
            if (
                isinstance(one, type)
                and issubclass(one, BaseException)
                and one.__module__.startswith("paracrine")
            ):
                found[one.__name__] = one
    return found


@pytest.mark.parametrize("name", sorted(exception_classes()))
def test_every_exception_survives_a_pickle(name):
    one = exception_classes()[name](*EXAMPLES.get(name, ("text",)))
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        again = pickle.loads(pickle.dumps(one, protocol))
        assert type(again) is type(one) and str(again) == str(one) and vars(again) == vars(one)


def test_all_exceptions_are_known():
    assert {name for name in vars(errors) if name.endswith(("Error", "Interrupted", "Warning"))} < set(
        exception_classes()
    )


def interrupted():
    raise pc.RunInterrupted("stopped", "run.h5.part")


def test_an_interrupted_worker_does_not_break_the_pool():
    import concurrent.futures
    import multiprocessing

    with concurrent.futures.ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        with pytest.raises(pc.RunInterrupted) as told:
            pool.submit(interrupted).result()
        assert told.value.path == "run.h5.part" and pool.submit(len, "abc").result() == 3


def test_the_version_is_that_of_the_program():
    assert pc.__version__ == pc.version()["version"]


def test_a_run_opened_by_a_relative_path_survives_a_change_of_folder(place, monkeypatch):
    run = pc.run(small(), "run.h5", progress=False)
    opened = pc.open("run.h5")
    monkeypatch.chdir("/")
    assert opened.series.equals(run.series)


@pytest.mark.parametrize("number", [np.int64(2), np.uint8(2), np.int32(2)])
def test_numbers_of_numpy_are_numbers(place, number):
    study = pc.sweep(
        small(),
        {"therapy.0.cells": np.array([1e3, 2e3])},
        replicates=number,
        threads=number,
        seed=number,
        output="n.sweep",
        progress=False,
    )
    assert len(study.seeds) == 2 and study.complete
    assert len(pc.sobol({"a": (np.float32(1), np.int64(3))}, number).points) == 2
    assert (
        small({"therapy.0.cells": np.float64(2e3), "output.lobules": np.bool_(True)}).get("output.lobules")
        is True
    )
    for wrong in (np.float64(2.0), True, np.bool_(True), "2", -1):
        with pytest.raises(pc.InputError, match=r"replicates: .* is not a whole number, 1 or more"):
            pc.sweep(small(), {}, replicates=wrong)


def test_errors_in_python_speak_of_arguments_of_python(place):
    with pytest.raises(pc.InputError) as told:
        small({"therapy.0.cels": 1})
    assert str(told.value).startswith(
        "1 problem in the input:\nchange therapy.0.cels=1: therapy.0 has no key"
    )
    assert told.value.problems[0].file == "change therapy.0.cels=1"
    pc.run(small(), "run.h5", progress=False)
    with pytest.raises(pc.InputError) as told:
        pc.run(small(), "run.h5", progress=False)
    assert (
        str(told.value) == '"run.h5" exists\n   = Use force=True to overwrite it, or choose another output.'
    )
    with pytest.warns(pc.ScenarioWarning, match=r"threads=\d+ uses them all"):
        pc.run(small(), "many.h5", threads=97, progress=False)
