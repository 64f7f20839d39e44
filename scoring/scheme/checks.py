"""What must fit together in a tree whose parts are each in order: methods, weights, and the reach of the children."""

from collections.abc import Sequence
from dataclasses import replace
from math import inf

from scoring.scheme.model import Node
from scoring.scheme.reach import reach
from scoring.scheme.reader import Reader

WITHOUT_WEIGHTS = ("minimum", "ampi-", "ampi+")
ABOVE_ZERO = ("geometric", "harmonic", "ampi-", "ampi+")


def check_tree(reader: Reader, tree: Node) -> None:
    """Report every node whose method does not suit its weights or its children."""
    for node in tree.walk():
        if node.children:
            _check_weights(reader, node)
            _check_zero(reader, node)
            _check_lowest(reader, node)


def check_methods(reader: Reader, tree: Node, methods: Sequence[str]) -> None:
    """Report the methods to be tried at the top that its children do not suit."""
    for method in methods:
        _check_zero(reader, replace(tree, aggregation=method))


def _check_weights(reader: Reader, node: Node) -> None:
    if node.aggregation in WITHOUT_WEIGHTS and not node.equal:
        allowed = f'weights = "equal", since {node.aggregation} looks at no weight'
        reader.report(node.code, "weights_ignored", node.aggregation, allowed)


def _check_zero(reader: Reader, node: Node) -> None:
    """Means of logarithms and of reciprocals need values above 0, roots need values of at least 0."""
    above = node.aggregation in ABOVE_ZERO or (node.aggregation == "power" and node.power < 0)
    from_zero = node.aggregation == "power" and node.power not in (0, 1) and node.power > 0
    for child in node.children:
        low, high = reach(child)
        if (above and low <= 0) or (from_zero and low < 0):
            said = f"{child.code} from {low:g} to {high:g}"
            least = "above 0" if above else "of at least 0"
            allowed = f"children {least} for {node.aggregation}: a range such as [1, 100] or a floor would do"
            reader.report(node.code, "range_reaches_zero", said, allowed, child=child.code)


def _check_lowest(reader: Reader, node: Node) -> None:
    """A missing child can stand at its lowest value only if it has one."""
    for child in node.children:
        if node.missing == "lowest" and reach(child)[0] == -inf:
            allowed = 'children with a lowest value for missing = "lowest": clip or a floor would do'
            reader.report(node.code, "lowest_unbounded", child.code, allowed, child=child.code)
