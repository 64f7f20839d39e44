"""Content with one canonical form, and what is printed of its digest, so that a paper can be checked."""

import hashlib

from evalsys.reports.record import canonical_text

CHECK_DIGITS = 16


class Digested:
    """A record whose canonical JSON is what is stored, attached and hashed. `check_url` is where it is checked."""

    check_url: str

    def canonical(self) -> bytes:
        """The record as canonical JSON: UTF-8, sorted keys, no blanks, every number as fixed-point text."""
        return canonical_text(self).encode()

    @property
    def digest(self) -> str:
        """SHA-256 of `canonical()`, 64 hexadecimal digits."""
        return hashlib.sha256(self.canonical()).hexdigest()

    @property
    def check_digits(self) -> str:
        """The beginning of the digest that is printed, and that tells this content from any other."""
        return self.digest[:CHECK_DIGITS]

    @property
    def check_address(self) -> str:
        """Where anybody can check it: in the register, with its digits; "" on cards older than the register."""
        return f"{self.check_url}/{self.check_digits}" if self.check_url else ""
