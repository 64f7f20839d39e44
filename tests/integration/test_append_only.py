"""What the database itself refuses, whoever connects."""

from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from evalsys.models import AuditEntry, Response, Role, Run, RunTable, SchemeVersion
from tests.factories import (
    NOW,
    make_account,
    make_indicator,
    make_questionnaire,
    make_round,
    make_scheme_version,
    make_unit,
)


def _fill(session: Session) -> None:
    unit = make_unit(session)
    round_ = make_round(session, [unit])
    analyst, board = make_account(session, Role.ANALYST), make_account(session, Role.BOARD)
    decided = {"state": "approved", "approver": board, "decided_at": NOW, "decision_reason": "fair"}
    version = make_scheme_version(session, round_, analyst, "{}", **decided)
    form = make_questionnaire(session, round_, "citizens", [make_indicator(session)])
    run = Run(
        round=round_,
        number=1,
        scheme_version=version,
        input_digest="i",
        result_digest="r",
        engine_version="1",
        seed="1",
        input=b"i",
        result=b"r",
        actor=analyst,
        created_at=NOW,
        tables=[RunTable(stage="scores", position=0, csv="unit\n")],
    )
    answer = Response(
        id="a" * 32,
        questionnaire_id=form.id,
        unit_id=unit.id,
        stratum="users",
        channel="web",
        day=date(2025, 3, 1),
        answers="3",
    )
    session.add_all([run, answer, AuditEntry(at=NOW, actor="system", act="test", subject="round:x", outcome="done")])
    session.commit()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_entry SET actor = 'nobody'",
        "DELETE FROM audit_entry",
        "DELETE FROM scheme_version",
        "UPDATE scheme_version SET body = '[]'",
        "UPDATE scheme_version SET digest = 'x'",
        "UPDATE scheme_version SET number = 7",
        "UPDATE scheme_version SET reason = 'another'",
        "UPDATE scheme_version SET proposer_id = approver_id, approver_id = proposer_id",
        "UPDATE scheme_version SET decision_reason = 'another'",
        "UPDATE scheme_version SET state = 'rejected'",
        "UPDATE run SET result_digest = 'x'",
        "DELETE FROM run",
        "UPDATE run_table SET csv = ''",
        "DELETE FROM run_table",
        "UPDATE response SET answers = '5'",
        "UPDATE response SET stratum = 'open'",
        "UPDATE response SET channel = 'qr'",
        "UPDATE response SET day = '2025-03-02'",
        "UPDATE response SET pace = 5",
        "UPDATE response SET network = 7",
    ],
)
def test_the_database_refuses_to_rewrite_what_happened(session: Session, change: str) -> None:
    _fill(session)
    with pytest.raises(DBAPIError, match="refuses_|keeps_its_"):
        session.execute(sa.text(change))


def test_a_response_may_still_lose_its_place_in_the_count(session: Session) -> None:
    _fill(session)
    session.execute(sa.text("UPDATE response SET status = 1"))
    session.commit()
    assert session.scalars(sa.select(Response.status)).all() == [1]


def test_an_approved_version_may_become_history(session: Session) -> None:
    _fill(session)
    session.execute(sa.text("UPDATE scheme_version SET state = 'superseded'"))
    session.commit()
    assert session.scalars(sa.select(SchemeVersion.state)).all() == ["superseded"]


def test_the_database_refuses_a_proposer_who_approves(session: Session) -> None:
    analyst = make_account(session, Role.BOARD)
    with pytest.raises(IntegrityError):
        make_scheme_version(
            session, make_round(session), analyst, "{}", state="approved", approver=analyst, decided_at=NOW
        )


def test_the_database_refuses_two_versions_in_force(session: Session) -> None:
    _fill(session)
    old = session.scalars(sa.select(SchemeVersion)).one()
    decided = {"state": "approved", "approver_id": old.approver_id, "decided_at": NOW}
    with pytest.raises(IntegrityError):
        make_scheme_version(session, old.round, old.proposer, "[]", number=2, **decided)
