"""Formulas of pillars: arithmetic with scores of what is below, for example 1 - 2 / (1 / women + 1 / men).

Only numbers, names, + - * / **, brackets and a few functions are allowed: a method file runs no code.
"""

import ast
from collections.abc import Callable, Mapping
from functools import lru_cache, reduce
from threading import Lock
from typing import Final

import numpy as np
from numpy.typing import NDArray

from city_indicators.analytics.ratings.steps import LARGEST

Floats = NDArray[np.float64]

OPERATORS: Final[dict[type[ast.operator], Callable[..., Floats]]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.Pow: np.power,
}
OF_ONE: Final[dict[str, Callable[..., Floats]]] = {"exp": np.exp, "log": np.log, "sqrt": np.sqrt}
OF_SEVERAL: Final[dict[str, Callable[..., Floats]]] = {"max": np.maximum, "min": np.minimum}
FUNCTIONS: Final = ", ".join(sorted({*OF_ONE, *OF_SEVERAL, "round"}))
GRAMMAR: Final = f"numbers, names, + - * / **, brackets, {FUNCTIONS}"
MOST_CHARACTERS: Final = 1000
MOST_PLACES: Final = 15
PARSING: Final = Lock()
"""Held by the one thread that parses: CPython 3.11 counts the depth of all threads together, and fails."""


def names_in(formula: str) -> list[str]:
    """The names of a formula, in order.

    Raises:
        ValueError: the text is not a formula.
    """
    tree = _parsed(formula)
    functions = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    names = (node for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in functions)
    return list(dict.fromkeys(node.id for node in names))


def calculated(formula: str, scores: Mapping[str, Floats]) -> Floats:
    """The result for each score; not a finite number where it is missing or undefined."""
    with np.errstate(all="ignore"):
        return np.asarray(_value(_parsed(formula), scores))


@lru_cache(maxsize=256)
def _parsed(formula: str) -> ast.expr:
    if len(formula) > MOST_CHARACTERS:
        raise ValueError(f"has {len(formula)} characters, more than {MOST_CHARACTERS}")
    try:
        with PARSING:
            tree = ast.parse(formula.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ValueError(f"cannot be read; allowed are {GRAMMAR}") from error
    _check(tree)
    return tree


def _check(node: ast.expr) -> None:
    for part in _operands(node):
        _check(part)


def _operands(node: ast.expr) -> list[ast.expr]:
    match node:
        case ast.Constant(value=int() | float() as number) if (
            not isinstance(number, bool) and number <= LARGEST
        ):
            return []
        case ast.Name():
            return []
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            return [operand]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            return [left, right]
        case ast.Call(func=ast.Name(id=name), args=[_] as args, keywords=[]) if name in OF_ONE:
            return args
        case ast.Call(
            func=ast.Name(id="round"), args=[value, ast.Constant(value=int(places))], keywords=[]
        ) if 0 <= places <= MOST_PLACES and not isinstance(places, bool):
            return [value]
        case ast.Call(func=ast.Name(id=name), args=[_, _, *_] as args, keywords=[]) if name in OF_SEVERAL:
            return args
    raise ValueError(f"has {ast.unparse(node)!r}, but allowed are {GRAMMAR}")


def _value(node: ast.expr, scores: Mapping[str, Floats]) -> Floats | float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return np.float64(number)
        case ast.Name(id=name):
            return scores[name]
        case ast.UnaryOp(op=op, operand=operand):
            value = _value(operand, scores)
            return -value if isinstance(op, ast.USub) else value
        case ast.BinOp(left=left, op=op, right=right):
            return OPERATORS[type(op)](_value(left, scores), _value(right, scores))
        case ast.Call(func=ast.Name(id="round"), args=[operand, ast.Constant(value=int(places))]):
            return np.round(_value(operand, scores), places)
        case ast.Call(func=ast.Name(id=name), args=args):
            values = [_value(part, scores) for part in args]
            return OF_ONE[name](*values) if name in OF_ONE else reduce(OF_SEVERAL[name], values)
    raise ValueError(f"{ast.unparse(node)} is checked before")
