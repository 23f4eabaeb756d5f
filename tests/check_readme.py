#!/usr/bin/env python3
"""Runs what README.md shows: every line of its ```bash blocks, in order, in one scratch folder that stands for the checkout; and validates its ```toml blocks.

Lines that begin with `git clone` or `cd`, and ./test.sh (which .ci/run has just run), are left out. Usage: check_readme.py [README.md]; status 1 when one fails.
"""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
LEFT_OUT = ("git clone", "cd ", "./test.sh")


def commands(text: str) -> list[str]:
    """The command lines of all bash blocks, comments cut off.

    >>> commands("words\\n```bash\\nls    # looks\\ncd a\\n```\\nmore\\n```toml\\nx = 1\\n```\\n")
    ['ls']
    """
    lines = [
        line
        for block in re.findall(r"^```bash\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
        for line in block.splitlines()
    ]
    lines = [re.sub(r"\s+#\s.*$", "", line).strip() for line in lines]
    return [line for line in lines if line and not line.startswith(("#", *LEFT_OUT))]


def scenarios(text: str) -> list[str]:
    """The toml blocks.

    >>> scenarios("```toml\\nx = 1\\n```\\n")
    ['x = 1\\n']
    """
    return re.findall(r"^```toml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def main(arguments: list[str]) -> int:
    readme = pathlib.Path(arguments[0]) if arguments else ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    lines = commands(text)
    if not lines:
        print(f"{readme}: shows no command")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        for name in ("run.sh", "scenarios", ".venv", "docs"):
            (pathlib.Path(folder) / name).symlink_to(ROOT / name)
        for number, scenario in enumerate(scenarios(text), 1):
            (pathlib.Path(folder) / f"readme_{number}.toml").write_text(scenario, encoding="utf-8")
            lines.append(f".venv/bin/paracrine validate readme_{number}.toml")
        for line in lines:
            print(f"$ {line}", flush=True)
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", line], cwd=folder, stdin=subprocess.DEVNULL
            )
            if done.returncode:
                print(f"{readme}: this command ended with status {done.returncode}: {line}")
                return 1
    print(f"readme: {len(lines)} commands ran")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
