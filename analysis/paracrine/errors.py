"""What can go wrong, as types. Texts are those of the command line."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any


class ParacrineError(Exception):
    """Any error that this package raises by itself."""


@dataclasses.dataclass(frozen=True)
class Problem:
    """One thing that is wrong with an input.

    Parameters
    ----------
    message : str
        What is wrong.
    file : str
        Where; empty when it is in no file.
    line, column : int
        From 1; 0 where unknown.
    hints : tuple of str
        What would help.
    """

    message: str
    file: str = ""
    line: int = 0
    column: int = 0
    hints: tuple[str, ...] = ()


class InputError(ParacrineError, ValueError):
    """The input is wrong: a scenario, an option, a name. Nothing was run or written.

    Attributes
    ----------
    problems : list of Problem
        Everything that was found.
    """

    def __init__(self, text: str, problems: Sequence[dict[str, Any]] = ()) -> None:
        super().__init__(text)
        self.problems = [
            Problem(**{**problem, "hints": tuple(problem["hints"])}) for problem in problems
        ] or [Problem(text)]

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self), [dataclasses.asdict(problem) for problem in self.problems])


class RunError(ParacrineError, RuntimeError):
    """A run failed on its way: a numerical failure, a full disk. Its rows so far and its last checkpoint stay."""


class EngineError(ParacrineError, RuntimeError):
    """What carries out the runs of a sweep failed: a worker died, an executor is none."""


class FileError(ParacrineError, ValueError):
    """A file cannot be read, is not a run, or has no such variable; the text says which, and what to do."""


class RunInterrupted(KeyboardInterrupt):
    """Ctrl-C stopped a run after a clean checkpoint.

    Attributes
    ----------
    path : str
        RUN.h5.part with the rows so far; `paracrine.resume` goes on with it.
    """

    def __init__(self, text: str, path: str) -> None:
        super().__init__(text)
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self), self.path)


class ScenarioWarning(UserWarning):
    """Something doubtful about a scenario or a run: a value outside its published range, say."""
