"""Which addresses are refused, plainly written and in every disguise (SEC-3; attack A2)."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.adapters.egress.addresses import forbidden

ALWAYS = [
    ("0.0.0.0", "unspecified"),  # noqa: S104 - refused, not bound to
    ("0.1.2.3", "unspecified"),
    ("127.0.0.1", "loopback"),
    ("127.255.255.254", "loopback"),
    ("169.254.0.1", "link-local"),
    ("169.254.169.254", "cloud metadata"),
    ("169.254.170.2", "cloud metadata"),
    ("169.254.170.23", "cloud metadata"),
    ("168.63.129.16", "cloud metadata"),
    ("100.100.100.200", "cloud metadata"),
    ("192.0.0.192", "cloud metadata"),
    ("192.0.0.8", "reserved"),
    ("192.0.2.1", "reserved"),
    ("192.88.99.1", "reserved"),
    ("198.18.0.1", "reserved"),
    ("198.19.255.255", "reserved"),
    ("198.51.100.1", "reserved"),
    ("203.0.113.1", "reserved"),
    ("224.0.0.1", "multicast"),
    ("239.255.255.255", "multicast"),
    ("240.0.0.1", "reserved"),
    ("255.255.255.254", "reserved"),
    ("255.255.255.255", "broadcast"),
    ("::", "unspecified"),
    ("::1", "loopback"),
    ("fe80::1", "link-local"),
    ("fe80::1%eth0", "link-local"),
    ("febf::1", "link-local"),
    ("fe80::a9fe:a9fe", "cloud metadata"),
    ("fd00:ec2::254", "cloud metadata"),
    ("fd00:ec2::23", "cloud metadata"),
    ("fd20:ce::254", "cloud metadata"),
    ("fd00:c1::a9fe:a9fe", "cloud metadata"),
    ("fec0::1", "reserved"),
    ("ff02::1", "multicast"),
    ("100::1", "reserved"),
    ("200::1", "reserved"),
    ("4000::1", "reserved"),
    ("5f00::1", "reserved"),
    ("2001:db8::1", "reserved"),
    ("2001:10::1", "reserved"),
    ("3fff::1", "reserved"),
]
PRIVATE = [
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "100.127.255.255",
    "fd12::1",
    "fc00::1",
]
PUBLIC = [
    "1.1.1.1",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "128.0.0.0",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2606:4700::1111",
    "2001:4860:4860::8888",
    "2a00::1",
]


@pytest.mark.rule("SEC-3")
@pytest.mark.parametrize("refuse_private", [False, True], ids=["private-is-fine", "private-is-refused"])
@pytest.mark.parametrize(("text", "kind"), ALWAYS, ids=[text for text, _ in ALWAYS])
def test_what_is_near_is_refused_whatever_the_setting(text: str, kind: str, refuse_private: bool) -> None:  # noqa: FBT001
    assert forbidden(ip_address(text), refuse_private=refuse_private) == kind


@pytest.mark.rule("SEC-3")
@pytest.mark.parametrize("text", PRIVATE)
def test_private_addresses_are_refused_by_a_setting(text: str) -> None:
    assert forbidden(ip_address(text), refuse_private=False) is None
    assert forbidden(ip_address(text), refuse_private=True) == "private"


@pytest.mark.rule("SEC-3")
@pytest.mark.parametrize("text", PUBLIC)
def test_addresses_of_the_internet_are_not_refused(text: str) -> None:
    assert forbidden(ip_address(text), refuse_private=True) is None


def mapped(address: IPv4Address) -> IPv6Address:
    return IPv6Address(b"\0" * 10 + b"\xff\xff" + address.packed)


def translated(address: IPv4Address) -> IPv6Address:
    return IPv6Address(b"\0" * 8 + b"\xff\xff\0\0" + address.packed)


def compatible(address: IPv4Address) -> IPv6Address:
    return IPv6Address(b"\0" * 12 + address.packed)


def nat64(address: IPv4Address) -> IPv6Address:
    return IPv6Address(int(IPv6Address("64:ff9b::")) + int(address))


def local_nat64(address: IPv4Address) -> IPv6Address:
    return IPv6Address(int(IPv6Address("64:ff9b:1::")) + int(address))


def local_nat64_of_48_bits(address: IPv4Address) -> IPv6Address:
    first, second, third, fourth = address.packed
    return IPv6Address(bytes([0, 0x64, 0xFF, 0x9B, 0, 1, first, second, 0, third, fourth, 0, 0, 0, 0, 0]))


def six_to_four(address: IPv4Address) -> IPv6Address:
    return IPv6Address(b"\x20\x02" + address.packed + b"\0" * 10)


def teredo_client(address: IPv4Address) -> IPv6Address:
    server = IPv4Address("65.54.227.120").packed
    return IPv6Address(b"\x20\x01\0\0" + server + b"\0" * 4 + bytes(byte ^ 0xFF for byte in address.packed))


def teredo_server(address: IPv4Address) -> IPv6Address:
    client = bytes(byte ^ 0xFF for byte in IPv4Address("8.8.8.8").packed)
    return IPv6Address(b"\x20\x01\0\0" + address.packed + b"\0" * 4 + client)


DISGUISES = {
    "IPv4-mapped": mapped,
    "IPv4-translated": translated,
    "IPv4-compatible": compatible,
    "NAT64": nat64,
    "NAT64 of one's own": local_nat64,
    "NAT64 of one's own, 48 bits": local_nat64_of_48_bits,
    "6to4": six_to_four,
    "Teredo": teredo_client,
    "Teredo, by its server": teredo_server,
}
# Not what an address of zeros or of one would be: `::` and `::1` are addresses in their own right.
OF_IPV4 = [text for text, _ in ALWAYS if "." in text and not text.startswith("0.0.0")] + PRIVATE[:6]


@pytest.mark.rule("SEC-3")
@pytest.mark.parametrize("text", OF_IPV4)
@pytest.mark.parametrize("disguise", DISGUISES)
def test_an_address_is_refused_in_every_disguise_as_it_is_without(disguise: str, text: str) -> None:
    plain = IPv4Address(text)
    kind = forbidden(plain, refuse_private=True)
    assert (
        forbidden(DISGUISES[disguise](plain), refuse_private=True)
        == f"{kind}, {disguise.split(',', maxsplit=1)[0].split(' of', maxsplit=1)[0]}"
    )


@pytest.mark.rule("SEC-3")
@pytest.mark.parametrize("text", ["10.0.0.1", "8.8.8.8"])
@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_disguise_alone_is_not_refused(disguise: str, text: str) -> None:
    assert forbidden(DISGUISES[disguise](IPv4Address(text)), refuse_private=False) is None


@pytest.mark.rule("SEC-3")
@given(st.ip_addresses(), st.booleans())
def test_whatever_is_refused_where_private_is_fine_is_refused_where_it_is_not(
    address: IPv4Address | IPv6Address,
    refuse_private: bool,  # noqa: FBT001
) -> None:
    assert forbidden(address, refuse_private=False) is None or forbidden(address, refuse_private=True) is not None
    zoned = IPv6Address(f"{address}%0") if isinstance(address, IPv6Address) else address
    assert forbidden(zoned, refuse_private=refuse_private) == forbidden(address, refuse_private=refuse_private)


@given(st.ip_addresses(v=4))
def test_a_mapped_address_is_judged_as_the_one_in_it(address: IPv4Address) -> None:
    plain, disguised = (forbidden(each, refuse_private=True) for each in (address, mapped(address)))
    assert disguised == (None if plain is None else f"{plain}, IPv4-mapped")
