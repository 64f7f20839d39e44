"""Planned publications of several rounds at one moment: each has its turn."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.models import Release, RoundState
from evalsys.services import results
from evalsys.services.publication import releasing
from tests.factories import NOW, make_round
from tests.integration.test_decisions import shared
from tests.integration.test_releases import DAY, MOMENT, plan, print_all

pytestmark = pytest.mark.database("sqlite")


def test_a_round_whose_publication_fails_keeps_no_other_round_back(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = shared(session, RoundState.FINAL)
    plan(world)
    print_all(session, Path(app.instance_path))
    broken = make_round(session)
    session.flush()
    planned = session.scalars(select(Release)).one()
    session.add(
        Release(
            round_id=broken.id,
            run_id=planned.run_id,
            at=planned.at - timedelta(days=1),
            day=planned.day,
            account_id=planned.account_id,
            created_at=NOW,
        )
    )
    session.commit()
    number, release = broken.id, releasing._release

    def fail_for_one(round_id: int, now: datetime) -> bool:
        if round_id == number:
            raise RuntimeError("its rows are damaged")
        return release(round_id, now)

    monkeypatch.setattr(releasing, "_release", fail_for_one)
    with pytest.raises(RuntimeError, match="damaged"):
        releasing.release_due(now=MOMENT)
    assert results.read_card("2025", "U01", "en").card.published_on == DAY.day
