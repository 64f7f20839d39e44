"""Worker processes that drain the table of work items, and the pool that keeps them alive.

Handlers are named as text and looked up in the worker: a web process that reads this module never loads the PDF engine.
A handler does the slow part and may return an effect, which is applied in the transaction that marks the item done.
"""

import logging
import multiprocessing
import os
import pkgutil
import secrets
import signal
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from multiprocessing.context import SpawnProcess
from types import FrameType
from typing import Any

from flask import Flask

from evalsys.clock import utc_now
from evalsys.config import Config
from evalsys.db import db
from evalsys.services import cells, mixing, sweeping, work
from evalsys.services.publication import releasing
from evalsys.services.quality import check

log = logging.getLogger("evalsys.tasks")

APPLICATION = "evalsys.app:create_app"
HANDLERS: Mapping[str, str] = {
    "scorecard": "evalsys.services.printing:print_scorecard",
    "planned": "evalsys.services.printing:print_prepared",
    "poster": "evalsys.services.handout_printing:print_poster",
    "booklet": "evalsys.services.handout_printing:print_booklet",
    "mix": "evalsys.tasks:mix_round",
    "recount": "evalsys.tasks:recount_dirty",
    "import": "evalsys.services.imports:import_answers",
    "export": "evalsys.services.transfers.exporting:export_answers",
    "quality": "evalsys.services.quality.check:check_item",
    "remind_rater": "evalsys.services.pairs.reminders:send_reminder",
    "roll": "evalsys.services.roll.loading:read_list",
    "invitations": "evalsys.services.roll.writing:write_invitations",
    "reminders": "evalsys.services.roll.writing:write_reminders",
    "posters": "evalsys.services.poster_printing:print_posters",
}
PERIODIC: tuple[str, ...] = (
    "evalsys.services.mixing:mix",
    "evalsys.services.cells:recount",
    "evalsys.services.transfers.exporting:forget_old",
    "evalsys.tasks:queue_quality_checks",
    "evalsys.services.roll.retention:forget",
    "evalsys.tasks:sweep",
    "evalsys.tasks:release_planned",
)
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
ITEMS_A_PROCESS = 200
FUTILE_STARTS = 5

Handler = Callable[[work.Claimed], work.Effect | None]


@dataclass(frozen=True)
class Plan:
    """What a worker process does: plain values, so that it can be handed to a new process.

    Without a `batch` it serves all items until it is stopped, and calls `periodic` every `period_seconds`.
    """

    config: Config
    batch: str = ""
    handlers: Mapping[str, str] = field(default_factory=lambda: dict(HANDLERS))
    periodic: tuple[str, ...] = ()
    lease_seconds: int = work.LEASE_SECONDS
    idle_seconds: float = 0.5
    period_seconds: float = 20.0


class WorkersFail(RuntimeError):
    """Raised when new worker processes end again and again without settling one item."""


def worker_name() -> str:
    """A name that no other worker has."""
    return f"{socket.gethostname()[:24]}-{os.getpid()}-{secrets.token_hex(4)}"


class Worker:
    """One process's loop: claim a chunk, renew each item's lease before its turn, handle it, record it."""

    def __init__(self, plan: Plan) -> None:
        self.name = worker_name()
        self.stopping = False
        self._plan = plan
        self._handlers: dict[str, Handler] = {}
        self._next_period = 0.0
        self._parent = multiprocessing.parent_process()

    def stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        """End after the item at hand; what was claimed but not begun goes back."""
        self.stopping = True

    def drain(self, most_items: int = ITEMS_A_PROCESS) -> int:
        """Work until stopped, or until the batch is over or `most_items` were taken; returns how many were."""
        taken = 0
        while taken < most_items and not self._is_over():
            self._be_punctual()
            chunk = work.claim(self.name, utc_now(), batch=self._plan.batch, lease_seconds=self._plan.lease_seconds)
            for item in chunk:
                if self.stopping:
                    break
                self._handle(item)
            taken += len(chunk)
            if not chunk:
                time.sleep(self._plan.idle_seconds)
        work.release(self.name)
        return taken

    def _is_over(self) -> bool:
        if self.stopping or (self._parent is not None and not self._parent.is_alive()):
            return True
        return bool(self._plan.batch) and work.progress(self._plan.batch).is_over

    def _handle(self, item: work.Claimed) -> None:
        if not work.renew(item, self.name, utc_now(), self._plan.lease_seconds):
            return
        try:
            effect = self._handler(item.kind)(item)
            work.finish(item, self.name, utc_now(), effect)
        except Exception as error:  # the task loop: whatever a handler raises is the item's failure
            db.session.rollback()
            log.warning("work item %s/%s failed (attempt %s)", item.batch, item.key, item.attempt, exc_info=error)
            work.fail(item, self.name, f"{type(error).__name__}: {error}", utc_now())

    def _handler(self, kind: str) -> Handler:
        if kind not in self._handlers:
            self._handlers[kind] = pkgutil.resolve_name(self._plan.handlers[kind])
        return self._handlers[kind]

    def _be_punctual(self) -> None:
        if time.monotonic() < self._next_period:
            return
        self._next_period = time.monotonic() + self._plan.period_seconds
        for name in self._plan.periodic:
            try:
                pkgutil.resolve_name(name)()
            except Exception as error:  # the task loop: the next period tries again
                db.session.rollback()
                log.warning("periodic task %s failed", name, exc_info=error)


def mix_round(item: work.Claimed) -> None:
    """Empty the box of ratings; of the item's round also what lies there below the least number."""
    mixing.mix(item.payload.get("round"))


def recount_dirty(_item: work.Claimed) -> None:
    """Rebuild the cells that are marked dirty."""
    cells.recount()


def queue_quality_checks() -> None:
    """Have the answers of rounds in work looked at again where new ones came."""
    check.queue_checks(now=utc_now())


def release_planned() -> None:
    """Make public what was planned and whose moment has come."""
    releasing.release_due(now=utc_now())


def sweep() -> None:
    """Forget what has run out."""
    sweeping.forget_expired(now=utc_now())


def work_off(plan: Plan) -> None:
    """The main function of a worker process."""
    worker = Worker(plan)
    signal.signal(signal.SIGTERM, worker.stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    app: Flask = pkgutil.resolve_name(APPLICATION)(plan.config)
    with app.app_context():
        worker.drain()
        db.session.remove()
        db.engine.dispose()


class Pool:
    """A fixed number of worker processes; one that ended is replaced, so that memory never grows for ever."""

    def __init__(self, plan: Plan, processes: int) -> None:
        self._plan = plan
        self._count = processes
        self._running: list[SpawnProcess] = []

    def __enter__(self) -> "Pool":
        self.replace_ended()
        return self

    def __exit__(self, *_why: Any) -> None:
        for process in self._running:
            process.terminate()
        for process in self._running:
            process.join(self._plan.lease_seconds)
            if process.is_alive():
                process.kill()
                process.join()

    @property
    def pids(self) -> list[int]:
        """The processes now at work."""
        return [process.pid for process in self._running if process.pid is not None]

    def replace_ended(self) -> int:
        """Start as many processes as are missing; returns how many."""
        self._running = [process for process in self._running if process.is_alive()]
        missing = self._count - len(self._running)
        for _ in range(missing):
            process = multiprocessing.get_context("spawn").Process(target=work_off, args=(self._plan,), daemon=True)
            process.start()
            self._running.append(process)
        return missing


def drain_with_pool(
    plan: Plan, processes: int, on_progress: Callable[[work.Progress], None] | None = None
) -> work.Progress:
    """Drain the plan's batch with that many processes, telling `on_progress` how far it is.

    Needs an application context. Raises WorkersFail when processes end at once, time after time.
    """
    os.environ.update({name: os.environ.get(name, value) for name, value in ONE_THREAD.items()})
    before = work.progress(plan.batch)
    futile = 0
    if before.is_over:
        return before
    with Pool(plan, processes) as pool:
        while True:
            time.sleep(min(plan.idle_seconds, 0.2))
            now = work.progress(plan.batch)
            if on_progress is not None:
                on_progress(now)
            if now.is_over:
                return now
            started = pool.replace_ended()
            futile = 0 if now.settled > before.settled else futile + started
            before = now
            if futile > FUTILE_STARTS * processes:
                raise WorkersFail(f"workers of batch {plan.batch} end as soon as they start; the log says why")


def serve_queue(config: Config) -> None:
    """Keep one worker process on all items and periodic tasks until SIGTERM or Ctrl-C."""
    os.environ.update({name: os.environ.get(name, value) for name, value in ONE_THREAD.items()})
    plan = replace(Plan(config), periodic=PERIODIC)
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, _interrupt)
    try:
        with Pool(plan, 1) as pool:
            while True:
                time.sleep(1)
                pool.replace_ended()
    except KeyboardInterrupt:
        return


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
