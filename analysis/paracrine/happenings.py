"""What happened in a run, in words: doses with product and amount, injuries with their cause, interventions."""

from __future__ import annotations

import dataclasses
import functools
import importlib.resources
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

from paracrine.errors import FileError
from paracrine.series import Event, Series
from paracrine.texts import parse_toml

OFTEN = 8  # what happens more often than that in a run is drawn lightly


@dataclasses.dataclass(frozen=True)
class Happening:
    """Something that happened, one or several times.

    Parameters
    ----------
    words : str
        What, such as "MSC dose, 1e6 cells".
    times_d : tuple of float
        When [d].
    """

    words: str
    times_d: tuple[float, ...]

    @property
    def label(self) -> str:
        """The words, and how often."""
        return self.words if len(self.times_d) == 1 else f"{self.words} ({len(self.times_d)} times)"

    @property
    def often(self) -> bool:
        """Whether it is drawn lightly."""
        return len(self.times_d) > OFTEN


def happenings(run: Series) -> list[Happening]:
    """Tell what happened in a run, in the order of first times."""
    tables = _scenario(run.path) if run.events else {}
    found: dict[str, list[float]] = {}
    for event in run.events:
        found.setdefault(_words(event, tables), []).append(event.time_d)
    return [Happening(words, tuple(times)) for words, times in found.items()]


def all_happenings(runs: Iterable[Series]) -> list[Happening]:
    """Tell what happened in several runs: each sort once, with the run in which it happened most often."""
    found: dict[str, Happening] = {}
    for run in runs:
        for one in happenings(run):
            if one.words not in found or len(one.times_d) > len(found[one.words].times_d):
                found[one.words] = one
    return list(found.values())


def short_number(value: float) -> str:
    """Write a number as people write doses.

    Examples
    --------
    >>> short_number(1e6), short_number(2.5e11), short_number(0.5)
    ('1e6', '2.5e11', '0.5')
    """
    return f"{value:.3g}".replace("e+0", "e").replace("e+", "e")


def pictures() -> Mapping[str, Any]:
    """Read data/pictures.toml."""
    return _pictures()


@functools.cache
def _pictures() -> Mapping[str, Any]:
    text = (importlib.resources.files("paracrine") / "data/pictures.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _words(event: Event, tables: Mapping[str, Any]) -> str:
    names = pictures()["names"]
    head, _, tail = event.meaning.partition(" ")
    table = {"dose": "therapy", "injury": "injury", "intervention": "intervention"}.get(head, "")
    entries = tables.get(table, [])
    entry = entries[event.subject] if 0 <= event.subject < len(entries) else {}
    product, cause, kind = (str(entry.get(key, "")) for key in ("product", "cause", "kind"))
    if head == "dose":
        unit = pictures()["amounts"].get(product, "")
        name = names.get(product, product.replace("_", " "))
        return f"{name} dose, {short_number(event.value)} {unit}".strip().strip(",")
    if head == "injury" and cause:
        return f"injury by {names.get(cause, cause.replace('_', ' '))}"
    if head == "intervention" and kind:
        return f"{names.get(kind, kind.replace('_', ' '))} {'begins' if tail == 'start' else 'ends'}"
    return event.meaning


def _scenario(path: str) -> Mapping[str, Any]:
    """The scenario that was run; empty when the file does not hold it."""
    from paracrine.results import open as open_run

    try:
        found = parse_toml(open_run(path).provenance["scenario_resolved"])
    except (FileError, KeyError, ValueError):
        return {}
    return {
        name: [entry for entry in entries if isinstance(entry, dict)]
        for name, entries in found.items()
        if isinstance(entries, list)
    }
