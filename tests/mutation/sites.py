"""Small mistakes that could be made in a module: each is one place of its syntax tree, changed."""

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult, ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
    ast.Break: ast.Continue, ast.Continue: ast.Break,
}  # fmt: skip
TYPES = ("annotation", "returns", "decorator_list", "bases", "type_comment")
UNFELT = ("strict", "copy", "frozen", "eq")
"""Keywords whose value no correct input feels."""


@dataclass(frozen=True)
class Mutant:
    """One changed module: its file, the line, what stood there and what stands there now."""

    path: Path
    line: int
    before: str
    after: str
    tree: ast.Module

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.before}  ->  {self.after}"


def count_sites(path: Path) -> int:
    """How many mutants the module has."""
    return sum(1 for _ in _sites(ast.parse(path.read_text(encoding="utf-8"))))


def make_mutant(path: Path, number: int) -> Mutant:
    """The mutant of that number, from 0."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    parent, name, place = list(_sites(tree))[number]
    values = getattr(parent, name)
    node = values if place is None else values[place]
    before = ast.unparse(_shown(parent, node))
    changed = _changed(copy.deepcopy(node))
    if place is None:
        setattr(parent, name, changed)
    else:
        values[place] = changed
    ast.fix_missing_locations(tree)
    line = int(getattr(node, "lineno", getattr(parent, "lineno", 0)))
    return Mutant(path, line, before, ast.unparse(_shown(parent, changed)), tree)


def _shown(parent: ast.AST, node: ast.AST) -> ast.AST:
    return node if isinstance(node, ast.expr | ast.stmt) else parent


def unchanged(path: Path) -> Mutant:
    """The module as it is."""
    return Mutant(path, 0, "", "", ast.parse(path.read_text(encoding="utf-8")))


def _sites(node: ast.AST) -> Iterator[tuple[ast.AST, str, int | None]]:
    """Parent, field and place in the field of everything that can be changed; types and docstrings are left alone."""
    for name, value in ast.iter_fields(node):
        if name in TYPES or _is_apart(node):
            continue
        for place, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if not isinstance(child, ast.AST) or _is_docstring(child):
                continue
            if _can_change(child):
                yield node, name, place
            yield from _sites(child)


def _is_apart(node: ast.AST) -> bool:
    """Names of types, messages to the type checker, what is exported, and keywords that nothing feels."""
    if isinstance(node, ast.keyword):
        return node.arg in UNFELT
    if isinstance(node, ast.If):
        return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    targets = node.targets if isinstance(node, ast.Assign) else []
    names = {target.id for target in targets if isinstance(target, ast.Name)}
    return "__all__" in names or any(name[:1].isupper() and not name.isupper() for name in names)


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _can_change(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, bool | int | float | str) and node.value != ""
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.Not | ast.USub | ast.Invert)
    if isinstance(node, ast.Return):
        return node.value is not None
    return type(node) in SWAPS or isinstance(node, ast.AugAssign | ast.Expr | ast.IfExp | ast.Raise)


def _changed(node: ast.AST) -> ast.AST:
    found: ast.AST
    match node:
        case ast.Constant():
            found = ast.Constant(_other(node.value))
        case ast.UnaryOp():
            found = node.operand
        case ast.IfExp():
            found = ast.IfExp(node.test, node.orelse, node.body)
        case ast.Return():
            found = ast.Return(ast.Constant(None))
        case ast.AugAssign() | ast.Expr() | ast.Raise():
            found = ast.Pass()
        case _:
            found = SWAPS[type(node)]()
    return ast.copy_location(found, node) if isinstance(node, ast.expr | ast.stmt) else found


def _other(value: object) -> bool | int | float | str:
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int | float) else f"not {value!s}"
