"""Answers of a survey that was made elsewhere: a CSV file and a mapping become rounds, units, forms and responses."""

from evalsys.services.imports.importing import ImportReport, Source, import_responses
from evalsys.services.imports.mapping import ImportMap, parse_map, read_map
from evalsys.services.imports.reading import Rejection

__all__ = ["ImportMap", "ImportReport", "Rejection", "Source", "import_responses", "parse_map", "read_map"]
