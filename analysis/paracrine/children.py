"""The simulations that this process started, and signals to them."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from types import FrameType
from typing import IO

EVERY = "*"
REPEAT_S = (
    1.0  # a signal that follows within this time is the same request, sent to a whole group or by two senders
)
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_running: dict[subprocess.Popen[bytes], str] = {}
_stopped: set[str] = set()
_guard = threading.RLock()  # a handler may come while the same thread holds it
_asked: list[tuple[int, float]] = []  # the first signal that asked to stop: its number and when
_raises: list[bool] = []


class Stopped(KeyboardInterrupt):
    """A signal asked this command to stop.

    Attributes
    ----------
    number : int
        Of the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(f"stopped by {signal.Signals(number).name}")
        self.number = number

    def __reduce__(self) -> tuple[type[Stopped], tuple[int]]:
        return type(self), (self.number,)


def call(command: Sequence[str], log: IO[bytes], sweep: str) -> int:
    """Start a program and wait for it.

    Parameters
    ----------
    command : sequence of str
        The program and its arguments.
    log : file
        Where its output goes; the program inherits the lock on it.
    sweep : str
        Whose run it is.

    Returns
    -------
    int
        Its status; negative: ended by that signal, or never started because its sweep was stopped.
    """
    with _guard:  # no run begins after the sweep was stopped
        if is_stopped(sweep):
            return -signal.SIGTERM
        before = signal.pthread_sigmask(
            signal.SIG_BLOCK, {signal.SIGUSR1}
        )  # which the run lets through when it can answer
        try:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        _running[process] = sweep
    try:
        return process.wait()
    except BaseException:  # of a thread that is itself interrupted: the run must not outlive it
        _send(process, _stop_signal())
        process.wait()
        raise
    finally:
        with _guard:
            del _running[process]


def is_stopped(sweep: str) -> bool:
    """Whether no run of this sweep may begin any more."""
    return sweep in _stopped or EVERY in _stopped


def stop(sweep: str = EVERY) -> None:
    """Ask the runs of one sweep, or all runs of this process, to checkpoint and stop, and let none of them begin."""
    with _guard:
        _stopped.add(sweep)
        for process, own in _running.items():
            if sweep in (EVERY, own):
                _send(process, _stop_signal())


def listen(*, raises: bool = True) -> None:
    """Answer signals as a command that has runs does.

    The first SIGINT, SIGTERM or SIGHUP stops all runs after a checkpoint and raises `Stopped`; one that comes a second later or more ends everything at
    once. SIGUSR1 asks all runs for a checkpoint. Signals that the parent ignores stay ignored. For the main thread only.

    Parameters
    ----------
    raises : bool
        Without it the main thread, which waits for its run, is not interrupted.
    """
    _raises[:] = [raises]
    for number in STOP_SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _on_stop)
    signal.signal(signal.SIGUSR1, _on_checkpoint)


def _stop_signal() -> signal.Signals:
    """What asks a run to stop: a hangup counts as the same request where the run was told by others too, as Slurm tells every process of a job."""
    return signal.SIGTERM if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN else signal.SIGHUP


def _on_stop(number: int, frame: FrameType | None) -> None:
    now = time.monotonic()
    if not _asked:
        _asked.append((number, now))
        stop()
        if all(_raises):
            raise Stopped(number)
    elif now - _asked[0][1] >= REPEAT_S:
        stop()
        sys.stderr.flush()
        os._exit(128 + number)


def _on_checkpoint(number: int, frame: FrameType | None) -> None:
    with _guard:
        for process in _running:
            _send(process, signal.SIGUSR1)


def _send(process: subprocess.Popen[bytes], number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(number)
