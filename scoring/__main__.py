"""Score files without the web application.

``python -m scoring check SCHEME`` · ``run SCHEME DATA … --out DIR`` · ``explain RESULT UNIT`` ·
``compare BEFORE AFTER`` · ``published DIR``. Exit codes: 0 all is well; 1 scored, but something in the data was
refused, or a published score did not come out again; 2 nothing was done, and standard error says why.
"""

import argparse
import csv
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from scoring.files import (
    DIFFERS,
    REFUSED_FILE,
    REPORT_FILE,
    RESULT_FILE,
    SCHEME_FILE,
    Refusal,
    compare_published,
    describe,
    describe_again,
    describe_change,
    file_source,
    read_data,
    read_scheme,
    read_stored,
    score_data,
    tell,
    write_result,
)
from scoring.frames import COLUMNS, InputError
from scoring.scheme import SchemeError

OWN_FILES = (REFUSED_FILE, RESULT_FILE, SCHEME_FILE, REPORT_FILE)
DONE, REFUSED, FAILED = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks; returns the exit code. A wrong command line leaves with code 2."""
    asked = _parser().parse_args(arguments)
    try:
        return COMMANDS[asked.command](asked)
    except SchemeError as error:
        print(
            f"{vars(asked).get('scheme', SCHEME_FILE)} is not a scheme:", *error.problems, sep="\n  ", file=sys.stderr
        )
    except (InputError, OSError) as error:
        print(error, file=sys.stderr)
    return FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scoring", description="Scores, intervals and ranks from files.")
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="say whether a file is a scheme, and everything wrong with it")
    run = commands.add_parser("run", help="score CSV files of ratings, figures and adjustments")
    for command in (check, run):
        command.add_argument("scheme", type=Path, metavar="SCHEME", help="TOML or JSON file")
    run.add_argument("data", type=Path, nargs="+", metavar="DATA", help="CSV files; the header tells what each holds")
    run.add_argument("--out", type=Path, metavar="DIR", required=True, help="folder of the results; made when missing")
    run.add_argument("--period", metavar="PERIOD", help="the period to score; the last one when it is not said")
    explain = commands.add_parser("explain", help="tell one unit's number step by step")
    compare = commands.add_parser("compare", help="split the change between two results into its causes")
    published = commands.add_parser("published", help="score published tables again and compare the scores")
    published.add_argument("folder", type=Path, metavar="DIR", help="folder of the unpacked open data of a round")
    for command, names in ((explain, ["result"]), (compare, ["before", "after"])):
        for name in names:
            command.add_argument(
                name, type=Path, metavar=name.upper(), help="folder that run wrote, or its result.json"
            )
    explain.add_argument("unit", metavar="UNIT", help="code of the unit")
    return parser


def _check(asked: argparse.Namespace) -> int:
    scheme = read_scheme(asked.scheme)
    print(f"{scheme.code}: {len(scheme.leaves())} indicators, {len(scheme.groups)} groups, {len(scheme.bands)} bands")
    print(f"digest {scheme.digest}")
    return DONE


def _run(asked: argparse.Namespace) -> int:
    scheme, folder = read_scheme(asked.scheme), asked.out
    _clear(folder, (asked.scheme, *asked.data))
    log = folder / REFUSED_FILE
    with log.open("w", encoding="utf-8", newline="") as refused:
        table = csv.writer(refused, lineterminator="\n")
        table.writerow(Refusal._fields)
        data = read_data([file_source(path) for path in asked.data], scheme, table.writerow, asked.period)
    if not data.categories:
        raise InputError(f"no row can be scored; {data.account.refused} refused, see {log}")
    result = score_data(data, scheme)
    report = describe(result, data, scheme)
    write_result(result, scheme, folder)
    (folder / REPORT_FILE).write_text(report, encoding="utf-8")
    print(report, end="")
    return REFUSED if data.account.refused else DONE


def _explain(asked: argparse.Namespace) -> int:
    print(tell(read_stored(asked.result), asked.unit), end="")
    return DONE


def _compare(asked: argparse.Namespace) -> int:
    print(describe_change(read_stored(asked.before), read_stored(asked.after)), end="")
    return DONE


def _published(asked: argparse.Namespace) -> int:
    compared = compare_published(asked.folder)
    print(describe_again(compared), end="")
    return REFUSED if any(one.outcome == DIFFERS for one in compared) else DONE


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


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "check": _check,
    "run": _run,
    "explain": _explain,
    "compare": _compare,
    "published": _published,
}


if __name__ == "__main__":
    sys.exit(main())
