"""Every fenced block of every page is run or checked; its info string says how."""

import dataclasses
import functools
import json
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tomllib

import pytest
from command_line import ROOT, paracrine

BASES = ("cirrhosis/mouse_ccl4_iv_msc", "cirrhosis/mouse_ccl4_untreated", "delivery/mouse_iv_msc_delivery")
FENCE = re.compile(r"^(\s*)(`{3,}|~{3,})(.*)$")
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
# Blocks of these pages are run by test_python_page.py.
RUN_ELSEWHERE = ("README.md", "docs/python.md")
PYTHON_COMMAND = f"{sys.prefix}/bin/paracrine"


@dataclasses.dataclass(frozen=True)
class Block:
    """A fenced block, or the first line of an indented one (info "indented")."""

    page: str
    line: int
    info: str
    text: str

    def __str__(self):
        return f"{self.page}:{self.line}"


def blocks_of(page, text):
    """The blocks of a page."""
    found, fence, begin, info, lines = [], "", 0, "", []
    before_is_blank, in_list = True, False
    for number, line in enumerate(text.splitlines(), 1):
        mark = FENCE.match(line)
        if fence:
            if mark and mark[2].startswith(fence) and not mark[3].strip():
                found.append(Block(page, begin, info, "".join(f"{one}\n" for one in lines)))
                fence = ""
            else:
                lines.append(line)
            continue
        if mark:
            fence, begin, info, lines = mark[2], number, mark[3].strip(), []
            continue
        in_list = bool(re.match(r"\s*([-*+]|\d+\.)\s", line)) or (in_list and not re.match(r"\S", line))
        if line.startswith("    ") and before_is_blank and not in_list:
            found.append(Block(page, number, "indented", line.strip() + "\n"))
        before_is_blank = not line.strip()
    if fence:
        found.append(Block(page, begin, "not closed", "".join(f"{one}\n" for one in lines)))
    return found


def in_the_repository(folder):
    (folder / "scenarios").symlink_to(ROOT / "scenarios")
    shutil.copy(ROOT / "analysis/paracrine/data/calibration_3.json", folder / "calibration.json")


def validated(file):
    answer = paracrine("validate", file.name, cwd=file.parent)
    return "" if answer.returncode == 0 else answer.stderr


def check_scenario(block, folder):
    (folder / "block.toml").write_text(block.text)
    return validated(folder / "block.toml")


def check_fragment(block, folder):
    """Over one of the scenarios it is a scenario."""
    answers = []
    for base in BASES:
        (folder / "block.toml").write_text(f'include = ["scenarios/{base}.toml"]\n{block.text}')
        answers.append(validated(folder / "block.toml"))
    return min(answers, key=len)


def by_the_package(code, *arguments):
    """What the package says of a file; empty when it takes it."""
    prefix = f"import sys\nimport paracrine as pc\ntry:\n    {code}\nexcept pc.InputError as problem:\n    print(problem)\n"
    done = subprocess.run(
        [sys.executable, "-P", "-W", "ignore", "-c", prefix, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.stdout + ("" if done.returncode == 0 else done.stderr)


def check_experiment(block, folder):
    (folder / "block.toml").write_text(block.text)
    return by_the_package(
        "from paracrine.experiments import read_experiment; read_experiment(sys.argv[1])",
        folder / "block.toml",
    )


def check_parameter_sets(block, folder):
    """Each set is one of parameters that a scenario takes."""
    (folder / "block.toml").write_text(block.text)
    for name, values in tomllib.loads(block.text).items():
        sets = [word for key, value in values.items() for word in ("--set", f'parameters.{key}="{value}"')]
        answer = paracrine("validate", ROOT / f"scenarios/{BASES[0]}.toml", *sets)
        if answer.returncode:
            return f"{name}: {answer.stderr}"
    return by_the_package(
        "from paracrine.evidence import read_ensemble; read_ensemble(sys.argv[1])", folder / "block.toml"
    )


def check_study(block, folder):
    """A dry run of the study; `small.toml` stands for the reader's scenario."""
    shutil.copy(ROOT / "scenarios/delivery/mouse_iv_msc_delivery.toml", folder / "small.toml")
    (folder / "block.toml").write_text(block.text)
    done = subprocess.run(
        [PYTHON_COMMAND, "sweep", "block.toml", "--dry-run"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return "" if done.returncode == 0 else done.stderr


def check_comparison(block, folder):
    """The arms and measures are read; `mouse.toml` stands for the reader's scenario."""
    shutil.copy(ROOT / "scenarios/delivery/mouse_iv_msc_delivery.toml", folder / "mouse.toml")
    (folder / "block.toml").write_text(block.text)
    return by_the_package(
        "from paracrine.compare_command import KEYS, _arms; from paracrine.study_file import read_study_file; "
        "_arms(read_study_file(sys.argv[1], extra='arms', more=KEYS))",
        folder / "block.toml",
    )


def check_json(block, folder):
    try:
        json.loads(block.text)
    except ValueError as problem:
        return str(problem)
    return ""


def check_python(block, folder):
    """The blocks of a page run as one program, below; here they are Python."""
    try:
        compile(block.text, str(block), "exec")
    except SyntaxError as problem:
        return str(problem)
    return ""


@functools.cache
def help_of(command):
    """The help of a command of either kind; None where there is no such command."""
    done = subprocess.run([PYTHON_COMMAND, command, "--help"], capture_output=True, text=True, timeout=120)
    return done.stdout if done.returncode == 0 else None


def wrong_options(words):
    """What the help of a command does not know of the words behind "paracrine"."""
    if words[0] in ("--help", "--version"):
        return ""
    text = help_of(words[0])
    if text is None:
        return f'there is no command "{words[0]}"\n'
    known = set(re.findall(r"(?<![\w-])-{1,2}[a-zA-Z][\w-]*", text))
    options = [word.split("=")[0] for word in words[1:] if re.match(r"--?[a-zA-Z]", word)]
    return "".join(f"{words[0]} has no option {one}\n" for one in options if one not in known)


def wrong_command(words, folder):
    """What is wrong with a command line of the program: the option, the scenario, or one of its overrides."""
    found = wrong_options(words)
    scenario = next((word for word in words[1:] if word.startswith("scenarios/")), "")
    if found or not scenario or words[0] not in ("run", "preview", "validate"):
        return found
    sets = [part for i, word in enumerate(words) if word == "--set" for part in words[i : i + 2]]
    answer = paracrine("validate", scenario, *sets, cwd=folder)
    return "" if answer.returncode == 0 else answer.stderr


def command_lines(text):
    """The commands of a shell block: comments cut off, continued lines joined, parts of && apart."""
    for line in text.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        while words:
            end = words.index("&&") if "&&" in words else len(words)
            yield words[:end]
            words = words[end + 1 :]


def check_bash(block, folder):
    done = subprocess.run(["bash", "-n"], input=block.text, capture_output=True, text=True)
    wrong = done.stderr
    for words in command_lines(block.text):
        while "=" in words[0]:
            words = words[1:]
        name = words[0]
        if name.rpartition("/")[2] == "paracrine":
            wrong += wrong_command(words[1:], folder)
        elif "/" in name and not name.startswith((".venv/", "build/")) and not (ROOT / name).exists():
            wrong += f"there is no file {name}\n"
        elif "/" not in name and shutil.which(name) is None:
            wrong += f"there is no program {name}\n"
    return wrong


def check_indented(block, folder):
    """Equations and lists may be indented; what a reader would type or copy into a file needs a fence."""
    if re.match(r"\s*(\$ |--|\[|import |(\S*/)?paracrine )", block.text):
        return "commands, TOML and Python stand in a fenced block with an info string"
    return ""


# How the blocks of an info string are checked.
CHECKS = {
    "bash": check_bash,
    "indented": check_indented,
    "json": check_json,
    "python": check_python,
    "python not-run": check_python,
    "text": lambda block, folder: "",
    "toml": check_scenario,
    "toml comparison": check_comparison,
    "toml experiment": check_experiment,
    "toml fragment": check_fragment,
    "toml parameter-sets": check_parameter_sets,
    "toml study": check_study,
}


def faults(page, text, folder):
    """What is wrong with the blocks of a page."""
    found = []
    for number, block in enumerate(blocks_of(page, text)):
        own = folder / str(number)
        own.mkdir()
        in_the_repository(own)
        check = CHECKS.get(block.info)
        wrong = (
            f'the info string "{block.info}" is none of: {", ".join(CHECKS)}'
            if check is None
            else check(block, own)
        )
        if wrong:
            found.append(f"{block}: {wrong.rstrip()}")
    return found


def with_checks(page):
    return any(block.info != "text" for block in blocks_of(page.name, page.read_text()))


@pytest.mark.parametrize("page", filter(with_checks, PAGES), ids=lambda page: str(page.relative_to(ROOT)))
def test_the_blocks_of_a_page_are_sound(tmp_path, page):
    assert faults(str(page.relative_to(ROOT)), page.read_text(), tmp_path) == []


def run_python(text, folder):
    in_the_repository(folder)
    blocks = [block.text for block in blocks_of("page", text) if block.info == "python"]
    (folder / "page.py").write_text("import matplotlib\nmatplotlib.use('Agg')\n" + "\n".join(blocks))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "page.py"], cwd=folder, capture_output=True, text=True, timeout=600
    )
    return "" if done.returncode == 0 else done.stderr


def has_python(page):
    return any(block.info == "python" for block in blocks_of(page.name, page.read_text()))


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if has_python(page) and str(page.relative_to(ROOT)) not in RUN_ELSEWHERE],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_the_python_blocks_of_a_page_run(tmp_path, page):
    assert run_python(page.read_text(), tmp_path) == ""


BAD_BLOCKS = {
    "no info string": ("```\nls\n```\n", 'the info string "" is none of: bash, indented, json'),
    "not closed": ("```text\nls\n", 'the info string "not closed" is none of'),
    "indented": ("words\n\n    paracrine run\n", "stand in a fenced block"),
    "scenario": ('```toml\nmodel = "delivery"\nspecies = "rat"\n```\n', "block.toml:2:11: species: "),
    "fragment": (
        '```toml fragment\n[parameters]\n"chemotaxis.speed" = "4 um/min"\n```\n',
        'chemotaxis has no parameter "speed"',
    ),
    "experiment": ("```toml experiment\nseed = 3\n```\n", '"seed" may not be set in an experiment'),
    "parameter sets": (
        '```toml parameter-sets\n[a]\n"chemotaxis.speed" = "1 um/min"\n```\n',
        "has no parameter",
    ),
    "comparison": (
        '```toml comparison\nscenario = "mouse.toml"\n[arms.one]\n```\n',
        "expected a control and one arm",
    ),
    "study": ("```toml study\nscenaro = 3\n```\n", "scenaro"),
    "json": ("```json\n{\n```\n", "Expecting property name"),
    "python": ("```python\nx = = 1\n```\n", "invalid syntax"),
    "no command": ("```bash\nls && paracrine movie run.h5\n```\n", 'there is no command "movie"'),
    "no option": ("```bash\nparacrine run x.toml --sed 3\n```\n", "run has no option --sed"),
    "no option of a Python command": (
        "```bash\nparacrine plot x.h5 --pannels\n```\n",
        "plot has no option --pannels",
    ),
    "no scenario": (
        "```bash\nparacrine run scenarios/none.toml\n```\n",
        'there is no file "scenarios/none.toml"',
    ),
    "override": (
        "```bash\nparacrine run \\\n  scenarios/delivery/mouse_ev_1e9.toml --set time.duration=2\n```\n",
        "--set time.duration=2: time.duration: expected time",
    ),
    "no program": ("```bash\nparacrin run\n```\n", "there is no program paracrin"),
    "no script": ("```bash\n./walk.sh\n```\n", "there is no file ./walk.sh"),
    "shell": ("```bash\nls (\n```\n", "syntax error"),
}


@pytest.mark.parametrize("kind", BAD_BLOCKS)
def test_a_planted_bad_block_is_found(tmp_path, kind):
    text, message = BAD_BLOCKS[kind]
    (fault,) = faults("page.md", "# Page\n\n" + text, tmp_path)
    assert fault.startswith("page.md:") and message in fault


def test_a_planted_python_block_that_does_not_run_is_found(tmp_path):
    assert "NameError" in run_python("```python\nnothing\n```\n", tmp_path)


def test_the_messages_of_the_scenario_page_are_those_of_the_program(tmp_path):
    in_the_repository(tmp_path)
    first, second = (
        block.text
        for block in blocks_of("page", (ROOT / "docs/scenario_format.md").read_text())
        if block.info == "text"
    )
    quoted = dict(re.findall(r"^ *(\d+) \| (.*)$", first, re.M))
    lines = [
        'model = "delivery"',
        'include = ["scenarios/delivery/mouse_iv_msc_delivery.toml"]',
        *[""] * 2,
        "[parameters]",
        quoted["6"],
        quoted["7"],
    ]
    pathlib.Path(tmp_path / "bad.toml").write_text("\n".join(lines))
    assert paracrine("validate", "bad.toml", cwd=tmp_path).stderr == "paracrine: " + first
    scenario = tmp_path / "scenarios/delivery/mouse_iv_msc_delivery.toml"
    assert paracrine("validate", scenario, "--set", "therapy.0.cells=-5").stderr == "paracrine: " + second
