"""The pages of the register: in the card's language, by reference, by file, and with the certificates."""

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from evalsys.models import PublishedScorecard
from evalsys.reports.scorecard import Scorecard
from evalsys.services import signing
from evalsys.services.verification import files, register
from tests.integration import verifying
from tests.pages import get_page
from tests.published import make_published_round

pytestmark = pytest.mark.database("sqlite")
BORDER = "border-of-the-parts"


def send(client: FlaskClient, data: bytes, locale: str = "en") -> TestResponse:
    token = get_page(client, f"/{locale}/verify").select("main input[name=csrf_token]")[0].get("value")
    head = "\r\n".join(
        [
            f'--{BORDER}\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token}',
            f'--{BORDER}\r\nContent-Disposition: form-data; name="file"; filename="card.pdf"',
            "Content-Type: application/pdf\r\n\r\n",
        ]
    )
    # Put together here, because the client would leave a temporary file open.
    whole = head.encode() + data + f"\r\n--{BORDER}--\r\n".encode()
    return client.post(f"/{locale}/verify/file", data=whole, content_type=f"multipart/form-data; boundary={BORDER}")


def test_the_code_on_a_paper_leads_to_the_register_in_the_cards_language(session: Session, client: FlaskClient) -> None:
    make_published_round(session)
    row = verifying.card_row(session, locale="ar")
    card = Scorecard.from_json(row.content)
    short = card.check_address.removeprefix("http://127.0.0.1:8000")
    assert short == f"/v/{row.reference}/{row.digest[:16]}"
    led = client.get(short, headers={"Accept-Language": "zh"}).location
    assert led.startswith("/ar/verify/")
    client.set_cookie("evalsys_locale", "zh")
    assert client.get(short).location.startswith("/zh/verify/")
    assert client.get(f"/v/{row.reference}").location.startswith("/zh/verify/")


def test_a_day_is_that_of_the_bodys_clocks(app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    make_published_round(session)
    row = verifying.card_row(session)
    row.created_at = row.withdrawn_at = datetime(2025, 12, 2, 20, 0, tzinfo=UTC)
    row.withdrawn_reason = "figures of another office"
    session.commit()
    monkeypatch.setitem(app.config, "EVALSYS", replace(app.config["EVALSYS"], time_zone="Asia/Shanghai"))
    answer = register.look_up(row.reference, "", "en")
    assert (answer.published_on, answer.ended_on) == (date(2025, 12, 3), date(2025, 12, 3))


@pytest.mark.parametrize("locale", ["en", "zh", "ar"])
def test_the_answer_shows_the_figures_of_the_register(session: Session, client: FlaskClient, locale: str) -> None:
    make_published_round(session)
    row = verifying.card_row(session, locale=locale)
    page = get_page(client, f"/{locale}/verify/{row.reference}/{row.digest[:16]}")
    assert page.select(".verdict--yes")
    assert page.select(".told--yes")
    card = Scorecard.from_json(row.content)
    assert {str(card.score), f"{card.low}–{card.high}"} <= set(page.text.split())
    assert card.is_least
    assert {"en": "at least 134", "zh": "134", "ar": "134"}[locale] in page.text
    assert card.band in page.text
    for node in card.branches:
        if node.parent:
            assert str(node.score) in page.text


def test_wrong_digits_are_not_shown_in_green(session: Session, client: FlaskClient) -> None:
    make_published_round(session)
    row = verifying.card_row(session)
    page = get_page(client, f"/en/verify/{row.reference}/0011223344556677")
    assert page.select(".verdict--no")
    assert "0011 2233 4455 6677" in page.text


def test_an_unknown_reference_has_an_answer_of_its_own(session: Session, client: FlaskClient) -> None:
    page = get_page(client, "/en/verify/RCC-2025-U77-0000-en", status=404)
    assert page.select(".verdict--none")


def test_a_reference_is_typed_in_and_leads_to_its_address(session: Session, client: FlaskClient) -> None:
    make_published_round(session)
    row = verifying.card_row(session)
    typed = {"reference": f"  {row.reference.lower()} ", "digits": row.digest[:16].upper()}
    led = client.get("/en/verify", query_string=typed).location
    assert led == f"/en/verify/{row.reference.upper()}/{row.digest[:16]}"
    assert get_page(client, led).select(".verdict--yes")
    pasted = {"reference": f"http://127.0.0.1:8000/v/{row.reference}/{row.digest[:16]}", "digits": ""}
    assert client.get("/en/verify", query_string=pasted).location == led
    assert get_page(client, "/en/verify?reference=", status=422).select(".error-summary")
    assert get_page(client, "/en/verify?reference=%E2%80%8E", status=422).select(".error-summary")


def test_a_replaced_card_says_what_replaced_it_and_why(session: Session, client: FlaskClient) -> None:
    round_ = make_published_round(session)
    row = verifying.card_row(session)
    former, run = row.reference, row.run
    again = type(run)(**{name: getattr(run, name) for name in run.__table__.columns.keys() if name != "id"})  # noqa: SIM118
    again.number, again.reason = run.number + 1, "a figure was wrong"
    session.add(again)
    session.flush()
    card = replace(Scorecard.from_json(row.content), reference="RCC-2025-U01-NEXT")
    facts = {"round_id": round_.id, "run_id": again.id, "unit_id": row.unit_id, "locale": "en"}
    content = {"content": card.canonical().decode(), "digest": card.digest, "reference": "RCC-2025-U01-NEXT-en"}
    session.add(PublishedScorecard(**facts, **content, created_at=row.created_at))
    session.commit()
    page = get_page(client, f"/en/verify/{former}")
    assert page.select(".verdict--was")
    assert "a figure was wrong" in page.text
    assert "/en/rounds/2025/units/U01" in {link.get("href") for link in page.select("main a")}
    assert get_page(client, "/en/verify/RCC-2025-U01-NEXT-en").select(".verdict--yes")


@pytest.mark.parametrize("locale", ["en", "zh", "ar"])
def test_a_file_is_checked_and_every_check_is_named(session: Session, client: FlaskClient, locale: str) -> None:
    make_published_round(session)
    signed = verifying.print_card(session)
    good = send(client, signed, locale)
    assert good.status_code == 200
    assert good.text.count("told--yes") == 5
    assert "verdict--yes" in good.text
    bad = send(client, signed[:9000] + b"!" + signed[9001:], locale)
    assert "verdict--no" in bad.text
    assert bad.text.count("told--no") == 2


def test_a_file_that_cannot_be_taken_is_refused_in_words(session: Session, client: FlaskClient) -> None:
    none = send(client, b"")
    assert (none.status_code, "Choose a file." in none.text) == (422, True)
    for size in (files.MOST_BYTES + 1, 2 * files.MOST_BYTES):
        large = send(client, bytes(size))
        assert (large.status_code, "larger than 5 MB" in large.text) == (413, True)
    assert send(client, b"no PDF").status_code == 200


def test_a_file_of_several_pieces_without_a_line_end_arrives_whole(session: Session, client: FlaskClient) -> None:
    data = b"%PDF-1.7\n" + b"x" * 4_000_000
    answer = send(client, data)
    assert (answer.status_code, hashlib.sha256(data).hexdigest() in answer.text) == (200, True)


def test_other_forms_keep_their_limit(session: Session, client: FlaskClient) -> None:
    assert client.post("/en/account/sign-in", data={"login": "x" * 100_000}).status_code == 413


def test_the_certificates_are_published(app: Flask, session: Session, client: FlaskClient) -> None:
    make_published_round(session)
    verifying.print_card(session)
    page = get_page(client, "/en/verify/certificates")
    (one,) = signing.known_certificates(app.config["EVALSYS"])[:1]
    assert one.root_digest in page.text
    got = client.get(f"/en/verify/certificates/{one.root_digest}.pem")
    assert got.data == one.root_pem
    assert got.headers["Content-Disposition"].startswith("attachment")
