"""Scenarios: loaded, checked, changed, shown."""

from __future__ import annotations

import html
import json
import os
import tomllib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from paracrine.core import core
from paracrine.errors import InputError
from paracrine.quantities import days
from paracrine.texts import MOST_LEVELS, levels_of

if TYPE_CHECKING:
    import pandas

SECONDS_PER_DAY = 86400.0
MOST_EVENTS = 30  # of a schedule, in the display of a notebook


class Scenario:
    """What is simulated: one animal or patient, its injuries and therapies, and what is recorded. It never changes; `with_` makes another.

    Examples
    --------
    >>> scenario = Scenario.load("scenarios/delivery/mouse_iv_msc_delivery.toml")
    >>> scenario.model, scenario.title
    ('delivery', 'One million MSC into a tail vein')
    >>> scenario.with_({"therapy.0.cells": 3e5}).get("therapy.0.cells")
    300000
    """

    def __init__(self, text: str, name: str, folder: str, overrides: Sequence[str] = ()) -> None:
        self._source = (text, name, folder, tuple(overrides))
        self._core = core().parse_scenario(text, name, folder, list(overrides))
        self._resolved = tomllib.loads(self._core.to_toml())

    @classmethod
    def load(cls, path: str | os.PathLike[str], changes: Mapping[str, Any] | None = None) -> Scenario:
        """Read and check a scenario file.

        Parameters
        ----------
        path : path
            A file in TOML.
        changes : mapping of str to value, optional
            As in `with_`.

        Returns
        -------
        Scenario

        Raises
        ------
        InputError
            With every problem, each with its place; the text is that of ``paracrine validate``.
        """
        overrides = _overrides(changes or {})
        path = os.fspath(path)
        try:
            with open(path, encoding="utf-8", newline="") as file:
                text = file.read()
        except (OSError, UnicodeDecodeError):
            core().load_scenario(path, overrides)  # has the words for it
            raise
        return cls(text, path, os.path.abspath(os.path.dirname(path)), overrides)

    @classmethod
    def parse(cls, text: str, name: str = "scenario", folder: str | os.PathLike[str] = "") -> Scenario:
        """Read and check a scenario from a text.

        Parameters
        ----------
        text : str
            TOML.
        name : str
            Stands in messages.
        folder : path
            Where its includes lie; without it, includes are refused.

        Raises
        ------
        InputError
            As `load`.

        Examples
        --------
        >>> Scenario.parse('model = "delivery"').get("species")
        Traceback (most recent call last):
            ...
        paracrine.errors.InputError: ...
        """
        return cls(text, name, os.fspath(folder))

    def with_(self, changes: Mapping[str, Any]) -> Scenario:
        """Make a scenario that differs in some keys.

        Parameters
        ----------
        changes : mapping of str to value
            From paths (``"therapy.0.cells"``) to numbers, texts with units (``"28 d"``), truth values, lists or tables; checked like the file.

        Returns
        -------
        Scenario

        Raises
        ------
        InputError
            No such path, wrong unit or type, or a value outside its physical range.
        """
        text, name, folder, overrides = self._source
        return Scenario(text, name, folder, (*overrides, *_overrides(changes)))

    @property
    def model(self) -> str:
        """The disease or experiment."""
        return str(self._core.model)

    @property
    def title(self) -> str:
        """What it calls itself; empty when it does not."""
        return str(self._resolved.get("title", ""))

    @property
    def name(self) -> str:
        """The file it came from, or the name it was given."""
        return self._source[1]

    @property
    def overrides(self) -> list[str]:
        """Changes, as ``path=value``, in order."""
        return list(self._source[3])

    @property
    def warnings(self) -> list[str]:
        """Values outside the published range and other doubts."""
        return [text.rstrip() for text in self._core.warnings]

    def to_toml(self) -> str:
        """Write the merged scenario with all defaults; it reads back to the same run."""
        return str(self._core.to_toml())

    def to_dict(self) -> dict[str, Any]:
        """Give the merged scenario with all defaults as nested dictionaries and lists."""
        return tomllib.loads(self._core.to_toml())

    def get(self, path: str) -> Any:
        """Read one key.

        Parameters
        ----------
        path : str
            Such as ``"therapy.0.cells"`` or ``"parameters.msc_fate.half_life_lung"``.

        Returns
        -------
        number, str, bool, list or dict
            Quantities are texts with their units. A parameter without an override is its default.

        Raises
        ------
        KeyError
            There is no such key.
        """
        if path.startswith("parameters."):
            name = path.removeprefix("parameters.")
            for row in self._core.parameters():
                if row["name"] == name:
                    return (
                        row["value"]
                        if row["unit"] == "1"
                        else f"{repr(row['value']).removesuffix('.0')} {row['unit']}"
                    )
        item: Any = self._resolved
        for part in path.split("."):
            try:
                item = item[int(part)] if isinstance(item, list) else item[part]
            except (KeyError, IndexError, ValueError, TypeError):
                raise KeyError(f"the scenario {self.name} has no {path}") from None
        return item

    def parameters(self) -> pandas.DataFrame:
        """List the parameters of the model with the values that the scenario gives them.

        Returns
        -------
        pandas.DataFrame
            Index: name. Columns: value, unit, default_value, published and physical range, distribution, spread, kind of source, overridden, meaning, source.
        """
        import pandas

        return pandas.DataFrame(self._core.parameters()).set_index("name")

    def schedule(self) -> pandas.DataFrame:
        """Say what the run does when: doses at the ends of visits to which they are moved, cut where the run ends; those that come later are not in it.

        Returns
        -------
        pandas.DataFrame
            In order of time; columns: time [d], end [d] (NaN for what happens at once), what, amount that is given before the run ends (NaN for what has none) and its unit.
        """
        import pandas

        rows = [
            (
                one["start_s"] / SECONDS_PER_DAY,
                one["stop_s"] / SECONDS_PER_DAY,
                _words(one, self._resolved[one["section"]][one["entry"]]),
                one["amount"],
                one["unit"] if one["amount"] == one["amount"] else "",
            )
            for one in self._core.schedule()
        ]
        nan = float("nan")
        rows.append((days(self._resolved["time"]["duration"]) or 0.0, nan, "end", nan, ""))
        return pandas.DataFrame(
            sorted(rows, key=lambda row: row[0]), columns=["time_d", "end_d", "what", "amount", "unit"]
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scenario) and self.to_toml() == other.to_toml()

    def __hash__(self) -> int:
        return hash(self.to_toml())

    def __reduce__(self) -> tuple[Any, ...]:
        return Scenario, self._source

    def __repr__(self) -> str:
        changes = f", {len(self._source[3])} changes" if self._source[3] else ""
        return f'<Scenario "{self.title or self.name}" ({self.model}, {self._resolved["time"]["duration"]}{changes})>'

    def _repr_html_(self) -> str:
        facts = {key: value for key, value in self._resolved.items() if not isinstance(value, (dict, list))}
        facts["duration"] = self._resolved["time"]["duration"]
        if self._source[3]:
            facts["changes"] = ", ".join(self._source[3])
        table = "".join(
            f"<tr><th style='text-align:left'>{html.escape(str(key))}</th><td>{html.escape(str(value))}</td></tr>"
            for key, value in facts.items()
        )
        plan = self.schedule()
        rows = "".join(
            f"<tr><td>{_span(row.time_d, row.end_d)}</td><td style='text-align:left'>{html.escape(row.what)}</td></tr>"
            for row in plan.head(MOST_EVENTS).itertuples()
        )
        more = f"<p>... and {len(plan) - MOST_EVENTS} more</p>" if len(plan) > MOST_EVENTS else ""
        return f"<table>{table}</table><table><tr><th>time [d]</th><th style='text-align:left'>what happens</th></tr>{rows}</table>{more}"


def parameters() -> pandas.DataFrame:
    """List every parameter of every part of the models, as ``paracrine params`` does.

    Returns
    -------
    pandas.DataFrame
        One row per parameter and set of variants; columns: name, part, variant, value, unit, published, physical, distribution, kind, meaning, source.
    """
    import pandas

    return pandas.DataFrame(json.loads(core().all_parameters()))


def schema() -> dict[str, Any]:
    """Give the JSON Schema (draft-04) of scenario files."""
    found: dict[str, Any] = json.loads(core().schema())
    return found


def version() -> dict[str, Any]:
    """Say which program this is: version, git revision, build, compiler, instruction set, libraries, processors."""
    return dict(core().version())


def as_scenario(given: Scenario | str | os.PathLike[str]) -> Scenario:
    """Take a scenario, or load the file of that name.

    Raises
    ------
    InputError
        It is neither.
    """
    if isinstance(given, Scenario):
        return given
    if isinstance(given, (str, os.PathLike)):
        return Scenario.load(given)
    raise InputError(f"expected a Scenario or the path of a scenario file, got {type(given).__name__}")


def toml_value(value: Any, path: str = "") -> str:
    """Write a value as TOML.

    Raises
    ------
    InputError
        TOML has no such value; `path` stands in the message.

    Examples
    --------
    >>> toml_value(3e5), toml_value("28 d"), toml_value([True, {"a": 1}])
    ('300000.0', '"28 d"', '[true, {"a" = 1}]')
    """
    if hasattr(value, "tolist"):  # numpy's
        value = value.tolist()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Mapping):
        return (
            "{"
            + ", ".join(f"{json.dumps(str(key))} = {toml_value(item, path)}" for key, item in value.items())
            + "}"
        )
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(toml_value(item, path) for item in value) + "]"
    raise InputError(
        f"{path}: expected a number, a text, a truth value, a list or a table, got {type(value).__name__}"
    )


def _overrides(changes: Mapping[str, Any]) -> list[str]:
    if not isinstance(changes, Mapping):
        raise InputError(
            f'changes: expected a mapping from paths to values, such as {{"therapy.0.cells": 3e6}}, got {type(changes).__name__}'
        )
    for path, value in changes.items():
        if levels_of(value) > MOST_LEVELS:
            raise InputError(f"{path}: has more than {MOST_LEVELS} levels of tables and lists")
    return [f"{path}={toml_value(value, str(path))}" for path, value in changes.items()]


def _words(happening: Mapping[str, Any], entry: Mapping[str, Any]) -> str:
    """Name one happening by its entry in the scenario, times apart, and say which of the repeats it is."""
    times = ("at", "start", "stop", "every", "repeats", "duration")
    words = ", ".join(
        f"{value}"
        if isinstance(value, str)
        else f"{key} {value:g}"
        if isinstance(value, float)
        else f"{key} {value}"
        for key, value in entry.items()
        if key not in times
    )
    of = f" ({happening['which']} of {happening['times']})" if happening["times"] > 1 else ""
    return f"{happening['section']}.{happening['entry']}: {words}{of}"


def _span(start: float, end: float) -> str:
    return f"{start:g}" if end != end else f"{start:g} to {end:g}"
