"""What goes on in the round that collects, beside the answers: places, lists, terms, targets, paper, evidence."""

import io
from collections.abc import Iterator
from datetime import date, datetime
from functools import partial
from typing import Any

from flask import current_app
from sqlalchemy import Select, select

from evalsys.db import db
from evalsys.models import Document, PaperEntry, Place, Round, Target, Term, Transfer, Unit
from evalsys.services import collection, entries, kiosks, places, roll, visits
from evalsys.services.demo.city import FOLDER, read
from evalsys.services.demo.people import login
from evalsys.services.demo.steps import Step, actor_called, do_queued, is_there
from evalsys.services.evidence import keeping
from evalsys.services.fieldwork import targets
from evalsys.services.quality import check
from evalsys.services.roll.loading import KIND, read_list

KIOSK = "LIBRARY"


def collecting_steps(code: str, now: datetime) -> Iterator[Step]:
    """The acts that are left to do on the round that collects."""
    facts = read("collecting")
    if code != facts["round"]:
        return
    round_id = select(Round.id).where(Round.code == code).scalar_subquery()
    todo: tuple[tuple[str, Select[Any], Any], ...] = (
        ("service points", select(Place.id), lambda: _add_places(now)),
        ("a kiosk", select(Place.id).where(Place.kiosk_digest != ""), lambda: _turn_on(now)),
        ("a supervisor's term", select(Term.id), lambda: _give_term(now)),
        ("targets", select(Target.number).where(Target.round_id == round_id), lambda: _set_targets(code, now)),
        ("invited people", select(Transfer.id).where(Transfer.kind == KIND), lambda: _load_roll(code, now)),
        ("a paper form", select(PaperEntry.id), lambda: _enter_paper(now)),
    )
    for name, found, act in todo:
        if not is_there(found):
            yield Step(f"round {code}: {name}", act)
    for one in facts["evidence"]:
        there = select(Document.id).join(Unit, Unit.id == Document.unit_id)
        if not is_there(there.where(Document.round_id == round_id, Unit.code == one["head"])):
            yield Step(f"round {code}: evidence of {one['head']}", partial(_add_evidence, code, one, now))


def check_round(code: str, *, now: datetime) -> None:
    """Look for what is suspicious in the answers of a round, as a worker would."""
    do_queued(check.request_check(actor_called("analyst"), code, now=now), check.check_item, now)


def _add_places(now: datetime) -> None:
    places.import_places(actor_called("analyst"), _file("places.csv"), now=now)


def _turn_on(now: datetime) -> None:
    """Its address is made anew whenever the demo city is visited."""
    kiosks.turn_on(actor_called("analyst"), KIOSK, now=now)


def _give_term(now: datetime) -> None:
    facts = read("collecting")["term"]
    first, last = date(now.year, 1, 1), date(now.year + 1, 12, 31)
    new = visits.NewTerm(login(facts["supervisor"]), first, last, tuple(facts["units"]))
    visits.give_term(actor_called("analyst"), new, now=now)


def _set_targets(code: str, now: datetime) -> None:
    targets.load_targets(actor_called("analyst"), code, _file("targets.csv").decode(), now=now)


def _load_roll(code: str, now: datetime) -> None:
    upload = roll.Upload(code, "citizens", "letter", "invited.csv", io.BytesIO(_file("invited.csv")))
    number = roll.load_roll(actor_called("analyst"), upload, now=now)
    do_queued(f"transfer-{number}", read_list, now)


def _enter_paper(now: datetime) -> None:
    """The first operator types a form in; it waits for the second one."""
    facts, operator = read("collecting")["paper"], actor_called("operator1")
    form = collection.find_form(facts["unit"])
    db.session.rollback()
    entry = entries.Entry(
        form=form,
        codes=[facts["codes"][code] for code, _points in form.questions],
        comment=facts["comment"],
        nonce="",
        texts=facts["texts"],
    )
    fields = {f"q_{code}": [str(level)] for code, level in facts["codes"].items()}
    fields |= {f"t_{code}": [text] for code, text in facts["texts"].items()}
    fields |= {"comment": [facts["comment"]], "invitation": [""]}
    paper = entries.PaperForm(facts["number"], fields)
    entries.enter_paper(operator, paper, entry, secret=str(current_app.config["SECRET_KEY"]), now=now)


def _add_evidence(code: str, facts: dict[str, str], now: datetime) -> None:
    upload = keeping.Upload(facts["head"], facts["title"], facts["file"], _file(f"evidence/{facts['file']}"))
    keeping.add_document(actor_called(f"head.{facts['head'].lower()}"), code, upload, now=now)


def _file(name: str) -> bytes:
    return (FOLDER / name).read_bytes()
