"""Loading a file of figures: it is kept, shown with all that it would change, and loaded when somebody confirms."""

import hashlib
import json
import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.errors import Conflict, Invalid, NotFound
from evalsys.models import PUBLIC, Figure, Round, RoundState, RoundUnit, Unit
from evalsys.services.access import Actor, require
from evalsys.services.audit import Act, audited, require_on_record
from evalsys.services.figures.checking import Checked, Entry, Ground, Key, check_cells
from evalsys.services.figures.needs import measures_of, needs_of, periods_of
from evalsys.services.figures.reading import read_cells
from evalsys.services.rounds.states import WRONG, find_round, subject_of
from evalsys.services.rowlist import RowProblem
from evalsys.services.versions import current_version
from evalsys.services.weights import scheme_of

RIGHT = "figure.load"
KEPT_FOR = timedelta(days=1)
DIGEST = re.compile(r"[0-9a-f]{64}")
ROWS_AT_ONCE = 500


@dataclass(frozen=True)
class Decision:
    """What somebody who has seen the preview confirms: the file, and the plan of what it changes, by their digests."""

    round_code: str
    file: str
    plan: str
    takes_beyond: bool = False


@dataclass(frozen=True)
class Correction:
    """A figure that takes the place of the present one."""

    entry: Entry
    before: str
    measure: str
    source: str


@dataclass(frozen=True)
class Plan:
    """What a file would change; `same` counts its figures that are there already, as they are."""

    new: tuple[Entry, ...]
    corrections: tuple[Correction, ...]
    same: int
    rejected: tuple[RowProblem, ...]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All figures that would be stored."""
        return (*self.new, *(one.entry for one in self.corrections))

    @property
    def beyond(self) -> tuple[Entry, ...]:
        """Those that count as the post of their scale, since they lie beyond it."""
        return tuple(entry for entry in self.entries if entry.is_beyond)

    @property
    def digest(self) -> str:
        """SHA-256 of all that would change: another plan has another one."""
        new = [[*entry.key, entry.value, entry.measure, entry.source] for entry in self.entries]
        before = [[one.before, one.measure, one.source] for one in self.corrections]
        return hashlib.sha256(json.dumps([new, before], ensure_ascii=False).encode()).hexdigest()


def keep_upload(actor: Actor, round_code: str, file: bytes, *, now: datetime) -> str:
    """Keep a file for a day, until somebody has seen what it would change; returns its digest.

    Raises Forbidden, NotFound; Conflict once the results are adopted; Invalid when it is no file of figures at all.
    """
    require_on_record(actor, RIGHT, subject_of(round_code), now=now)
    round_ = find_round(db.session(), round_code)
    _require_open(round_)
    if not file:
        raise Invalid("Choose a file.")
    deque(read_cells(file), maxlen=0)
    folder = _folder()
    for old in folder.glob("*.csv"):
        if datetime.fromtimestamp(old.stat().st_mtime, tz=now.tzinfo) < now - KEPT_FOR:
            old.unlink(missing_ok=True)
    digest = hashlib.sha256(file).hexdigest()
    (folder / f"{digest}.csv").write_bytes(file)
    return digest


def check_upload(actor: Actor, round_code: str, file: str, *, takes_beyond: bool = False) -> Plan:
    """What the kept file would change now. Raises Forbidden; NotFound when it is not kept; Conflict; Invalid."""
    require(actor, RIGHT)
    round_ = find_round(db.session(), round_code)
    _require_open(round_)
    checked = _check(db.session(), round_, _kept(file).read_bytes(), takes_beyond)
    return _plan(checked, _present(db.session(), round_))


def load_upload(actor: Actor, decision: Decision, *, now: datetime) -> Plan:
    """Store what the preview showed: a correction is a row of its own, and the former one stays as no longer current.

    Raises Forbidden, NotFound; Conflict once the results are adopted, when there is nothing to load, or when something
    else was loaded since the preview was made.
    """
    act = Act(actor, RIGHT, subject_of(decision.round_code), now)
    with audited(act) as session:
        round_ = session.scalar(select(Round).where(Round.code == decision.round_code).with_for_update())
        if round_ is None:
            raise NotFound("This round does not exist.")
        _require_open(round_)
        path = _kept(decision.file)
        plan = _plan(_check(session, round_, path.read_bytes(), decision.takes_beyond), _present(session, round_))
        act.detail = {"file": decision.file, **_counts(plan), "scheme": current_version(session, round_).digest}
        if plan.digest != decision.plan:
            raise Conflict("The figures or the weights have changed since you looked. Look at the preview again.")
        if not plan.entries:
            raise Conflict("There is nothing to load.")
        _store(session, round_, plan.entries, act)
    path.unlink(missing_ok=True)
    return plan


def _counts(plan: Plan) -> dict[str, int]:
    return {
        "new": len(plan.new),
        "corrected": len(plan.corrections),
        "unchanged": plan.same,
        "beyond": len(plan.beyond),
        "rejected": len(plan.rejected),
    }


def _require_open(round_: Round) -> None:
    if round_.state in PUBLIC:
        raise Conflict("This is not possible now: the round is published and stays as it is.")
    if round_.state == RoundState.FINAL:
        raise Conflict(WRONG[RoundState.FINAL])


def _folder() -> Path:
    path = Path(current_app.instance_path) / "figures"
    path.mkdir(parents=True, exist_ok=True)
    return path


def _kept(digest: str) -> Path:
    path = _folder() / f"{digest}.csv"
    if not DIGEST.fullmatch(digest) or not path.is_file():
        raise NotFound("This file is no longer kept. Choose it again.")
    return path


def _check(session: Session, round_: Round, file: bytes, takes_beyond: bool) -> Checked:
    needs = needs_of(scheme_of(current_version(session, round_).body))
    units = select(Unit.code).join(RoundUnit, RoundUnit.unit_id == Unit.id).where(RoundUnit.round_id == round_.id)
    ground = Ground(
        units=frozenset(session.scalars(units)),
        needs={need.code: need for need in needs},
        periods=periods_of(round_),
        measures=measures_of(session, round_, needs),
        takes_beyond=takes_beyond,
    )
    return check_cells(read_cells(file), ground)


def _present(session: Session, round_: Round) -> dict[Key, Figure]:
    query = select(Unit.code, Figure).join(Unit, Unit.id == Figure.unit_id)
    rows = session.execute(query.where(Figure.round_id == round_.id, Figure.is_current))
    return {(unit, figure.indicator, figure.period): figure for unit, figure in rows.all()}


def _plan(checked: Checked, present: dict[Key, Figure]) -> Plan:
    new, corrections, same = [], [], 0
    for entry in checked.entries:
        before = present.get(entry.key)
        if before is None:
            new.append(entry)
        elif _is_same(entry, before):
            same += 1
        else:
            corrections.append(Correction(entry, before.value, before.measure, before.source))
    return Plan(tuple(new), tuple(corrections), same, checked.rejected)


def _is_same(entry: Entry, before: Figure) -> bool:
    is_equal = Decimal(entry.value) == Decimal(before.value)
    return is_equal and (entry.measure, entry.source) == (before.measure, before.source)


def _store(session: Session, round_: Round, entries: Sequence[Entry], act: Act) -> None:
    places = select(Unit.code, Unit.id).join(RoundUnit, RoundUnit.unit_id == Unit.id)
    units = dict(session.execute(places.where(RoundUnit.round_id == round_.id)).all())
    replaced = _present(session, round_)
    old = [replaced[entry.key].id for entry in entries if entry.key in replaced]
    for start in range(0, len(old), ROWS_AT_ONCE):
        some = old[start : start + ROWS_AT_ONCE]
        session.execute(update(Figure).where(Figure.id.in_(some)).values(is_current=False))
    session.add_all(
        Figure(
            round_id=round_.id,
            unit_id=units[entry.unit],
            indicator=entry.indicator,
            period=entry.period,
            value=entry.value,
            measure=entry.measure,
            source=entry.source,
            uploaded_by=act.actor.account_id,
            uploaded_at=act.now,
        )
        for entry in entries
    )
    session.flush()
