"""What all pages share: links to other languages, and what is shown when something fails."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.factories import make_unit
from tests.pages import get_page


@pytest.mark.parametrize(
    "query", ["endpoint=x", "_scheme=javascript&_external=1", "_method=PATCH", "locale=xx", "code=X9"]
)
def test_no_query_bends_the_links_to_other_languages(client: FlaskClient, session: Session, query: str) -> None:
    unit = make_unit(session, code="U01")
    page = get_page(client, f"/en/units/{unit.code}?{query}")
    assert [link.get("href") for link in page.select(".languages a")] == [
        f"/{locale}/units/U01?{query}" for locale in ("en", "zh", "ar")
    ]
