"""The roll-up on the page of a run: the documented mean, and nothing by which a hidden score could be worked out."""

from dataclasses import replace
from decimal import Decimal
from statistics import fmean

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from evalsys.models import Role, Run, Unit
from evalsys.services import run_pages
from evalsys.services.access import actor_of
from evalsys.services.run_rollup import RollupLine
from evalsys.services.run_tables import overseen_tables
from tests import published
from tests.factories import make_account, make_unit, sign_in
from tests.pages import get_page
from tests.published import CITY, PLAIN, Ratings, make_scored_round

pytestmark = pytest.mark.database("sqlite")  # a run's tables are bytes; the tree is one statement

SHOWN, HIDDEN = ("U01", "U02", "U08", "U18"), "U21"


def rolled(session: Session, children: tuple[str, ...]) -> RollupLine:
    """The roll-up of the newest run, with these units below P01."""
    top = session.scalar(select(Unit).where(Unit.code == "P01")) or make_unit(session, code="P01")
    session.execute(update(Unit).where(Unit.code != "P01").values(parent_id=None))
    session.execute(update(Unit).where(Unit.code.in_(children)).values(parent_id=top.id))
    session.commit()
    run = session.scalars(select(Run).order_by(Run.id.desc())).first()
    assert run is not None
    (line,) = run_pages.run_page(actor_of(make_account(session, Role.AUDITOR)), run.id, "en").rollups
    return line


def seen(session: Session) -> dict[str, float]:
    """The scores that the oversight body may see."""
    run = session.scalars(select(Run).order_by(Run.id.desc())).first()
    assert run is not None
    scores = overseen_tables(run)["scores"].set_index("unit")["score"]
    return {str(unit): float(score) for unit, score in scores.dropna().items()}


def test_the_parent_scores_the_mean_of_what_may_be_seen_and_names_the_rest(
    client: FlaskClient, session: Session
) -> None:
    make_scored_round(session)
    scores = seen(session)
    assert HIDDEN not in scores
    run = session.scalars(select(Run.id)).one()
    sign_in(client, session, make_account(session, Role.BOARD))
    assert not get_page(client, f"/en/oversight/runs/{run}").select("#rollups")
    few = rolled(session, ("U01", "U02", HIDDEN))
    assert (few.score, few.n, few.of) == (None, 2, 3)
    assert rolled(session, ("U01", "U02")).score is not None
    line = rolled(session, (*SHOWN, HIDDEN))
    assert line.score is not None
    assert abs(line.score - Decimal(fmean(scores[code] for code in SHOWN))) <= Decimal("0.005")
    assert (line.n, line.of, [str(name) for name in line.missing]) == (4, 5, ["U21 name (en)"])
    for locale in ("en", "zh", "ar"):
        page = get_page(client, f"/{locale}/oversight/runs/{run}")
        assert str(line.score) in page.texts("#rollups td")[0]
        assert f"U21 name ({locale})" in page.texts("#rollups td")[2]


def test_whatever_a_hidden_office_scores_the_roll_up_says_the_same(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_scored_round(session, "2024")
    before = rolled(session, (*SHOWN, HIDDEN))
    category, ratings = CITY[HIDDEN]
    worse = {**ratings, "citizens": replace(Ratings(PLAIN, 8), means=(1.0,) * 7)}
    monkeypatch.setattr(published, "CITY", {**CITY, HIDDEN: (category, worse)})
    make_scored_round(session, "2025")
    assert rolled(session, (*SHOWN, HIDDEN)) == before
