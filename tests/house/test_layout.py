"""Where things lie, how large they may be, and what they may be called."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.house.files import project_files, python_files, read, text_files, tree

FILE_LINES = 300
FUNCTION_LINES = 40
FOLDERS = {".ci", "docs", "evalsys", "forms", "instance", "scoring", "templates", "tests"}
FILES = {
    ".gitattributes",
    ".gitignore",
    ".pre-commit-config.yaml",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "SECURITY.md",
    "pyproject.toml",
    "requirements-dev.txt",
    "requirements.txt",
    "wsgi.py",
}
SHAPELESS = {"base_service", "common", "helper", "helpers", "misc", "util", "utils"}
Function = ast.FunctionDef | ast.AsyncFunctionDef


def _functions(module: ast.Module) -> Iterator[Function]:
    return (node for node in ast.walk(module) if isinstance(node, Function))


def test_the_top_level_of_the_project_is_fixed() -> None:
    top = {(path.parts[0], len(path.parts) > 1) for path in project_files()}
    assert {name for name, is_folder in top if is_folder} <= FOLDERS
    assert {name for name, is_folder in top if not is_folder} <= FILES


def test_instance_files_are_not_in_the_repository() -> None:
    assert [str(path) for path in project_files() if path.parts[0] == "instance"] in ([], ["instance/.gitkeep"])


def test_no_python_file_is_longer_than_300_lines() -> None:
    written = [path for path in python_files() if not path.match("migrations/versions/*.py")]
    lengths = {str(path): len(read(path).splitlines()) for path in written}
    assert not {path: lines for path, lines in lengths.items() if lines > FILE_LINES}


def test_no_function_is_longer_than_40_lines() -> None:
    long = [
        f"{path}:{function.lineno} {function.name} has {_lines(function)} lines"
        for path in python_files()
        if not path.match("migrations/versions/*.py")
        for function in _functions(tree(path))
        if _lines(function) > FUNCTION_LINES
    ]
    assert not long


def _lines(function: Function) -> int:
    """Lines of a function, without its decorators and its docstring."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is None:
        return lines
    return lines - ((first.end_lineno or first.lineno) - first.lineno + 1)


def test_every_module_is_named_after_its_subject() -> None:
    assert not [str(path) for path in project_files() if path.stem in SHAPELESS or set(path.parts) & SHAPELESS]


def test_no_function_imports() -> None:
    found = [
        f"{path}:{node.lineno}"
        for path in python_files()
        for function in _functions(tree(path))
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert not found


def test_a_package_of_the_application_has_no_code_in_its_root() -> None:
    body = tree(Path("evalsys/__init__.py")).body
    assert [type(node) for node in body] == [ast.Expr, ast.Assign], "evalsys/__init__.py: docstring and version only"


def test_no_note_to_self_is_left() -> None:
    # Spelled apart, so that this file does not find itself.
    pattern = re.compile("|".join(rf"\b{word}\b" for word in ("TO" + "DO", "FIX" + "ME", "XX" + "X")))
    assert not _lines_with(pattern)


def test_the_project_speaks_only_of_itself() -> None:
    words = ("/wo" + "rk/", "/ro" + "ot/", "shared/" + "design", r"language mod" + "el", "chat" + "bot", "co" + "pilot")
    assert not _lines_with(re.compile("|".join(words), re.IGNORECASE))


def _lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path}:{number}: {line.strip()[:120]}"
        for path in text_files()
        for number, line in enumerate(read(path).splitlines(), 1)
        if pattern.search(line)
    ]
