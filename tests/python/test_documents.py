"""Pages that describe the program, compared with what the program does."""

import pathlib
import re
import subprocess
import sys

import h5py
import pytest
from command_line import ROOT, paracrine

WRITE_EXAMPLE = ROOT / "build/release/tests/write_example"
TYPES = {
    "f8": "float64",
    "f4": "float32",
    "i4": "int32",
    "i8": "int64",
    "u1": "uint8",
    "u4": "uint32",
    "u8": "uint64",
    "text": "|S1",
}


def test_the_parameter_page_is_what_the_program_prints():
    page = (ROOT / "docs/parameters.md").read_text()
    assert page == paracrine("params", "--format", "md").stdout, (
        "make it anew: paracrine params --format md > docs/parameters.md"
    )


def test_the_page_of_equations_is_made_from_the_headers():
    made = subprocess.run([ROOT / "tools/equations.py"], capture_output=True, text=True, check=True).stdout
    assert (ROOT / "docs/models/cirrhosis_equations.md").read_text() == made, (
        "make it anew: tools/equations.py > docs/models/cirrhosis_equations.md"
    )


def test_the_page_of_scenario_keys_is_made_from_the_schema():
    made = subprocess.run(
        [ROOT / "tools/scenario_keys.py"],
        input=paracrine("schema").stdout,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert (ROOT / "docs/scenario_keys.md").read_text() == made, (
        "make it anew: paracrine schema | tools/scenario_keys.py > docs/scenario_keys.md"
    )


def documented_rows():
    """Rows of the tables of docs/output_format.md: (path with <any> parts, dimensions, type); attributes have the path /@name."""
    rows = []
    attributes = variables = False
    for line in (ROOT / "docs/output_format.md").read_text().splitlines():
        if line.startswith("## "):
            attributes, variables = line == "## Root attributes", line == "## Groups and variables"
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        names = re.findall(r"`([^`]+)`", cells[0]) if line.startswith("| `") else []
        if attributes:
            rows += [(f"/@{name}", None, cells[1]) for name in names]
        elif variables and names and names[0].startswith("/"):
            folder = names[0].rsplit("/", 1)[0]
            shapes = re.findall(r"\(([^)]*)\)", cells[1]) or [None]
            for i, name in enumerate(names):
                path = name if name.startswith("/") else f"{folder}/{name}"
                shape = shapes[i] if len(shapes) == len(names) else shapes[0]
                dimensions = (
                    None if shape is None else [d.strip().rstrip("*") for d in shape.split(",") if d.strip()]
                )
                rows.append((path, dimensions, cells[2]))
    return rows


def find_row(path, coordinate, rank, rows):
    """The row that describes a dataset: the one with the fewest wildcards, then as many dimensions; <patch> stands for coordinates only."""
    fitting = [
        row
        for row in rows
        if re.fullmatch(re.sub(r"<[^>]+>", "[^/]+", row[0]), path) and (coordinate or "<patch>" not in row[0])
    ]
    return min(fitting, key=lambda row: (row[0].count("<"), len(row[1] or []) != rank)) if fitting else None


def differences(path, rows):
    """What the pages and a file disagree about."""
    wrong = []
    seen = set()

    def look(name, item):
        if isinstance(item, h5py.Group) or b"not a netCDF variable" in item.attrs.get("NAME", b""):
            return
        coordinate = item.attrs.get("CLASS") == b"DIMENSION_SCALE"
        row = find_row("/" + name, coordinate, item.ndim, rows)
        if row is None:
            wrong.append(f"/{name} is in the file and not on the page")
            return
        seen.add(row[0])
        expected = row[1] or []
        if not coordinate:  # a coordinate is its own dimension
            dimensions = [d[0].name.rsplit("/", 1)[-1] for d in item.dims if len(d)]
            dimensions = [d for d in dimensions if not d.startswith("text_")]
            if dimensions != expected:
                wrong.append(f"/{name} has dimensions {dimensions}, the page says {expected}")
        if row[2] in TYPES and str(item.dtype) != TYPES[row[2]]:
            wrong.append(f"/{name} is of type {item.dtype}, the page says {row[2]}")

    with h5py.File(path) as file:
        file.visititems(look)
        for name in file.attrs:
            if f"/@{name}" in {row[0] for row in rows}:
                seen.add(f"/@{name}")
            elif not name.startswith("_"):
                wrong.append(f"the root attribute {name} is not on the page")
    wrong += [f"{row[0]} is on the page and not in the file" for row in rows if row[0] not in seen]
    return wrong


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    folder = tmp_path_factory.mktemp("example")
    subprocess.run([WRITE_EXAMPLE, folder], check=True)
    return folder / "run.h5"


def test_the_output_page_and_a_file_agree(example):
    assert differences(example, documented_rows()) == []


def test_the_comparison_finds_what_is_missing_and_what_is_wrong(example):
    rows = documented_rows()
    assert (
        differences(example, [row for row in rows if row[0] != "/agents/<patches>/id"]) == []
    )  # described by /agents/<patches>/<column>
    for described in ("/fields/<patches>/mask", "/fields/<patches>/zone", "/<group>/<constant>"):
        assert differences(example, [row for row in rows if row[0] != described]) != []
    assert differences(example, [*rows, ("/audit/never", ["time"], "f8")]) != []
    assert (
        differences(
            example,
            [
                ("/agents/<patches>/row_size", ["agents_time"], "f8")
                if row[0] == "/agents/<patches>/row_size"
                else row
                for row in rows
            ],
        )
        != []
    )
    assert (
        differences(
            example, [("/audit/<term>", ["time"], "f8") if row[0] == "/audit/<term>" else row for row in rows]
        )
        != []
    )


OBSERVED = """
include = ["mouse_iv_msc_delivery.toml"]
[time]
duration = "1 h"
record_every = "1 h"
record = []
[output]
fields_every = "1 h"
fields = ["ev_uptake", "capillarisation"]
agents_every = "1 h"
agents = ["msc", "particle", "macrophage"]
"""


OBSERVED_CIRRHOSIS = """
include = ["mouse_ccl4_iv_msc.toml"]
[time]
duration = "1 h"
record_every = "1 h"
[output]
fields_every = "1 h"
fields = ["ev_uptake", "capillarisation", "tgf_beta", "tnf", "pdgf", "hgf", "il6", "damage", "collagen_structural", "collagen", "collagen_crosslinked", "sinusoid_diameter"]
agents_every = "1 h"
agents = ["msc", "particle", "macrophage", "hepatocyte", "neutrophil", "stellate_cell"]
"""
NEEDED = (
    "/msc_viable_lung",
    "/ev_per_macrophage",
    "/colloid_uptake_other",
    "/lobules/weight",
    "/fields/liver/ev_uptake",
    "/agents/liver/ev_taken",
)
NEEDED_CIRRHOSIS = (
    *(
        "/hepatocyte_viable",
        "/kupffer",
        "/macrophage_inflammatory",
        "/hsc_quiescent",
        "/myofibroblast_reverted",
        "/monocyte_blood",
        "/tgf_beta",
        "/il6_plasma",
    ),
    *(
        "/mmp_activity",
        "/timp",
        "/collagen_area",
        "/collagen_synthesis",
        "/hydroxyproline",
        "/bridging",
        "/perfusion",
        "/alt",
        "/albumin",
        "/bilirubin",
        "/inr",
    ),
)


@pytest.mark.parametrize(
    ("scenario_text", "folder", "needed_names"),
    [(OBSERVED, "delivery", NEEDED), (OBSERVED_CIRRHOSIS, "cirrhosis", NEEDED_CIRRHOSIS)],
)
def test_the_table_of_observables_is_made_from_a_file(tmp_path, scenario_text, folder, needed_names):
    scenario, output = tmp_path / "all.toml", tmp_path / "all.h5"
    scenario.write_text(scenario_text.replace("mouse", f"{ROOT}/scenarios/{folder}/mouse"))
    small = ["--set", "therapy.0.at=0 d", "--set", "therapy.0.cells=10"]
    assert paracrine("run", scenario, "-o", output, "-q", *small).returncode == 0
    page = (ROOT / "docs/output_format.md").read_text()
    made = subprocess.run(
        [sys.executable, ROOT / "tools/observables.py", output], capture_output=True, text=True, check=True
    ).stdout.strip()
    assert made in page, (
        f"make it anew from a run of this scenario:{scenario_text}tools/observables.py all.h5 --into docs/output_format.md"
    )
    assert page.count("## Observables of the model") == 2
    for needed in needed_names:
        assert f"| `{needed}` |" in made
    with h5py.File(output) as file:
        names = {name for name, item in file.items() if isinstance(item, h5py.Dataset) and name != "time"}
    assert names == set(re.findall(r"^\| `/(\w+)` \|", made, re.M))


def test_the_products_of_the_scenario_page_are_in_order(tmp_path):
    examples = re.findall(
        r"^```toml[^\n]*\n(.*?)^```", (ROOT / "docs/scenario_format.md").read_text(), re.M | re.S
    )
    products = [example for example in examples if 'product = "ev"' in example]
    assert len(products) == 1
    (tmp_path / "x.toml").write_text('model = "delivery"\ntime.duration = "14 d"\n' + products[0])
    answer = paracrine("validate", tmp_path / "x.toml")
    assert (answer.returncode, answer.stderr) == (0, ""), answer.stderr


def test_every_process_has_its_page_and_tests():
    for code in (ROOT / "models/processes").glob("*.hpp"):
        assert (ROOT / f"docs/processes/{code.stem}.md").exists()
        assert (ROOT / f"tests/models/test_{code.stem}.cpp").exists()


def test_links_between_pages_lead_somewhere():
    for page in [*pathlib.Path(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")]:
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
            assert (page.parent / link).exists(), f"{page.name}: {link}"
