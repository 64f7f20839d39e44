"""Which key signs now: the configured one, or our own."""

from datetime import datetime
from itertools import pairwise
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from evalsys.clock import utc_now
from evalsys.config import Config, ConfigError
from evalsys.errors import Conflict
from evalsys.reports.signing import NotSigned, Seal, Service
from evalsys.services.files import write_whole
from evalsys.services.signing import own

DER, PEM = serialization.Encoding.DER, serialization.Encoding.PEM
CONFIGURED, SERVICES = "configured", "services"
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def check_settings(config: Config) -> None:
    """Read the configured key and certificates once at the start. Raises ConfigError when they are of no use."""
    if config.signing_key:
        _configured(config, utc_now())
    if config.timestamp_url:
        _service(config)


def has_service(config: Config) -> bool:
    """Whether files get a time stamp."""
    return bool(config.timestamp_url)


def current_seal(config: Config, now: datetime) -> Seal:
    """The key that signs at `now`. Raises NotSigned when its certificate has run out, ConfigError when it is no use."""
    if not config.signing_key:
        return _own(config, now)
    key, chain = _configured(config, now)
    _remember(own.folder(config.instance_path) / CONFIGURED, chain)
    return _seal(config, key, chain)


def configured_chain(config: Config) -> list[x509.Certificate]:
    """The certificates of the configured key, the signer's first. Raises ConfigError."""
    return _load(config)[1]


def _own(config: Config, now: datetime) -> Seal:
    path = own.newest(config.instance_path, config.body_name, now)
    key = own.read_key(path / own.SIGNER_KEY)
    chain = [x509.load_pem_x509_certificate((path / name).read_bytes()) for name in (own.SIGNER, own.ROOT)]
    if now > chain[0].not_valid_after_utc:
        raise NotSigned(
            "The certificate of the signing key ran out on %(day)s. Make a new key: flask --app wsgi signing rotate",
            {"day": f"{chain[0].not_valid_after_utc:%Y-%m-%d}"},
        )
    return _seal(config, key, chain, ((path / own.REVOCATIONS).read_bytes(),))


def _seal(
    config: Config,
    key: Key,
    chain: list[x509.Certificate],
    revocations: tuple[bytes, ...] = (),
) -> Seal:
    return Seal(
        key=key.private_bytes(DER, *own.PLAIN),
        chain=tuple(one.public_bytes(DER) for one in chain),
        signer_name=config.body_name,
        revocations=revocations,
        service=_service(config) if config.timestamp_url else None,
    )


def _service(config: Config) -> Service:
    roots = _certificates("EVALSYS_TIMESTAMP_CERTIFICATE", config.timestamp_certificate)
    _remember(own.folder(config.instance_path) / SERVICES, roots)
    return Service(config.timestamp_url, tuple(one.public_bytes(DER) for one in roots))


def _configured(config: Config, now: datetime) -> tuple[Key, list[x509.Certificate]]:
    """The configured key and its chain, both fit to sign at `now`. Raises ConfigError."""
    key, chain = _load(config)
    if not chain or chain[0].public_key() != key.public_key():
        raise ConfigError(
            "EVALSYS_SIGNING_CERTIFICATE does not belong to EVALSYS_SIGNING_KEY; the signer's comes first"
        )
    _require_valid(chain, now)
    return key, chain


def _load(config: Config) -> tuple[Key, list[x509.Certificate]]:
    """The configured key and its chain, signer first. Raises ConfigError."""
    name = "EVALSYS_SIGNING_KEY"
    password = config.signing_password.encode() or None
    data = _read(name, config.signing_key)
    try:
        if Path(config.signing_key).suffix.lower() in (".p12", ".pfx"):
            key, first, more = pkcs12.load_key_and_certificates(data, password)
            chain = [one for one in (first, *more) if one is not None]
        else:
            key = serialization.load_pem_private_key(data, password)
            chain = _certificates("EVALSYS_SIGNING_CERTIFICATE", config.signing_certificate)
    except (ValueError, TypeError) as error:
        raise ConfigError(f"{name} cannot be read, or EVALSYS_SIGNING_PASSWORD does not open it: {error}") from error
    if not isinstance(key, Key):
        raise ConfigError(f"{name} must hold an EC or RSA key")
    return key, chain


def _require_valid(chain: list[x509.Certificate], now: datetime) -> None:
    for one, above in pairwise(chain):
        try:
            one.verify_directly_issued_by(above)
        except (ValueError, TypeError, InvalidSignature) as error:
            raise ConfigError("EVALSYS_SIGNING_CERTIFICATE must list each certificate before its issuer") from error
    for one in chain:
        if not one.not_valid_before_utc <= now <= one.not_valid_after_utc:
            span = f"{one.not_valid_before_utc:%Y-%m-%d} to {one.not_valid_after_utc:%Y-%m-%d}"
            raise ConfigError(
                f"EVALSYS_SIGNING_CERTIFICATE: {one.subject.rfc4514_string()} is valid from {span}, not now"
            )


def _certificates(name: str, path: str) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(_read(name, path))
    except ValueError as error:
        raise ConfigError(f"{name} must hold certificates as PEM") from error


def _read(name: str, path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ConfigError(f"{name} names a file that cannot be read: {path}") from error


def rotate_key(config: Config, *, with_new_root: bool, now: datetime) -> None:
    """Sign with a new key of our own from now on. Raises Conflict when the key is configured, or somebody was first."""
    if config.signing_key:
        raise Conflict("The signing key is configured: change EVALSYS_SIGNING_KEY and EVALSYS_SIGNING_CERTIFICATE.")
    if not own.make_generation(config.instance_path, config.body_name, now, with_new_root=with_new_root):
        raise Conflict("Somebody made a new key at the same moment. Look at it first.")


def stamp_roots(config: Config) -> tuple[bytes, ...]:
    """The roots (DER) of every time-stamp service that was ever used here."""
    folder = own.folder(config.instance_path) / SERVICES
    found = [one for path in sorted(folder.glob("*.pem")) for one in x509.load_pem_x509_certificates(path.read_bytes())]
    return tuple(one.public_bytes(DER) for one in found)


def _remember(folder: Path, chain: list[x509.Certificate]) -> None:
    """Keep certificates that were configured, so that files stay valid when others are."""
    path = folder / f"{chain[0].fingerprint(hashes.SHA256()).hex()}.pem"
    if not path.is_file():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(path, b"".join(one.public_bytes(PEM) for one in chain))


def remembered(instance: Path) -> list[list[x509.Certificate]]:
    """The chains of all configured keys that ever signed."""
    found = sorted((own.folder(instance) / CONFIGURED).glob("*.pem"))
    return [x509.load_pem_x509_certificates(path.read_bytes()) for path in found]
