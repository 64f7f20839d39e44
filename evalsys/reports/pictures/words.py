"""What pictures and previews say about a card, in the card's language. Needs an application context."""

from decimal import Decimal

from flask_babel import gettext as _

from evalsys.reports.lines import GroupLine, IndicatorLine
from evalsys.reports.pictures.canvas import MARK, code, figure
from evalsys.reports.scorecard import Scorecard

FULL_STOP = "。"  # ends a sentence without a blank


def between(low: Decimal | int | None, high: Decimal | int | None) -> str:
    """A range, from low to high; one number where both are the same; "" when unknown."""
    if low is None or high is None:
        return ""
    return str(low) if low == high else f"{low}–{high}"


def count(line: GroupLine | IndicatorLine) -> str:
    """How many answered: exact, or the band in which the number lies."""
    if line.n is None:
        return "–"
    return f"{line.n}–{line.n_to}" if line.n_to else str(line.n)


def score_and_interval(card: Scorecard) -> str:
    """Both as figures."""
    ends = between(card.low, card.high)
    return f"{card.score} ({ends})" if ends else str(card.score)


def missing(withheld: str) -> str:
    """Why there is no figure."""
    if withheld == "primary":
        return str(_("Not published: too few ratings."))
    if withheld:
        return str(_("Not published: it would tell a figure that rests on too few people."))
    return str(_("No ratings"))


def group_missing(line: GroupLine) -> str:
    """Why a group has no score."""
    if line.level == "absent":
        return str(_("No ratings: its weight went to the other groups."))
    if line.withheld == "complementary":
        return missing(line.withheld)
    return str(_("Not published: fewer than %(needed)s ratings.", needed=line.needed))


def line_missing(line: IndicatorLine) -> str:
    """Why an indicator has no score."""
    if not line.group_code:
        return str(_("No figure"))
    return missing(line.withheld or ("" if line.reading or line.parent else "primary"))


def card_missing(card: Scorecard) -> str:
    """Why a card has no score."""
    if not card.has_scores:
        return str(_("Only bands are published."))
    if card.is_covering:
        return missing("complementary")
    return str(_("Not rated in this round") if card.level == "absent" else _("Not graded"))


def sentence(card: Scorecard) -> str:
    """The result in a sentence or two, with how sure it is; never more than the card says."""
    first, second = _verdict(card), _interval(card)
    gap = "" if first.endswith(FULL_STOP) or not second else " "
    return first + gap + second


def _verdict(card: Scorecard) -> str:
    unit, score, band = card.unit_name, figure(str(card.score)), code(card.band)
    if card.is_shown and card.band:
        said = _("%(unit)s scored %(score)s of 100 and stands in band %(band)s.", unit=unit, score=score, band=band)
    elif card.is_shown and card.level == "full":
        said = _("%(unit)s scored %(score)s of 100.", unit=unit, score=score)
    elif card.is_shown:
        said = _(
            "%(unit)s scored %(score)s of 100. This is a first indication, without a band.", unit=unit, score=score
        )
    elif card.is_graded:
        said = _(
            "%(unit)s stands in band %(band)s. Only bands are published in this round, no scores.", unit=unit, band=band
        )
    elif card.is_covering:
        said = _(
            "%(unit)s has no published score: a figure that rests on too few people could be worked out.", unit=unit
        )
    else:
        said = _("%(unit)s is not graded: too few people answered for a result to be published.", unit=unit)
    return str(said)


def _interval(card: Scorecard) -> str:
    if card.score is None or card.low is None or card.high is None:
        return ""
    low, high = figure(str(card.low)), figure(str(card.high))
    return str(_("The 95 %% interval goes from %(low)s to %(high)s.", low=low, high=high))


def result_figures(card: Scorecard) -> tuple[tuple[str, str], ...]:
    """The figures of the whole result, each with its name."""
    found = []
    if card.score is not None:
        found.append((_("Score, 0 to 100"), figure(str(card.score))))
    if card.band:
        found.append((_("Band"), code(card.band)))
    if not found:
        found.append((_("Score") if card.has_scores else _("Band"), _("Not graded")))
    if between(card.low, card.high):
        found.append((_("95 %% interval") % {}, figure(between(card.low, card.high))))
    if card.category_mean is not None:
        found.append((_("Mean of the category"), figure(str(card.category_mean))))
    if card.rank:
        found.append((_("Rank"), rank(card)))
    found.append((_("Ratings counted"), figure(between(card.n, card.n_most))))
    return tuple(found)


def rank(card: Scorecard) -> str:
    """The rank in its category, with the range in which chance leaves it; "–" without one."""
    if not card.rank:
        return "–"
    whole = _("%(rank)s of %(total)s", rank=card.rank, total=card.ranked_of)
    likely = rank_range(card)
    return f"{whole} ({figure(likely)})" if likely else str(whole)


def rank_range(card: Scorecard) -> str:
    """The likely ranks as figures."""
    return between(card.trial.rank_low, card.trial.rank_high) if card.trial and card.rank else ""


def source(card: Scorecard) -> str:
    """Where the figures of a card come from."""
    known = {"body": card.body_name, "reference": code(card.reference), "day": card.published_text}
    return str(_("Source: %(body)s, scorecard %(reference)s, published on %(day)s", **known))


def in_words(card: Scorecard) -> str:
    """The result in a sentence or two, for pages and files: without the marks of direction that only pictures need."""
    return sentence(card).replace(MARK, "")
