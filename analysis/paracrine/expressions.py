"""Observables, and sums, differences, products and ratios of them: "myofibroblast + hsc_activated"."""

from __future__ import annotations

import ast
from collections.abc import Mapping

import numpy as np
import xarray

from paracrine.errors import InputError

_OPERATIONS: dict[type[ast.operator], np.ufunc] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
}

MOST_CHARACTERS, MOST_PARENTHESES = 400, 40  # of an expression, so that reading one needs little depth


def parse(text: str) -> ast.expr:
    """Read an expression of names, ``+ - * /`` and parentheses.

    Parameters
    ----------
    text : str
        Such as ``"hsc_inactivated / hsc_quiescent"``.

    Returns
    -------
    ast.expr

    Raises
    ------
    InputError
        It holds anything else, or is too long.

    Examples
    --------
    >>> sorted(names(parse("a + b / a")))
    ['a', 'b']
    """
    if len(text) > MOST_CHARACTERS or text.count("(") > MOST_PARENTHESES:
        raise InputError(
            f'"{text[:40]}...": an expression has at most {MOST_CHARACTERS} characters and {MOST_PARENTHESES} pairs of parentheses'
        )
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise InputError(
            f'"{text}" is no expression; write names of observables with + - * / between them'
        ) from None
    for node in ast.walk(tree):
        if not isinstance(node, (ast.Name, ast.BinOp, ast.Load, *_OPERATIONS)):
            raise InputError(
                f'"{text}": only names of observables, + - * / and parentheses may stand in an expression'
            )
    return tree


def names(tree: ast.expr) -> set[str]:
    """Give the names in an expression."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def value(tree: ast.expr, series: xarray.Dataset) -> np.ndarray:
    """Compute an expression from series.

    Parameters
    ----------
    tree : ast.expr
        Of `parse`.
    series : xarray.Dataset
        With a variable for each name.

    Returns
    -------
    numpy.ndarray
        Of the variables' shape; infinite or NaN where something is divided by 0.

    Raises
    ------
    InputError
        The series has no such variable.
    """
    if isinstance(tree, ast.Name):
        if tree.id not in series:
            raise InputError(f'the series have no observable "{tree.id}"')
        return np.asarray(series[tree.id].values, dtype=float)
    assert isinstance(tree, ast.BinOp)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(_OPERATIONS[type(tree.op)](value(tree.left, series), value(tree.right, series)))


def unit(tree: ast.expr, units: Mapping[str, str]) -> str:
    """Find the unit of an expression.

    Raises
    ------
    InputError
        Things of different units are added, or multiplied where neither is a number.

    Examples
    --------
    >>> unit(parse("a / b"), {"a": "ug/g", "b": "ug/g"})
    '1'
    """
    if isinstance(tree, ast.Name):
        return same_unit(units[tree.id])
    assert isinstance(tree, ast.BinOp)
    left, right = unit(tree.left, units), unit(tree.right, units)
    if isinstance(tree.op, (ast.Add, ast.Sub)):
        if left != right:
            raise InputError(f"{left} and {right} cannot be added")
        return left
    if right == "1":
        return left
    if isinstance(tree.op, ast.Div) and left == right:
        return "1"
    if isinstance(tree.op, ast.Mult) and left == "1":
        return right
    raise InputError(f"{left} and {right} give no unit that a target may have")


def same_unit(text: str) -> str:
    """Write ``d^-1`` and ``1/d`` alike.

    Examples
    --------
    >>> same_unit("d^-1"), same_unit("ug/g")
    ('1/d', 'ug/g')
    """
    return f"1/{text.removesuffix('^-1')}" if text.endswith("^-1") else text
