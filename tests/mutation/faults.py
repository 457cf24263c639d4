"""The small faults that can be planted into a module, each one replaced piece of its text.

Not planted, because nobody could see them or they would say nothing:

- in annotations, aliases of types, `if TYPE_CHECKING:`, assertions and `isinstance(…, these)`;
- in f-strings, whose parts Python 3.11 cannot place; texts are never changed, nor is what a function returns
  turned into None, which anything notices;
- in keywords that only check or declare: `strict=`, `validate=`, those of a class, and all of `@dataclass(…)`
  and `field(…)`;
- in sizes of caches.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
COMBINED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Add,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitOr,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
_PAIRS = (
    ("min", "max"),
    ("minimum", "maximum"),
    ("min_horizontal", "max_horizontal"),
    ("any", "all"),
    ("any_horizontal", "all_horizontal"),
    ("first", "last"),
    ("head", "tail"),
    ("is_null", "is_not_null"),
    ("floor", "ceil"),
    ("startswith", "endswith"),
    ("union", "intersection"),
)
CALLED = {**dict(_PAIRS), **{right: left for left, right in _PAIRS}}
ONLY_CHECKS = {"strict", "validate", "maxsize"}
DECLARES = {"dataclass", "field", "cast", "TypeVar", "NewType", "lru_cache"}


@dataclass(frozen=True, slots=True)
class Fault:
    """`new` stands where the text from (line, column) to (end, until) stood; columns count bytes."""

    path: Path
    line: int
    column: int
    end: int
    until: int
    new: str
    lines: tuple[int, int]
    """First and last line of the statement, of its head where it has a body."""
    imported: bool
    """Runs when the module is imported, and in no test."""

    def old(self, text: str) -> str:
        return ast.get_source_segment(text, self._piece()) or ""

    def planted(self, text: str) -> str:
        """The module's text with the fault in it."""
        lines = text.encode().splitlines(keepends=True)
        before = b"".join(lines[: self.line - 1]) + lines[self.line - 1][: self.column]
        after = lines[self.end - 1][self.until :] + b"".join(lines[self.end :])
        return (before + self.new.encode() + after).decode()

    def _piece(self) -> ast.expr:
        return ast.Constant(
            0, lineno=self.line, col_offset=self.column, end_lineno=self.end, end_col_offset=self.until
        )


def faults(path: Path) -> list[Fault]:
    """All that can be planted into a module, by place."""
    tree = ast.parse(path.read_text())
    spared = {id(each) for node in ast.walk(tree) for each in _spared(node)}
    heads, later = _heads(tree), _in_functions(tree)
    found = [
        Fault(path, *_place(piece), new, heads[id(piece)], id(piece) not in later)
        for node in ast.walk(tree)
        if id(node) not in spared
        for piece, new in _faulty(node)
    ]
    return sorted(set(found), key=lambda each: (each.line, each.column, each.until, each.new))


def _place(node: ast.AST) -> tuple[int, int, int, int]:
    return node.lineno, node.col_offset, node.end_lineno, node.end_col_offset  # type: ignore[attr-defined]


def _heads(tree: ast.Module) -> dict[int, tuple[int, int]]:
    """Node -> lines of the innermost statement around it."""
    heads: dict[int, tuple[int, int]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            last = body[0].lineno - 1 if body else node.end_lineno
            lines = (node.lineno, max(last or 0, node.lineno))
            heads[id(node)] = lines
        else:
            lines = heads.get(id(node), (1, 1))
        for child in ast.iter_child_nodes(node):
            heads[id(child)] = lines
    return heads


def _in_functions(tree: ast.Module) -> set[int]:
    bodies = (
        each
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        for statement in node.body
        for each in ast.walk(statement)
    )
    return {id(each) for each in bodies}


def _spared(node: ast.AST) -> Iterator[ast.AST]:
    whole: list[ast.AST | None] = [getattr(node, "annotation", None), getattr(node, "returns", None)]
    match node:
        case ast.Assert() | ast.JoinedStr():
            whole.append(node)
        case ast.If(test=ast.Name("TYPE_CHECKING")):
            whole.append(node)
        case ast.Assign(targets=[ast.Name(name)]) if name[:1].isupper() and not name.isupper():
            whole.append(node.value)
        case ast.Call(func=ast.Name("isinstance"), args=[_, kinds]):
            whole.append(kinds)
        case ast.Call(func=ast.Name(name)) if name in DECLARES:
            whole.append(node)
        case ast.keyword(arg=name) if name in ONLY_CHECKS:
            whole.append(node.value)
        case ast.ClassDef(keywords=[_, *_]):
            whole += node.keywords
    for each in whole:
        if each is not None:
            yield from ast.walk(each)


def _faulty(node: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """Pieces of a node, and what may stand there instead."""
    match node:
        case ast.Compare():
            for at, sign in enumerate(node.ops):
                other = deepcopy(node)
                other.ops[at] = COMPARED[type(sign)]()
                yield node, _said(other)
        case ast.BoolOp():
            yield (
                node,
                _said(ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)),
            )
        case ast.BinOp(left, sign, right) if type(sign) in COMBINED:
            yield node, _said(ast.BinOp(left, COMBINED[type(sign)](), right))
        case ast.AugAssign(target, sign, value) if type(sign) in COMBINED:
            yield node, ast.unparse(ast.AugAssign(target, COMBINED[type(sign)](), value))
        case ast.UnaryOp(ast.Not() | ast.Invert() | ast.USub(), operand):
            yield node, _said(operand)
        case ast.Constant(bool() as value):
            yield node, str(not value)
        case ast.Constant(int() | float() as value):
            yield node, str(value + 1)
        case ast.Call(func=ast.Name(name)) if name in CALLED:
            yield node.func, CALLED[name]
        case ast.Call(func=ast.Attribute(value, name)) if name in CALLED:
            yield node.func, f"{ast.unparse(value)}.{CALLED[name]}"
        case ast.If() | ast.IfExp() | ast.While():
            yield from _turned(node.test)
        case ast.comprehension():
            for each in node.ifs:
                yield from _turned(each)
        case ast.Expr(ast.Call()):
            yield node, "pass"
        case ast.Break():
            yield node, "continue"
        case ast.Continue():
            yield node, "break"


def _turned(test: ast.expr) -> Iterator[tuple[ast.AST, str]]:
    """A question answered the other way round; those that are a comparison or a not have a fault already."""
    if not isinstance(test, ast.Compare | ast.BoolOp | ast.UnaryOp):
        yield test, _said(ast.UnaryOp(ast.Not(), test))


def _said(node: ast.expr) -> str:
    return f"({ast.unparse(node)})"
