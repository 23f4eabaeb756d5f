"""The checks of the sources refuse what they should, and this tree passes them."""

import doctest
import importlib.util
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def load(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "tests" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


includes, sources, readme = load("check_includes"), load("check_sources"), load("check_readme")


@pytest.mark.parametrize("check", ["check_includes", "check_sources"])
def test_this_tree_passes(check):
    done = subprocess.run([sys.executable, ROOT / "tests" / f"{check}.py"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("source", "target", "allowed"),
    [
        ("sim/core/units.cpp", "sim/core/units.hpp", True),
        ("sim/core/units.cpp", "sim/agents/population.hpp", False),
        ("sim/fields/field.cpp", "sim/agents/population.hpp", False),
        ("sim/engine/world.cpp", "sim/fields/field.hpp", True),
        ("sim/engine/world.cpp", "sim/io/recorder.hpp", False),
        ("sim/io/recorder.cpp", "sim/engine/snapshot.hpp", True),
        ("sim/engine/world.cpp", "models/catalogue.hpp", False),
        ("sim/newcomer/a.cpp", "sim/core/units.hpp", False),
        ("models/processes/infusion.cpp", "sim/engine/process.hpp", True),
        ("models/processes/infusion.cpp", "models/processes/infusion.hpp", True),
        ("models/processes/infusion.cpp", "models/processes/lung_arrest.hpp", False),
        ("models/processes/infusion.cpp", "models/agents/msc.hpp", True),
        ("models/processes/infusion.cpp", "models/diseases/delivery/delivery.hpp", False),
        ("models/processes/infusion.cpp", "sim/io/recorder.hpp", False),
        ("models/processes/infusion.cpp", "sim/core/parallel.hpp", False),
        ("models/diseases/delivery/delivery.cpp", "models/processes/infusion.hpp", True),
        ("models/diseases/delivery/delivery.cpp", "models/body/parts.hpp", True),
        ("models/processes/infusion.cpp", "models/body/parts.hpp", False),
        ("models/diseases/delivery/delivery.cpp", "models/diseases/cirrhosis/cirrhosis.hpp", False),
        ("models/diseases/delivery/delivery.cpp", "models/catalogue.hpp", False),
        ("models/catalogue.cpp", "models/diseases/delivery/delivery.hpp", True),
        ("bindings/cli/main.cpp", "models/catalogue.hpp", True),
        ("bindings/cli/main.cpp", "models/diseases/delivery/delivery.hpp", False),
        ("models/processes/infusion.cpp", "tests/support/catch.hpp", False),
        ("tests/models/test_infusion.cpp", "models/processes/infusion.hpp", True),
    ],
)
def test_the_direction_of_an_include(source, target, allowed):
    assert (includes.may_include(source, target) is None) == allowed


def test_wrong_includes_in_a_tree_are_refused_with_their_place(tmp_path):
    for folder in ("sim/core", "sim/engine", "models/processes"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "sim/engine/world.hpp").write_text("#pragma once\n")
    (tmp_path / "sim/core/a.cpp").write_text('#include <vector>\n#include "sim/engine/world.hpp"\n')
    (tmp_path / "models/processes/b.cpp").write_text(
        '  # include <hdf5.h>\n#include "b.hpp"\n#include <sim/engine/world.hpp>\n#include "sim/engine/gone.hpp"\n'
    )
    assert includes.check_tree(tmp_path) == [
        "models/processes/b.cpp:1: hdf5.h: only sim/io/, tests/sim/test_io_, tests/fuzz/ may include it",
        'models/processes/b.cpp:2: b.hpp: headers of ours are named from the root ("sim/core/units.hpp"), those of others stand in <...>',
        'models/processes/b.cpp:3: sim/engine/world.hpp: our own headers are included with "..."',
        "models/processes/b.cpp:4: sim/engine/gone.hpp: there is no such file",
        "sim/core/a.cpp:2: sim/engine/world.hpp: sim/core may include of sim only itself",
    ]
    assert includes.main([str(tmp_path)]) == 1


@pytest.mark.parametrize(
    ("source", "line", "refused"),
    [
        ("sim/engine/a.cpp", "int lung_cells = 0;", True),
        ("sim/engine/a.cpp", 'add("Kupffer cells");', True),
        ("sim/engine/a.cpp", "int cells = 0;  // in the lung, say", False),
        ("sim/engine/a.cpp", "int plunge = 0;", False),
        ("models/processes/a.cpp", "int lung_cells = 0;", False),
        ("models/processes/a.cpp", "#pragma omp parallel for", True),
        ("sim/core/parallel.cpp", "#pragma omp parallel for", False),
        ("sim/fields/a.cpp", '#pragma GCC optimize("fast-math")', True),
        ("models/processes/a.cpp", "#include <random>", True),
        ("sim/engine/a.cpp", "auto t = std::chrono::steady_clock::now();", True),
        ("sim/io/session.cpp", "auto t = std::chrono::steady_clock::now();", False),
        ("sim/io/a.cpp", "  static int calls = 0;", True),
        ("sim/io/a.cpp", "  static thread_local std::vector<double> work;", True),
        ("sim/io/a.cpp", "  static const int most = 4;", False),
        ("sim/io/a.cpp", "  static constexpr std::array<int, 2> pair{1, 2};", False),
        ("sim/io/a.cpp", "  static Grid hexagonal_prism(double radius = 1.0);", False),
        ("sim/io/a.cpp", "static_assert(sizeof(int) == 4);", False),
        ("sim/io/a.cpp", 'std::cerr << "oh";', True),
        ("sim/io/a.cpp", "std::exit(1);", True),
        ("bindings/cli/a.cpp", "std::exit(1);", False),
        ("sim/io/a.cpp", "on_exit(1); file.abort();", False),
        ("models/body/a.cpp", "double x = std::stod(text);", True),
        ("sim/io/a.cpp", "double x = strtod(text, nullptr);", True),
        ("bindings/cli/a.cpp", "std::ostringstream text;", True),
        ("models/body/a.cpp", 'std::snprintf(text, 9, "%g", x);', True),
        ("models/body/a.cpp", "std::from_chars(text, end, x);", False),
        ("tests/models/a.cpp", "double x = std::strtod(text, nullptr);", False),
        ("models/processes/a.cpp", 'step.random(streams::of("b"));', True),
        ("models/processes/a.cpp", 'step.random(streams::of("a"));', False),
        ("models/tissue/a.cpp", 'step.random(streams::of("a"));', True),
        ("models/tissue/a.cpp", 'sim::Random(seed, 0, streams::of_building("lobule_radii"));', False),
        ("models/processes/a.cpp", "step.random(sim::ProcessStream(4));", True),
        ("models/processes/a.cpp", "step.random(sim::ProcessStream{4});", True),
    ],
)
def test_the_rules_of_the_house(source, line, refused):
    assert bool(sources.check_text(source, line + "\n")) == refused


def test_a_test_that_ctest_would_never_run_is_refused():
    assert sources.check_text("tests/models/a.cpp", 'TEST_CASE("a: this; that", "[property]") {\n') == [
        "tests/models/a.cpp:1: a test with a semicolon in its name is never run"
    ]
    assert (
        sources.check_text("tests/models/a.cpp", 'TEST_CASE("a: this, that", "[property]") { x = 1; }\n')
        == []
    )


def test_a_long_file_is_refused():
    assert sources.check_text("analysis/paracrine/a.py", "x = 1\n" * 441) == [
        "analysis/paracrine/a.py:1: 441 lines; files end at about 400, so split it"
    ]
    assert sources.check_text("analysis/paracrine/a.py", "x = 1\n" * 440) == []


@pytest.mark.parametrize("module", [includes, sources, readme])
def test_examples_in_docstrings_run(module):
    assert doctest.testmod(module).failed == 0


def test_a_command_of_the_readme_that_fails_is_told(tmp_path, capfd):
    page = tmp_path / "README.md"
    page.write_text("```bash\ntrue\nls scenarios    # there\nfalse\n```\n")
    assert readme.main([str(page)]) == 1
    assert capfd.readouterr().out.endswith("this command ended with status 1: false\n")
    page.write_text("```bash\ntrue\n```\n")
    assert readme.main([str(page)]) == 0
    page.write_text("no commands\n")
    assert readme.main([str(page)]) == 1
