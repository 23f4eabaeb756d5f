"""What studies say: measures, comparisons with common seeds, sensitivities, pictures; each is shown to find what was planted."""

import doctest
import importlib
import pathlib
import subprocess
import sys

import matplotlib
import numpy as np
import paracrine as pc
import pytest
import xarray
from api import ROOT, small
from paracrine import charts, comparison, measures

matplotlib.use("Agg")
pytestmark = pytest.mark.filterwarnings("ignore::paracrine.errors.ScenarioWarning")
CELLS, AT = "therapy.0.cells", "therapy.0.at"


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return pc.sweep(
        small(),
        {CELLS: [1e3, 4e3], AT: ["0 h", "1 h"]},
        replicates=3,
        output=tmp_path_factory.mktemp("studies") / "s.sweep",
        progress=False,
    )


def test_a_measure_is_what_the_series_of_each_run_say(study):
    series = study.open(2, 1).series.ev_plasma
    place = {CELLS: 1, AT: 0, "replicate": 1}
    t, y = series.time.values, series.values
    expected = {
        "ev_plasma": y[-1],
        "ev_plasma:max": y.max(),
        "ev_plasma:min": y.min(),
        "ev_plasma@2 h": y[np.argmin(abs(t - 2 / 24))],
    }
    expected["ev_plasma:auc"] = sum((y[i] + y[i + 1]) / 2 * (t[i + 1] - t[i]) for i in range(len(t) - 1))
    expected["ev_plasma:mean"] = expected["ev_plasma:auc"] / t[-1]
    for what, value in expected.items():
        found = study.measure(what)
        assert found.dims == (CELLS, AT, "replicate") and float(found.isel(place)) == pytest.approx(
            value, rel=1e-12
        ), what

    def peak(run):
        return run.ev_plasma.max()

    np.testing.assert_array_equal(study.measure(peak), study.measure("ev_plasma:max"))
    assert (
        study.measure("ev_plasma:auc").attrs["units"] == "1/mL d"
        and study.measure("ev_released:auc").attrs["units"] == "d"
    )


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("ev_plsma", "did you mean ev_plasma"),
        ("ev_plasma:most", r"expected a series such as"),
        ("ev_plasma@soon", "expected a series such as"),
        ("ev_plasma@100 d", "no row is recorded at that time; the nearest is at 0.125 d"),
        (3, "expected a series such as"),
    ],
)
def test_a_wrong_measure_is_refused(study, what, message):
    with pytest.raises(pc.InputError, match=message):
        study.measure(what)


def test_the_interval_covers_the_truth_as_often_as_it_says_and_a_shifted_one_does_not():
    random = np.random.default_rng(1)
    sample = random.normal(0.3, 2.0, (20000, 5))
    _, low, high = measures.interval(sample)
    covered = np.mean((low <= 0.3) & (high >= 0.3))
    error = 5 * np.sqrt(0.95 * 0.05 / 20000)
    assert abs(covered - 0.95) < error
    for wrong in (0.9, 0.98):
        _, low, high = measures.interval(sample, wrong)
        assert abs(np.mean((low <= 0.3) & (high >= 0.3)) - 0.95) > error


def test_common_seeds_make_intervals_of_pairs_and_a_planted_effect_is_found():
    random = np.random.default_rng(2)
    control = random.normal(0.0, 1.0, 4000)
    arm = control + 0.5 + random.normal(0.0, 0.1, 4000)
    row = comparison.differences(arm, control)
    error = (row["high"] - row["low"]) / 3.92
    assert error < 0.1 / 50 and row["correlation"] > 0.99
    assert row["effect_low"] < row["effect_size"] < row["effect_high"]
    assert (row["verdict"], row["interval_from"], row["note"]) == ("higher", "seeds", "")
    assert row["effect_size"] == pytest.approx(0.5 / np.std(control, ddof=1), abs=0.02)
    for planted, found in ((0.0, True), (0.02, False), (-0.02, False)):
        row = comparison.differences(arm + planted, control)
        assert (abs(row["difference"] - 0.5) < 5 * error) == found


COVERED = [(4, 0.0, 0.0), (4, 0.9, 0.5), (8, 0.9, -2.0), (8, 0.999, 3.0), (16, 0.5, 0.5)]


@pytest.mark.parametrize(("pairs", "correlation", "effect"), COVERED)
def test_intervals_of_effect_sizes_cover_the_truth_as_often_as_they_say(pairs, correlation, effect):
    """Algina and Keselman's interval is approximate: between 93 and 99 % for these, and 5 standard errors of 1500 samples are 2.8 %."""
    random = np.random.default_rng(7)
    inside, difference_inside, shifted = [], [], []
    for _ in range(1500):
        one, other = random.normal(size=(2, pairs))
        control = correlation * one + np.sqrt(1 - correlation**2) * other
        row = comparison.differences(one + effect, control)
        inside.append(row["effect_low"] <= effect <= row["effect_high"])
        difference_inside.append(row["low"] <= effect <= row["high"])
        planted = 0.8 * abs(effect) + 6 * np.sqrt((1 - correlation) / pairs)
        row = comparison.differences(one + effect + planted, control)
        shifted.append(row["effect_low"] <= effect <= row["effect_high"])
    assert 0.93 - 0.028 < np.mean(inside) < 1.0
    assert abs(np.mean(difference_inside) - 0.95) < 0.028
    assert np.mean(shifted) < 0.9  # a planted error is seen


def test_a_noncentrality_far_out_joins_the_exact_one():
    from scipy.stats import nct

    for freedom in (3, 15, 63):
        for t in (-comparison.FAR - 1e-9, -2.0, 0.0, 2.0, comparison.FAR, comparison.FAR + 1e-9):
            for share in (0.975, 0.025):
                about = comparison._noncentrality(t, freedom, share)
                with np.errstate(divide="ignore"):
                    found = nct.cdf(t, freedom, about)
                assert found == pytest.approx(share, abs=1e-9 if abs(t) <= comparison.FAR else 0.001)


NAN = float("nan")
FEW = [
    ([1.0], [2.0], "cannot be told", "1 pair: no interval below 4"),
    ([1.0, 2.0, NAN], [2.0, 2.5, 1.0], "cannot be told", "2 pairs: no interval below 4"),
    ([], [], "cannot be told", "0 pairs: no interval below 4"),
    ([5.0] * 6, [4.0] * 6, "higher", "the difference does not vary between seeds: no interval"),
    ([1e6 + i * 1e-6 for i in range(6)], [1e6] * 6, "equal", "the same in every pair"),
    ([0.0] * 3, [0.0] * 3, "equal", "the same in every pair"),
    ([1.0, 2.0, 3.0, 4.0], [0.0] * 4, "higher", "one arm does not vary between seeds: no effect size"),
]


@pytest.mark.parametrize(("arm", "control", "verdict", "note"), FEW)
@pytest.mark.filterwarnings("error")
def test_there_is_no_interval_where_none_is_valid(arm, control, verdict, note):
    row = comparison.differences(np.array(arm), np.array(control))
    assert (row["verdict"], row["note"]) == (verdict, note)
    assert np.isnan([row["effect_size"], row["effect_low"], row["effect_high"]]).all()
    has_interval = row["interval_from"] == "seeds"
    assert has_interval == ("effect" in note) == bool(np.isfinite([row["low"], row["high"]]).all())


def test_noise_alone_cannot_be_told():
    random = np.random.default_rng(11)
    row = comparison.differences(random.normal(size=8), random.normal(size=8))
    assert row["verdict"] == "cannot be told" and row["low"] < 0 < row["high"] and row["note"] == ""


def test_arms_are_compared_with_their_control(place):
    found = pc.compare(
        small(),
        {"none": {"therapy": []}, "low": {}, "high": {CELLS: 4e3}},
        ["ev_released", "msc_viable_liver:max"],
        replicates=np.int64(4),
        output="c.sweep",
        progress=False,
    )
    row = found.table.loc["ev_released", "high"]
    assert row.n == 4 and row.low <= row.difference <= row.high and row.verdict == "higher"
    assert found.table.loc[("ev_released", "none"), ["difference", "verdict"]].tolist() == [0, "equal"]
    assert row.difference == pytest.approx(float(found.study.measure("ev_released").isel(point=2).mean()))
    assert "<table" in found._repr_html_()
    for arms, message in (
        ({"none": {}}, "a control and one arm"),
        ({"a": {}, "b": {"nowhere": 1}}, "nowhere"),
    ):
        with pytest.raises(pc.InputError, match=message):
            pc.compare(small(), arms, ["ev_released"], replicates=2, output="d.sweep", progress=False)
    with pytest.raises(
        pc.InputError, match="replicates: a comparison needs two at least, and 4 for an interval"
    ):
        pc.compare(small(), {"a": {}, "b": {CELLS: 1e3}}, ["ev_released"], replicates=1)


def test_a_tornado_has_the_changes_from_the_base(place):
    found = pc.sensitivity(
        small(),
        {CELLS: (1e3, 4e3), "liver.lobules": (2, 3, "integer")},
        ["ev_released"],
        replicates=2,
        output="t.sweep",
        progress=False,
    )
    cells, lobules = found.table.loc["ev_released", CELLS], found.table.loc["ev_released", "liver.lobules"]
    assert found.study.design.points == (
        {},
        {CELLS: 1e3},
        {CELLS: pytest.approx(4e3)},
        {"liver.lobules": 2},
        {"liver.lobules": 3},
    )
    assert (
        cells.low == pytest.approx(-cells.base / 2, rel=0.1)
        and cells.high == pytest.approx(cells.base, rel=0.1)
        and cells.low_from <= cells.low <= cells.low_to
    )
    assert abs(lobules.high) < 0.02 * cells.base and cells.noise > 0
    assert found.plot().axes[0].get_yticklabels()[-1].get_text() == CELLS


@pytest.mark.parametrize("method", ["morris", "sobol"])
def test_salib_finds_what_matters(place, method):
    pytest.importorskip("SALib")
    size = 4 if method == "morris" else 16
    found = pc.sensitivity(
        small(),
        {CELLS: (1e3, 4e3), "liver.lobules": (2, 3, "integer")},
        ["ev_released"],
        method=method,
        size=size,
        replicates=1,
        output="s.sweep",
        progress=False,
    )
    cells, lobules = found.table.loc["ev_released", CELLS], found.table.loc["ev_released", "liver.lobules"]
    if method == "morris":
        span = float(found.study.measure("ev_released").max() - found.study.measure("ev_released").min())
        assert (
            cells.mu_star == pytest.approx(span, rel=0.3)
            and lobules.mu_star < 0.1 * cells.mu_star
            and cells.mu_star_conf >= 0
        )
    else:
        assert pytest.approx(1.0, abs=0.4) == cells.ST and lobules.ST < 0.05 and cells.ST_conf > 0
    assert found.plot("ev_released").axes[0].get_yticklabels()[-1].get_text() == CELLS


def test_a_method_that_is_not_there_is_refused(place, monkeypatch):
    with pytest.raises(
        pc.InputError, match='there is no method "mors"; there are one_at_a_time, morris, sobol'
    ):
        pc.sensitivity(small(), {CELLS: (1, 2)}, ["ev_released"], method="mors")
    monkeypatch.setitem(sys.modules, "SALib.analyze.morris", None)
    monkeypatch.setitem(sys.modules, "SALib", None)
    with pytest.raises(pc.InputError, match='"morris" needs SALib: pip install SALib'):
        pc.sensitivity(small(), {CELLS: (1, 2)}, ["ev_released"], method="morris")
    with pytest.raises(pc.InputError, match="ranges: there is none"):
        pc.sensitivity(small(), {}, ["ev_released"])


def test_pictures_have_units_and_say_what_their_bands_are(study, tmp_path):
    course = pc.draw_courses(study, "ev_plasma").axes[0]
    assert (
        course.get_xlabel() == "time [h]"
        and course.get_ylabel() == "vesicles of MSC and products in plasma (ev_plasma) [1/mL]"
        and "95% interval over 3 seeds" in course.get_title(loc="left")
    )
    assert len(course.collections) == 4 and len({line.get_color() for line in course.lines}) == 4
    response = pc.draw_response(study, "ev_released", AT).axes[0]
    assert response.get_xlabel() == f"{AT} [h]" and len(response.get_legend().get_texts()) == 2
    figure = pc.draw_map(study, "ev_released", x=AT)
    assert figure.axes[0].get_ylabel() == CELLS and figure.axes[0].images[0].get_array().shape == (2, 2)
    figure.savefig(tmp_path / "map.png")
    for call, message in (
        (lambda: pc.draw_courses(study, "nothing"), 'there is no series "nothing"'),
        (lambda: pc.draw_response(study, "ev_released", "nowhere"), 'there is no "nowhere"'),
    ):
        with pytest.raises(pc.InputError, match=message):
            call()


def test_a_response_says_when_and_joins_no_categories(study, tmp_path):
    figure = pc.draw_response(study, "ev_plasma:max", AT)
    words = " ".join(figure.axes[0].get_ylabel().split())
    assert words == "vesicles of MSC and products in plasma (ev_plasma), largest within 3 h [1/mL]"
    joined = [line for line in figure.axes[0].get_lines() if line.get_marker() in ("v", "s")]
    assert joined and all(line.get_linestyle() == "-" for line in joined)
    at_2_h = " ".join(pc.draw_response(study, "ev_plasma@2 h", AT).axes[0].get_ylabel().split())
    assert at_2_h.endswith("(ev_plasma), at 2 h [1/mL]")
    sources = pc.sweep(
        small(),
        {"therapy.0.source": ["adipose", "bone_marrow"]},
        replicates=2,
        output=tmp_path / "sources.sweep",
        progress=False,
    )
    axes = pc.draw_response(sources, "ev_released").axes[0]
    assert [text.get_text() for text in axes.get_xticklabels()] == ["adipose", "bone_marrow"]
    assert {line.get_linestyle() for line in axes.get_lines() if line.get_marker() == "v"} == {"None"}


def test_an_area_under_the_curve_of_alt_is_in_units_times_days():
    values = xarray.DataArray([1.0], attrs={"units": "1/L d"})
    assert charts._unit("alt", values) == "U/L d" and charts._unit("albumin", values) == "1/L d"


def test_a_comparison_is_drawn(place):
    found = pc.compare(
        small(),
        {"none": {"therapy": []}, "some": {}},
        ["ev_released"],
        replicates=2,
        output="c.sweep",
        progress=False,
    )
    axes = pc.draw_comparison(found).axes[0]
    assert (
        " ".join(axes.get_xlabel().split())
        == "vesicles released by MSC or given as a product so far (ev_released), at the end, 3 h [1]: difference to none"
        and "2 pairs with common seeds" in axes.get_title(loc="left")
    )


def test_the_command_sensitivity(place):
    (place / "small.toml").write_text(small().to_toml())
    text = 'scenario = "small.toml"\nreplicates = 2\n[sensitivity]\nmeasures = ["ev_released", "ev_plasma:max"]\n[sensitivity.ranges]\n"therapy.0.cells" = [1e3, 4e3]\n'
    (place / "study.toml").write_text(text)
    command = [pathlib.Path(sys.executable).parent / "paracrine", "sensitivity", "study.toml"]
    answer = subprocess.run(command, capture_output=True, text=True)
    assert answer.returncode == 0 and "wrote study.sweep/sensitivity.csv and 2 pictures" in answer.stdout, (
        answer.stderr
    )
    assert (place / "study.sweep/sensitivity.csv").read_text().startswith("measure,input,base,low,") and (
        place / "study.sweep/sensitivity_1.png"
    ).stat().st_size > 5000
    (place / "study.toml").write_text(text.replace("measures", "mesures"))
    answer = subprocess.run(command, capture_output=True, text=True)
    assert answer.returncode == 2 and 'there is no key "mesures"; did you mean "measures"?' in answer.stderr


@pytest.mark.parametrize("name", ["measures", "comparison"])
def test_examples_in_docstrings_run(name, place):
    (place / "scenarios").symlink_to(ROOT / "scenarios")
    assert doctest.testmod(importlib.import_module(f"paracrine.{name}")).failed == 0
