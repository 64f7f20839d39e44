"""Pages of figures: from the list of what is needed by way of a file to the preview, the load and the history."""

import csv
import io
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from evalsys.i18n import LOCALES
from evalsys.models import RoundState
from tests.factories import sign_in
from tests.integration.governing import make_world
from tests.integration.measuring import LONG, load, make_measured, stored
from tests.pages import check_page, get_page, post_form

pytestmark = pytest.mark.database("sqlite")  # pages; test_access calls each on PostgreSQL

URL = "/en/oversight/rounds/2025/figures"
SOUND = LONG + "U01,waiting,,30,days,register\nU02,waiting,,45,days,register\n"


def send(client: FlaskClient, text: str | bytes, url: str = URL) -> TestResponse:
    file: Any = (io.BytesIO(text if isinstance(text, bytes) else text.encode()), "figures.csv")
    return post_form(client, url, {"file": file})


def send_whole(client: FlaskClient, url: str, file: bytes) -> TestResponse:
    """A large file, put together here: the test client would leave a temporary file of its own open."""
    fields = "".join(
        f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in get_page(client, URL).fields().items()
        if name != "file"
    )
    head = '--edge\r\nContent-Disposition: form-data; name="file"; filename="figures.csv"\r\n\r\n'
    body = (fields + head).encode() + file + b"\r\n--edge--\r\n"
    return client.post(url, data=body, content_type="multipart/form-data; boundary=edge")


@pytest.mark.parametrize("locale", LOCALES)
def test_every_page_of_figures_is_sound(client: FlaskClient, session: Session, locale: str) -> None:
    world = make_measured(session)
    load(world, SOUND)
    sign_in(client, session, world.analyst)
    url = f"/{locale}/oversight/rounds/2025/figures"
    assert url in get_page(client, f"/{locale}/oversight/rounds/2025").links
    page = get_page(client, url)
    assert f"{url}/waiting/units/U01" in page.links
    get_page(client, f"{url}/waiting/units/U01")
    text = LONG + "U01,waiting,,31,days,register\nU02,waiting,,90,days,register\nU02,residents,,10,people,census\n"
    answer = send(client, text + "U01,reach,,120,percent,register\n", url)
    assert answer.status_code == 302
    get_page(client, answer.location)
    get_page(client, answer.location + "?beyond=yes")


def test_a_file_is_shown_before_it_is_loaded(client: FlaskClient, session: Session) -> None:
    world = make_measured(session)
    sign_in(client, session, world.analyst)
    preview = send(client, SOUND).location
    assert "Nothing is loaded yet." in get_page(client, preview).text
    assert stored(session) == []
    answer = post_form(client, preview, {})
    assert answer.location == URL
    page = get_page(client, URL)
    assert "Figures loaded: 2 new, 0 corrected." in page.text
    assert "2 of 7" in page.text
    assert [value for *_, value, _current in stored(session)] == ["30", "45"]


def test_figures_beyond_a_scale_are_loaded_from_the_page_that_takes_them(client: FlaskClient, session: Session) -> None:
    world = make_measured(session)
    sign_in(client, session, world.analyst)
    preview = send(client, LONG + "U01,reach,,120,percent,register\n").location
    page = get_page(client, preview)
    assert not page.select("main form")
    assert f"{preview}?beyond=yes" in page.links
    post_form(client, f"{preview}?beyond=yes", {})
    assert [value for *_, value, _current in stored(session)] == ["120"]


def test_the_page_says_what_is_missing_and_what_is_not_asked(client: FlaskClient, session: Session) -> None:
    world = make_measured(session)
    load(world, SOUND)
    sign_in(client, session, world.first)
    page = get_page(client, URL)
    cells = [page.texts(f"#matrix tbody tr:nth-child({line}) td") for line in (1, 2)]
    assert [text.split(" ")[0] for text in cells[0]] == ["30", "missing", "missing", "missing"]
    assert [text.split(" ")[0] for text in cells[1]] == ["45", "missing", "not", "missing"]
    assert not page.select("main form")


def test_rejected_cells_come_as_a_file_that_no_spreadsheet_executes(client: FlaskClient, session: Session) -> None:
    world = make_measured(session)
    sign_in(client, session, world.analyst)
    nasty = ["=1+1", "+1+1", "-1+1", "@sum", "＝1", "＋1", "－x", "＠x", " =1", "\t=1", "\u3000=1"]
    rows = "".join(f'U01,waiting,,"{value}",days,register\n' for value in nasty)
    answer = client.get(send(client, LONG + rows).location + "/rejected.csv")
    assert answer.headers["Content-Disposition"] == "attachment; filename=2025-figures-rejected.csv"
    table = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert table[0] == ["line", "column", "value", "reason"]
    refused = [(line, value) for line, value in enumerate(nasty, start=2) if value != "＋1"]  # that is a number
    assert table[1:] == [[str(line), "value", f"'{value.strip()}", table[1][3]] for line, value in refused]


def test_the_template_is_a_file_with_all_offices(client: FlaskClient, session: Session) -> None:
    world = make_measured(session)
    sign_in(client, session, world.analyst)
    answer = client.get(f"/zh{URL.removeprefix('/en')}/template.csv")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[1][:4] == ["U01", "U01 name (zh)", "2025", ""]


def test_a_wrong_file_is_refused_on_the_page(client: FlaskClient, session: Session) -> None:
    world = make_measured(session)
    sign_in(client, session, world.analyst)
    page = check_page(send(client, "a,b\n1,2\n"), 422)
    assert "The first row must name the columns" in page.texts(".error-summary")[0]
    assert "Choose a file." in check_page(post_form(client, URL, {}), 422).text


def test_this_endpoint_alone_takes_large_files(client: FlaskClient, session: Session) -> None:
    world = make_measured(session)
    sign_in(client, session, world.analyst)
    line = "U01,waiting,,30,days,register\n"
    whole = (LONG + line * (4 * 1024 * 1024 // len(line))).encode()
    assert send_whole(client, URL, whole).status_code == 302
    assert send_whole(client, URL, b"x" * (5 * 1024 * 1024 + 1)).status_code == 422
    assert send_whole(client, URL, b"x" * (6 * 1024 * 1024)).status_code == 413
    assert send_whole(client, "/en/oversight/rounds/new", b"x" * 100_000).status_code == 413


def test_a_published_round_offers_no_form(client: FlaskClient, session: Session) -> None:
    world = make_measured(session, RoundState.PUBLISHED)
    sign_in(client, session, world.analyst)
    assert not get_page(client, URL).select("main form")


def test_a_scored_round_says_that_figures_count_in_the_next_run(client: FlaskClient, session: Session) -> None:
    world = make_measured(session, RoundState.DRAFT_RESULTS)
    sign_in(client, session, world.analyst)
    assert "counts when the round is scored again" in get_page(client, URL).text


def test_weights_without_figures_say_so(client: FlaskClient, session: Session) -> None:
    world = make_world(session, RoundState.COLLECTING)
    sign_in(client, session, world.analyst)
    assert "ask for no administrative figure" in get_page(client, URL).text
