"""Signing a finished PDF (PAdES) without touching a byte of it: the signed file begins with the unsigned one.

The signature certifies the document and allows no change after it. PDF/A-3a and PDF/UA-1 still hold, for three reasons:
the document's metadata are left alone, the field has no place on a page and a readable name, and what proves a time
stamp later stands in the same revision as the signature.
"""

import io
import urllib.request
from dataclasses import dataclass, replace
from datetime import datetime

from asn1crypto import crl, keys, tsp, x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign.fields import InvisSigSettings, MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.signers.pdf_signer import DSSContentSettings, PdfSigningSession, SigDSSPlacementPreference
from pyhanko.sign.timestamps.api import TimeStamper
from pyhanko.sign.timestamps.common_utils import TimestampRequestError
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import PathError, ValidationError
from pyhanko_certvalidator.registry import SimpleCertificateStore

from evalsys.errors import EvalsysError

FIELD = "Seal"
FIELD_NAME = "Electronic seal"
DIGEST = "sha256"
STAMP_SECONDS = 20
STAMP_BYTES = 256 * 1024
QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"


class NotSigned(EvalsysError):
    """Raised when a PDF could not be signed; nothing is kept, and trying again later is safe."""


class NoTimeStamp(NotSigned):
    """Raised when the time-stamp service gave no time stamp that can be trusted."""


@dataclass(frozen=True)
class Service:
    """A time-stamp service, and the root certificates (DER) that its own certificates lead to."""

    url: str
    roots: tuple[bytes, ...]


@dataclass(frozen=True)
class Seal:
    """What signs: the private key (PKCS#8, DER), its certificate and those above it up to the root (DER).

    `revocations` are lists (DER) that say that none of them is revoked; with a `service` they go into the file.
    """

    key: bytes
    chain: tuple[bytes, ...]
    signer_name: str
    revocations: tuple[bytes, ...] = ()
    service: Service | None = None


def sign_pdf(data: bytes, seal: Seal, *, now: datetime) -> bytes:
    """The PDF with its signature added: PAdES B-B, or B-LT when the seal has a time-stamp service.

    Raises NotSigned; NoTimeStamp when the service is what failed.
    """
    certificates = [x509.Certificate.load(one) for one in seal.chain]
    above = SimpleCertificateStore()
    above.register_multiple(certificates[1:])
    key = keys.PrivateKeyInfo.load(seal.key)
    signer = SimpleSigner(signing_cert=certificates[0], signing_key=key, cert_registry=above)
    field = SigFieldSpec(
        FIELD, invis_sig_settings=InvisSigSettings(box_out_of_bounds=True), readable_field_name=FIELD_NAME
    )
    stamper = _Stamper(seal.service.url) if seal.service else None
    try:
        writer = _Writer(io.BytesIO(data))
        signed = _Signer(_metadata(seal), signer, timestamper=stamper, new_field_spec=field).at(now)
        output = signed.sign_pdf(writer)
    except (TimestampRequestError, PathError, ValidationError) as error:
        raise NoTimeStamp(*_unstamped(error)) from error
    except (SigningError, PdfError, ValueError) as error:
        raise NotSigned("The PDF could not be signed: %(problem)s", {"problem": str(error)}) from error
    return bytes(output.getvalue())


def _metadata(seal: Seal) -> PdfSignatureMetadata:
    plain = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm=DIGEST,
        name=seal.signer_name,
        certify=True,
        subfilter=SigSeedSubFilter.PADES,
        docmdp_permissions=MDPPerm.NO_CHANGES,
    )
    if seal.service is None:
        return plain
    context = ValidationContext(
        trust_roots=[x509.Certificate.load(one) for one in (seal.chain[-1], *seal.service.roots)],
        other_certs=[x509.Certificate.load(one) for one in seal.chain],
        crls=[crl.CertificateList.load(one) for one in seal.revocations],
        allow_fetching=True,
    )
    together = DSSContentSettings(include_vri=False, placement=SigDSSPlacementPreference.TOGETHER_WITH_SIGNATURE)
    return replace(plain, embed_validation_info=True, validation_context=context, dss_settings=together)


def _unstamped(error: Exception) -> tuple[str, dict[str, str]]:
    cause = error.__cause__ or error
    return "The time-stamp service gave no valid time stamp: %(problem)s", {"problem": f"{error} ({cause})"}


class _Writer(IncrementalPdfFileWriter):
    """Leaves the document's metadata as they are: they hold what makes the file PDF/A and PDF/UA."""

    def _update_meta(self) -> None:
        return


class _Signer(PdfSigner):
    """Signs at the time that it was told."""

    def at(self, now: datetime) -> "_Signer":
        """The same, signing at `now`."""
        self._now = now
        return self

    def init_signing_session(self, pdf_out: BasePdfFileWriter, existing_fields_only: bool = False) -> PdfSigningSession:
        """The session, with the time of signing that was asked for."""
        session = super().init_signing_session(pdf_out, existing_fields_only=existing_fields_only)
        session.system_time = self._now
        return session


class _Stamper(TimeStamper):
    """Asks a time-stamp service (RFC 3161) over HTTP; an answer that is slow or large is none."""

    def __init__(self, url: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._url = url

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """The service's answer. Raises TimestampRequestError."""
        request = urllib.request.Request(self._url, req.dump(), {"Content-Type": QUERY})  # noqa: S310  set by operator
        try:
            with urllib.request.urlopen(request, timeout=STAMP_SECONDS) as answer:  # noqa: S310  set by operator
                kind, body = answer.headers.get_content_type(), answer.read(STAMP_BYTES)
        except OSError as error:
            raise TimestampRequestError("no answer") from error
        if kind != REPLY:
            raise TimestampRequestError(f"an answer of another kind: {kind}")
        try:
            found = tsp.TimeStampResp.load(body, strict=True)
        except ValueError as error:
            raise TimestampRequestError("an answer that cannot be read") from error
        return found
