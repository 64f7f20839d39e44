"""Score files without the web application: ``python -m scoring run SCHEME DATA --out DIR``, ``… check SCHEME``.

Exit codes: 0 all is well; 1 scored, but some rows of the data were refused; 2 nothing was scored, or not a scheme.
"""

import argparse
import csv
import sys
from collections.abc import Sequence
from pathlib import Path

from scoring.files import (
    REFUSED_FILE,
    REPORT_FILE,
    RESULT_FILE,
    Refusal,
    describe,
    read_ratings,
    read_scheme,
    score_ratings,
    write_result,
)
from scoring.frames import COLUMNS, InputError
from scoring.scheme import Scheme, SchemeError

OWN_FILES = (REFUSED_FILE, RESULT_FILE, REPORT_FILE)
DONE, REFUSED, FAILED = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks; returns the exit code. A wrong command line leaves with code 2."""
    asked = _parser().parse_args(arguments)
    try:
        scheme = read_scheme(asked.scheme)
        if asked.command == "check":
            return _check(scheme)
        _clear(asked.out, (asked.scheme, asked.data))
        return _run(scheme, asked.data, asked.out)
    except SchemeError as error:
        print(f"{asked.scheme} is not a scheme:", *error.problems, sep="\n  ", file=sys.stderr)
    except (InputError, OSError) as error:
        print(error, file=sys.stderr)
    return FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scoring", description="Scores, intervals and ranks from files.")
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="say whether a file is a scheme, and everything wrong with it")
    run = commands.add_parser("run", help="score a CSV file of ratings")
    for command in (check, run):
        command.add_argument("scheme", type=Path, metavar="SCHEME", help="TOML or JSON file")
    run.add_argument("data", type=Path, metavar="DATA", help="CSV file, one rating a row")
    run.add_argument("--out", type=Path, metavar="DIR", required=True, help="folder of the results; made when missing")
    return parser


def _check(scheme: Scheme) -> int:
    print(f"{scheme.code}: {len(scheme.leaves())} indicators, {len(scheme.groups)} groups, {len(scheme.bands)} bands")
    print(f"digest {scheme.digest}")
    return DONE


def _clear(folder: Path, sources: Sequence[Path]) -> None:
    """Make the folder and remove an earlier result, but never a file that is about to be read."""
    written = [folder / name for name in (*OWN_FILES, *(f"{stage}.csv" for stage in COLUMNS))]
    for source in sources:
        if not source.is_file():
            raise InputError(f"{source}: no such file")
        if source.resolve() in [path.resolve() for path in written]:
            raise InputError(f"{source} would be overwritten by the results: choose another folder")
    folder.mkdir(parents=True, exist_ok=True)
    for path in written:
        path.unlink(missing_ok=True)


def _run(scheme: Scheme, data: Path, folder: Path) -> int:
    log = folder / REFUSED_FILE
    with data.open(encoding="utf-8-sig", newline="") as lines, log.open("w", encoding="utf-8", newline="") as refused:
        table = csv.writer(refused, lineterminator="\n")
        table.writerow(Refusal._fields)
        ratings = read_ratings(lines, scheme, table.writerow)
    if not ratings.used:
        raise InputError(f"{data}: no row can be scored; {ratings.refused} refused, see {log}")
    result = score_ratings(ratings, scheme)
    report = describe(result, ratings, scheme)
    write_result(result, folder)
    (folder / REPORT_FILE).write_text(report, encoding="utf-8")
    print(report, end="")
    return REFUSED if ratings.refused else DONE


if __name__ == "__main__":
    sys.exit(main())
