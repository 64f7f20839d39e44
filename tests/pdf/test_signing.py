"""Signed cards: the unsigned bytes and more, conforming still, and valid for other people's tools."""

import io
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import page
import pytest
from asn1crypto import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from evalsys.config import Config
from evalsys.reports.inspection import inspect_pdf
from evalsys.reports.signing import NoTimeStamp, Seal, sign_pdf
from evalsys.services.signing import current_seal
from tests.pdf.making import sample_pdf
from tests.pdf.situations import SAMPLES
from tests.stamping import running_service, stamp_pair

LOCALES = ("en", "zh", "ar")
NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    return Config(secret_key="x" * 40, database_url="", instance_path=tmp_path_factory.mktemp("instance"))


@pytest.fixture(scope="module")
def seal(config: Config) -> Seal:
    return current_seal(config, NOW)


def broken_rules(data: bytes) -> list[str]:
    found = (page.validate_pdf_bytes(data, profile=profile) for profile in ("3a", "ua1"))
    return [failure.message for report in found for failure in report.failures]


def judged(data: bytes, seal: Seal) -> object:
    """What the library's own reader says, which shares no code with ours beyond the signature itself."""
    roots = [seal.chain[-1], *(seal.service.roots if seal.service else ())]
    context = ValidationContext(trust_roots=[x509.Certificate.load(one) for one in roots])
    (signature,) = PdfFileReader(io.BytesIO(data)).embedded_signatures
    status = validate_pdf_signature(signature, context, context)
    return status.bottom_line, status.coverage and status.coverage.name, status.timestamp_validity is not None


@pytest.mark.parametrize("locale", LOCALES)
def test_a_signed_card_begins_with_the_unsigned_one_and_conforms_as_before(seal: Seal, locale: str) -> None:
    unsigned = sample_pdf("normal", locale)
    signed = sign_pdf(unsigned, seal, now=NOW)
    assert broken_rules(unsigned) == broken_rules(signed) == []
    assert signed.startswith(unsigned)
    assert len(signed) > len(unsigned)
    assert judged(signed, seal) == (True, "ENTIRE_FILE", False)
    seen = inspect_pdf(signed)
    assert seen.signature is not None
    assert (seen.signature.is_intact, seen.signature.covers_all) == (True, True)
    assert (seen.signature.signed_at, seen.signature.stamped_at) == (NOW, None)
    assert seen.reference == SAMPLES["normal"](locale).reference
    assert SAMPLES["normal"](locale).digest in [one.digest for one in seen.attachments]


def test_a_stamped_card_conforms_and_proves_its_time_in_the_same_revision(config: Config, tmp_path: Path) -> None:
    root = tmp_path / "stamp.pem"
    root.write_bytes(stamp_pair().certificate.public_bytes(Encoding.PEM))
    unsigned = sample_pdf("normal", "ar")
    with running_service() as url:
        stamping = replace(config, timestamp_url=url, timestamp_certificate=str(root))
        seal = current_seal(stamping, NOW)
        signed = sign_pdf(unsigned, seal, now=NOW)
    assert signed.startswith(unsigned)
    assert broken_rules(signed) == []
    assert signed.count(b"%%EOF") == unsigned.count(b"%%EOF") + 1
    assert b"/DSS" in signed[len(unsigned) :]
    assert judged(signed, seal) == (True, "ENTIRE_FILE", True)
    assert seal.service is not None
    trusting, doubting = inspect_pdf(signed, seal.service.roots).signature, inspect_pdf(signed).signature
    assert trusting is not None
    assert doubting is not None
    assert trusting.stamped_by == "Time of the tests"
    assert (doubting.is_intact, doubting.stamped_at) == (True, None)


def test_without_its_time_stamp_service_nothing_is_signed(config: Config, tmp_path: Path) -> None:
    root = tmp_path / "stamp.pem"
    root.write_bytes(stamp_pair().certificate.public_bytes(Encoding.PEM))
    with running_service() as url:
        pass
    stamping = replace(config, timestamp_url=url, timestamp_certificate=str(root))
    with pytest.raises(NoTimeStamp, match="no answer"):
        sign_pdf(sample_pdf("normal", "en"), current_seal(stamping, NOW), now=NOW)


def test_a_time_stamp_below_another_root_is_refused(config: Config, seal: Seal, tmp_path: Path) -> None:
    root = tmp_path / "other.pem"
    root.write_bytes((config.instance_path / "signing" / "0001" / "root.pem").read_bytes())
    with running_service() as url:
        stamping = replace(config, timestamp_url=url, timestamp_certificate=str(root))
        with pytest.raises(NoTimeStamp):
            sign_pdf(sample_pdf("normal", "en"), current_seal(stamping, NOW), now=NOW)


def test_poppler_finds_the_signature_valid(seal: Seal, tmp_path: Path) -> None:
    file = tmp_path / "card.pdf"
    file.write_bytes(sign_pdf(sample_pdf("normal", "en"), seal, now=NOW))
    command = ["pdfsig", "-nocert", str(file)]
    said = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60).stdout
    assert "Signature is Valid." in said
    assert "Total document signed" in said


@pytest.mark.parametrize("locale", LOCALES)
def test_the_code_on_a_card_is_read_at_120_dpi_and_leads_to_the_register(locale: str, tmp_path: Path) -> None:
    card, picture = SAMPLES["normal"](locale), tmp_path / "card"
    command = ["pdftoppm", "-r", "120", "-png", "-singlefile", "-l", "1", "-", str(picture)]
    subprocess.run(command, input=sample_pdf("normal", locale), check=True, timeout=60)
    reading = ["zbarimg", "--quiet", "--raw", f"{picture}.png"]
    read = subprocess.run(reading, check=False, capture_output=True, text=True, timeout=60)
    assert read.stdout.strip() == card.check_address
    assert card.check_address == f"{card.check_url}/{card.digest[:16]}"
