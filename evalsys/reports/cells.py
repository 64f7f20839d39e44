"""What any text must go through before it stands in a cell of a file that a spreadsheet may open."""

import re

NUMBER = re.compile(r"[+-]?\d+(\.\d+)?(e[+-]?\d+)?", re.IGNORECASE | re.ASCII)
FORMULA_STARTS = "=+\\-@＝＋－＠"
SPACES = "\\s\u200b-\u200f\u2060\ufeff\u061c"
DANGEROUS = re.compile(f"[\t\n]|[{SPACES}]*[{FORMULA_STARTS}]")
UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def safe_cell(text: str) -> str:
    r"""The text without signs that no file should hold, and a quote before what a spreadsheet takes for a formula.

    Signs that start a formula are looked for behind leading spaces too, and in their full-width form; a number stays
    a number. Control characters (but line feed and tab), overrides and isolates of direction (a cell stands alone,
    and an open one would reach into the next) and halves of surrogate pairs are left out.

    >>> [safe_cell(text) for text in ("=1+1", "-3.5", "  ＠SUM(A1)", "fine", "\tx", "a\x00b")]
    ["'=1+1", '-3.5', "'  ＠SUM(A1)", 'fine', "'\tx", 'ab']
    """
    if text.isascii() and text.isalnum():
        return text
    kept = visible(text)
    if NUMBER.fullmatch(kept):
        return kept
    return f"'{kept}" if DANGEROUS.match(kept) else kept


def visible(text: str) -> str:
    """The text without the signs that neither a file nor a page should hold; nothing is put before it."""
    return UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
