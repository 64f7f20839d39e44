"""What a rating costs, as a multiple of the cheapest page that Flask can make, in CPU time on SQLite; best of five."""

import sys
import time
from collections.abc import Callable

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.models import Inbox
from tests.integration.collecting import filled, make_world

ROUNDS, REQUESTS = 5, 40
FORM_TIMES, SENT_TIMES = 16, 30


def cpu_ms(act: Callable[[], object]) -> float:
    """CPU milliseconds of one call, best of several rounds, after a warm-up."""
    act()
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time()
        for _ in range(REQUESTS):
            act()
        best = min(best, (time.process_time() - start) / REQUESTS)
    return best * 1000


def hello_ms() -> float:
    bare = Flask("hello")
    bare.add_url_rule("/", view_func=lambda: "hello")
    client = bare.test_client()
    return cpu_ms(lambda: client.get("/"))


def test_form_and_sending_stay_within_a_multiple_of_hello(app: Flask, session: Session) -> None:
    make_world(session)
    client = app.test_client()
    url = "/en/units/U01/rating"
    form = filled(client)
    session.close()
    floor = hello_ms()
    shown = cpu_ms(lambda: client.get(url))

    def fill_and_send() -> None:
        page = client.get(url).text
        start = page.index('name="nonce" value="') + len('name="nonce" value="')
        answer = client.post(url, data={**form, "nonce": page[start : page.index('"', start)]})
        assert answer.status_code == 302

    sent = cpu_ms(fill_and_send) - shown
    told = f"hello {floor:.2f} ms, form {shown:.2f} ms ({shown / floor:.1f}x), sending {sent:.2f} ms"
    sys.stdout.write(f"\n{told} ({sent / floor:.1f}x)\n")
    assert session.scalar(select(func.count()).select_from(Inbox)) == ROUNDS * REQUESTS + 1
    assert shown <= FORM_TIMES * floor
    assert sent <= SENT_TIMES * floor
