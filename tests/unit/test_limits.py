"""Limits of one piece of work: what takes too long or too much is stopped and named, and the process goes on."""

import resource
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from evalsys import limits
from evalsys.limits import TookTooLong, limited

MEBIBYTE = 1024**2
STUCK = """
import hashlib
from evalsys import limits
limits.GRACE_SECONDS = 0.1
with limits.limited(0.1):
    hashlib.pbkdf2_hmac("sha256", b"", b"", 10**9)  # minutes inside one call of C code
"""


def test_a_runaway_is_stopped_and_says_how_long_it_may_take() -> None:
    with pytest.raises(TookTooLong, match=r"longer than 0\.05 seconds"), limited(0.05):
        time.sleep(10)


def test_a_library_that_swallows_the_first_ring_is_rung_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "REMIND_SECONDS", 0.05)
    with pytest.raises(TookTooLong), limited(0.05):
        _swallow_once()


def _swallow_once() -> None:
    with suppress(TookTooLong):
        time.sleep(10)
    time.sleep(10)


def test_more_memory_than_allowed_is_refused_and_less_is_not() -> None:
    before = resource.getrlimit(resource.RLIMIT_AS)
    with limited(60, 256 * MEBIBYTE):
        assert len(bytearray(64 * MEBIBYTE)) == 64 * MEBIBYTE
        with pytest.raises(MemoryError):
            bytearray(512 * MEBIBYTE)
    assert resource.getrlimit(resource.RLIMIT_AS) == before


def test_nothing_is_left_behind() -> None:
    before = signal.getsignal(signal.SIGALRM)
    with limited(60):
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 50
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    with limited(0):
        assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_another_thread_works_without_limits() -> None:
    def work() -> bool:
        with limited(0.001):
            time.sleep(0.01)
            return threading.current_thread() is not threading.main_thread()

    with ThreadPoolExecutor(1) as others:
        assert others.submit(work).result()


def test_code_that_cannot_be_interrupted_ends_with_its_process() -> None:
    done = subprocess.run([sys.executable, "-c", STUCK], capture_output=True, timeout=30, check=False)
    assert done.returncode == 1
    assert b"Timeout" in done.stderr
