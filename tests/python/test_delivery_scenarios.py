"""What the delivery model refuses, in exact words; and that its own scenarios are in order."""

import re

import pytest
from command_line import ROOT, paracrine
from delivery_messages import (
    BEADS,
    COLLOID,
    EV,
    HEAD,
    MEDIUM,
    MSC,
    aligned,
    foreign,
    instead,
    missing,
    problem,
)

SCENARIOS = sorted((ROOT / "scenarios/delivery").glob("*.toml"))

REFUSED = {
    "cells for vesicles": (
        EV + "cells = 1e6",
        foreign(7, "cells = 1e6", "MSC", "vesicles", instead("particles", "1e9")),
    ),
    "cells for a medium": (
        MEDIUM + "cells = 1e6",
        foreign(7, "cells = 1e6", "MSC", "conditioned medium", instead("cell_equivalents", "1e6")),
    ),
    "cells for colloid": (
        COLLOID + "cells = 1e6",
        foreign(7, "cells = 1e6", "MSC", "colloid", instead("count", "1e9")),
    ),
    "cells for beads": (
        BEADS + "cells = 1e6",
        foreign(8, "cells = 1e6", "MSC", "particles", instead("count", "1e6")),
    ),
    "cells beside vesicles": (
        EV + "particles = 1e9\ncells = 1e6",
        foreign(8, "cells = 1e6", "MSC", "vesicles"),
    ),
    "particles for cells": (
        MSC + "particles = 1e9",
        foreign(7, "particles = 1e9", "vesicles", "MSC", instead("cells", "1e6")),
    ),
    "particles for beads": (
        BEADS + "particles = 1e9",
        foreign(8, "particles = 1e9", "vesicles", "particles", instead("count", "1e6")),
    ),
    "count for cells": (
        MSC + "count = 1e5",
        foreign(7, "count = 1e5", "particles", "MSC", instead("cells", "1e6")),
    ),
    "cell equivalents for cells": (
        MSC + "cell_equivalents = 1e6",
        foreign(7, "cell_equivalents = 1e6", "conditioned medium", "MSC", instead("cells", "1e6")),
    ),
    "protein for cells": (
        MSC + 'protein = "10 ug"\nparticles_per_ug = 5e9',
        foreign(7, 'protein = "10 ug"', "vesicles", "MSC", instead("cells", "1e6"))
        + foreign(8, "particles_per_ug = 5e9", "vesicles", "MSC"),
    ),
    "protein without particles per ug": (
        EV + 'protein = "10 ug"',
        problem(
            7,
            'protein = "10 ug"',
            '"10 ug"',
            "therapy.0.particles_per_ug is missing: a dose in ug needs it",
            "Write, for example, particles_per_ug = 5e9; preparations differ from 1e9 to 3e10.",
        ),
    ),
    "particles and protein": (
        EV + 'protein = "10 ug"\nparticles = 1e9\nparticles_per_ug = 5e9',
        problem(
            7,
            'protein = "10 ug"',
            '"10 ug"',
            "therapy.0.protein: the dose is given twice, as particles and as protein",
            "Write one of them.",
        ),
    ),
    "particles per ug without protein": (
        EV + "particles_per_ug = 5e9",
        problem(
            7,
            "particles_per_ug = 5e9",
            "5e9",
            "therapy.0.particles_per_ug is for a dose in protein; this one gives none",
            'Write, for example, protein = "10 ug".',
        ),
    ),
    "particles per ug beside particles": (
        EV + "particles = 1e9\nparticles_per_ug = 5e9",
        problem(
            8,
            "particles_per_ug = 5e9",
            "5e9",
            "therapy.0.particles_per_ug is for a dose in protein; this one gives none",
            "Leave it out.",
        ),
    ),
    "protein as a number": (
        EV + "protein = 10\nparticles_per_ug = 5e9",
        problem(
            7,
            "protein = 10",
            "10",
            'therapy.0.protein: expected mass (such as "1 ug") or a ratio (such as "1 ug/kg"), got 10, which has no unit',
            "Units that would do: kg, g, mg, ug, ng, pg, fg, ug/kg.",
        ),
    ),
    "protein as a count": (
        EV + 'protein = "10 particles"\nparticles_per_ug = 5e9',
        problem(
            7,
            'protein = "10 particles"',
            '"10 particles"',
            'therapy.0.protein: expected mass (such as "1 ug") or a ratio (such as "1 ug/kg"), got "10 particles", which is a plain number',
        ),
    ),
    "unknown product": (
        'product = "exosomes"\nparticles = 1e9',
        problem(
            6,
            'product = "exosomes"',
            '"exosomes"',
            'therapy.0.product: expected one of "msc", "ev", "conditioned_medium", "particle", "colloid", got "exosomes"',
        ),
    ),
    "no product": (
        "cells = 1e6",
        problem(
            4,
            "[[therapy]]",
            "[[therapy]]",
            'therapy.0: the key "product" is missing',
            'Such as: product = "msc"',
        ),
    ),
    "unknown source": (
        MSC + 'cells = 1e5\nsource = "placenta"',
        problem(
            8,
            'source = "placenta"',
            '"placenta"',
            'therapy.0.source: expected one of "bone_marrow", "adipose", "umbilical_cord", "amnion", got "placenta"',
            'The default is "adipose".',
        ),
    ),
    "unknown route": (
        MSC + 'cells = 1e5\nroute = "hepatic_vein"',
        problem(
            8,
            'route = "hepatic_vein"',
            '"hepatic_vein"',
            'therapy.0.route: expected one of "peripheral_vein", "hepatic_artery", "portal_vein", "intrasplenic", "intrahepatic", got "hepatic_vein"',
            'The default is "peripheral_vein".',
        ),
    ),
    "no cells": (MSC, missing("cells", "1e6")),
    "no vesicles": (EV, missing("particles", "1e9")),
    "no cell equivalents": (MEDIUM, missing("cell_equivalents", "1e6")),
    "no beads": (BEADS, missing("count", "1e6")),
    "no colloid": (COLLOID, missing("count", "1e9")),
    "no diameter": ('product = "particle"\ncount = 1e5', missing("diameter", '"10 um"')),
    "a diameter of cells": (
        MSC + 'cells = 1e5\ndiameter = "20 um"',
        foreign(
            8,
            'diameter = "20 um"',
            "particles",
            "MSC",
            "The diameter of MSC is the parameter infusion.diameter.",
        ),
    ),
    "a diameter of vesicles": (
        EV + 'particles = 1e9\ndiameter = "1 um"',
        foreign(8, 'diameter = "1 um"', "particles", "vesicles"),
    ),
    "viability of vesicles": (
        EV + "particles = 1e9\nviability = 0.9",
        foreign(8, "viability = 0.9", "MSC", "vesicles"),
    ),
    "vesicles with cells": (
        MSC + "cells = 1e5\nwith_vesicles = true",
        foreign(8, "with_vesicles = true", "conditioned medium", "MSC"),
    ),
    "cultured colloid": (
        COLLOID + 'count = 1e9\nsource = "adipose"\nculture = "2d"\npassage = 3\npriming = "none"',
        "".join(
            foreign(line, text, "MSC", "colloid")
            for line, text in (
                (8, 'source = "adipose"'),
                (9, 'culture = "2d"'),
                (10, "passage = 3"),
                (11, 'priming = "none"'),
            )
        ),
    ),
    "too many cells": (
        MSC + "cells = 1e13",
        problem(7, "cells = 1e13", "1e13", "therapy.0.cells: expected 0 to 1e12, got 1e13"),
    ),
    "too many vesicles": (
        EV + "particles = 1e17",
        problem(
            7,
            "particles = 1e17",
            "1e17",
            "therapy.0.particles: expected 0 to 1e16, got 1e17",
        ),
    ),
    "too many vesicles as protein": (
        EV + 'protein = "1 g"\nparticles_per_ug = 2e10',
        problem(
            7,
            'protein = "1 g"',
            '"1 g"',
            "therapy.0.protein: expected at most 1e16 vesicles in one dose, got 2e16",
        ),
    ),
    "too many cells per body weight": (
        MSC + 'cells = "1e12 cells/kg"\n[subject]\nbody_weight = "2 kg"',
        problem(
            7,
            'cells = "1e12 cells/kg"',
            '"1e12 cells/kg"',
            "therapy.0.cells: expected at most 1e12 MSC in one dose, got 2e12",
        ),
    ),
    "no weight": (
        MSC + "cells = 1e5\n[numerics]\nmsc_weight = 0",
        problem(
            9,
            "msc_weight = 0",
            "0",
            "numerics.msc_weight: expected more than 0 and at most 1e9, got 0",
            'The default is "auto".',
        ),
    ),
    "a weight below zero": (
        MSC + "cells = 1e5\n[numerics]\nmsc_weight = -1",
        problem(
            9,
            "msc_weight = -1",
            "-1",
            "numerics.msc_weight: expected more than 0 and at most 1e9, got -1",
            'The default is "auto".',
        ),
    ),
    "too many agents": (
        MSC + 'cells = 1e7\nroute = "portal_vein"\n[numerics]\nmsc_weight = 0.01',
        problem(
            10,
            "msc_weight = 0.01",
            "0.01",
            "numerics.msc_weight: 1e9 agents would be made, more than 1e8",
            'Make it larger, or leave it to "auto".',
        ),
    ),
    "an agent heavier than the dose": (
        EV
        + 'particles = 1e8\n[[therapy]]\nproduct = "msc"\ncells = 1e3\nat = "1 d"\nviability = 1\n[numerics]\nmsc_weight = 1e4',
        problem(
            10,
            "cells = 1e3",
            "1e3",
            "therapy.1.cells: 1000 living cells in all are less than one agent, which stands for 10000, and would not be given",
            'Make numerics.msc_weight smaller, or leave it to "auto".',
        ),
    ),
    "a lobule too small for its sites": (
        MSC + 'cells = 1e5\n[parameters]\n"lobule.smallest_radius" = "20 um"',
        problem(
            9,
            '"lobule.smallest_radius" = "20 um"',
            '"20 um"',
            "a lobule of radius 20 um has room for 2 hepatocyte sites of 19.2 um, expected 19 or more",
            "Make lobule.smallest_radius and lobule.radius larger, or lobule.site smaller.",
        ),
    ),
    "a mean outside its limits": (
        MSC + 'cells = 1e5\n[parameters]\n"lobule.radius" = "100 um"',
        problem(
            9,
            '"lobule.radius" = "100 um"',
            '"100 um"',
            "lobule.radius: expected a mean between lobule.smallest_radius, 180 um, and lobule.largest_radius, 400 um, got 100 um",
            "Change the limits with the mean.",
        ),
    ),
    "shares of Kupffer cells": (
        MSC + 'cells = 1e5\n[parameters]\n"lobule.kupffer_periportal" = 0.8',
        problem(
            9,
            '"lobule.kupffer_periportal" = 0.8',
            "0.8",
            "lobule.kupffer_periportal and lobule.kupffer_midzonal are shares of one whole and add up to 1.08",
            "Together they may be 1 or less.",
        ),
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_refused(place, kind):
    lines, message = REFUSED[kind]
    (place / "x.toml").write_text(HEAD + lines + "\n")
    answer = paracrine("run", "x.toml", "-o", "x.h5")
    problems = len(re.findall(r"(?m)^x\.toml:", message))
    said = answer.stderr[answer.stderr.index("paracrine: ") :]
    assert said == f"paracrine: {problems} problem{'s' * (problems > 1)} in the input:\n" + aligned(message)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert sorted(p.name for p in place.iterdir()) == ["s.toml", "x.toml"]


def test_the_lobules_that_are_simulated_are_looked_at_too(place):
    """With few lobules of very different size the smallest is smaller than any limit, because their mean is kept."""
    sets = [
        "lobule.site=60 um",
        "lobule.radius=170 um",
        "lobule.smallest_radius=170 um",
        "lobule.largest_radius=700 um",
        "lobule.radius_sd=100 um",
    ]
    answer = paracrine(
        "run", "s.toml", "-q", *[part for one in sets for part in ("--set", f"parameters.{one}")]
    )
    assert answer.returncode == 2
    assert re.search(
        r"^--set parameters\.lobule\.smallest_radius=170 um: a lobule of radius 1\d\d\.\d um has room for 12 hepatocyte sites of 60 um, expected 19 or more$",
        answer.stderr,
        re.M,
    )


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda path: path.stem)
def test_a_scenario_of_ours_asks_a_question_and_is_in_order(scenario):
    first = scenario.read_text().splitlines()[0]
    assert re.fullmatch(r"# [A-Z].*\?( \(.+\))?", first), first
    answer = paracrine("validate", scenario)
    assert (answer.returncode, answer.stderr) == (0, ""), answer.stderr
