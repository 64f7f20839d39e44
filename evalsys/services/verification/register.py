"""What the register says of a card: whether it counts, what replaced it, or why it was withdrawn.

Nothing is computed: every figure comes from the card as it was published.
"""

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from evalsys.db import db
from evalsys.i18n import LOCALES
from evalsys.models import PUBLIC, PublishedScorecard, Round, Run
from evalsys.reports.digested import CHECK_DIGITS
from evalsys.reports.scorecard import Scorecard
from evalsys.services.results import card_of
from evalsys.services.verification.references import clean_digits, clean_reference
from evalsys.services.zone import local_day

CURRENT, SUPERSEDED, WITHDRAWN, UNKNOWN = "current", "superseded", "withdrawn", "unknown"
RIGHT, WRONG = "right", "wrong"


@dataclass(frozen=True)
class Answer:
    """What the register says of a reference.

    `card` is None for an unknown one, and for one that was withdrawn: its figures are shown to nobody. `ended_on` and
    `reason` tell since when and why a card does not count; `successor` is the reference of the one that does.
    `digits` is RIGHT or WRONG for check digits that were given.
    """

    reference: str
    status: str
    digits: str = ""
    given_digits: str = ""
    true_digits: str = ""
    unit_code: str = ""
    unit_name: str = ""
    round_code: str = ""
    round_title: str = ""
    published_on: date | None = None
    ended_on: date | None = None
    reason: str = ""
    successor: str = ""
    card: Scorecard | None = None

    @property
    def is_known(self) -> bool:
        """Whether the register has it."""
        return self.status != UNKNOWN


def look_up(reference: str, digits: str, locale: str) -> Answer:
    """The register's answer; a reference without its language is looked for in `locale` first."""
    typed, given = clean_reference(reference), clean_digits(digits)
    row = _row(typed, locale)
    if row is None:
        return Answer(reference=typed, status=UNKNOWN, given_digits=given)
    known = answer_of(row)
    if not given:
        return known
    return replace(known, given_digits=given, digits=RIGHT if _fits(given, row.digest) else WRONG)


def answer_of(row: PublishedScorecard) -> Answer:
    """What the register says of one card."""
    card = card_of(row)
    known = Answer(
        reference=row.reference,
        status=CURRENT,
        true_digits=row.digest[:CHECK_DIGITS],
        unit_code=card.unit_code,
        unit_name=card.unit_name,
        round_code=card.round_code,
        round_title=card.round_title,
        published_on=local_day(row.created_at),
        card=card,
    )
    if row.withdrawn_at is not None:
        since, why = local_day(row.withdrawn_at), row.withdrawn_reason
        return replace(known, status=WITHDRAWN, card=None, ended_on=since, reason=why)
    later = _successor(row)
    if later is None:
        return known
    newest, run = later
    since = local_day(newest.created_at)
    return replace(known, status=SUPERSEDED, successor=newest.reference, ended_on=since, reason=run.reason)


def own_locale(reference: str) -> str | None:
    """The language that a whole reference ends in."""
    end = clean_reference(reference).rpartition("-")[2].lower()
    return end if end in LOCALES else None


def _row(typed: str, locale: str) -> PublishedScorecard | None:
    """The public card with this reference, whatever the size of its letters."""
    endings = (locale, *(other for other in LOCALES if other != locale))
    wanted = [typed, *(f"{typed}-{ending.upper()}" for ending in endings)]
    name = func.upper(PublishedScorecard.reference)
    query = select(PublishedScorecard.id, name).join(Round, Round.id == PublishedScorecard.round_id)
    found = db.session.execute(query.where(Round.state.in_(PUBLIC), name.in_(wanted))).all()
    if not typed or not found:
        return None
    first = min(found, key=lambda one: wanted.index(one[1]))
    return db.session.get(PublishedScorecard, first[0], options=[joinedload(PublishedScorecard.run)])


def _successor(row: PublishedScorecard) -> tuple[PublishedScorecard, Run] | None:
    """The newest card of the same unit, round and language, if that is a later one."""
    same = (
        PublishedScorecard.round_id == row.round_id,
        PublishedScorecard.unit_id == row.unit_id,
        PublishedScorecard.locale == row.locale,
    )
    query = select(PublishedScorecard, Run).join(Run, Run.id == PublishedScorecard.run_id).where(*same)
    found = db.session.execute(query.where(Run.number > row.run.number).order_by(Run.number.desc()).limit(1)).first()
    return (found[0], found[1]) if found else None


def _fits(given: str, digest: str) -> bool:
    """Digits fit when they are all that is printed, or more of the same digest."""
    return len(given) >= CHECK_DIGITS and digest.startswith(given)
