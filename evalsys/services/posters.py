"""Posters with a QR code for units and service points: their words, and where their PDFs lie.

A poster is drawn once for its content and design; asking for one that is not there queues its drawing.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from flask import current_app
from flask_babel import force_locale, gettext
from sqlalchemy import select

from evalsys.clock import utc_now
from evalsys.config import PROJECT
from evalsys.db import db, transaction
from evalsys.errors import NotFound
from evalsys.i18n import DEFAULT_LOCALE, LOCALES, direction
from evalsys.models import Place, Unit
from evalsys.reports.letters import Panel, Poster
from evalsys.services import content, work
from evalsys.services.access import Actor, require

BATCH, KIND = "posters", "posters"
DESIGN = ("templates/pdf/posters.html", "evalsys/static/css/letters.css", "evalsys/reports/letters.py")


@dataclass(frozen=True)
class PosterFile:
    """A poster's PDF; no path while it is being drawn."""

    path: Path | None
    name: str
    digest: str


def find_poster(code: str) -> PosterFile:
    """The poster of a unit or a service point. Raises NotFound for one that is not there or not in use."""
    return _found([code], f"poster-{code}.pdf")


def find_all_posters(actor: Actor) -> PosterFile:
    """All posters in one file: every unit, then its service points. Raises Forbidden."""
    require(actor, "oversight.read")
    return _found(_all_codes(), "posters.pdf")


def make_posters(codes: Sequence[str]) -> list[Poster]:
    """The posters of these units and service points. Raises NotFound when one is not there."""
    names = {locale: {entity: content.names(entity, locale) for entity in NAMED} for locale in LOCALES}
    units = set(db.session.scalars(select(Unit.code).where(Unit.is_active)))
    places = {
        place.code: place
        for place in db.session.scalars(select(Place).join(Unit).where(Place.is_active, Unit.is_active))
    }
    if missing := [code for code in codes if code not in units and code not in places]:
        raise NotFound("There is no poster for “%(code)s”.", {"code": missing[0]})
    return [_poster(code, places.get(code), names) for code in codes]


def path_of(posters: Sequence[Poster]) -> Path:
    """Where the PDF of these posters lies or will lie."""
    whole = hashlib.sha256(_design())
    whole.update(json.dumps([asdict(poster) for poster in posters], ensure_ascii=False).encode())
    return Path(current_app.instance_path) / "posters" / f"{whole.hexdigest()[:40]}.pdf"


NAMED = ("unit", "service", "place")
Names = dict[str, dict[str, dict[str, content.Text]]]


def _found(codes: list[str], name: str) -> PosterFile:
    path = path_of(make_posters(codes))
    if path.is_file():
        return PosterFile(path, name, path.stem)
    with transaction() as session:
        if not work.enqueue(session, BATCH, KIND, [(path.stem, {"codes": codes})], utc_now()):
            work.reopen(session, BATCH, [path.stem])
    return PosterFile(None, name, path.stem)


def _all_codes() -> list[str]:
    units = db.session.scalars(select(Unit).where(Unit.is_active).order_by(Unit.code)).all()
    places = db.session.scalars(select(Place).where(Place.is_active).order_by(Place.code)).all()
    return [code for unit in units for code in (unit.code, *(one.code for one in places if one.unit_id == unit.id))]


def _poster(code: str, place: Place | None, names: Names) -> Poster:
    body, link = current_app.config["EVALSYS"].body_name, f"{current_app.config['EVALSYS'].public_url}/r/{code}"
    with force_locale(DEFAULT_LOCALE):
        picture_words = str(gettext("A square code that opens the form."))
    return Poster(
        body_name=" · ".join(dict.fromkeys(content.body_name(locale, body) for locale in LOCALES)),
        link=link,
        address=link.removeprefix("https://").removeprefix("http://"),
        panels=tuple(_panel(code, place, locale, names[locale]) for locale in LOCALES),
        picture_words=picture_words,
    )


def _panel(code: str, place: Place | None, locale: str, names: dict[str, dict[str, content.Text]]) -> Panel:
    unit, service = (place.unit.code, place.service) if place else (code, None)
    parts = [str(names["place"].get(code, code))] if place else []
    parts += [str(names["service"].get(service.code, service.code))] if service else []
    with force_locale(locale):
        return Panel(
            locale=locale,
            direction=direction(locale),
            name=str(names["unit"].get(unit, unit)),
            detail=" · ".join(parts),
            question=gettext("How were you served here?"),
            facts=gettext("Rate this office: one minute, anonymous, no account."),
        )


@cache
def _design() -> bytes:
    whole = hashlib.sha256()
    for name in DESIGN:
        whole.update((PROJECT / name).read_bytes())
    return whole.digest()
