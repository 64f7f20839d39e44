"""Workers on other hosts: Celery carries wake-ups over Redis to processes that drain the same table of work items.

A message holds the name of a batch and nothing else. One that is lost is sent again by the periodic sweep of the
embedded worker, one that comes twice finds nothing left to do. Nothing imports this module but by its name: Celery is
an optional extra.
"""

import logging
from functools import cache

from celery import Celery
from flask import Flask
from kombu.exceptions import OperationalError

from evalsys import tasks
from evalsys.config import Config
from evalsys.db import db
from evalsys.pool import worker_name
from evalsys.services import work
from evalsys.services.waking import Waker

log = logging.getLogger("evalsys.celery")

QUEUE = "evalsys"
TASK = "evalsys.drain"
MOST_WAKES = 32
"""So many wake-ups of a batch are under way at most: one keeps one process busy."""
REDELIVERED_AFTER_SECONDS = 120
CONNECT_SECONDS = 2
MOST_KILOBYTES = 500_000
"""A process that has grown beyond that is replaced; a warm one has half of it."""


def make_celery(config: Config) -> Celery:
    """The Celery application of these settings, with its one task."""
    celery = Celery("evalsys", broker=config.broker_url, set_as_current=False)
    celery.conf.update(
        task_default_queue=QUEUE,
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        worker_max_memory_per_child=MOST_KILOBYTES,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "visibility_timeout": REDELIVERED_AFTER_SECONDS,
            "unacked_restore_interval": 10,
            "unacked_restore_throttle": 1,
            "socket_connect_timeout": CONNECT_SECONDS,
            "socket_timeout": 30,
        },
    )

    def drain(batch: str) -> None:
        if _work_off_chunk(config, batch):
            _send(celery, batch)

    celery.task(drain, name=TASK, ignore_result=True)
    return celery


def make_waker(config: Config) -> Waker:
    """What sends wake-ups for new items; a broker that cannot be reached is logged, and the sweep sends them later."""
    celery = make_celery(config)

    def wake(batch: str, items: int) -> None:
        for _ in range(min(-(-items // work.CHUNK_ITEMS), MOST_WAKES)):
            if not _send(celery, batch):
                return

    return wake


def serve(config: Config, processes: int) -> None:
    """Drain what wake-ups name, with so many processes, until SIGTERM or Ctrl-C."""
    told = ["--loglevel=WARNING", f"--concurrency={processes}", "--without-gossip", "--without-mingle"]
    make_celery(config).worker_main(["worker", f"--hostname={worker_name()}@%h", *told])


def _send(celery: Celery, batch: str) -> bool:
    try:
        celery.send_task(TASK, (batch,), retry=False)
    except OperationalError as error:
        log.warning("the broker took no wake-up for %s", batch, exc_info=error)
        return False
    return True


def _work_off_chunk(config: Config, batch: str) -> int:
    with _application(config).app_context():
        try:
            return tasks.Worker(tasks.Plan(config, batch=batch)).take_turn()
        finally:
            db.session.remove()


@cache
def _application(config: Config) -> Flask:
    """One application a process, made at its first task."""
    return tasks.make_application(config)
