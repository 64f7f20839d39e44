"""The keys that sign what is published: made once for this installation, or configured by its operator."""

from evalsys.services.signing.certificates import Certificate, known_certificates
from evalsys.services.signing.keys import check_settings, current_seal, has_service, rotate_key, stamp_roots

__all__ = [
    "Certificate",
    "check_settings",
    "current_seal",
    "has_service",
    "known_certificates",
    "rotate_key",
    "stamp_roots",
]
