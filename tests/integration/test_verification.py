"""The register and the check of files: what is genuine is accepted, and each kind of tampering is told by its name."""

import random
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import algos, cms, keys
from cryptography.x509 import load_pem_x509_certificate
from flask import Flask
from sqlalchemy.orm import Session

from evalsys.errors import Invalid, TooLarge, TooMany
from evalsys.models import SignedFile
from evalsys.reports.signing import NoTimeStamp, sign_pdf
from evalsys.services import guard, printing, signing
from evalsys.services.verification import files, register
from tests.integration import verifying
from tests.published import make_published_round
from tests.stamping import DER, PEM, running_service, stamp_pair

pytestmark = pytest.mark.database("sqlite")
FLIPS = 100
NOW = datetime.now(UTC)


def checked(data: bytes) -> files.FileAnswer:
    return files.check_file(data, verifying.ADDRESS, secret="s", now=NOW)


def states(answer: files.FileAnswer) -> dict[str, str]:
    return {check.code: check.state for check in answer.checks}


@pytest.fixture
def signed(session: Session) -> bytes:
    make_published_round(session)
    return verifying.print_card(session)


def test_the_true_file_is_accepted_with_every_check_named(session: Session, signed: bytes) -> None:
    answer = checked(signed)
    assert answer.is_genuine
    assert states(answer) == dict.fromkeys(("copy", "signature", "complete", "data", "reference"), "yes")
    assert answer.answer is not None
    assert (answer.answer.status, answer.answer.reference) == ("current", verifying.card_row(session).reference)
    assert answer.certificate is not None
    assert answer.certificate.is_current


def test_each_of_a_hundred_flipped_bytes_is_refused(signed: bytes) -> None:
    drawn, reasons = random.Random(2026), Counter[str]()
    step = len(signed) // FLIPS
    for part in range(FLIPS):
        place = part * step + drawn.randrange(step)
        copy = bytearray(signed)
        copy[place] ^= 1 << drawn.randrange(8)
        answer = checked(bytes(copy))
        assert not answer.is_genuine, place
        assert states(answer)["copy"] == "no"
        reasons[answer.reason] += 1
    assert reasons["changed"] > FLIPS * 0.8
    assert set(reasons) <= {"changed", "damaged", "unpublished"}


def test_a_byte_beside_the_signature_in_its_own_place_is_refused_as_well(signed: bytes) -> None:
    start = signed.rindex(b"/Contents <") + len(b"/Contents <")
    end = signed.index(b">", start)
    for place, value in ((end - 1, b"1"), (start, b"z"), (end - 2, b" ")):
        copy = signed[:place] + value + signed[place + 1 :]
        assert checked(copy).reason == "damaged"


def test_a_certificate_that_was_exchanged_inside_the_signature_is_noticed(app: Flask, signed: bytes) -> None:
    """Certificates above the signer's are not covered by the signature: the register's own record is what tells."""
    known = next(one for one in signing.known_certificates(app.config["EVALSYS"]) if one.is_current)
    root = load_pem_x509_certificate(known.root_pem).public_bytes(DER).hex().upper().encode()
    place = signed.index(root) + len(root) - 1
    copy = signed[:place] + (b"0" if signed[place:][:1] != b"0" else b"1") + signed[place + 1 :]
    answer = checked(copy)
    assert (answer.reason, states(answer)["signature"], states(answer)["copy"]) == ("unpublished", "yes", "no")


def test_an_appended_revision_is_refused(signed: bytes) -> None:
    appended = signed + b"\n1 0 obj\n<</Type /Catalog>>\nendobj\ntrailer\n<</Root 1 0 R>>\n%%EOF\n"
    answer = checked(appended)
    assert (answer.reason, states(answer)["signature"], states(answer)["complete"]) == ("appended", "yes", "no")


def test_a_file_that_was_cut_off_is_refused(signed: bytes) -> None:
    assert checked(signed[:-40]).reason == "changed"


def test_an_unsigned_copy_is_refused(signed: bytes) -> None:
    answer = checked(verifying.unsigned_of(signed))
    assert (answer.reason, states(answer)["data"], states(answer)["complete"]) == ("unsigned", "yes", "untold")


def test_a_copy_signed_by_somebody_else_is_refused(signed: bytes) -> None:
    answer = checked(sign_pdf(verifying.unsigned_of(signed), verifying.foreign_seal(), now=NOW))
    assert (answer.reason, states(answer)["signature"], answer.certificate) == ("foreign", "no", None)
    assert answer.seen.signature is not None
    assert answer.seen.signature.signer_name == "Rivergate City Council – seal"


def test_the_data_of_another_unit_are_refused_even_under_our_key(app: Flask, session: Session, signed: bytes) -> None:
    exchanged = verifying.with_data_of(session, "U01", "U02")
    seal = signing.current_seal(app.config["EVALSYS"], NOW)
    answer = checked(sign_pdf(exchanged, seal, now=NOW))
    assert (answer.reason, states(answer)["signature"], states(answer)["data"]) == ("other_data", "yes", "no")
    assert answer.data_reference == verifying.card_row(session, "U02").reference
    assert answer.answer is not None
    assert answer.answer.unit_code == "U01"


def test_a_file_that_we_signed_and_never_published_is_refused(app: Flask, session: Session, signed: bytes) -> None:
    seal = signing.current_seal(app.config["EVALSYS"], NOW)
    assert checked(sign_pdf(verifying.unsigned_of(signed), seal, now=NOW)).reason == "unpublished"


def test_a_file_signed_after_its_certificate_ran_out_is_refused(app: Flask, session: Session, signed: bytes) -> None:
    seal = signing.current_seal(app.config["EVALSYS"], NOW)
    late = sign_pdf(verifying.unsigned_of(signed), seal, now=NOW + timedelta(days=6 * 365))
    assert checked(late).reason == "foreign"


def test_files_signed_before_a_rotation_still_verify(app: Flask, session: Session, signed: bytes) -> None:
    signing.rotate_key(app.config["EVALSYS"], with_new_root=True, now=NOW)
    answer = checked(signed)
    assert answer.is_genuine
    assert answer.certificate is not None
    assert not answer.certificate.is_current
    other = verifying.print_card(session, "U02")
    assert checked(other).certificate != answer.certificate
    assert checked(other).is_genuine


def test_a_stamped_file_is_verified_and_without_the_service_none_is_made(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    make_published_round(session)
    root = tmp_path / "stamp.pem"
    root.write_bytes(stamp_pair().certificate.public_bytes(PEM))
    with running_service() as url:
        stamping = replace(app.config["EVALSYS"], timestamp_url=url, timestamp_certificate=str(root))
        monkeypatch.setitem(app.config, "EVALSYS", stamping)
        answer = checked(verifying.print_card(session))
    assert answer.is_genuine
    assert answer.seen.signature is not None
    assert answer.seen.signature.stamped_by == "Time of the tests"
    with pytest.raises(NoTimeStamp, match="no answer"):
        verifying.print_card(session, "U02")
    assert verifying.card_row(session, "U02").pdf_name == ""


def test_a_card_that_was_printed_again_keeps_its_former_file_on_record(session: Session, signed: bytes) -> None:
    path = printing.folder() / verifying.card_row(session).pdf_name
    path.unlink()
    again = verifying.print_card(session)
    assert again != signed
    assert checked(again).is_genuine
    assert checked(signed).is_genuine
    assert session.query(SignedFile).count() == 2


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("not_pdf", b"PK\x03\x04 a spreadsheet"),
        ("not_pdf", bytes(1000)),
        ("other", b"%PDF-1.7\n1 0 obj\n<</Type /Catalog>>\nendobj\n%%EOF"),
        ("other", b"%PDF-1.7\n" + b"/EmbeddedFile " * 300_000),
        ("other", b"%PDF-1.7\n" + b"<dc:description>" * 300_000),
        ("other", b"%PDF-1.7\n" + b"[" * 4_000_000),
        ("damaged", b"%PDF-1.7\n" + b"/ByteRange [0 " * 300_000),
        ("damaged", b"%PDF-1.7\n" + b"/ByteRange [0 9 99 999999999]" + b"\x30\x80" * 100_000),
        (
            "other",
            b"%PDF-1.7\n<</Type /EmbeddedFile /Filter /FlateDecode>>stream\n"
            + zlib.compress(bytes(100_000_000))
            + b"\nendstream",
        ),
        ("other", b"%PDF-1.7\n<</Type /EmbeddedFile>>stream\n" + b"[" * 100_000 + b"\nendstream"),
    ],
)
def test_other_and_hostile_files_are_named_quickly(session: Session, name: str, data: bytes) -> None:
    started = datetime.now(UTC)
    assert checked(data).reason == name
    assert (datetime.now(UTC) - started).total_seconds() < 2


NAMED = b"%%PDF-1.7\n<dc:description><rdf:li>%b</rdf:li>\n<</Type /EmbeddedFile>>stream\n%b\nendstream"


@pytest.mark.parametrize(
    ("reference", "data"),
    [
        (b"RCC", b'{"reference": "RCC", "locale": "\\ud800"}'),
        (b"RCC", b'{"reference": "RCC", "locale": "\\u0000"}'),
        (b"RC\0C", b'{"reference": "RC\\u0000C", "locale": "en"}'),
    ],
)
@pytest.mark.database("sqlite", "postgresql")
def test_a_name_that_no_database_takes_is_no_name(session: Session, reference: bytes, data: bytes) -> None:
    assert checked(NAMED % (reference, data)).answer is None


def with_message(signed: bytes, change: Callable[[cms.SignedData], None]) -> bytes:
    """The file with another signature in the place of its own."""
    start, end = signed.rindex(b"<", 0, signed.rindex(b"00>")), signed.rindex(b"00>") + 2
    message = cms.ContentInfo.load(bytes.fromhex(signed[start + 1 : end].decode()))
    change(message["content"])
    dumped: bytes = message.dump(force=True)
    return signed[: start + 1] + dumped.hex().encode().ljust(end - start - 1, b"0") + signed[end:]


def other_curve(message: cms.SignedData) -> None:
    """A curve that nobody knows."""
    message["certificates"][0].chosen["tbs_certificate"]["subject_public_key_info"]["algorithm"]["parameters"] = (
        keys.ECDomainParameters(name="named", value="1.2.840.10045.3.1.119")
    )


def other_kind(message: cms.SignedData) -> None:
    """A signature by another kind of key than the one in the certificate."""
    message["signer_infos"][0]["signature_algorithm"] = algos.SignedDigestAlgorithm({"algorithm": "rsassa_pkcs1v15"})


@pytest.mark.parametrize("change", [other_curve, other_kind])
def test_a_signature_that_the_libraries_cannot_check_is_damaged(
    signed: bytes, change: Callable[[cms.SignedData], None]
) -> None:
    assert not checked(with_message(signed, change)).is_genuine
    assert checked(with_message(signed, change)).seen.is_damaged


def test_an_encrypted_file_is_named(signed: bytes) -> None:
    assert checked(verifying.encrypted(verifying.unsigned_of(signed))).reason == "encrypted"


def test_a_file_over_5_mb_and_no_file_are_refused(session: Session) -> None:
    with pytest.raises(TooLarge, match="5 MB"):
        checked(bytes(files.MOST_BYTES + 1))
    with pytest.raises(Invalid):
        checked(b"")


def test_files_of_one_network_are_limited(app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "GUARD", guard.Limits(files_an_hour=2))
    for _number in range(2):
        checked(b"x")
    with pytest.raises(TooMany):
        checked(b"x")


@pytest.mark.parametrize("typed", ["{}", " {} ", "‎{}", "{}/"])
def test_a_reference_is_found_as_people_type_it(session: Session, typed: str) -> None:
    make_published_round(session)
    row = verifying.card_row(session)
    for shape in (row.reference, row.reference.lower(), row.reference.replace("-", " – "), row.reference[:-3]):
        answer = register.look_up(typed.format(shape), "", "en")
        assert (answer.status, answer.reference) == ("current", row.reference)
    eastern = row.reference.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in row.reference)
    assert {register.look_up(shape, "", "zh").reference for shape in (eastern, wide)} == {row.reference}


def test_printed_digits_are_right_or_wrong(session: Session) -> None:
    make_published_round(session)
    row = verifying.card_row(session)
    grouped = " ".join(row.digest[place : place + 4] for place in range(0, 16, 4))
    for given, said in (
        (grouped.upper(), "right"),
        (row.digest, "right"),
        (row.digest[:8], "wrong"),
        ("0" * 16, "wrong"),
    ):
        assert register.look_up(row.reference, given, "en").digits == said
    assert register.look_up(row.reference, "", "en").digits == ""


def test_what_is_not_public_is_unknown(session: Session) -> None:
    round_ = make_published_round(session)
    reference = verifying.card_row(session).reference
    assert register.look_up("", "", "en").status == "unknown"
    assert register.look_up("RCC-2025-U99-0000-en", "", "en").status == "unknown"
    round_.state = "final"
    session.commit()
    assert register.look_up(reference, "", "en").status == "unknown"
