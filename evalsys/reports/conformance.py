"""Whether a finished PDF keeps the rules of PDF/A-3a (archive) and PDF/UA-1 (accessible): nothing else is published."""

import page

from evalsys.errors import EvalsysError

PROFILES = ("3a", "ua1")


class NotConforming(EvalsysError):
    """Raised when a PDF breaks rules; `rules` holds the number and the words of each."""

    def __init__(self, rules: tuple[str, ...]) -> None:
        super().__init__("The PDF breaks rules of PDF/A or PDF/UA: %(rules)s", {"rules": "; ".join(rules)})
        self.rules = rules

    def __str__(self) -> str:
        return "; ".join(self.rules)


def require_conforming(data: bytes) -> None:
    """Refuse a PDF that breaks a rule of either standard. Raises NotConforming."""
    broken = [
        f"{failure.rule_id}: {failure.message}"
        for profile in PROFILES
        for failure in page.validate_pdf_bytes(data, profile=profile).failures
    ]
    if broken:
        raise NotConforming(tuple(broken))
