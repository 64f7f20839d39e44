"""Small mistakes made on purpose."""

import ast
from pathlib import Path

from tests.mutation.sites import count_sites, make_mutant, unchanged

MODULE = '''"""Words."""

from typing import Final

Floats = list["float"]
LIMIT: Final = 3


def f(x: "int") -> str:
    """More words."""
    if x < LIMIT and not x % 2:
        raise ValueError("small")
    x += 1
    return "a" if zip([x], [x], strict=True) else ""
'''
MISTAKES = """
3  ->  4
x < LIMIT and (not x % 2)  ->  x < LIMIT or not x % 2
x < LIMIT  ->  x <= LIMIT
not x % 2  ->  x % 2
x % 2  ->  x * 2
2  ->  3
raise ValueError('small')  ->  pass
'small'  ->  'not small'
x += 1  ->  pass
x += 1  ->  x -= 1
1  ->  2
return 'a' if zip([x], [x], strict=True) else ''  ->  return None
'a' if zip([x], [x], strict=True) else ''  ->  '' if zip([x], [x], strict=True) else 'a'
'a'  ->  'not a'
""".splitlines()[1:]


def test_each_mistake_is_made_alone_and_types_and_docstrings_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(MODULE, encoding="utf-8")
    mutants = [make_mutant(path, number) for number in range(count_sites(path))]
    assert sorted(f"{mutant.before}  ->  {mutant.after}" for mutant in mutants) == sorted(MISTAKES)
    sources = {ast.unparse(mutant.tree) for mutant in mutants}
    assert len(sources) == len(mutants)
    assert ast.unparse(unchanged(path).tree) not in sources
    for source in sources:
        compile(source, "module", "exec")


def test_a_mutant_says_where_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text("x = 1\ny = 2\n", encoding="utf-8")
    assert str(make_mutant(path, 1)) == f"{path}:2: 2  ->  3"
