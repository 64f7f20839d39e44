"""A published card as a living page: chosen lines, what counts much, the same office in other rounds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from evalsys.reports.lines import IndicatorLine
from evalsys.reports.priorities import Priorities, card_priorities
from evalsys.reports.scorecard import Scorecard
from evalsys.services.results import Withdrawn, read_card, read_unit_cards

FIGURES = "figures"
"""The choice of the lines that nobody rated."""


@dataclass(frozen=True)
class GroupChoice:
    """A group whose lines can be looked at alone; `code` "figures" and no name: administrative figures."""

    code: str
    name: str


@dataclass(frozen=True)
class LivingCard:
    """One card; `dimensions` hold the lines of the chosen `group`, or all when that is "".

    `rounds` are the titles of the published rounds by code, newest first, in which this unit has a card.
    """

    card: Scorecard
    has_pdf: bool
    withdrawn: Withdrawn | None
    groups: tuple[GroupChoice, ...]
    group: str
    dimensions: tuple[tuple[str, tuple[IndicatorLine, ...]], ...]
    priorities: Priorities | None
    rounds: Mapping[str, str]

    @property
    def listed(self) -> int:
        """How many lines are shown."""
        return sum(len(lines) for _name, lines in self.dimensions)

    @property
    def others(self) -> Mapping[str, str]:
        """The other rounds."""
        return {code: title for code, title in self.rounds.items() if code != self.card.round_code}


def read_living_card(round_code: str, unit_code: str, group: str, locale: str) -> LivingCard:
    """The newest card of a unit in a published round; an unknown group chooses nothing. Raises NotFound."""
    page = read_card(round_code, unit_code, locale)
    choices = _choices(page.card)
    chosen = group if group in {choice.code for choice in choices} else ""
    return LivingCard(
        card=page.card,
        has_pdf=page.has_pdf,
        withdrawn=page.withdrawn,
        groups=choices,
        group=chosen,
        dimensions=tuple(_chosen(page.card.by_dimension, chosen)),
        priorities=card_priorities(page.card),
        rounds={card.round_code: card.round_title for card in read_unit_cards(unit_code, locale)},
    )


def _choices(card: Scorecard) -> tuple[GroupChoice, ...]:
    """The groups that have lines on the card, in its order; none where there is nothing to choose from."""
    named = {line.group_code: line.group_name for line in card.indicators}
    found = [GroupChoice(line.code, line.name) for line in card.groups if line.code in named]
    found += [GroupChoice(FIGURES, "")] if "" in named else []
    return tuple(found) if len(found) > 1 else ()


def _chosen(
    dimensions: Iterable[tuple[str, tuple[IndicatorLine, ...]]], group: str
) -> Iterable[tuple[str, tuple[IndicatorLine, ...]]]:
    wanted = "" if group == FIGURES else group
    for name, lines in dimensions:
        kept = tuple(line for line in lines if not group or line.group_code == wanted)
        if kept:
            yield name, kept
