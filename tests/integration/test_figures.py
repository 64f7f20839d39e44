"""Loading figures: what is taken, every cell that is not, corrections that keep the past, one audit entry a load."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Forbidden, Invalid, NotFound
from evalsys.models import PUBLIC, AuditEntry, Figure, Role, RoundState
from evalsys.services import figures
from evalsys.services.access import actor_of
from evalsys.services.figures.loading import check_upload
from tests.factories import NOW, make_account, make_round
from tests.integration.governing import audit_of
from tests.integration.measuring import LONG, load, make_measured, plan_of, reasons, stored

ADOPTED = (RoundState.FINAL, *PUBLIC)
LATER = NOW + timedelta(hours=1)
WAITING = LONG + "U01,waiting,,30,days,register\nU02,waiting,2025,45.50,天,register\n"


def test_figures_of_a_file_are_stored_with_measure_source_person_and_time(session: Session) -> None:
    world = make_measured(session)
    plan = load(world, WAITING)
    assert (len(plan.new), len(plan.corrections), plan.rejected) == (2, 0, ())
    assert stored(session) == [("U01", "waiting", "2025", "30", True), ("U02", "waiting", "2025", "45.50", True)]
    row = session.scalars(select(Figure).order_by(Figure.id).limit(1)).one()
    assert (row.measure, row.source, row.account.login, row.uploaded_at) == (
        "days",
        "register",
        world.analyst.login,
        NOW,
    )


def test_a_load_leaves_one_entry_with_the_digest_of_the_file_and_what_it_did(session: Session) -> None:
    world = make_measured(session)
    load(world, WAITING + "U09,waiting,,1,days,register\n")
    (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.act == "figure.load"))
    numbers = {name: entry.detail[name] for name in ("new", "corrected", "unchanged", "beyond", "rejected")}
    assert (entry.outcome, entry.subject) == ("done", "round:2025")
    assert numbers == {"new": 2, "corrected": 0, "unchanged": 0, "beyond": 0, "rejected": 1}
    assert len(entry.detail["file"]) == len(entry.detail["scheme"]) == 64


def test_a_correction_is_a_row_of_its_own_and_the_former_one_stays(session: Session) -> None:
    world = make_measured(session)
    load(world, WAITING)
    plan = load(world, LONG + "U01,waiting,,31,days,register\nU02,waiting,,45.5,days,register\n", now=LATER)
    assert (len(plan.new), len(plan.corrections), plan.same) == (0, 1, 1)
    assert (plan.corrections[0].before, plan.corrections[0].entry.value) == ("30", "31")
    assert stored(session) == [
        ("U01", "waiting", "2025", "30", False),
        ("U02", "waiting", "2025", "45.50", True),
        ("U01", "waiting", "2025", "31", True),
    ]
    page = figures.history_page(world.actor(world.first), "2025", ("waiting", "U01"), "zh")
    assert [(one.value, one.measure, one.is_current) for one in page.versions] == [
        ("31", "天", True),
        ("30", "天", False),
    ]


def test_the_database_knows_one_current_figure_alone(session: Session) -> None:
    world = make_measured(session)
    load(world, WAITING)
    first = session.scalars(select(Figure).limit(1)).one()
    facts = {name: getattr(first, name) for name in ("round_id", "unit_id", "indicator", "period", "value", "measure")}
    session.add(Figure(**facts, source="x", uploaded_by=world.analyst.id, uploaded_at=NOW))
    with pytest.raises(IntegrityError):
        session.commit()
    session.rollback()


def test_every_cell_that_is_not_taken_is_named_with_its_reason(session: Session) -> None:
    rows = [
        "U09,waiting,,1,days,register",
        "U01,nothing,,1,days,register",
        "U02,reach,,1,percent,register",
        "U01,waiting,,many,days,register",
        'U01,waiting,,"1,234",days,register',
        "U01,waiting,,61,days,register",
        "U01,reach,,101,percent,register",
        "U01,residents,,0,people,register",
        "U01,waiting,,1,days,",
        "U01,waiting,,1,hours,register",
        "U01,spending,,1,,register",
        "U01,waiting,2019,1,days,register",
        "U01,waiting,,,days,register",
        "U01,waiting,,1,days,register,more",
        f"U01,waiting,,1,days,{'x' * 501}",
        "U01,waiting,,1,days,\x07",
    ]
    plan = plan_of(make_measured(session), LONG + "\n".join(rows))
    assert plan.new == ()
    assert [(line, column) for line, column, _value, _reason in reasons(plan)] == [
        (2, "unit"), (3, "indicator"), (4, "indicator"), (5, "value"), (6, "value"), (7, "value"), (8, "value"),
        (9, "value"), (10, "source"), (11, "measure"), (12, "measure"), (13, "period"), (14, "value"), (15, ""),
        (16, "source"), (17, "source"),
    ]  # fmt: skip
    told = [reason for _line, _column, _value, reason in reasons(plan)]
    assert told[0] == "The round has no office “U09”."
    assert told[2] == "This figure is not asked of the office “U02”."
    assert told[4].startswith("This can be read in two ways.")
    assert told[5] == "Outside the scale, which goes from 0 to 60."
    assert told[6].endswith("It can be taken as the end of the scale.")
    assert told[9] == "The unit of measure is “days”, not “hours”."
    assert told[11] == "Figures of “2019” are not asked for. Periods asked for: 2025."
    assert told[13] == "The row has 7 cells, but the first row has 6."


def test_of_a_figure_that_stands_twice_none_is_taken(session: Session) -> None:
    plan = plan_of(make_measured(session), WAITING + "U01,waiting,2025,31,days,register\n")
    assert [entry.unit for entry in plan.new] == ["U02"]
    assert [(line, value) for line, _column, value, _reason in reasons(plan)] == [(2, "30"), (4, "31")]
    assert all(
        reason.startswith("The file has this figure several times, in lines 2, 4.") for *_, reason in reasons(plan)
    )


def test_the_template_filled_in_is_read_back(session: Session) -> None:
    world = make_measured(session)
    head, *rows = figures.template_rows(world.actor(world.first), "2025", "ar")
    assert head == ["unit", "name", "period", "source", "waiting [يوم]", "spending", "reach", "residents"]
    assert [row[:3] for row in rows] == [["U01", "U01 name (ar)", "2025"], ["U02", "U02 name (ar)", "2025"]]
    filled = [",".join([*row[:3], "register", "٣٠", "", "", ""]) for row in rows]
    plan = plan_of(world, "\r\n".join([",".join(head), *filled]))
    assert [(entry.unit, entry.value, entry.measure) for entry in plan.new] == [
        ("U01", "30", "days"),
        ("U02", "30", "days"),
    ]


def test_a_wide_file_names_the_cell_whatever_is_wrong_about_its_row(session: Session) -> None:
    text = "unit;name;period;source;waiting [hours];residents [people];other\nU01;One;;register;1;7,5;2\nU09;;;;3;;\n"
    plan = plan_of(make_measured(session), text)
    assert [(entry.indicator, entry.value, entry.measure) for entry in plan.new] == [("residents", "7.5", "people")]
    assert [(line, column, value) for line, column, value, _reason in reasons(plan)] == [
        (2, "waiting [hours]", "1"),
        (2, "other", "2"),
        (3, "waiting [hours]", "3"),
    ]


def test_a_unit_of_measure_that_nothing_declares_is_the_one_named_first(session: Session) -> None:
    world = make_measured(session)
    load(world, LONG + "U01,spending,,5,euro,budget\nU01,residents,,10,people,census\n")
    plan = plan_of(world, LONG + "U02,spending,,5,dollar,budget\nU02,residents,, 10 ,People,census\n")
    assert [entry.indicator for entry in plan.new] == ["residents"]
    assert reasons(plan)[0][3] == "The unit of measure is “euro”, not “dollar”."


def test_a_figure_beyond_a_scale_that_has_an_end_is_taken_when_somebody_says_so(session: Session) -> None:
    world = make_measured(session)
    text = LONG + "U01,reach,,101,percent,register\nU01,waiting,,61,days,register\n"
    assert [line for line, *_ in reasons(plan_of(world, text))] == [2, 3]
    plan = load(world, text, takes_beyond=True)
    assert [(entry.indicator, entry.is_beyond) for entry in plan.entries] == [("reach", True)]
    assert [line for line, *_ in reasons(plan)] == [3]


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (b"", "Choose a file."),
        (b"a,b\n1,2\n", "The first row must name the columns"),
        (b"unit,unit,source\n", "Two columns are called"),
        (LONG.encode() + b"U01,waiting,,\xff,days,x\n", "not UTF-8 text near line 2"),
        (LONG.encode() + b'U01,waiting,,"1,days,x\n', "cannot be read as CSV"),
        (b"x" * (5 * 1024 * 1024 + 1), "larger than 5 MB"),
    ],
)
def test_what_is_no_file_of_figures_is_refused_whole(session: Session, file: bytes, message: str) -> None:
    with pytest.raises(Invalid) as refusal:
        plan_of(make_measured(session), file)
    assert message in refusal.value.message % refusal.value.params


def test_figures_of_earlier_rounds_are_asked_for_in_the_line_of_a_round(session: Session) -> None:
    world = make_measured(session)
    first, last = date(2024, 1, 1), date(2024, 12, 31)
    world.round.previous = make_round(
        session, code="2024", state=RoundState.PUBLISHED, period_start=first, period_end=last
    )
    session.commit()
    assert figures.figures_page(world.actor(world.first), "2025", "en").periods == ("2024", "2025")
    plan = plan_of(world, LONG + "U01,waiting,2024,30,days,register\n")
    assert [entry.period for entry in plan.new] == ["2024"]


def test_only_an_analyst_loads_and_a_refusal_is_on_record(session: Session) -> None:
    world = make_measured(session)
    actor = actor_of(make_account(session, Role.AUDITOR))
    with pytest.raises(Forbidden):
        figures.keep_upload(actor, "2025", WAITING.encode(), now=NOW)
    with pytest.raises(Forbidden):
        figures.load_upload(actor, figures.Decision("2025", "0" * 64, "0" * 64), now=NOW)
    with pytest.raises(Forbidden):
        check_upload(actor, "2025", "0" * 64)
    assert audit_of(session, "figure.load") == [("figure.load", "refused")] * 2
    assert stored(session) == []
    assert world.round.state == RoundState.COLLECTING


def test_a_file_that_is_not_kept_is_not_found(session: Session) -> None:
    world = make_measured(session)
    for name in ("0" * 64, "../evalsys", "x"):
        with pytest.raises(NotFound):
            check_upload(world.actor(world.analyst), "2025", name)


def test_a_preview_that_is_out_of_date_loads_nothing(session: Session) -> None:
    world = make_measured(session)
    actor = world.actor(world.analyst)
    file = figures.keep_upload(actor, "2025", WAITING.encode(), now=NOW)
    seen = check_upload(actor, "2025", file)
    load(world, LONG + "U01,waiting,,29,days,another\n")
    with pytest.raises(Conflict, match="changed since you looked"):
        figures.load_upload(actor, figures.Decision("2025", file, seen.digest), now=LATER)
    assert [value for *_, value, _current in stored(session)] == ["29"]


def test_a_file_that_changes_nothing_is_not_loaded(session: Session) -> None:
    world = make_measured(session)
    load(world, WAITING)
    with pytest.raises(Conflict, match="nothing to load"):
        load(world, WAITING)
    assert audit_of(session, "figure.load") == [("figure.load", "done"), ("figure.load", "refused")]


def test_a_file_is_kept_for_a_day(session: Session) -> None:
    world = make_measured(session)
    actor = world.actor(world.analyst)
    old = figures.keep_upload(actor, "2025", WAITING.encode(), now=NOW)
    far = NOW + timedelta(days=9999)
    figures.keep_upload(actor, "2025", LONG.encode(), now=far)
    with pytest.raises(NotFound):
        check_upload(actor, "2025", old)


@pytest.mark.parametrize("state", [RoundState.DRAFT, RoundState.COLLECTING, RoundState.RIGHT_OF_REPLY, *ADOPTED])
def test_figures_are_loaded_until_the_results_are_adopted(session: Session, state: RoundState) -> None:
    world = make_measured(session, state)
    if state in ADOPTED:
        with pytest.raises(Conflict, match="published and stays as it is|adopted and wait"):
            load(world, WAITING)
    else:
        load(world, WAITING)
    assert len(stored(session)) == (0 if state in ADOPTED else 2)
