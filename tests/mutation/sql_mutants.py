"""Mutates SQL: one changed comparison, condition, order, aggregate, join or literal at a time."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final, NamedTuple

TOKEN: Final = re.compile(
    r"(?P<skip>\s+|--[^\n]*|\$\w*\$)"
    r"|(?P<text>'(?:[^']|'')*')"
    r"|(?P<number>\b\d+(?:\.\d+)?\b)"
    r"|(?P<word>[:$]?[A-Za-z_]\w*|\$\d+)"
    r"|(?P<sign>::|:=|=>|->>|#>>|->|<@|@>|<=|>=|<>|!=|\|\||.)",
    re.DOTALL,
)
SWAPPED: Final = {
    **{"<": "<=", "<=": "<", ">": ">=", ">=": ">", "=": "<>", "<>": "=", "!=": "=", "+": "-", "-": "+"},
    **{"and": "or", "or": "and", "asc": "desc", "desc": "asc", "first": "last", "last": "first"},
    **{"true": "false", "false": "true", "exists": "not exists", "not": "", "is": "is not", "distinct": ""},
    **{"left": "inner", "full": "left"},
    **{"min": "max", "max": "min", "sum": "max", "count": "max", "any": "all", "all": "any"},
    **{"bool_or": "bool_and", "bool_and": "bool_or"},
}
"""Each word or sign and what takes its place."""
FUNCTIONS: Final = {"min", "max", "sum", "count", "any", "all", "bool_or", "bool_and"}
ENDS: Final = {
    *("and", "or", "then", "where", "group", "order", "having", "limit", "union", "window", "returning"),
    *("inner", "left", "full", "cross", "from", "for", "do", "asc", "desc", ";", ",", "select"),
}
"""The words and signs that end a condition in the same parentheses."""
BEFORE_A_CONDITION: Final = {"where", "on", "having", "and", "or", "when", "by"}
"""A sort key without a direction counts as one."""


class Token(NamedTuple):
    """A word, number, text or sign in lower case, its place, and how many parentheses are open before it."""

    value: str
    kind: str
    begin: int
    end: int
    depth: int


def mutated(sql: str) -> Iterator[str]:
    """All mutants of a statement or of the definition of a view or function; comments do not change."""
    tokens = _tokens(sql)
    for position, token in enumerate(tokens):
        new = _replacement(tokens, position)
        if new is not None:
            yield sql[: token.begin] + new + sql[token.end :]
        end = _condition_end(tokens, position)
        if end:
            begin = tokens[position + 1].begin
            neutral = {"or": "false", "by": f"{sql[begin:end]} desc"}.get(token.value, "true")
            yield f"{sql[:begin]}{neutral}{sql[end:]}"


def _tokens(sql: str) -> list[Token]:
    found, depth = [], 0
    for match in TOKEN.finditer(sql):
        kind, value = str(match.lastgroup), match[0].lower()
        if kind == "skip":
            continue
        depth -= value in (")", "]")
        found.append(Token(value, kind, match.start(), match.end(), depth))
        depth += value in ("(", "[")
    return found


def _replacement(tokens: list[Token], position: int) -> str | None:
    token = tokens[position]
    if token.kind == "number":
        return str(int(token.value) + 1) if token.value.isdigit() else "0"
    if token.kind == "text":
        return None if _is_message(tokens, position) else f"'XX{token.value[1:]}"
    return None if _is_syntax(tokens, position) else SWAPPED.get(token.value)


def _is_syntax(tokens: list[Token], position: int) -> bool:
    """Whether a word or sign is not the operator that it looks like."""
    value = tokens[position].value
    before = tokens[position - 1].value if position else ""
    after = tokens[position + 1].value if position + 1 < len(tokens) else ""
    return (
        (value in FUNCTIONS and (after != "(" or before == "union"))
        or (value in ("left", "full") and after not in ("join", "outer"))
        or (value in ("first", "last") and before != "nulls")
        or (value == "and" and _of_between(tokens, position))
        or (value == "or" and after == "replace")
        or (value == "=" and _clause(tokens, position) == "set")
        or (value == "not" and before != "is" and (before == "if" or after in ("null", "materialized")))
        or (value == "is" and after not in ("null", "distinct"))
        or (value == "exists" and before in ("if", "not"))
        or (value == "distinct" and (before in ("is", "not") or after == "on"))
    )


def _is_message(tokens: list[Token], position: int) -> bool:
    """Whether a text is part of an error."""
    words = (token.value for token in reversed(tokens[:position]))
    return next((word for word in words if word in ("exception", "hint", ";")), ";") != ";"


def _of_between(tokens: list[Token], position: int) -> bool:
    depth = tokens[position].depth
    near = (token.value for token in reversed(tokens[:position]) if token.depth == depth)
    return next((value for value in near if value == "between" or value in ENDS), "") == "between"


def _clause(tokens: list[Token], position: int) -> str:
    """The word that begins the clause of a token."""
    words = {"set", "select", "from", "where", "on", "having", "values", "when", "if"}
    outer = (t.value for t in reversed(tokens[:position]) if t.depth <= tokens[position].depth)
    return next((value for value in outer if value in words), "")


def _condition_end(tokens: list[Token], position: int) -> int:
    """The end of the condition after a word, 0 if none begins there."""
    token = tokens[position]
    if token.value not in BEFORE_A_CONDITION or _is_syntax(tokens, position):
        return 0
    if token.value == "on" and not _is_of_join(tokens, position):
        return 0
    if token.value == "by" and tokens[position - 1].value != "order":
        return 0
    in_between = False
    for count, (last, following) in enumerate(pairwise(tokens[position + 1 :])):
        is_end = following.depth < token.depth or (
            following.depth == token.depth
            and following.value in ENDS
            and not (following.value == "and" and in_between)
            and not (following.value == "from" and last.value == "distinct")
        )
        if is_end:
            # `case x when 'y'` compares with a value.
            is_value = token.value == "when" and not count
            return 0 if is_value or following.value in ("asc", "desc") else last.end
        if following.depth == token.depth and following.value in ("between", "and"):
            in_between = following.value == "between"
    return tokens[-1].end


def _is_of_join(tokens: list[Token], position: int) -> bool:
    words = (token.value for token in reversed(tokens[:position]) if token.depth == tokens[position].depth)
    return next((word for word in words if word in ("join", "on", "distinct", ";", "select")), "") == "join"
