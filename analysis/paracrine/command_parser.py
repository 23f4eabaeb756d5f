"""The parser of the commands that are written in Python: help as wide as the terminal, and one refusal of ``-o -``."""

from __future__ import annotations

import argparse
import re
import sys
import textwrap
from collections.abc import Sequence
from typing import Any

INDENT = 6  # of an explanation that has no room beside what it explains
LEAST_COLUMN = 24  # characters that a second column needs


def wrap(text: str, width: int) -> str:
    """Fill paragraphs; an indented line keeps its indent, and its second column if it has one.

    Examples
    --------
    >>> print(wrap("One study,\\nseveral arms:\\n  seeds = 8      the same seeds in all arms", 35))
    One study, several arms:
      seeds = 8
          the same seeds in all arms
    """
    lines: list[str] = []
    for line in text.splitlines():
        joins = lines and lines[-1] and not lines[-1].startswith(" ") and line and not line.startswith(" ")
        lines[-1:] = [f"{lines[-1]} {line}"] if joins else [*lines[-1:], line]
    return "\n".join(part for line in lines for part in _wrap_line(line, width))


def _wrap_line(line: str, width: int) -> list[str]:
    if len(line) <= width:
        return [line]
    columns = re.match(r"(\s+\S.*?\s{2,})(\S.*)$", line)
    indent = re.match(r"\s*", line)[0]  # type: ignore[index]
    if columns and width - len(columns[1]) >= LEAST_COLUMN:
        rest = textwrap.wrap(columns[2], width - len(columns[1]), break_on_hyphens=False)
        return [columns[1] + rest[0], *(" " * len(columns[1]) + one for one in rest[1:])]
    if columns:
        explained = textwrap.wrap(columns[2], width - INDENT, break_on_hyphens=False)
        return [columns[1].rstrip(), *(" " * INDENT + one for one in explained)]
    return textwrap.wrap(
        line.strip(), width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
    )


class HelpFormatter(argparse.HelpFormatter):
    """Wraps paragraphs, and keeps lines as they are written where they fit."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return wrap(text, width)


class CommandParser(argparse.ArgumentParser):
    """Parser of ``paracrine NAME``.

    Parameters
    ----------
    name : str
        Of the command.
    description, epilog : str
        Above and below the options in the help.
    """

    def __init__(self, name: str, description: str, epilog: str) -> None:
        super().__init__(
            prog=f"paracrine {name}", description=description, epilog=epilog, formatter_class=HelpFormatter
        )

    def parse_args(self, args: Sequence[str] | None = None, namespace: Any = None) -> Any:  # type: ignore[override]
        """Parse a command line; a file called "-" is refused, because nothing is written to standard output."""
        options = super().parse_args(args, namespace)
        given = getattr(options, "output", None)
        if "-" in (given if isinstance(given, list) else [given]):
            print(
                f"{self.prog}: -o -: the output is a file and cannot be written to standard output\n"
                "   = Give a name; a file that is called - is ./-",
                file=sys.stderr,
            )
            self.exit(2)
        return options
