#!/usr/bin/env python3
"""Writes bindings/cli/python_commands.inc, the options of the commands that are written in Python, from their own parsers.

The program needs them for completion and help, without starting Python. Usage: tools/python_commands.py > bindings/cli/python_commands.inc, with a Python
that has the package.
"""

import argparse
import importlib
import json
import sys


def text(value: str) -> str:
    """A C++ text."""
    return json.dumps(" ".join(value.split()), ensure_ascii=False)


def texts(values) -> str:
    """A C++ list of texts."""
    return "{" + ", ".join(text(str(value)) for value in values) + "}"


def option(action: argparse.Action) -> str:
    """One row: names, choices, meaning, whether a value follows."""
    names = sorted(action.option_strings, key=lambda name: not name.startswith("--"))
    meaning = (action.help or "").replace("%%", "%")
    takes_value = "false" if action.nargs == 0 else "true"
    return f"          {{{texts(names)}, {texts(action.choices or [])}, {text(meaning)}, {takes_value}}},"


def command(name: str, module: str) -> str:
    """One command with its options."""
    parser = importlib.import_module(f"paracrine.{module}").parser()
    rows = [option(action) for action in parser._actions if action.option_strings]
    return "\n".join([f"    {{{text(name)}, {text(parser.description)},", "      {", *rows, "      }, {}},"])


def main() -> int:
    from paracrine.command import MODULES

    print("// Made by tools/python_commands.py from the parsers of the Python commands; do not edit.")
    for name, module in MODULES.items():
        print(command(name, module))
    return 0


if __name__ == "__main__":
    sys.exit(main())
