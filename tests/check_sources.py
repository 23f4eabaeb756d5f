#!/usr/bin/env python3
"""Rules of the house that no compiler knows.

- The engine knows no biology: sim/ names no cell type, substance, organ or disease.
- OpenMP stands in sim/core/parallel.cpp alone, and no pragma changes floating-point rules.
- State lives in the World: no static variables that change.
- Random numbers and time come from the engine, never from the C or C++ libraries.
- Numbers are read and written in one way, whatever the locale: std::from_chars, std::to_chars, fmt.
- A process draws from its own stream of random numbers alone, and streams come from models/streams.hpp.
- Files stay short.

Usage: check_sources.py [ROOT]; status 1 when something is refused.
"""

from __future__ import annotations

import pathlib
import re
import sys

MOST_LINES = 440
BIOLOGY = re.compile(
    r"(?<![a-z])(msc|lung|liver|spleen|kidney|hepat\w*|kupffer|macrophage\w*|monocyte\w*|neutrophil\w*|stellate|fibro\w*|collagen|cytokine\w*|"
    r"capillar\w*|vesicle\w*|exosome\w*|apopto\w*|mouse|human|cirrho\w*|tgf|tnf|ccl2|il10|il6|hgf|pdgf)(?![a-z])",
    re.IGNORECASE,
)
COMMENT_OR_STRING = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"', re.DOTALL)
# A static variable that is not constant; a static function has a parenthesis before its end.
STATIC_STATE = re.compile(
    r"^\s*(static\s+(thread_local\s+)?|thread_local\s+(static\s+)?)(?!(inline\s+)?const(expr|eval|init)?\b)[^()]*[=;{]"
)
# CTest takes it for two names, runs a program with each, and no test at all: both pass.
SPLIT_NAME = re.compile(r'TEST_CASE\("[^"]*;')
# The stream that a line takes, and a stream made by hand.
STREAM_OF = re.compile(r'streams::of\("(\w+)"\)')
STREAM_BY_HAND = re.compile(r"\b(Process|Build)Stream\s*[({]\s*\w")
STREAM_TABLES = ("sim/core/random.hpp", "models/streams.hpp")
# Rule, pattern, where it holds, files that are exempt.
PATTERNS = (
    (
        "OpenMP stands in sim/core/parallel.cpp alone",
        re.compile(r"#\s*pragma\s+omp|_Pragma\(\s*\"omp|\bomp_\w+\("),
        ("sim/", "models/", "bindings/", "bench/"),
        ("sim/core/parallel.cpp",),
    ),
    (
        "no pragma may change floating-point rules",
        re.compile(
            r"#\s*pragma\s+(GCC\s+optimize|STDC\s+FP_CONTRACT|clang\s+fp)|__attribute__\s*\(\(\s*optimize|-ffast-math"
        ),
        ("sim/", "models/", "bindings/", "bench/"),
        (),
    ),
    (
        "random numbers come from sim/core/random.hpp",
        re.compile(r"#\s*include\s*<random>|\bs?rand\s*\(|std::mt19937|random_device"),
        ("sim/", "models/"),
        (),
    ),
    (
        "models and engine read no clock",
        re.compile(r"std::chrono|#\s*include\s*<(chrono|ctime|time\.h)>|\btime\s*\(\s*(nullptr|NULL|0)\s*\)"),
        (
            "sim/core/",
            "sim/agents/",
            "sim/fields/",
            "sim/compartments/",
            "sim/scenario/",
            "sim/engine/",
            "models/",
        ),
        (),
    ),
    ("state lives in the World, not in statics", STATIC_STATE, ("sim/", "models/"), ()),
    (
        "numbers are read and written by std::from_chars, std::to_chars or fmt, which know no locale",
        re.compile(
            r"\bsto(d|f|ld)\s*\(|\bstrto(d|f|ld)\s*\(|\batof\s*\(|\bv?[sf]?n?(printf|scanf)\s*\(|"
            r"\b[io]?stringstream\b|\bstd::setprecision\b"
        ),
        ("sim/", "models/", "bindings/"),
        (),
    ),
    (
        "libraries do not print",
        re.compile(r"std::(cout|cerr|clog)\b|\bf?printf\s*\(|\bputs\s*\(|fmt::print"),
        ("sim/", "models/"),
        (),
    ),
    (
        "libraries do not end the process",
        re.compile(r"(?<![\w.>])(std::)?(exit|_exit|abort|terminate|quick_exit)\s*\("),
        ("sim/", "models/"),
        (
            "sim/io/verify_child.cpp",
        ),  # a child of its own, which must not run the exit handlers of its parent
    ),
)


def without_comments(text: str, keep_strings: bool = True) -> str:
    """The text with comments (and strings, if so wished) blanked; lines stay where they are.

    >>> without_comments('int a;  // lung')
    'int a;  '
    >>> without_comments('say("// no comment");')
    'say("// no comment");'
    """

    def blank(match: re.Match[str]) -> str:
        found = match.group(0)
        if found.startswith(("//", "/*")):
            return "\n" * found.count("\n")
        return found if keep_strings else '""' + "\n" * found.count("\n")

    return COMMENT_OR_STRING.sub(blank, text)


def stream_faults(source: str, line: str) -> list[str]:
    """What is wrong with the streams of random numbers that a line of the models takes.

    >>> stream_faults("models/processes/a.cpp", 'step.random(streams::of("b"));')
    ['the stream of b belongs to models/processes/b.cpp alone']
    >>> stream_faults("models/processes/b.cpp", 'step.random(streams::of("b"));')
    []
    """
    faults = [
        f"the stream of {owner} belongs to models/processes/{owner}.cpp alone"
        for owner in STREAM_OF.findall(line)
        if source != f"models/processes/{owner}.cpp"
    ]
    if STREAM_BY_HAND.search(line) and source not in STREAM_TABLES:
        faults.append("streams come from models/streams.hpp")
    return faults


def check_text(source: str, text: str) -> list[str]:
    """Problems of one file, as "file:line: message"."""
    problems = []
    lines = text.count("\n")
    if lines > MOST_LINES:
        problems.append(f"{source}:1: {lines} lines; files end at about 400, so split it")
    if not source.endswith((".cpp", ".hpp")):
        return problems
    code = without_comments(text).splitlines()
    bare = without_comments(text, keep_strings=False).splitlines()
    for number, line in enumerate(code, 1):
        word = BIOLOGY.search(line.replace("_", " ")) if source.startswith("sim/") else None
        if word:
            problems.append(f'{source}:{number}: "{word.group(0)}": the engine knows no biology')
        if source.startswith("models/"):
            problems += [f"{source}:{number}: {fault}" for fault in stream_faults(source, line)]
        if SPLIT_NAME.search(line):
            problems.append(f"{source}:{number}: a test with a semicolon in its name is never run")
    for rule, pattern, where, exempt in PATTERNS:
        if not source.startswith(where) or source in exempt:
            continue
        problems += [
            f"{source}:{number}: {rule}" for number, line in enumerate(bare, 1) if pattern.search(line)
        ]
    return problems


def check_tree(root: pathlib.Path) -> list[str]:
    """Problems of all sources under `root`."""
    problems = []
    for top in ("sim", "models", "bindings", "bench", "analysis", "tests", "tools"):
        for path in sorted((root / top).rglob("*")):
            if path.suffix in (".cpp", ".hpp", ".py", ".sh") and path.is_file():
                problems += check_text(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8"))
    return problems


def main(arguments: list[str]) -> int:
    root = pathlib.Path(arguments[0]) if arguments else pathlib.Path(__file__).resolve().parent.parent
    problems = check_tree(root)
    print("\n".join(problems) if problems else "sources: nothing to refuse")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
