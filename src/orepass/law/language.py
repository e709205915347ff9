"""The rule language: short conditions over named facts, such as ``purity_pct >= 99.99 and form in ("powder", "granule")``.

It is the comparison part of Python's expression grammar, read with :mod:`ast` and never run by Python. A condition has

* comparisons of a fact with a value: ``> >= < <= == !=``, ``in``, ``not in``; chains such as ``100 <= inner_diameter_mm <= 300``;
* ``and``, ``or``, ``not``, brackets;
* ``true`` and ``false``; ``unknown`` for a limit that no source shows (neither met nor failed);
* ``is_a("kind")``: the goods are of this kind;
* ``can_cut_cylinder(d, l)``, ``can_cut_tube(bore, wall, l)``, ``can_cut_block(x, y, z)``: the shape, in millimetres, can be machined
  out of the piece by cutting alone;
* ``uncertain(...)``: a limit whose reading is in doubt: meeting it counts, failing it does not release;
* ``perhaps(...)``: goods of which no text says whether they are meant: meeting it leaves the answer open.

See ``docs/adr/0001-rule-language.md``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Operator = Literal[">", ">=", "<", "<=", "==", "!="]
Scalar = float | str | bool


class LanguageError(ValueError):
    """A condition that is not in the rule language; the message names the column and what was expected."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A limit that was not readable in any source."""


@dataclass(frozen=True, slots=True)
class Compare:
    """One fact compared with one value."""

    fact: str
    op: Operator
    value: Scalar | Unknown


@dataclass(frozen=True, slots=True)
class Among:
    """One fact that is, or is not, one of several values."""

    fact: str
    values: tuple[Scalar, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class IsA:
    """The goods are of a kind."""

    kind: str


@dataclass(frozen=True, slots=True)
class CanCut:
    """A shape can be machined out of the piece; sizes in millimetres."""

    shape: Literal["cylinder", "tube", "block"]
    sizes: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Uncertain:
    """A condition whose reading is in doubt."""

    part: Node


@dataclass(frozen=True, slots=True)
class Perhaps:
    """A condition of which it is open whether it counts at all."""

    part: Node


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """At least one part holds."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Node


Node = Compare | Among | IsA | CanCut | Uncertain | Perhaps | All | Any | Not

_OPERATORS: dict[type[ast.cmpop], Operator] = {
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
_MIRRORED: dict[Operator, Operator] = {">": "<", ">=": "<=", "<": ">", "<=": ">=", "==": "==", "!=": "!="}
_CUTS: dict[str, tuple[Literal["cylinder", "tube", "block"], int]] = {
    "can_cut_cylinder": ("cylinder", 2),
    "can_cut_tube": ("tube", 3),
    "can_cut_block": ("block", 3),
}
_WORDS = {"true": True, "false": False}


def parse(text: str) -> Node:
    """Read a condition.

    Raises
    ------
    LanguageError
        When the text is not in the rule language.
    """
    try:
        tree = ast.parse(" ".join(text.split()), mode="eval")
    except SyntaxError as error:
        raise LanguageError(f"column {error.offset}: {error.msg} in {text!r}") from None
    return _node(tree.body, text)


def _refuse(node: ast.AST, text: str, expected: str) -> LanguageError:
    return LanguageError(f"column {getattr(node, 'col_offset', 0) + 1}: expected {expected} in {text!r}")


def _node(node: ast.expr, text: str) -> Node:
    match node:
        case ast.BoolOp(op=ast.And(), values=values):
            return All(tuple(_node(value, text) for value in values))
        case ast.BoolOp(op=ast.Or(), values=values):
            return Any(tuple(_node(value, text) for value in values))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return Not(_node(operand, text))
        case ast.Compare():
            return _comparison(node, text)
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
            return _call(node, name, args, text)
        case _:
            raise _refuse(node, text, "a comparison, a test such as is_a(...), or and / or / not")


def _call(node: ast.expr, name: str, args: list[ast.expr], text: str) -> Node:
    if name == "uncertain" and len(args) == 1:
        return Uncertain(_node(args[0], text))
    if name == "perhaps" and len(args) == 1:
        return Perhaps(_node(args[0], text))
    if name == "is_a" and len(args) == 1:
        match args[0]:
            case ast.Constant(value=str(kind)):
                return IsA(kind)
            case _:
                raise _refuse(args[0], text, "the name of a kind in quotes")
    if name in _CUTS and len(args) == _CUTS[name][1]:
        sizes = [_value(arg, text) for arg in args]
        if all(isinstance(size, float) for size in sizes):
            return CanCut(_CUTS[name][0], tuple(size for size in sizes if isinstance(size, float)))
    raise _refuse(node, text, "is_a(kind), uncertain(condition) or can_cut_cylinder / _tube / _block with its sizes")


def _comparison(node: ast.Compare, text: str) -> Node:
    terms = [node.left, *node.comparators]
    parts: list[Node] = []
    for left, op, right in zip(terms, node.ops, terms[1:], strict=False):
        if isinstance(op, ast.In | ast.NotIn):
            if not isinstance(right, ast.Tuple | ast.List):
                raise _refuse(right, text, "a list of values in brackets")
            values = tuple(
                value for value in (_value(item, text) for item in right.elts) if not isinstance(value, Unknown)
            )
            parts.append(Among(_fact(left, text), values, isinstance(op, ast.NotIn)))
            continue
        operator = _OPERATORS.get(type(op))
        if operator is None:
            raise _refuse(node, text, "one of > >= < <= == != in, not in")
        if _is_fact(left):
            parts.append(Compare(_fact(left, text), operator, _value(right, text)))
        else:
            parts.append(Compare(_fact(right, text), _MIRRORED[operator], _value(left, text)))
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _is_fact(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) or (isinstance(node, ast.Name) and node.id not in {*_WORDS, "unknown"})


def _fact(node: ast.expr, text: str) -> str:
    match node:
        case ast.Name(id=name) if name not in _WORDS and name != "unknown":
            return name
        case ast.Attribute(value=value, attr=attr):
            return f"{_fact(value, text)}.{attr}"
        case _:
            raise _refuse(node, text, "the name of a fact")


def _value(node: ast.expr, text: str) -> Scalar | Unknown:
    match node:
        case ast.Constant(value=bool(value)):
            raise _refuse(node, text, f"{str(value).lower()} in lower case")
        case ast.Constant(value=int(value) | float(value)):
            return float(value)
        case ast.Constant(value=str(value)):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(value) | float(value))):
            return -float(value)
        case ast.Name(id="unknown"):
            return Unknown()
        case ast.Name(id=word) if word in _WORDS:
            return _WORDS[word]
        case _:
            raise _refuse(node, text, "a number, a quoted word, true, false or unknown")


def parts_of(node: Node) -> Iterator[Node]:
    """The node and everything below it."""
    yield node
    match node:
        case All(parts) | Any(parts):
            for part in parts:
                yield from parts_of(part)
        case Not(part) | Uncertain(part) | Perhaps(part):
            yield from parts_of(part)
        case _:
            pass


def without_uncertain(node: Node) -> Node | None:
    """The condition without the parts whose reading is in doubt; nothing when no part is left."""
    match node:
        case Uncertain():
            return None
        case All(parts):
            kept = tuple(part for part in (without_uncertain(p) for p in parts) if part is not None)
            return All(kept) if kept else None
        case _:
            return node


def facts_of(node: Node) -> frozenset[str]:
    """The names of the facts that a condition asks for."""
    return frozenset(part.fact for part in parts_of(node) if isinstance(part, Compare | Among))


def has_unknown_limit(node: Node) -> bool:
    """Whether the condition holds a limit that no source shows."""
    return any(isinstance(part, Compare) and isinstance(part.value, Unknown) for part in parts_of(node))


def show(node: Node) -> str:
    """The condition as text, as a lawyer would write it down."""

    def scalar(value: Scalar | Unknown) -> str:
        match value:
            case Unknown():
                return "unknown"
            case bool():
                return str(value).lower()
            case str():
                return value
            case _:
                return f"{value:.12g}"

    match node:
        case Compare(fact, op, value):
            return f"{fact} {op} {scalar(value)}"
        case Among(fact, values, negated):
            return f"{fact} {'not in' if negated else 'in'} ({', '.join(scalar(value) for value in values)})"
        case IsA(kind):
            return f"is {kind}"
        case CanCut(shape, sizes):
            return f"can be cut to a {shape} of {' x '.join(scalar(size) for size in sizes)} mm"
        case Uncertain(part):
            return f"uncertain({show(part)})"
        case Perhaps(part):
            return f"perhaps({show(part)})"
        case All(parts):
            return " and ".join(f"({show(part)})" if isinstance(part, Any) else show(part) for part in parts)
        case Any(parts):
            return " or ".join(f"({show(part)})" if isinstance(part, All) else show(part) for part in parts)
        case Not(part):
            return f"not ({show(part)})"
