"""What the commands say."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import tomllib

import h5py
import pytest
from command_line import PARACRINE, ROOT, SCENARIO, digest, paracrine


def test_help_and_version():
    top = paracrine("--help")
    assert top.returncode == 0
    assert paracrine().returncode == 2
    for command in ("run", "resume", "validate", "info", "params", "schema", "pack", "completion"):
        assert re.search(rf"^  {command} ", top.stdout, re.M)
        answer = paracrine(command, "--help")
        assert (answer.returncode, answer.stderr) == (0, "")
        assert f"Usage: paracrine {command}" in answer.stdout
    assert re.match(r"paracrine \d+\.\d+\.\d+\n", paracrine("--version").stdout)
    assert {"version", "git_revision", "build", "compiler", "libraries"} <= set(
        json.loads(paracrine("--version", "--json").stdout)
    )


def test_validate_says_all_problems_of_all_files(place):
    (place / "bad.toml").write_text(SCENARIO.replace('"2 d"', '"2 mL"').replace("2e4", "-1"))
    answer = paracrine("validate", "s.toml", "bad.toml", "none.toml")
    assert (answer.returncode, answer.stdout) == (2, "s.toml: scenario ok\n")
    assert answer.stderr.startswith("paracrine: 3 problems in the input:\n")
    for part in ("bad.toml:5:12", "bad.toml:9:9", "none.toml"):
        assert part in answer.stderr


def title_of(file):
    return json.loads(paracrine("info", file, "--json").stdout)["title"]


def test_the_resolved_scenario_reads_back(place):
    answer = paracrine("validate", "s.toml", "--set", "therapy.0.cells=3e4", "--resolved")
    assert (answer.returncode, answer.stderr) == (0, "s.toml: scenario ok\n")
    (place / "again.toml").write_text(answer.stdout)
    assert paracrine("validate", "again.toml", "--resolved").stdout == answer.stdout
    for name, options in (("again", []), ("s", ["--set", "therapy.0.cells=3e4"]), ("other", [])):
        source = "s" if name == "other" else name
        assert paracrine("run", f"{source}.toml", "-o", f"{name}.h5", "-q", *options).returncode == 0
    with h5py.File("again.h5") as a, h5py.File("s.h5") as b, h5py.File("other.h5") as c:
        assert (a["msc_dna_lung"][:] == b["msc_dna_lung"][:]).all()
        assert (a["msc_dna_lung"][:] != c["msc_dna_lung"][:]).any()
    assert (title_of("again.h5"), title_of("s.h5")) == ("", "[therapy.0.cells = 3e4]")


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("delivery/mouse_iv_msc_delivery", ["--set", "parameters.infusion.viability=0.8"]),
        ("delivery/human_iv_msc_delivery", []),
        ("cirrhosis/mouse_ccl4_iv_msc", ["--set", "parameters.chemotaxis.macrophage_speed=4 um/min"]),
    ],
)
def test_the_resolved_scenario_has_every_parameter_and_gives_the_same_digest(place, name, options):
    scenario = ROOT / f"scenarios/{name}.toml"
    small = ["--set", "time.duration=1 h", "--set", "liver.lobules=2", *options]
    if "cirrhosis" in name:
        small += ["--set", "therapy=[]", "--set", 'injury.0.stop="1 h"']
    answer = paracrine("validate", scenario, *small, "--resolved")
    (place / "resolved.toml").write_text(answer.stdout)
    again = paracrine("validate", "resolved.toml", "--resolved")
    assert again.stdout == answer.stdout
    parameters = tomllib.loads(answer.stdout)["parameters"]
    model = tomllib.loads(answer.stdout)["model"]
    assert len(parameters) > (40 if model == "delivery" else 100)
    assert paracrine("run", scenario, "-q", "-o", "a.h5", *small).returncode == 0
    assert paracrine("run", "resolved.toml", "-q", "-o", "b.h5").returncode == 0
    assert digest("a.h5") == digest("b.h5")
    with h5py.File("a.h5") as file:
        assert set(parameters) == {one.tobytes().rstrip(b"\0").decode() for one in file["parameters/name"][:]}
        assert file["parameters/overridden"][:].sum() == len(options) / 2


def test_params_in_four_formats():
    rows = list(csv.DictReader(io.StringIO(paracrine("params", "--format", "csv").stdout)))
    listed = json.loads(paracrine("params", "--format", "json").stdout)
    page = paracrine("params", "--format", "md").stdout
    text = paracrine("params").stdout
    assert len(rows) == len(listed) > 5
    for row, one in zip(rows, listed):
        assert row["name"] == one["name"] and float(row["value"]) == one["value"]
        assert row["source"] == one["source"] != ""
        assert row["kind"] in ("measured", "model", "derived", "fitted", "assumed")
        assert f"`{row['name']}`" in page and row["name"] in text
    assert page.startswith("# Parameters\n") and "\n## lung_arrest\n" in page
    table = [line for line in page.splitlines() if line.startswith("|")]
    assert all(len(re.findall(r"(?<!\\)\|", line)) == 10 for line in table)
    part = list(csv.DictReader(io.StringIO(paracrine("params", "LUNG_arrest", "--format", "csv").stdout)))
    assert 0 < len(part) < len(rows) and all("lung_arrest" in row["name"] for row in part)


def test_the_schema_is_json():
    schema = json.loads(paracrine("schema").stdout)
    assert "draft-04" in schema["$schema"]


def test_info_of_a_run(place):
    assert paracrine("run", "s.toml", "--seed", "7", "--set", "therapy.0.cells=1e4", "-q").returncode == 0
    info = json.loads(paracrine("info", "s.h5", "--json").stdout)
    assert (info["status"], info["seed"], info["kind"], info["model"]) == ("complete", 7, "run", "delivery")
    assert info["overrides"] == ["therapy.0.cells=1e4", "seed=7"]
    assert info["time_d"] == info["end_d"] == 2.0
    assert "complete, 2 d of 2 d" in paracrine("info", "s.h5").stdout


def test_standard_output_that_cannot_be_written_is_a_failure():
    with open("/dev/full", "w") as full:
        answer = subprocess.run([PARACRINE, "schema"], stdout=full, stderr=subprocess.PIPE, text=True)
    assert (answer.returncode, answer.stderr) == (1, "paracrine: standard output cannot be written\n")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_are_sound(place, shell):
    answer = paracrine("completion", shell)
    assert answer.returncode == 0
    for word in ("validate", "checkpoint-every", "bash zsh fish"):
        assert word in answer.stdout
    if shell == "bash" or shutil.which(shell):
        (place / "script").write_text(answer.stdout)
        subprocess.run([shell, "-n", "script"], check=True)


def test_bash_completion_completes(place):
    (place / "script").write_text(paracrine("completion", "bash").stdout)

    def completed(*words):
        line = " ".join(f"'{w}'" for w in words)
        script = f"source ./script; COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; _paracrine; printf '%s\\n' \"${{COMPREPLY[@]}}\""
        return subprocess.run(["bash", "-c", script], capture_output=True, text=True).stdout.split()

    assert completed("paracrine", "val") == ["validate"]
    assert completed("paracrine", "run", "--prog") == ["--progress"]
    assert completed("paracrine", "run", "--progress", "l") == ["line"]
    assert completed("paracrine", "completion", "z") == ["zsh"]
    assert completed("paracrine", "run", "s.") == ["s.toml"]


def test_unknown_commands_run_programs_beside_it_and_on_the_path(place):
    folder, path = place / "bin", place / "elsewhere"
    for where in (folder, path):
        where.mkdir()
        (where / "paracrine-hello").write_text(f'#!/bin/sh\necho {where.name} "$@"\nexit 7\n')
        (where / "paracrine-hello").chmod(0o755)
    shutil.copy(PARACRINE, folder / "paracrine")
    environment = {**os.environ, "PATH": f"{path}:{os.environ['PATH']}"}
    for program, name in ((str(folder / "paracrine"), "bin"), (PARACRINE, "elsewhere")):
        answer = subprocess.run(
            [program, "hello", "--set", "a b"], capture_output=True, text=True, env=environment
        )
        assert (answer.returncode, answer.stdout) == (7, f"{name} --set a b\n")
    answer = subprocess.run([PARACRINE, "helo"], capture_output=True, text=True, env=environment)
    assert 'Did you mean "hello"?' in answer.stderr


def progress_of(place, scenario, *options):
    answer = paracrine("run", scenario, "-o", "p.h5", "--force", "--json", *options)
    assert answer.returncode == 0, answer.stderr
    return [json.loads(line) for line in answer.stdout.splitlines()]


def test_the_title_of_a_run_names_what_was_set(place):
    scenario = ROOT / "scenarios/delivery/mouse_iv_msc_delivery.toml"
    options = ["--set", "therapy.0.cells=5e3", "--set", "time.duration=1 h", "--seed", "3"]
    events = progress_of(place, scenario, *options)
    title = "One million MSC into a tail vein [therapy.0.cells = 5e3, time.duration = 1 h]"
    assert events[0]["title"] == title
    assert title_of("p.h5") == title
    assert f"\ntitle       {title}\n" in paracrine("info", "p.h5").stdout
    assert progress_of(place, "s.toml", "--set", "title=Mine")[0]["title"] == "Mine"


def test_progress_shows_numbers_of_the_liver(place):
    scenario = ROOT / "scenarios/cirrhosis/mouse_ccl4_untreated.toml"
    small = ["--set", "time.duration=2 h", "--set", "liver.lobules=2", "--set", 'injury.0.stop="2 h"']
    last = [event for event in progress_of(place, scenario, *small) if event["event"] == "progress"][-1]
    assert list(last["numbers"]) == ["collagen_area", "alt [1/L]", "hepatocyte_viable", "msc_viable_lung"]
    assert last["numbers"]["alt [1/L]"] > 0 and last["numbers"]["hepatocyte_viable"] > 0
    shown = paracrine("run", scenario, "-o", "p.h5", "--force", "--progress", "line", *small).stderr
    assert re.search(r"left  collagen_area \S+, alt \[1/L\] \S+, hepatocyte_viable \S+$", shown, re.M)


def test_progress_of_another_model_shows_its_first_observables(place):
    last = [event for event in progress_of(place, "s.toml") if event["event"] == "progress"][-1]
    assert len(last["numbers"]) == 3 and all("msc" in name for name in last["numbers"])
