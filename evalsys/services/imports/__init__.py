"""Answers of a survey that was made elsewhere: a CSV file and a mapping become rounds, units, forms and responses."""

from evalsys.services.imports.guard import refuse_while_importing
from evalsys.services.imports.importing import ImportReport, Source, import_responses
from evalsys.services.imports.mapping import ImportMap, parse_map, read_map
from evalsys.services.imports.portions import import_answers

__all__ = [
    "ImportMap",
    "ImportReport",
    "Source",
    "import_answers",
    "import_responses",
    "parse_map",
    "read_map",
    "refuse_while_importing",
]
