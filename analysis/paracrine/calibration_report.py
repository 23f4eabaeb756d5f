"""What a calibration found, in words."""

from __future__ import annotations

from typing import Any

ENOUGH = 20  # members of an ensemble


def summary(made: dict[str, Any]) -> str:
    """Say in words what a calibration found.

    Parameters
    ----------
    made : dict
        As `calibrate` gives it.

    Returns
    -------
    str
        For each stage its rows and parameters, what falls short, and what stands at the end of its range; then the carriers.
    """
    lines = [
        f"{made['looked_at']} parameter sets looked at on the twin, {made['agent_runs']} runs of the agents"
    ]
    for stage, found in made["stages"].items():
        knowledge, short = found["knowledge"], found["shortfalls"]
        losses = [one["loss"] for one in found["members"]]
        lines += [
            "",
            f"{stage.replace('_', ' ')}: {len(found['rows'])} rows, {len(losses)} members of loss {min(losses):.2f} to {max(losses):.2f} (parameters of the program: {found['default_loss']:.2f})",
            f"  effective number of combinations identified: {knowledge['effective_number']:.1f} of {len(knowledge['parameters'])}",
        ]
        if len(losses) < ENOUGH:
            lines.append(
                f"  fewer than {ENOUGH} members: no ensemble to predict with; more --samples or --members find more"
            )
        lines += _rows(found)
        for one in knowledge["parameters"]:
            known = "identified" if one["identified"] else "not identified"
            lines.append(
                f"  {one['name']:45s} {one['low']:.3g} to {one['high']:.3g} {one['unit']} (width {one['width']:.2f}: {known})"
            )
        lines += [
            f"  trade off: {a} and {b} (rank correlation {pair['rank_correlation']:+.2f})"
            for pair in knowledge["trade_offs"]
            for a, b in [pair["parameters"]]
        ]
        if found["centre"]["at_end"]:
            lines.append(
                f"  at an end of its range, central member: {', '.join(found['centre']['at_end'])}; what still falls short would take another range or another mechanism"
            )
        lines.append(
            f"  falls short on the agents, central member: {', '.join(short['centre']) or 'nothing'}"
        )
        lines.append(
            f"  falls short on the agents, of {short['confirmed']} members: "
            + (", ".join(f"{name} {count}" for name, count in short["members"].items() if count) or "nothing")
        )
        if short["not_run"]:
            lines.append(f"  not run with the agents, since slow: {', '.join(short['not_run'])}")
    lines += [
        "",
        f"carriers, each alone (potencies are not identified; {made.get('effect', {}).get('wanted', 'none')} is a convention):",
    ]
    for carrier, one in made["carriers"].items():
        reached = "" if one["reached"] else "; that is not reached within the parameter's range"
        lines.append(
            f"  {carrier}: {one['parameter']} = {one['value']:.3g} {one['unit']} gives {made['effect']['row']} {one['effect']:.3f}{reached}"
        )
    return "\n".join(lines)


def _rows(found: dict[str, Any]) -> list[str]:
    """Each row: its range, the central member by agents and by the shifted twin, all members by the shifted twin."""
    centre = found["members"][found["centre"]["member"]]
    lines = []
    for name, row in found["measured"].items():
        values = [one["twin"][name] for one in found["members"] if one["twin"][name] is not None]
        span = f"{min(values):.3g} to {max(values):.3g}" if values else "never"
        unit = "" if row["unit"] == "1" else f" {row['unit']}"
        lines.append(
            f"  {name:27s} {row['low']:.3g} to {row['high']:.3g}{unit} ({row['grade']}): agents {_number(centre['agents'].get(name))}, twin {_number(centre['twin'][name])}, members {span}"
        )
    return lines


def _number(value: float | None) -> str:
    return "never" if value is None else f"{value:.3g}"
