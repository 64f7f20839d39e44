"""Weights of single respondents: those who weigh the same form a class, and each class a stratum of its own.

A weight multiplies the answers of its respondent. Within a group each stratum of the scheme keeps its share of the
whole; inside it the classes share it by respondents times weight. That is the raking of one margin, so the split scheme
says it as margins and design weights, and the engine's limits for raking hold: a weight above 5 times or below a fifth
of the median is trimmed, and where weights would cost more than a design effect of 2.5, or a stratum has nobody,
the unit's answers stay unweighted; ``problems`` tells each case.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Final

from scoring.files.sources import RowError
from scoring.frames import InputError
from scoring.scheme import Group, Margin, Scheme, Stratum

SPLIT: Final = "@"
MOST_WEIGHTS: Final = 8
MARGIN: Final = "stratum"
WEIGHT = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?", re.ASCII)


def read_weight(value: str) -> str:
    """A weight as its shortest text; nothing is 1.

    Raises:
        RowError: when it is no number above 0.

    >>> read_weight("1.50"), read_weight("2.0"), read_weight("")
    ('1.5', '2', '1')
    """
    if not value:
        return "1"
    if not WEIGHT.fullmatch(value) or not Fraction(value):
        raise RowError("weight is no decimal number above 0")
    whole, _, part = value.partition(".")
    return (str(int(whole)) + "." + part.rstrip("0")).rstrip(".")


def split_strata(scheme: Scheme, weights: Mapping[str, set[str]]) -> Scheme:
    """The scheme with a stratum for each weight that respondents of a group have; ``weights`` is by group.

    Raises:
        InputError: when a group has more than 8 different weights.
    """
    for group, found in weights.items():
        if len(found | {"1"}) > MOST_WEIGHTS:
            raise InputError(
                f"group {group} has {len(found)} different weights beside 1: round them to at most {MOST_WEIGHTS - 1}"
            )
    groups = tuple(_split(group, weights[group.code]) if group.code in weights else group for group in scheme.groups)
    return replace(scheme, groups=groups)


def _split(group: Group, weights: set[str]) -> Group:
    margins = group.margins or (Margin(MARGIN, tuple((own.code, own.weight) for own in group.strata if own.weight)),)
    strata = [part for own in group.strata for part in _classes(own, sorted(weights, key=Fraction), group)]
    return replace(group, margins=margins, strata=tuple(strata))


def _classes(stratum: Stratum, weights: list[str], group: Group) -> Iterator[Stratum]:
    if not stratum.weight:
        yield stratum
        return
    traits = stratum.traits if group.margins else ((MARGIN, stratum.code),)
    whole = Stratum(stratum.code, Fraction(1), traits, stratum.design)
    yield whole
    for weight in weights:
        yield replace(whole, code=f"{stratum.code}{SPLIT}{weight}", design=stratum.design * Fraction(weight))
