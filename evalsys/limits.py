"""Limits of time and memory for one piece of work, inside the process that does it."""

import faulthandler
import resource
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from evalsys.errors import EvalsysError

GRACE_SECONDS = 15
REMIND_SECONDS = 5
MORE_BYTES = 1024**3


class TookTooLong(EvalsysError):
    """Raised inside work that goes on for longer than it may."""


@contextmanager
def limited(seconds: float, more_bytes: int = MORE_BYTES) -> Iterator[None]:
    """Let the block run for so many seconds and take so many bytes more than its process holds; 0 seconds: no limits.

    Raises TookTooLong, and MemoryError, inside the block. Code of a library that cannot be interrupted is ended with
    its whole process a little later. Only the main thread can be limited.
    """
    if not seconds or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise TookTooLong("It took longer than %(seconds)s seconds and was stopped.", {"seconds": f"{seconds:g}"})

    faulthandler.dump_traceback_later(seconds + GRACE_SECONDS, exit=True, file=sys.__stderr__ or sys.stderr)
    former = signal.signal(signal.SIGALRM, ring)
    # A library that swallows the first ring is rung at again.
    signal.setitimer(signal.ITIMER_REAL, seconds, REMIND_SECONDS)
    try:
        with _memory(more_bytes):
            yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)
        faulthandler.cancel_dump_traceback_later()


@contextmanager
def _memory(more_bytes: int) -> Iterator[None]:
    """The limit counts from what is mapped now: libraries reserve far more addresses than they use."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    with suppress(OSError, ValueError):  # no such file outside Linux; more than the hard limit is no limit
        mapped = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (mapped + more_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
