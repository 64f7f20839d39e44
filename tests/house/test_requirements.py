"""Packages: declared with a reason, pinned with digests, and named without a place to fetch them from."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.files import read, text_files

LISTS = {"requirements.txt": [], "requirements-dev.txt": ["dev"]}
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s\\;]+)(.*?)(?=^[A-Za-z0-9]|\Z)", re.MULTILINE | re.DOTALL)


def _pins(name: str) -> dict[str, tuple[str, str]]:
    """Package: (version, what follows the pin: digests and who asked for it)."""
    return {canonicalize_name(package): (version, rest) for package, version, rest in PIN.findall(read(Path(name)))}


def _declared(extras: list[str]) -> dict[str, Requirement]:
    project = tomllib.loads(read(Path("pyproject.toml")))["project"]
    lines = [*project["dependencies"], *(line for extra in extras for line in project["optional-dependencies"][extra])]
    return {canonicalize_name(found.name): found for found in map(Requirement, lines)}


@pytest.mark.parametrize("name", LISTS)
def test_every_pin_has_a_digest(name: str) -> None:
    assert [package for package, (_, rest) in _pins(name).items() if "--hash=sha256:" not in rest] == []


@pytest.mark.parametrize("name", LISTS)
def test_the_list_fits_what_the_project_declares(name: str) -> None:
    pins, declared = _pins(name), _declared(LISTS[name])
    assert declared.keys() - pins.keys() == set()
    assert [str(wish) for package, wish in declared.items() if not wish.specifier.contains(pins[package][0])] == []
    asked = {package for package, (_, rest) in pins.items() if "(pyproject.toml)" in rest}
    assert asked == set(declared), "compile the list again"


def test_tests_run_on_the_versions_that_are_served() -> None:
    served, tested = _pins("requirements.txt"), _pins("requirements-dev.txt")
    assert {package for package, (version, _) in served.items() if tested[package][0] != version} == set()


def test_every_declared_package_has_its_reason() -> None:
    lines = re.findall(r'^    "([a-z][^"]*[<>=][^"]*)",.*$', read(Path("pyproject.toml")), re.MULTILINE)
    assert {Requirement(line).name for line in lines} == {found.name for found in _declared(["celery", "dev"]).values()}
    assert re.findall(r'^    "[a-z][^"]*[<>=][^"]*",[^#\n]*$', read(Path("pyproject.toml")), re.MULTILINE) == []


def test_no_file_says_where_packages_are_fetched_from() -> None:
    pattern = re.compile(
        r"^\s*(--)?(extra-)?(index-url|find-links|trusted-host)\b|://[\w.]*pypi|deb https?:", re.MULTILINE
    )
    files = [Path(name) for name in LISTS] + text_files()
    assert [str(path) for path in files if pattern.search(read(path)) and path.name != Path(__file__).name] == []
