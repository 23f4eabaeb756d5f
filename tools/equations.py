#!/usr/bin/env python3
"""Makes docs/models/cirrhosis_equations.md, what every process does, from the headers: tools/equations.py > docs/models/cirrhosis_equations.md"""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[1]
HEAD = """# Equations of the model `cirrhosis`

Made by tools/equations.py from the headers in `models/processes/` and `models/compartments/`: what each process does, with its equation, what it reads and writes, and what is assumed. Parameters are in [parameters.md](../parameters.md).
"""
CLASS = re.compile(r"((?:^///.*\n)+)class (\w+) final : public sim::(?:Compartment)?Process", re.MULTILINE)


def equations(text):
    """Give (class, lines of its comment) for every process of a header.

    >>> equations("/// Does it.\\n///\\n///   x = 1\\nclass It final : public sim::Process {")
    [('It', ['Does it.', '', '  x = 1'])]
    """
    return [
        (name, [line[3:].removeprefix(" ") for line in comment.splitlines()])
        for comment, name in CLASS.findall(text)
    ]


def page():
    parts = [HEAD]
    for file in sorted(
        [*(ROOT / "models/processes").glob("*.hpp"), *(ROOT / "models/compartments").glob("*.hpp")]
    ):
        found = equations(file.read_text(encoding="utf-8"))
        if not found:
            continue
        where = f"../processes/{file.stem}.md"
        title = (
            f"[`{file.stem}`]({where})"
            if (ROOT / "docs/processes" / f"{file.stem}.md").exists()
            else f"`{file.stem}`"
        )
        parts.append(f"\n## {title}\n")
        for name, lines in found:
            parts.append(f"`{name}`\n\n```text\n" + "\n".join(lines) + "\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    print(page(), end="")
