"""The certificates that everybody may check our files with: those of today and all former ones."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from evalsys.config import Config
from evalsys.services.signing import keys, own

PEM = serialization.Encoding.PEM


@dataclass(frozen=True)
class Certificate:
    """A signer's certificate and the root above it; fingerprints are SHA-256 in 64 hexadecimal digits."""

    name: str
    digest: str
    first_day: date
    last_day: date
    root_name: str
    root_digest: str
    root_pem: bytes
    is_current: bool


def known_certificates(config: Config) -> tuple[Certificate, ...]:
    """Every certificate that signed here, the newest first; empty before anything was signed."""
    own_chains = [_own_chain(path) for path in own.generations(config.instance_path)]
    configured = keys.remembered(config.instance_path)
    signs = keys.configured_chain(config) if config.signing_key else (own_chains[-1] if own_chains else [])
    chains = {chain[0].serial_number: chain for chain in (*configured, *own_chains, signs) if chain}
    newest_first = sorted(chains.values(), key=lambda chain: chain[0].not_valid_before_utc, reverse=True)
    return tuple(_certificate(chain, is_current=chain[0] == signs[0]) for chain in newest_first)


def digest_of(certificate: x509.Certificate) -> str:
    """The fingerprint: SHA-256 of the certificate."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def _own_chain(path: Path) -> list[x509.Certificate]:
    return [x509.load_pem_x509_certificate((path / name).read_bytes()) for name in (own.SIGNER, own.ROOT)]


def _certificate(chain: list[x509.Certificate], *, is_current: bool) -> Certificate:
    signer, root = chain[0], chain[-1]
    return Certificate(
        name=_name(signer),
        digest=digest_of(signer),
        first_day=signer.not_valid_before_utc.date(),
        last_day=signer.not_valid_after_utc.date(),
        root_name=_name(root),
        root_digest=digest_of(root),
        root_pem=root.public_bytes(PEM),
        is_current=is_current,
    )


def _name(certificate: x509.Certificate) -> str:
    found = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else certificate.subject.rfc4514_string()
