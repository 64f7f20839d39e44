"""flask serve and flask worker: the application as it runs for people, not for developers."""

import os
import pkgutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType

import click
from flask import current_app
from flask.cli import with_appcontext

from evalsys import tasks
from evalsys.clock import utc_now
from evalsys.config import PROJECT, Config
from evalsys.i18n import LANGUAGES
from evalsys.services.demo.visit import Visit, prepare_visit

HOST = "127.0.0.1"
START_SECONDS = 60
STOP_SECONDS = 15
Child = subprocess.Popen[bytes]


@click.command("worker")
@click.option("--celery", "is_woken", is_flag=True, help="Work on what the broker names: for any number of hosts.")
@with_appcontext
def worker(*, is_woken: bool) -> None:
    """Drain the queue of work: PDFs, mixing, counting. Runs until it is stopped."""
    config: Config = current_app.config["EVALSYS"]
    if is_woken and not config.broker_url:
        raise click.ClickException("EVALSYS_BROKER_URL is not set; see docs/workers.md.")
    if is_woken:
        os.environ.update(_lean())
        pkgutil.resolve_name("evalsys.celery_app:serve")(config, max(config.workers, 1))
    else:
        tasks.serve_queue(config)


@click.command("serve")
@with_appcontext
def serve() -> None:
    """Serve the pages on 127.0.0.1:PORT with gunicorn, and keep one worker beside it; Ctrl-C stops both."""
    config: Config = current_app.config["EVALSYS"]
    if _is_taken(config.port):
        raise click.ClickException(f"Port {config.port} is in use. Choose another one: PORT=8001 make run")
    visit = prepare_visit(is_production=config.is_production, now=utc_now())
    with _stoppable(), _running(_web(config), dict(os.environ)) as web, _running(_worker(), _lean()) as work:
        _wait_until_open(config.port, web)
        _greet(config, visit)
        while web.poll() is None and work.poll() is None:
            time.sleep(0.5)
        raise click.ClickException("A process ended by itself; what it said stands above.")


def _web(config: Config) -> list[str]:
    workers = ["--workers", str(config.web_workers), "--worker-class", "gthread", "--threads", "1"]
    place = ["--bind", f"{HOST}:{config.port}", "--no-control-socket"]
    return [sys.executable, "-m", "gunicorn", *workers, *place, "--log-level", "warning", "wsgi:app"]


def _worker() -> list[str]:
    return [sys.executable, "-m", "flask", "--app", "wsgi", "worker"]


def _lean() -> dict[str, str]:
    return {**os.environ, **tasks.ONE_THREAD}


@contextmanager
def _running(command: list[str], environment: Mapping[str, str]) -> Iterator[Child]:
    """A child process in a session of its own, so that Ctrl-C reaches it once, through us."""
    with subprocess.Popen(command, cwd=PROJECT, env=environment, start_new_session=True) as child:  # noqa: S603  own words
        try:
            yield child
        finally:
            child.terminate()
            try:
                child.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()


@contextmanager
def _stoppable() -> Iterator[None]:
    """Ctrl-C, SIGTERM and a closed terminal end the block quietly."""
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, _interrupt)
    try:
        yield
    except KeyboardInterrupt:
        click.echo("\nStopped.")


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
        return False


def _wait_until_open(port: int, web: Child) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and web.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.1)
    raise click.ClickException("The web server did not start; what it said stands above.")


def _greet(config: Config, visit: Visit | None) -> None:
    address = f"http://{HOST}:{config.port}"
    click.echo("\nEvaluation is served here (Ctrl-C stops it):")
    for code, name in LANGUAGES:
        click.echo(f"  {address}/{code}/   {name}")
    if visit is None:
        return
    click.echo(f"\nAccounts of the demo city, sign in at {address}/en/account/sign-in, password {visit.password}")
    for login in visit.logins:
        click.echo(f"  {login}")
    if visit.token:
        click.echo(f"\nAn invitation to rate, good once:\n  {address}/en/invitations/{visit.token}")
    if visit.kiosk:
        click.echo(f"\nA kiosk at a service point, good until the next start:\n  {address}/k/{visit.kiosk}")
