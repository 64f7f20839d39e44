"""CSV files written by hand, for the tests of reading and scoring files."""

from collections.abc import Sequence

from scoring.files import Data, Refusal, Source, read_data
from scoring.scheme import Scheme
from tests.unit.scoring.rounds import small_scheme

HEADER = "unit,group,indicator,value,respondent,stratum"


def source(*rows: str, name: str = "data.csv") -> Source:
    """A file of these lines."""
    return Source(name, lambda: "\n".join(rows).splitlines(keepends=True))


def read(*rows: str, header: str = HEADER, scheme: Scheme | None = None) -> tuple[Data, list[Refusal]]:
    """What one file of ratings gives, and what in it was refused."""
    return read_all([source(header, *rows)], scheme)


def read_all(
    sources: Sequence[Source], scheme: Scheme | None = None, period: str | None = None
) -> tuple[Data, list[Refusal]]:
    """What several files give, and what in them was refused."""
    refused: list[Refusal] = []
    data = read_data(sources, scheme or small_scheme(), refused.append, period)
    assert data.account.refused == len(refused)
    return data, refused


def reason(*rows: str, header: str = HEADER, scheme: Scheme | None = None) -> str:
    """Why the last row is refused; the rows before are good."""
    refused = read(*rows, header=header, scheme=scheme)[1]
    assert [refusal.line for refusal in refused] == [len(rows) + 1]
    return refused[0].reason
