"""Our own signing keys: a root and a signer below it, one folder a generation in the instance folder.

A folder is there whole or not at all: of several processes that make the first one at the same moment, all use the one
that was there first. Former generations are kept: their certificates stay published, and their files stay valid.
"""

import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from evalsys.services.files import naming_no_room

ROOT_YEARS, SIGNER_YEARS = 20, 5
YEAR = timedelta(days=365)
SKEW = timedelta(days=1)
NAME_CHARACTERS = 50
ROOT, SIGNER, ROOT_KEY, SIGNER_KEY, REVOCATIONS = "root.pem", "signer.pem", "root.key", "signer.key", "revoked.crl"
PEM, DER = serialization.Encoding.PEM, serialization.Encoding.DER
PLAIN = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()


@dataclass(frozen=True)
class Pair:
    """A private key and its certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


def folder(instance: Path) -> Path:
    """Where all of it lies."""
    return instance / "signing"


def generations(instance: Path) -> list[Path]:
    """The folders of all generations, the newest last."""
    there = folder(instance)
    return sorted(path for path in there.iterdir() if path.name.isdecimal()) if there.is_dir() else []


def newest(instance: Path, name: str, now: datetime) -> Path:
    """The folder of the generation that signs; the first one is made when there is none."""
    if not generations(instance):
        make_generation(instance, name, now)
    return generations(instance)[-1]


def make_generation(instance: Path, name: str, now: datetime, *, with_new_root: bool = False) -> bool:
    """Make the next generation: a new signer, below the same root unless a new one is wanted or the old runs out.

    False when another process made it at the same moment. Raises NoRoom when the disk is full.
    """
    there = generations(instance)
    root = _root_of(there[-1]) if there and not with_new_root else None
    if root is None or root.certificate.not_valid_after_utc < now + SIGNER_YEARS * YEAR:
        root = _make(f"{name[:NAME_CHARACTERS]} – root", name, now, ROOT_YEARS, None)
    signer = _make(f"{name[:NAME_CHARACTERS]} – seal", name, now, SIGNER_YEARS, root)
    parent = folder(instance)
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".new-", dir=parent))
    try:
        with naming_no_room():
            _write(draft, root, signer, now)
        number = int(there[-1].name) + 1 if there else 1
        with suppress(OSError):  # the folder is there, and not empty
            draft.rename(parent / f"{number:04d}")
            return True
        return False
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def read_key(path: Path) -> ec.EllipticCurvePrivateKey:
    """A key of ours. Raises TypeError for any other kind."""
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{path} holds no key of an elliptic curve")
    return key


def _root_of(path: Path) -> Pair:
    return Pair(read_key(path / ROOT_KEY), x509.load_pem_x509_certificate((path / ROOT).read_bytes()))


def _make(common: str, name: str, now: datetime, years: int, issuer: Pair | None) -> Pair:
    """A key with its certificate, by `issuer` or, as a root, by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, common), x509.NameAttribute(NameOID.ORGANIZATION_NAME, name)]
    )
    above = issuer.key if issuer else key
    is_root = issuer is None
    usage = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"), False
    )
    by = x509.AuthorityKeyIdentifier.from_issuer_public_key(above.public_key())
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(now + years * YEAR)
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=0 if is_root else None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=not is_root,
                content_commitment=not is_root,
                key_cert_sign=is_root,
                crl_sign=is_root,
                **usage,
            ),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(by, critical=False)
        .sign(above, hashes.SHA256())
    )
    return Pair(key, built)


def _no_revocations(root: Pair, now: datetime) -> bytes:
    """The root's list of revoked certificates, on which there is none."""
    built = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(root.certificate.subject)
        .last_update(now - SKEW)
        .next_update(now + SIGNER_YEARS * YEAR)
        .add_extension(x509.CRLNumber(1), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root.key.public_key()), critical=False)
        .sign(root.key, hashes.SHA256())
    )
    return built.public_bytes(DER)


def _write(path: Path, root: Pair, signer: Pair, now: datetime) -> None:
    """All files of a generation, on the disk before the folder gets its name."""
    contents = {
        ROOT: root.certificate.public_bytes(PEM),
        SIGNER: signer.certificate.public_bytes(PEM),
        ROOT_KEY: root.key.private_bytes(PEM, *PLAIN),
        SIGNER_KEY: signer.key.private_bytes(PEM, *PLAIN),
        REVOCATIONS: _no_revocations(root, now),
    }
    for name, content in contents.items():
        file = os.open(path / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
