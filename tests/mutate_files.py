#!/usr/bin/env python3
"""Damage result files in many small ways, and look whether the programs that read them notice.

``tests/mutate_files.py [--mutations N] [--seed S]`` makes small runs with the program (PARACRINE names another than the one of the release build),
changes copies of their files, and gives each to one reader: ``info``, ``info --digest``, ``pack``, ``resume`` or ``paracrine.open``. A reader may
refuse the file, or read what the unchanged file holds. Everything else is counted: a crash (a signal, a traceback, an exit status that is neither 0
nor 2), a hang (more than 8 s of processor time, or 300 s), a difference that nobody told of. Ctrl-C ends it with the counts so far. Exit status 1 when any of
these is not 0.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import dataclasses
import hashlib
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parents[1]
PROCESSOR_S, WALL_S = 8.0, 300.0
PAGE = 4096
SCENARIO = """\
model = "delivery"
species = "mouse"
seed = 5
[time]
duration = "8 h"
record_every = "1 h"
[liver]
lobules = 1
[[therapy]]
product = "msc"
cells = 2e3
route = "peripheral_vein"
at = "0 d"
[output]
agents = ["msc"]
agents_every = "4 h"
"""
# What the pieces of HDF5's own books begin with, and the datasets' and groups' headers.
SIGNATURES = re.compile(
    rb"\x89HDF|OHDR|OCHK|FRHP|FHDB|FHIB|FSHD|BTHD|BTLF|BTIN|EAHD|EAIB|EASB|EADB|FAHD|FADB|TREE|SNOD|HEAP|GCOL|SMTB"
)
READERS = ("info", "digest", "pack", "resume", "open")
COUNTS = ("read", "refused", "crash", "hang", "difference")


@dataclasses.dataclass(frozen=True)
class Original:
    """A file that is changed, with what lies beside it.

    Parameters
    ----------
    name : str
        Of what it is.
    folder : pathlib.Path
        With the file and what belongs to it.
    file : str
        What is changed, from that folder.
    readers : tuple of str
        That can be given it.
    resumed : str
        What is given to ``resume``; its rows end at `until_s`.
    until_s : int
        Simulated time.
    """

    name: str
    folder: pathlib.Path
    file: str
    readers: tuple[str, ...]
    resumed: str = ""
    until_s: int = 0


@dataclasses.dataclass(frozen=True)
class Answer:
    """What a reader did with a file: one of `COUNTS`, or "read" with what it read."""

    verdict: str
    value: str = ""
    processor_s: float = 0.0


def program() -> str:
    """Give the program that PARACRINE names, or the one of the release build."""
    return os.environ.get("PARACRINE", str(ROOT / "build/release/bindings/paracrine"))


def make_originals(place: pathlib.Path) -> list[Original]:
    """Make the runs: a whole one, a packed one, one that was stopped, one that was killed; with their checkpoints."""
    (place / "s.toml").write_text(SCENARIO)
    folders = {name: place / name for name in ("whole", "packed", "stopped", "killed")}
    for folder in folders.values():
        folder.mkdir()
    _call("run", place / "s.toml", "-o", folders["whole"] / "r.h5", "-q")
    _call("pack", folders["whole"] / "r.h5", "-o", folders["packed"] / "r.h5")
    _call("run", place / "s.toml", "-o", folders["stopped"] / "r.h5", "-q", "--until", "4 h")
    _kill_run(place / "s.toml", folders["killed"] / "r.h5")
    finished = ("info", "digest", "pack", "open")
    found = [Original(name, folders[name], "r.h5", finished) for name in ("whole", "packed")]
    for name in ("stopped", "killed"):
        until = _time_s(folders[name] / "r.h5.part") + 3 * 3600
        found.append(Original(name, folders[name], "r.h5.part", READERS, "r.h5.part", until))
        newest = sorted((folders[name] / "r.h5.ckpt").iterdir())[-1]
        checkpoint = f"r.h5.ckpt/{newest.name}"
        found.append(
            Original(
                f"{name}'s checkpoint",
                folders[name],
                checkpoint,
                ("info", "digest", "resume"),
                checkpoint,
                until,
            )
        )
        found.append(
            Original(f"{name} beside it", folders[name], checkpoint, ("resume",), "r.h5.part", until)
        )
    return found


def _call(*words: object) -> str:
    return subprocess.run(
        [program(), *map(str, words)], capture_output=True, text=True, check=True, timeout=300
    ).stdout


def _time_s(file: pathlib.Path) -> int:
    return round(json.loads(_call("info", "--json", file))["time_d"] * 86400)


def _kill_run(scenario: pathlib.Path, output: pathlib.Path) -> None:
    words = [
        "run",
        scenario,
        "-o",
        output,
        "--json",
        "--checkpoint-every",
        "0.02 s",
        "--set",
        "time.duration=900 d",
    ]
    with subprocess.Popen([program(), *map(str, words)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        left = 3
        for line in process.stdout:
            left -= json.loads(line)["event"] == "checkpoint"
            if left == 0:
                process.kill()
                break
    if left:
        raise RuntimeError("the run that was to be killed ended before its third checkpoint")


class Damage:
    """Seeded changes of a file's bytes: anywhere, or in what HDF5 keeps books in."""

    def __init__(self, originals: list[Original], seed: int):
        self.random = random.Random(seed)
        self.bytes = {original.name: (original.folder / original.file).read_bytes() for original in originals}
        self.books = {
            name: [found.start() for found in SIGNATURES.finditer(content)]
            for name, content in self.bytes.items()
        }

    def change(self, name: str) -> tuple[str, bytes]:
        """Give what was done, in words, and the changed bytes."""
        content = bytearray(self.bytes[name])
        how = self.random.choice(("flip", "set", "zero page", "truncate", "swap pages", "foreign page"))
        at = self._place(name, len(content))
        page = at // PAGE * PAGE
        if how == "flip":
            content[at] ^= 1 << self.random.randrange(8)
        elif how == "set":
            count = self.random.choice((1, 2, 4, 8, 16))
            value = self.random.choice((b"\0" * count, b"\xff" * count, self.random.randbytes(count)))
            content[at : at + count] = value[: len(content) - at]
        elif how == "zero page":
            content[page : page + PAGE] = bytes(len(content[page : page + PAGE]))
        elif how == "truncate":
            del content[at:]
        elif how == "swap pages":
            other = self._place(name, len(content)) // PAGE * PAGE
            one, two = content[page : page + PAGE], content[other : other + PAGE]
            if len(one) == len(two):
                content[page : page + PAGE], content[other : other + PAGE] = two, one
        else:
            source = self.random.choice([other for other in self.bytes if other != name])
            first = self._place(source, len(self.bytes[source])) // PAGE * PAGE
            strange = self.bytes[source][first : first + PAGE][: len(content) - page]
            content[page : page + len(strange)] = strange
        return f"{how} at {at}", bytes(content)

    def _place(self, name: str, size: int) -> int:
        if self.books[name] and self.random.random() < 0.5:
            return min(size - 1, self.random.choice(self.books[name]) + self.random.randrange(200))
        return self.random.randrange(size)


class OpenedInPython:
    """A Python process that opens one file after another with ``paracrine.open``; a new one after a crash."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[str] | None = None

    def ask(self, file: pathlib.Path) -> Answer:
        """Let it read a file whole."""
        if self.process is None:
            self.process = subprocess.Popen(
                [sys.executable, os.path.abspath(__file__), "--open"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env={**os.environ, "PARACRINE": program()},
            )
        process = self.process
        assert process.stdin is not None and process.stdout is not None
        print(file, file=process.stdin, flush=True)
        late = threading.Timer(WALL_S, process.kill)
        late.start()
        line = process.stdout.readline()
        late.cancel()
        if line:
            return Answer(**json.loads(line))
        self.process = None
        status = process.wait()
        return Answer("hang" if status == -signal.SIGKILL else "crash", f"status {status}")

    def close(self) -> None:
        """End it."""
        if self.process is not None:
            self.process.communicate()


def open_files() -> None:
    """Read the files that are named on standard input, and answer each by a line."""
    import paracrine as pc

    for line in sys.stdin:
        before = sum(os.times()[:4])
        try:
            verdict, value = "read", _hash_of(pc.open(line.removesuffix("\n")))
        except pc.FileError as problem:
            verdict, value = "refused", str(problem)
        except BaseException as problem:
            verdict, value = "crash", repr(problem)
        spent = sum(os.times()[:4]) - before
        print(
            json.dumps(
                {"verdict": "hang" if spent > PROCESSOR_S else verdict, "value": value, "processor_s": spent}
            ),
            flush=True,
        )


def _hash_of(run: Any) -> str:
    seen = hashlib.sha256()
    for dataset in (run.series, run.agents, run.audit):
        seen.update(repr(dataset.to_dict()).encode())
    seen.update(repr((run.events.to_dict(), run.parameters.to_dict(), run.provenance)).encode())
    return seen.hexdigest()


class Readers:
    """Gives files to readers, and says what became of them."""

    def __init__(self, place: pathlib.Path):
        self.place = place / "work"
        self.python = OpenedInPython()

    def ask(self, original: Original, reader: str, content: bytes | None) -> Answer:
        """Give a copy of the original, with these bytes in place of its file's, to a reader."""
        shutil.rmtree(self.place, ignore_errors=True)
        if reader == "resume":
            shutil.copytree(original.folder, self.place)
        else:
            (self.place / original.file).parent.mkdir(parents=True)
        file = self.place / original.file
        file.write_bytes((original.folder / original.file).read_bytes() if content is None else content)
        if reader == "open":
            return self.python.ask(file)
        if reader in ("info", "digest"):
            return self._run("info", file, *(["--digest"] if reader == "digest" else []))
        if reader == "pack":
            out = self.place / "packed.h5"
            answer = self._run("pack", file, "-o", out)
        else:
            out = self.place / "r.h5.part"
            until = f"{original.until_s} s"
            answer = self._run(
                "resume", self.place / original.resumed, "-q", "--threads", 1, "--until", until
            )
            out = self.place / "r.h5" if (self.place / "r.h5").exists() else out
        return answer if answer.verdict != "read" else self._run("info", out, "--digest")

    def _run(self, *words: object) -> Answer:
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
            process = subprocess.Popen(
                [program(), *map(str, words)], stdin=subprocess.DEVNULL, stdout=out, stderr=errors
            )
            late = threading.Timer(WALL_S, process.kill)
            late.start()
            _, status, used = os.wait4(process.pid, 0)
            late.cancel()
            process.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0)
            errors.seek(0)
            said, complaint = out.read().decode(errors="replace"), errors.read().decode(errors="replace")
        spent = used.ru_utime + used.ru_stime
        if spent > PROCESSOR_S or process.returncode == -signal.SIGKILL:
            return Answer("hang", complaint, spent)
        if process.returncode not in (0, 2) or "internal error" in complaint or "Traceback" in complaint:
            return Answer("crash", f"status {process.returncode}: {complaint}", spent)
        return Answer("refused", complaint, spent) if process.returncode else Answer("read", said, spent)


def examine(
    originals: list[Original], mutations: int, seed: int, place: pathlib.Path
) -> Iterator[tuple[str, str, Answer]]:
    """Change files and have them read; yields the file, the reader and what came of it."""
    readers = Readers(place)
    damage = Damage(originals, seed)
    right: dict[tuple[str, str], Answer] = {}
    try:
        for number in range(mutations):
            original = damage.random.choice(originals)
            reader = damage.random.choice(original.readers)
            key = (original.name, reader)
            if key not in right:
                right[key] = readers.ask(original, reader, None)
                if right[key].verdict != "read":
                    raise RuntimeError(
                        f"{reader} does not read the unchanged file ({original.name}): {right[key]}"
                    )
            how, content = damage.change(original.name)
            answer = readers.ask(original, reader, content)
            if answer.verdict == "read" and answer.value != right[key].value:
                answer = dataclasses.replace(answer, verdict="difference")
            if answer.verdict not in ("read", "refused"):
                print(
                    f"mutation {number}: {original.name}, {how}, {reader}: {answer.verdict}: {answer.value.strip()[-500:]}"
                )
            yield original.name, reader, answer
    finally:
        readers.python.close()


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--mutations", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--open", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.open:
        open_files()
        return 0
    table: dict[tuple[str, str], collections.Counter[str]] = collections.defaultdict(collections.Counter)
    longest = 0.0
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(KeyboardInterrupt):
        place = pathlib.Path(folder)
        for name, reader, answer in examine(make_originals(place), options.mutations, options.seed, place):
            table[name, reader][answer.verdict] += 1
            longest = max(longest, answer.processor_s)
    print(f"{'file':<24}{'reader':<8}" + "".join(f"{count:>12}" for count in COUNTS))
    for (name, reader), counted in sorted(table.items()):
        print(f"{name:<24}{reader:<8}" + "".join(f"{counted[count]:>12}" for count in COUNTS))
    total = sum(table.values(), collections.Counter())
    print(f"{'all':<32}" + "".join(f"{total[count]:>12}" for count in COUNTS))
    print(f"longest: {longest:.2f} s of processor time")
    return 1 if any(total[count] for count in COUNTS[2:]) else 0


if __name__ == "__main__":
    sys.exit(main())
