"""A fixed number of processes that are kept alive, whatever they do."""

import secrets
import socket
from collections.abc import Callable
from multiprocessing.context import SpawnProcess
from typing import Any, Self


def worker_name() -> str:
    """A name that no other worker has."""
    return f"{socket.gethostname()[:24]}-{secrets.token_hex(8)}"


class Processes:
    """So many processes; one that ended is replaced, so that memory never grows for ever.

    `make` gives a process that was not started for the name of a worker; `bury` is told the names of those that ended.
    """

    def __init__(
        self, make: Callable[[str], SpawnProcess], bury: Callable[[str], None], count: int, patience_seconds: float
    ) -> None:
        self._make = make
        self._bury = bury
        self._count = count
        self._patience_seconds = patience_seconds
        self._running: dict[str, SpawnProcess] = {}

    def __enter__(self) -> Self:
        self.replace_ended()
        return self

    def __exit__(self, *_why: Any) -> None:
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            process.join(self._patience_seconds)
            if process.is_alive():
                process.kill()
                process.join()

    @property
    def pids(self) -> list[int]:
        """The processes now at work."""
        return [process.pid for process in self._running.values() if process.pid is not None]

    def replace_ended(self) -> int:
        """Start as many processes as are missing; returns how many."""
        for name in [name for name, process in self._running.items() if not process.is_alive()]:
            self._bury(name)
            del self._running[name]
        missing = self._count - len(self._running)
        for _ in range(missing):
            name = worker_name()
            self._running[name] = self._make(name)
            self._running[name].start()
        return missing
