"""Reading single values of a scheme: what is wrong is collected, with the node, the value and what is allowed."""

import re
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from scoring.scheme.mapping import plain_number
from scoring.scheme.model import Problem

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
PERCENT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")
DECIMAL = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,18})?")
TEXT_LENGTH = 64


class Reader:
    """Collects problems instead of stopping at the first; what cannot be read gets a harmless stand-in."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def is_clean_since(self, mark: int) -> bool:
        """Whether nothing was reported since there were ``mark`` problems."""
        return len(self.problems) == mark

    def report(self, node: str, code: str, value: object, allowed: str, **more: str) -> None:
        """Note one problem."""
        self.problems.append(Problem(node, code, {"node": node, "value": str(value), "allowed": allowed, **more}))

    def known_keys(self, node: str, mapping: Mapping[str, Any], allowed: Sequence[str]) -> None:
        """Nothing that is written is ignored."""
        for key in mapping:
            if key not in allowed:
                self.report(node, "unknown_key", key, ", ".join(allowed))

    def items(self, node: str, mapping: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
        """The non-empty list of mappings under ``key``."""
        value = mapping.get(key)
        if isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
            return value
        self.report(node, "list_needed", key, "a list with at least one entry")
        return []

    def table(self, node: str, mapping: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        """The mapping under ``key``, empty when there is none."""
        value = mapping.get(key, {})
        if isinstance(value, Mapping):
            return value
        self.report(node, "table_needed", value, f"{key}: a table of names and values")
        return {}

    def code(self, node: str, mapping: Mapping[str, Any]) -> str:
        """The code of a thing, as codes are written."""
        value = mapping.get("code", "")
        if isinstance(value, str) and CODE.fullmatch(value):
            return value
        self.report(node, "code_invalid", value, "letters, digits, '_', '-' and '.', 1 to 64 of them")
        return str(value)

    def text(self, node: str, key: str, value: object) -> str:
        """A short text that need not be a code, such as the name of an age class: ``65+``."""
        if isinstance(value, str) and value.isprintable() and 0 < len(value.strip()) == len(value) <= TEXT_LENGTH:
            return value
        self.report(node, f"{key}_invalid", value, f"{key}: a text of 1 to {TEXT_LENGTH} characters")
        return str(value)

    def distinct(self, node: str, codes: Iterable[str]) -> None:
        """Each code only once."""
        seen: set[str] = set()
        for code in codes:
            if code in seen:
                self.report(node, "code_repeated", code, "each code once")
            seen.add(code)

    def integer(self, node: str, key: str, value: object, allowed: range) -> int:
        """A whole number of a range."""
        if isinstance(value, int) and not isinstance(value, bool) and value in allowed:
            return value
        self.report(node, f"{key}_out_of_range", value, f"a whole number from {allowed.start} to {allowed.stop - 1}")
        return allowed.start

    def flag(self, node: str, mapping: Mapping[str, Any], key: str) -> bool:
        """True or false; false when it is not said."""
        value = mapping.get(key, False)
        if isinstance(value, bool):
            return value
        self.report(node, f"{key}_invalid", value, f"{key}: true or false")
        return False

    def choice(self, node: str, key: str, value: object, allowed: tuple[str, ...]) -> str:
        """One of the words in ``allowed``; the first stands in for a wrong one."""
        if value in allowed:
            return str(value)
        self.report(node, f"{key}_unknown", value, ", ".join(allowed))
        return allowed[0]

    def number(self, node: str, value: object) -> Fraction:
        """A whole number or a decimal in quotes, from 0 to 100, exactly."""
        if PERCENT.fullmatch(_written(value)) and Fraction(_written(value)) <= 100:
            return Fraction(_written(value))
        self.report(node, "number_invalid", value, "a whole number or a decimal in quotes, from 0 to 100")
        return Fraction(0)

    def decimal(self, node: str, key: str, value: object, bound: str = "") -> Fraction:
        """Any whole number or decimal in quotes, exactly; ``bound`` is "at least 0", "above 0", "not 0" or nothing."""
        number = exact(value)
        if number is not None and _within(number, bound):
            return number
        limit = f", {bound}" if bound else ""
        self.report(node, "decimal_invalid", value, f"{key}: a whole number or a decimal in quotes{limit}")
        return Fraction(1)

    def shares(self, node: str, code: str, values: Sequence[object]) -> list[Fraction]:
        """Percentages as fractions of one; refuses any sum but exactly 100."""
        mark = len(self.problems)
        numbers = [self.number(node, value) for value in values]
        total = sum(numbers, Fraction(0))
        if total != 100 and self.is_clean_since(mark):
            said = str(plain_number(total))
            self.report(node, code, said, "exactly 100", sum=said)
        return [number / 100 for number in numbers]


def exact(value: object) -> Fraction | None:
    """A whole number or a decimal in quotes; None for everything else.

    >>> exact("-12.50"), exact(12.5)
    (Fraction(-25, 2), None)
    """
    text = _written(value)
    return Fraction(text) if DECIMAL.fullmatch(text) else None


def _written(value: object) -> str:
    return str(value) if isinstance(value, (int, str)) and not isinstance(value, bool) else ""


def _within(number: Fraction, bound: str) -> bool:
    return {"": True, "at least 0": number >= 0, "above 0": number > 0, "not 0": number != 0}[bound]
