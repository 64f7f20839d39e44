"""What a file of figures would change, for whoever decides whether to load it."""

from collections.abc import Mapping
from dataclasses import dataclass

from evalsys.db import db
from evalsys.services import content
from evalsys.services.access import Actor
from evalsys.services.content import Text
from evalsys.services.figures.checking import BEYOND_CLIPPED, Entry
from evalsys.services.figures.loading import Plan, check_upload
from evalsys.services.figures.needs import Measures
from evalsys.services.rounds.states import find_round
from evalsys.services.rowlist import RowProblem
from evalsys.services.weights import Labels

ROWS_SHOWN = 200


@dataclass(frozen=True)
class ChangeLine:
    """A figure that would be stored; `before` is the value it would replace, with its measure and source."""

    unit: Text
    indicator: Text
    period: str
    value: str
    measure: str
    source: str
    is_beyond: bool
    before: str = ""
    measure_before: str = ""
    source_before: str = ""


@dataclass(frozen=True)
class UploadPage:
    """The preview of a file. Of each list the first lines are shown; the numbers are of all.

    `takeable` counts the rejected figures that lie beyond their scale and may be taken as its end.
    """

    round_code: str
    round_name: Text
    file: str
    plan: str
    takes_beyond: bool
    new: tuple[ChangeLine, ...]
    new_number: int
    corrections: tuple[ChangeLine, ...]
    correction_number: int
    same: int
    rejected: tuple[RowProblem, ...]
    rejected_number: int
    beyond: int
    takeable: int

    @property
    def number(self) -> int:
        """How many figures would be stored."""
        return self.new_number + self.correction_number


@dataclass(frozen=True)
class _Names:
    units: Mapping[str, Text]
    labels: Labels
    measures: Measures

    def line(self, entry: Entry, **before: str) -> ChangeLine:
        return ChangeLine(
            unit=self.units.get(entry.unit) or Text(entry.unit, ""),
            indicator=self.labels.node(entry.indicator),
            period=entry.period,
            value=entry.value,
            measure=self.measures.of(entry.indicator, entry.measure),
            source=entry.source,
            is_beyond=entry.is_beyond,
            **before,
        )


def upload_page(actor: Actor, round_code: str, file: str, locale: str, *, takes_beyond: bool = False) -> UploadPage:
    """What a kept file would change now. Raises Forbidden; NotFound when it is not kept any more; Conflict."""
    plan = check_upload(actor, round_code, file, takes_beyond=takes_beyond)
    names = _Names(content.names("unit", locale), Labels(locale), Measures(locale))
    return UploadPage(
        round_code=round_code,
        round_name=content.text_of("round", find_round(db.session(), round_code).code, "name", locale),
        file=file,
        plan=plan.digest,
        takes_beyond=takes_beyond,
        new=tuple(names.line(entry) for entry in plan.new[:ROWS_SHOWN]),
        new_number=len(plan.new),
        corrections=_corrections(plan, names),
        correction_number=len(plan.corrections),
        same=plan.same,
        rejected=plan.rejected[:ROWS_SHOWN],
        rejected_number=len(plan.rejected),
        beyond=len(plan.beyond),
        takeable=sum(1 for one in plan.rejected if one.reason == BEYOND_CLIPPED),
    )


def rejected_cells(actor: Actor, round_code: str, file: str, *, takes_beyond: bool = False) -> tuple[RowProblem, ...]:
    """Every cell of a kept file that is not taken. Raises Forbidden, NotFound, Conflict."""
    return check_upload(actor, round_code, file, takes_beyond=takes_beyond).rejected


def _corrections(plan: Plan, names: _Names) -> tuple[ChangeLine, ...]:
    return tuple(
        names.line(
            one.entry,
            before=one.before,
            measure_before=names.measures.of(one.entry.indicator, one.measure),
            source_before=one.source,
        )
        for one in plan.corrections[:ROWS_SHOWN]
    )
