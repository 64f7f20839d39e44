"""The project's files, as git knows them: committed or about to be."""

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEXTS = {
    ".py",
    ".md",
    ".html",
    ".txt",
    ".css",
    ".js",
    ".toml",
    ".yaml",
    ".yml",
    ".cfg",
    ".po",
    ".mako",
    ".svg",
    ".json",
    "",
}


def project_files() -> list[Path]:
    """Every file that is or would be committed, relative to the project's folder."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return sorted(Path(name) for name in set(listed.split("\0")) if name and (ROOT / name).is_file())


def python_files() -> list[Path]:
    return [path for path in project_files() if path.suffix == ".py"]


def text_files() -> list[Path]:
    """Files that people write and read; not the compiled lists of packages."""
    return [path for path in project_files() if path.suffix in TEXTS and not path.match("requirements*.txt")]


def read(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(read(path), str(path))
