"""Worker processes that drain the table of work items, and the pool that keeps them alive.

Handlers are named as text and looked up in the worker: a web process that reads this module never loads the PDF engine.
A handler does the slow part and may return an effect, which is applied in the transaction that marks the item done.
"""

import gc
import logging
import multiprocessing
import os
import pkgutil
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from multiprocessing.context import SpawnProcess
from pathlib import Path
from types import FrameType

from flask import Flask, current_app
from sqlalchemy.exc import OperationalError

from evalsys.clock import utc_now
from evalsys.config import Config
from evalsys.db import db
from evalsys.limits import GRACE_SECONDS, MORE_BYTES, limited
from evalsys.pool import Processes, worker_name
from evalsys.services import batches, cells, files, mixing, sweeping, waking, work
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
LIGHT = ("mix", "recount", "quality", "remind_rater", "roll")
"""Small work that must not wait behind a round of scorecards: one process does nothing else."""
SECONDS: Mapping[str, float] = {"scorecard": 60, "planned": 60, "poster": 60, "booklet": 1800, "posters": 600}
BYTES: Mapping[str, int] = {"booklet": 3 * MORE_BYTES}
"""How long one item may take, where that is limited; so is the memory of those, for most by MORE_BYTES."""
_DRAWING_FAILS = ("RenderError", "MissingGlyph", "NotConforming")
ATTEMPTS: Mapping[str, int] = {**dict.fromkeys(_DRAWING_FAILS, 1), "TookTooLong": 2, "MemoryError": 2}
"""How often an item is tried that fails by a cause which time does not mend; others five times."""
PERIODIC: tuple[str, ...] = (
    "evalsys.services.mixing:mix",
    "evalsys.services.cells:recount",
    "evalsys.services.transfers.exporting:forget_old",
    "evalsys.tasks:queue_quality_checks",
    "evalsys.services.roll.retention:forget",
    "evalsys.tasks:sweep",
    "evalsys.tasks:release_planned",
    "evalsys.tasks:wake_again",
)
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
ITEMS_A_PROCESS = 200
FUTILE_STARTS = 5
LONGEST_PAUSE_SECONDS = 30
FOLDERS_OF_FILES = ("scorecards", "posters")

Handler = Callable[[work.Claimed], work.Effect | None]


@dataclass(frozen=True)
class Plan:
    """What a worker process does: plain values, so that it can be handed to a new process.

    Without a `batch` it serves all items (of some kinds, if named) until it is stopped, and calls `periodic` every
    `period_seconds`. `seconds` limits what an item of a kind may take.
    """

    config: Config
    batch: str = ""
    kinds: tuple[str, ...] = ()
    handlers: Mapping[str, str] = field(default_factory=lambda: dict(HANDLERS))
    seconds: Mapping[str, float] = field(default_factory=lambda: dict(SECONDS))
    periodic: tuple[str, ...] = ()
    lease_seconds: int = work.LEASE_SECONDS
    idle_seconds: float = 0.5
    period_seconds: float = 20.0


class WorkersFail(RuntimeError):
    """Raised when new worker processes end again and again without settling one item."""


class Worker:
    """One process's loop: claim a chunk, renew each item's lease before its turn, handle it, record it."""

    def __init__(self, plan: Plan, name: str = "") -> None:
        self.name = name or worker_name()
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
            number = self.take_turn()
            taken += number
            if not number:
                time.sleep(self._plan.idle_seconds)
        work.release(self.name)
        return taken

    def take_turn(self) -> int:
        """Claim a chunk and work it off; returns how many items it had."""
        among = work.Among(self._plan.batch, self._plan.kinds)
        chunk = work.claim_among(self.name, utc_now(), among, lease_seconds=self._plan.lease_seconds)
        for item in chunk:
            if self.stopping:
                break
            self._handle(item)
        if chunk:
            gc.collect()  # layout makes cycles of boxes with the collector off: a dozen megabytes a card
        return len(chunk)

    def _is_over(self) -> bool:
        if self.stopping or (self._parent is not None and not self._parent.is_alive()):
            return True
        return bool(self._plan.batch) and work.progress(self._plan.batch).is_over

    def _handle(self, item: work.Claimed) -> None:
        seconds = self._plan.seconds.get(item.kind, 0)
        lease = max(self._plan.lease_seconds, round(seconds + 2 * GRACE_SECONDS) if seconds else 0)
        if not work.renew(item, self.name, utc_now(), lease):
            return
        try:
            handler = self._handler(item.kind)
            with limited(seconds, BYTES.get(item.kind, MORE_BYTES)):
                effect = handler(item)
            work.finish(item, self.name, utc_now(), effect)
        except Exception as error:  # the task loop: whatever a handler raises is the item's failure
            db.session.rollback()
            kind = type(error).__name__
            log.warning("work item %s/%s failed (attempt %s)", item.batch, item.key, item.attempt, exc_info=error)
            work.fail(item, self.name, f"{kind}: {error}", utc_now(), ATTEMPTS.get(kind))

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
    """Forget what has run out, and what writers that were killed left behind."""
    sweeping.forget_expired(now=utc_now())
    for name in FOLDERS_OF_FILES:
        files.forget_drafts(Path(current_app.instance_path) / name, time.time() - files.DRAFT_SECONDS)


def wake_again() -> None:
    """Call workers on other hosts to batches that nobody works on: a wake-up may have been lost."""
    waker: waking.Waker | None = current_app.extensions.get(waking.WAKER)
    if waker is not None:
        for batch, items in batches.unattended(utc_now()).items():
            waker(batch, items)


def make_application(config: Config) -> Flask:
    """The application that handlers run in; looked up by name, because it knows this module."""
    app: Flask = pkgutil.resolve_name(APPLICATION)(config)
    return app


def work_off(plan: Plan, name: str) -> None:
    """The main function of a worker process."""
    worker = Worker(plan, name)
    signal.signal(signal.SIGTERM, worker.stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with make_application(plan.config).app_context():
        gc.freeze()  # what is there now stays: the collector need not look at it after each chunk
        worker.drain()
        db.session.remove()
        db.engine.dispose()


class Pool(Processes):
    """So many worker processes for one plan. Needs an application context when one of them ended."""

    def __init__(self, plan: Plan, processes: int) -> None:
        def make(name: str) -> SpawnProcess:
            return multiprocessing.get_context("spawn").Process(target=work_off, args=(plan, name), daemon=True)

        super().__init__(make, _bury, processes, plan.lease_seconds)


def _bury(name: str) -> None:
    """Free what a worker held that ended; without a database its leases run out by themselves."""
    try:
        work.abandon(name, utc_now())
    except OperationalError as error:
        log.warning("the items of worker %s wait for the end of their leases", name, exc_info=error)


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
    """Keep processes on all items until SIGTERM or Ctrl-C: one for small and periodic work, others for the rest."""
    os.environ.update({name: os.environ.get(name, value) for name, value in ONE_THREAD.items()})
    plan = Plan(config)
    heavy = tuple(kind for kind in plan.handlers if kind not in LIGHT)
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, _interrupt)
    try:
        with ExitStack() as stack:
            keeper = stack.enter_context(Pool(replace(plan, kinds=LIGHT, periodic=PERIODIC), 1))
            others = stack.enter_context(Pool(replace(plan, kinds=heavy), config.workers))
            pause = 1.0
            while True:
                time.sleep(pause)
                ended = keeper.replace_ended() + others.replace_ended()
                # Where processes end as soon as they start, as they do without a database, they start more rarely.
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS) if ended else 1.0
    except KeyboardInterrupt:
        return


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
