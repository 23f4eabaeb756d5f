"""A sweep trusts nothing in its folder, shares it with others, and leaves nothing running behind."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

import h5py
import paracrine as pc
import pytest
from api import small
from paracrine import drafts, run_file, task
from test_api_sweep import CELLS, LONGER, attempts, stamps

pytestmark = pytest.mark.filterwarnings("ignore::paracrine.errors.ScenarioWarning")
COMMAND = str(pathlib.Path(sys.executable).parent / "paracrine")
STUDY = 'scenario = "small.toml"\n[grid]\n"therapy.0.cells" = [1e3, 2e3]\n'


def swept(**options):
    return pc.sweep(small(), CELLS, output="s.sweep", progress=False, **options)


@pytest.fixture
def study(place):
    return swept()


@pytest.mark.parametrize("edited", ["", "seed = 1\n", None])
def test_an_edited_scenario_is_written_anew_and_never_run(study, edited):
    files = [pathlib.Path(path) for path in study.runs.path]
    digests = [study.open(0).digest(), study.open(1).digest()]
    key, scenario = files[0].stem, files[0].with_suffix(".toml")
    whole = scenario.read_text()
    scenario.write_text(whole.replace("cells = 1000", "cells = 3000") if edited is None else edited)
    files[0].unlink()
    outcome = task.perform(study.folder, key, 1, study.description["build"])
    assert outcome.status == "failed" and outcome.error == (
        f"{scenario}: is not the scenario that the sweep wrote; the same sweep command writes it anew"
    )
    again = swept()
    assert scenario.read_text() == whole and [again.open(0).digest(), again.open(1).digest()] == digests


def test_swapped_and_edited_files_are_computed_again(study):
    one, other = (pathlib.Path(path) for path in study.runs.path)
    digests = [study.open(0).digest(), study.open(1).digest()]
    aside = one.with_suffix(".aside")
    shutil.move(one, aside)
    shutil.move(other, one)
    shutil.move(aside, other)
    assert pc.open_study("s.sweep").runs.status.tolist() == ["missing", "missing"]
    with pytest.raises(pc.FileError, match="no run of this study is done yet"):
        _ = pc.open_study("s.sweep").dataset
    again = swept()
    assert again.complete and [again.open(0).digest(), again.open(1).digest()] == digests
    with h5py.File(one, "r+") as file:
        file.attrs["build"] = "0123456789abcdef"
    assert pc.open_study("s.sweep").runs.status.tolist() == ["missing", "done"]


def test_the_part_of_another_run_is_not_resumed(study):
    one, other = (pathlib.Path(path) for path in study.runs.path)
    digest = study.open(0).digest()
    subprocess.run(
        [COMMAND, "run", other.with_suffix(".toml"), "-o", "x.h5", "-q", "--until", "1 h"], check=True
    )
    shutil.move("x.h5.part", f"{one}.part")
    shutil.move("x.h5.ckpt", f"{one}.ckpt")
    one.unlink()
    again = swept()
    assert again.complete and again.open(0).digest() == digest
    assert "resume" not in one.with_suffix(".log").read_text()


def test_what_the_program_refuses_is_not_opened_here(study, monkeypatch):
    file = pathlib.Path(study.runs.path[0])
    assert run_file.problem_with(file, file.stem) == "" and run_file.began_as(file, file.stem)
    content = bytearray(file.read_bytes())
    with h5py.File(file, "r") as found:
        at = found["parameters/value"].id.get_offset()
    content[at] ^= 1  # a value that a sweep never looks at
    file.write_bytes(content)
    assert run_file.problem_with(file, file.stem) == "it is damaged: its checksum is not that of its content"
    assert not run_file.began_as(file, file.stem)
    with monkeypatch.context() as patched:
        patched.setattr(run_file, "program_for_checks", lambda: None)
        assert run_file.problem_with(file, file.stem) == ""  # without the program it is read unchecked
    again = swept()
    assert again.complete and run_file.problem_with(file, file.stem) == ""


BROKEN = ["", "{", "[]", '{"key": "x"}', "[" * 5000, '{"key": 3, "status": "failed", "error": "no"}', "\x00"]


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_record_of_a_failure_is_left_out(study, text):
    victim = pathlib.Path(study.runs.path[0])
    victim.unlink()
    victim.with_suffix(".failed.json").write_text(text)
    assert pc.open_study("s.sweep").runs.status.tolist() == ["missing", "done"]
    assert swept().complete and not victim.with_suffix(".failed.json").exists()


@pytest.mark.parametrize("text", [*BROKEN, None])
def test_a_broken_description_is_refused_and_written_anew(study, text):
    file = pathlib.Path("s.sweep/study.json")
    whole = file.read_text()
    file.write_text(whole.replace("2000", "2500") if text is None else text)
    with pytest.raises(pc.FileError) as refused:
        pc.open_study("s.sweep")
    assert str(refused.value).startswith(f"{file.absolute()}: ")
    assert "the same sweep command writes it anew and keeps the runs" in str(refused.value)
    before = stamps("s.sweep")
    assert swept().complete and file.read_text() == whole and stamps("s.sweep") == before


def test_a_description_with_keys_outside_its_folder_is_refused(study):
    from paracrine.study import as_study_file

    said = {**study.description, "keys": [["../../elsewhere"], study.keys[1]]}
    pathlib.Path("s.sweep/study.json").write_text(as_study_file(said))
    with pytest.raises(pc.FileError, match="does not describe a study"):
        pc.open_study("s.sweep")


def test_links_in_the_folder_are_not_followed(study, tmp_path):
    precious = tmp_path / "precious"
    precious.write_text("mine")
    files = [pathlib.Path(path) for path in study.runs.path]
    for name in ("study.json", "index.csv", "results.nc"):
        place = pathlib.Path("s.sweep") / name
        place.unlink(missing_ok=True)
        place.symlink_to(precious)
    scenario = files[0].with_suffix(".toml")
    scenario.unlink()
    scenario.symlink_to(precious)
    swept().save()
    assert precious.read_text() == "mine" and not scenario.is_symlink()
    files[0].unlink()
    files[0].with_suffix(".log").unlink()
    files[0].with_suffix(".log").symlink_to(precious)
    with pytest.raises(pc.EngineError, match=r"no run of .* can be kept there"):
        swept()
    assert precious.read_text() == "mine"


def test_drafts_are_unique_exclusive_and_removed_when_writing_fails(tmp_path):
    path = tmp_path / "x.csv"
    with drafts.draft(path) as one, drafts.draft(path) as other:
        assert one != other and one.endswith(".csv")
        pathlib.Path(one).write_text("one")
    assert path.read_text() == "one" and os.listdir(tmp_path) == ["x.csv"]
    with pytest.raises(RuntimeError), drafts.draft(path):
        raise RuntimeError
    with pytest.raises(
        pc.InputError, match=r'x.csv" exists; choose another name, or overwrite it with force'
    ):
        drafts.write_text(path, "two", force=False)
    assert path.read_text() == "one" and os.listdir(tmp_path) == ["x.csv"]


def test_three_sweeps_in_one_folder_at_once(place):
    (place / "small.toml").write_text(small().to_toml())
    (place / "study.toml").write_text(STUDY)
    command = [COMMAND, "sweep", "study.toml"]
    sweeps = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)
    ]
    for process in sweeps:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0 and "2 of 2 runs are done" in out and "Traceback" not in err, err
        assert "2 of 2 runs ended, " in err  # progress without a terminal
    assert set(attempts("study.sweep").values()) == {1}
    assert not [name for name in os.listdir("study.sweep") if ".tmp" in name]


def begun(place):
    (place / "small.toml").write_text(small(LONGER).to_toml())
    (place / "study.toml").write_text(STUDY.replace("1e3, 2e3", "2e5, 2.1e5, 2.2e5, 2.3e5"))
    process = subprocess.Popen(
        [COMMAND, "sweep", "study.toml", "--engine", "local=2"],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: [signal.signal(number, signal.SIG_DFL) for number in (1, 2, 10, 15)],
    )
    until = time.monotonic() + 60
    while len(list(place.glob("study.sweep/runs/*.h5.part"))) < 2:
        assert process.poll() is None and time.monotonic() < until
        time.sleep(0.01)
    return process


def of_session(session):
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--sid", str(session)], capture_output=True, text=True
    ).stdout
    return [int(pid) for pid in listed.split()]


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
@pytest.mark.parametrize("send", [os.kill, os.killpg])
def test_a_signal_to_a_sweep_stops_its_runs_after_a_checkpoint(place, name, send):
    process = begun(place)
    number = getattr(signal, name)
    send(process.pid, number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 128 + number, err
    assert err.endswith(
        "paracrine sweep: stopped; runs that had begun left a checkpoint, and the same command goes on\n"
    )
    assert of_session(process.pid) == []
    parts = list(place.glob("study.sweep/runs/*.h5.part"))
    assert len(parts) == 2 and all(
        list(pathlib.Path(f"{str(part)[:-5]}.ckpt").glob("*.ckpt")) for part in parts
    )


def test_a_request_for_a_checkpoint_goes_to_the_runs(place):
    process = begun(place)
    process.send_signal(signal.SIGUSR1)
    until = time.monotonic() + 30
    while not list(place.glob("study.sweep/runs/*.h5.ckpt/*.ckpt")):
        assert process.poll() is None and time.monotonic() < until
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)


def test_the_title_of_a_sweep_lists_what_was_changed(place):
    study = pc.sweep(
        small({"therapy.0.cells": 5e3}), {"therapy.0.at": ["0 h"]}, output="t.sweep", progress=False
    )
    assert (
        study.title.startswith("One million MSC into the portal vein (")
        and "therapy.0.cells=5000.0" in study.title
    )
    assert study.title.endswith("; varied: therapy.0.at)") and study.dataset.attrs["title"] == study.title
    assert (
        json.loads(pathlib.Path("t.sweep/study.json").read_text())["overrides"]
        == study.description["overrides"]
    )
