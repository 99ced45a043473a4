"""Which addresses no connection may be made to, in every disguise an IPv6 address can give an IPv4 one (SEC-3).

The tables are written out rather than asked of `ipaddress`, whose opinion of what is private differs between releases of
Python and does not know the clouds. Of IPv6 only 2000::/3 is in use for hosts of the internet, so the rest is refused
unless it is listed.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final

__all__ = ["Address", "forbidden"]

Address = IPv4Address | IPv6Address

PRIVATE: Final = "private"

# The first network that holds the address decides. Sources: the IANA special-purpose registries of both families, and
# the documents of the clouds for the addresses at which they hand out credentials.
_OF_IPV4: Final = tuple(
    (IPv4Network(network), reason)
    for network, reason in (
        ("169.254.169.254/32", "cloud metadata"),  # AWS, GCP, Azure, OpenStack and others
        ("169.254.170.0/24", "cloud metadata"),  # AWS: tasks and pods
        ("168.63.129.16/32", "cloud metadata"),  # Azure's wire server
        ("100.100.100.200/32", "cloud metadata"),  # Alibaba
        ("192.0.0.192/32", "cloud metadata"),  # Oracle
        ("0.0.0.0/8", "unspecified"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local"),
        ("10.0.0.0/8", PRIVATE),
        ("172.16.0.0/12", PRIVATE),
        ("192.168.0.0/16", PRIVATE),
        ("100.64.0.0/10", PRIVATE),
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "reserved"),
        ("192.88.99.0/24", "reserved"),
        ("198.18.0.0/15", "reserved"),
        ("198.51.100.0/24", "reserved"),
        ("203.0.113.0/24", "reserved"),
        ("224.0.0.0/4", "multicast"),
        ("255.255.255.255/32", "broadcast"),
        ("240.0.0.0/4", "reserved"),
    )
)
_OF_IPV6: Final = tuple(
    (IPv6Network(network), reason)
    for network, reason in (
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("fe80::a9fe:a9fe/128", "cloud metadata"),
        ("fd00:ec2::/32", "cloud metadata"),  # AWS
        ("fd20:ce::254/128", "cloud metadata"),  # GCP
        ("fd00:c1::a9fe:a9fe/128", "cloud metadata"),  # Oracle
        ("fe80::/10", "link-local"),
        ("fec0::/10", "reserved"),
        ("ff00::/8", "multicast"),
        ("fc00::/7", PRIVATE),
        ("2001:db8::/32", "reserved"),
        ("2001::/23", "reserved"),
        ("3fff::/20", "reserved"),
    )
)
_OF_HOSTS: Final = IPv6Network("2000::/3")

# Forms of IPv6 that stand for an IPv4 address: the prefix, and where the four bytes may be (RFC 4291, 6052, 8215, 3056).
_EMBEDDING: Final = (
    (IPv6Network("::ffff:0:0/96"), "IPv4-mapped", ((12, 13, 14, 15),)),
    (IPv6Network("::ffff:0:0:0/96"), "IPv4-translated", ((12, 13, 14, 15),)),
    (IPv6Network("::/96"), "IPv4-compatible", ((12, 13, 14, 15),)),
    (IPv6Network("64:ff9b::/96"), "NAT64", ((12, 13, 14, 15),)),
    (IPv6Network("64:ff9b:1::/48"), "NAT64", ((12, 13, 14, 15), (6, 7, 9, 10))),
    (IPv6Network("2002::/16"), "6to4", ((2, 3, 4, 5),)),
)
_TEREDO: Final = IPv6Network(
    "2001::/32"
)  # the server in bytes 4 to 7, the client's address inverted at the end (RFC 4380)


def forbidden(address: Address, *, refuse_private: bool) -> str | None:
    """What the address is, where no connection may be made to it; None where one may.

    >>> forbidden(IPv4Address("127.0.0.1"), refuse_private=False)
    'loopback'
    >>> forbidden(IPv6Address("::ffff:169.254.169.254"), refuse_private=False)
    'cloud metadata, IPv4-mapped'
    >>> forbidden(IPv4Address("10.0.0.1"), refuse_private=False) is None
    True
    >>> forbidden(IPv4Address("10.0.0.1"), refuse_private=True)
    'private'
    """
    if isinstance(address, IPv4Address):
        return _judged(_kind_of_ipv4(address), refuse_private=refuse_private)
    plain = IPv6Address(int(address))  # a zone names an interface here, not another address
    if plain in _LISTED_FIRST:
        return _kind_of_ipv6(plain)
    disguise = None
    for form, embedded in _embedded(plain):
        disguise = form
        kind = _judged(_kind_of_ipv4(embedded), refuse_private=refuse_private)
        if kind is not None:
            return f"{kind}, {form}"
    if disguise is not None:
        return None
    return _judged(_kind_of_ipv6(plain), refuse_private=refuse_private)


# These two lie within ::/96 and are what they are, not an IPv4 address in disguise.
_LISTED_FIRST: Final = frozenset({IPv6Address("::"), IPv6Address("::1")})


def _judged(kind: str | None, *, refuse_private: bool) -> str | None:
    return None if kind == PRIVATE and not refuse_private else kind


def _kind_of_ipv4(address: IPv4Address) -> str | None:
    return next((kind for network, kind in _OF_IPV4 if address in network), None)


def _kind_of_ipv6(address: IPv6Address) -> str | None:
    listed = next((kind for network, kind in _OF_IPV6 if address in network), None)
    return listed if listed is not None or address in _OF_HOSTS else "reserved"


def _embedded(address: IPv6Address) -> Iterator[tuple[str, IPv4Address]]:
    """Each IPv4 address this one may stand for, and the name of the form."""
    packed = address.packed
    if address in _TEREDO:
        yield "Teredo", IPv4Address(packed[4:8])
        yield "Teredo", IPv4Address(bytes(byte ^ 0xFF for byte in packed[12:]))
    for network, form, places in _EMBEDDING:
        if address not in network:
            continue
        found = [IPv4Address(bytes(packed[index] for index in place)) for place in places]
        # Where there are two places, zeros are the one that is not used.
        for each in [one for one in found if int(one)] or found[:1]:
            yield form, each
