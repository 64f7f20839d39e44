"""What any text must go through before it stands in a cell of a file: the rule itself is `evalsys.reports.cells`."""

from evalsys.reports.cells import UNWANTED, safe_cell, visible

__all__ = ["UNWANTED", "safe_cell", "visible"]
