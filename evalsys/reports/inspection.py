"""What a PDF that somebody sends in tells of itself, without a PDF reader.

Nothing here follows a structure of the file: signature, attachments and properties are found by their marks, each at
most once through the bytes, and unpacked up to a limit. So no file can be too deep, too large or endless. It is enough,
because a file counts as ours only when a signature covers all of its bytes but its own place: it is then what we wrote.
"""

import hashlib
import json
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from asn1crypto import cms, parser, tsp, x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.x509 import Certificate, load_der_x509_certificate
from pyhanko.sign.general import SignedDataCerts, SigningError
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import extract_certs_for_validation, validate_sig_integrity

HEAD_BYTES = 1024
MOST_ATTACHMENTS = 5
MOST_UNPACKED_BYTES = 1024 * 1024
NAME_CHARACTERS = 80
RANGE = re.compile(rb"/ByteRange\s{0,20}\[\s{0,20}0 {1,20}(\d{1,9}) {1,20}(\d{1,9}) {1,20}(\d{1,9})\s{0,20}\]")
SIGNED_MARKS = (b"/ByteRange", b"/ETSI.CAdES.detached", b"/adbe.pkcs7.detached", b"/DocMDP")
SIGNED_AT = re.compile(rb"/M\s?\(D(?::|\\072)(\d{14})((?:[+-]\d\d'\d\d'?)?)")
NEAR_BYTES = 1000
ENCRYPTED = re.compile(rb"/Encrypt\s{0,20}(\d{1,9}\s|<<)")
FILE_MARK, FILE_HEAD_BYTES, STREAM, STREAM_END = b"/EmbeddedFile", 2000, b"stream", b"endstream"
PROPERTY_MARK, PROPERTY_BYTES = b"<dc:description>", 600
PROPERTY = re.compile(rb"<rdf:li[^>]{0,80}>([^<]{1,200})</rdf:li>")
MOST_CERTIFICATES = 10
UNREADABLE = (
    AssertionError,  # how a library says that signature and key are of two kinds
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    OverflowError,
    RecursionError,
    NotImplementedError,
    InvalidSignature,
    UnsupportedAlgorithm,
    SignatureValidationError,
    SigningError,
)


@dataclass(frozen=True)
class Signature:
    """A signature: whether the bytes that it covers are as they were, and whether these are all bytes of the file.

    `signer` is the SHA-256 of the signer's certificate. `stamped_at` is None without a time stamp that can be trusted.
    """

    is_intact: bool
    covers_all: bool
    signer: str
    signer_name: str
    signed_at: datetime | None
    stamped_at: datetime | None = None
    stamped_by: str = ""


@dataclass(frozen=True)
class Attached:
    """A file inside the PDF: SHA-256 of its content, and the reference that it names if it is the data of a card."""

    digest: str
    reference: str


@dataclass(frozen=True)
class Inspection:
    """What was found; `signature` is None without one, and when it `is_damaged` beyond reading."""

    digest: str
    is_pdf: bool
    is_encrypted: bool
    reference: str
    attachments: tuple[Attached, ...]
    signature: Signature | None
    is_damaged: bool


def inspect_pdf(data: bytes, stamp_roots: Sequence[bytes] = ()) -> Inspection:
    """Everything that the bytes tell; never raises. Time stamps count below one of `stamp_roots` (DER)."""
    has_marks = any(mark in data for mark in SIGNED_MARKS)
    try:
        signature = _signature(data, stamp_roots)
    except UNREADABLE:
        signature = None
    return Inspection(
        digest=hashlib.sha256(data).hexdigest(),
        is_pdf=b"%PDF-" in data[:HEAD_BYTES],
        is_encrypted=ENCRYPTED.search(data) is not None,
        reference=_reference(data),
        attachments=tuple(_attachments(data)),
        signature=signature,
        is_damaged=has_marks and signature is None,
    )


def _signature(data: bytes, stamp_roots: Sequence[bytes]) -> Signature | None:
    """The first signature of the file: a later one would stand in what was added after it."""
    found = RANGE.search(data)
    if found is None:
        return None
    start, after, length = map(int, found.groups())
    end = after + length
    message = _message(data[start:after])
    signed: cms.SignedData = cms.ContentInfo.load(message)["content"]
    (info,) = signed["signer_infos"]
    certificates: SignedDataCerts = extract_certs_for_validation(signed)
    signer = certificates.signer_cert
    covered = hashlib.new(info["digest_algorithm"]["algorithm"].native, data[:start])
    covered.update(data[after:end])
    is_same, is_valid = validate_sig_integrity(info, signer, "data", covered.digest())
    stamp = _stamp(info, stamp_roots)
    return Signature(
        is_intact=is_same and is_valid and end <= len(data),
        covers_all=end == len(data),
        signer=signer.sha256.hex(),
        signer_name=_name(signer),
        signed_at=_signing_time(data[max(0, start - NEAR_BYTES) : start] + data[after : after + NEAR_BYTES]),
        stamped_at=stamp[0] if stamp else None,
        stamped_by=stamp[1] if stamp else "",
    )


def _message(gap: bytes) -> bytes:
    """The signature in its place, which it does not cover itself: nothing else may stand there. Raises ValueError."""
    plain = bytes.fromhex(gap[1:-1].decode("ascii"))
    # The message says itself how long it is; what follows is filled up with zeros.
    message = b"".join(parser.parse(plain)[3:])
    filled = message.hex().ljust(len(gap) - 2, "0")
    if gap not in (f"<{filled.upper()}>".encode(), f"<{filled}>".encode()):
        raise ValueError("something else stands in the place of the signature")
    return message


def _signing_time(around: bytes) -> datetime | None:
    """The time of signing as the signature's entry in the file tells it; it is among the bytes that are covered."""
    found = SIGNED_AT.search(around)
    if found is None:
        return None
    day_and_time, zone = (part.decode() for part in found.groups())
    told = datetime.strptime(f"{day_and_time}{zone.replace(chr(39), '') or '+0000'}", "%Y%m%d%H%M%S%z")
    return told.astimezone(UTC)


def _stamp(info: cms.SignerInfo, roots: Sequence[bytes]) -> tuple[datetime, str] | None:
    """When and by whom the signature was stamped; None without a stamp. Raises one of UNREADABLE for a wrong one."""
    attributes = info["unsigned_attrs"]
    tokens = [one for one in attributes or () if one["type"].native == "signature_time_stamp_token"]
    if not tokens:
        return None
    token: cms.SignedData = tokens[0]["values"][0]["content"]
    content = token["encap_content_info"]["content"]
    told: tsp.TSTInfo = content.parsed
    (stamper,) = token["signer_infos"]
    certificates = extract_certs_for_validation(token)
    imprint = told["message_imprint"]
    hashed = hashlib.new(imprint["hash_algorithm"]["algorithm"].native, info["signature"].native).digest()
    whole = hashlib.new(stamper["digest_algorithm"]["algorithm"].native, bytes(content)).digest()
    checked = validate_sig_integrity(stamper, certificates.signer_cert, "tst_info", whole)
    if not all(checked) or imprint["hashed_message"].native != hashed:
        raise ValueError("the time stamp is of something else")
    if not _leads_to(certificates.signer_cert, certificates.other_certs, roots):
        return None
    return told["gen_time"].native, _name(certificates.signer_cert)


def _leads_to(first: x509.Certificate, others: Sequence[x509.Certificate], roots: Sequence[bytes]) -> bool:
    """Whether `first` is one of the roots, or issued below one through some of `others`."""
    pool = [load_der_x509_certificate(one.dump()) for one in others[:MOST_CERTIFICATES]]
    trusted = [load_der_x509_certificate(one) for one in roots]
    here = load_der_x509_certificate(first.dump())
    for _step in range(len(pool) + 1):
        if here in trusted or any(_is_issuer(one, here) for one in trusted):
            return True
        above = next((one for one in pool if one != here and _is_issuer(one, here)), None)
        if above is None:
            return False
        here = above
    return False


def _is_issuer(issuer: Certificate, issued: Certificate) -> bool:
    try:
        issued.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _name(certificate: x509.Certificate) -> str:
    found = certificate.subject.native.get("common_name") or certificate.subject.human_friendly
    return str(found)[:NAME_CHARACTERS]


def _reference(data: bytes) -> str:
    """The reference in the document's properties, which stand in it as plain text."""
    start = data.find(PROPERTY_MARK)
    found = PROPERTY.search(data, start, start + PROPERTY_BYTES) if start >= 0 else None
    return _printable(found.group(1).decode("utf-8", "replace")) if found else ""


def _attachments(data: bytes) -> Iterator[Attached]:
    """The first files inside; one that cannot be unpacked, or grows too large, is left out."""
    at = 0
    for _number in range(MOST_ATTACHMENTS):
        at = data.find(FILE_MARK, at)
        if at < 0:
            return
        at += len(FILE_MARK)
        content = _unpacked(data, at) if data[at : at + 1] != b"s" else None
        if content is not None:
            yield Attached(hashlib.sha256(content).hexdigest(), _named_in(content))


def _unpacked(data: bytes, at: int) -> bytes | None:
    """The stream whose dictionary begins around `at`."""
    head = data.find(STREAM, at, at + FILE_HEAD_BYTES)
    start = head + len(STREAM)
    end = data.find(STREAM_END, start) if head >= 0 else -1
    if end < 0:
        return None
    body = data[start:end].lstrip(b"\r").removeprefix(b"\n")
    if b"/FlateDecode" not in data[at:head]:
        return body.removesuffix(b"\n").removesuffix(b"\r")[:MOST_UNPACKED_BYTES]
    try:
        unpacker = zlib.decompressobj()
        content = unpacker.decompress(body, MOST_UNPACKED_BYTES)
    except zlib.error:
        return None
    return content if unpacker.eof else None


def _named_in(content: bytes) -> str:
    """The reference that the data of a card name, with its language as it is filed."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return ""
    names = (found.get("reference"), found.get("locale")) if isinstance(found, Mapping) else ()
    return _printable("-".join(str(name) for name in names)[:NAME_CHARACTERS]) if all(names) else ""


def _printable(name: str) -> str:
    """No name at all where it holds what no database takes: NUL, halves of surrogate pairs."""
    return name if name.isprintable() else ""
