"""Settings and commands are documented where a newcomer looks first."""

import ast
import re
from pathlib import Path

from tests.house.files import python_files, read, tree


def test_every_setting_is_named_in_the_readme() -> None:
    strings = {
        node.value
        for node in ast.walk(tree(Path("evalsys/config.py")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    settings = {text for text in strings if re.fullmatch(r"[A-Z]+(_[A-Z]+)*", text)}
    readme = read(Path("README.md"))
    assert "DATABASE_URL" in settings
    assert {name for name in settings if f"`{name}`" not in readme} == set()


def test_every_make_target_is_named_in_the_readme_or_the_contributors_page() -> None:
    targets = set(re.findall(r"^([a-z]+):.*## ", read(Path("Makefile")), re.MULTILINE))
    pages = read(Path("README.md")) + read(Path("CONTRIBUTING.md"))
    assert {"run", "test"} <= targets
    assert {target for target in targets if f"make {target}" not in pages} == set()


def test_only_the_settings_module_reads_the_environment() -> None:
    # The other two start processes, which get the environment and the number of threads for native libraries.
    allowed = {Path("evalsys/config.py"), Path("evalsys/tasks.py"), Path("evalsys/cli/serve.py")}
    product = [path for path in python_files() if path.parts[0] in ("evalsys", "forms", "scoring")]
    readers = [
        str(path) for path in product if re.search(r"\bos\.(environ|getenv)\b", read(path)) and path not in allowed
    ]
    assert not readers
