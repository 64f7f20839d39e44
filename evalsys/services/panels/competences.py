"""What each expert may judge: declared indicators, or all of them where she declared none."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from evalsys.errors import Invalid
from evalsys.i18n import _l
from evalsys.models import Account, Assignment, Competence, Indicator, Role
from evalsys.services.access import Actor
from evalsys.services.audit import Act, audited
from evalsys.services.panels.setting import expert_numbered, find_forms, indicators_of, take_round_of_panels
from evalsys.services.questionnaires.document import Document, document_of, only
from evalsys.services.rounds.states import subject_of
from evalsys.services.rowlist import STANDS_ABOVE, Row, RowProblem, read_rows, refuse_rows

MOST_ROWS = 50_000
NO_EXPERT = _l("There is no expert with this user name.")
Asked = tuple[tuple[str, int], ...]


def declared(session: Session, account_ids: Iterable[int]) -> dict[int, frozenset[str]]:
    """The codes of the indicators that each of these experts declared; who declared none is missing."""
    query = select(Competence.account_id, Indicator.code).join(Indicator, Indicator.id == Competence.indicator_id)
    found: dict[int, set[str]] = defaultdict(set)
    for account_id, code in session.execute(query.where(Competence.account_id.in_(list(account_ids)))):
        found[account_id].add(code)
    return {account_id: frozenset(codes) for account_id, codes in found.items()}


def judged(questions: Iterable[str], competent: Collection[str]) -> list[str]:
    """The indicators among `questions` that somebody with these competences judges."""
    return [code for code in questions if not competent or code in competent]


def questions_of(task: Assignment) -> Asked:
    """(indicator code, points) of the whole form, in its order."""
    return tuple((one.indicator.code, one.indicator.points) for one in task.questionnaire.questions)


def whole_document(task: Assignment) -> Document:
    """The document of the task's form.

    A named rater whose group has no document of its own answers as an expert does, any other as a peer.
    """
    return document_of(task.questionnaire.body, "experts" if task.is_named else "peers", questions_of(task))


def document_asked(session: Session, task: Assignment) -> Document:
    """What this rater is asked: an expert only what lies within her competence, a peer everything."""
    whole = whole_document(task)
    if not task.is_named:
        return whole
    mine = declared(session, [task.account_id]).get(task.account_id, frozenset())
    return only(whole, mine) if mine else whole


def set_competences(actor: Actor, round_code: str, account_id: int, codes: Sequence[str], *, now: datetime) -> None:
    """Say what an expert judges; no code at all means everything.

    Raises Forbidden, NotFound, Conflict (round closed), Invalid for an indicator that these experts are not asked.
    """
    act = Act(actor, "panel.manage", subject_of(round_code), now, detail={"competences": sorted(codes)})
    with audited(act) as session:
        asked = _asked_codes(session, round_code)
        expert = expert_numbered(session, account_id)
        act.detail["expert"] = expert.login
        if set(codes) - set(asked):
            raise Invalid("Choose among the indicators that the experts of this round are asked about.")
        _store(session, asked, {expert.id: set(codes)})


def import_competences(actor: Actor, round_code: str, content: bytes, *, now: datetime) -> int:
    """Take competences from a CSV file with the columns login, competences (codes parted by spaces; empty: all).

    All rows or none. Returns how many experts it named. Raises Forbidden, NotFound, Conflict, Invalid (all problems).
    """
    act = Act(actor, "panel.manage", subject_of(round_code), now)
    with audited(act) as session:
        asked = _asked_codes(session, round_code)
        query = select(Account.login, Account.id).where(Account.role == Role.EXPERT, Account.is_active)
        experts = dict(session.execute(query).all())
        rows, problems = read_rows(content, ("login", "competences"), MOST_ROWS)
        lines: dict[str, int] = {}
        for row in rows:
            problems += _problems(row, experts, lines, asked)
            lines.setdefault(row.cells["login"], row.line)
        refuse_rows(problems)
        wanted = {experts[row.cells["login"]]: set(_codes(row)) for row in rows}
        _store(session, asked, wanted)
        act.detail = {"imported": len(wanted)}
        return len(wanted)


def _problems(
    row: Row, experts: Collection[str], lines: Mapping[str, int], asked: Collection[str]
) -> Iterator[RowProblem]:
    login = row.cells["login"]
    if login not in experts:
        yield row.problem("login", NO_EXPERT)
    elif login in lines:
        yield row.problem("login", STANDS_ABOVE, first=lines[login])
    for code in sorted(set(_codes(row)) - set(asked)):
        yield row.problem("competences", _l("The experts of this round are not asked about this indicator."), code)


def _codes(row: Row) -> list[str]:
    return row.cells["competences"].replace(";", " ").split()


def _asked_codes(session: Session, round_code: str) -> list[str]:
    return indicators_of(find_forms(session, take_round_of_panels(session, round_code).id))


def _store(session: Session, asked: Sequence[str], wanted: dict[int, set[str]]) -> None:
    """Competences for indicators of other rounds stay as they are, unless everything is to be judged."""
    ids = dict(session.execute(select(Indicator.code, Indicator.id).where(Indicator.code.in_(asked))).all())
    for account_id, codes in wanted.items():
        old = delete(Competence).where(Competence.account_id == account_id)
        session.execute(old.where(Competence.indicator_id.in_(ids.values())) if codes else old)
        session.add_all(Competence(account_id=account_id, indicator_id=ids[code]) for code in sorted(codes))
