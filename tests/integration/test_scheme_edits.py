"""Editing weights leaves everything else of a scheme as it was, also what the form does not show."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import Invalid
from evalsys.models import SchemeVersion
from evalsys.services.weights import (
    Labels,
    changes_between,
    families_of,
    group_weights,
    leaf_weights,
    read_scheme,
    scheme_of,
    with_weights,
)
from tests.integration.governing import add_proposal, make_world, scheme_mapping
from tests.integration.test_schemes import parts, propose


def rich_mapping() -> dict[str, Any]:
    """A scheme with the keys that the form does not show."""
    mapping = scheme_mapping()
    citizens, peers, experts = mapping["groups"]
    citizens |= {
        "margins": [{"variable": "age", "targets": {"young": 40, "old": 60}}],
        "strata": [
            {"code": "users", "traits": {"age": "young"}, "design": 2},
            {"code": "residents", "traits": {"age": "old"}},
            {"code": "open", "weight": 0},
        ],
        "shrinkage": "empirical-bayes",
    }
    peers |= {"estimator": "trimmed", "trim": 5}
    experts |= {"severity": "mixed"}
    experience, cooperation, leadership = mapping["tree"]["children"]
    mapping["tree"] |= {
        "aggregation": "geometric",
        "coverage": {"share": 66, "of": "weight", "count": 2},
        "caps": [{"child": "experience", "below": 40, "limit": 60}],
    }
    experience |= {"missing": "lowest", "aggregation": "power", "power": "0.5"}
    experience["children"][0] |= {"rescale": "favourable", "favourable": 4, "range": [1, 100]}
    experience["children"][1] |= {"direction": "down", "range": [1, 100], "units": ["U01"]}
    cooperation |= {"rescale": "levels", "levels": [1, 10, 30, 60, 100], "range": [1, 100]}
    leadership |= {"range": [1, 100], "floor": 5}
    return mapping | {
        "score_decimals": 1,
        "rank_ties": "dense",
        "tie_margin": "0.5",
        "bonus": {"cap": 3},
        "deductions": {"cap": 5, "self_reported": "ignored"},
        "vetoes": [{"code": "fraud", "band": "B"}],
        "publication": "grades",
        "simulation": {"draws": 200, "weights": 25},
    }


def outside_mapping() -> dict[str, Any]:
    """A scheme in which each group has an index of its own."""
    mapping = scheme_mapping() | {"order": "group-outside"}
    for group, weight in zip(mapping["groups"], (50, 20, 30), strict=True):
        group["weight"] = weight
    mapping["tree"]["children"][0]["children"][0]["groups"] = {"citizens": 60, "experts": 40}
    return mapping


@pytest.mark.parametrize("mapping", [rich_mapping(), outside_mapping()])
def test_what_the_form_does_not_show_survives_an_edit(session: Session, mapping: dict[str, Any]) -> None:
    scheme = read_scheme(mapping)
    weights = {
        family.code: {member.code: member.percent for member in family.members}
        for family in families_of(scheme, Labels("en"))
    }
    assert with_weights(scheme, weights).digest == scheme.digest
    changed = with_weights(scheme, {**weights, **parts("40", "30", "30")})
    assert changed.digest != scheme.digest
    assert with_weights(changed, parts("50", "20", "30")).canonical() == scheme.canonical()


def test_an_edit_through_proposal_and_store_keeps_the_new_keys(session: Session) -> None:
    world = make_world(session)
    scheme = read_scheme(rich_mapping())
    add_proposal(session, world, number=2, body=scheme.canonical(), digest=scheme.digest)
    number = propose(session, world, parts("40", "30", "30"))
    stored = session.scalars(select(SchemeVersion).where(SchemeVersion.number == number)).one()
    again = scheme_of(stored.body).to_mapping()
    first = scheme.to_mapping()
    assert [child.pop("weight") for child in again["tree"]["children"]] == [40, 30, 30]
    assert [child.pop("weight") for child in first["tree"]["children"]] == [50, 20, 30]
    assert again == first


def test_groups_with_an_index_of_their_own_have_weights_to_edit(session: Session) -> None:
    scheme = read_scheme(outside_mapping())
    found = {family.code: family for family in families_of(scheme, Labels("en"))}
    assert [(member.code, str(member.percent)) for member in found["o-score"].members] == [
        ("citizens", "50"),
        ("peers", "20"),
        ("experts", "30"),
    ]
    other = with_weights(
        scheme, {"o-score": {"citizens": Decimal(40), "peers": Decimal("20.5"), "experts": Decimal("39.5")}}
    )
    assert group_weights(other) == {"citizens": 40, "peers": Decimal("20.5"), "experts": Decimal("39.5")}
    changes = changes_between(scheme, other, Labels("en"))
    assert [(change.kind, str(change.name), str(change.after)) for change in changes] == [
        ("outside", "citizens", "40"),
        ("outside", "peers", "20.5"),
        ("outside", "experts", "39.5"),
    ]
    with pytest.raises(Invalid):
        with_weights(scheme, {"o-score": {"citizens": Decimal(41)}})


def test_with_groups_outside_an_indicator_counts_what_its_groups_trees_give_it(session: Session) -> None:
    weights = {leaf.code: weight for leaf, weight in leaf_weights(read_scheme(outside_mapping()))}
    # citizens: satisfaction 60 and trust 40 of 50; experts: experience (satisfaction) 50 and leadership 30 of 80, of 30
    assert weights == {
        "satisfaction": Fraction(30, 100) + Fraction(50, 80) * Fraction(30, 100),
        "trust": Fraction(20, 100),
        "cooperation": Fraction(20, 100),
        "leadership": Fraction(30, 80) * Fraction(30, 100),
    }
