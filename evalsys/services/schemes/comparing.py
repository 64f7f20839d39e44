"""All open proposals of a round, side by side against the weights in force."""

from dataclasses import dataclass

from evalsys.db import db
from evalsys.models import Round, SchemeVersion
from evalsys.services.access import Actor, may, require
from evalsys.services.content import Text
from evalsys.services.rounds.states import ACTS, find_round
from evalsys.services.schemes.debate import Debate, Standing, debates, standing
from evalsys.services.schemes.lines import Version, round_name, shown
from evalsys.services.schemes.moves import is_far
from evalsys.services.trial import Trial, TrialLine, try_schemes
from evalsys.services.versions import approved_version, versions_of
from evalsys.services.weights import Change, Labels, changes_between, scheme_of

COLUMNS = 4
MOVERS = 3


@dataclass(frozen=True)
class Column:
    """One proposal: what differs from the weights in force, what it would have done, and what is said of it.

    `movers` are the units that would move most; `needs_reason` as on the proposal's own page.
    """

    version: Version
    changes: tuple[Change, ...]
    trial: Trial | None
    movers: tuple[TrialLine, ...]
    debate: Debate
    standing: Standing
    needs_reason: bool


Against = tuple[SchemeVersion | None, SchemeVersion | None]
Columns = tuple[Column, ...]


@dataclass(frozen=True)
class Row:
    """One weight that some proposal changes; a cell is empty where the proposal leaves it as it is."""

    first: Change
    cells: tuple[Change | None, ...]


@dataclass(frozen=True)
class ProposalsPage:
    """The newest proposals, at most four of them, against `basis`; `more` are the numbers of the others.

    The basis is what is in force, else what was in force in the former round (`basis_round`), else the first version.
    """

    round_code: str
    round_name: Text
    basis: Version | None
    basis_round: Text | None
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    more: tuple[int, ...]
    may_propose: bool
    may_amend: bool


def proposals_page(actor: Actor, round_code: str, locale: str) -> ProposalsPage:
    """What lies before the board, side by side. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    session = db.session()
    round_ = find_round(session, round_code)
    versions = versions_of(session, round_)
    waiting = [version for version in versions if standing(round_, version, actor).is_open]
    former = approved_version(session, round_.previous_id) if round_.previous_id else None
    basis = next((version for version in versions if version.state == "approved"), former or _first(versions))
    columns = _columns(round_, (basis, former), waiting[:COLUMNS], actor, locale)
    return ProposalsPage(
        round_code=round_.code,
        round_name=round_name(round_.code, locale),
        basis=shown(basis) if basis else None,
        basis_round=round_name(basis.round.code, locale) if basis and basis.round_id != round_.id else None,
        columns=columns,
        rows=_rows(columns),
        more=tuple(version.number for version in waiting[COLUMNS:]),
        may_propose=may(actor, ACTS["propose"].right) and round_.state in ACTS["propose"].sources,
        may_amend=may(actor, ACTS["amend"].right) and round_.state in ACTS["amend"].sources,
    )


def _first(versions: list[SchemeVersion]) -> SchemeVersion | None:
    return next(iter(versions[-1:]), None)


def _columns(round_: Round, against: Against, waiting: list[SchemeVersion], reader: Actor, locale: str) -> Columns:
    session, labels, basis = db.session(), Labels(locale), against[0]
    said = debates(session, round_, waiting, reader)
    former = scheme_of(basis.body) if basis else None
    schemes = [scheme_of(version.body) for version in waiting]
    trials = try_schemes(session, schemes, locale, labels=labels) if schemes else []
    return tuple(
        Column(
            version=shown(version),
            changes=changes_between(former, scheme, labels) if former else (),
            trial=trial,
            movers=trial.lines[:MOVERS] if trial else (),
            debate=said[version.id],
            standing=standing(round_, version, reader),
            needs_reason=not version.public_reason and is_far(version, against),
        )
        for version, scheme, trial in zip(waiting, schemes, trials, strict=True)
    )


def _rows(columns: tuple[Column, ...]) -> tuple[Row, ...]:
    found = [{change.key: change for change in column.changes} for column in columns]
    first: dict[tuple[str, str], Change] = {}
    for changes in found:
        first = {**changes, **first}
    return tuple(Row(change, tuple(changes.get(key) for changes in found)) for key, change in first.items())
