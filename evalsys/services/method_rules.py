"""What a scheme decides beside its weights, as rules with a code and the numbers that a sentence needs.

What stands at its default has no rule: a page says in general how that is done.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from evalsys.services.weights import Labels, percent
from scoring.scheme import Group, Node, Scheme

FULL_RANGE = (Fraction(0), Fraction(100))


@dataclass(frozen=True)
class Rule:
    """One thing that is done differently; `facts` are the numbers and names in its sentence."""

    code: str
    facts: dict[str, str] = field(default_factory=dict)


def group_rules(group: Group) -> tuple[Rule, ...]:
    """How the answers of a group become one figure, beside the shares of its parts."""
    found = []
    if group.estimator != "mean":
        found.append(Rule(f"estimator-{group.estimator}", {"percent": _percent(group.trim)}))
    if group.shrinkage != "none":
        found.append(Rule("shrinkage"))
    if group.severity != "none":
        found.append(Rule(f"severity-{group.severity}"))
    return tuple(found)


def node_rules(node: Node, labels: Labels) -> tuple[Rule, ...]:
    """What is special about a part of the tree."""
    if node.children:
        return tuple(_branch(node, labels))
    return (*(_rated(node) if node.is_rated else _figure(node, labels)), *_values(node))


def ranking_rules(scheme: Scheme) -> tuple[Rule, ...]:
    """Adjustments of a score, bands, ranks, and what of them is published."""
    found = [Rule("score-decimals", {"n": str(scheme.score_decimals)})]
    if scheme.bonus_cap is not None:
        found.append(Rule("bonus", {"cap": _number(scheme.bonus_cap)}))
    if scheme.deduction_cap is not None:
        found.append(Rule("deduction", {"cap": _number(scheme.deduction_cap)}))
    if not scheme.self_reported_counts:
        found.append(Rule("self-reported"))
    found += [Rule("veto", {"name": one.code, "band": one.band}) for one in scheme.vetoes]
    found += [Rule("limiter", {"name": one.code, "band": one.band}) for one in scheme.limiters]
    found.append(Rule(f"banding-{scheme.banding}"))
    found += [Rule("rank-decimals", {"n": str(scheme.rank_decimals)}), Rule(f"ties-{scheme.rank_ties}")]
    if scheme.tie_margin:
        found.append(Rule("tie-margin", {"points": _number(scheme.tie_margin)}))
    return (*found, Rule(f"publication-{scheme.publication}"))


def simulation_rules(scheme: Scheme) -> tuple[Rule, ...]:
    """How ranks are tried."""
    settings = scheme.simulation
    if not settings.draws:
        return ()
    found = [Rule("draws", {"n": str(settings.draws)})]
    if settings.weights:
        found.append(Rule("draws-weights", {"percent": _percent(settings.weights)}))
    return (*found, *(Rule("draws-method", {"method": method}) for method in settings.methods))


def _branch(node: Node, labels: Labels) -> Iterator[Rule]:
    if node.equal:
        yield Rule("equal")
    if node.aggregation != "arithmetic":
        yield Rule("way", {"method": node.aggregation, "power": _number(node.power)})
    if node.missing == "lowest":
        yield Rule("missing-lowest")
    if node.coverage.share:
        yield Rule(
            "coverage-weight" if node.coverage.weighted else "coverage", {"share": _percent(node.coverage.share)}
        )
    if node.coverage.count:
        yield Rule("coverage-count", {"n": str(node.coverage.count)})
    for cap in node.caps:
        numbers = {"below": _number(cap.below), "limit": _number(cap.limit)}
        yield Rule("cap", {"name": str(labels.node(cap.child)), **numbers})


def _rated(leaf: Node) -> Iterator[Rule]:
    if leaf.scale in ("thumbs", "marks"):
        yield Rule(f"scale-{leaf.scale}", {"maximum": str(leaf.points - 1)})
    if leaf.rescale == "maximum":
        yield Rule("rescale-maximum", {"maximum": str(leaf.points - 1 + leaf.shown_from)})
    if leaf.rescale == "favourable":
        first = leaf.favourable - 1 if leaf.favourable else -(-3 * (leaf.points - 1) // 4)
        yield Rule("rescale-favourable", {"level": str(first + leaf.shown_from)})
    if leaf.rescale == "levels":
        yield Rule("rescale-levels", {"points": ", ".join(_number(level) for level in leaf.levels)})


def _figure(leaf: Node, labels: Labels) -> Iterator[Rule]:
    yield Rule("figure")
    if leaf.denominator:
        yield Rule("figure-per", {"name": str(labels.node(leaf.denominator))})
    if leaf.impute != "none":
        yield Rule(f"impute-{leaf.impute}")
    if leaf.treat:
        yield Rule("figure-treated")
    if leaf.normaliser is None:
        return
    known = {name: _said(value) for name, value in leaf.normaliser.parameters}
    yield Rule(f"normaliser-{leaf.normaliser.method}", known)
    yield Rule(f"reference-{leaf.normaliser.reference}")
    if leaf.normaliser.clip:
        yield Rule("figure-clipped")


def _values(leaf: Node) -> Iterator[Rule]:
    if leaf.direction == "down":
        yield Rule("down")
    if leaf.output != FULL_RANGE:
        yield Rule("range", {"low": _number(leaf.output[0]), "high": _number(leaf.output[1])})
    if leaf.floor is not None:
        yield Rule("floor", {"points": _number(leaf.floor)})
    if leaf.units:
        yield Rule("units", {"n": str(len(leaf.units))})


def _said(value: Fraction | str) -> str:
    return value if isinstance(value, str) else _number(value)


def _percent(share: Fraction) -> str:
    return f"{percent(share):f}"


def _number(value: Fraction) -> str:
    return f"{percent(value / 100):f}".replace("-", "−")
