#!/usr/bin/env python3
"""Makes the section on observables of docs/output_format.md from a run that recorded lobules, fields and agents:
tools/observables.py RUN.h5 --into docs/output_format.md"""

import argparse
import pathlib
import re

import h5py

HEADING = "## Observables of the model "


def text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


def names_in_order(group):
    names = []
    group.id.links.iterate(lambda name: names.append(name.decode()), idx_type=h5py.h5.INDEX_CRT_ORDER)
    return [name for name in names if isinstance(group[name], h5py.Dataset)]


def codes(words):
    """Words in the order of their codes, as "0 word, 1 word"."""
    return ", ".join(f"{i} {word}" for i, word in enumerate(words.split()))


def rows(group, path, wanted):
    """Rows of a table for the datasets of a group for which `wanted(name, dataset)` holds."""
    lines = []
    for name in names_in_order(group):
        data = group[name]
        if not wanted(name, data):
            continue
        comment, words = text(data.attrs.get("comment", "")), text(data.attrs.get("flag_meanings", ""))
        by_kind = [
            f"{kind.removeprefix('flag_meanings_')}: {codes(text(of))}"
            for kind, of in sorted(data.attrs.items())
            if kind.startswith("flag_meanings_")
        ]
        meaning = "; ".join(
            part
            for part in (text(data.attrs["long_name"]), comment, words and codes(words), *by_kind)
            if part
        )
        lines.append(f"| `{path}{name}` | {text(data.attrs['units'])} | {meaning} |")
    return lines


def section(path):
    """The section as text."""
    with h5py.File(path) as file:
        head = ["| name | unit | meaning |", "|---|---|---|"]
        model = text(file.attrs["model"])
        root = rows(file, "/", lambda name, data: name != "time")
        lobules = rows(file["lobules"], "/lobules/", lambda name, data: name not in ("time", "patch"))
        fields = rows(file["fields/liver"], "/fields/liver/", lambda name, data: data.ndim == 5)
        agents = rows(
            file["agents/liver"],
            "/agents/liver/",
            lambda name, data: name not in ("agents_time", "row_size", "id", "patch", "kind", "obs"),
        )
    lines = [
        f"{HEADING}`{model}`",
        "Made from a file by `tools/observables.py`; all since 1.0.",
        "",
        *head,
        *root,
        *lobules,
        *fields,
        *agents,
        "",
        "",
    ]
    return "\n".join(lines)


def replace(page, made):
    """The page with the section of this model made anew, or behind those of the others."""
    heading = made.splitlines()[0]
    if heading in page:
        return re.sub(
            rf"{re.escape(heading)}.*?(?=\n## |\Z)", lambda _: made.rstrip("\n") + "\n", page, flags=re.DOTALL
        )
    return re.sub(
        rf"({HEADING}.*?)(?=\n## (?!Observables)|\Z)",
        lambda found: found[1].rstrip("\n") + "\n\n" + made.rstrip("\n") + "\n",
        page,
        count=1,
        flags=re.DOTALL,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", help="RUN.h5 with /lobules, /fields and /agents")
    parser.add_argument(
        "--into",
        type=pathlib.Path,
        metavar="PAGE",
        help="put the section in the place of the one in this page",
    )
    options = parser.parse_args()
    if options.into:
        options.into.write_text(replace(options.into.read_text(), section(options.run)))
    else:
        print(section(options.run), end="")
