"""Reading ratings, one a row."""

import re
from collections.abc import Mapping, Sequence

from scoring.collect import Form, pack
from scoring.files.data import Data, PanelRating, check_size, check_unit
from scoring.files.sources import Row, RowError
from scoring.files.weights import SPLIT, read_weight
from scoring.scheme import Group, Node, Scheme

LEVEL = re.compile(r"([0-9]{1,4})(?:\.0+)?", re.ASCII)
Cell = tuple[str, str, str]


class RatingReader:
    """Puts one row after the other into ``data``; a row that is refused leaves no trace there."""

    def __init__(self, scheme: Scheme, data: Data) -> None:
        self.data = data
        self.groups = {group.code: group for group in scheme.groups}
        self.leaves = {leaf.code: leaf for leaf in scheme.leaves() if leaf.is_rated}
        self.asked: dict[tuple[str, str], Form] = {}
        self.rows = 0

    def take(self, row: Row, header: Sequence[str]) -> None:
        """Add one rating.

        Raises:
            RowError: saying why it cannot be used.
        """
        check_size(row.size, header)
        said, unit = row.fields, check_unit(row.fields["unit"])
        group, leaf = self._group(said["group"]), self._leaf(said)
        stratum, weight = self._stratum(group, said.get("stratum", "")), read_weight(said.get("weight", ""))
        code = level_code(said["value"], leaf)
        category = self.data.category(unit, said.get("category", ""))
        form = self.asked.get((unit, group.code)) or self._form(unit, group)
        rater = said.get("rater", "")
        name = said.get("respondent", "") or rater
        if group.severity != "none" and not name:
            raise RowError("rater is empty, and the group's severity is adjusted rater by rater")
        is_counted = next(own.weight for own in group.strata if own.code == stratum) > 0
        place = f"{stratum}{SPLIT}{weight}" if is_counted and weight != "1" else stratum
        self._add((unit, form.code, place), form, (leaf, code), name)
        if place != stratum:
            self.data.weights.setdefault(group.code, set()).add(weight)
        if group.severity != "none" and 1 <= code <= leaf.points:
            self.data.panels.append(PanelRating(unit, group.code, leaf.code, rater or name, code))
        self.data.categories[unit] = category

    def _add(self, cell: Cell, form: Form, answer: tuple[Node, int], name: str) -> None:
        """Write one answer into the text of its respondent."""
        unit, leaf, code = cell[0], *answer
        if name:
            self._one_place(name, cell, form)
        blank = pack([0] * len(form.points), form.points)
        sign, at = pack([code], [leaf.points]), form.indicators.index(leaf.code)
        people = self.data.texts.get(cell, {})
        text = people.get(name or self.rows + 1, blank)
        if sign != blank[at] != text[at]:
            raise RowError(f"respondent {name} has answered this indicator before")
        self.rows += 1
        written = text if sign == blank[at] else text[:at] + sign + text[at + 1 :]
        self.asked[unit, form.group] = self.data.forms[form.code] = form
        self.data.texts.setdefault(cell, {})[name or self.rows] = written
        self.data.account.unnamed += not name

    def _group(self, code: str) -> Group:
        if code not in self.groups:
            raise RowError(f"group is none of {', '.join(self.groups) or 'the scheme: nobody rates'}")
        return self.groups[code]

    def _leaf(self, said: Mapping[str, str]) -> Node:
        """The indicator of a row, if the scheme asks it this group about this unit."""
        leaf = self.leaves.get(said["indicator"])
        if leaf is None:
            raise RowError("indicator is not among those that the scheme has rated")
        if said["group"] not in dict(leaf.shares):
            raise RowError("indicator is not asked of this group")
        if not leaf.applies_to(said["unit"]):
            raise RowError("indicator does not apply to this unit")
        return leaf

    def _stratum(self, group: Group, code: str) -> str:
        strata = [stratum.code for stratum in group.strata]
        if not code and len(strata) == 1:
            return strata[0]
        if code not in strata:
            raise RowError(f"stratum is none of {', '.join(strata)}")
        return code

    def _form(self, unit: str, group: Group) -> Form:
        """The questions to this group about this unit; most units share one form a group."""
        asked = [leaf for leaf in self.leaves.values() if group.code in dict(leaf.shares)]
        left_out = [leaf.code for leaf in asked if not leaf.applies_to(unit)]
        code = f"{group.code} without {', '.join(left_out)}" if left_out else group.code
        leaves = [leaf for leaf in asked if leaf.applies_to(unit)]
        return Form(code, group.code, tuple(leaf.code for leaf in leaves), tuple(leaf.points for leaf in leaves))

    def _one_place(self, name: str, cell: Cell, form: Form) -> None:
        """A respondent stands in one stratum, with one weight."""
        unit, code, place = cell
        stratum, _, weight = place.partition(SPLIT)
        weights = ("1", *sorted(self.data.weights.get(form.group, ())))
        for own in self.groups[form.group].strata:
            for known in weights:
                other = own.code if known == "1" else f"{own.code}{SPLIT}{known}"
                if other != place and name in self.data.texts.get((unit, code, other), {}):
                    if own.code != stratum:
                        raise RowError(f"respondent {name} stands in stratum {own.code} already")
                    raise RowError(f"respondent {name} has the weight {known} already, not {weight or '1'}")


def level_code(value: str, leaf: Node) -> int:
    """The code of an answer: a level as the form shows it, ``dk``, ``na``, or nothing.

    Raises:
        RowError: when the scale has no such level.
    """
    words = {"": 0, "dk": leaf.points + 1, "na": leaf.points + 2}
    if value.lower() in words:
        return words[value.lower()]
    shift = 1 - leaf.shown_from
    level = LEVEL.fullmatch(value)
    if level and 1 <= int(level[1]) + shift <= leaf.points:
        return int(level[1]) + shift
    raise RowError(f"value is none of {1 - shift} to {leaf.points - shift}, dk, na or empty")
