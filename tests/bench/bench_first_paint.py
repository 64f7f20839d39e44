"""The rating form on a slow connection: bytes until it stands there, and the time of its first paint.

400 kbit/s and 400 ms each way, as the browser itself imitates them; best of three loads with an empty cache.
"""

import sys
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser

from tests.bench.measuring import ROUNDS

BYTES_A_SECOND = 400_000 / 8
LATENCY_MS = 400
MOST_BYTES, MOST_MS = 60_000, 3_000
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0].startTime"


@pytest.fixture
def load(browser: Browser, live_server: str) -> Callable[[str], tuple[float, float]]:
    def once(locale: str) -> tuple[float, float]:
        context = browser.new_context(viewport={"width": 360, "height": 740})
        page = context.new_page()
        wire = context.new_cdp_session(page)
        wire.send("Network.enable")
        received: list[float] = []
        wire.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
        limits = {"offline": False, "latency": LATENCY_MS, "downloadThroughput": BYTES_A_SECOND}
        wire.send("Network.emulateNetworkConditions", {**limits, "uploadThroughput": BYTES_A_SECOND})
        page.goto(f"{live_server}/{locale}/units/U01/rating", wait_until="load")
        page.wait_for_load_state("networkidle")
        painted = float(page.evaluate(PAINTED))
        context.close()
        return painted, sum(received)

    return once


@pytest.mark.parametrize("locale", ["en", "zh", "ar"])
def test_the_form_stands_there_soon_on_a_slow_connection(
    load: Callable[[str], tuple[float, float]], locale: str
) -> None:
    runs = [load(locale) for _ in range(ROUNDS)]
    painted, size = min(paint for paint, _ in runs), max(size for _, size in runs)
    sys.stdout.write(f"\n{locale}: first paint after {painted / 1000:.2f} s, {size / 1000:.1f} kB on the wire\n")
    assert painted <= MOST_MS
    assert size <= MOST_BYTES
