"""Networks, as coarse as they are used: never an address, and nothing that outlives its purpose."""

import hmac
from ipaddress import IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

V4_BITS, V6_BITS = 24, 48
MARK_BYTES = 3
UNKNOWN = "unknown"


def network_of(address: str) -> str:
    """The network of an internet address: its /24, or its /48 for version 6; all unreadable addresses share one.

    >>> network_of("203.0.113.77"), network_of("2001:db8:1:2::3"), network_of("::ffff:203.0.113.9"), network_of("?")
    ('203.0.113.0/24', '2001:db8:1::/48', '203.0.113.0/24', 'unknown')
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return UNKNOWN
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return str(ip_network(f"{found}/{V4_BITS if found.version == 4 else V6_BITS}", strict=False))


def mark_of(network: str, salt: bytes | None, secret: str) -> int:
    """A number from 1 to 2^24 - 1 that ratings of one network and round share; 0 when the round has no salt.

    Without the salt, which is forgotten when the round closes, and the secret nobody can tell which network it was.
    """
    if not salt:
        return 0
    digest = hmac.digest(salt + secret.encode(), f"evalsys/network/v1/{network}".encode(), "sha256")
    return int.from_bytes(digest[:MARK_BYTES]) or 1


def is_foreign(origin: str, fetch_site: str, own: tuple[str, ...]) -> bool:
    """True when a browser says that another site sent this form; `own` are our addresses or hosts.

    Our pages send no referrer, so browsers write "null" as origin of our own forms: that says nothing.

    >>> [is_foreign(origin, site, ("rate.example",)) for origin, site in (("", ""), ("null", "same-origin"),
    ...     ("https://rate.example", ""), ("https://evil.example", ""), ("null", "cross-site"))]
    [False, False, False, True, True]
    """
    if fetch_site == "cross-site":
        return True
    hosts = {urlsplit(one).netloc or one for one in own}
    return bool(origin) and origin != "null" and urlsplit(origin).netloc not in hosts
