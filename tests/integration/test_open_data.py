"""Open data through the application: files that stay, say the same in each format, tell nothing more than cards."""

import hashlib
import json
import re
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.models import ResultReply, Role, Round, RoundState, Unit
from evalsys.services import runs
from evalsys.services.access import actor_of
from evalsys.services.opendata.columns import NUMBER, WHOLE
from evalsys.services.opendata.tables import TABLES
from evalsys.services.publication.correcting import republish_round
from scoring.__main__ import main
from tests.factories import make_account
from tests.integration.governing import add_answers
from tests.integration.test_decisions import AFTER, publish, rescore, shared, vote_for
from tests.opendata import download, read_rows
from tests.pages import get_page
from tests.published import NOW, adopt, card_of, make_published_round, make_scored_round

pytestmark = pytest.mark.database("sqlite")  # reads as the public pages do; test_access calls each on PostgreSQL

NAMES = [table.name for table in TABLES]
HOSTILE = '=HYPERLINK("http://x.example","</script><script>alert(1)</script>")\x00\u202e'


def test_the_files_alone_give_every_published_score_again(
    client: FlaskClient, session: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_published_round(session)
    folder = download(client, tmp_path)
    assert main(["published", str(folder)]) == 0
    said = capsys.readouterr().out
    assert re.search(r"U01 +75\.69 +75\.69 +same", said)
    published = [row["unit"] for row in read_rows(folder / "scores.csv") if row["score"]]
    assert f"{len(published)} of 7 units: the published score comes out again" in said


def test_what_a_card_withholds_is_in_no_file(client: FlaskClient, session: Session, tmp_path: Path) -> None:
    make_published_round(session)
    folder = download(client, tmp_path)
    hidden = card_of(session, "U21")
    rows = [row for row in read_rows(folder / "indicators.csv") if row["unit"] == "U21"]
    assert {row["withheld"] for row in rows if row["group"] == "citizens"} == {"primary"}
    assert not any(row["score"] or row["fine"] or row["n"] for row in rows if row["withheld"])
    for name, line in {(one.code, one.group_code): one for one in hidden.indicators}.items():
        (row,) = (row for row in rows if (row["indicator"], row["group"]) == name)
        assert row["score"] == ("" if line.score is None else str(line.score))
    assert not [row for row in read_rows(folder / "distribution.csv") if row["unit"] == "U21"]


def test_numbers_of_people_below_100_are_ranges_and_shares_are_whole(
    client: FlaskClient, session: Session, tmp_path: Path
) -> None:
    make_published_round(session)
    folder = download(client, tmp_path)
    groups = {(row["unit"], row["group"]): (row["n"], row["n_to"]) for row in read_rows(folder / "groups.csv")}
    assert groups["U01", "citizens"] == ("120", "0")
    assert groups["U08", "citizens"] == ("50", "99")
    assert groups["U01", "peers"] == ("10", "19")
    told = [int(row["n"]) for row in read_rows(folder / "indicators.csv") if row["n"] and row["n_to"] == "0"]
    assert all(n < 10 or n >= 100 for n in told)
    shares: dict[tuple[str, ...], int] = {}
    for row in read_rows(folder / "distribution.csv"):
        key = row["unit"], row["indicator"], row["group"]
        shares[key] = shares.get(key, 0) + int(row["share"])
    assert shares
    assert set(shares.values()) == {100}


def test_all_formats_say_the_same_and_the_code_book_names_every_column(
    client: FlaskClient, session: Session, tmp_path: Path
) -> None:
    make_published_round(session)
    folder = download(client, tmp_path)
    book = json.loads((folder / "codebook.json").read_text())
    assert all(line[f"meaning_{locale}"] for line in book for locale in ("en", "zh", "ar"))
    assert len(read_rows(folder / "codebook.csv")) == len(book)
    for table in TABLES:
        lines, columns = read_rows(folder / f"{table.name}.csv"), pq.read_table(folder / f"{table.name}.parquet")
        objects = json.loads((folder / f"{table.name}.json").read_text())
        assert columns.column_names == list(lines[0] if lines else table.names) == list(table.names)
        assert columns.to_pylist() == [_typed(row) for row in objects]
        assert [line["column"] for line in book if line["table"] == table.name] == list(table.names)
        numbers = [column.name for column in table.columns if column.kind in (NUMBER, WHOLE)]
        for line, row in zip(lines, objects, strict=True):
            assert {name: line[name] for name in numbers if row[name] is None} == dict.fromkeys(
                (name for name in numbers if row[name] is None), ""
            )
            assert all(Decimal(line[name]) == Decimal(str(row[name])) for name in numbers if row[name] is not None)
        keys = [tuple(line[name] for name in table.key) for line in lines]
        assert len(set(keys)) == len(keys), table.name


def _typed(row: dict[str, object]) -> dict[str, object]:
    """Rows of the city have no dates but none at all."""
    assert row.get("reply_on") is None
    return row


def test_a_file_is_the_one_of_the_manifest_and_is_not_sent_twice(client: FlaskClient, session: Session) -> None:
    make_published_round(session)
    listed = client.get("/data/2025/dataset.jsonld").json
    assert listed is not None
    for one in listed["distribution"]:
        answer = client.get(one["contentUrl"].removeprefix("http://127.0.0.1:8000"))
        assert hashlib.sha256(answer.data).hexdigest() == one["sha256"], one["name"]
        assert answer.content_type.partition(";")[0] == one["encodingFormat"]
        assert answer.headers["Cache-Control"] == "public, max-age=60"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert 'rel="license"' in answer.headers["Link"]
        again = client.get(answer.request.path, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        assert client.head(answer.request.path).headers["Content-Length"] == str(len(answer.data))
    assert client.get("/data/2025.zip").data == client.get("/data/2025/runs/1.zip").data
    assert client.post("/data/2025.zip").status_code in (400, 405)
    assert "Access-Control-Allow-Origin" not in client.get("/en/data").headers


def test_the_files_are_made_once(client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    make_published_round(session)
    first = client.get("/data/2025.zip").data
    monkeypatch.setattr("evalsys.services.opendata.bundles._made", None)
    assert client.get("/data/2025.zip").data == first
    assert client.get("/data/2025/scores.csv").status_code == 200


def test_nothing_is_told_before_publication(client: FlaskClient, session: Session) -> None:
    make_scored_round(session)
    addresses = (
        "/data/2025.zip", "/data/2025/runs/1.zip", "/data/2025/scores.csv", "/data/2025/runs/1/scheme.json",
        "/data/2025/dataset.jsonld", "/en/rounds/2025/data", "/en/rounds/2025/data/runs/1",
        "/api/v1/rounds/2025", "/api/v1/rounds/2025/units", "/api/v1/rounds/2025/units/U01", "/api/v1/method/2025",
    )  # fmt: skip
    adopt(session, "2025")
    assert {client.get(address).status_code for address in addresses} == {404}
    for address in ("/data/catalog.jsonld", "/en/data", "/api/v1/rounds", "/feeds/en.atom", "/sitemap.xml"):
        answer = client.get(address)
        assert answer.status_code == 200
        assert "rounds/2025" not in answer.text
        assert "data/2025" not in answer.text
    assert client.get("/api/v1/units/U01").json["results"] == []  # type: ignore[index]


def test_a_correction_keeps_the_former_files_at_their_address_and_marks_them(
    client: FlaskClient, session: Session, tmp_path: Path
) -> None:
    world = shared(session, RoundState.FINAL)
    publish(world)
    before = client.get("/data/2025/runs/1.zip")
    assert before.data == client.get("/data/2025.zip").data
    add_answers(session, world.forms["citizens"], world.units[0], [[1, 1]] * 6)
    rescore(world, "six answers were found")
    vote_for(world)
    republish_round(world.actor(world.first), "2025", now=AFTER)
    former, newest = client.get("/data/2025/runs/1.zip"), client.get("/data/2025.zip")
    assert former.data == before.data != newest.data
    assert '</data/2025.zip>; rel="latest-version"' in former.headers["Link"]
    assert "latest-version" not in newest.headers["Link"]
    assert client.get("/data/2025/runs/1/dataset.jsonld").json["creativeWorkStatus"] == "Superseded"  # type: ignore[index]
    page = get_page(client, "/en/rounds/2025/data/runs/1")
    assert "These data were replaced" in page.text
    assert "six answers were found" in get_page(client, "/en/rounds/2025/data").text
    assert client.get("/data/2025/runs/9.zip").status_code == 404
    for address in ("/data/2025.zip", "/data/2025/runs/1.zip"):
        folder = download(client, tmp_path / address.replace("/", "_"), address)
        assert main(["published", str(folder)]) == 0


def test_hostile_words_run_nowhere(client: FlaskClient, session: Session, tmp_path: Path) -> None:
    make_scored_round(session)
    round_ = session.scalars(select(Round)).one()
    unit = session.scalars(select(Unit).where(Unit.code == "U01")).one()
    head = make_account(session, Role.HEAD, unit=unit)
    said = {"text": HOSTILE.replace("\x00", ""), "locale": "en", "at": NOW}
    session.add(ResultReply(round_id=round_.id, unit_id=unit.id, account_id=head.id, **said))
    adopt(session, "2025")
    runs.publish_round(actor_of(make_account(session, Role.BOARD)), "2025", now=NOW)
    folder = download(client, tmp_path)
    (row,) = (row for row in read_rows(folder / "scores.csv") if row["unit"] == "U01")
    assert row["reply"].startswith("'=HYPERLINK")
    assert "\u202e" not in row["reply"]
    text = json.loads((folder / "scores.json").read_text())[0]["reply"]
    assert text.startswith("=HYPERLINK")
    page = get_page(client, "/en/rounds/2025/data")
    assert len(page.select('script[type="application/ld+json"]')) == 1


@pytest.mark.parametrize("locale", ["en", "zh", "ar"])
def test_the_pages_are_sound_in_every_language(client: FlaskClient, session: Session, locale: str) -> None:
    make_published_round(session)
    assert f"/{locale}/rounds/2025/data" in get_page(client, f"/{locale}/data").links
    page = get_page(client, f"/{locale}/rounds/2025/data")
    assert {f"/data/2025/{name}.{kind}" for name in NAMES for kind in ("csv", "json", "parquet")} <= set(page.links)
    (block,) = page.select('script[type="application/ld+json"]')
    described = json.loads("".join(block.itertext()))
    assert described == client.get("/data/2025/dataset.jsonld").json
    assert described["license"] == "https://creativecommons.org/licenses/by/4.0/"
    get_page(client, f"/{locale}/api")
    assert client.get("/data/2025", headers={"Accept-Language": locale}).location == f"/{locale}/rounds/2025/data"


def test_the_catalogue_lists_every_published_round(client: FlaskClient, session: Session) -> None:
    assert client.get("/data/catalog.jsonld").json["dcat:dataset"] == []  # type: ignore[index]
    make_published_round(session)
    catalog = client.get("/data/catalog.jsonld").json
    assert catalog is not None
    (dataset,) = catalog["dcat:dataset"]
    assert dataset["@type"] == "dcat:Dataset"
    assert {one["@language"] for one in dataset["dct:title"]} == {"en", "zh", "ar"}
    for one in dataset["dcat:distribution"]:
        address = one["dcat:downloadURL"]["@id"].removeprefix("http://127.0.0.1:8000")
        assert str(len(client.get(address).data)) == one["dcat:byteSize"]["@value"]


def test_a_file_costs_few_statements_however_many_offices_there_are(client: FlaskClient, session: Session) -> None:
    make_published_round(session)
    client.get("/data/2025.zip")
    counted: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *found: counted.append(found[2]))
    for address, most in (
        ("/data/2025/scores.csv", 25),
        ("/en/rounds/2025/data", 30),
        ("/api/v1/rounds/2025/units", 20),
    ):
        counted.clear()
        assert client.get(address).status_code == 200
        assert len(counted) <= most, (address, len(counted))
