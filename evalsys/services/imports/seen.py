"""Which respondents a file has named so far: on the disk, so that memory stays flat however long the file is."""

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path
from types import TracebackType

KEY_BYTES = 16
IN_MEMORY = Path(":memory:")


class Seen:
    """Digests of respondents with the line that named them first.

    What an interrupted attempt noted behind `line`, where the file was left, is forgotten at the start.
    """

    def __init__(self, path: Path, line: int = 0) -> None:
        self._base = sqlite3.connect(path, isolation_level=None)
        self._base.execute("PRAGMA journal_mode = MEMORY" if path == IN_MEMORY else "PRAGMA journal_mode = TRUNCATE")
        self._base.execute("CREATE TABLE IF NOT EXISTS seen (key BLOB PRIMARY KEY, line INTEGER) WITHOUT ROWID")
        self._base.execute("BEGIN")
        self._base.execute("DELETE FROM seen WHERE line > ?", (line,))

    def __enter__(self) -> "Seen":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        with closing(self._base):
            self._base.execute("COMMIT" if kind is None else "ROLLBACK")

    def add(self, key: tuple[str, ...], line: int) -> bool:
        """Note a respondent; False when an earlier line has named her."""
        digest = hashlib.blake2b("\x1f".join(key).encode(), digest_size=KEY_BYTES).digest()
        return self._base.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (digest, line)).rowcount == 1
