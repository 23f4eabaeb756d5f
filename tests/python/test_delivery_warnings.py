"""What the delivery model warns of, in exact words, and what it says at the end of a run."""

import json
import re

import h5py
import pytest
from command_line import paracrine
from delivery_messages import (
    COLLOID,
    EV,
    HEAD,
    MSC,
    aligned,
    problem,
)

WARNED = {
    "a large bolus": (
        MSC + "cells = 2e6",
        problem(
            7,
            "cells = 2e6",
            "2e6",
            "therapy.0.cells: 2e6 cells into a vein at once are more than 1e6, above which emboli may kill; the model has none",
            "The limit, parameter infusion.embolic_limit, is assumed.",
        ),
    ),
    "a dose that lasts into the next": (
        MSC + 'cells = 1e5\nduration = "2 h"\nrepeats = 2\nevery = "1 h"',
        problem(
            10,
            'every = "1 h"',
            '"1 h"',
            "therapy.0.every: the dose at 1 h begins while that of therapy.0 is given, from 0 s to 2 h",
            "Both are given. Make their durations shorter if they should follow each other.",
        ),
    ),
    "two therapies at a time": (
        MSC + 'cells = 1e5\nduration = "2 h"\n[[therapy]]\nproduct = "ev"\nparticles = 1e8\nat = "1 h"',
        problem(
            12,
            'at = "1 h"',
            '"1 h"',
            "therapy.1.at: the dose at 1 h begins while that of therapy.0 is given, from 0 s to 2 h",
            "Both are given. Make their durations shorter if they should follow each other.",
        ),
    ),
    "few vesicles per ug": (
        EV + 'protein = "10 ug"\nparticles_per_ug = 9e8',
        problem(
            8,
            "particles_per_ug = 9e8",
            "9e8",
            "therapy.0.particles_per_ug: 9e8 is outside the published range, 1e9 to 3e10",
            "Source: 5e9 (1e9-3e10) in preparations by filtration; pure ones about 3e10 (Webber & Clayton 2013 JEV 2:19861)",
        ),
    ),
    "many vesicles per ug": (
        EV + 'protein = "10 ug"\nparticles_per_ug = 4e10',
        problem(
            8,
            "particles_per_ug = 4e10",
            "4e10",
            "therapy.0.particles_per_ug: 4e10 is outside the published range, 1e9 to 3e10",
            "Source: 5e9 (1e9-3e10) in preparations by filtration; pure ones about 3e10 (Webber & Clayton 2013 JEV 2:19861)",
        ),
    ),
}
IN_ORDER = {
    "the largest bolus": MSC + "cells = 1e6",
    "a large dose into the portal vein": MSC + 'cells = 2e6\nroute = "portal_vein"',
    "one dose after the other": MSC + 'cells = 1e5\nduration = "1 h"\nrepeats = 2\nevery = "1 h"',
    "usual vesicles per ug": EV + 'protein = "10 ug/kg"\nparticles_per_ug = 1e9',
    "more vesicles per ug": EV + 'protein = "10 ug"\nparticles_per_ug = 3e10',
}


@pytest.mark.parametrize("kind", WARNED)
def test_what_is_warned_of(place, kind):
    lines, message = WARNED[kind]
    (place / "x.toml").write_text(HEAD + lines + "\n")
    answer = paracrine("validate", "x.toml")
    assert answer.returncode == 0
    assert answer.stderr == "warning: " + aligned(message)
    assert answer.stdout == "x.toml: scenario ok, 1 warning\n"


@pytest.mark.parametrize("kind", IN_ORDER)
def test_what_is_not_warned_of(place, kind):
    (place / "x.toml").write_text(HEAD + IN_ORDER[kind] + "\n")
    answer = paracrine("validate", "x.toml")
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "x.toml: scenario ok\n", "")


LOW = "fewer than one vesicle per liver macrophage"
MANY = "of the endogenous ones"
EV_RUN = HEAD.replace("2 d", "4 h") + EV


@pytest.mark.parametrize(
    ("particles", "low", "many"), [(5e7, True, False), (1e8, False, False), (1.3e8, False, True)]
)
def test_the_closing_words_tell_vesicles_per_macrophage_and_warn_on_the_right_side(
    place, particles, low, many
):
    (place / "x.toml").write_text(EV_RUN + f"particles = {particles:g}\n")
    answer = paracrine("run", "x.toml", "--force")
    assert answer.returncode == 0
    note = re.search(
        r"^note: vesicles per liver macrophage: ([\d.e+]+) \(SD ([\d.e+-]+); 5-95 %: ([\d.e+-]+)-([\d.e+]+)\)$",
        answer.stderr,
        re.M,
    )
    mean, spread, lowest, highest = map(float, note.groups())
    with h5py.File("x.h5") as file:
        assert mean == pytest.approx(file["ev_per_macrophage"][-1], rel=6e-3)
    assert spread > 0 and lowest < mean < highest
    warnings = re.findall(r"^warning: (.*)$", answer.stderr, re.M)
    assert [LOW in one for one in warnings].count(True) == low and [MANY in one for one in warnings].count(
        True
    ) == many
    assert len(warnings) == low + many

    lines = [json.loads(line) for line in paracrine("run", "x.toml", "--force", "--json").stdout.splitlines()]
    done = lines[-1]
    assert done["event"] == "done" and done["notes"] == [note.group(0).removeprefix("note: ")]
    assert done["warnings"] == warnings


def test_without_vesicles_there_are_no_closing_words(place):
    (place / "x.toml").write_text(HEAD.replace("2 d", "4 h") + COLLOID + "count = 1e9\n")
    answer = paracrine("run", "x.toml")
    assert answer.returncode == 0 and "note:" not in answer.stderr and "warning" not in answer.stderr
