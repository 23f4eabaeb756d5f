"""Evidence as text, JSON, Markdown and one self-contained HTML page."""

from __future__ import annotations

import base64
import datetime
import html
import io
import json
import math
from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from paracrine import expressions
from paracrine.evidence import Evidence, Finding
from paracrine.lettering import literal
from paracrine.palette import COLOURS
from paracrine.quantities import SECONDS
from paracrine.target_statistics import STATISTICS
from paracrine.targets import Target

HEAD = (
    "row",
    "what was measured",
    "where",
    "range",
    "grade",
    "use",
    "model",
    "95 % interval",
    "ensemble",
    "verdict",
)
STYLE = """body{font:15px/1.45 system-ui,sans-serif;max-width:78rem;margin:2rem auto;padding:0 1rem;color:#222}table{border-collapse:collapse;font-size:13px}
td,th{border-bottom:1px solid #ddd;padding:.3rem .5rem;text-align:left;vertical-align:top}.pass{color:#00704a}.short{color:#b04000;font-weight:600}.none{color:#666}
figure{display:inline-block;margin:.6rem;max-width:34rem}figure img{max-width:100%}figcaption{font-size:13px}"""
CLASSES = {"pass": "pass", "falls short": "short", "not computed": "none"}


def text(found: Evidence) -> str:
    """Write a table for a terminal.

    Returns
    -------
    str
        One line per row, and a summary.
    """
    columns = (0, 3, 6, 7, 8, 9)
    rows = [[cells[i] for i in columns] for cells in (HEAD, *(_cells(finding) for finding in found.findings))]
    widths = [max(len(row[i]) for row in rows) for i in range(len(columns) - 1)]
    lines = ["  ".join([*(cell.ljust(width) for cell, width in zip(row, widths)), row[-1]]) for row in rows]
    return "\n".join([*lines, "", summary(found)])


def as_json(found: Evidence) -> str:
    """Write everything for programs: NaN as null.

    Returns
    -------
    str
        JSON: version, date, seeds, lobules, rows.
    """
    rows = []
    for finding in found.findings:
        one = finding.target
        rows.append(
            {
                "id": one.id,
                "stage": one.stage,
                "species": one.species,
                "measured": what(one),
                "experiment": one.experiment,
                "source": one.source,
                "note": one.note,
                "low": one.low,
                "high": one.high,
                "unit": one.unit,
                "grade": one.grade,
                "use": one.use,
                "values": [_number(value) for value in finding.values],
                "mean": _number(finding.mean),
                "interval": [_number(finding.low), _number(finding.high)],
                "ensemble": [_number(value) for value in finding.ensemble],
                "status": finding.status,
                "verdict": finding.verdict,
            }
        )
    return (
        json.dumps(
            {
                "version": found.version,
                "date": _today(),
                "seeds": found.seeds,
                "lobules": found.lobules,
                "rows": rows,
            },
            indent=1,
        )
        + "\n"
    )


def markdown(found: Evidence) -> str:
    """Write the page of the documentation.

    Returns
    -------
    str
        Markdown.
    """
    lines = [
        "# Evidence: model against experiments",
        "",
        f"Made by `paracrine evidence`, {_today()}, {summary(found)}",
        "",
        *_explanation(found),
        "",
    ]
    for stage in dict.fromkeys(finding.target.stage for finding in found.findings):
        lines += [
            f"## {stage.replace('_', ' ').capitalize()}",
            "",
            "| " + " | ".join(HEAD) + " |",
            "|" + "---|" * len(HEAD),
        ]
        for finding in (one for one in found.findings if one.target.stage == stage):
            cells = _cells(finding)
            lines.append(
                "| "
                + " | ".join(
                    [
                        f"`{cells[0]}`",
                        *cells[1:-1],
                        cells[-1] if finding.status == "pass" else f"**{cells[-1]}**",
                    ]
                )
                + " |"
            )
        lines.append("")
    return "\n".join([*lines, *_footnotes(found)]) + "\n"


def page(found: Evidence) -> str:
    """Write one HTML page that needs no other file: table, and a figure for each row that was computed.

    Returns
    -------
    str
        HTML.
    """
    head = "".join(f"<th>{html.escape(cell)}</th>" for cell in HEAD)
    rows, figures = [], []
    for finding in found.findings:
        cells = [html.escape(cell) for cell in _cells(finding)]
        link = f"<a href='#{cells[0]}'>{cells[0]}</a>" if finding.values else cells[0]
        rows.append(
            f"<tr><td>{link}</td>"
            + "".join(f"<td>{cell}</td>" for cell in cells[1:-1])
            + f"<td class='{CLASSES[finding.status]}'>{cells[-1]}</td></tr>"
        )
        if finding.values:
            caption = f"<b>{cells[0]}</b>: {cells[1]}. {cells[-1]}"
            figures.append(
                f"<figure id='{cells[0]}'><img alt='{cells[0]}' src='data:image/png;base64,{_picture(draw(found, finding))}'><figcaption>{caption}</figcaption></figure>"
            )
    words = "".join(f"<p>{html.escape(line)}</p>" for line in (summary(found), *_explanation(found)) if line)
    notes = "".join(
        f"<li>{html.escape(line.removeprefix('- '))}</li>"
        for line in _footnotes(found)
        if line.startswith("- ")
    )
    return (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>Evidence</title><style>{STYLE}</style></head><body><h1>Model against experiments</h1>"
        f"<p>{_today()}</p>{words}<table><tr>{head}</tr>{''.join(rows)}</table><h2>Notes</h2><ul>{notes}</ul><h2>Figures</h2>{''.join(figures)}</body></html>\n"
    )


def draw(found: Evidence, finding: Finding) -> Figure:
    """Draw a row: the series of its arms over time, mean and every seed, and beside it the measured range with the model's values.

    Returns
    -------
    matplotlib.figure.Figure
    """
    target = finding.target
    figure = Figure(figsize=(6.4, 2.9), layout="constrained")
    course, beside = figure.subplots(1, 2, width_ratios=[3, 1])
    tree = expressions.parse(target.observable)
    for number, arm in enumerate(target.arms):
        data = found.studies[target.experiment, arm].dataset
        lines = expressions.value(tree, data)[0]
        factor, unit = (24.0, "h") if data.time.values[-1] <= 3.0 else (1.0, "d")
        time = data.time.values * factor
        course.plot(time, lines.T, color=COLOURS[number], lw=0.5, alpha=0.4)
        course.plot(time, lines.mean(axis=0), color=COLOURS[number], lw=1.6, label=arm)
        course.set_xlabel(f"time [{unit}]")
        for when in target.when if number == 0 else ():
            course.axvline(when * factor, color="0.6", lw=0.8, ls=":")
    if STATISTICS[target.statistic].kind == "observable":
        course.axhspan(target.low, target.high, color=COLOURS[2], alpha=0.15, lw=0)
    if STATISTICS[target.statistic].kind == "time":
        days = [
            (max(target.last_dose, 0.0) if "last_dose" in STATISTICS[target.statistic].needs else 0.0)
            + end * SECONDS[target.unit] / 86400
            for end in (target.low, target.high)
        ]
        if "half-life" not in target.statistic:
            course.axvspan(days[0] * factor, days[1] * factor, color=COLOURS[2], alpha=0.15, lw=0)
    unit = expressions.unit(
        tree, {name: str(data[name].attrs.get("units", "1")) for name in expressions.names(tree)}
    )
    course.set_title(target.observable if unit == "1" else f"{target.observable} [{unit}]", fontsize=9)
    if len(target.arms) > 1:
        course.legend(fontsize=8)
    beside.axhspan(target.low, target.high, color=COLOURS[2], alpha=0.25, lw=0, label="measured")
    beside.plot(np.zeros(len(finding.values)), finding.values, "o", color=COLOURS[0], alpha=0.5, ms=4)
    if math.isfinite(finding.low):
        beside.errorbar(
            0.25,
            finding.mean,
            [[finding.mean - finding.low], [finding.high - finding.mean]],
            fmt="s",
            color=COLOURS[0],
            capsize=3,
        )
    if finding.ensemble:
        beside.plot(np.full(len(finding.ensemble), 0.5), finding.ensemble, "^", color=COLOURS[1], ms=4)
    beside.set(xlim=(-0.5, 1.0), xticks=[], title=f"{target.unit}" if target.unit != "1" else "number")
    beside.title.set_fontsize(9)
    for axes in (course, beside):
        axes.tick_params(labelsize=8)
    return figure


def summary(found: Evidence) -> str:
    """Count the rows, and say by what they were computed."""
    counts = [
        f"{found.count(status)} {words}"
        for status, words in (
            ("pass", "pass"),
            ("falls short", "fall short"),
            ("not computed", "are not computed"),
        )
    ]
    return f"version {found.version}: of {len(found.findings)} rows {', '.join(counts)}; {found.seeds} seeds per arm, {found.lobules} lobules where the experiment sets no other number."


def what(target: Target) -> str:
    """Say in words what a row measures.

    Returns
    -------
    str
    """
    parts = [
        f"{target.measured}: {target.observable}" if target.observable else target.measured,
        target.statistic,
    ]
    if target.level == target.level:
        parts.append(f"{target.level:g}")
    if target.when:
        parts.append("day " + " to ".join(f"{when:.4g}" for when in target.when))
    if target.against:
        parts.append(f"{target.arm} over {target.against}")
    return ", ".join(parts)


def _cells(finding: Finding) -> list[str]:
    one = finding.target
    unit = "" if one.unit == "1" else f" {one.unit}"
    model = f"{finding.mean:.4g}{unit}" if math.isfinite(finding.mean) else "-"
    span = f"{finding.low:.3g} to {finding.high:.3g}" if math.isfinite(finding.low) else "-"
    there = [value for value in finding.ensemble if math.isfinite(value)]
    ensemble = f"{min(there):.3g} to {max(there):.3g}" if there else "-"
    place = f"{one.source}; {one.species}"
    return [
        one.id,
        what(one),
        place,
        f"{one.low:g} to {one.high:g}{unit}",
        one.grade,
        one.use,
        model,
        span,
        ensemble,
        finding.verdict,
    ]


def _explanation(found: Evidence) -> Sequence[str]:
    return (
        "Each row is one number that was measured, and what the model gives for the same experiment: the mean over seeds with its 95 % interval (Student's t), and the range over an ensemble of parameter sets where one was given. "
        "A row passes when the mean lies in the measured range. Rows that fall short stay, and so do those that cannot be computed, with the reason.",
        "",
        "grade: A read at its source, B derived from such figures, C usual values to be verified. use: fit (parameters may be fitted to it), check (compared only), bracket (only to stay inside), report (shown with its conflict).",
    )


def _footnotes(found: Evidence) -> list[str]:
    notes = [
        f"- `{finding.target.id}`: {finding.target.note}" for finding in found.findings if finding.target.note
    ]
    used = {finding.target.experiment for finding in found.findings}
    notes += [
        f"- experiment `{name}`: {one.note}"
        for name, one in found.experiments.items()
        if one.note and name in used
    ]
    return ["## Notes", "", *notes] if notes else []


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _picture(figure: Figure) -> str:
    buffer = io.BytesIO()
    literal(figure).savefig(buffer, format="png", dpi=90)
    return base64.b64encode(buffer.getvalue()).decode()


def _today() -> str:
    return datetime.datetime.now(datetime.UTC).date().isoformat()
