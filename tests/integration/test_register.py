"""The register of offices: its tree has no circles, nothing is deleted, and lists are looked at before they count."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, EvalsysError, Forbidden, Invalid, NotFound
from evalsys.models import AuditEntry, Lineage, Place, Role, Round, RoundState, RoundUnit, Unit
from evalsys.services import rounds
from evalsys.services import units as public_units
from evalsys.services.access import Actor, actor_of
from evalsys.services.register import kinds, lists, pages, reorganising, units
from evalsys.services.register.kinds import CategoryFacts, ServiceFacts
from evalsys.services.register.reorganising import Reorganisation
from evalsys.services.rowlist import STANDS_ABOVE
from tests.factories import NOW, make_account, make_category, make_round, make_service, make_unit
from tests.integration.governing import make_world
from tests.integration.registering import NAMES, WRONG_NAMES, facts
from tests.integration.test_rounds import new_round

HEADER = "code,category,parent,services,name_en,name_zh,name_ar\n"


@pytest.fixture
def analyst(session: Session) -> Actor:
    """Somebody who may change the register: U01 with U02 below it, and U03, all of category A."""
    category = make_category(session, code="A")
    top = make_unit(session, code="U01", category=category)
    make_unit(session, code="U02", category=category, parent_id=top.id)
    other = make_unit(session, code="U03", category=category)
    make_service(session, [top, other], code="S01")
    return actor_of(make_account(session, Role.ANALYST))


def unit_of(session: Session, code: str) -> Unit:
    session.expire_all()
    return session.scalars(select(Unit).where(Unit.code == code)).one()


def test_an_office_is_added_below_another_and_changed(session: Session, analyst: Actor) -> None:
    units.add_unit(analyst, facts(parent="U02", services=("S01",)), now=NOW)
    page = pages.unit_page(analyst, "U09", "zh")
    assert (str(page.name), str(page.parent and page.parent[0]), len(page.services)) == ("港口办公室", "U02", 1)
    units.edit_unit(analyst, facts(names={**NAMES, "en": "Quay"}), now=NOW)
    page = pages.unit_page(analyst, "U09", "en")
    assert (str(page.name), page.parent, page.services) == ("Quay", None, ())
    entries = session.scalars(select(AuditEntry).where(AuditEntry.subject == "unit:U09").order_by(AuditEntry.id)).all()
    assert [(one.act, one.outcome) for one in entries] == [("unit.manage", "done")] * 2
    assert entries[1].detail["before"] == {"category": "A", "parent": "U02"}


def test_the_tree_is_listed_from_the_top_with_its_depth(session: Session, analyst: Actor) -> None:
    units.add_unit(analyst, facts(parent="U02"), now=NOW)
    lines = pages.register_page(analyst, "en").units
    assert [(line.code, line.depth) for line in lines] == [("U01", 0), ("U02", 1), ("U09", 2), ("U03", 0)]
    assert [line.services for line in lines] == [1, 0, 0, 1]


@pytest.mark.parametrize("parent", ["U01", "U02"])
def test_no_office_stands_below_itself(session: Session, analyst: Actor, parent: str) -> None:
    with pytest.raises(Conflict, match="below itself"):
        units.edit_unit(analyst, facts("U01", parent=parent), now=NOW)
    assert unit_of(session, "U01").parent_id is None


@pytest.mark.parametrize(
    ("over", "kind"),
    [
        ({"category": "Z"}, Invalid),
        ({"parent": "U99"}, Invalid),
        ({"services": ("S99",)}, Invalid),
        ({"names": WRONG_NAMES}, Invalid),
        ({"names": {**NAMES, "zh": "x" * 121}}, Invalid),
        ({"names": {**NAMES, "zh": "a\u202eb"}}, Invalid),
        ({"code": "U01"}, Conflict),
        ({"code": "hall-1"}, Conflict),
        ({"code": "no spaces"}, Invalid),
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused_and_leaves_nothing(
    session: Session, analyst: Actor, over: dict[str, Any], kind: type[EvalsysError]
) -> None:
    session.add(Place(code="hall-1", unit_id=unit_of(session, "U01").id))
    session.commit()
    with pytest.raises(kind):
        units.add_unit(analyst, facts(**over), now=NOW)
    assert len(session.scalars(select(Unit)).all()) == 3


def test_others_may_look_but_not_change(session: Session, analyst: Actor) -> None:
    board = actor_of(make_account(session, Role.BOARD))
    assert not pages.register_page(board, "en").may_manage
    for act in (
        lambda: units.add_unit(board, facts(), now=NOW),
        lambda: units.switch_unit(board, "U01", "why", is_active=False, now=NOW),
        lambda: kinds.save_category(board, CategoryFacts("B", NAMES, 1), is_new=True, now=NOW),
        lambda: lists.import_units(board, HEADER, now=NOW),
        lambda: lists.preview_units(board, HEADER),
    ):
        with pytest.raises(Forbidden):
            act()
    with pytest.raises(Forbidden):
        pages.register_page(actor_of(make_account(session, Role.PEER)), "en")


def test_an_office_goes_out_of_use_and_comes_back_with_a_reason_each(session: Session, analyst: Actor) -> None:
    with pytest.raises(Invalid):
        units.switch_unit(analyst, "U03", " ", is_active=False, now=NOW)
    units.switch_unit(analyst, "U03", "closed for good", is_active=False, now=NOW)
    assert not unit_of(session, "U03").is_active
    with pytest.raises(Conflict):
        units.switch_unit(analyst, "U03", "again", is_active=False, now=NOW)
    units.switch_unit(analyst, "U03", "a mistake", is_active=True, now=NOW)
    assert unit_of(session, "U03").is_active
    with pytest.raises(NotFound):
        units.switch_unit(analyst, "U99", "why", is_active=False, now=NOW)


def test_an_office_that_is_being_rated_stays_in_use(session: Session, analyst: Actor) -> None:
    round_ = make_round(session, [unit_of(session, "U03")], code="2025", state=RoundState.COLLECTING)
    assert pages.unit_page(analyst, "U03", "en").is_rated
    with pytest.raises(Conflict, match="being rated in round"):
        units.switch_unit(analyst, "U03", "closed", is_active=False, now=NOW)
    with pytest.raises(Conflict, match="being rated in round"):
        reorganise(analyst, "succeed", ("U03",), ("U01",))
    round_ = session.merge(round_)
    round_.state = RoundState.CLOSED
    session.commit()
    units.switch_unit(analyst, "U03", "closed", is_active=False, now=NOW)


def test_categories_are_added_renamed_and_put_in_order(session: Session, analyst: Actor) -> None:
    kinds.save_category(analyst, CategoryFacts("B", NAMES, 5), is_new=True, now=NOW)
    kinds.save_category(analyst, CategoryFacts("A", {**NAMES, "en": "Front"}, 9), is_new=False, now=NOW)
    found = pages.register_page(analyst, "en").categories
    assert [(one.code, str(one.name), one.units) for one in found] == [("B", "Harbour Office", 0), ("A", "Front", 3)]
    assert pages.next_position() == 10
    for code, is_new, kind in (
        ("B", True, Conflict),
        ("new", True, Conflict),
        ("Z", False, NotFound),
        ("a b", True, Invalid),
    ):
        with pytest.raises(kind):
            kinds.save_category(analyst, CategoryFacts(code, NAMES, 1), is_new=is_new, now=NOW)


def test_a_service_is_found_by_its_new_words_at_the_offices_that_offer_it(session: Session, analyst: Actor) -> None:
    kinds.save_service(
        analyst, ServiceFacts("S02", NAMES, ("U03",), {"en": "mooring", "zh": "", "ar": ""}), is_new=True, now=NOW
    )
    assert [one.code for one in public_units.find_units("mooring", "en")] == ["U03"]
    kinds.save_service(
        analyst, ServiceFacts("S02", NAMES, ("U01", "U02"), {"en": "", "zh": "", "ar": ""}), is_new=False, now=NOW
    )
    assert [one.code for one in public_units.find_units("mooring", "en")] == []
    assert pages.read_service(analyst, "S02").units == ("U01", "U02")
    with pytest.raises(NotFound):
        kinds.save_service(analyst, ServiceFacts("S02", NAMES, ("U99",)), is_new=False, now=NOW)


LIST = HEADER + "".join(
    f"{row}\n"
    for row in (
        "N2,A,N1,S01,Quay,码头,رصيف",
        "N1,A,,,Harbour,港口,ميناء",
        "N3,Z,,,Bad category,坏,سيئ",
        "N4,A,N3,,Below a bad row,坏,سيئ",
        "N5,A,N6,,Round,圆,دائرة",
        "N6,A,N5,,And round,圆,دائرة",
        "N1,A,,,Twice,两次,مرتين",
        "U01,A,,,There,在,موجود",
        "N7,A,,S01 S77,No such service,无,لا",
        "N8,A,,,,无,لا",
    )
)


def test_every_row_of_a_list_is_looked_at_and_each_that_does_not_fit_is_named(session: Session, analyst: Actor) -> None:
    found = lists.preview_units(analyst, LIST)
    assert [one.code for one in found.fresh] == ["N1", "N2"]
    assert [(one.line, one.column) for one in found.problems] == [
        (4, "category"), (5, "parent"), (6, "parent"), (7, "parent"), (8, "code"), (9, "code"), (10, "services"),
        (11, "name_en"),
    ]  # fmt: skip
    assert found.problems[4].reason == STANDS_ABOVE
    assert len(session.scalars(select(Unit)).all()) == 3


def test_what_fits_of_a_list_is_stored_when_somebody_says_so(session: Session, analyst: Actor) -> None:
    lists.import_units(analyst, LIST, now=NOW)
    assert [(line.code, line.depth) for line in pages.register_page(analyst, "ar").units][:2] == [("N1", 0), ("N2", 1)]
    assert str(pages.unit_page(analyst, "N2", "ar").name) == "رصيف"
    entry = session.scalars(select(AuditEntry).where(AuditEntry.subject == "unit:list")).one()
    assert entry.detail == {"added": ["N1", "N2"], "rejected": 8}
    with pytest.raises(Invalid):
        lists.import_units(analyst, "code,name\nx,y\n", now=NOW)


def reorganise(actor: Actor, kind: str, formers: tuple[str, ...], laters: tuple[str, ...], **over: Any) -> None:
    known: dict[str, Any] = {"day": date(2025, 7, 1), "reason": "the new law on ports"}
    reorganising.reorganise(actor, Reorganisation(kind, formers, laters, **{**known, **over}), now=NOW)


def test_a_split_takes_the_former_office_out_of_use_and_is_told_by_all_its_heirs(
    session: Session, analyst: Actor
) -> None:
    reorganise(analyst, "split", ("U01",), ("U02", "U03"))
    former = pages.unit_page(analyst, "U01", "en")
    assert not former.is_active
    assert [(line.code, line.kind, line.reason) for line in former.became] == [
        ("U02", "split", "the new law on ports"),
        ("U03", "split", "the new law on ports"),
    ]
    assert [line.code for line in pages.unit_page(analyst, "U03", "en").came_from] == ["U01"]
    with pytest.raises(Conflict, match="reorganised"):
        units.switch_unit(analyst, "U01", "take it back", is_active=True, now=NOW)
    entry = session.scalars(select(AuditEntry).where(AuditEntry.subject == "unit:reorganisation")).one()
    assert (entry.reason, entry.detail["later"]) == ("the new law on ports", ["U02", "U03"])


def test_the_public_page_of_a_former_office_says_what_took_its_place(session: Session, analyst: Actor) -> None:
    reorganise(analyst, "merge", ("U01", "U03"), ("U02",))
    gone = public_units.read_unit("U03", "ar")
    assert (gone.is_active, [line.code for line in gone.became]) == (False, ["U02"])
    heir = public_units.read_unit("U02", "en")
    assert [line.code for line in heir.came_from] == ["U01", "U03"]
    units.switch_unit(analyst, "U02", "closed", is_active=False, now=NOW)
    with pytest.raises(NotFound):
        public_units.read_unit("U02", "en")


@pytest.mark.parametrize(
    ("kind", "formers", "laters", "over", "refusal"),
    [
        ("split", ("U01",), ("U02",), {}, Invalid),
        ("merge", ("U01",), ("U02",), {}, Invalid),
        ("succeed", ("U01", "U02"), ("U03",), {}, Invalid),
        ("split", ("U01",), ("U01", "U02"), {}, Invalid),
        ("abolish", ("U01",), ("U02",), {}, Invalid),
        ("succeed", ("U01",), ("U02",), {"day": date(2025, 11, 4)}, Invalid),
        ("succeed", ("U01",), ("U02",), {"reason": " "}, Invalid),
        ("succeed", ("U01",), ("U99",), {}, NotFound),
    ],
)
def test_a_reorganisation_that_cannot_be_is_refused(
    session: Session,
    analyst: Actor,
    kind: str,
    formers: tuple[str, ...],
    laters: tuple[str, ...],
    over: dict[str, Any],
    refusal: type[EvalsysError],
) -> None:
    with pytest.raises(refusal):
        reorganise(analyst, kind, formers, laters, **over)
    assert session.scalars(select(Lineage)).all() == []
    assert unit_of(session, "U01").is_active


def test_an_office_ends_once(session: Session, analyst: Actor) -> None:
    reorganise(analyst, "succeed", ("U01",), ("U02",))
    with pytest.raises(Conflict, match="not in use"):
        reorganise(analyst, "succeed", ("U01",), ("U03",))
    with pytest.raises(Conflict, match="not in use"):
        reorganise(analyst, "succeed", ("U02",), ("U01",))
    reorganise(analyst, "succeed", ("U02",), ("U03",))
    ids = {unit.code: unit.id for unit in session.scalars(select(Unit))}
    descent = reorganising.read_descent(session)
    assert descent.ancestors(ids["U03"]) == [ids["U01"], ids["U02"]]
    assert descent.heirs(ids["U01"]) == [ids["U02"], ids["U03"]]


def test_a_round_made_from_a_former_one_has_the_offices_that_took_the_place_of_others(session: Session) -> None:
    world = make_world(session, RoundState.PUBLISHED)
    for code in ("U11", "U12"):
        make_unit(session, code=code)
    analyst = world.actor(world.analyst)
    reorganise(analyst, "split", ("U01",), ("U11", "U12"))
    rounds.create_round(analyst, new_round("round:2025"), now=NOW)
    places = select(Unit.code).join(RoundUnit, RoundUnit.unit_id == Unit.id).join(Round).where(Round.code == "2026")
    assert sorted(session.scalars(places)) == ["U02", "U11", "U12"]
