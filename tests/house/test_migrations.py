"""Migrations go both ways, one after the other."""

import ast
from itertools import pairwise
from pathlib import Path

from tests.house.files import project_files, tree

VERSIONS = Path("evalsys/migrations/versions")


def _migrations() -> list[Path]:
    return [
        path for path in project_files() if path.parent == VERSIONS and path.suffix == ".py" and path.stem != "__init__"
    ]


def _constants(path: Path) -> dict[str, object]:
    """The names that a module sets to plain values."""
    values: dict[str, object] = {}
    for node in tree(path).body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant):
            target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
            values[ast.unparse(target)] = node.value.value
    return values


def _does_something(path: Path, name: str) -> bool:
    bodies = [node.body for node in tree(path).body if isinstance(node, ast.FunctionDef) and node.name == name]
    idle = (ast.Pass, ast.Raise)
    return any(
        not isinstance(node, idle) and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        for body in bodies
        for node in body
    )


def test_every_migration_can_be_undone() -> None:
    assert _migrations()
    assert [path.name for path in _migrations() if not _does_something(path, "downgrade")] == []


def test_migrations_are_numbered_and_follow_each_other() -> None:
    numbers = [path.name[:4] for path in _migrations()]
    assert numbers == [f"{number:04d}" for number in range(1, len(numbers) + 1)]
    facts = [_constants(path) for path in _migrations()]
    assert [fact["revision"] for fact in facts] == numbers
    assert [later["down_revision"] for _, later in pairwise(facts)] == [
        earlier["revision"] for earlier, _ in pairwise(facts)
    ]
