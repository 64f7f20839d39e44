"""Citizens who rate over a real connection, each with a session of her own, and who try again when it breaks."""

import http.client
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urlencode, urlsplit

from tests.integration.guarding import solve

FIELD = re.compile(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"')
PUZZLE = re.compile(r'data-puzzle="([^"]*)"')
TRIES = 200
PAUSE_SECONDS = 0.05


class Refused(Exception):
    """Raised when the server answers, and the answer is no."""


@dataclass
class Visitor:
    """One person's browser: it keeps cookies, and asks again when the connection breaks or the server is away."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def accept(self, token: str) -> None:
        """Open an invitation and press "Start"."""
        page = self._ask("GET", f"/en/invitations/{token}")[1]
        self._ask("POST", f"/en/invitations/{token}", {"csrf_token": dict(FIELD.findall(page))["csrf_token"]})

    def fill(self, unit: str, *, is_solving: bool = False) -> dict[str, str]:
        """Look at the form of a unit, and solve its puzzle if wanted; returns its hidden fields."""
        page = self._ask("GET", f"/en/units/{unit}/rating")[1]
        fields = dict(FIELD.findall(page))
        if is_solving:
            (puzzle,) = PUZZLE.findall(page)
            fields["puzzle"] = solve(unescape(puzzle))
        return fields

    def send(self, unit: str, filled: Mapping[str, str]) -> str:
        """Send the form until there is a receipt; returns it. Raises Refused."""
        status, page, place = self._ask("POST", f"/en/units/{unit}/rating", filled)
        if status != http.HTTPStatus.FOUND:
            raise Refused(f"{status}: {page[-2000:]}")
        return urlsplit(place).path.rsplit("/", 1)[1]

    def _ask(self, method: str, path: str, sent: Mapping[str, str] | None = None) -> tuple[int, str, str]:
        for _ in range(TRIES):
            try:
                answer = self._ask_once(method, path, sent)
            except (OSError, http.client.HTTPException):
                time.sleep(PAUSE_SECONDS)
                continue
            if answer[0] < http.HTTPStatus.INTERNAL_SERVER_ERROR:
                return answer
            time.sleep(PAUSE_SECONDS)
        raise Refused(f"{method} {path} has no answer")

    def _ask_once(self, method: str, path: str, sent: Mapping[str, str] | None) -> tuple[int, str, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if sent is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, urlencode(sent) if sent is not None else None, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            for cookie in answer.headers.get_all("Set-Cookie", []):
                name, _, value = cookie.split(";", 1)[0].partition("=")
                self.cookies[name] = value
            return answer.status, text, answer.headers.get("Location", "")
        finally:
            connection.close()
