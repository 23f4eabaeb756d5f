"""`paracrine.run` and `paracrine.resume`: the values of the command line, other threads, Ctrl-C, failures."""

import os
import pathlib
import signal
import subprocess
import sys
import threading
import time

import paracrine as pc
import pytest
from api import python, small
from command_line import digest, paracrine

pytestmark = pytest.mark.filterwarnings("ignore::paracrine.errors.ScenarioWarning")
LONG = {"time.duration": "600 d", "therapy.0.cells": 3e5, "time.record_every": "1 d", "liver.lobules": 8}


def test_a_run_has_the_values_of_the_command_line_for_any_number_of_threads(place):
    scenario = small()
    (place / "same.toml").write_text(scenario.to_toml())
    assert paracrine("run", "same.toml", "--seed", 7, "-q").returncode == 0
    run = pc.run(scenario, "from_python.h5", seed=7, threads=2, progress=False)
    assert run.digest() + "\n" == digest("same.h5") == digest("from_python.h5")
    assert pc.run(scenario, "one_thread.h5", seed=7, threads=1, progress=False).digest() == run.digest()
    assert pc.run(scenario, "other_seed.h5", seed=8, progress=False).digest() != run.digest()
    assert run.status == "complete" and run.scenario == scenario.with_({"seed": 7})


def test_an_output_is_never_overwritten_by_chance(place):
    first, second = pc.run(small(), progress=False), pc.run(small(), progress=False)
    names = ("mouse_portal_msc_delivery.h5", "mouse_portal_msc_delivery_2.h5")
    assert (first.path, second.path) == tuple(str(place / name) for name in names)
    with pytest.raises(pc.InputError, match=r'mouse_portal_msc_delivery.h5" exists'):
        pc.run(small(), first.path, progress=False)
    assert pc.run(small(), first.path, progress=False, force=True).digest() == second.digest()


def test_until_stops_and_resume_goes_on_to_the_same_values(place):
    scenario = small()
    part = pc.run(scenario, "stopped.h5", until="1 h", progress=False)
    assert (part.path, part.status) == (str(place / "stopped.h5.part"), "interrupted") and float(
        part.series.time[-1]
    ) < 0.1
    whole = part.resume(progress=False)
    assert (
        whole.path == str(place / "stopped.h5")
        and whole.digest() == pc.run(scenario, "through.h5", progress=False).digest()
    )
    with pytest.raises(pc.InputError, match="cannot be resumed"):
        whole.resume()


def test_a_damaged_part_is_refused_by_a_process_of_its_own(place, monkeypatch):
    part = pathlib.Path(pc.run(small(), "r.h5", until="1 h", progress=False).path)
    whole = part.read_bytes()
    for content, begin in ((whole[: len(whole) // 2], '"r.h5.part" is damaged: '), (b"", "")):
        part.write_bytes(content)
        with pytest.raises(pc.InputError) as refused:
            pc.resume("r.h5.part", progress=False)
        assert str(refused.value).startswith(begin) and not (place / "r.h5").exists()
    # what the program says of a file decides, before the library reads it here
    part.write_bytes(whole)
    deaf = place / "deaf"
    deaf.write_text(
        "#!/bin/sh\necho 'paracrine: \"r.h5.part\" is damaged: the HDF5 library fails on it' >&2\nexit 2\n"
    )
    deaf.chmod(0o755)
    for path in ("r.h5.part", "r.h5.ckpt"):
        with monkeypatch.context() as patched:
            patched.setenv("PARACRINE", str(deaf))
            with pytest.raises(
                pc.InputError, match=r'^"r\.h5\.part" is damaged: the HDF5 library fails on it$'
            ):
                pc.resume(path, progress=False)
    assert pc.resume("r.h5.part", progress=False).status == "complete"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"threads": -1}, "threads: -1 is not a whole number, 0 or more"),
        ({"threads": 5000}, "--threads: 5000 is not a number from 0 to 4096"),
        ({"threads": 1.5}, "threads: 1.5 is not a whole number"),
        ({"seed": -3}, "seed: -3 is not a whole number, 0 or more"),
        ({"until": "3 kg"}, '--until "3 kg"'),
        ({"until": 3}, "until: expected a time with its unit"),
        ({"checkpoint_every": "soon"}, '--checkpoint-every "soon"'),
        ({"progress": 3}, "progress: expected True, False or a function, got 3"),
        ({"output": "no/such/folder/run.h5"}, "no/such/folder"),
    ],
)
def test_a_wrong_option_is_refused_and_nothing_is_written(place, options, message):
    with pytest.raises(pc.InputError) as refused:
        pc.run(small(), **{"output": "run.h5", "progress": False, **options})
    assert message in str(refused.value)
    assert sorted(os.listdir()) == ["s.toml"]


def test_other_threads_go_on_while_it_runs(place):
    counted, stop = [0], threading.Event()

    def count():
        while not stop.wait(0.001):
            counted[0] += 1

    thread = threading.Thread(target=count)
    thread.start()
    begin = time.monotonic()
    pc.run(
        small({"time.duration": "20 d", "therapy.0.cells": 1e5, "liver.lobules": 8}),
        "run.h5",
        threads=1,
        progress=False,
    )
    took = time.monotonic() - begin
    stop.set()
    thread.join()
    assert counted[0] > 50 * took


def test_progress_is_told_to_a_function_and_its_error_stops_the_run(place):
    told = []
    pc.run(small(), "run.h5", progress=told.append)
    assert (
        told[-1]["time_s"] == told[-1]["end_s"] == 3 * 3600 and told[-1]["numbers"][0][0] == "msc_viable_lung"
    )

    def fail(now):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        pc.run(small(LONG), "stopped.h5", progress=fail)
    assert pc.open("stopped.h5.part").status == "interrupted"


def test_a_bar_is_drawn_when_it_is_asked_for(place, capsys):
    pc.run(small(), "run.h5", progress=True)
    told = capsys.readouterr().err
    assert "run.h5: 100 %" in told and "0.125 of 0.125 d" in told and "msc_viable_lung=" in told
    pc.run(small(), "silent.h5")
    assert capsys.readouterr().err == ""


def test_ctrl_c_stops_with_a_checkpoint_and_resume_goes_on(place):
    (place / "long.toml").write_text(small(LONG).to_toml())
    code = """
import paracrine as pc
try:
    pc.run("long.toml", "run.h5", threads=1, progress=lambda now: print(now["time_s"], flush=True))
except KeyboardInterrupt as stopped:
    print("stopped", type(stopped).__name__, stopped.path, stopped)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    for line in process.stdout:
        if int(line) > 0:
            break
    process.send_signal(signal.SIGINT)
    told, errors = process.communicate(timeout=60)
    last = told.splitlines()[-1]
    assert (
        last.startswith("stopped RunInterrupted run.h5.part stopped at ")
        and "paracrine resume run.h5.part" in last
    ), errors
    stopped = pc.open("run.h5.part")
    assert stopped.status == "interrupted" and process.returncode == 0
    later = float(stopped.series.time[-1]) + 5
    assert float(stopped.resume(until=f"{later:.0f} d", progress=False).series.time[-1]) >= later - 1


def test_a_full_disk_is_a_run_error_and_the_process_ends_as_usual(place):
    (place / "long.toml").write_text(small({**LONG, "time.record_every": "1 h"}).to_toml())
    code = """
import resource, paracrine as pc
resource.setrlimit(resource.RLIMIT_FSIZE, (1500000, 1500000))
try:
    pc.run("long.toml", "run.h5", progress=False)
except pc.RunError as failed:
    print(failed)
"""
    answer = python(code)
    assert answer.returncode == 0, answer.stderr
    assert "run.h5.part" in answer.stdout and answer.stderr == ""
    assert len(pc.open("run.h5.part").series.time) > 1


def test_a_forked_child_of_a_process_that_ran_is_refused_and_does_not_hang(place):
    code = """
import os, sys, paracrine as pc
pc.run("s.toml", "a.h5", until="1 h", threads=2, progress=False)
child = os.fork()
if child == 0:
    try:
        pc.run("s.toml", "b.h5", progress=False)
    except RuntimeError as refused:
        os._exit(7 if "spawn" in str(refused) else 1)
    os._exit(0)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    assert python(code).stdout == "7\n"


def test_files_are_read_and_other_runs_made_in_other_threads_meanwhile(place):
    code = """
import threading, warnings, h5py, numpy, paracrine as pc
warnings.simplefilter("ignore")
busy = {"time.duration": "20 d", "time.record_every": "10 min", "therapy.0.cells": 2e3, "liver.lobules": 2}
scenario = pc.Scenario.load("s.toml").with_(busy)
first = pc.run(scenario, "first.h5", threads=1, progress=False).digest()
ended = threading.Event()
digests = []

def run(name):
    digests.append(pc.run(scenario, name, threads=1, progress=False).digest())

def write_and_read():
    count = 0
    while not ended.is_set():
        with h5py.File("own.h5", "w") as file:
            for i in range(20):
                file.create_dataset(f"x{i}", data=numpy.arange(1000.0), chunks=(100,), compression="gzip")
        assert len(pc.open("first.h5").series.time) > 1000
        count += 1
    print("read" if count > 3 else "starved")

reader = threading.Thread(target=write_and_read)
runs = [threading.Thread(target=run, args=(f"{i}.h5",)) for i in range(3)]
for thread in (reader, *runs):
    thread.start()
for thread in runs:
    thread.join()
ended.set()
reader.join()
print(digests == [first] * 3)
"""
    answer = python(code)
    assert (answer.returncode, answer.stdout) == (0, "read\nTrue\n"), answer.stderr
