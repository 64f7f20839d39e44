"""What the pages of the dictionary show: the list, one entry, an old version beside the one before it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from evalsys.db import db
from evalsys.errors import NotFound
from evalsys.i18n import DEFAULT_LOCALE, LOCALES, _l
from evalsys.models import Indicator, IndicatorVersion, Question, Questionnaire, Round, RoundIndicator
from evalsys.services import content
from evalsys.services.access import Actor, may, require
from evalsys.services.content import ANCHOR, Text
from evalsys.services.indicators.entries import FIELDS, NAME, WORD_OF, Entry, Lack, parse, read_entries
from evalsys.services.indicators.versions import newest_versions


@dataclass(frozen=True)
class IndicatorLine:
    """An entry in the list; `number` is 0 while nobody has edited it and no round has used it."""

    code: str
    name: Text
    points: int
    source: str
    number: int
    lacks: int
    rounds: tuple[str, ...]


@dataclass(frozen=True)
class DictionaryPage:
    """The entries that fit what was looked for, of `total` in all."""

    lines: tuple[IndicatorLine, ...]
    total: int
    may_edit: bool


@dataclass(frozen=True)
class VersionLine:
    """A version in the history of an entry; `author` is empty for one that was made when a round opened."""

    number: int
    created_at: datetime
    author: str
    reason: str
    digest: str


@dataclass(frozen=True)
class UseLine:
    """A round that asks about the indicator; `number` is the version it is fixed to, 0 while it is not."""

    code: str
    name: Text
    number: int


@dataclass(frozen=True)
class EntryPage:
    """One entry whole, in all languages; `number` is that of its newest version, 0 while there is none."""

    entry: Entry
    name: Text
    number: int
    lacks: tuple[Lack, ...]
    versions: tuple[VersionLine, ...]
    uses: tuple[UseLine, ...]
    may_edit: bool


@dataclass(frozen=True)
class Difference:
    """What two versions say differently: what (message id, params), in which language ("" for the source)."""

    what: str
    params: Mapping[str, object]
    locale: str
    before: str
    after: str


@dataclass(frozen=True)
class VersionPage:
    """An entry as it stood, and what had changed since the version before it; `before` is 0 for the first one."""

    entry: Entry
    name: Text
    line: VersionLine
    before: int
    changes: tuple[Difference, ...]
    newest: int


def dictionary_page(actor: Actor, query: str, locale: str) -> DictionaryPage:
    """The entries whose code or name, in any language, holds `query`. Raises Forbidden."""
    require(actor, "oversight.read")
    session = db.session()
    indicators = session.scalars(select(Indicator).order_by(Indicator.code)).all()
    entries, newest, used = read_entries(session, indicators), newest_versions(session), _rounds_by_indicator()
    asked = query.casefold()
    lines = [
        IndicatorLine(
            code=one.code,
            name=name_of(entries[one.code], locale),
            points=one.points,
            source=one.source,
            number=newest[one.id].number if one.id in newest else 0,
            lacks=len(entries[one.code].lacks()),
            rounds=used.get(one.id, ()),
        )
        for one in indicators
        if asked in " ".join((one.code, *entries[one.code].said(NAME).values())).casefold()
    ]
    return DictionaryPage(tuple(lines), len(indicators), may(actor, "indicator.edit"))


def entry_page(actor: Actor, code: str, locale: str) -> EntryPage:
    """One entry as it stands now. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    session = db.session()
    indicator = _find(code)
    entry = read_entries(session, [indicator])[code]
    versions = _versions(indicator.id)
    return EntryPage(
        entry=entry,
        name=name_of(entry, locale),
        number=versions[0].number if versions else 0,
        lacks=entry.lacks(),
        versions=tuple(_line(one) for one in versions),
        uses=_uses(indicator.id, locale),
        may_edit=may(actor, "indicator.edit"),
    )


def version_page(actor: Actor, code: str, number: int, locale: str) -> VersionPage:
    """One version of an entry. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    versions = _versions(_find(code).id)
    place = next((place for place, one in enumerate(versions) if one.number == number), None)
    if place is None:
        raise NotFound("This version does not exist.")
    entry, former = parse(versions[place].body), versions[place + 1 : place + 2]
    return VersionPage(
        entry=entry,
        name=name_of(entry, locale),
        line=_line(versions[place]),
        before=former[0].number if former else 0,
        changes=tuple(differences(parse(former[0].body), entry)) if former else (),
        newest=versions[0].number,
    )


def name_of(entry: Entry, locale: str) -> Text:
    """The name of an entry in `locale`, else in English, else its code."""
    said = entry.said(NAME)
    found = next((language for language in (locale, DEFAULT_LOCALE) if said.get(language)), "")
    return Text(said[found], found) if found else Text(entry.code, "")


def differences(before: Entry, after: Entry) -> Iterator[Difference]:
    """Everything that `after` says differently, in the order of an entry."""
    if before.source != after.source:
        yield Difference(_l("source"), {}, "", before.source, after.source)
    starts = sorted({*before.starts, *after.starts})
    parts: list[tuple[str, str, dict[str, object]]] = [(field, WORD_OF[field], {}) for field in FIELDS]
    parts += [(f"{ANCHOR}{start}", _l("words of point %(point)s"), {"point": start}) for start in starts]
    for field, what, params in parts:
        for locale in LOCALES:
            old, new = before.said(field).get(locale, ""), after.said(field).get(locale, "")
            if old != new:
                yield Difference(what, params, locale, old, new)


def _find(code: str) -> Indicator:
    found = db.session.scalar(select(Indicator).where(Indicator.code == code))
    if found is None:
        raise NotFound("This indicator does not exist.")
    return found


def _versions(indicator_id: int) -> list[IndicatorVersion]:
    """All versions, the newest first."""
    query = select(IndicatorVersion).where(IndicatorVersion.indicator_id == indicator_id)
    newest_first = query.options(joinedload(IndicatorVersion.author)).order_by(IndicatorVersion.number.desc())
    return list(db.session.scalars(newest_first))


def _line(version: IndicatorVersion) -> VersionLine:
    author = version.author.name if version.author else ""
    return VersionLine(version.number, version.created_at, author, version.reason, version.digest)


def _rounds_by_indicator() -> dict[int, tuple[str, ...]]:
    asked = select(Question.indicator_id, Round.code, Round.period_end).join(
        Questionnaire, Questionnaire.id == Question.questionnaire_id
    )
    rows = db.session.execute(
        asked.join(Round, Round.id == Questionnaire.round_id).distinct().order_by(Round.period_end, Round.code)
    ).all()
    found: dict[int, list[str]] = defaultdict(list)
    for indicator, code, _end in rows:
        found[indicator].append(code)
    return {indicator: tuple(codes) for indicator, codes in found.items()}


def _uses(indicator_id: int, locale: str) -> tuple[UseLine, ...]:
    """The rounds that ask about the indicator or are fixed to a version of it, the newest first."""
    fixed = dict(
        db.session.execute(
            select(RoundIndicator.round_id, IndicatorVersion.number)
            .join(IndicatorVersion, IndicatorVersion.id == RoundIndicator.version_id)
            .where(IndicatorVersion.indicator_id == indicator_id)
        ).all()
    )
    asked = select(Questionnaire.round_id).join(Question).where(Question.indicator_id == indicator_id)
    rounds = select(Round).where(Round.id.in_(asked) | Round.id.in_(list(fixed)))
    names = content.names("round", locale)
    return tuple(
        UseLine(one.code, names.get(one.code) or Text(one.code, ""), fixed.get(one.id, 0))
        for one in db.session.scalars(rounds.order_by(Round.period_end.desc(), Round.id.desc()))
    )
