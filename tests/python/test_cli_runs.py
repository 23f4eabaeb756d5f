"""Runs from outside: progress, signals, resuming, full disks."""

import json
import os
import pathlib
import pty
import re
import resource
import select
import signal
import subprocess
import time

import h5py
import pytest
from command_line import PARACRINE, digest, events, long_run, paracrine


def test_json_lines_tell_a_run(place):
    answer = paracrine("run", "s.toml", "--json", "--threads", "1")
    assert (answer.returncode, answer.stderr) == (0, "")
    lines = events(answer)
    assert [lines[0]["event"], lines[-1]["event"]] == ["start", "done"]
    progress = [e for e in lines if e["event"] == "progress"]
    assert progress[-1]["time_s"] == progress[-1]["end_s"] == 2 * 86400
    assert lines[-1]["status"] == "complete" and lines[-1]["path"] == "s.h5" and lines[-1]["exit_status"] == 0
    again = paracrine("run", "s.toml", "--json")
    assert again.returncode == 2
    assert (
        events(again)[-1]["event"] == "error"
        and events(again)[-1]["problems"][0]["message"] == '"s.h5" exists'
    )
    assert again.stderr.startswith('paracrine: "s.h5" exists')


def test_progress_is_lines_for_a_file_and_a_bar_on_a_terminal(place):
    answer = paracrine("run", "s.toml", "--threads", "1")
    assert "\r" not in answer.stderr and "\x1b" not in answer.stderr and answer.stdout == ""
    assert re.search(r"^100 %  2 d of 2 d  ", answer.stderr, re.M)
    assert "Done: s.h5" in answer.stderr
    assert paracrine("run", "s.toml", "-q", "--force").stderr == ""

    def on_a_terminal(**variables):
        parent, child = pty.openpty()
        environment = {**os.environ, "TERM": "xterm", **variables}
        environment = {k: v for k, v in environment.items() if v is not None}
        process = subprocess.Popen(
            [PARACRINE, "run", "s.toml", "--force", "--threads", "1"],
            stderr=child,
            stdout=subprocess.DEVNULL,
            env=environment,
        )
        os.close(child)
        text = b""
        while select.select([parent], [], [], 60)[0]:
            try:
                chunk = os.read(parent, 65536)
            except OSError:
                break
            if not chunk:
                break
            text += chunk
        os.close(parent)
        assert process.wait(60) == 0
        return text.decode()

    coloured, plain = on_a_terminal(NO_COLOR=None), on_a_terminal(NO_COLOR="1")
    assert "\r" in plain and re.search(r"\r\[[#-]+\] ", plain) and "\x1b[32m" not in plain
    assert "\x1b[32m" in coloured
    assert (
        max(len(line) for line in re.sub(r"\x1b\[[0-9]*[mK]", "", plain).replace("\n", "\r").split("\r"))
        <= 80
    )
    assert "\r[" not in on_a_terminal(TERM="dumb")


def test_more_threads_than_processors_is_a_warning(place):
    answer = paracrine("run", "s.toml", "--threads", "97")
    assert answer.returncode == 0
    assert re.search(
        r"^warning: 97 threads on \d+ processors?: oversubscription will slow the run\n   = --threads \d+ uses them all\.$",
        answer.stderr,
        re.M,
    )
    assert (
        "97 threads" not in answer.stdout
        and "oversubscription" not in paracrine("run", "s.toml", "--threads", "1", "--force").stderr
    )


def test_until_stops_and_resume_goes_on_to_the_same_values(place):
    assert paracrine("run", "s.toml", "-o", "through.h5", "-q", "--threads", "1").returncode == 0
    answer = paracrine("run", "s.toml", "--until", "1 d", "--threads", "2")
    assert answer.returncode == 0
    assert "Stopped as asked at 1 d of 2 d" in answer.stderr
    command = re.search(r"^To continue: (.*)$", answer.stderr, re.M).group(1)
    assert command == f"{PARACRINE} resume s.h5.part"
    assert not (place / "s.h5").exists() and (place / "s.h5.ckpt").is_dir()
    assert json.loads(paracrine("info", "s.h5.part", "--json").stdout)["status"] == "interrupted"
    packed = paracrine("pack", "s.h5.part", "-o", "half.h5")
    assert packed.returncode == 0, packed.stderr
    assert json.loads(paracrine("info", "half.h5", "--json").stdout)["time_d"] == 1.0
    assert subprocess.run(command, shell=True, capture_output=True).returncode == 0
    assert sorted(p.name for p in place.iterdir()) == ["half.h5", "s.h5", "s.toml", "through.h5"]
    assert digest("s.h5") == digest("through.h5")
    assert paracrine("run", "s.toml", "-o", "other.h5", "-q", "--seed", "2").returncode == 0
    assert digest("other.h5") != digest("through.h5")


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_stops_after_a_checkpoint(place, name):
    number = getattr(signal, name)
    process = long_run("--checkpoint-every", "none")
    process.send_signal(number)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 128 + number, err
    done = json.loads(out.splitlines()[-1])
    assert (done["event"], done["status"], done["exit_status"]) == ("done", "interrupted", 128 + number)
    assert done["resume"] == f"{PARACRINE} resume s.h5.part"
    assert (place / done["checkpoint"]).exists() and not (place / "s.h5").exists()
    until = done["time_s"] + 86400
    assert paracrine("resume", "s.h5.part", "-q", "--until", f"{until} s").returncode == 0
    assert json.loads(paracrine("info", "s.h5.part", "--json").stdout)["time_d"] >= done["time_s"] / 86400.0


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_at_once(place, second):
    process = long_run()
    process.send_signal(signal.SIGSTOP)  # so that both are there before the first is acted upon
    process.send_signal(signal.SIGINT if second == signal.SIGTERM else signal.SIGTERM)
    process.send_signal(second)
    process.send_signal(signal.SIGCONT)
    _, _err = process.communicate(timeout=60)
    assert process.returncode in (128 + signal.SIGINT, 128 + signal.SIGTERM)
    assert not list(place.glob("s.h5.ckpt/ckpt-*"))
    assert paracrine("info", "s.h5.part").returncode == 0


def test_a_hangup_beside_another_signal_is_the_same_request(place):
    """A terminal that closes sends SIGHUP, and so does its shell; a sweep passes on as a hangup what all processes of a job were told."""
    process = long_run("--checkpoint-every", "none")
    process.send_signal(signal.SIGSTOP)
    for number in (signal.SIGHUP, signal.SIGTERM):
        process.send_signal(number)
    process.send_signal(signal.SIGCONT)
    out, err = process.communicate(timeout=60)
    assert process.returncode in (128 + signal.SIGHUP, 128 + signal.SIGTERM), err
    done = json.loads(out.splitlines()[-1])
    assert done["status"] == "interrupted" and (place / done["checkpoint"]).exists()


def test_an_early_request_for_a_checkpoint_neither_kills_the_run_nor_is_lost(place):
    seen = []  # whether the signal was held back; a process that is looked at too late has gone on to catch it
    for delay in (0.0, 0.001, 0.003, 0.01, 0.03):
        process = subprocess.Popen(
            [
                PARACRINE,
                "run",
                "s.toml",
                "--json",
                "--force",
                "--checkpoint-every",
                "none",
                "--set",
                "time.duration=20 d",
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        while not (held := signals_of(process.pid, "SigBlk")) and not signals_of(process.pid, "SigCgt"):
            assert process.poll() is None
        time.sleep(delay)
        process.send_signal(signal.SIGUSR1)
        out, _ = process.communicate(timeout=120)
        assert process.returncode == 0 and "checkpoint" in {
            json.loads(line)["event"] for line in out.splitlines()
        }
        seen.append(held)
    assert any(seen), "the signal is answered only when the run begins, long after the program was loaded"


def signals_of(process, field):
    """Whether SIGUSR1 is among the signals that a process blocks (SigBlk) or catches (SigCgt)."""
    try:
        text = pathlib.Path(f"/proc/{process}/status").read_text()
    except FileNotFoundError:
        return False
    return bool(int(re.search(rf"^{field}:\s*(\w+)", text, re.M).group(1), 16) >> (signal.SIGUSR1 - 1) & 1)


def test_an_ignored_hangup_stays_ignored(place):
    process = subprocess.Popen(
        [PARACRINE, "run", "s.toml", "--set", "time.duration=60 d", "-q"],
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    )
    time.sleep(0.2)
    process.send_signal(signal.SIGHUP)
    assert process.wait(120) == 0


def test_sigusr1_checkpoints_and_goes_on(place):
    process = long_run("--checkpoint-every", "none")
    process.send_signal(signal.SIGUSR1)
    for line in process.stdout:
        if json.loads(line)["event"] == "checkpoint":
            break
    else:
        raise AssertionError("no checkpoint was told of")
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=120)
    assert process.returncode == 130


def test_a_closed_reader_does_not_end_the_run(place):
    process = long_run(duration="30 d", cells="1e4")
    process.stdout.close()
    assert process.wait(120) in (0, 1)
    assert (place / "s.h5").exists()


def test_a_full_disk_fails_and_keeps_what_is_there(place):
    folder = place / "small"
    folder.mkdir()
    options = {}
    mounted = (
        os.geteuid() == 0
        and subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1000k", "none", str(folder)], capture_output=True
        ).returncode
        == 0
    )
    if not mounted:
        options["preexec_fn"] = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (800_000, 800_000))
    try:
        answer = paracrine(
            "run",
            "s.toml",
            "-o",
            "small/x.h5",
            "-q",
            "--set",
            'time.record_every="10 min"',
            "--set",
            'time.duration="200 d"',
            **options,
        )
        reason = (
            "the disk is full" if mounted else "it would be larger than the limit on file sizes (ulimit -f)"
        )
        assert answer.stderr == f"paracrine: cannot write small/x.h5.part: {reason}\n"
        assert (answer.returncode, answer.stdout) == (1, "")
        assert (folder / "x.h5.part").exists() and not (folder / "x.h5").exists()
        info = paracrine("info", "small/x.h5.part", "--json")
        assert info.returncode == 0 and json.loads(info.stdout)["rows"]["series"] > 0
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_disk_that_fills_up_at_a_checkpoint_leaves_the_rows_readable(place):
    folder = place / "small"
    folder.mkdir()
    if (
        os.geteuid() != 0
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1600k", "none", str(folder)], capture_output=True
        ).returncode
    ):
        pytest.skip("cannot mount a small file system here")
    try:
        answer = paracrine(
            "run",
            "s.toml",
            "-o",
            "small/x.h5",
            "-q",
            "--threads",
            "1",
            "--checkpoint-every",
            "100 ms",
            "--set",
            "time.duration=600 d",
            "--set",
            "therapy.0.cells=3e5",
        )
        assert answer.returncode == 1
        assert answer.stderr.endswith("paracrine: cannot write small/x.h5.part: the disk is full\n")
        assert not list(folder.glob("x.h5.ckpt/.*.tmp"))
        info = json.loads(paracrine("info", "small/x.h5.part", "--json").stdout)
        assert info["status"] == "running" and info["rows"]["series"] > 0
        packed = paracrine("pack", "small/x.h5.part", "-o", "packed.h5")
        assert packed.returncode == 0, packed.stderr
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_an_older_output_stays_until_the_new_one_is_complete(place):
    assert paracrine("run", "s.toml", "-q").returncode == 0
    old = digest("s.h5")
    answer = paracrine("run", "s.toml", "--force", "--seed", "2", "--until", "1 d")
    assert answer.returncode == 0 and digest("s.h5") == old
    command = re.search(r"^To continue: (.*)$", answer.stderr, re.M).group(1)
    assert command == f"{PARACRINE} resume s.h5.part --force"
    assert subprocess.run(command, shell=True, capture_output=True).returncode == 0
    assert digest("s.h5") != old and not (place / "s.h5.part").exists()


def test_threads_wait_passively(place):
    process = long_run()
    try:
        variables = pathlib.Path(f"/proc/{process.pid}/environ").read_bytes().split(b"\0")
        assert b"OMP_WAIT_POLICY=passive" in variables or "OMP_WAIT_POLICY" in os.environ
        assert pathlib.Path(f"/proc/{process.pid}/comm").read_text().strip() == "paracrine"
    finally:
        process.kill()
        process.communicate()


def test_a_value_outside_the_published_range_is_a_warning_with_its_source(place):
    answer = paracrine(
        "run", "s.toml", "--set", "parameters.msc_fate.label_leak=0.05 h^-1", "--set", "time.duration=6 h"
    )
    assert answer.returncode == 0
    assert "warning" in answer.stderr
    assert (
        "msc_fate.label_leak: 0.05 h^-1 is outside the published range, 0.005 h^-1 to 0.02 h^-1"
        in answer.stderr
    )
    assert "51Cr leaks about 1 % per hour" in answer.stderr


def test_a_dose_between_two_visits_is_moved_and_said(place):
    answer = paracrine("run", "s.toml", "--set", "therapy.0.at=65 min", "--set", "time.duration=6 h")
    assert answer.returncode == 0
    assert "therapy.0.at: the dose at 65 min is moved to 70 min, the end of a visit" in answer.stderr
    with h5py.File(place / "s.h5") as file:
        assert file["events/event_time"][0] * 24 * 60 == pytest.approx(70)
