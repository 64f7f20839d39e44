"""How firmly the weights hold the order of the offices: the least change that swaps two, who could be first at all.

Everything rests on a scored round that asked the same (no pilot: that ranks nobody) and on the units of which nothing
is hidden there, ranked among themselves; whoever reads it learns nothing that a trial of weights would not show.
"""

from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from evalsys.db import db
from evalsys.errors import Conflict
from evalsys.models import SchemeVersion
from evalsys.services import content
from evalsys.services.access import Actor, require
from evalsys.services.content import Text
from evalsys.services.rescoring import standings_then, standings_with
from evalsys.services.rounds.states import find_round
from evalsys.services.trial import fitting_runs, stored_run, tables_behind
from evalsys.services.versions import current_version, version_numbered
from evalsys.services.weights import Labels, scheme_of
from evalsys.services.workbench.orders import (
    FirstLine,
    HoldLine,
    Ordered,
    Swap,
    first_lines,
    hold_lines,
    order_of,
    swaps_of,
)
from scoring.scheme import Scheme


@dataclass(frozen=True)
class CategoryFragility:
    """The units of one category: who could be first, what swaps neighbours, how far each weight may move.

    `could_lead` of the `lines` are first by some of the weights that were drawn. `swaps` and `holds` are empty where
    the top is no mean that weighs its parts.
    """

    name: Text
    could_lead: int
    lines: tuple[FirstLine, ...]
    swaps: tuple[Swap, ...]
    holds: tuple[HoldLine, ...]


@dataclass(frozen=True)
class FragilityPage:
    """One version of the weights, and how fragile an order it makes; `based_on` is empty without a round that fits.

    `pair` is the answer about two units that were named; `hidden` units take no part.
    """

    round_code: str
    round_name: Text
    version: int
    state: str
    based_on: Text | None
    run_id: int
    run_number: int
    hidden: int
    draws: int
    weighs: bool
    categories: tuple[CategoryFragility, ...]
    units: tuple[tuple[str, Text], ...]
    pair: Swap | None


@dataclass(frozen=True)
class Question:
    """What is asked: which version of the weights (0: those in force, else the newest), and which two units."""

    version: int = 0
    first: str = ""
    second: str = ""


def fragility_page(actor: Actor, round_code: str, question: Question, locale: str) -> FragilityPage:
    """How fragile the order is that a version of the round's weights makes. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    session = db.session()
    round_ = find_round(session, round_code)
    asked = question.version
    version = version_numbered(session, round_, asked) if asked else current_version(session, round_)
    name = content.text_of("round", round_.code, "name", locale)
    return _page((round_.code, name), version, question, locale)


def _page(round_: tuple[str, Text], version: SchemeVersion, question: Question, locale: str) -> FragilityPage:
    scheme = scheme_of(version.body)
    (run,) = fitting_runs(db.session(), [scheme], ranks=True)
    ordered = None
    if run is not None:
        try:
            then, tried = standings_then(stored_run(run)), standings_with(stored_run(run), scheme)
            behind = tables_behind(run, scheme)
            ordered = order_of(tried, then.clear(behind) & tried.clear(behind), scheme)
        except Conflict:
            run = None
    named = content.names("unit", locale)
    units = [(code, named.get(code) or Text(code, "")) for code in (ordered.units if ordered else ())]
    return FragilityPage(
        round_code=round_[0],
        round_name=round_[1],
        version=version.number,
        state=version.state,
        based_on=content.text_of("round", run.round.code, "name", locale) if run else None,
        run_id=run.id if run else 0,
        run_number=run.number if run else 0,
        hidden=ordered.hidden if ordered else 0,
        draws=ordered.draws if ordered else 0,
        weighs=ordered is not None and ordered.criteria is not None,
        categories=_categories(ordered, scheme, dict(units), locale) if ordered else (),
        units=tuple(sorted(units, key=lambda unit: str(unit[1]))),
        pair=_pair(ordered, question, dict(units), Labels(locale)) if ordered else None,
    )


def _categories(ordered: Ordered, scheme: Scheme, units: dict[str, Text], locale: str) -> tuple[CategoryFragility, ...]:
    names, labels = content.names("category", locale), Labels(locale)
    blocks = []
    for category, group in groupby(ordered.rows, key=lambda row: row["category"]):
        rows = list(group)
        lines = first_lines(ordered, rows, scheme, units)
        blocks.append(
            CategoryFragility(
                name=names.get(category) or Text(category, ""),
                could_lead=sum(1 for line in lines if line.first > Decimal(0)),
                lines=lines,
                swaps=swaps_of(ordered, rows, units, labels),
                holds=hold_lines(ordered, rows, labels),
            )
        )
    return tuple(blocks)


def _pair(ordered: Ordered, question: Question, units: dict[str, Text], labels: Labels) -> Swap | None:
    both = [row for row in ordered.rows if row["unit"] in (question.first, question.second)]
    found = swaps_of(ordered, both, units, labels) if len(both) == len({row["unit"] for row in both}) == 2 else ()
    return found[0] if found else None
