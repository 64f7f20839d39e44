"""Keys and certificates that tests make, and a time-stamp service on this machine."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from asn1crypto import keys as asn1_keys
from asn1crypto import tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper

PEM, DER = serialization.Encoding.PEM, serialization.Encoding.DER
PLAIN = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
DAY = timedelta(days=1)
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class Made:
    """A key with its certificate."""

    key: Any
    certificate: x509.Certificate

    def write(self, folder: Path, name: str, *above: "Made") -> tuple[str, str]:
        """Both as PEM files, the certificate with those above it; returns their paths."""
        key, chain = folder / f"{name}.key", folder / f"{name}.pem"
        key.write_bytes(self.key.private_bytes(PEM, *PLAIN))
        chain.write_bytes(b"".join(one.certificate.public_bytes(PEM) for one in (self, *above)))
        return str(key), str(chain)


def make_pair(name: str, issuer: Made | None = None, *, days: int = 300, key: Any = None, purpose: Any = None) -> Made:
    """A key and its certificate, valid for `days` (run out when below 0); without an issuer a root."""
    own = key or ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    is_root = issuer is None and purpose is None
    usage = x509.KeyUsage(not is_root, not is_root, False, False, False, is_root, is_root, False, False)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 400 * DAY)
        .not_valid_after(now + days * DAY)
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
        .add_extension(usage, critical=True)
    )
    if purpose is not None:
        built = built.add_extension(x509.ExtendedKeyUsage([purpose]), critical=True)
    return Made(own, built.sign(issuer.key if issuer else own, hashes.SHA256()))


@cache
def stamp_pair() -> Made:
    """The key of the time-stamp service; its kind cannot be chosen."""
    key = rsa.generate_private_key(65537, 2048)
    return make_pair("Time of the tests", key=key, purpose=ExtendedKeyUsageOID.TIME_STAMPING)


@contextmanager
def running_service() -> Iterator[str]:
    """A time-stamp service; its address."""
    made = stamp_pair()
    certificate = asn1_x509.Certificate.load(made.certificate.public_bytes(DER))
    stamper = DummyTimeStamper(certificate, asn1_keys.PrivateKeyInfo.load(made.key.private_bytes(DER, *PLAIN)))

    class Answering(BaseHTTPRequestHandler):
        """Answers each request with a stamp."""

        def do_POST(self) -> None:
            asked = tsp.TimeStampReq.load(self.rfile.read(int(self.headers["Content-Length"])))
            answer = stamper.request_tsa_response(asked).dump()
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
