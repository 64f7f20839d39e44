"""What the tests of imports and exports share: a worker's turn, and what an export's archive holds."""

import csv
import io
import zipfile
from pathlib import Path

from evalsys.clock import utc_now
from evalsys.services import work
from evalsys.services.imports import import_answers
from evalsys.services.transfers.exporting import export_answers

HANDLERS = {"import": import_answers, "export": export_answers}


def work_once(batch: str, worker: str = "w") -> bool:
    """One worker's turn at the batch; False when nothing is ready."""
    taken = work.claim(worker, utc_now(), limit=1, batch=batch)
    for item in taken:
        work.finish(item, worker, utc_now(), HANDLERS[item.kind](item))
    return bool(taken)


def work_off(batch: str) -> None:
    """Turns until nothing is left."""
    while work_once(batch):
        pass


def rows_in(path: Path, name: str = "answers.csv") -> list[dict[str, str]]:
    """The rows of a CSV file in an export's archive."""
    with zipfile.ZipFile(path) as archive:
        text = archive.read(name).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))
