"""docs/python.md: its examples run, in order; its study file is a study."""

import re
import subprocess
import sys
import tomllib

from api import ROOT, small
from paracrine.command import MODULES

PAGE = (ROOT / "docs/python.md").read_text()


def blocks(kind):
    return re.findall(rf"^```{kind}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_the_examples_run(tmp_path):
    (tmp_path / "scenarios").symlink_to(ROOT / "scenarios")
    (tmp_path / "page.py").write_text(
        "import matplotlib\nmatplotlib.use('Agg')\n" + "\n".join(blocks("python"))
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "page.py"], cwd=tmp_path, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
    assert {"courses.png", "response.png", "map.png", "arms.png", "tornado.png"} <= {
        file.name for file in tmp_path.glob("*.png")
    }


def test_the_example_of_the_readme_runs(tmp_path):
    (tmp_path / "scenarios").symlink_to(ROOT / "scenarios")
    (block,) = re.findall(
        r"^```python\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL
    )
    loaded = 'delivery.toml")\n'
    assert block.count(loaded) == 1
    shorter = block.replace(loaded, 'delivery.toml", {"time.duration": "6 h", "liver.lobules": 2})\n')
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", "import matplotlib\nmatplotlib.use('Agg')\n" + shorter],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr


def test_the_study_is_a_study(tmp_path):
    (tmp_path / "small.toml").write_text(small().to_toml())
    (tmp_path / "doses.toml").write_text(blocks("toml study")[0])
    done = subprocess.run(
        [f"{sys.prefix}/bin/paracrine", "sweep", "doses.toml", "--dry-run"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "4 points x 3 replicates: 12 runs, 0 of them done" in done.stdout, done.stderr


def test_the_wheel_has_the_version_of_the_program():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert f"VERSION {project['version']} " in (ROOT / "CMakeLists.txt").read_text()
    commands = {f"paracrine-{name}" for name in MODULES}
    assert set(project["scripts"]) == commands
    installed = re.search(r"foreach\(name ([a-z ]+)\)", (ROOT / "analysis/CMakeLists.txt").read_text())[1]
    assert {f"paracrine-{name}" for name in installed.split()} == commands


def test_every_public_name_has_a_docstring():
    import paracrine as pc

    for name in pc.__all__:
        assert getattr(pc, name).__doc__, name
    assert set(re.findall(r"\bpc\.(\w+)", PAGE)) <= set(pc.__all__)
