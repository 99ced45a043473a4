"""What Kubernetes accepts as a name: labels of DNS, label values, and qualified names such as `amd.com/gpu`.

Each answers for any text in linear time: the length is asked first, and no pattern can match one text in two ways.
"""

from __future__ import annotations

import re

__all__ = [
    "LABEL_AT_MOST",
    "SUBDOMAIN_AT_MOST",
    "is_dns1123_label",
    "is_dns1123_subdomain",
    "is_label_value",
    "is_qualified_name",
]

LABEL_AT_MOST = 63
SUBDOMAIN_AT_MOST = 253

_DNS_PART = r"[a-z0-9]++(?:-++[a-z0-9]++)*+"
_DNS_LABEL = re.compile(_DNS_PART)
_DNS_SUBDOMAIN = re.compile(rf"{_DNS_PART}(?:\.{_DNS_PART})*+")
_VALUE = re.compile(r"[A-Za-z0-9]++(?:[-_.]++[A-Za-z0-9]++)*+")


def is_dns1123_label(text: str) -> bool:
    """At most 63 lower-case letters, digits and `-`, with a letter or digit at both ends: what most names must be.

    >>> is_dns1123_label("llama-3"), is_dns1123_label("llama-3.1")
    (True, False)
    """
    return len(text) <= LABEL_AT_MOST and _DNS_LABEL.fullmatch(text) is not None


def is_dns1123_subdomain(text: str) -> bool:
    """At most 253 characters: parts like a DNS label, whatever their length, joined by dots.

    >>> is_dns1123_subdomain("llama-3.1"), is_dns1123_subdomain("llama..3")
    (True, False)
    """
    return len(text) <= SUBDOMAIN_AT_MOST and _DNS_SUBDOMAIN.fullmatch(text) is not None


def is_label_value(text: str) -> bool:
    """Empty, or at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends.

    >>> is_label_value("MI300X"), is_label_value("MI300X-")
    (True, False)
    """
    return not text or _is_label_name(text)


def is_qualified_name(text: str) -> bool:
    """A name like a label value that is not empty, alone or after a DNS subdomain and a slash: label keys, resources.

    >>> is_qualified_name("amd.com/gpu"), is_qualified_name("cpu"), is_qualified_name("a/b/c")
    (True, True, False)
    """
    prefix, slash, name = text.rpartition("/")
    return _is_label_name(name) and (not slash or is_dns1123_subdomain(prefix))


def _is_label_name(text: str) -> bool:
    return len(text) <= LABEL_AT_MOST and _VALUE.fullmatch(text) is not None
